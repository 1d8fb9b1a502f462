"""Where amounts stand: in a few lanes, because of the many programs of a law only a few charge one line.

Column 1 and every fee have a lane of their own; the other programs that charge an outcome take the next free lanes in their order.  A lane holds
for each outcome the rate of the program that has it there.  What is more than a rate of the customs value (*hard*) is worked out line by line and
put into the lane afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Bools, Ints
from tariffcalc.engine.duty_table import NONE_DUE, NOT_HELD, PLAIN, VALUE, Amount
from tariffcalc.engine.fees import limits_of
from tariffcalc.engine.growing import Growing
from tariffcalc.engine.reasons import DEPENDS, DOUBTFUL_RULE, NO_BASE, NOT_HELD_LAW, Reasons
from tariffcalc.engine.rule_table import CompiledLaw

if TYPE_CHECKING:
    from tariffcalc.engine.outcomes import Outcomes

GENERAL = 1  # of ``rule_scheduled``: the duty is that of the schedule's general column
WHOLE_VALUE = ((1, 1, Amount(VALUE, "")),)


class Lanes:
    """The lanes of every outcome.

    Attributes
    ----------
    lane : [programs, outcomes]
        The lane in which a program's amount stands, -1 where it charges nothing.
    charged : [programs, outcomes]
        Whether the program speaks, does not give way and is known for the whole outcome; what it charges may still be nothing.
    rate : [lanes, outcomes]
        Millionths of the customs value; 0 where nothing is charged, and where the amount is hard.
    hard : [programs, outcomes]
        Whether the amount is more than a rate of the customs value.
    any_hard : [duties only and with fees, outcomes]
        Whether any amount besides column 1 is hard.
    general : [1, outcomes]
        Whether column 1 is what the schedule's general column makes of the customs value.
    reason : [programs, outcomes]
        Why the program is unknown for the whole outcome, by number; -1 where it is not.
    unknown : [duty and fee, outcomes]
        Whether any duty, and any fee, is unknown for the whole outcome.
    limits : by program, [least and most, outcomes]
        Of a fee charged per shipment [minor units].
    """

    def __init__(self, law: CompiledLaw) -> None:
        self.law, self.reasons = law, Reasons()
        programs = range(len(law.programs))
        self.fees = [number for number in programs if law.programs[number].kind == "fee"]
        own = ([law.column_1] if law.column_1 >= 0 else []) + self.fees
        self.own = {number: lane for lane, number in enumerate(own)}
        self.depth = len(own)
        self.lane, self.charged, self.hard, self.reason = (Growing(len(programs), kind) for kind in (np.int8, np.bool_, np.bool_, np.int32))
        self.rate = Growing(len(programs), np.int64)
        self.general, self.unknown, self.any_hard = Growing(1, np.bool_), Growing(2, np.bool_), Growing(2, np.bool_)
        self.limits = {number: Growing(2, np.int64) for number in self.fees if law.programs[number].per_shipment}

    def append(self, outcomes: Outcomes, new: slice) -> None:
        """Work out the lanes of some new outcomes, one program after another; not for two threads at once."""
        size = new.stop - new.start
        programs = len(self.law.programs)
        lane, rate = np.full((programs, size), -1, np.int8), np.zeros((programs, size), np.int64)
        hard, general, unknown = np.zeros((programs, size), bool), np.zeros((1, size), bool), np.zeros((2, size), bool)
        charged, reason = np.zeros((programs, size), bool), np.full((programs, size), -1, np.int32)
        free = np.full(size, len(self.own), np.int8)
        columns = np.arange(size)
        for number in range(programs):
            what = self._of_program(outcomes, number, new)
            reason[number] = what.reason
            unknown[0 if self.law.programs[number].kind == "duty" else 1] |= what.reason >= 0
            charged[number], hard[number] = what.charged, what.hard
            if number == self.law.column_1:
                general[0] = what.general
            charges = what.hard | what.general | (what.ppm > 0)
            if number in self.own:
                lane[number, charges] = self.own[number]
            else:
                lane[number, charges] = free[charges]
                free[charges] += 1
            rate[lane[number, charges], columns[charges]] = what.ppm[charges]
            if number in self.limits:
                self.limits[number].append(np.stack(limits_of(self.law, number, outcomes.rule.rows[number, new], what.ppm > 0)))
        of_duties = [number for number in range(programs) if number not in self.own]
        of_all = [number for number in range(programs) if number != self.law.column_1]
        any_hard = np.stack([hard[of_duties].any(axis=0), hard[of_all].any(axis=0)])
        tables = (self.lane, self.charged, self.rate, self.hard, self.any_hard, self.general, self.reason, self.unknown)
        for kept, table in zip(tables, (lane, charged, rate, hard, any_hard, general, reason, unknown), strict=True):
            kept.append(table)
        self.depth = max(self.depth, int(free.max(initial=0)))

    def _of_program(self, outcomes: Outcomes, number: int, new: slice) -> _Charge:
        """What one program charges some outcomes."""
        law, program = self.law, self.law.programs[number]
        rule, base = outcomes.rule.rows[number, new], outcomes.base.rows[number, new]
        speaks = (rule >= 0) & (outcomes.gave_way.rows[number, new] < 0)
        duty = np.where(rule >= 0, law.rule_duty[rule], -1)
        kind = np.where(duty >= 0, law.duties.kind[duty], PLAIN)
        marks = (
            (DOUBTFUL_RULE, outcomes.doubt.rows[number, new], outcomes.doubt.rows[number, new] >= 0),
            (NOT_HELD_LAW, rule, speaks & (kind == NOT_HELD)),
            (DEPENDS, outcomes.depends.rows[number, new], outcomes.depends.rows[number, new] >= 0),
            (NO_BASE, base, speaks & (base < 0) & (kind != NONE_DUE)),
        )
        reason = np.full(len(rule), -1, np.int32)
        for why, names, marked in marks:
            fresh = marked & (reason < 0)
            for name in np.unique(names[fresh]).tolist():
                reason[fresh & (names == name)] = self.reasons.number(why, law.programs[name].name if why == DEPENDS else str(name))
        charged = speaks & (reason < 0)
        owing = charged & (kind != NONE_DUE)
        whole = np.array([*(choice.amounts == WHOLE_VALUE for choice in program.bases), False, False])[base]  # -1 and -2: no base
        for place, entry in enumerate(outcomes.contents):
            if law.yieldings[entry].program == number:
                whole &= ~outcomes.content.rows[place, new]
        easy = owing & whole & (duty >= 0) & (kind == PLAIN)
        general = owing & whole & (law.rule_scheduled[rule] == GENERAL) & (rule >= 0) & (number == law.column_1)
        return _Charge(charged, np.where(easy, law.duties.ppm[duty], 0), owing & ~easy & ~general, general, reason)


class _Charge(NamedTuple):
    charged: Bools
    ppm: Ints
    hard: Bools
    general: Bools
    reason: NDArray[np.int32]

