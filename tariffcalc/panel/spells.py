"""Panels by change: for each tariff line and origin a row per spell of days over which the answer stays the
same.

Nothing changes but on the days on which some rule or some row of the schedule begins or ends.  Answers of
neighbouring stretches of days are compared, and what stays the same becomes one row; the lines are taken a
part at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.assumptions import AssumedFacts
from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.finest_lines import FinestLines
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.errors import ShipmentError
from tariffcalc.moments import EPOCH, day_of, parse_moment, show_moment
from tariffcalc.panel.answers import ASSUMED, Kinds, Outcomes
from tariffcalc.panel.limits import SEASON, PanelLimits
from tariffcalc.panel.output import Coded, Part, narrow
from tariffcalc.panel.request import PanelRequest

_PART = 1 << 22  # lines, origins and stretches of days compared at a time


class Spells:
    """A panel by change within a window of days; all its parts have the same columns."""

    def __init__(self, asked: PanelRequest, on_or_after: Any = None, before: Any = None) -> None:
        law, self.asked, self._assumed = asked.law, asked, AssumedFacts()
        first, last = _window(asked, on_or_after, before)
        self._starts = [first, *(day for day in days_of_change(law) if first < day < last)]
        self._edges = np.array([(day - EPOCH).days for day in (*self._starts, last)], np.int64)
        days = asked.on_days(self._starts)
        rows = np.full((len(law.codes.codes), len(self._starts)), -1, np.int64)
        for place, moment in enumerate(days[law.schedule_axis].tolist()):
            finest = FinestLines.of(law).rows(moment, goods_only=True)
            rows[law.segments.code[finest], place] = finest
        held = np.flatnonzero((rows >= 0).any(axis=1))
        if not len(held):
            raise ShipmentError(f"no tariff line is held from {first} to before {last}")
        self._codes = [law.codes.codes[code] for code in held]
        self._limits = PanelLimits(asked)
        self._seasons = self._limits.seasons(held)
        self._rows = rows[held]  # of the schedule [codes, stretches], -1 where the code is not a line then
        self._kinds = kinds = Kinds(asked, days)
        in_force = np.zeros((len(kinds.goods_row), len(self._starts)), bool)
        code, stretch = np.nonzero(self._rows >= 0)
        in_force[kinds.goods[self._rows[code, stretch]], stretch] = True
        self._outcomes = Outcomes(kinds, in_force, self._assumed)
        self._programs = self._outcomes.programs_with_postings()
        step = max(_PART // (len(asked.origins) * len(self._starts)), 1)
        self._stretches = [slice(start, start + step) for start in range(0, len(self._codes), step)]

    @property
    def count(self) -> int:
        """The number of parts."""
        return len(self._stretches)

    def parts(self) -> Iterator[Part]:
        """All spells of some tariff lines at a time, in the order of code, origin and day."""
        yield from map(self._part, self._stretches)

    def whole(self) -> Part:
        """All rows at once."""
        parts = list(self.parts())
        first = parts[0]
        texts = {
            name: Coded(column.values, np.concatenate([part.texts[name].place for part in parts]))
            for name, column in first.texts.items()
        }
        days = {name: np.concatenate([part.days[name] for part in parts]) for name in first.days}
        numbers = {
            name: np.concatenate([part.numbers.pop(name) for part in parts]) for name in list(first.numbers)
        }
        return Part(texts, days, numbers)

    def _part(self, codes: slice) -> Part:
        rows, kinds, law = self._rows[codes], self._kinds, self.asked.law
        answer, table = self._answers(rows)
        line, kind, start, stop, number = _runs(answer, table)
        across, ways = len(self.asked.origins), len(kinds.origin_of)
        count = np.bincount(line * ways + kind, minlength=len(rows) * ways).reshape(len(rows), ways)
        first = (np.cumsum(count) - count.reshape(-1)).reshape(count.shape)
        of_origin = count[:, kinds.origins].reshape(-1)  # spells of each line and origin
        before = np.cumsum(of_origin) - of_origin
        spell = np.repeat(first[:, kinds.origins].reshape(-1) - before, of_origin)
        spell += np.arange(len(spell))
        lines = np.repeat(np.arange(len(rows)) + codes.start, of_origin.reshape(-1, across).sum(axis=1))
        origins = np.repeat(np.tile(np.arange(across), len(rows)), of_origin)
        texts = {
            "commodity": Coded(self._codes, narrow(lines, len(self._codes))),
            "origin": Coded([law.origins[origin] for origin in self.asked.origins], narrow(origins, across)),
            ASSUMED: Coded(self._assumed.texts, table.pop(ASSUMED)[number[spell]]),
        }
        if self._limits.held:
            texts[SEASON] = Coded(self._limits.texts, self._seasons[lines])
        days = {"on_or_after": self._edges[start][spell], "before": self._edges[stop][spell]}
        place = number[spell]
        numbers = {"value": np.full(len(spell), self.asked.value / law.minor_units)} | {
            name: column[place] for name, column in table.items()
        }
        return Part(texts, days, numbers)

    def _answers(self, rows: Ints) -> tuple[NDArray[np.int32], dict[str, NDArray[Any]]]:
        """The distinct answers of some lines, and the number of the answer of each [lines, stretches, kinds
        of origin], -1 where it is no line."""
        kinds, outcomes = self._kinds, self._outcomes
        code, stretch = np.nonzero(rows >= 0)
        row = rows[code, stretch]
        duties, place = np.unique(kinds.duties[row], return_inverse=True)
        table = outcomes.answers(duties, self._programs)
        answer = np.full((*rows.shape, len(kinds.origin_of)), -1, np.int32)
        answer[code, stretch] = outcomes.local[outcomes.place[kinds.goods[row]], stretch] + table.first[
            place.reshape(-1)
        ][:, None].astype(np.int32)
        return answer, table.columns


def _runs(answer: NDArray[np.int32], table: dict[str, NDArray[Any]]) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The longest runs of stretches with one answer, in order: line, kind of origin, first stretch, the
    stretch after the last, answer."""
    _, stretches, ways = answer.shape
    begins = np.ones(answer.shape, bool)
    begins[:, 1:] = answer[:, 1:] != answer[:, :-1]
    later = np.flatnonzero(begins[:, 1:] & (answer[:, 1:] >= 0) & (answer[:, :-1] >= 0))
    line, rest = np.divmod(later, (stretches - 1) * ways)
    place = line * stretches * ways + rest
    flat = answer.reshape(-1)
    begins.reshape(-1)[place + ways] = _differ(table, flat[place], flat[place + ways])
    turned = np.flatnonzero(begins.transpose(0, 2, 1))
    pair, start = np.divmod(turned, stretches)
    stop = np.append(np.where(pair[1:] == pair[:-1], start[1:], stretches), stretches)
    line, kind = np.divmod(pair, ways)
    number = answer[line, start, kind]
    live = number >= 0
    return line[live], kind[live], start[live], stop[live], number[live].astype(np.int64)


def _differ(table: dict[str, NDArray[Any]], before: Ints, after: Ints) -> Bools:
    """Whether two answers differ in any amount or in what was assumed; unknown is one answer, and another
    than any amount."""
    differ = np.zeros(len(before), bool)
    for column in table.values():
        amounts = np.nan_to_num(column, nan=-1.0)
        differ |= amounts[before] != amounts[after]
    return differ


def days_of_change(law: CompiledLaw) -> list[date]:
    """The first day held, and every later one on which some rule, row of the schedule or membership begins or
    ends."""
    start, end = law.held
    edges = np.unique(np.concatenate([*law.day_cuts, law.spi_cuts, law.segments.start, law.segments.end]))
    return sorted({day_of(start), *(day_of(edge) for edge in edges.tolist() if start <= edge < end)})


def _window(asked: PanelRequest, on_or_after: Any, before: Any) -> tuple[date, date]:
    """The first day of the panel and the day before which it ends; goods entered before they were loaded,
    exported or admitted are none."""
    start, end = asked.law.held
    held = f"the law of {asked.law.title} is held from {show_moment(start)} to before {show_moment(end)}"
    try:
        first, last = (
            side if given is None else parse_moment(given)
            for given, side in ((on_or_after, start), (before, end))
        )
    except ValueError as error:
        raise ShipmentError(f"on_or_after and before: {error}") from None
    if first < start or last > end:
        raise ShipmentError(
            f"the panel is asked for {show_moment(first)} .. before {show_moment(last)}: {held}"
        )
    if asked.days and first < last:
        first = max(
            first,
            *(
                int(moment[0])
                for name, moment in asked.on_days([day_of(last - 2)])._asdict().items()
                if name in asked.days
            ),
        )
    if first >= last:
        raise ShipmentError(
            f"the panel is asked for {show_moment(first)} .. before {show_moment(last)}: no day lies between"
            " them"
        )
    return day_of(first), day_of(last)
