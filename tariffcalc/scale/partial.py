"""The finished parts of a run that is not finished: a hidden folder beside the target, from which a run that was cut off goes on.

The folder ``.NAME.partial`` holds a manifest (the law, the options, the source with its row groups) and for each part a Parquet file of its rows, one
of its problems, and last of all a small JSON file that says which rows it holds and what they came to.  A part without its JSON file was not finished
and is made again.  When all are there the parts become one file, which takes its name in one step.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tariffcalc.errors import ShipmentError, TariffError
from tariffcalc.running import RunningTotal
from tariffcalc.scale.parquet_join import join_parquet

_MANIFEST = "manifest.json"


Part = tuple[pa.Table, pa.Schema]  # rows, and the types a reader finds: text may be held by its distinct values and still be read as text


class Partial:
    """The parts of the run that makes one target; a context that lets no second run work on the same target.

    Left by an error, it keeps the finished parts, if there are any, and the error says so.

    Raises TariffError if the parts there are come from another law, other options or a source that has changed since.
    """

    def __init__(self, target: Path, manifest: dict[str, Any], resume: bool) -> None:
        self.folder = target.with_name(f".{target.name}.partial")
        self._target, self._manifest, self._resume = target, manifest, resume
        self._finished: list[dict[str, Any]] = []

    def __enter__(self) -> Partial:
        self.folder.mkdir(exist_ok=True)
        self._lock = _lock(self.folder / "lock")
        try:
            self._take_up()
        except BaseException:
            os.close(self._lock)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        rows = self._rows_finished()
        if error is None or not rows:
            shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)
        if error is not None and rows:
            kept = f"the first {rows:,} rows are finished and kept in {self.folder}: resume=True (--resume) goes on from there"
            _tell(error, kept)

    def _take_up(self) -> None:
        """Find the finished parts, or begin anew."""
        path = self.folder / _MANIFEST
        if self._resume and path.exists():
            self._check(json.loads(path.read_text(encoding="utf-8")))
            self._finished = self._read_finished()
        kept = {"lock", _MANIFEST} | {name for each in self._finished for name in (each["name"] + ".json", *each["files"])}
        for file in self.folder.iterdir():
            if file.name not in kept or (not self._finished and file.name == _MANIFEST):
                file.unlink()
        _write_whole(path, self._manifest)

    def _check(self, there: dict[str, Any]) -> None:
        differ = [name for name in self._manifest if there.get(name) != self._manifest[name]]
        if differ:
            raise TariffError(
                f"{self.folder} is of a run with another {' and another '.join(differ)}: it cannot be resumed; "
                f"run without resume (--resume) to begin anew, or with what it was begun with"
            )

    def _read_finished(self) -> list[dict[str, Any]]:
        """The parts from the first row on without a gap, whose files are as long as they were."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.folder.glob("*.json")) if path.name != _MANIFEST]
        whole: list[dict[str, Any]] = []
        for number, part in enumerate(found):
            files = {name: self.folder / name for name in part["files"]}
            there = all(path.exists() and path.stat().st_size == part["files"][name] for name, path in files.items())
            if part["name"] != _name(number) or not there:
                break
            whole.append(part)
        return whole

    @property
    def count(self) -> int:
        """How many parts the run begins with."""
        return len(self._finished)

    @property
    def start(self) -> int:
        """The number of the first row that no finished part holds."""
        return int(self._finished[-1]["end"]) if self._finished else 0

    def _rows_finished(self) -> int:
        return int(max((part["end"] for part in self._read_finished()), default=0))

    def finish(self, number: int, end: int, total: RunningTotal, rows: Part | None, problems: Part | None, note: str = "") -> None:
        """Write one part, which holds the rows up to ``end``; may be called from several threads at once."""
        name = _name(number)
        files = {}
        for ending, part in (("rows", rows), ("problems", problems)):
            if part is not None:
                path = self.folder / f"{name}.{ending}.parquet"
                _write_part(path, *part)
                files[path.name] = path.stat().st_size
        _write_whole(self.folder / f"{name}.json", {"name": name, "end": end, "files": files, "note": note, "total": total.state()})

    @property
    def notes(self) -> list[str]:
        """What the finished parts note: rows that could not be read."""
        return [part["note"] for part in self._finished if part["note"]]

    def join(self, total: RunningTotal) -> Path | None:
        """Make the target of the parts and add up their totals; the file of problems, if there are any."""
        self._finished = self._read_finished()
        for part in self._finished:
            total.merge(RunningTotal.from_state(part["total"]))
        rows = self._files_of("rows")
        if not rows:
            raise ShipmentError(self.notes[0] if self.notes else "the source is empty: expected rows")
        beside = self._target.with_name(f"{self._target.stem}.problems.parquet")
        problems = self._files_of("problems")
        if problems:
            join_parquet(problems, self.folder / "problems")
            (self.folder / "problems").replace(beside)
        else:
            beside.unlink(missing_ok=True)
        join_parquet(rows, self.folder / "rows")
        (self.folder / "rows").replace(self._target)
        return beside if problems else None

    def _files_of(self, ending: str) -> list[Path]:
        return [self.folder / name for part in self._finished for name in part["files"] if name.endswith(f".{ending}.parquet")]


def _write_part(path: Path, rows: pa.Table, schema: pa.Schema) -> None:
    """Write rows as one row group.

    Numbers are nearly all different: a dictionary of them would cost time and save no room.  The least and the greatest text of rows in no order
    let no reader pass over any, and cost as much as the text itself, so that only numbers and days have them.
    """
    kinds = pa.types
    coded = [each.name for each in schema if not (kinds.is_floating(each.type) or kinds.is_integer(each.type) or kinds.is_decimal(each.type))]
    ordered = [each.name for each in schema if kinds.is_primitive(each.type) or kinds.is_decimal(each.type)]
    with pq.ParquetWriter(path, rows.schema, use_dictionary=coded, write_statistics=ordered, store_schema=False) as writer:
        writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(schema.serialize())})
        writer.write_table(rows, row_group_size=max(rows.num_rows, 1))


def _name(number: int) -> str:
    return f"{number:08}"


def _write_whole(path: Path, data: Any) -> None:
    """Write JSON whole or not at all."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(data), encoding="utf-8")
    half.replace(path)


def _lock(path: Path) -> int:
    """Hold a file for as long as this process lives, so that no other run writes to the same parts."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # a system without such locks
        return handle
    except OSError:
        os.close(handle)
        raise TariffError(f"another run is writing to {path.parent}: wait for it to end") from None
    return handle


def _tell(error: BaseException, sentence: str) -> None:
    """Add a sentence to the message of an error."""
    if isinstance(error, OSError) and error.strerror:
        error.strerror = f"{error.strerror}; {sentence}"
    elif error.args and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}; {sentence}", *error.args[1:])
    else:
        error.add_note(sentence)
