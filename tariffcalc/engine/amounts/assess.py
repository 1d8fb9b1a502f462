"""Amounts: what each program charges on each line, in exact integers, vectorised over the lines of a chunk.

Amounts stand in slots (``slots.py``).  Rates of the customs value come first, a block of lines and a slot at
a time; the few lines that owe more than that are then worked out together (``formula_duties.py``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.duties import MILLION, SAFE
from tariffcalc.compiled.duty_amounts import divide, percent_of
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.formula_duties import FormulaLines
from tariffcalc.engine.outcomes.certainty import Texts
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.threads import blocks

_FEW = 3  # a slot is filled at single places where less than one line in this many uses it


class Assessment:
    """Amounts by slot [slots, lines; minor units], what was charged on, and what is unknown."""

    def __init__(self, outcomes: Outcomes, lines: Columns, outcome: Ints) -> None:
        self.law, self.outcomes, self.lines, self.outcome = outcomes.law, outcomes, lines, outcome
        self.slots = outcomes.slots
        self.amounts: NDArray[np.int64] = np.zeros((self.slots.depth, len(lines)), np.int64)
        self._places = np.zeros(0, np.int64)  # of the lines with formula duties among all
        self._formula: FormulaLines | None = None

    def run(self, fees: bool) -> Assessment:
        """Assess every program, or every duty."""
        of_fees = [] if fees else [self.slots.own[number] for number in self.slots.fees]
        charged = np.uint64(sum(1 << slot for slot in range(len(self.amounts)) if slot not in of_fees))
        some, of_column_1 = [self._places], [self._places]
        for block in blocks(len(self.lines)):
            outcome = self.outcome[block]
            self._rates_of_outcomes(block, np.take(self.slots.used.rows[0], outcome, mode="clip") & charged)
            formula = np.take(self.slots.any_formula.rows[int(fees)], outcome, mode="clip")
            if self.law.column_1 >= 0:
                beyond = self._column_1(block)
                formula |= beyond
                of_column_1.append(np.flatnonzero(beyond) + block.start)
            some.append(np.flatnonzero(formula) + block.start)
        if fees and len(self.lines.shipment):
            self._formula_lines(np.arange(len(self.lines)), np.concatenate(of_column_1), True)
            return self
        if fees:
            self._limits()
        self._formula_lines(np.concatenate(some), np.concatenate(of_column_1), fees)
        return self

    def _formula_lines(self, places: Ints, of_column_1: Ints, fees: bool) -> None:
        """Work out the lines that owe more than rates of the customs value."""
        if not len(places):
            return
        if len(places) == len(self.lines):
            formula = FormulaLines(self.outcomes, self.lines, self.outcome, self.amounts)
        else:
            formula = FormulaLines(
                self.outcomes,
                self.lines.take(places),
                self.outcome[places],
                np.stack([amounts[places] for amounts in self.amounts]),
            )
        formula.run(fees, np.searchsorted(places, of_column_1))
        if len(places) < len(self.lines):
            for slot, amounts in enumerate(formula.amounts):
                self.amounts[slot][places] = amounts
        self._places, self._formula = places, formula

    @property
    def duty(self) -> Ints:
        """The duty of each line, without what is unknown [minor units]."""
        return self._sum([slot for slot in range(len(self.amounts)) if slot not in self._lanes_of_fees])

    @property
    def fee(self) -> Ints:
        """The fees of each line, without what is unknown [minor units]."""
        return self._sum(self._lanes_of_fees)

    @property
    def _lanes_of_fees(self) -> list[int]:
        return [self.slots.own[number] for number in self.slots.fees]

    def _sum(self, slots: list[int]) -> Ints:
        total: Ints = np.zeros(self.amounts.shape[1], np.int64)
        for slot in slots:
            total += self.amounts[slot]
        return total

    @property
    def programs(self) -> Ints:
        """What each duty charges on each line [programs, lines; minor units]; 0 for fees, and where it is
        unknown."""
        slot = self.slots.slot.rows[:, self.outcome].astype(np.int64)
        slot[self.slots.is_fee] = -1
        return np.where(slot >= 0, np.take_along_axis(self.amounts, np.maximum(slot, 0), axis=0), 0)

    @property
    def unknown_duty(self) -> Bools:
        """Whether any duty of each line is unknown."""
        return self._unknown(0)

    @property
    def unknown_fee(self) -> Bools:
        """Whether any fee of each line is unknown."""
        return self._unknown(1)

    def _unknown(self, kind: int) -> Bools:
        unknown: Bools = self.slots.unknown.rows[kind][self.outcome]
        for number, (lines, _) in self.added.items():
            if int(number in self.slots.fees) == kind:
                unknown[lines] = True
        return unknown

    # --- rates of the customs value
    # ------------------------------------------------------------------------------------------------

    def _rates_of_outcomes(self, block: slice, used: NDArray[np.uint64]) -> None:
        """The rates of a block of lines, whose outcomes use some slots each; a slot that few use is filled at
        those places only."""
        safe, outcome, value = self._is_safe(block), self.outcome[block], self.lines.value[block]
        for slot in range(int(np.bitwise_or.reduce(used)).bit_length()):
            places = np.flatnonzero(used & np.uint64(1 << slot))
            if len(places) * _FEW < len(used):
                rates = np.take(self.slots.rate.rows[slot], outcome[places], mode="clip")
                self._rates(rates, value[places], safe)
                self.amounts[slot, block][places] = rates
            else:
                rates = np.take(
                    self.slots.rate.rows[slot], outcome, out=self.amounts[slot, block], mode="clip"
                )
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

    def _column_1(self, block: slice) -> Bools:
        """Column 1 where the general column of the schedule gives it as a rate; answers where it is more than
        that."""
        slot = self.amounts[self.slots.own[self.law.column_1]]
        rate = np.take(self.law.general_rate, self.lines.segment[block], mode="clip")
        from_schedule = np.take(self.slots.general.rows[0], self.outcome[block], mode="clip")
        beyond: Bools = np.take(self.slots.formula.rows[self.law.column_1], self.outcome[block], mode="clip")
        beyond |= (rate < 0) & from_schedule
        doubtful = Texts.of(self.law).uncertain_rows if self.law.certain_only else None
        if doubtful is not None:
            beyond |= doubtful[self.lines.segment[block]] & from_schedule
        np.maximum(rate, 0, out=rate)
        self._rates(rate, self.lines.value[block], self._is_safe(block))
        np.copyto(slot[block], rate, where=from_schedule & ~beyond)
        return beyond

    def _limits(self) -> None:
        """Fees per shipment where every line is a shipment of its own."""
        for number, limits in self.slots.limits.items():
            slot = self.amounts[self.slots.own[number]]
            np.clip(slot, *(np.take(limit, self.outcome, mode="clip") for limit in limits.rows), out=slot)

    # --- what became of single lines
    # -----------------------------------------------------------------------------------------------

    @property
    def added(self) -> dict[int, tuple[Ints, NDArray[np.int32]]]:
        """By program the lines that are unknown though their outcome is not, and the reasons by number."""
        if self._formula is None:
            return {}
        found = {}
        for number, reasons in self._formula.unknowns.added.items():
            which = np.flatnonzero(reasons >= 0)
            found[number] = self._places[which], reasons[which]
        return found

    @property
    def bases(self) -> dict[int, tuple[Small, Ints]]:
        """By program the lines on which it is charged on something else than the customs value, and on what
        [minor units]."""
        if self._formula is None:
            return {}
        found = {}
        for number, bases in self._formula.bases.items():
            which = np.flatnonzero(bases != self._formula.lines.value)
            found[number] = self._places[which].astype(np.int32), bases[which]
        return found
