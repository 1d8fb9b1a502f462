"""Pieces of a long run of rows, and how they are cut: rows numbered through the whole run, of a good size, no
shipment in two.

Fees have a minimum and a maximum for each shipment, so that they can be worked out only from all of its lines
at once.  Where rows could not be read, the shipments at the edge of the gap may have lines in it; they are
passed on as pieces of their own, marked ``cut``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tariffcalc.declaration.arrow_columns import decoded
from tariffcalc.errors import ShipmentError

MOST_ROWS = 1 << 19  # enough for the kernel to run at full speed, few enough to be held several times over
FEWEST_ROWS = 1 << 16


class Rows(NamedTuple):
    """Neighbouring rows, the number of the first one (from 0); ``cut``: a shipment of them may have further
    lines that are not at hand."""

    first: int
    table: pa.Table
    cut: bool = False

    @property
    def end(self) -> int:
        return self.first + int(self.table.num_rows)


class Unread(NamedTuple):
    """Rows that could not be read: the number of the first one, how many, and why."""

    first: int
    size: int
    message: str

    @property
    def end(self) -> int:
        return self.first + self.size


Piece = Rows | Unread


def numbered(tables: Iterable[pa.Table]) -> Iterator[Rows]:
    """Tables as pieces, their rows counted through."""
    first = 0
    for table in tables:
        yield Rows(first, table)
        first += table.num_rows


def sized(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Small pieces put together, large ones cut."""
    held: list[pa.Table] = []
    first = count = 0
    for piece in pieces:
        if isinstance(piece, Unread):
            yield from _cut_up(first, held)
            yield piece
            held, count = [], 0
            continue
        if not piece.table.num_rows:
            continue
        if count + piece.table.num_rows > MOST_ROWS:
            yield from _cut_up(first, held)
            held, count = [], 0
        if not held:
            first = piece.first
        held.append(piece.table)
        count += piece.table.num_rows
        if count >= FEWEST_ROWS:
            yield from _cut_up(first, held)
            held, count = [], 0
    yield from _cut_up(first, held)


def _cut_up(first: int, tables: list[pa.Table]) -> Iterator[Rows]:
    if tables:
        table = pa.concat_tables(tables) if len(tables) > 1 else tables[0]
        for start in range(0, table.num_rows, MOST_ROWS):
            yield Rows(first + start, table.slice(start, MOST_ROWS))


class SeenShipments:
    """The shipments passed on so far, eight bytes each.

    Only a digest of the name is kept, since a year of entries has tens of millions: that two of 35 million
    names share one, and are taken for the same shipment, has a chance of one in thirty thousand.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []  # sorted, each less than half as long as the one before

    def add_of(self, table: pa.Table) -> None:
        """Add the shipments of rows that were passed on in an earlier run."""
        if "shipment" in table.column_names:
            self.add(_shipments(table))

    def add(self, shipments: pa.ChunkedArray) -> str | None:
        """Add the shipments of some rows; the name of one that was there before, if any was."""
        import pandas as pd

        names = pc.drop_null(pc.unique(shipments)).cast(pa.string()).to_numpy(zero_copy_only=False)
        if not len(names):
            return None
        digests = pd.util.hash_array(names.astype(object), categorize=False)
        before = np.zeros(len(names), bool)
        for run in self._runs:
            before |= run[np.minimum(np.searchsorted(run, digests), len(run) - 1)] == digests
        new = np.sort(digests[~before])
        while self._runs and len(self._runs[-1]) < 2 * len(new):
            new = np.sort(np.concatenate([self._runs.pop(), new]))
        if len(new):
            self._runs.append(new)
        return str(names[before][0]) if before.any() else None


def whole_shipments(pieces: Iterable[Piece], passed: SeenShipments | None = None) -> Iterator[Piece]:
    """The same rows, no shipment in two pieces; raises ShipmentError where rows of one shipment are too far
    from each other to be kept together.

    ``passed`` holds the shipments of rows that went before.
    """
    passed = passed or SeenShipments()
    held: Rows | None = None
    for piece in pieces:
        if isinstance(piece, Rows) and "shipment" not in piece.table.column_names:
            yield piece
            continue
        if isinstance(piece, Unread):
            yield from () if held is None else _released(held, True, passed)
            yield piece
            held = Rows(piece.end, pa.table({}), cut=True)
            continue
        held = _joined(held, piece)
        others = np.flatnonzero(_unlike(held.table, held.table.num_rows - 1))
        end = int(others[-1]) + 1 if len(others) else 0
        if end:
            yield from _released(Rows(held.first, held.table.slice(0, end), held.cut), False, passed)
            held = Rows(held.first + end, held.table.slice(end))
    yield from () if held is None else _released(held, held.cut, passed)


def _joined(held: Rows | None, piece: Rows) -> Rows:
    if held is None or not held.table.num_rows:
        return piece._replace(cut=held is not None and held.cut)
    return held._replace(table=pa.concat_tables([held.table, piece.table]))


def _shipments(table: pa.Table) -> pa.ChunkedArray:
    """The shipments of the rows; nothing where the cell is blank."""
    column, kinds = decoded(table["shipment"]), pa.types
    if not any(
        each(column.type)
        for each in (kinds.is_string, kinds.is_large_string, kinds.is_integer, kinds.is_date)
    ):
        column = _as_text(column)
    if kinds.is_string(column.type) or kinds.is_large_string(column.type):
        column = pc.if_else(
            pc.equal(pc.utf8_trim_whitespace(column), ""), pa.scalar(None, column.type), column
        )
    return column


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The names of shipments of any other type as text."""
    try:
        return column.cast(pa.large_string())
    except (pa.ArrowException, NotImplementedError):
        return pa.chunked_array(
            [
                pa.array(
                    [None if each is None else str(each) for each in column.to_pylist()], pa.large_string()
                )
            ]
        )


def _unlike(table: pa.Table, row: int) -> NDArray[np.bool_]:
    """The rows of other shipments than that of one row; a row without a shipment is one of its own."""
    shipments = _shipments(table)
    found: NDArray[np.bool_] = ~pc.fill_null(pc.equal(shipments, shipments[row]), False).to_numpy()
    return found


def _released(rows: Rows, cut_after: bool, passed: SeenShipments) -> Iterator[Rows]:
    """Pieces of whole shipments, those beside a gap set apart."""
    table, size = rows.table, rows.table.num_rows
    if not size:
        return
    shipments = _shipments(table)
    again = passed.add(shipments)
    if again is not None:
        raise ShipmentError(
            f"the rows of shipment {again!r} are not next to each other: sort the rows by shipment, or leave"
            " the column out"
        )
    start, end = 0, size
    if rows.cut and shipments[0].is_valid:
        start = int(np.argmax(others)) if (others := _unlike(table, 0)).any() else size
    if cut_after and shipments[size - 1].is_valid:
        before = np.flatnonzero(_unlike(table, size - 1))
        end = max(int(before[-1]) + 1 if len(before) else 0, start)
    for at, to, cut in ((0, start, True), (start, end, False), (end, size, True)):
        if to > at:
            yield Rows(rows.first + at, table.slice(at, to - at), cut)
