"""Compiled law kept between runs, in a folder that only its user can read or write.

The folder is ``laws`` in ``$TARIFFCALC_CACHE``, or in ``tariffcalc`` under the user's cache folder.  What is
kept cannot execute, carries a check sum, and is read only where its file and folder belong to the user and
nobody else may write there; anything else is made again.  A cache that cannot be read or written is done
without.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from tariffcalc.errors import StoredError

Held = TypeVar("Held")

LAW, BOOK, FILES = ".law", ".book", ".json"
MOST = {LAW: 12, BOOK: 4, FILES: 32}  # the newest of each are kept
_PART = ".part"
_OLDEST_PART = 3600  # seconds


def cache_folder() -> Path:
    """Where compiled law is kept."""
    given = os.environ.get("TARIFFCALC_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".cache") / "tariffcalc"


def kept(
    name: str,
    make: Callable[[], Held],
    pack: Callable[[Held, str], Iterable[bytes]],
    unpack: Callable[[Any, str], Held],
    still: Callable[[], bool],
) -> Held:
    """What is kept under a name, or what ``make`` makes, kept from now on if the name is ``still`` the right
    one when it is made."""
    found = read_kept(name)
    if found is not None:
        with contextlib.suppress(StoredError):
            return unpack(found, name)
    made = make()
    if still():
        write_kept(name, pack(made, name))
    return made


def read_kept(name: str) -> mmap.mmap | None:
    """The bytes kept under a name; None where there are none, or where the file or its folder is not the
    user's alone."""
    folder = _laws()
    try:
        if not _is_ours(os.lstat(folder), stat.S_ISDIR):
            return None
        handle = os.open(
            folder / name,
            os.O_RDONLY
            | getattr(os, "O_NOFOLLOW", 0)
            | getattr(os, "O_CLOEXEC", 0)
            | getattr(os, "O_BINARY", 0),
        )
        try:
            held = os.fstat(handle)
            if not _is_ours(held, stat.S_ISREG) or not held.st_size:
                return None
            with contextlib.suppress(OSError):
                os.utime(folder / name)  # it is in use: others go first
            return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return None


def write_kept(name: str, pieces: Iterable[bytes]) -> None:
    """Keep bytes under a name: whole or not at all, so that another process never reads an incomplete file;
    old entries are deleted."""
    folder = _laws()
    with contextlib.suppress(OSError):
        if not _made_ours(folder):
            return
        part = folder / f"{os.getpid()}-{os.urandom(8).hex()}{_PART}"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.writelines(pieces)
            os.replace(part, folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
        _remove_old(folder)


def is_kept(name: str) -> bool:
    """Whether something is kept under a name."""
    return (_laws() / name).is_file()


def _laws() -> Path:
    return cache_folder() / "laws"


def _is_ours(held: os.stat_result, kind: Callable[[int], bool]) -> bool:
    """Whether a file or folder is of the right kind and belongs to the user, and nobody else may do anything
    with it."""
    if os.name == "nt":
        return kind(held.st_mode)
    return kind(held.st_mode) and held.st_uid == os.geteuid() and not held.st_mode & 0o077


def _made_ours(folder: Path) -> bool:
    """Make the folder if it is not there; False where another user made it.  One that others may enter is
    closed, and emptied."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    held = os.lstat(folder)
    if _is_ours(held, stat.S_ISDIR):
        return True
    if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.geteuid():
        return False
    os.chmod(folder, 0o700)
    for path in folder.iterdir():
        if path.suffix in MOST or path.suffix == _PART:
            path.unlink(missing_ok=True)
    return True


def _remove_old(folder: Path) -> None:
    """Remove all but the newest of each kind, and the unfinished files of processes that are gone."""
    held: dict[str, list[tuple[int, str]]] = {kind: [] for kind in MOST}
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                ending = os.path.splitext(entry.name)[1]
                changed = entry.stat(follow_symlinks=False).st_mtime_ns
                if ending in held:
                    held[ending].append((changed, entry.path))
                elif ending == _PART and (time.time() - changed / 1e9 > _OLDEST_PART or _is_gone(entry.name)):
                    os.unlink(entry.path)
    for kind, found in held.items():
        for _, path in sorted(found, reverse=True)[MOST[kind] :]:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _is_gone(name: str) -> bool:
    """Whether the process that began an unfinished file has ended; unknown where a process cannot be asked
    for without ending it."""
    number = name.partition("-")[0]
    if os.name == "nt" or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
