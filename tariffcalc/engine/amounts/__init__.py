"""Outcomes to amounts, in exact integers."""
