"""Fact patterns to outcomes: which rule applies, on which base, and what gives way."""
