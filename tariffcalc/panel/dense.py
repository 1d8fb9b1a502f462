"""Dense panels: a row for each day, tariff line and origin, filled by gathering from the distinct answers of
the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.assumptions import AssumedFacts
from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.finest_lines import FinestLines
from tariffcalc.engine.threads import each_in_parallel, parts_of
from tariffcalc.errors import ShipmentError
from tariffcalc.moments import show_moment
from tariffcalc.panel.answers import ASSUMED, Kinds, Outcomes
from tariffcalc.panel.limits import OUTSIDE, PanelLimits
from tariffcalc.panel.output import Coded, Part, narrow
from tariffcalc.panel.request import PanelRequest

_BLOCK = 1 << 16  # rows gathered together, so that their places among the answers stay in a core's cache
_PART = 1 << 19  # rows of a part


class Dense:
    """A panel of some days; all its parts have the same columns."""

    def __init__(self, asked: PanelRequest, entered: Sequence[Any]) -> None:
        if not len(entered):
            raise ShipmentError("no day is asked for: give a list of days")
        self.asked = asked
        self._entered = [show_moment(moment) for moment in asked.on_days(entered).entered.tolist()]
        twice = [day for day in self._entered if self._entered.count(day) > 1]
        if twice:
            raise ShipmentError(f"the day {twice[0]} is asked for twice: keep one of them")
        self._assumed = AssumedFacts()
        self._last: tuple[int, _Day] | None = None
        self._limits = PanelLimits(asked)
        self._lines: list[int] = []
        programs: set[int] = set()
        held = np.zeros(len(asked.law.codes.codes), bool)
        for number in range(len(self._entered)):
            day = self._day(number)
            self._lines.append(len(day.rows))
            programs.update(day.programs_with_postings())
            held[asked.law.segments.code[day.rows]] = True
        self._programs, self._place_of_code = sorted(programs), np.cumsum(held) - 1
        self._codes = [asked.law.codes.codes[code] for code in np.flatnonzero(held)]

    def __len__(self) -> int:
        return sum(self._lines) * len(self.asked.origins)

    def whole(self) -> Part:
        """All rows at once."""
        edges = np.cumsum([0, *self._lines]) * len(self.asked.origins)
        part = self._empty(len(self))
        for number, (start, stop) in enumerate(pairwise(edges.tolist())):
            self._fill(part, number, slice(0, self._lines[number]), slice(start, stop))
        return part

    def parts(self) -> Iterator[Part]:
        """Some lines of one day at a time, in order."""
        for number in range(len(self._entered)):
            for lines in self._stretches(number):
                part = self._empty((lines.stop - lines.start) * len(self.asked.origins))
                self._fill(part, number, lines, slice(0, len(part)))
                yield part

    @property
    def count(self) -> int:
        """The number of parts."""
        return sum(len(self._stretches(number)) for number in range(len(self._entered)))

    def _stretches(self, number: int) -> list[slice]:
        step, size = max(_PART // len(self.asked.origins), 1), self._lines[number]
        return [slice(start, min(start + step, size)) for start in range(0, size, step)]

    def _day(self, number: int) -> _Day:
        if self._last is None or self._last[0] != number:
            self._last = number, _Day(self.asked, self._entered[number], self._assumed)
        return self._last[1]

    def _empty(self, size: int) -> Part:
        law, asked = self.asked.law, self.asked
        names = ["duty", "effective_rate", *(law.programs[number].name for number in self._programs)]
        origins = [law.origins[origin] for origin in asked.origins]
        values = {"commodity": self._codes, "origin": origins, "entered": self._entered}
        texts = {
            name: Coded(each, np.empty(size, narrow(np.zeros(0), len(each)).dtype))
            for name, each in values.items()
        }
        if self._limits.held:
            texts[OUTSIDE] = Coded(
                self._limits.texts, narrow(np.zeros(size, np.int64), len(self._limits.texts))
            )
        texts[ASSUMED] = Coded(self._assumed.texts, np.zeros(size, np.int16))
        numbers = {"value": np.full(size, asked.value / law.minor_units)} | {
            name: np.zeros(size) for name in names
        }
        return Part(texts, {}, numbers)

    def _fill(self, part: Part, number: int, lines: slice, rows: slice) -> None:
        """Write some lines of a day, with all origins, into some rows of a part."""
        day, across = self._day(number), len(self.asked.origins)
        shape = lines.stop - lines.start, across
        part.texts["commodity"].place[rows].reshape(shape)[:] = self._place_of_code[
            self.asked.law.segments.code[day.rows[lines]], None
        ]
        part.texts["origin"].place[rows].reshape(shape)[:] = np.arange(across)
        part.texts["entered"].place[rows] = number
        if OUTSIDE in part.texts:
            part.texts[OUTSIDE].place[rows].reshape(shape)[:] = self._limits.broken(
                day.rows[lines], day.days
            )[:, None]
        owed = {name: column[rows] for name, column in part.numbers.items() if name != "value"}
        day.fill(owed | {ASSUMED: part.texts[ASSUMED].place[rows]}, lines, self._programs)


class _Answered(NamedTuple):
    """The distinct answers of a day, and how to find them: that of a line and an origin is
    ``local[goods, origin]`` after ``first``."""

    columns: dict[str, NDArray[Any]]
    first: Ints  # [lines]
    goods: Ints  # [lines]
    local: NDArray[np.int32]  # [goods, origins]


class _Day:
    """The lines of one day, and what became of them."""

    def __init__(self, asked: PanelRequest, entered: Any, assumed: AssumedFacts) -> None:
        self.days = days = asked.on_days([entered])
        self.rows = FinestLines.of(asked.law).rows(int(days[asked.law.schedule_axis][0]), goods_only=True)
        if not len(self.rows):
            raise ShipmentError(f"no tariff line is held on {entered}")
        self._kinds = kinds = Kinds(asked, days)
        in_force = np.zeros((len(kinds.goods_row), 1), bool)
        in_force[kinds.goods[self.rows]] = True
        self._outcomes = Outcomes(kinds, in_force, assumed)
        self._answered: _Answered | None = None

    def programs_with_postings(self) -> list[int]:
        """The duties that have something to say of any line."""
        return self._outcomes.programs_with_postings()

    def fill(self, columns: dict[str, NDArray[Any]], lines: slice, programs: list[int]) -> None:
        """Write the answers of some of the lines, each with all origins, into columns of as many rows."""
        found, across = self._answers(programs), len(self._kinds.origins)
        # columns begin as zeros
        owed = {name: column for name, column in columns.items() if found.columns[name].any()}

        def fill(stretch: slice) -> None:
            step = max(_BLOCK // across, 1)
            for start in range(stretch.start, stretch.stop, step):
                stop = min(start + step, stretch.stop)
                here = slice(lines.start + start, lines.start + stop)
                answer = (found.first[here, None] + found.local[found.goods[here]]).reshape(-1)
                for name, column in owed.items():
                    np.take(
                        found.columns[name], answer, out=column[start * across : stop * across], mode="clip"
                    )

        size = (lines.stop - lines.start) * across
        each_in_parallel(
            fill, [slice(part.start // across, part.stop // across) for part in parts_of(size)], size
        )

    def _answers(self, programs: list[int]) -> _Answered:
        """The answers with a column for each of some programs, worked out once."""
        if self._answered is None:
            kinds, outcomes = self._kinds, self._outcomes
            duties, place = np.unique(kinds.duties[self.rows], return_inverse=True)
            table = outcomes.answers(duties, programs)
            goods = outcomes.place[kinds.goods[self.rows]]
            self._answered = _Answered(
                table.columns, table.first[place.reshape(-1)], goods, outcomes.local[:, 0, kinds.origins]
            )
        return self._answered
