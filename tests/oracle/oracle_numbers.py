"""What a row of a list names, a second time: the goods of a number are followed back to the numbers they had
when the row was written.

The engine goes forward, from what a list names to its successors; this goes back, from the number declared to
those it came from, and shares no code with it.  Goods of a number that took the place of several are named
for certain only where each of those is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tariffcalc.law.schedule import Renumbered
from tariffcalc.law.selection import Member


class Numbers:
    """The table of renumbered lines of a law, asked for one code at a time."""

    def __init__(self, rows: Sequence[Renumbered]) -> None:
        self._came_from: dict[str, list[Renumbered]] = {}
        self._became: dict[str, list[int]] = {}
        self._went_to: dict[str, list[Renumbered]] = {}
        for row in rows:
            self._came_from.setdefault(row.new, []).append(row)
            self._became.setdefault(row.old, []).append(row.day)
            self._went_to.setdefault(row.old, []).append(row)

    def gone(self, item: str, written: int, day: int) -> bool:
        """Whether a number as written on one day was no longer that of its goods on a later one."""
        return any(written < each <= day for each in self._became.get(item, ()))

    def _given_up(self, code: str, day: int) -> int:
        """The day by which a number had become others, and is given to no goods since; 0 where it
        still is."""
        last = max((each for each in self._became.get(code, ()) if each <= day), default=0)
        return (
            last if last and not any(last <= row.day <= day for row in self._came_from.get(code, ())) else 0
        )

    def names(self, members: Iterable[Member], code: str, day: int) -> bool | None:
        """Whether rows of a list, all in force on a day, name goods of a code; None where they name only some
        of what it took the place of."""
        found = list(members)
        if any(code.startswith(each.item) and not self.gone(each.item, each.start, day) for each in found):
            return True
        given_up = self._given_up(code, day)
        # goods that got the number before keep it: named as on its last day, and by rows since as far as all
        # that it became is
        if given_up:
            earlier = self.names([each for each in found if each.start < given_up], code, given_up - 1)
            since = [each for each in found if each.start >= given_up]
            became = {self.names(since, row.new, day) for row in self._went_to[code] if row.day == given_up}
            return (
                True
                if earlier or became == {True}
                else False
                if earlier is False and became == {False}
                else None
            )
        taken = [row for row in self._came_from.get(code, ()) if row.day <= day]
        if not taken or not found:
            return False
        last = max(row.day for row in taken)
        before = [each for each in found if each.start < last]
        answers = {self.names(before, row.old, last - 1) for row in taken if row.day == last}
        return answers.pop() if len(answers) == 1 else None
