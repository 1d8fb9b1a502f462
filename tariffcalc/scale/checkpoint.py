"""The finished parts of a run that is not finished: a hidden folder beside the target, from which a run that
was cut off goes on.

The folder ``.NAME.partial`` holds a manifest (the law, the options, the source with its row groups) and for
each part a Parquet file of its rows, one of its problems, and last of all a small JSON file that says which
rows it holds, what they came to, and the checksums of its files.  All are on the disk before the JSON file
is.  A part without its JSON file, or whose files are not as they were written, was not finished and is made
again.  When all are there the parts become one file, which takes its name in one step.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tariffcalc.errors import ShipmentError, TariffError
from tariffcalc.io.parquet_join import join_parquet
from tariffcalc.io.problem_files import name_of_problems
from tariffcalc.io.targets import Targets, sync, sync_folder
from tariffcalc.views.totals import EstimateTotals

_MANIFEST = "manifest.json"
_OF_PARTS = re.compile(
    r"lock|manifest\.(json|half)|\d{8,}\.(json|half|(rows|problems)\.parquet)|rows|problems"
)

Record = dict[str, Any]

# rows, and the types a reader finds: text may be held by its distinct values and still be read as text
Part = tuple[pa.Table, pa.Schema]


class Checkpoint:
    """The parts of the run that makes one target; a context that lets no second run work on the same target.

    Left by an error, it keeps the finished parts, if there are any, and the error says so.

    Raises TariffError if the parts there are come from another law, other options or a source that has
    changed since, if what is written there about them is damaged, and if the folder is not one of parts;
    ShipmentError if an input is among what is written.
    """

    def __init__(
        self, target: Path, manifest: dict[str, Any], resume: bool, inputs: Iterable[Path] = ()
    ) -> None:
        self.folder = target.with_name(f".{target.name}.partial")
        self._target, self._manifest, self._resume = target, manifest, resume
        self._problems = name_of_problems(target)
        inputs = list(inputs)
        self._targets = Targets([target, self._problems], inputs)
        inside = next((each for each in inputs if each.resolve().is_relative_to(self.folder.resolve())), None)
        if inside is not None:
            raise ShipmentError(
                f"{inside} is among the unfinished parts of {target}: copy it elsewhere, or give the output"
                " another name"
            )
        self._finished: list[Record] = []
        self._made: set[int] = set()

    def __enter__(self) -> Checkpoint:
        self._targets.__enter__()
        try:
            _check_folder(self.folder)
            self.folder.mkdir(exist_ok=True)
            self._take_up()
        except BaseException:
            self._targets.__exit__()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        rows = self._rows_finished()
        if error is None or not rows:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._targets.__exit__()
        if error is not None and rows:
            kept = (
                f"the first {rows:,} rows are finished and kept in {self.folder}: resume=True (--resume) goes"
                " on from there"
            )
            _tell(error, kept)

    def _take_up(self) -> None:
        """Find the finished parts, or begin anew."""
        path = self.folder / _MANIFEST
        if self._resume and path.exists():
            self._check(path)
            self._finished = self._read_finished(checked=True)
        kept = {_MANIFEST} | {
            name for each in self._finished for name in (each["name"] + ".json", *each["files"])
        }
        for file in self.folder.iterdir():
            if file.name not in kept or (not self._finished and file.name == _MANIFEST):
                file.unlink()
        _write_record(path, self._manifest)

    def _check(self, path: Path) -> None:
        there = _read_record(path)
        if there is None:
            raise TariffError(
                f"{path} is damaged, so that the run cannot be resumed: run without resume (--resume) to"
                " begin anew"
            )
        differ = [name for name in self._manifest if there.get(name) != self._manifest[name]]
        if differ:
            raise TariffError(
                f"{self.folder} is of a run with another {' and another '.join(differ)}: it cannot be"
                " resumed; run without resume (--resume) to begin anew, or with what it was begun with"
            )

    def _read_finished(self, checked: bool = False) -> list[Record]:
        """The parts from the first row on without a gap, whose files are as they were written (``checked``:
        to the last bit)."""
        whole: list[Record] = []
        for number, path in enumerate(
            sorted(each for each in self.folder.glob("*.json") if each.name != _MANIFEST)
        ):
            part = _read_record(path)
            if path.stem != _name(number) or (part is None and not checked):
                break
            damaged = (
                path.name
                if part is None
                else next((name for name in part["files"] if not self._is_whole(part, name, checked)), None)
            )
            if part is None or damaged is not None:
                if checked:
                    message = (
                        f"{self.folder / str(damaged)} is damaged: its rows, and those of later parts, are"
                        " worked out again"
                    )
                    warnings.warn(message, UserWarning, stacklevel=2)
                break
            whole.append(part)
        return whole

    def _is_whole(self, part: Record, name: str, checked: bool) -> bool:
        path, (size, checksum) = self.folder / name, part["files"][name]
        return (
            path.exists() and path.stat().st_size == size and (not checked or _checksum_of(path) == checksum)
        )

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

    def finish(
        self,
        number: int,
        end: int,
        total: EstimateTotals,
        rows: Part | None,
        problems: Part | None,
        note: str = "",
    ) -> None:
        """Write one part, which holds the rows up to ``end``; may be called from several threads at once."""
        name = _name(number)
        files = {}
        for ending, part in (("rows", rows), ("problems", problems)):
            if part is not None:
                path = self.folder / f"{name}.{ending}.parquet"
                _write_part(path, *part)
                sync(path)
                files[path.name] = path.stat().st_size, _checksum_of(path)
        _write_record(
            self.folder / f"{name}.json",
            {"name": name, "end": end, "files": files, "note": note, "total": total.state()},
        )
        self._made.add(number)

    @property
    def notes(self) -> list[str]:
        """What the finished parts note: rows that could not be read."""
        return [part["note"] for part in self._finished if part["note"]]

    def add_up(self, total: EstimateTotals) -> None:
        """Add the totals of all parts, which are looked at once more; raises TariffError if one of them is
        not as it was written."""
        self._finished, wanted = self._read_finished(checked=True), len(self._finished) + len(self._made)
        if len(self._finished) < wanted:
            raise TariffError(f"{self.folder}: part {len(self._finished)} is not as it was written")
        for part in self._finished:
            total.merge(EstimateTotals.from_state(part["total"]))

    def join(self) -> Path | None:
        """Make the target of the parts that were added up; the file of problems, if there are any."""
        rows = self._files_of("rows")
        if not rows:
            raise ShipmentError(self.notes[0] if self.notes else "the source is empty: expected rows")
        problems = self._files_of("problems")
        if problems:
            join_parquet(problems, self._targets.part(self._problems))
        else:
            self._problems.unlink(missing_ok=True)
        join_parquet(rows, self._targets.part(self._target))
        self._targets.complete()
        return self._problems if problems else None

    def _files_of(self, ending: str) -> list[Path]:
        return [
            self.folder / name
            for part in self._finished
            for name in part["files"]
            if name.endswith(f".{ending}.parquet")
        ]


def _check_folder(folder: Path) -> None:
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


def _write_part(path: Path, rows: pa.Table, schema: pa.Schema) -> None:
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


def _name(number: int) -> str:
    return f"{number:08}"


def _checksum(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _checksum_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _write_record(path: Path, data: Record) -> None:
    """Write what is to be remembered, with its checksum: whole or not at all, and on the disk before it
    counts."""
    text = json.dumps(data)
    half = path.with_suffix(".half")
    half.write_text(json.dumps({"checksum": _checksum(text.encode()), "record": text}), encoding="utf-8")
    sync(half)
    half.replace(path)
    sync_folder(path.parent)


def _read_record(path: Path) -> Record | None:
    """What was remembered; None where the file is not as it was written."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["checksum"] != _checksum(held["record"].encode()):
            return None
        return dict(json.loads(held["record"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _tell(error: BaseException, sentence: str) -> None:
    """Add a sentence to the message of an error."""
    if isinstance(error, OSError) and error.strerror:
        error.strerror = f"{error.strerror}; {sentence}"
    elif error.args and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}; {sentence}", *error.args[1:])
    else:
        error.add_note(sentence)
