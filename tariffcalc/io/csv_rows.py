"""The rows of a CSV file counted apart from the parser that reads them, and the quotation marks that would
swallow rows.

A cell that opens a quotation mark goes on to the next one, over the ends of lines: a mark that is never
closed makes one cell of all rows that follow.  The bytes are therefore looked at on their way to the parser:
rows are counted, a mark that is not closed is a fault that names its row, and so is a cell that holds whole
rows.  A cell of several lines that looks like nothing of the kind is listed, to be warned of.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.declaration.columns import shown

MOST_BYTES = 1 << 23  # of one row
MOST_OF_HEADER = 1 << 20
_MARK, _LINE_FEED, _RETURN = 34, 10, 13
_PIECE = 1 << 16
_CODE = re.compile(rb'\s*"?\d{4}')

Places = NDArray[np.int64]


class Sections(NamedTuple):
    """Stretches between quotation marks: the places of the marks that open and close them; -1 for a last one
    that is not closed."""

    opened: Places
    closed: Places

    def holds(self, places: Places) -> NDArray[np.bool_]:
        """Whether each of some places is inside a stretch."""
        if not len(self.opened):
            return np.zeros(len(places), bool)
        number = np.searchsorted(self.opened, places) - 1
        inside = (number >= 0) & ((places < self.closed[number]) | (self.closed[number] < 0))
        return np.asarray(inside)


class RowCount:
    """Counts the rows below the header, as their bytes come.

    ``rows`` are those that are no blank lines; ``fault`` is the first thing wrong, with its row;
    ``long_cells`` are rows (from 1) that hold a cell of several lines, each with the number of its lines.

    Parameters
    ----------
    delimiter
        What separates the cells.
    names
        The columns.
    """

    def __init__(self, delimiter: str, names: list[str]) -> None:
        self.rows = self.blank_lines = 0
        self.fault = ""
        self.long_cells: list[tuple[int, int]] = []
        self._delimiter = delimiter.encode()
        self._spaces = b" \r\n" if delimiter == "\t" else b" \t\r\n"
        self._columns = len(names)
        self._code = names.index("commodity") if "commodity" in names else -1
        self._rest = b""

    def is_blank(self, line: bytes) -> bool:
        """Whether a line is no row: it is empty, or holds only spaces where several cells are expected."""
        return not line.strip(b"\r\n") or (self._columns > 1 and not line.strip(self._spaces))

    def add(self, data: bytes) -> None:
        """Count the rows that end in the data; at the end of the file give nothing."""
        if self.fault:
            return
        last = not data
        data = self._rest + data if self._rest else data
        if not data:
            return
        buffer = np.frombuffer(data, np.uint8)
        sections = self._sections(data, buffer)
        ends = _line_ends(data, buffer, last)
        inside = sections.holds(ends)
        row_ends = ends[~inside]
        end = int(row_ends[-1]) + 1 if len(row_ends) else 0
        if inside.any():
            self._check_long(data, sections, ends[inside], row_ends, len(data) if last else end)
        self._count(data, buffer, row_ends)
        self._rest = b"" if last else data[end:]
        if last and len(sections.closed) and sections.closed[-1] < 0:
            self._refuse(
                self.rows + 1, "a quotation mark is opened and never closed", data, int(sections.opened[-1])
            )
        elif last and end < len(data):
            blank = self.is_blank(data[end:])
            self.blank_lines += blank
            self.rows += not blank
        elif len(self._rest) > MOST_BYTES:
            self._refuse(
                self.rows + 1,
                f"a quotation mark is not closed, or the row is longer than {MOST_BYTES >> 20} MB",
                self._rest,
                0,
            )

    def _refuse(self, row: int, what: str, data: bytes, place: int) -> None:
        if not self.fault:
            text = data[place : place + 200].decode("utf-8", "replace")
            self.fault = (
                f"row {row:,}: {what}: {shown(text)}; close it, or write it twice where it is part of the"
                " text"
            )

    def _count(self, data: bytes, buffer: NDArray[np.uint8], row_ends: Places) -> None:
        starts = np.append(0, row_ends[:-1] + 1)[: len(row_ends)]
        first = buffer[starts]
        doubtful = np.flatnonzero(
            (first == _LINE_FEED) | (first == _RETURN) | (first == ord(" ")) | (first == ord("\t"))
        )
        blank = sum(self.is_blank(data[starts[each] : row_ends[each] + 1]) for each in doubtful.tolist())
        self.blank_lines += blank
        self.rows += len(row_ends) - blank

    # --- quotation marks
    # --------------------------------------------------------------------------------------------------------

    def _sections(self, data: bytes, buffer: NDArray[np.uint8]) -> Sections:
        """The stretches between quotation marks: every other mark opens one, unless some mark is part of a
        text that is not quoted."""
        if b'"' not in data:
            return Sections(np.zeros(0, np.int64), np.zeros(0, np.int64))
        marks = np.flatnonzero(buffer == _MARK)
        opened, closed = marks[::2], marks[1::2]
        before, after = buffer[np.maximum(opened - 1, 0)], buffer[np.minimum(closed + 1, len(buffer) - 1)]
        opens = (opened == 0) | self._ends_a_cell(before) | (before == _MARK)
        closes = (closed == len(buffer) - 1) | self._ends_a_cell(after) | (after == _MARK)
        if not (opens.all() and closes.all()):
            return self._by_mark(data, marks.tolist())
        return Sections(opened, np.append(closed, -1) if len(opened) > len(closed) else closed)

    def _ends_a_cell(self, letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
        return np.asarray((letters == self._delimiter[0]) | (letters == _LINE_FEED) | (letters == _RETURN))

    def _by_mark(self, data: bytes, marks: list[int]) -> Sections:
        """The stretches found mark by mark: one that does not begin a cell is a letter like any other."""
        between = {*self._delimiter, _LINE_FEED, _RETURN}
        opened, closed = [], []
        number = 0
        while number < len(marks):
            place = marks[number]
            number += 1
            if place and data[place - 1] not in between:
                continue
            opened.append(place)
            while number < len(marks) and number + 1 < len(marks) and marks[number + 1] == marks[number] + 1:
                number += 2  # a mark written twice is part of the text
            closed.append(marks[number] if number < len(marks) else -1)
            number += 1
        return Sections(np.array(opened, np.int64), np.array(closed, np.int64))

    def _check_long(
        self, data: bytes, sections: Sections, inside: Places, row_ends: Places, end: int
    ) -> None:
        """Look at the cells that go over the end of a line, of the rows that are complete."""
        for start, stop in _cells_with(sections, inside):
            if start >= end:
                return
            row = self.rows + self._rows_before(data, row_ends, start) + 1
            if stop < 0:
                return  # reported at the end of the file, or when the row is too long
            lines = re.split(rb"\r\n|\r|\n", data[start + 1 : stop])
            within = next((line for line in lines[1:] if self._looks_like_a_row(line)), None)
            if within is not None:
                self._refuse(
                    row,
                    "a cell holds what looks like another row, since a quotation mark is not closed"
                    f" ({_shown(within)})",
                    data,
                    start,
                )
            elif stop + 1 < len(data) and data[stop + 1] not in {*self._delimiter, _LINE_FEED, _RETURN}:
                self._refuse(row, "a quotation mark is not closed on its line", data, start)
            self.long_cells.append((row, len(lines)))

    def _rows_before(self, data: bytes, row_ends: Places, place: int) -> int:
        """How many rows of the data end before a place."""
        ends = row_ends[: int(np.searchsorted(row_ends, place))].tolist()
        return sum(
            not self.is_blank(data[start : end + 1])
            for start, end in zip([0, *(each + 1 for each in ends)], ends, strict=False)
        )

    def _looks_like_a_row(self, line: bytes) -> bool:
        cells = line.split(self._delimiter)
        return len(cells) >= self._columns and (self._code < 0 or _CODE.match(cells[self._code]) is not None)


def _line_ends(data: bytes, buffer: NDArray[np.uint8], last: bool) -> Places:
    """Where lines end: at a line feed, or at a return without one; a return that comes last may have its line
    feed in what follows."""
    feeds = np.flatnonzero(buffer == _LINE_FEED)
    if b"\r" not in data:
        return feeds
    returns = np.flatnonzero(buffer == _RETURN)
    alone = buffer[np.minimum(returns + 1, len(buffer) - 1)] != _LINE_FEED
    if len(returns) and returns[-1] == len(buffer) - 1:
        alone[-1] = last
    return feeds if not alone.any() else np.sort(np.concatenate([feeds, returns[alone]]))


def _cells_with(sections: Sections, inside: Places) -> list[tuple[int, int]]:
    """The cells that hold some places: where each begins and ends."""
    numbers = np.unique(np.searchsorted(sections.opened, inside) - 1).tolist()
    return sorted({_whole_cell(sections, number) for number in numbers})


def _whole_cell(sections: Sections, number: int) -> tuple[int, int]:
    """Where the cell of a stretch begins and ends: a mark written twice is the end of one stretch and the
    beginning of the next."""
    first = last = number
    while first and sections.closed[first - 1] == sections.opened[first] - 1:
        first -= 1
    while last + 1 < len(sections.opened) and sections.opened[last + 1] == sections.closed[last] + 1:
        last += 1
    return int(sections.opened[first]), int(sections.closed[last])


def _shown(line: bytes) -> str:
    return shown(line.decode("utf-8", "replace"))


class CountedText:
    """The bytes of a CSV file on their way to the parser: the header first, then whatever ``count`` has
    counted."""

    closed = False

    def __init__(self, stream: Any) -> None:
        self._stream, self._held = stream, b""
        self.count: RowCount | None = None

    def header(self) -> bytes | None:
        """The first line, over the ends of lines within quotation marks; None where it is too long
        to be one."""
        line = b""
        piece: bytes
        while len(line) <= MOST_OF_HEADER:
            piece = self._stream.read(_PIECE)
            line += piece
            end = _end_of_header(line, not piece)
            if end >= 0:
                self._held = line[end:]
                return line[:end]
            if not piece:
                return line
        return None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, for the parser."""
        if self._held:
            data, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
        else:
            data = self._stream.read() if size < 0 else self._stream.read(size)
        data = bytes(data)
        if self.count is not None:
            self.count.add(data)
        return data

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def writable(self) -> bool:
        """Whether it can be written."""
        return False

    def seekable(self) -> bool:
        """Whether it can be read from another place."""
        return False

    def close(self) -> None:
        """Nothing is to be closed: whoever has opened the file closes it."""


def _end_of_header(line: bytes, last: bool) -> int:
    """Behind the first end of a line that is not within quotation marks; -1 where there is none yet."""
    quoted = False
    for found in re.finditer(rb'"|\r\n|\r|\n', line):
        if found[0] == b'"':
            quoted = not quoted
        elif not quoted and (last or found.end() < len(line) or found[0] != b"\r"):
            return found.end()
    return -1
