"""Parquet files put together without decoding them: their bytes one after another, under one footer.

A Parquet file is its column chunks and then a footer that says at which byte each of them begins.  Files of
the same columns are therefore joined by copying what precedes the footers and adding up the places.  The
footer is in the compact protocol of Thrift, which tells the type of every field: it is read and written here
field by field, whether we know the field or not, and only the places named in the format's definition are
changed. What comes out is read back and compared with the parts before it is used.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from tariffcalc.errors import EngineError

_MAGIC = b"PAR1"
_TAIL = 8  # the length of the footer, and the magic again
_COPIED = 1 << 24
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE = (4, 5, 6)
Struct = dict[int, tuple[int, Any]]  # by number of the field: its type and value

# numbers of fields in parquet.thrift
_FILE_SCHEMA, _FILE_ROWS, _FILE_GROUPS = 2, 3, 4
_GROUP_COLUMNS, _GROUP_PLACE, _GROUP_ORDINAL = 1, 5, 7
_CHUNK_PLACE, _CHUNK_DATA, _CHUNK_INDEXES = 2, 3, (4, 5, 6, 7)
_DATA_PLACES = (9, 10, 11, 14)  # of the data pages, index page, dictionary page, bloom filter


def join_parquet(parts: Sequence[Path], target: Path) -> None:
    """Write one file with the row groups of all parts in turn; the parts have the same columns.

    Raises EngineError if the parts differ, or if what was written does not read as what the parts hold.
    """
    footer: Struct | None = None
    rows = 0
    groups: list[Struct] = []
    with target.open("wb") as out:
        out.write(_MAGIC)
        for part in parts:
            with part.open("rb") as stream:
                own, length = _read_footer(stream)
                if footer is None:
                    footer = own
                if own[_FILE_SCHEMA] != footer[_FILE_SCHEMA]:
                    raise EngineError(f"{part} has other columns than {parts[0]}")
                moved_by = out.tell() - len(_MAGIC)
                stream.seek(len(_MAGIC))
                _copy(stream, out, length)
            rows += own[_FILE_ROWS][1]
            groups += [_moved(group, moved_by) for group in own[_FILE_GROUPS][1][1]]
        assert footer is not None
        footer[_FILE_ROWS] = (footer[_FILE_ROWS][0], rows)
        footer[_FILE_GROUPS] = (_LIST, (_STRUCT, groups))
        written = bytearray()
        _write(written, _STRUCT, footer)
        out.write(written + len(written).to_bytes(4, "little") + _MAGIC)
        out.flush()
        os.fsync(out.fileno())
    _compare(parts, target)


def _copy(stream: BinaryIO, out: BinaryIO, length: int) -> None:
    while length:
        data = stream.read(min(length, _COPIED))
        if not data:
            raise EngineError("a part ends before its footer says")
        out.write(data)
        length -= len(data)


def _compare(parts: Sequence[Path], target: Path) -> None:
    """Check that the file holds the row groups of the parts, byte for byte as long and as many rows."""
    found = pq.read_metadata(target)
    groups = [
        (group.num_rows, group.total_byte_size) for group in map(found.row_group, range(found.num_row_groups))
    ]
    wanted = []
    for part in parts:
        metadata = pq.read_metadata(part)
        wanted += [
            (group.num_rows, group.total_byte_size)
            for group in map(metadata.row_group, range(metadata.num_row_groups))
        ]
    if groups != wanted or found.num_rows != sum(rows for rows, _ in wanted):
        raise EngineError(f"{target} does not hold what its parts do")


def _moved(group: Struct, by: int) -> Struct:
    """A row group whose bytes begin further back, without what is optional and would no longer be true.

    That is its number among the groups, and the indexes of pages, which are outside the footer and name
    places themselves.
    """
    for chunk in group[_GROUP_COLUMNS][1][1]:
        _move(chunk, (_CHUNK_PLACE,), by)
        for field in _CHUNK_INDEXES:
            chunk.pop(field, None)
        _move(chunk[_CHUNK_DATA][1], _DATA_PLACES, by)
    _move(group, (_GROUP_PLACE,), by)
    group.pop(_GROUP_ORDINAL, None)
    return group


def _move(struct: Struct, places: Sequence[int], by: int) -> None:
    for place in places:
        kind, at = struct.get(place, (0, 0))
        if at:  # 0: not there
            struct[place] = (kind, at + by)


# --- the compact protocol
# -----------------------------------------------------------------------------------------------------------


def _read_footer(stream: BinaryIO) -> tuple[Struct, int]:
    """The footer of a file, and how many bytes are between the magic and it."""
    size = stream.seek(-_TAIL, os.SEEK_END) + _TAIL
    tail = stream.read(_TAIL)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC:
        raise EngineError("a part is no Parquet file")
    start = stream.seek(size - _TAIL - length)
    return _Reader(stream.read(length)).struct(), start - len(_MAGIC)


class _Reader:
    """Reads values of the compact protocol from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def _varint(self) -> int:
        number = shift = 0
        while (byte := self._byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
        return number | byte << shift

    def _whole(self) -> int:
        number = self._varint()
        return number >> 1 ^ -(number & 1)

    def struct(self) -> Struct:
        found: Struct = {}
        field = 0
        while head := self._byte():
            kind = head & 0x0F
            field = field + (head >> 4) if head >> 4 else self._whole()
            found[field] = (kind, kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind))
        return found

    def _value(self, kind: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind in _WHOLE:
            return self._whole()
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_LIST, _SET):
            head = self._byte()
            count = head >> 4 if head >> 4 != 15 else self._varint()
            return head & 0x0F, [self._value(head & 0x0F) for _ in range(count)]
        if kind == _STRUCT:
            return self.struct()
        raise EngineError(f"a Parquet footer holds a value of type {kind}")


def _write_varint(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _write(out: bytearray, kind: int, value: Any) -> None:
    if kind in (_TRUE, _FALSE, _BYTE):
        out.append(value)
    elif kind in _WHOLE:
        _write_varint(out, value << 1 if value >= 0 else (-value << 1) - 1)
    elif kind == _DOUBLE:
        out += value
    elif kind == _BINARY:
        _write_varint(out, len(value))
        out += value
    elif kind in (_LIST, _SET):
        of, items = value
        out.append(min(len(items), 15) << 4 | of)
        if len(items) >= 15:
            _write_varint(out, len(items))
        for item in items:
            _write(out, of, item)
    else:
        _write_struct(out, value)


def _write_struct(out: bytearray, struct: Struct) -> None:
    before = 0
    for field, (kind, value) in sorted(struct.items()):
        if isinstance(value, bool):
            kind = _TRUE if value else _FALSE
        if field - before <= 15:
            out.append(field - before << 4 | kind)
        else:
            out.append(kind)
            _write_varint(out, field << 1)
        if not isinstance(value, bool):
            _write(out, kind, value)
        before = field
    out.append(0)
