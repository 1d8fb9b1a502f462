"""Tables given the columns of those before them, so that all batches of a run have the same; what does not
fit is reported with its row."""

from __future__ import annotations

import pyarrow as pa

from tariffcalc.errors import ShipmentError

_MISFITS = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError)


def cast_to_schema(table: pa.Table, schema: pa.Schema, first: int = 0) -> pa.Table:
    """The table with the columns of the schema; raises ShipmentError where one is missing, too many, or holds
    what its type does not.

    ``first`` is the number of the first row (from 0) through the whole run.
    """
    if table.schema.equals(schema):
        return table
    names = table.column_names
    missing, added = (
        [name for name in schema.names if name not in names],
        [name for name in names if name not in schema.names],
    )
    if missing or added or len(names) != len(schema):
        wrong = (
            f"the column {missing[0]!r} is missing"
            if missing
            else f"the column {added[0]!r} is new"
            if added
            else "a column is there twice"
        )
        raise ShipmentError(
            f"row {first + 1:,}: {wrong}: every batch and file has the columns of the first one"
            f" ({', '.join(schema.names)})"
        )
    return pa.Table.from_arrays([_cast(table[field.name], field, first) for field in schema], schema=schema)


def _cast(column: pa.ChunkedArray, field: pa.Field, first: int) -> pa.ChunkedArray:
    try:
        return column.cast(field.type)
    except _MISFITS:
        row = _first_misfit(column, field.type)
        got = repr(column[row].as_py()) if row < len(column) else "what it holds"
        raise ShipmentError(
            f"row {first + min(row, len(column) - 1) + 1:,}: the column {field.name!r} is {column.type} and"
            f" not {field.type} as before, and {got} cannot be read as that: give the column one type"
            " throughout"
        ) from None


def _first_misfit(column: pa.ChunkedArray, kind: pa.DataType) -> int:
    """The first row that cannot be cast, found by halving."""
    start, end = 0, len(column)
    while end - start > 1:
        middle = (start + end) // 2
        try:
            column.slice(start, middle - start).cast(kind)
            start = middle
        except _MISFITS:
            end = middle
    return start
