"""Comparisons and timelines as pictures."""

from tariffcalc.charts.comparison_chart import chart_comparison
from tariffcalc.charts.timeline_chart import chart_timeline

__all__ = ["chart_comparison", "chart_timeline"]
