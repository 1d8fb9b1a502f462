"""Files that are read, a batch of rows at a time: CSV (also piped in), Parquet, Excel.

Every CSV column is read as text, so that no code loses a zero and no day a digit.  Rows of one shipment that fall on both sides of a batch are
kept together.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import datetime, time
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tariffcalc.errors import ShipmentError
from tariffcalc.scale.pieces import Rows, numbered, whole_shipments
from tariffcalc.targets import STANDARD_INPUT

BATCH_BYTES = 1 << 23
BATCH_ROWS = 1 << 18
_PARQUET, _EXCEL, _TEXT = (".parquet", ".pq"), (".xlsx", ".xlsm"), (".csv", ".txt", ".tsv", ".gz")
ENDINGS = (*_PARQUET, *_EXCEL, *_TEXT)


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
