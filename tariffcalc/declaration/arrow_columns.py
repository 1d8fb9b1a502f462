"""One column of a table as declared values: what Arrow holds of it, by its distinct values or as numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tariffcalc.declaration import Coded, Given, Numbers

_PLAIN = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$"


_EXACT_DIGITS = 15  # text of this length is one float and no other


def from_pandas(series: Any) -> Any:
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


def declared_column(column: Any, numeric: bool) -> Given:
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
