"""Files that are written: none is under its name before it is complete, no input is lost, and two runs never
write to one name.

What a run writes goes to hidden files of random names in the same folder, is synced to the disk, and takes
its names at the end.  As long as a run lasts it holds a lock of every name that it may write; a second run of
the same target is refused.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tariffcalc.errors import ShipmentError, TariffError

STANDARD_INPUT = "-"
_MARK = ".tariffcalc-"  # of every hidden file that is made here
_LONGEST = 180  # bytes of a name that a hidden name repeats; a file system allows 255


class Targets:
    """The files that one run may write, the main one first.

    A context: it locks the names.  ``complete`` gives the finished files their names; without it nothing is
    left.

    Parameters
    ----------
    names
        The files.  The folder must be there; links are followed.
    inputs
        The files that are read, "-" for standard input; none of them may be among the names.

    Raises
    ------
    ShipmentError
        For a name that would replace an input, or cannot be written.
    """

    def __init__(self, names: Sequence[Path], inputs: Iterable[str | Path] = ()) -> None:
        main = names[0]
        if not main.parent.is_dir():
            raise ShipmentError(f"{main}: there is no folder {main.parent}")
        self._real = {name: name.resolve() for name in names}
        taken: dict[tuple[int, int] | None, Path] = {}
        for name, real in self._real.items():
            if real.is_dir():
                raise ShipmentError(f"{name} is a folder: give the name of a file")
            if real.exists():
                taken[_identity(real)] = name
        for each in inputs:
            identity = _identity_of_input(each)
            if identity in taken and identity is not None:
                name = taken[identity]
                what = "the output" if name == main else f"{name}, which is written beside {main},"
                raise ShipmentError(f"{main}: {what} would replace the input; give another name")
        self._locks: list[tuple[Path, int]] = []
        self._parts: dict[Path, Path] = {}

    def __enter__(self) -> Targets:
        try:
            for name, real in sorted(self._real.items()):
                self._locks.append(_lock(real, name))
                _remove_left_over(real)
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts.values():
            part.unlink(missing_ok=True)
        self._parts.clear()
        self._unlock()

    def part(self, name: Path) -> Path:
        """The hidden file that becomes the one of this name; made, with the rights of a new file, when it is
        first asked for."""
        if name not in self._parts:
            part = _hidden(self._real[name], secrets.token_hex(8))
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            self._parts[name] = part
        return self._parts[name]

    def complete(self) -> None:
        """Sync the files that were made and give them their names, the main one last."""
        for part in self._parts.values():
            sync(part)
        for name in reversed(self._real):
            if name in self._parts:
                os.replace(self._parts.pop(name), self._real[name])
        sync_folder(next(iter(self._real.values())).parent)

    def _unlock(self) -> None:
        while self._locks:
            path, handle = self._locks.pop()
            path.unlink(missing_ok=True)
            os.close(handle)


def write_whole(path: str | Path, text: str, inputs: Iterable[str | Path] = ()) -> None:
    """Write a text file whole or not at all."""
    name = Path(path)
    with Targets([name], inputs) as targets:
        targets.part(name).write_text(text, encoding="utf-8", newline="")
        targets.complete()


def sync(path: Path) -> None:
    """Have the bytes of a file written to the disk."""
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Have the names of a folder written to the disk, where the system can."""
    if os.name == "posix":
        sync(folder)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _identity_of_input(given: str | Path) -> tuple[int, int] | None:
    """Which file an input is; None where it is none."""
    try:
        status = os.fstat(sys.stdin.fileno()) if given == STANDARD_INPUT else os.stat(given)
    except (OSError, ValueError):  # not there, or no file of the system
        return None
    return status.st_dev, status.st_ino


def _hidden(path: Path, ending: str) -> Path:
    """A hidden name beside a file, which no user gives to a file of theirs."""
    name = path.name
    if len(name.encode()) > _LONGEST:
        name = f"{name[:40]}-{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"
    return path.with_name(f".{name}{_MARK}{ending}")


def _remove_left_over(path: Path) -> None:
    """Remove what a run that was killed has left; whoever calls holds the lock, so that nobody
    writes to it."""
    lead = _hidden(path, "").name
    for each in os.scandir(path.parent):
        token = each.name.removeprefix(lead)
        if each.name.startswith(lead) and len(token) == 16 and not set(token) - set("0123456789abcdef"):
            Path(each.path).unlink(missing_ok=True)


def _lock(path: Path, shown: Path) -> tuple[Path, int]:
    """Hold the lock of a name for as long as this process lives; the lock's file, and its handle."""
    file = _hidden(path, "lock")
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise TariffError(
                f"another run is writing to {shown}: wait for it to end, or give another name"
            ) from None
        except (ImportError, OSError):  # a system or a disk without such locks
            return file, handle
        held = os.fstat(handle)
        if _identity_of_input(file) == (held.st_dev, held.st_ino):
            return file, handle
        os.close(handle)  # the run that held it has just ended and removed the file
