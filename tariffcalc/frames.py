"""Tables in and out: pandas, polars, Arrow (anything with the Arrow C stream interface) as declared columns; results as the same kind of table.

Text and days are dictionary-encoded by Arrow, so that each distinct value is read once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tariffcalc.declare import OPTIONAL, QUANTITY, REQUIRED, Coded, Declared, Given, Numbers
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.errors import ShipmentError


def is_table(given: Any) -> bool:
    """Whether the object is a table this module reads."""
    return hasattr(given, "__arrow_c_stream__") or hasattr(given, "columns")


def declared_columns(given: Any, law: CompiledLaw) -> tuple[Declared, int, list[str]]:
    """The columns of a table that the law asks for, its number of rows, and the names of its other columns.

    Raises ShipmentError for two columns of one name and for a table without rows.
    """
    names = [str(name) for name in (given.column_names if isinstance(given, pa.Table) else given.columns)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ShipmentError(f"the column {twice[0]!r} is there twice: keep one of them")
    wanted = [name for name in names if name in REQUIRED or name in OPTIONAL or name.startswith(QUANTITY) or name in law.facts]
    table = _arrow(given, wanted)
    if not table.num_rows:
        raise ShipmentError("the table is empty: it has no rows")
    return {name: _column(table[name], name) for name in wanted}, table.num_rows, [name for name in names if name not in wanted]


def _arrow(given: Any, wanted: list[str]) -> pa.Table:
    """The wanted columns as an Arrow table."""
    if isinstance(given, pa.Table):
        return given.select(wanted)
    if type(given).__module__.startswith("pandas"):
        import pandas as pd

        assert isinstance(given, pd.DataFrame)
        arrays = [_from_pandas(given[name], name) for name in wanted]
        return pa.table(dict(zip(wanted, arrays, strict=True))) if wanted else pa.table({"": np.zeros(len(given))})
    return pa.table(given).select(wanted)


def _from_pandas(series: Any, name: str) -> Any:
    try:
        return pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None or value != value else str(value) for value in series], pa.string())


def _column(column: pa.ChunkedArray, name: str) -> Given:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _coded(column)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        if column.null_count:
            column = pc.cast(column, pa.float64()) if not pa.types.is_boolean(kind) else pc.cast(column, pa.string())
        if not pa.types.is_string(column.type):
            values = column.to_numpy()
            return Numbers(values)
    return _coded(column.dictionary_encode())


def _coded(column: pa.ChunkedArray) -> Coded:
    combined = column.unify_dictionaries().combine_chunks()
    array = combined if isinstance(combined, pa.DictionaryArray) else combined.chunk(0)
    values = array.dictionary.to_pylist()
    place = array.indices
    if place.null_count:
        place = pc.fill_null(place, -1)
    numbers = place.to_numpy(zero_copy_only=False).astype(np.int64)
    empty = [number for number, value in enumerate(values) if value is None or (isinstance(value, str) and not value.strip())]
    if empty:
        numbers = np.where(np.isin(numbers, empty), -1, numbers)
        values = [None if number in set(empty) else value for number, value in enumerate(values)]
    return Coded(values, numbers)


def with_columns(given: Any, added: dict[str, Any]) -> Any:
    """The table with columns added (or replaced), of the same kind, index and row order kept."""
    module = type(given).__module__
    if module.startswith("polars"):
        import polars as pl

        return given.with_columns([pl.Series(name, values) for name, values in added.items()])
    if isinstance(given, pa.Table):
        for name, values in added.items():
            array = pa.array(values, from_pandas=True)
            place = given.column_names.index(name) if name in given.column_names else None
            given = given.append_column(name, array) if place is None else given.set_column(place, name, array)
        return given
    import pandas as pd

    frame = pd.DataFrame(added, index=given.index)
    kept = given.drop(columns=[name for name in added if name in given.columns])
    return pd.concat([kept, frame], axis=1)
