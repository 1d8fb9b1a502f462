"""Tables in and out: pandas, polars, Arrow (anything with the Arrow C stream interface) as declared columns;
results as the same kind of table.

Text and days are dictionary-encoded by Arrow, so that each distinct value is read once; text in a column of
amounts is read as numbers in one go. Cells of mixed types are kept as the objects they are, since a day, a
number and the text of either do not mean the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration import QUANTITY, VALUATION_AMOUNTS, Declared
from tariffcalc.declaration.arrow_columns import declared_column, from_pandas
from tariffcalc.declaration.names import check_names, reads
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.threads import each_in_parallel
from tariffcalc.errors import ShipmentError
from tariffcalc.tags import TAGS

_BEYOND_ARROW = ("Int128", "UInt128", "Object")


def is_table(given: Any) -> bool:
    """Whether the object is a table this module reads."""
    return any(
        hasattr(given, name) for name in ("__arrow_c_stream__", "__arrow_c_array__", "iloc")
    ) and hasattr(given, "columns")


def collected(given: Any) -> Any:
    """The rows of a LazyFrame of polars, with a warning; whatever else is given as it is."""
    if not (type(given).__module__.startswith("polars") and type(given).__name__ == "LazyFrame"):
        return given
    message = (
        "the LazyFrame is collected: all of its rows are held in memory (scale.estimate_batches takes them in"
        " batches)"
    )
    warnings.warn(message, UserWarning, stacklevel=4)
    return given.collect()


def arrow_table(given: Any) -> pa.Table:
    """Anything with the Arrow C stream interface as a table; what polars has and Arrow has not is text."""
    if type(given).__module__.startswith("polars"):
        import polars as pl

        beyond = [name for name, kind in given.schema.items() if str(kind) in _BEYOND_ARROW]
        texts = [
            pl.Series(name, [None if value is None else str(value) for value in given[name]], dtype=pl.String)
            for name in beyond
        ]
        given = given.with_columns(texts) if texts else given
    return pa.table(given)


def declared_columns(given: Any, law: CompiledLaw) -> tuple[Declared, int, list[str]]:
    """The columns of a table that an estimate reads, its number of rows, and the names of all its columns.

    Raises ShipmentError for two columns of one name, a required column that is missing, and a table without
    rows.
    """
    names = [
        str(name)
        for name in (given.column_names if isinstance(given, pa.Table | pa.RecordBatch) else given.columns)
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ShipmentError(f"the column {twice[0]!r} is there twice: keep one of them")
    wanted = [name for name in names if reads(law, name)]
    columns, size = _columns(given, wanted)
    if not size:
        raise ShipmentError("the table is empty: it has no rows")
    check_names(law, names)
    numeric = {
        name
        for name in wanted
        if name == "value" or name in VALUATION_AMOUNTS or name.startswith(QUANTITY) or _is_number(law, name)
    }
    read = each_in_parallel(
        lambda each: declared_column(each[1], each[0] in numeric), zip(wanted, columns, strict=True), size
    )
    return dict(zip(wanted, read, strict=True)), size, names


def _is_number(law: CompiledLaw, name: str) -> bool:
    return name in law.facts and law.facts[name].type not in ("flag", "choice", "tariff_line")


def _columns(given: Any, wanted: list[str]) -> tuple[list[Any], int]:
    """The wanted columns as Arrow arrays (or Coded, where Arrow has no type for them), and the number of
    rows."""
    if isinstance(given, pa.Table | pa.RecordBatch):
        return [given.column(name) for name in wanted], given.num_rows
    if hasattr(given, "iloc"):
        return [from_pandas(given[name]) for name in wanted], len(given)
    table = arrow_table(given.select(wanted) if type(given).__module__.startswith("polars") else given)
    return [table.column(name) for name in wanted], table.num_rows


def with_columns(given: Any, added: dict[str, Any]) -> Any:
    """The table with columns added, of the same kind, index and row order kept.

    A column of the table that has the name of an added one is kept as ``given_NAME``.
    """
    names = list(given.column_names if isinstance(given, pa.Table | pa.RecordBatch) else given.columns)
    renamed = _given_names(names, added)
    if hasattr(given, "iloc"):
        import pandas as pd

        kept = given.rename(columns=renamed) if renamed else given
        columns = {
            name: values.to_pandas().array if isinstance(values, pa.Array) else values
            for name, values in added.items()
        }
        return pd.concat([kept, pd.DataFrame(columns, index=given.index, copy=False)], axis=1)
    if type(given).__module__.startswith("polars"):
        import polars as pl

        series = [
            (
                pl.Series(name, pl.from_arrow(values))
                if isinstance(values, pa.Array)
                else pl.Series(name, values, nan_to_null=True)
            )
            for name, values in added.items()
        ]
        return given.rename(renamed).with_columns(series)
    table = (
        given
        if isinstance(given, pa.Table)
        else pa.table(given)
        if not isinstance(given, pa.RecordBatch)
        else pa.Table.from_batches([given])
    )
    arrays = each_in_parallel(
        lambda values: pa.chunked_array(
            [values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)]
        ),
        added.values(),
        table.num_rows,
    )
    names = [renamed.get(name, name) for name in names] + list(added)
    return pa.Table.from_arrays([*table.columns, *arrays], names=names)


def certainty_column(ledger: Ledger, rows: NDArray[np.int64], size: int) -> pa.Array:
    """The tag of the least certain text that the duty of each of ``size`` rows rests on; none where the duty
    is unknown."""
    place, lacking = np.zeros(size, np.int8), np.ones(size, bool)
    place[rows], lacking[rows] = ledger.certainty, ledger.unknown_duty
    return pa.DictionaryArray.from_arrays(pa.array(place, mask=lacking), list(TAGS))


def _given_names(names: list[Any], added: Iterable[str]) -> dict[Any, str]:
    """The new names of the columns whose names are taken."""
    taken = {*map(str, names), *added}
    renamed = {}
    for name in added:
        if name in names:
            new = f"given_{name}"
            while new in taken:
                new = f"given_{new}"
            taken.add(new)
            renamed[name] = new
    return renamed
