"""How a row of the input is named: tables of Python count the ``row`` from 0, words and files from 1.

Where a table has an index of its own (entry numbers, say), the index is given beside the row number: as a
column in tables, in brackets in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def own_index(given: Any) -> pd.Index | None:
    """The index of a pandas table, where it is more than the number of each row."""
    import sys

    pandas = sys.modules.get("pandas")
    index = getattr(given, "index", None)
    if pandas is None or not isinstance(index, pandas.Index) or index.equals(pandas.RangeIndex(len(index))):
        return None
    own: pd.Index = index
    return own


def with_index(table: pd.DataFrame, given: Any) -> pd.DataFrame:
    """A table with a column ``row``, and beside it the column ``index`` where the input has an index of its
    own."""
    index = own_index(given)
    if index is not None:
        table.insert(
            list(table.columns).index("row") + 1, "index", index.take(table["row"].to_numpy(int)).to_numpy()
        )
    return table


def shown_row(row: int, index: pd.Index | None) -> str:
    """A row in words, counted from 1: ``3``, or ``3 (index A-17)``."""
    return f"{row + 1:,}" if index is None else f"{row + 1:,} (index {index[row]})"
