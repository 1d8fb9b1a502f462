"""Amounts: what each program charges on each line, in exact integers, vectorised over the lines of a chunk.

Amounts stand in lanes (``lanes.py``).  Rates of the customs value come first, a block of lines and a lane at a time; the few lines that owe more than
that are then worked out together (``hard.py``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.duties import MILLION, SAFE, divide, percent_of
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.hard import HardLines
from tariffcalc.engine.outcomes.certainty import Texts
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.threads import blocks

_FEW = 3  # a lane is filled at single places where less than one line in this many uses it


class Assessment:
    """Amounts by lane [lanes, lines; minor units], what was charged on, and what is unknown."""

    def __init__(self, outcomes: Outcomes, lines: Columns, outcome: Ints) -> None:
        self.law, self.outcomes, self.lines, self.outcome = outcomes.law, outcomes, lines, outcome
        self.lanes = outcomes.lanes
        self.amounts: NDArray[np.int64] = np.zeros((self.lanes.depth, len(lines)), np.int64)
        self._places = np.zeros(0, np.int64)  # of the hard lines among all
        self._hard: HardLines | None = None

    def run(self, fees: bool) -> Assessment:
        """Assess every program, or every duty."""
        of_fees = [] if fees else [self.lanes.own[number] for number in self.lanes.fees]
        charged = np.uint64(sum(1 << lane for lane in range(len(self.amounts)) if lane not in of_fees))
        some, of_column_1 = [self._places], [self._places]
        for block in blocks(len(self.lines)):
            outcome = self.outcome[block]
            self._rates_of_outcomes(block, np.take(self.lanes.used.rows[0], outcome, mode="clip") & charged)
            hard = np.take(self.lanes.any_hard.rows[int(fees)], outcome, mode="clip")
            if self.law.column_1 >= 0:
                beyond = self._column_1(block)
                hard |= beyond
                of_column_1.append(np.flatnonzero(beyond) + block.start)
            some.append(np.flatnonzero(hard) + block.start)
        if fees and len(self.lines.shipment):
            self._hard_lines(np.arange(len(self.lines)), np.concatenate(of_column_1), True)
            return self
        if fees:
            self._limits()
        self._hard_lines(np.concatenate(some), np.concatenate(of_column_1), fees)
        return self

    def _hard_lines(self, places: Ints, of_column_1: Ints, fees: bool) -> None:
        """Work out the lines that owe more than rates of the customs value."""
        if not len(places):
            return
        if len(places) == len(self.lines):
            hard = HardLines(self.outcomes, self.lines, self.outcome, self.amounts)
        else:
            hard = HardLines(self.outcomes, self.lines.take(places), self.outcome[places], np.stack([amounts[places] for amounts in self.amounts]))
        hard.run(fees, np.searchsorted(places, of_column_1))
        if len(places) < len(self.lines):
            for lane, amounts in enumerate(hard.amounts):
                self.amounts[lane][places] = amounts
        self._places, self._hard = places, hard

    @property
    def duty(self) -> Ints:
        """The duty of each line, without what is unknown [minor units]."""
        return self._sum([lane for lane in range(len(self.amounts)) if lane not in self._lanes_of_fees])

    @property
    def fee(self) -> Ints:
        """The fees of each line, without what is unknown [minor units]."""
        return self._sum(self._lanes_of_fees)

    @property
    def _lanes_of_fees(self) -> list[int]:
        return [self.lanes.own[number] for number in self.lanes.fees]

    def _sum(self, lanes: list[int]) -> Ints:
        total: Ints = np.zeros(self.amounts.shape[1], np.int64)
        for lane in lanes:
            total += self.amounts[lane]
        return total

    @property
    def programs(self) -> Ints:
        """What each duty charges on each line [programs, lines; minor units]; 0 for fees, and where it is unknown."""
        lane = self.lanes.lane.rows[:, self.outcome].astype(np.int64)
        lane[self.lanes.is_fee] = -1
        return np.where(lane >= 0, np.take_along_axis(self.amounts, np.maximum(lane, 0), axis=0), 0)

    @property
    def unknown_duty(self) -> Bools:
        """Whether any duty of each line is unknown."""
        return self._unknown(0)

    @property
    def unknown_fee(self) -> Bools:
        """Whether any fee of each line is unknown."""
        return self._unknown(1)

    def _unknown(self, kind: int) -> Bools:
        unknown: Bools = self.lanes.unknown.rows[kind][self.outcome]
        for number, (lines, _) in self.added.items():
            if int(number in self.lanes.fees) == kind:
                unknown[lines] = True
        return unknown

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

    def _column_1(self, block: slice) -> Bools:
        """Column 1 where the general column of the schedule gives it as a rate; answers where it is more than that."""
        lane = self.amounts[self.lanes.own[self.law.column_1]]
        rate = np.take(self.law.general_rate, self.lines.segment[block], mode="clip")
        from_schedule = np.take(self.lanes.general.rows[0], self.outcome[block], mode="clip")
        beyond: Bools = np.take(self.lanes.hard.rows[self.law.column_1], self.outcome[block], mode="clip")
        beyond |= (rate < 0) & from_schedule
        doubtful = Texts.of(self.law).uncertain_rows if self.law.certain_only else None
        if doubtful is not None:
            beyond |= doubtful[self.lines.segment[block]] & from_schedule
        np.maximum(rate, 0, out=rate)
        self._rates(rate, self.lines.value[block], self._is_safe(block))
        np.copyto(lane[block], rate, where=from_schedule & ~beyond)
        return beyond

    def _limits(self) -> None:
        """Fees per shipment where every line is a shipment of its own."""
        for number, limits in self.lanes.limits.items():
            lane = self.amounts[self.lanes.own[number]]
            np.clip(lane, *(np.take(limit, self.outcome, mode="clip") for limit in limits.rows), out=lane)

    # --- what became of single lines -----------------------------------------------------------------------------------------------

    @property
    def added(self) -> dict[int, tuple[Ints, NDArray[np.int32]]]:
        """By program the lines that are unknown though their outcome is not, and the reasons by number."""
        if self._hard is None:
            return {}
        found = {}
        for number, reasons in self._hard.unknowns.added.items():
            which = np.flatnonzero(reasons >= 0)
            found[number] = self._places[which], reasons[which]
        return found

    def reason(self, program: int, line: int) -> int:
        """Why a line is unknown for a program, by number; -1 where it is not."""
        place = self._place(line)
        added = int(self._hard.unknowns.added[program][place]) if self._hard and place >= 0 and program in self._hard.unknowns.added else -1
        return max(added, int(self.lanes.reason.rows[program, self.outcome[line]]))

    def base(self, program: int, line: int) -> int:
        """What a program is charged on on a line [minor units]."""
        place = self._place(line)
        bases = self._hard.bases if self._hard and place >= 0 else {}
        return int(bases[program][place] if program in bases else self.lines.value[line])

    def _place(self, line: int) -> int:
        """The place of a line among the hard ones, -1 where it is none of them."""
        place = int(np.searchsorted(self._places, line))
        return place if place < len(self._places) and self._places[place] == line else -1
