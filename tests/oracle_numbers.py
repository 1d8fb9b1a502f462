"""What a row of a list names, a second time: the goods of a number are followed back to the numbers they had when the row was written.

The engine goes forward, from what a list names to its successors; this goes back, from the number declared to those it came from, and shares no
code with it.  Goods of a number that took the place of several are named for certain only where each of those is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tariffcalc.law.area import Member
from tariffcalc.law.schedule import Renumbered


class Numbers:
    """The table of renumbered lines of a law, asked for one code at a time."""

    def __init__(self, rows: Sequence[Renumbered]) -> None:
        self._came_from: dict[str, list[Renumbered]] = {}
        self._became: dict[str, list[int]] = {}
        for row in rows:
            self._came_from.setdefault(row.new, []).append(row)
            self._became.setdefault(row.old, []).append(row.day)

    def gone(self, item: str, written: int, day: int) -> bool:
        """Whether a number as written on one day was no longer that of its goods on a later one."""
        return any(written < each <= day for each in self._became.get(item, ()))

    def names(self, members: Iterable[Member], code: str, day: int) -> bool | None:
        """Whether rows of a list, all in force on a day, name goods of a code; None where they name only some of what it took the place of."""
        found = list(members)
        if any(code.startswith(each.item) and not self.gone(each.item, each.start, day) for each in found):
            return True
        taken = [row for row in self._came_from.get(code, ()) if row.day <= day]
        if not taken or not found:
            return False
        last = max(row.day for row in taken)
        before = [each for each in found if each.start < last]
        answers = {self.names(before, row.old, last - 1) for row in taken if row.day == last}
        return answers.pop() if len(answers) == 1 else None
