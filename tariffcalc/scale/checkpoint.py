"""The finished parts of a run that is not finished: a hidden folder beside the target, from which a run that
was cut off goes on.

The folder ``.NAME.partial`` holds a manifest (the law, the options, the source with its row groups) and for
each part a Parquet file of its rows, one of its problems, and last of all a small JSON file that says which
rows it holds, what they came to, and the checksums of its files.  All are on the disk before the JSON file
is.  A part without its JSON file, or whose files are not as they were written, was not finished and is made
again.  When all are there the parts become one file, which takes its name in one step.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tariffcalc.errors import ShipmentError, TariffError
from tariffcalc.io.parquet_join import join_parquet
from tariffcalc.io.problem_files import name_of_problems
from tariffcalc.io.targets import Targets, sync
from tariffcalc.scale.part_files import (
    Part,
    Record,
    check_folder,
    checksum_of,
    part_name,
    read_record,
    write_part,
    write_record,
)
from tariffcalc.views.totals import EstimateTotals

_MANIFEST = "manifest.json"


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
            check_folder(self.folder)
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
        write_record(path, self._manifest)

    def _check(self, path: Path) -> None:
        there = read_record(path)
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
            part = read_record(path)
            if path.stem != part_name(number) or (part is None and not checked):
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
            path.exists() and path.stat().st_size == size and (not checked or checksum_of(path) == checksum)
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
        name = part_name(number)
        files = {}
        for ending, part in (("rows", rows), ("problems", problems)):
            if part is not None:
                path = self.folder / f"{name}.{ending}.parquet"
                write_part(path, *part)
                sync(path)
                files[path.name] = path.stat().st_size, checksum_of(path)
        write_record(
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


def _tell(error: BaseException, sentence: str) -> None:
    """Add a sentence to the message of an error."""
    if isinstance(error, OSError) and error.strerror:
        error.strerror = f"{error.strerror}; {sentence}"
    elif error.args and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}; {sentence}", *error.args[1:])
    else:
        error.add_note(sentence)
