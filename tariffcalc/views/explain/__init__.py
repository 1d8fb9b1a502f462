"""Estimates in words and pictures: explanations, summaries, charts.  Nothing here computes a duty."""
