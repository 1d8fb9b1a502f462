"""A key of everything the compiled law depends on: the files of law, the code that reads and compiles them,
and Python's version.

What was read of a file is remembered beside the compiled law, with the file's size and times; a file is read
again when those are others.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from zlib import crc32

from tariffcalc.compiler.cache import read_kept, write_kept
from tariffcalc.reading.seed_files import SeedFile, seed_files

# of the package: what reads, compiles and stores
SOURCES = ("", "compiled", "compiler", "law", "reading", "stored")
_SETTLED = 3_000_000_000  # nanoseconds after which a file's times show every later change
_PACKAGE = os.path.dirname(os.path.dirname(__file__))

Stamp = list[int]


def seeds_key(folder: Path) -> str:
    """The key of the law of a folder of seeds: another for every change of what is read and of the folder's
    name, the same wherever the folder is.

    Once the code on the disk is not the code that runs, every key is another, so that nothing is kept.
    """
    sources = _sources()
    if {each.name: _stamp(each.stat) for each in sources} != _RUNNING:
        return f"{os.urandom(16).hex()}-changed"
    files = [*seed_files(folder), *sources]
    name = f"seeds-{crc32(os.path.abspath(folder).encode()):08x}.json"
    known = _known(name)
    now = time.time_ns()
    stamps = {each.name: _stamp(each.stat) for each in files}
    held = known.get("files", {})
    if (
        known.get("key")
        and held.keys() == stamps.keys()
        and all(held[file][0] == stamp for file, stamp in stamps.items())
    ):
        return str(known["key"])
    digests = {each.name: _digest(each, stamps[each.name], held) for each in files}
    key = _key_of(folder, digests)
    settled = {
        file: [stamp if _is_settled(stamp, now) else [], digests[file]] for file, stamp in stamps.items()
    }
    write_kept(name, [json.dumps({"python": sys.version, "key": key, "files": settled}).encode()])
    return key


def _sources() -> list[SeedFile]:
    found = []
    for part in SOURCES:
        with os.scandir(os.path.join(_PACKAGE, part)) as entries:
            found += [
                SeedFile(f"code/{part}/{each.name}", each.path, each.stat())
                for each in entries
                if each.name.endswith(".py")
            ]
    return found


def _known(name: str) -> dict[str, Any]:
    """What was remembered of the files; nothing where it is of another Python, or cannot be read."""
    kept = read_kept(name)
    try:
        known = json.loads(bytes(kept)) if kept is not None else {}
        return (
            known
            if isinstance(known, dict)
            and known.get("python") == sys.version
            and isinstance(known.get("files"), dict)
            else {}
        )
    except ValueError:
        return {}


def _stamp(stat: os.stat_result) -> Stamp:
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


_RUNNING = {each.name: _stamp(each.stat) for each in _sources()}  # the code as it was when it was imported


def _is_settled(stamp: Stamp, now: int) -> bool:
    """Whether a later change of the file must show in its times: it was not changed within the grain of the
    clock of its disk."""
    return max(stamp[1], stamp[2]) < now - _SETTLED


def _digest(file: SeedFile, stamp: Stamp, held: dict[str, Any]) -> str:
    import hashlib

    known = held.get(file.name)
    if known and known[0] == stamp:
        return str(known[1])
    try:
        with open(file.path, "rb") as stream:
            return hashlib.blake2b(stream.read(), digest_size=16).hexdigest()
    except OSError:
        return "unreadable"  # the reader says so


def _key_of(folder: Path, digests: dict[str, str]) -> str:
    import hashlib

    said = json.dumps([sys.version, os.path.basename(os.path.abspath(folder)), sorted(digests.items())])
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
