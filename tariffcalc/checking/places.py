"""Where in the tables of the seeds a row is.

The models of tables of many thousand rows do not keep their lines; a rule that finds something looks the line
up.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tariffcalc.errors import Finding
from tariffcalc.law.schedule import TariffLine
from tariffcalc.moments import ALWAYS, parse_moment
from tariffcalc.reading.entries import shown_path

_CODES = ("code", "old", "new", "heading")


def finding_in(rule: str, message: str, path: Path, folder: Path, cells: Mapping[str, str | int]) -> Finding:
    """A finding about the last row of a table with these cells; the day a row begins is given as a moment."""
    line = _line_of_row(path, path.stat().st_mtime_ns, tuple(cells.items())) if path.is_file() else 0
    return Finding(rule, message, shown_path(path, folder), line or 1)


def chapter(folder: Path, line: TariffLine) -> Path:
    """The table of the schedule that holds a tariff line."""
    return folder / "schedule" / f"chapter-{line.code[:2]}.csv"


def first_line(path: Path, begins: str) -> int:
    """The first line of a file that begins so; 1 where none does."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else ()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(begins)), 1)


@lru_cache(maxsize=8)
def _rows(path: Path, _: int) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        return [(reader.line_num, row) for row in reader]


def _line_of_row(path: Path, written: int, cells: tuple[tuple[str, str | int], ...]) -> int:
    found = (
        line
        for line, row in _rows(path, written)
        if all(_plain(name, row.get(name) or "") == value for name, value in cells)
    )
    return max(found, default=0)


def _plain(name: str, cell: str) -> str | int:
    if name in ("from", "on_or_after"):
        return parse_moment(cell) if cell else ALWAYS
    return cell.replace(".", "") if name in _CODES else cell
