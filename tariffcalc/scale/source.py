"""The files of a dataset as pieces of rows, row group by row group: what cannot be read is reported with its
file, row group and rows.

All files have the columns of the first, in any order; types that differ a little (whole numbers and floats,
empty columns) are brought together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tariffcalc.declaration import FEW_VALUES
from tariffcalc.declaration.arrow_columns import is_text
from tariffcalc.errors import ShipmentError
from tariffcalc.io.batches import MOST_ROWS, Piece, Rows, SeenShipments, Unread
from tariffcalc.io.files import InputRows, read_pieces
from tariffcalc.io.problem_files import SCHEMA
from tariffcalc.io.schema import cast_to_schema
from tariffcalc.scale.problem_rows import ReportedProblem, problem_table

_PARQUET = (".parquet", ".pq")
_ENDINGS = (*_PARQUET, ".csv", ".txt", ".tsv", ".gz", ".xlsx", ".xlsm")
_UNREADABLE = (pa.ArrowException, OSError)
GO_ON = "correct the file, or leave these rows out with keep_going=True (--keep-going)"

Given = str | Path | Sequence[str | Path]


class Source:
    """The files of one dataset: a file, a folder (with the folders in it), or a list of either.

    ``constants`` are columns with the same value in every row, for files that have no such column.

    Raises ShipmentError where nothing is there to read.
    """

    def __init__(
        self, given: Given, constants: Mapping[str, str] | None = None, keep_going: bool = False
    ) -> None:
        self.files = [
            file
            for each in ([given] if isinstance(given, str | Path) else given)
            for file in _files(Path(each))
        ]
        if not self.files:
            raise ShipmentError("there is no file to read: expected .parquet or .csv files")
        self.count = InputRows()  # once all pieces have been taken
        self._states = [_state(file) for file in self.files]
        self.starts: list[int] = []  # the number of the first row of each file begun
        self._constants, self._keep_going = dict(constants or {}), keep_going
        self._footers = {
            file: self._footer(file) for file in self.files if file.suffix.casefold() in _PARQUET
        }
        self._schema = self._common_schema()

    def _footer(self, file: Path) -> pq.FileMetaData | None:
        """The footer of a Parquet file; None for one that cannot be read, which is reported when its turn
        comes."""
        try:
            return pq.read_metadata(file)
        except _UNREADABLE:
            return None

    def _common_schema(self) -> pa.Schema | None:
        """The columns of the first Parquet file, of types that hold those of the others where there are such;
        None where the first is no Parquet."""
        common: pa.Schema | None = None
        for file in self.files:
            footer = self._footers.get(file)
            if footer is None:
                if file not in self._footers:
                    break
                continue
            schema = self._with_constants(
                footer.schema.to_arrow_schema().empty_table()
            ).schema.remove_metadata()
            if common is None:
                common = schema
            elif set(schema.names) == set(common.names):
                try:
                    common = pa.unify_schemas([common, schema], promote_options="permissive")
                except pa.ArrowException:
                    continue  # the rows that do not fit are reported when they are read
        return common

    @property
    def rows(self) -> int | None:
        """How many rows there are, where the files say so before they are read."""
        known = [footer.num_rows for footer in self._footers.values() if footer is not None]
        return sum(known) if len(known) == len(self.files) else None

    def fingerprint(self) -> list[dict[str, Any]]:
        """A fingerprint that differs for other files, and for these files once they have changed."""
        return [
            {
                "file": str(file.resolve()),
                "bytes": file.stat().st_size,
                "modified": file.stat().st_mtime_ns,
                "row_groups": None if (footer := self._footers.get(file)) is None else _group_rows(footer),
            }
            for file in self.files
        ]

    def check_unchanged(self) -> None:
        """Raise ShipmentError if a file is another than when the run began."""
        for file, before in zip(self.files, self._states, strict=True):
            if _state(file) != before:
                raise ShipmentError(
                    f"{file} has changed while it was read: run again without resume (--resume)"
                )

    def file_of(self, row: int) -> str:
        """The file of a row that has been read."""
        return str(self.files[max(bisect_right(self.starts, row) - 1, 0)])

    def problem_table(self, told: Sequence[ReportedProblem], first: int) -> tuple[pa.Table, pa.Schema]:
        """Problems of rows that have been read, which are counted from ``first``, with the file of each; and
        the columns of such a table."""
        return problem_table(told, first, self.starts, [str(file) for file in self.files]), SCHEMA

    def pieces(self, start: int, passed: SeenShipments) -> Iterator[Piece]:
        """The rows from number ``start`` on; the shipments of those before are noted as passed.

        Raises ShipmentError for what cannot be read, or with ``keep_going`` reports it and goes on.
        """
        first = 0
        self.starts.clear()
        self.count = InputRows()
        for file in self.files:
            self.starts.append(first)
            for piece in (
                self._parquet(file, first, start, passed)
                if file in self._footers
                else self._text(file, first, start, passed)
            ):
                first = piece.end
                if first > start or (isinstance(piece, Unread) and piece.first >= start):
                    yield piece

    @property
    def schema(self) -> pa.Schema | None:
        """The columns as the files have them; None before the first rows of text files have been read."""
        return self._schema

    def _with_constants(self, table: pa.Table) -> pa.Table:
        for name, value in self._constants.items():
            if name not in table.column_names:
                table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
        return table

    def _piece(self, table: pa.Table, first: int, start: int, place: str) -> Piece:
        """A table read from a place, less the rows before the start."""
        table = self._with_constants(table)
        if self._schema is None:
            self._schema = table.schema.remove_metadata()
        try:
            table = cast_to_schema(table, _by_distinct_values(self._schema), first)
        except ShipmentError as error:
            return self._unread(first, table.num_rows, f"{place}: {error}")
        skipped = min(max(start - first, 0), table.num_rows)
        return Rows(first + skipped, table.slice(skipped))

    def _unread(self, first: int, count: int, message: str) -> Unread:
        if not self._keep_going:
            raise ShipmentError(f"{message}; {GO_ON}")
        return Unread(first, count, message)

    def _parquet(self, path: Path, first: int, start: int, passed: SeenShipments) -> Iterator[Piece]:
        try:
            footer = self._footers[path]
            there = (
                []
                if footer is None
                else [field.name for field in footer.schema.to_arrow_schema() if _has_few_values(field)]
            )
            file = pq.ParquetFile(path, page_checksum_verification=True, read_dictionary=there)
        except _UNREADABLE as error:
            yield self._unread(first, 0, f"{path} cannot be read: {_sentence(error)}")
            return
        with file:
            self.count.rows += file.metadata.num_rows
            for group, rows in enumerate(_group_rows(file.metadata)):
                end = first + rows
                place = f"{path}: row group {group} (of 0 to {file.metadata.num_row_groups - 1})"
                if start > first and "shipment" in file.schema_arrow.names:
                    _note_passed(file, group, start - first, passed)
                if end <= start:
                    yield Rows(first, _skipped(rows))
                else:
                    yield from self._group(file, group, first, end, start, place)
                first = end

    def _group(
        self, file: pq.ParquetFile, group: int, first: int, end: int, start: int, place: str
    ) -> Iterator[Piece]:
        batches = file.iter_batches(MOST_ROWS, row_groups=[group])
        while first < end:
            try:
                table = pa.Table.from_batches([next(batches)])
            except (*_UNREADABLE, StopIteration) as error:
                yield self._unread(
                    first,
                    end - first,
                    f"{place}, rows {first + 1:,} to {end:,} of the whole, cannot be read:"
                    f" {_sentence(error)}",
                )
                return
            yield self._piece(table, first, start, place)
            first += table.num_rows

    def _text(self, path: Path, first: int, start: int, passed: SeenShipments) -> Iterator[Piece]:
        tables = read_pieces(str(path), self.count)
        while True:
            try:
                table = next(tables, None)
            except ShipmentError as error:
                if not self._keep_going:
                    raise
                yield self._unread(first, 0, f"{error}; what follows in the file is not read")
                return
            if table is None:
                return
            if start > first:
                passed.add_of(table.slice(0, start - first))
            yield self._piece(table, first, start, str(path))
            first += table.num_rows


def _by_distinct_values(schema: pa.Schema) -> pa.Schema:
    """The same columns, text of few values held as such: it is read, estimated and written several times as
    fast."""
    coded = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            field.with_type(coded) if field.name in FEW_VALUES and is_text(field.type) else field
            for field in schema
        ]
    )


def _has_few_values(field: pa.Field) -> bool:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return field.name in FEW_VALUES and is_text(kind)


def _files(path: Path) -> list[Path]:
    """The file itself, or the files of a folder by name; hidden ones, and those of other endings, are none of
    the dataset's."""
    if not path.is_dir():
        if not path.exists():
            raise ShipmentError(f"{path} is not there")
        if path.suffix.casefold() not in _ENDINGS:
            raise ShipmentError(f"{path}: a file of a dataset ends in .parquet, .csv, .csv.gz or .xlsx")
        return [path]
    inside = sorted(each for each in path.rglob("*") if each.suffix.casefold() in _ENDINGS and each.is_file())
    return [
        each
        for each in inside
        if not any(part.startswith((".", "_")) for part in each.relative_to(path).parts)
    ]


def _state(file: Path) -> tuple[int, int]:
    """Size and time of a file; nothing for one that is gone."""
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _group_rows(footer: pq.FileMetaData) -> list[int]:
    return [footer.row_group(group).num_rows for group in range(footer.num_row_groups)]


def _note_passed(file: pq.ParquetFile, group: int, rows: int, passed: SeenShipments) -> None:
    try:
        passed.add_of(file.read_row_group(group, columns=["shipment"]).slice(0, rows))
    except _UNREADABLE:
        return  # the finished run reported it


def _skipped(rows: int) -> pa.Table:
    """So many rows without a column."""
    return pa.table({"": pa.nulls(rows)})


def _sentence(error: BaseException) -> str:
    return " ".join(str(error).split()) or "it ends before its last row"
