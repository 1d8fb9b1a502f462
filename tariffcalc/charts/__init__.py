"""Comparisons and timelines as pictures."""
