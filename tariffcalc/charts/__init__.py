"""Comparisons and timelines as pictures."""

from tariffcalc.charts.chart import chart_comparison, chart_timeline

__all__ = ["chart_comparison", "chart_timeline"]
