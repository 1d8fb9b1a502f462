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
import pyarrow.compute as pc
from numpy.typing import NDArray

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration import QUANTITY, VALUATION_AMOUNTS, Coded, Declared, Given, Numbers
from tariffcalc.declaration.names import check_names, reads
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.threads import each_in_parallel
from tariffcalc.errors import ShipmentError
from tariffcalc.tags import TAGS

_PLAIN = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$"
_BEYOND_ARROW = ("Int128", "UInt128", "Object")
_EXACT_DIGITS = 15  # text of this length is one float and no other


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
        lambda each: _column(each[1], each[0] in numeric), zip(wanted, columns, strict=True), size
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
        return [_from_pandas(given[name]) for name in wanted], len(given)
    table = arrow_table(given.select(wanted) if type(given).__module__.startswith("polars") else given)
    return [table.column(name) for name in wanted], table.num_rows


def _from_pandas(series: Any) -> Any:
    if series.dtype == object and not _all_text(series):
        return _objects(series)
    try:
        return pa.Array.from_pandas(series)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return _objects(series)


def _all_text(series: Any) -> bool:
    """Whether an object column is plain text (pandas itself looks, in C)."""
    from pandas.api.types import infer_dtype

    return bool(infer_dtype(series, skipna=True) == "string")


def _objects(values: Iterable[Any]) -> Coded:
    """Cells of any type by their distinct values; a value equals another only if their types agree too."""
    import pandas as pd

    seen: dict[Any, int] = {}
    distinct: list[Any] = []
    place = []
    for value in values:
        if (
            value is None
            or value is pd.NA
            or value is pd.NaT
            or (isinstance(value, float | np.floating) and value != value)
        ):
            place.append(-1)
            continue
        try:
            number = seen.setdefault((type(value), value), len(distinct))
        except TypeError:  # a cell that cannot be a key, such as a list
            number = seen.setdefault((type(value), repr(value)), len(distinct))
        if number == len(distinct):
            distinct.append(value.item() if isinstance(value, np.generic) else value)
        place.append(number)
    return Coded(distinct, np.array(place, np.int64))


def _column(column: Any, numeric: bool) -> Given:
    if isinstance(column, Coded):
        return column
    if not isinstance(column, pa.ChunkedArray):
        column = pa.chunked_array([column])
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _coded(column)
    if pa.types.is_boolean(kind):
        return (
            _coded(column.cast(pa.string()).dictionary_encode())
            if column.null_count
            else Numbers(column.to_numpy())
        )
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        if column.null_count and pa.types.is_integer(kind) and not _float_is_exact(column):
            return _coded(column.dictionary_encode())
        return Numbers((column.cast(pa.float64()) if column.null_count else column).to_numpy())
    if numeric and (is_text(kind) or pa.types.is_decimal(kind)):
        return _numbers(column.cast(pa.string()))
    if pa.types.is_timestamp(kind) and kind.tz is None:
        column = pc.floor_temporal(column, unit="day").cast(pa.date32(), safe=False)
    if pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    try:
        return _coded(column.dictionary_encode())
    except (pa.ArrowException, NotImplementedError):
        return _objects(column.to_pylist())


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column held by its distinct values as the values themselves, and views of text as text."""
    kind = column.type
    if pa.types.is_dictionary(kind) and pa.types.is_string_view(kind.value_type):
        chunks = [
            pa.array(chunk.dictionary.to_pylist(), pa.large_string()).take(chunk.indices)
            for chunk in column.chunks
        ]
        return pa.chunked_array(chunks, pa.large_string())
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    return column.cast(pa.large_string()) if pa.types.is_string_view(kind) else column


def is_text(kind: pa.DataType) -> bool:
    """Whether a type of Arrow is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _float_is_exact(column: pa.ChunkedArray) -> bool:
    ends = pc.min_max(column).as_py()
    return ends["min"] is None or max(abs(ends["min"]), abs(ends["max"])) < 2**53


def _coded(column: pa.ChunkedArray) -> Coded:
    combined = column.unify_dictionaries().combine_chunks()
    array = combined if isinstance(combined, pa.DictionaryArray) else combined.chunk(0)
    place = array.indices
    if place.null_count:
        place = pc.fill_null(place.cast(pa.int64()), -1)
    try:
        values = array.dictionary.to_pylist()
    except (ValueError, OverflowError):  # a day beyond the calendar of Python
        values = array.dictionary.cast(pa.string()).to_pylist()
    return Coded(values, place.to_numpy(zero_copy_only=False).astype(np.int64, copy=False))


def _numbers(column: pa.ChunkedArray) -> Numbers:
    """Text as numbers, all at once; the cells a float cannot hold, or that are no numbers, stay text."""
    try:
        numbers = column.cast(pa.float64())
        odd = pc.greater(pc.binary_length(column), _EXACT_DIGITS)
    except pa.ArrowInvalid:
        column = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
        plain = pc.and_(
            pc.match_substring_regex(column, _PLAIN), pc.less_equal(pc.binary_length(column), _EXACT_DIGITS)
        )
        numbers = pc.if_else(plain, column, pa.scalar(None, pa.string())).cast(pa.float64())
        odd = pc.invert(plain)
    values = numbers.to_numpy()
    strange = pc.fill_null(odd, False).to_numpy() | (
        np.isinf(values) | np.isnan(values) & column.is_valid().to_numpy()
    )
    if not strange.any():
        return Numbers(values)
    texts = _coded(
        pc.if_else(pa.chunked_array([strange]), column, pa.scalar(None, pa.string())).dictionary_encode()
    )
    return Numbers(np.where(strange, np.nan, values), texts)


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
