"""The rule about what is left of the skeleton of a new program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tariffcalc.errors import Finding
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.entries import shown_path

TO_FILL_IN = "D022"
_PARTS = ("acts", "cases", "coverage", "facts", "programs", "stacking")
_TODO = re.compile(r"\bTODO\b")
_COMMENT = re.compile(r"# *TODO\b")  # of a whole line; others speak of such lines


def d022_nothing_is_left_to_fill_in(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D022: no line of a file is marked TODO, as the skeleton of a new program marks what is to be filled
    in."""
    for part in _PARTS:
        for path in sorted((folder / part).glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if _TODO.search(text) is None:
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if _TODO.search(line) and (not line.startswith("#") or _COMMENT.match(line)):
                    given = " ".join(line.split())
                    message = f"marked TODO: fill in, or remove: {given[:80]}{'...' if given[80:] else ''}"
                    yield Finding(TO_FILL_IN, message, shown_path(path, folder), number)
