"""The files of the parts of a run: rows as Parquet, and what is remembered of them, whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tariffcalc.errors import TariffError
from tariffcalc.io.targets import sync, sync_folder

_OF_PARTS = re.compile(
    r"lock|manifest\.(json|half)|\d{8,}\.(json|half|(rows|problems)\.parquet)|rows|problems"
)


Record = dict[str, Any]


# rows, and the types a reader finds: text may be held by its distinct values and still be read as text
Part = tuple[pa.Table, pa.Schema]


def check_folder(folder: Path) -> None:
    """Raise TariffError if a folder of this name holds anything but parts."""
    if folder.exists() and not folder.is_dir():
        raise TariffError(
            f"{folder} is in the way: unfinished parts are kept in a folder of that name; move it, or give"
            " the output another name"
        )
    others = (
        [each.name for each in folder.iterdir() if each.is_dir() or not _OF_PARTS.fullmatch(each.name)]
        if folder.exists()
        else []
    )
    if others:
        raise TariffError(
            f"{folder} holds {others[0]!r}, which is no part of an unfinished run: unfinished parts are kept"
            " in a folder of that name; move the folder, or give the output another name"
        )


def write_part(path: Path, rows: pa.Table, schema: pa.Schema) -> None:
    """Write rows as one row group.

    Numbers are nearly all different: a dictionary of them would cost time and save no room.  The least and
    the greatest text of rows in no order let no reader pass over any, and cost as much as the text itself, so
    that only numbers and days have them.
    """
    kinds = pa.types
    coded = [
        each.name
        for each in schema
        if not (kinds.is_floating(each.type) or kinds.is_integer(each.type) or kinds.is_decimal(each.type))
    ]
    ordered = [each.name for each in schema if kinds.is_primitive(each.type) or kinds.is_decimal(each.type)]
    with pq.ParquetWriter(
        path,
        rows.schema,
        use_dictionary=coded,
        write_statistics=ordered,
        store_schema=False,
        write_page_checksum=True,
    ) as writer:
        writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(schema.serialize())})
        writer.write_table(rows, row_group_size=max(rows.num_rows, 1))


def part_name(number: int) -> str:
    return f"{number:08}"


def _checksum(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def checksum_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def write_record(path: Path, data: Record) -> None:
    """Write what is to be remembered, with its checksum: whole or not at all, and on the disk before it
    counts."""
    text = json.dumps(data)
    half = path.with_suffix(".half")
    half.write_text(json.dumps({"checksum": _checksum(text.encode()), "record": text}), encoding="utf-8")
    sync(half)
    half.replace(path)
    sync_folder(path.parent)


def read_record(path: Path) -> Record | None:
    """What was remembered; None where the file is not as it was written."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["checksum"] != _checksum(held["record"].encode()):
            return None
        return dict(json.loads(held["record"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
