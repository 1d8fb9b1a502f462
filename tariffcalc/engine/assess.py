"""Amounts: what each program charges on each line, in exact integers, vectorised over the lines of a chunk.

Amounts stand in lanes (``lanes.py``).  Rates of the customs value come first, a lane at a time; then whatever is more than that, program by program
in the order in which programs are charged on each other, so that an amount that another program needs is already there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Bools, Ints, Small
from tariffcalc.engine.columns import Columns
from tariffcalc.engine.conditions import fact_values
from tariffcalc.engine.duty_table import (
    BASE,
    CHARGED,
    EXACT,
    MILLION,
    MONEY_FACT,
    NONE_DUE,
    NOT_HELD,
    NUMBER_FACT,
    QUANTITY,
    SAFE,
    VALUE,
    Amount,
    divide,
    exact_amounts,
    percent_of,
)
from tariffcalc.engine.fees import assess_shipments
from tariffcalc.engine.outcomes import Outcomes
from tariffcalc.engine.reasons import DEPENDS, MISSING_FACT, MISSING_QUANTITY, NO_RATE, NOT_HELD_LAW, Unknowns
from tariffcalc.engine.threads import blocks

_FEW = 3  # a lane is filled at single places where less than one line in this many uses it


class Assessment:
    """Amounts by lane [lanes, lines; minor units], what was charged on, and what is unknown."""

    def __init__(self, outcomes: Outcomes, lines: Columns) -> None:
        self.law, self.outcomes, self.lines = outcomes.law, outcomes, lines
        self.outcome = outcomes.of_lines(lines)
        self.lanes = outcomes.lanes
        self.unknowns = Unknowns(self.lanes.reasons, self.lanes.reason.rows, self.outcome)
        self.bases: dict[int, Ints] = {}  # by program, where it is not the customs value of every line
        self.amounts: NDArray[np.int64] = np.zeros((self.lanes.depth, len(lines)), np.int64)

    def run(self, fees: bool) -> Assessment:
        """Assess every program, or every duty."""
        law, outcome = self.law, self.outcome
        of_fees = [] if fees else [self.lanes.own[number] for number in self.lanes.fees]
        charged = np.uint64(sum(1 << lane for lane in range(len(self.amounts)) if lane not in of_fees))
        for block in blocks(len(self.lines)):
            self._rates_of_outcomes(block, np.take(self.lanes.used.rows[0], outcome[block], mode="clip") & charged)
        if law.column_1 >= 0 and len(self.lines):
            self._program(law.column_1, self._column_1())
        apart = len(self.lines.shipment) == 0  # every line is a shipment of its own
        if fees and apart:
            for number, limits in self.lanes.limits.items():
                lane = self.amounts[self.lanes.own[number]]
                np.clip(lane, *(np.take(limit, outcome, mode="clip") for limit in limits.rows), out=lane)
        self._hard(fees)
        if fees and not apart:
            for number in self.lanes.limits:
                self._program(number, np.flatnonzero(self.lanes.charged.rows[number][outcome]))
        return self

    def _hard(self, fees: bool) -> None:
        """Amounts that are more than a rate of the customs value, those that others are charged on first."""
        places = np.flatnonzero(np.take(self.lanes.any_hard.rows[int(fees)], self.outcome, mode="clip"))
        if not len(places):
            return
        outcome = self.outcome[places]
        met = np.flatnonzero(np.bincount(outcome))
        some = np.flatnonzero(self.lanes.hard.rows[:, met].any(axis=1)).tolist()
        kinds = ("duty", "fee") if fees else ("duty",)
        for number in sorted(some, key=lambda number: self.law.programs[number].level):
            shared_out = number in self.lanes.limits and len(self.lines.shipment) > 0
            if number != self.law.column_1 and self.law.programs[number].kind in kinds and not shared_out:
                self._program(number, places[self.lanes.hard.rows[number][outcome]])

    # --- rates of the customs value ------------------------------------------------------------------------------------------------

    def _rates_of_outcomes(self, block: slice, used: NDArray[np.uint64]) -> None:
        """The rates of a block of lines, whose outcomes use some lanes each; a lane that few use is filled at those places only."""
        safe, outcome, value = self._is_safe(block), self.outcome[block], self.lines.value[block]
        for lane in range(int(np.bitwise_or.reduce(used)).bit_length()):
            places = np.flatnonzero(used & np.uint64(1 << lane))
            if len(places) * _FEW < len(used):
                rates = np.take(self.lanes.rate.rows[lane], outcome[places], mode="clip")
                self._rates(rates, value[places], safe)
                self.amounts[lane, block][places] = rates
            else:
                rates = np.take(self.lanes.rate.rows[lane], outcome, out=self.amounts[lane, block], mode="clip")
                self._rates(rates, value, safe)

    def _is_safe(self, block: slice) -> bool:
        """Whether no value times a rate of the law leaves the range of a machine's integers."""
        return float(self.lines.value[block].max(initial=0)) * self.law.highest_rate < SAFE

    def _rates(self, rates: Ints, value: Ints, safe: bool) -> None:
        """Rates of customs values become amounts in place."""
        step = self.law.round_to
        if not safe:
            rates[:] = percent_of(value, rates, step=step)
            return
        rates *= value
        divide(rates, MILLION * step)
        if step > 1:
            rates *= step

    def _column_1(self) -> Ints:
        """Column 1 where the general column of the schedule gives it as a rate; answers the lines on which it is more than that."""
        lane = self.amounts[self.lanes.own[self.law.column_1]]
        general, hard = self.lanes.general.rows[0], self.lanes.hard.rows[self.law.column_1]
        rest = []
        for block in blocks(len(self.lines)):
            rate = np.take(self.law.general_rate, self.lines.segment[block], mode="clip")
            from_schedule = np.take(general, self.outcome[block], mode="clip")
            more = np.take(hard, self.outcome[block], mode="clip")
            more |= (rate < 0) & from_schedule
            np.maximum(rate, 0, out=rate)
            self._rates(rate, self.lines.value[block], self._is_safe(block))
            np.copyto(lane[block], rate, where=from_schedule & ~more)
            rest.append(np.flatnonzero(more) + block.start)
        return np.concatenate(rest)

    # --- more than that ------------------------------------------------------------------------------------------------------------

    def _program(self, number: int, lines: Ints) -> None:
        """One program on some lines: what the schedule gives, is more than a percentage, is not of the customs value, or is of a whole shipment."""
        if not len(lines):
            return
        lane = self.lanes.own.get(number, self.lanes.lane.rows[number][self.outcome[lines]])
        bits = self.outcomes.rule.rows[number][self.outcome[lines]]
        duty = self._duties(bits, lines)
        self.unknowns.mark(number, lines[duty < 0], NO_RATE, "")
        amount = np.zeros(len(lines), np.int64)
        owing = np.flatnonzero((duty >= 0) & (self.law.duties.kind[duty] != NONE_DUE))
        here, owed, bits = lines[owing], duty[owing], bits[owing]
        base = self._base(number, here)
        if self.law.programs[number].per_shipment:
            amount[owing] = assess_shipments(self.law, self.lines, number, self.unknowns, here, bits, owed, base)
        else:
            amount[owing] = self._amounts(number, here, owed, bits, base)
        if number in self.unknowns.by_line:
            amount[self.unknowns.by_line[number][lines] >= 0] = 0
        self.amounts[lane, lines] = amount

    def _amounts(self, number: int, lines: Ints, duty: Ints, bits: Small, base: Ints) -> Ints:
        """What duties come to on some lines: percentages all at once, the others one shape of duty at a time."""
        kinds, scale = self.law.duties.kind[duty], self.law.programs[number].base_scale
        amount = percent_of(base, self.law.duties.ppm[duty], scale, self.law.round_to)
        shapes, shape_of, place_of = self.law.duties.shapes
        which = np.flatnonzero(kinds == EXACT)
        for each, members in _groups(shape_of[duty[which]]):
            place = which[members]
            measured = {name: self._measured(number, name, lines[place], base[place]) for name in shapes[each].amounts()}
            amount[place] = exact_amounts(shapes[each], place_of[duty[place]], measured, scale, self.law.round_to)
        for each in np.unique(duty[kinds == NOT_HELD]):
            self.unknowns.mark(number, lines[duty == each], NOT_HELD_LAW, str(bits[duty == each][0]))
        return amount

    def _duties(self, bits: Small, lines: Ints) -> Ints:
        """The duty of each line's rule: its own, or the schedule's."""
        duty = self.law.rule_duty[bits]
        scheduled = self.law.rule_scheduled[bits]
        if scheduled.any():
            segments, rows = self.law.segments, self.lines.segment[lines]
            special = segments.special_duties[segments.special[rows], self.lines.spi[lines]]
            columns = (segments.general[rows], special, segments.column2[rows])
            for place, column in enumerate(columns, start=1):
                duty = np.where(scheduled == place, column, duty)
        return duty

    def _base(self, number: int, lines: Ints) -> Ints:
        """What the program is charged on, on each of some lines, never less than nothing [minor units over the program's base scale]."""
        program, outcome = self.law.programs[number], self.outcome[lines]
        scale = program.base_scale
        base: Ints = self.lines.value[lines] * scale
        rest = np.flatnonzero(~self.lanes.whole.rows[number][outcome])
        if not len(rest):
            return base
        chosen = self.outcomes.base.rows[number][outcome[rest]]
        for place, choice in enumerate(program.bases):
            where = rest[chosen == place]
            if not len(where):
                continue
            total = np.zeros(len(where), np.int64)
            for numerator, denominator, amount in choice.amounts:
                values = self._measured(number, amount, lines[where], None)
                total = total + values * (numerator * scale // denominator)
            base[where] = np.maximum(total, 0)
        for content, taken in self._contents(number).items():
            where = rest[taken[outcome[rest]]]
            base[where] = np.maximum(base[where] - scale * self._measured(number, Amount(MONEY_FACT, content), lines[where], None), 0)
        if number not in self.bases:
            self.bases[number] = self.lines.value.copy()
        self.bases[number][lines[rest]] = base[rest] if scale == 1 else (base[rest] * 2 + scale) // (scale * 2)
        return base

    def _contents(self, number: int) -> dict[str, Bools]:
        """The contents that stacking takes out of the base of a program, and from which outcomes; each content once."""
        contents: dict[str, Bools] = {}
        for place, entry in enumerate(self.outcomes.contents):
            yielding = self.law.yieldings[entry]
            if yielding.program == number:
                contents[yielding.content] = contents.get(yielding.content, np.False_) | self.outcomes.content.rows[place]
        return contents

    def _measured(self, number: int, amount: Amount, lines: Ints, base: Ints | None) -> Ints:
        """A measured amount on some lines; marks the program unknown where nobody declared it (and answers 0 there).

        ``base`` is what the program is charged on there; None while that is still being worked out.
        """
        if amount.kind == BASE:
            assert base is not None
            return base
        if amount.kind == VALUE:
            return self.lines.value[lines]
        if amount.kind == CHARGED:
            return self._charged(number, amount.name, lines, base)
        if amount.kind == QUANTITY:
            column = self.lines.quantities.get(amount.name)
            values, known = (None, None) if column is None else (column.values, column.declared)
            kind = MISSING_QUANTITY
        else:
            assert amount.kind in (MONEY_FACT, NUMBER_FACT)
            values, known = fact_values(self.law, self.lines, amount.name)
            kind = MISSING_FACT
        if values is None:
            self.unknowns.mark(number, lines, kind, amount.name)
            return np.zeros(len(lines), np.int64)
        if known is None:
            return np.asarray(values[lines], np.int64)
        here: Bools = known[lines]
        self.unknowns.mark(number, lines[~here], kind, amount.name)
        return np.asarray(np.where(here, values[lines], 0), np.int64)

    def _charged(self, number: int, program: str, lines: Ints, base: Ints | None) -> Ints:
        """What another program charges, on the part of the line this one is charged on.

        Where the two are charged on different parts of a value (United States content split off), the other's amount is taken in proportion, as
        the two
        lines of the entry summary would have it.
        """
        other = self.law.program_index[program]
        self.unknowns.mark(number, lines[self.unknowns.marked(other, lines)], DEPENDS, program)
        charged: Ints
        if other in self.lanes.own:
            charged = self.amounts[self.lanes.own[other]][lines]
        else:
            lane = self.lanes.lane.rows[other][self.outcome[lines]]
            charged = np.where(lane >= 0, self.amounts[lane, lines], 0)
        whole = self.bases.get(other, self.lines.value)[lines]
        if base is None:
            return charged
        scale = self.law.programs[number].base_scale
        part = (whole * scale != base) & (whole > 0)
        if part.any():
            charged, of, on = charged.copy(), base[part].astype(object), whole[part] * scale
            charged[part] = (charged[part] * of * 2 + on) // (2 * on)
        return charged


def _groups(numbers: Ints) -> list[tuple[int, NDArray[np.int64]]]:
    """The distinct numbers, each with the places where it stands."""
    if not len(numbers):
        return []
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return [(int(ordered[start]), places) for start, places in zip(starts, np.split(order, starts[1:]), strict=True)]
