"""The files of rows that could not be assessed: their columns, and their names beside a target."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tariffcalc.errors import ShipmentError

ROW = "row_from_1"
_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    {ROW: pa.int64(), "file": _TEXT, "severity": _TEXT, "code": _TEXT, "message": _TEXT, "supply": _TEXT}
)


def name_of_problems(target: Path) -> Path:
    """The name of the file of problems beside a target; raises ShipmentError if a file there is not one that
    an earlier run wrote."""
    path = target.with_name(f"{target.stem}.problems{target.suffix.casefold()}")
    if path.exists() and not _is_of_problems(path):
        raise ShipmentError(
            f"{target}: rows that cannot be assessed would be written to {path}, and a file of yours has that"
            " name: give the output another name, or move that file"
        )
    return path


def _is_of_problems(path: Path) -> bool:
    """Whether a file has the columns of a file of problems."""
    try:
        if path.suffix == ".parquet":
            return list(pq.read_schema(path).names) == list(SCHEMA.names)
        with path.open(encoding="utf-8", newline="") as stream:
            return next(csv.reader([stream.readline(1000)]), []) == list(SCHEMA.names)
    except (pa.ArrowException, OSError, ValueError):
        return False
