"""Tables on a terminal."""

from __future__ import annotations

import sys
from typing import Any

WHOLE = 100_000  # amounts of tables from which cents are noise


def print_table(table: Any, title: str = "") -> None:
    """A pandas table, numbers right-aligned."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in table.columns:
        numeric = table[name].dtype.kind in "fiu"
        shown.add_column(str(name), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    for row in table.itertuples(index=False):
        shown.add_row(*(_cell(value) for value in row))
    Console(width=None if sys.stdout.isatty() else 140).print(shown)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
