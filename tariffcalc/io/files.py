"""Files that are read, a batch of rows at a time: CSV (also piped in), Parquet, Excel.

Every CSV column is read as text, so that no code loses a zero and no day a digit.  Rows of one shipment that
fall on both sides of a batch are kept together.
"""

from __future__ import annotations

import csv
import io
import sys
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tariffcalc.declaration.columns import shown as quoted
from tariffcalc.errors import ShipmentError
from tariffcalc.io.batches import Rows, numbered, whole_shipments
from tariffcalc.io.csv_rows import MOST_OF_HEADER, CountedText, RowCount
from tariffcalc.io.targets import STANDARD_INPUT

BATCH_BYTES = 1 << 23
BATCH_ROWS = 1 << 18
_PARQUET, _EXCEL, _TEXT = (".parquet", ".pq"), (".xlsx", ".xlsm"), (".csv", ".txt", ".tsv", ".gz")
ENDINGS = (*_PARQUET, *_EXCEL, *_TEXT)
_MOST_NAMED = 5


@dataclass
class InputRows:
    """How many rows files hold, counted apart from the parser; blank lines of text are no rows."""

    rows: int = 0
    blank_lines: int = 0

    def check(self, read: int, shown: str) -> None:
        """Raise ShipmentError where the number of rows that were read is not the one that was counted."""
        if read != self.rows:
            raise ShipmentError(
                f"{shown}: {self.rows:,} rows were counted and {read:,} were read: save the file again, as"
                " .csv or .parquet"
            )

    def sentence(self, unread: bool = False) -> str:
        """The count in words."""
        blank = (
            f" ({self.blank_lines:,} blank {'line is' if self.blank_lines == 1 else 'lines are'} no row)"
            if self.blank_lines
            else ""
        )
        return (
            f"Rows counted in the input: {self.rows:,}{blank};"
            f" {'some could not be read' if unread else 'all were read'}."
        )


def read_batches(path: str, count: InputRows | None = None) -> Iterator[pa.Table]:
    """The rows of a file in batches, counted apart if ``count`` is given; raises ShipmentError for what
    cannot be read."""
    batches = read_pieces(path, count)
    first = next(batches, None)
    if first is None or not first.num_rows:
        raise ShipmentError(f"{path} is empty: expected a header and rows")
    yield from (
        piece.table for piece in whole_shipments(numbered(chain([first], batches))) if isinstance(piece, Rows)
    )


def read_table(path: str) -> pa.Table:
    """The whole file as one table."""
    return pa.concat_tables(read_batches(path))


def read_pieces(path: str, count: InputRows | None = None) -> Iterator[pa.Table]:
    """The rows of a file as they come, shipments cut wherever a piece of the file ends; raises ShipmentError
    for what cannot be read."""
    ending = Path(path).suffix.casefold()
    count = count or InputRows()
    try:
        if path == STANDARD_INPUT:
            yield from _read_csv(sys.stdin.buffer, "standard input", count)
        elif ending in _PARQUET:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                count.rows += file.metadata.num_rows
                yield from (pa.Table.from_batches([batch]) for batch in file.iter_batches(BATCH_ROWS))
        elif ending in _EXCEL:
            table = _read_excel(path)
            count.rows += table.num_rows
            yield table
        elif ending in _TEXT:
            with pa.input_stream(path, compression="detect") as stream:
                yield from _read_csv(stream, path, count)
        else:
            raise ShipmentError(
                f"{path}: a file ends in .csv, .csv.gz, .parquet or .xlsx (or is - for CSV from standard"
                " input)"
            )
    except FileNotFoundError:
        raise ShipmentError(f"{path} is not there") from None
    except (pa.ArrowException, OSError) as error:
        raise ShipmentError(f"{path} cannot be read: {' '.join(str(error).split())}") from None


def _read_csv(stream: Any, shown: str, count: InputRows) -> Iterator[pa.Table]:
    text = CountedText(stream)
    names, delimiter = _header(text.header(), shown)
    text.count = counted = RowCount(delimiter, names)
    ragged: list[pa_csv.InvalidRow] = []

    def refuse(invalid: pa_csv.InvalidRow) -> str:
        if counted.is_blank(invalid.text.encode()):
            return "skip"
        ragged.append(invalid)
        return "error"

    options = {
        "read_options": pa_csv.ReadOptions(column_names=names, block_size=BATCH_BYTES),
        "parse_options": pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse
        ),
        "convert_options": pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    }
    rows = 0
    try:
        for batch in pa_csv.open_csv(text, **options):
            _check_marks(counted, shown)
            rows += batch.num_rows
            yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        _check_marks(counted, shown)
        if "Empty" in str(error):
            raise ShipmentError(f"{shown} has a header and no rows") from None
        raise ShipmentError(
            f"{shown}{f' (after row {rows:,})' if rows else ''}: {_why(error, ragged, delimiter)}"
        ) from None
    counted.add(b"")
    _check_marks(counted, shown)
    _warn_of_long_cells(counted, shown)
    InputRows(counted.rows).check(rows, shown)
    count.rows += counted.rows
    count.blank_lines += counted.blank_lines


def _why(error: Exception, ragged: list[pa_csv.InvalidRow], delimiter: str) -> str:
    """Why a CSV file cannot be read."""
    if not ragged:
        return "it is not UTF-8 text: save it as CSV UTF-8" if "UTF8" in str(error) else quoted(error, 300)
    row = ragged[0]
    hint = (
        f"quote cells that hold a {delimiter!r}"
        if row.actual_columns > row.expected_columns
        else "a cell is missing"
    )
    return (
        f"a row has {row.actual_columns} cells, the header {row.expected_columns}: {quoted(row.text, 80)};"
        f" {hint}"
    )


def _check_marks(counted: RowCount, shown: str) -> None:
    if counted.fault:
        raise ShipmentError(f"{shown}: {counted.fault}")


def _warn_of_long_cells(counted: RowCount, shown: str) -> None:
    """Warn of cells of several lines: a quotation mark may have swallowed rows."""
    if not counted.long_cells:
        return
    named = ", ".join(f"row {row:,} ({lines:,} lines)" for row, lines in counted.long_cells[:_MOST_NAMED])
    more = (
        f" and {len(counted.long_cells) - _MOST_NAMED:,} more"
        if len(counted.long_cells) > _MOST_NAMED
        else ""
    )
    message = (
        f"{shown}: a cell goes over several lines in {named}{more}: check that its quotation marks are closed"
        " where the text ends"
    )
    warnings.warn(message, UserWarning, stacklevel=2)


def _header(line: bytes | None, shown: str) -> tuple[list[str], str]:
    """The names of the columns, and what separates them."""
    if line is None:
        raise ShipmentError(
            f"{shown}: the first line is longer than {MOST_OF_HEADER >> 20} MB: expected the names of columns"
        )
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ShipmentError(f"{shown} is not UTF-8 text: save it as CSV UTF-8") from None
    if not text.strip():
        raise ShipmentError(f"{shown} is empty: expected a header and rows")
    delimiter = max(",;\t", key=text.count)
    try:
        names = [
            name.strip()
            for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        ]
    except csv.Error as error:
        raise ShipmentError(f"{shown}: the first line is no header: {error}: {quoted(text, 80)}") from None
    _refuse_twice(names, shown)
    return names, delimiter


def _refuse_twice(names: list[str], shown: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ShipmentError(f"{shown}: the column {quoted(twice[0])} is there twice: keep one of them")


def _read_excel(path: str) -> pa.Table:
    """The rows of the first sheet, below its first row, which names the columns; blank rows at the end are
    left out."""
    try:
        import openpyxl
    except ImportError:
        raise ShipmentError("Excel files need openpyxl: pip install 'tariffcalc[excel]'") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that openpyxl does not know
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = list(sheet.iter_rows(values_only=True))
        finally:
            book.close()
    except (
        BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        EOFError,
        SyntaxError,
        zlib.error,
    ) as error:
        raise ShipmentError(f"{path} is not an Excel workbook: {quoted(error, 200)}") from None
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    header, *rows = rows or [()]
    names = _names_of_sheet(path, header, width, rows)
    columns = [[row[place] if place < len(row) else None for row in rows] for place in range(len(names))]
    arrays = [
        pa.array([_cell_text(name, cell) for cell in column], pa.string())
        for name, column in zip(names, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=names)


def _names_of_sheet(path: str, header: tuple[Any, ...], width: int, rows: list[tuple[Any, ...]]) -> list[str]:
    """The names of the columns of a sheet; raises ShipmentError for one that is there twice, and for cells in
    a column without a name."""
    names = ["" if name is None else str(name).strip() for name in (*header, *[None] * (width - len(header)))]
    while (
        names
        and not names[-1]
        and not any(len(row) >= len(names) and row[len(names) - 1] is not None for row in rows)
    ):
        names.pop()
    _refuse_twice([name for name in names if name], path)
    return [name or f"Unnamed: {place}" for place, name in enumerate(names)]


def _cell_text(name: str, value: Any) -> str | None:
    """A cell as CSV would hold it; a commodity code that is a number there has lost its leading zero."""
    if value is None or value != value:
        return None
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return "0" + text if name == "commodity" and isinstance(value, int) and len(text) in (7, 9) else text
