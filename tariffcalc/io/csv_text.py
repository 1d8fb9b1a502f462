"""Tables as CSV has them: text, numbers and days only, and on request no text that a spreadsheet takes for a
formula."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tariffcalc.declaration.arrow_columns import decoded

# What spreadsheets read as the beginning of a formula, unless it is a plain number
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_TEXT_MARK = "'"
_AS_THEY_ARE: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_null, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal,
    pa.types.is_string,
    pa.types.is_large_string, pa.types.is_date, pa.types.is_time, pa.types.is_timestamp, pa.types.is_duration,
)  # fmt: skip


def plain_text(table: pa.Table) -> pa.Table:
    """The table with text in place of whatever CSV has no form for: dictionaries, lists, records, bytes."""
    for place, field in enumerate(table.schema):
        if not any(each(field.type) for each in _AS_THEY_ARE):
            table = table.set_column(place, field.name, _plain(table.column(place)))
    return table


def without_coded_views(table: pa.Table) -> pa.Table:
    """The table with text in place of views of text by distinct value, which Parquet has no form for."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and pa.types.is_string_view(field.type.value_type):
            table = table.set_column(place, field.name, decoded(table.column(place)))
    return table


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    column = decoded(column)
    if any(each(column.type) for each in _AS_THEY_ARE):
        return column
    return pa.chunked_array(
        [
            pa.array(
                [None if value is None else written(value) for value in column.to_pylist()], pa.large_string()
            )
        ]
    )


def written(value: Any) -> str:
    """A value of any type as text: lists and records as JSON, bytes as text where they are some."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return (
        json.dumps(value, default=str, ensure_ascii=False)
        if isinstance(value, list | dict | tuple)
        else str(value)
    )


def without_formulas(table: pa.Table) -> pa.Table:
    """The table with a ' before text, and names of columns, that a spreadsheet would take for a formula;
    plain numbers stay as they are."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            table = table.set_column(place, field.name, _marked(table.column(place)))
    names = _marked(pa.chunked_array([pa.array(table.column_names, pa.string())])).to_pylist()
    return table.rename_columns(names)


def _marked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    formula = pc.and_(
        pc.match_substring_regex(column, _FORMULA), pc.invert(pc.match_substring_regex(column, _NUMBER))
    )
    if not pc.any(formula).as_py():
        return column
    mark = pa.scalar(_TEXT_MARK, column.type)
    return pc.if_else(formula, pc.binary_join_element_wise(mark, column, pa.scalar("", column.type)), column)
