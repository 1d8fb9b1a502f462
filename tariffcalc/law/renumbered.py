"""What a number of an earlier day names today.

A list, an exclusion or a measure names goods by a number and a day.  Where the number has since become
others, the goods are those of its successors.  A successor that also took goods of a number that is not named
holds only some goods that are: it is named perhaps.

Goods admitted to a zone in privileged foreign status keep the number of their admission, while some programs
look at the day of entry.  So a number that no goods get any more stays named where it was, and is named by
lists of later days as far as all its successors are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tariffcalc.law.schedule import Renumbered
from tariffcalc.law.selection import Member
from tariffcalc.tags import TAGS


class Named(NamedTuple):
    """A code as written on a day [moment]: how certain that is (a place among ``TAGS``), by which acts, and
    whether all its goods are meant."""

    code: str
    written: int
    place: int = 0
    by: tuple[str, ...] = ()
    note: str = ""
    surely: bool = True


class Change(NamedTuple):
    """The tariff lines renumbered on one day [moment]: the new numbers of each old one, and the old ones of
    each new one."""

    day: int
    new_of: dict[str, set[str]]
    old_of: dict[str, set[str]]


@lru_cache(maxsize=8)  # one for each law in use
def changes_by_day(renumbered: tuple[tuple[str, str, int], ...]) -> list[Change]:
    """The days on which tariff lines were renumbered, in order; from rows of old number, new number
    and day."""
    changes: dict[int, Change] = {}
    for old, new, day in renumbered:
        change = changes.setdefault(day, Change(day, {}, {}))
        change.new_of.setdefault(old, set()).add(new)
        change.old_of.setdefault(new, set()).add(old)
    return [changes[day] for day in sorted(changes)]


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
        self._begun: dict[str, list[int]] = {}
        for new, day in self._old:
            self._begun.setdefault(new, []).append(day)

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

    def is_new(self, code: str) -> bool:
        """Whether a code was given on some day in place of another."""
        return code in self._begun

    def kept(self, named: Sequence[Named], moment: int) -> list[Named]:
        """The numbers given no more at a moment that some codes, each as written on its day, name for goods
        that got them before.

        A number is named as it was on its last day, and by what was written since as far as all its
        successors are.
        """
        found = self._on_their_last_day(named, moment)
        since: dict[str, Named] = {}
        for day in reversed(self.days):
            written = [each for each in named if each.written >= day]
            if day <= moment and written:
                here = (
                    {each.code: each for each in self.at(written, moment)}
                    | self._on_their_last_day(written, moment)
                    | since
                )
                for old in [
                    old for old, other in self._new if other == day and self._given_up(old, day, moment)
                ]:
                    said = [here.get(row.new) for row in self._new[old, day]]
                    least = max(filter(None, said), key=lambda each: each.place, default=None)
                    if least and not (old in found and found[old].surely):
                        since[old] = least._replace(
                            code=old, written=day, surely=all(each and each.surely for each in said)
                        )
        return list((found | since).values())

    def _on_their_last_day(self, named: Sequence[Named], moment: int) -> dict[str, Named]:
        """The numbers given no more at a moment that are named the moment before they became others."""
        return {
            each.code: each
            for day in self.days
            if day <= moment
            for each in self.at(named, day - 1)
            if each.written < day and self._given_up(each.code, day, moment)
        }

    def _given_up(self, code: str, day: int, moment: int) -> bool:
        """Whether a code became others on a day, and was given to no other goods up to a moment."""
        return (code, day) in self._new and not any(
            day <= begun <= moment for begun in self._begun.get(code, ())
        )

    def _successors(self, named: Named, day: int, whole: set[str]) -> Iterator[Named]:
        for row in self._new[named.code, day]:
            place = max(named.place, TAGS.index(row.tag))
            note = row.note if TAGS.index(row.tag) >= named.place else named.note
            yield Named(row.new, day, place, (*named.by, *row.by), note, whole >= self._old[row.new, day])
