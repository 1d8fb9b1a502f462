"""Amounts are held in a few slots, because of the many programs of a law only a few charge one line.

Column 1 and every fee have a slot of their own; the other programs that charge an outcome take the next free
slots in their order.  A slot holds for each outcome the rate of the program that has it there.  A *formula
duty*, which is more than a rate of the customs value, is worked out line by line and put into the slot
afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools
from tariffcalc.compiled.duties import NONE_DUE, NOT_HELD, PLAIN, VALUE, Amount
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.outcomes.certainty import Certainty
from tariffcalc.engine.outcomes.decisions import Decisions
from tariffcalc.engine.outcomes.fee_limits import limits_of
from tariffcalc.engine.outcomes.growing_table import AppendOnlyTable
from tariffcalc.engine.outcomes.undecided import RATE, Undecided
from tariffcalc.engine.reasons import (
    DEPENDS,
    DOUBTFUL_RULE,
    NO_BASE,
    NOT_HELD_LAW,
    UNCERTAIN_ENTRY,
    UNCERTAIN_RULE,
    Reasons,
)
from tariffcalc.tags import UNCERTAIN

GENERAL = 1  # of ``rule_scheduled``: the duty is that of the schedule's general column
WHOLE_VALUE = ((1, 1, Amount(VALUE, "")),)


class AmountSlots:
    """The slots of every outcome.

    Attributes
    ----------
    slot : [programs, outcomes]
        The slot that holds a program's amount, -1 where it charges nothing.
    charged : [programs, outcomes]
        Whether the program applies, does not give way and is known for the whole outcome; what it charges may
        still be nothing.
    whole : [programs, outcomes]
        Whether the program is charged on the whole customs value.
    rate : [slots, outcomes]
        Millionths of the customs value; 0 where nothing is charged, and where the amount has a formula.
    used : [1, outcomes]
        The slots with a rate, a bit for each.
    formula : [programs, outcomes]
        Whether the amount is more than a rate of the customs value.
    any_formula : [duties only and with fees, outcomes]
        Whether any amount besides column 1 has a formula.
    general : [1, outcomes]
        Whether column 1 is what the schedule's general column makes of the customs value.
    reason : [programs, outcomes]
        Why the program is unknown for the whole outcome, by number; -1 where it is not.
    unknown : [duty and fee, outcomes]
        Whether any duty, and any fee, is unknown for the whole outcome.
    charge : [programs, outcomes]
        What the program charges, as a number: equal where it charges equally whatever the line; 0 for
        nothing, negative where it is unknown.
    open : [1, outcomes]
        Whether facts that are not declared decide any duty.
    limits : by program, [least and most, outcomes]
        Of a fee charged per shipment [minor units].
    """

    def __init__(self, law: CompiledLaw, undecided: Undecided) -> None:
        self.law, self.reasons, self._undecided = law, Reasons(), undecided
        programs = range(len(law.programs))
        self.fees = [number for number in programs if law.programs[number].kind == "fee"]
        own = ([law.column_1] if law.column_1 >= 0 else []) + self.fees
        self.own = {number: slot for slot, number in enumerate(own)}
        self.depth = len(own)
        self.is_fee = np.array([program.kind == "fee" for program in law.programs])
        self._is_column_1 = np.arange(len(programs)) == law.column_1
        self._own_slot = np.array([self.own.get(number, -1) for number in programs])
        self._whole_base = np.zeros(
            (len(programs), max(len(program.bases) for program in law.programs) + 2), bool
        )  # the last two: no base
        for number, program in enumerate(law.programs):
            self._whole_base[number, : len(program.bases)] = [
                choice.amounts == WHOLE_VALUE for choice in program.bases
            ]
        self.slot, self.reason = (
            AppendOnlyTable(len(programs), np.int8),
            AppendOnlyTable(len(programs), np.int32),
        )
        self.charged, self.whole, self.formula = (AppendOnlyTable(len(programs), np.bool_) for _ in range(3))
        self.rate, self.used = AppendOnlyTable(len(programs), np.int64), AppendOnlyTable(1, np.uint64)
        self.general, self.unknown, self.any_formula = (
            AppendOnlyTable(1, np.bool_),
            AppendOnlyTable(2, np.bool_),
            AppendOnlyTable(2, np.bool_),
        )
        self.charge, self.open = AppendOnlyTable(len(programs), np.int64), AppendOnlyTable(1, np.bool_)
        self._charges: dict[bytes, int] = {}
        self.limits = {
            number: AppendOnlyTable(2, np.int64) for number in self.fees if law.programs[number].per_shipment
        }

    def append(self, outcomes: Decisions, new: slice) -> None:
        """Work out the slots of some new outcomes; not for two threads at once."""
        law = self.law
        tables = (outcomes.rule, outcomes.doubt, outcomes.base, outcomes.stacked_out, outcomes.depends)
        rule, doubt, base, stacked_out, depends = (table.rows[:, new] for table in tables)
        applies = (rule >= 0) & (stacked_out < 0)
        duty = np.where(rule >= 0, law.rule_duty[rule], -1)
        kind = np.where(duty >= 0, law.duties.kind[duty], PLAIN)
        no_base = applies & (base < 0) & (kind != NONE_DUE)
        deciding = outcomes.undecided.deciding.rows[:, new]
        reason = self._reasons(
            (DOUBTFUL_RULE, doubt, doubt >= 0, deciding),
            (NOT_HELD_LAW, rule, applies & (kind == NOT_HELD), None),
            (DEPENDS, depends, depends >= 0, None),
            (NO_BASE, base, no_base, deciding),
            *self._in_doubt(outcomes, new),
        )
        whole = self._whole_base[np.arange(len(base))[:, None], base]
        for place, entry in enumerate(outcomes.contents):
            whole[law.stacking_rules[entry].program] &= ~outcomes.content.rows[place, new]
        charged = applies & (reason < 0)
        owing = charged & (kind != NONE_DUE)
        easy = owing & whole & (duty >= 0) & (kind == PLAIN)
        general = owing & whole & (law.rule_scheduled[rule] == GENERAL) & self._is_column_1[:, None]
        formula = owing & ~easy & ~general
        ppm = np.where(easy, law.duties.ppm[duty], 0)
        slot = self._slot(formula | general | (ppm > 0))
        rate = np.zeros_like(ppm)
        program, column = np.nonzero(ppm)
        rate[slot[program, column], column] = ppm[program, column]
        kinds = self.is_fee, ~self.is_fee
        unknown = np.stack([(reason[~some] >= 0).any(axis=0) for some in kinds])
        any_formula = np.stack(
            [formula[~self._is_column_1 & ~self.is_fee].any(axis=0), formula[~self._is_column_1].any(axis=0)]
        )
        used = np.bitwise_or.reduce(
            np.where(rate > 0, np.uint64(1) << np.arange(len(rate), dtype=np.uint64)[:, None], np.uint64(0)),
            axis=0,
        )[None, :]
        open_still = (((doubt >= 0) | (no_base & (base == -1))) & ~self.is_fee[:, None]).any(axis=0)[None, :]
        charge = self._charge(outcomes, new, formula | general, ppm, np.where(reason >= 0, -1 - reason, 0))
        for table, some in (
            (self.charge, charge), (self.open, open_still), (self.slot, slot), (self.charged, charged),
            (self.whole, whole), (self.rate, rate), (self.used, used), (self.formula, formula),
            (self.any_formula, any_formula), (self.general, general.any(axis=0)[None, :]),
            (self.reason, reason), (self.unknown, unknown),
        ):  # fmt: skip
            table.append(some)
        for number, limits in self.limits.items():
            limits.append(np.stack(limits_of(law, number, rule[number], ppm[number] > 0)))
        self.depth = max(self.depth, int(slot.max(initial=-1)) + 1)

    def _in_doubt(self, outcomes: Decisions, new: slice) -> list[tuple[str, NDArray[np.int32], Bools, None]]:
        """The marks of what rests on a rule, or an entry of the stacking order, in doubt, where only what is
        certain counts."""
        if not self.law.certain_only:
            return []
        certainty = Certainty.of(outcomes, new)
        entry = (UNCERTAIN_ENTRY, certainty.entry, certainty.of_entry >= UNCERTAIN, None)
        return [entry, (UNCERTAIN_RULE, outcomes.rule.rows[:, new], certainty.of_rule >= UNCERTAIN, None)]

    def _slot(self, charges: Bools) -> NDArray[np.int8]:
        """The slot of each program that charges an outcome: its own, or the next that is free."""
        slot = np.cumsum(charges & (self._own_slot < 0)[:, None], axis=0) + (len(self.own) - 1)
        slot = np.where(self._own_slot[:, None] >= 0, self._own_slot[:, None], slot)
        return np.where(charges, slot, -1).astype(np.int8)

    def _charge(
        self, outcomes: Decisions, new: slice, more: Bools, ppm: NDArray[np.int64], unknown: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """The charge of each program under some new outcomes.

        ``more`` marks what is more than a rate of the whole value; ``unknown`` holds negative numbers of
        reasons.
        """
        charge = np.where(ppm > 0, ppm << 2 | RATE, unknown.astype(np.int64))
        contents = np.zeros(more.shape, np.int64)
        names = sorted({self.law.stacking_rules[entry].content for entry in outcomes.contents})
        for place, entry in enumerate(outcomes.contents):
            yielding = self.law.stacking_rules[entry]
            contents[yielding.program] |= outcomes.content.rows[place, new].astype(np.int64) << names.index(
                yielding.content
            )
        rule = outcomes.rule.rows[:, new][more]
        parts = (
            self.law.rule_scheduled[rule],
            self.law.rule_duty[rule],
            outcomes.base.rows[:, new][more],
            contents[more],
        )
        distinct, of_charge = np.unique(
            np.stack([part.astype(np.int64) for part in parts]), axis=1, return_inverse=True
        )
        numbers = [
            self._charges.setdefault(column.tobytes(), len(self._charges))
            for column in np.ascontiguousarray(distinct.T)
        ]
        charge[more] = np.array([number << 2 | 2 for number in numbers], np.int64)[of_charge.reshape(-1)]
        return charge

    def _reasons(
        self, *marks: tuple[str, NDArray[np.int32], Bools, NDArray[np.int32] | None]
    ) -> NDArray[np.int32]:
        """Why each program is unknown for each outcome; the first mark counts.

        A mark has a kind, what it names, where it is, and the numbers of the facts that decide.
        """
        reason = np.full(marks[0][1].shape, -1, np.int32)
        for why, named, marked, deciding in marks:
            fresh = marked & (reason < 0)
            facts = np.full_like(named, -1) if deciding is None else deciding
            for name, number in np.unique(np.stack([named[fresh], facts[fresh]]), axis=1).T.tolist():
                named_so = self.law.programs[name].name if why == DEPENDS else str(name)
                decided_by = self._undecided.facts[number] if number >= 0 else ()
                reason[fresh & (named == name) & (facts == number)] = self.reasons.number(
                    why, named_so, decided_by
                )
        return reason
