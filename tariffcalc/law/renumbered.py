"""What a number of an earlier day names today.

A list, an exclusion or a measure names goods by a number and a day.  Where the number has since become others, the goods are those of its
successors.  A successor that also took goods of a number that is not named holds only some goods that are: it is named perhaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tariffcalc.law.area import Member
from tariffcalc.law.schedule import Renumbered
from tariffcalc.tags import TAGS


class Named(NamedTuple):
    """A code as written on a day [moment]: how certain that is (a place among ``TAGS``), by which acts, and whether all its goods are meant."""

    code: str
    written: int
    place: int = 0
    by: tuple[str, ...] = ()
    note: str = ""
    surely: bool = True


class Successors:
    """The table of renumbered lines, by old and by new number."""

    def __init__(self, rows: Sequence[Renumbered]) -> None:
        self.days = tuple(sorted({row.day for row in rows}))
        self._new: dict[tuple[str, int], list[Renumbered]] = {}
        self._old: dict[tuple[str, int], set[str]] = {}
        for row in rows:
            self._new.setdefault((row.old, row.day), []).append(row)
            self._old.setdefault((row.new, row.day), set()).add(row.old)
        self._ended = {old: max(day for other, day in self._new if other == old) for old, _ in self._new}

    def may_move(self, member: Member) -> bool:
        """Whether a row of a list names a number that became others after the row began."""
        return member.start < self._ended.get(member.item, member.start)

    def retired(self, codes: Iterable[str]) -> frozenset[str]:
        """Those of some codes that became others on some day."""
        return frozenset(code for code in codes if code in self._ended)

    def at(self, named: Iterable[Named], moment: int) -> list[Named]:
        """What some codes, each as written on its day, name at a moment."""
        here = list(named)
        for day in self.days:
            if day > moment:
                break
            moved = [each for each in here if each.written < day and (each.code, day) in self._new]
            if moved:
                whole = {each.code for each in moved if each.surely}
                here = [each for each in here if each not in moved]
                here += [successor for each in moved for successor in self._successors(each, day, whole)]
        return here

    def _successors(self, named: Named, day: int, whole: set[str]) -> Iterator[Named]:
        for row in self._new[named.code, day]:
            place = max(named.place, TAGS.index(row.tag))
            note = row.note if TAGS.index(row.tag) >= named.place else named.note
            yield Named(row.new, day, place, (*named.by, *row.by), note, whole >= self._old[row.new, day])
