"""The public names and signatures of the library as text: ``python tests/api/public_api.py`` writes
``public_api.txt``, which a test compares.

A change of that file is a change for everybody who uses the library: it belongs in the changelog.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

import tariffcalc as tc

KEPT = Path(__file__).with_suffix(".txt")


def signatures() -> dict[str, str]:
    """Each public name with its signature and, for a class, those of its members, a line each."""
    return {
        name: "\n".join([name + _signature(getattr(tc, name)), *_members(getattr(tc, name))])
        for name in sorted(tc.__all__)
    }


def _members(found: object) -> Iterator[str]:
    if not inspect.isclass(found):
        return
    if issubclass(found, BaseModel):
        yield from (
            f"  {name}: {annotation}"
            for name, annotation in inspect.get_annotations(found).items()
            if name in found.model_fields
        )
    for name in sorted(set(dir(found)) - set(dir(BaseModel)) - set(dir(Exception))):
        if not name.startswith("_"):
            yield f"  {name}{_signature(inspect.getattr_static(found, name))}"


def _signature(found: object) -> str:
    if inspect.isclass(found) and issubclass(found, BaseModel):
        return ""
    if isinstance(found, property | cached_property):
        function = found.fget if isinstance(found, property) else found.func
        return f" -> {inspect.get_annotations(function)['return']}"  # type: ignore[arg-type]
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    if not callable(found) or (inspect.isclass(found) and issubclass(found, Exception)):
        return ""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(found)))


def text() -> str:
    """The whole text."""
    return "\n\n".join(signatures().values()) + "\n"


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
