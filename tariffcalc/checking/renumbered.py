"""The rule about the table of renumbered lines: it agrees with the schedule, whose rows begin and end on its
days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tariffcalc.checking.places import finding_in
from tariffcalc.codes import dotted
from tariffcalc.errors import Finding
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.schedule import Renumbered
from tariffcalc.moments import show_moment


def d018_numbers_change_on_their_day(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D018: an old number is a tariff line until the day of its row, and its new one from it.

    A number on both sides of one day is given to other goods, and stays a line.
    """
    path, both = folder / "schedule" / "renumbered.csv", {(row.new, row.day) for row in book.renumbered}
    numbers = {number for row in book.renumbered for number in (row.old, row.new)}
    windows: dict[str, list[tuple[int, int]]] = {}
    for line in book.schedule:
        if line.code in numbers:
            windows.setdefault(line.code, []).append((line.start, line.end))

    def is_line(number: str, moment: int) -> bool:
        return any(start <= moment < end for start, end in windows.get(number, ()))

    def finding(row: Renumbered, message: str) -> Finding:
        return finding_in(
            "D018", message, path, folder, {"old": row.old, "new": row.new, "on_or_after": row.day}
        )

    for row in book.renumbered:
        if not is_line(row.old, row.day - 1):
            yield finding(row, f"{dotted(row.old)} is no tariff line the day before {show_moment(row.day)}")
        elif is_line(row.old, row.day) and (row.old, row.day) not in both:
            yield finding(row, f"{dotted(row.old)} is still a tariff line on {show_moment(row.day)}")
        if not is_line(row.new, row.day):
            yield finding(row, f"{dotted(row.new)} is no tariff line from {show_moment(row.day)} on")
