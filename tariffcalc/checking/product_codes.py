"""The rules about codes of goods: each covers a tariff line of the schedule on a day on which it counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from tariffcalc.checking.places import finding_in
from tariffcalc.codes import dotted
from tariffcalc.errors import Finding
from tariffcalc.law.measure import Measure
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import NEVER, show_moment
from tariffcalc.windows import Window

_NEAREST = 4


class Numbers:
    """The numbers of a schedule in order, each with its days, and what became of each."""

    def __init__(self, book: Rulebook) -> None:
        self._book = book
        self._rows = sorted((line.code, line.start, line.end) for line in book.schedule)
        self._codes = [code for code, _, _ in self._rows]
        self._became: dict[str, list[tuple[str, int]]] = {}
        for row in book.renumbered:
            self._became.setdefault(row.old, []).append((row.new, row.day))

    def are_lines(self, code: str, days: Window, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a code, or a number that its goods have later, covers a line on one of some days."""
        place = bisect_left(self._codes, code)
        while place < len(self._codes) and self._codes[place].startswith(code):
            _, start, end = self._rows[place]
            if start < days.before and days.on_or_after < end:
                return True
            place += 1
        return self._may_be_new(code, days) or any(
            self.are_lines(new, later, seen | {code})
            for new, day in self._became.get(code, ())
            if new not in seen and (later := days.overlap(Window(on_or_after=day))) is not None
        )

    def _may_be_new(self, code: str, days: Window) -> bool:
        """Whether a long number may come on a day of which no schedule is held any more."""
        known = self._book.territory.statistical_lines_held_before
        return len(code) > 8 and days.before > known and code[:8] in self._eights

    @cached_property
    def _eights(self) -> frozenset[str]:
        return frozenset(code[:8] for code in self._codes)

    def instead(self, code: str) -> str:
        """What to write instead: the days of a line of other days, or else the nearest codes."""
        place = bisect_left(self._codes, code)
        if place < len(self._codes) and self._codes[place].startswith(code):
            _, start, end = self._rows[place]
            until = "" if end == NEVER else f" before {show_moment(end)}"
            return f": it is one from {show_moment(start)}{until}"
        for digits in range(len(code) - 1, 1, -1):
            around = [each for each in self._under(code[:digits]) if each >= code] or self._under(
                code[:digits]
            )
            near = list(dict.fromkeys(each[: len(code)] for each in around))[:_NEAREST]
            if near:
                return f": the nearest codes are {', '.join(map(dotted, near))}"
        return ""

    def _under(self, prefix: str) -> list[str]:
        start, end = (bisect_left(self._codes, each) for each in (prefix, prefix + "~"))
        return self._codes[start:end]


def d004_list_codes_exist(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D004: every code of a list covers a tariff line of the schedule on one of the days of its row, or the
    row says "historical" in the note."""
    numbers = Numbers(book)
    for named in book.lists.values():
        for member in named.members:
            days = Window.model_construct(on_or_after=member.start, before=member.end)
            if "historical" not in member.note and not numbers.are_lines(member.item, days):
                message = (
                    f"{dotted(member.item)} covers no tariff line of the schedule on the days of its"
                    f" row{numbers.instead(member.item)}"
                )
                yield finding_in(
                    "D004",
                    message,
                    folder / "lists" / named.file,
                    folder,
                    {"code": member.item, "from": member.start},
                )


def d021_codes_of_measures_exist(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D021: every code that a measure takes or leaves out covers a tariff line of the schedule on a day on
    which the measure is in force, or a note of the measure or of a spell names the code and says why not."""
    numbers = Numbers(book)
    for program in book.programs.values():
        for measure in program.measures:
            for code in _codes_without_lines(measure, numbers, book.territory.held):
                message = (
                    f"{program.program}/{measure.id}: {dotted(code)} covers no tariff line of the schedule on"
                    f" a day of the measure{numbers.instead(code)}"
                )
                yield Finding("D021", message, measure.file, measure.line)


def _codes_without_lines(measure: Measure, numbers: Numbers, held: Window) -> Iterable[str]:
    items = (*measure.products.items, *measure.products.except_items)
    if not items:
        return
    days = [days for spell in measure.history if (days := spell.entered.overlap(held)) is not None]
    notes = " ".join((measure.note, *(spell.note for spell in measure.history)))
    for code in items:
        if dotted(code) not in notes and days and not any(numbers.are_lines(code, each) for each in days):
            yield code
