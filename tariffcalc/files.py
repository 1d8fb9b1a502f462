"""Files in and out, a batch of rows at a time: CSV (also piped in), Parquet, Excel.

Every CSV column is read as text, so that no code loses a zero and no day a digit.  Rows of one shipment that fall on both sides of a batch are
kept together.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import datetime, time
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tariffcalc.errors import ShipmentError
from tariffcalc.scale.pieces import Rows, numbered, whole_shipments

if TYPE_CHECKING:
    from tariffcalc.engine.rule_table import CompiledLaw

BATCH_BYTES = 1 << 23
BATCH_ROWS = 1 << 18
MOST_ROWS = (1 << 20) - 1  # of a sheet of Excel, below its header
STANDARD_INPUT = "-"
_PARQUET, _EXCEL, _TEXT = (".parquet", ".pq"), (".xlsx", ".xlsm"), (".csv", ".txt", ".tsv", ".gz")
ENDINGS = (*_PARQUET, *_EXCEL, *_TEXT)
LINES, SUMMARY, PROBLEMS = "lines", "summary", "problems"


def read_batches(path: str) -> Iterator[pa.Table]:
    """The rows of a file in batches; raises ShipmentError for what cannot be read."""
    batches = read_pieces(path)
    first = next(batches, None)
    if first is None or not first.num_rows:
        raise ShipmentError(f"{path} is empty: expected a header and rows")
    yield from (piece.table for piece in whole_shipments(numbered(chain([first], batches))) if isinstance(piece, Rows))


def read_table(path: str) -> pa.Table:
    """The whole file as one table."""
    return pa.concat_tables(read_batches(path))


def read_pieces(path: str) -> Iterator[pa.Table]:
    """The rows of a file as they come, shipments cut wherever a piece of the file ends; raises ShipmentError for what cannot be read."""
    ending = Path(path).suffix.casefold()
    try:
        if path == STANDARD_INPUT:
            yield from _read_csv(sys.stdin.buffer, "standard input")
        elif ending in _PARQUET:
            yield from (pa.Table.from_batches([batch]) for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS))
        elif ending in _EXCEL:
            yield _read_excel(path)
        elif ending in _TEXT:
            with pa.input_stream(path, compression="detect") as stream:
                yield from _read_csv(stream, path)
        else:
            raise ShipmentError(f"{path}: a file ends in .csv, .csv.gz, .parquet or .xlsx (or is - for CSV from standard input)")
    except FileNotFoundError:
        raise ShipmentError(f"{path} is not there") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise ShipmentError(f"{path} cannot be read: {error}") from None


def _read_csv(stream: Any, shown: str) -> Iterator[pa.Table]:
    names, delimiter = _header(stream, shown)
    ragged: list[pa_csv.InvalidRow] = []

    def refuse(invalid: pa_csv.InvalidRow) -> str:
        ragged.append(invalid)
        return "error"

    options = {
        "read_options": pa_csv.ReadOptions(column_names=names, block_size=BATCH_BYTES),
        "parse_options": pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse),
        "convert_options": pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True
        ),
    }
    rows = 0
    try:
        reader = pa_csv.open_csv(stream, **options)
        for batch in reader:
            rows += batch.num_rows
            yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        if "Empty" in str(error):
            raise ShipmentError(f"{shown} has a header and no rows") from None
        if ragged:
            row = ragged[0]
            hint = f"quote cells that hold a {delimiter!r}" if row.actual_columns > row.expected_columns else "a cell is missing"
            message = f"a row has {row.actual_columns} cells, the header {row.expected_columns}: {row.text[:80]!r}; {hint}"
        else:
            message = "it is not UTF-8 text: save it as CSV UTF-8" if "UTF8" in str(error) else str(error)
        after = f" (after row {rows:,})" if rows else ""
        raise ShipmentError(f"{shown}{after}: {message}") from None


def _header(stream: Any, shown: str) -> tuple[list[str], str]:
    """The names of the columns, and what separates them."""
    try:
        text = _first_line(stream).decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ShipmentError(f"{shown} is not UTF-8 text: save it as CSV UTF-8") from None
    if not text.strip():
        raise ShipmentError(f"{shown} is empty: expected a header and rows")
    delimiter = max(",;\t", key=text.count)
    names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ShipmentError(f"{shown}: the column {twice[0]!r} is there twice: keep one of them")
    return names, delimiter


def _first_line(stream: BinaryIO) -> bytes:
    line = bytearray()
    while piece := stream.read(1):
        line += piece
        if piece == b"\n":
            break
    return bytes(line)


def _read_excel(path: str) -> pa.Table:
    import pandas as pd

    try:
        frame = pd.read_excel(path, dtype=object, keep_default_na=False, na_values=[""])
    except ImportError:
        raise ShipmentError("Excel files need openpyxl: pip install 'tariffcalc[excel]'") from None
    except (BadZipFile, KeyError, ValueError) as error:
        raise ShipmentError(f"{path} is not an Excel workbook: {error}") from None
    return pa.table({str(name): pa.array([_cell_text(name, value) for value in frame[name]], pa.string()) for name in frame.columns})


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


class Writer:
    """Writes batches to a CSV, Parquet or Excel file, which appears under its name only when it is complete.

    Rows that could not be assessed go to NAME.problems.csv or NAME.problems.parquet, in a workbook to the sheet *problems*; ``problems_file`` is the
    file beside, if there is one.  A context: left by an error, it leaves nothing behind.

    Parameters
    ----------
    path
        The file to write; its ending says of what kind.
    source
        The file that is read, which is not to be replaced.
    law
        The law whose columns are written; it says which of them are amounts and which are days.
    """

    def __init__(self, path: str, source: str = STANDARD_INPUT, law: CompiledLaw | None = None) -> None:
        self.path = Path(path)
        self.problems_file: Path | None = None
        if source != STANDARD_INPUT and self.path.resolve() == Path(source).resolve():
            raise ShipmentError(f"{path}: the output would replace the input; give another name")
        self._kind = self.path.suffix.casefold()
        if self._kind not in (".csv", ".parquet", ".xlsx"):
            raise ShipmentError(f"{path}: write to a file that ends in .csv, .parquet or .xlsx")
        if self._kind == ".xlsx" and find_spec("openpyxl") is None:
            raise ShipmentError(f"{path}: Excel files need openpyxl: pip install 'tariffcalc[excel]'")
        if not self.path.parent.is_dir():
            raise ShipmentError(f"{path}: there is no folder {self.path.parent}")
        self._law = law
        self._tables: dict[str, list[pa.Table]] = {LINES: [], SUMMARY: [], PROBLEMS: []}
        self._parts = {LINES: self._part(self.path), PROBLEMS: self._part(self._beside)}
        self._writers: dict[str, Any] = {}

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.problems{self._kind}")

    def _part(self, path: Path) -> Path:
        return path.with_name(f"{path.stem}.part{self._kind}")

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._close()
            for part in self._parts.values():
                part.unlink(missing_ok=True)

    def write(self, table: pa.Table) -> None:
        """Append a batch; every batch has the same columns."""
        self._append(LINES, table)

    def write_problems(self, table: pa.Table) -> None:
        """Append rows that could not be assessed, and why; a workbook has a sheet of them also where there are none."""
        if table.num_rows or self._kind == ".xlsx":
            self._append(PROBLEMS, table)

    def write_summary(self, table: pa.Table) -> None:
        """The totals, for a workbook; other files hold none."""
        if self._kind == ".xlsx":
            self._append(SUMMARY, table)

    def _append(self, sheet: str, table: pa.Table) -> None:
        if self._kind == ".xlsx":
            self._tables[sheet].append(table)
            if sum(each.num_rows for each in self._tables[sheet]) > MOST_ROWS:
                raise ShipmentError(f"{self.path}: the sheet {sheet} would have more than {MOST_ROWS:,} rows: write .csv or .parquet")
            return
        table = table if self._kind == ".parquet" else plain_text(table)
        if sheet not in self._writers:
            make = pq.ParquetWriter if self._kind == ".parquet" else pa_csv.CSVWriter
            self._writers[sheet] = make(str(self._parts[sheet]), table.schema)
        self._writers[sheet].write_table(table)

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _finish(self) -> None:
        """Give the complete files their names; a file of problems of an earlier run is taken away."""
        there = PROBLEMS in self._writers
        if self._kind == ".xlsx":
            from tariffcalc.workbook import formats_of, write_workbook

            sheets = {name: pa.concat_tables(tables) for name, tables in self._tables.items() if tables}
            write_workbook(self._parts[LINES], sheets, formats_of(self._law) if self._law else {})
        self._close()
        if there:
            self._parts[PROBLEMS].replace(self._beside)
            self.problems_file = self._beside
        elif self._kind != ".xlsx":
            self._beside.unlink(missing_ok=True)
        self._parts[LINES].replace(self.path)


def plain_text(table: pa.Table) -> pa.Table:
    """The table with text in place of dictionaries, as CSV has it."""
    if not any(pa.types.is_dictionary(each.type) for each in table.schema):
        return table
    schema = pa.schema([(each.name, each.type.value_type) if pa.types.is_dictionary(each.type) else each for each in table.schema])
    return table.cast(schema)
