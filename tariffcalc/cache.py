"""Compiled law kept between runs, under the content of the seeds it was made from.

The key is a digest of every seed file, of the code that reads and compiles them, and of Python's version; a changed seed is therefore a new key, and
nothing ever has to be invalidated.  The folder is ``$TARIFFCALC_CACHE``, or ``tariffcalc`` under the user's cache folder; a cache that cannot be read
or written is done without.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

Kept = TypeVar("Kept")


def cache_folder() -> Path:
    """Where compiled law is kept."""
    given = os.environ.get("TARIFFCALC_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".cache") / "tariffcalc"


def seeds_key(folder: Path) -> str:
    """A digest of everything the compiled law depends on."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=16)
    package = Path(__file__).parent
    sources = [path for part in (".", "engine", "law", "reading") for path in sorted((package / part).glob("*.py"))]
    shared = [path for path in sorted(folder.parent.glob("*")) if path.is_file()]
    for path in [*sources, *shared, *sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".csv"))]:
        if "cases" not in path.parts:
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def kept(key: str, make: Callable[[], Kept]) -> Kept:
    """What was kept under the key, or what ``make`` makes, kept from now on."""
    path = cache_folder() / f"{key}.pickle"
    with (
        contextlib.suppress(OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, TypeError),
        path.open("rb") as stream,
    ):
        return cast(Kept, pickle.load(stream))
    made = make()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, made)
    return made


def _write(path: Path, made: Any) -> None:
    """Write whole or not at all, so that another process never reads half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    try:
        with os.fdopen(handle, "wb") as stream:
            pickle.dump(made, stream, protocol=5)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
