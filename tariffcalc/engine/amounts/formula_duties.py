"""Amounts that are more than a rate of the customs value: specific and compound duties, bounds, contents,
duties on duties, fees per shipment.

The lines of a chunk that owe any stand here together, apart from the others; their programs are worked out
one after another, those first that others are charged on, so that an amount another program needs is already
there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.duties import (
    BASE,
    CHARGED,
    EXACT,
    MONEY_FACT,
    NONE_DUE,
    NOT_HELD,
    NUMBER_FACT,
    QUANTITY,
    VALUE,
    Amount,
)
from tariffcalc.compiled.duty_amounts import exact_amounts, percent_of
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.borrowed import scheduled_duties
from tariffcalc.engine.amounts.fees import assess_shipments
from tariffcalc.engine.outcomes.certainty import Texts
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.patterns.conditions import fact_values
from tariffcalc.engine.reasons import (
    DEPENDS,
    MISSING_FACT,
    MISSING_QUANTITY,
    NO_RATE,
    NOT_HELD_LAW,
    UNCERTAIN_ROW,
    Unknowns,
)


class FormulaLines:
    """Some lines, their outcomes, and their amounts [slots, lines; minor units], of which the rates of the
    customs value are there already."""

    def __init__(self, outcomes: Outcomes, lines: Columns, outcome: Ints, amounts: Ints) -> None:
        self.law, self.outcomes, self.slots = outcomes.law, outcomes, outcomes.slots
        self.lines, self.outcome, self.amounts = lines, outcome, amounts
        self._met = np.flatnonzero(np.bincount(outcome))
        self.unknowns = Unknowns(self.slots.reasons, self.slots.reason.rows, outcome, self._met)
        self.bases: dict[int, Ints] = {}  # by program, where it is not the customs value of every line

    def run(self, fees: bool, of_column_1: Ints) -> None:
        """Work out the formula duties; ``of_column_1`` are the lines on which column 1 is one."""
        if self.law.column_1 >= 0:
            self._program(self.law.column_1, of_column_1)
        by_shipment = self.slots.limits.keys() if len(self.lines.shipment) else ()
        kinds = ("duty", "fee") if fees else ("duty",)
        some = np.flatnonzero(self.slots.formula.rows[:, self._met].any(axis=1)).tolist()
        for number in sorted(some, key=lambda number: self.law.programs[number].level):
            if (
                number != self.law.column_1
                and self.law.programs[number].kind in kinds
                and number not in by_shipment
            ):
                self._program(number, np.flatnonzero(self.slots.formula.rows[number][self.outcome]))
        for number in by_shipment if fees else ():
            self._program(number, np.flatnonzero(self.slots.charged.rows[number][self.outcome]))

    def _program(self, number: int, lines: Ints) -> None:
        """One program on some lines: what the schedule gives, is more than a percentage, is not of the
        customs value, or is of a whole shipment."""
        if not len(lines):
            return
        outcome = self.outcome[lines]
        slot = self.slots.own.get(number, self.slots.slot.rows[number][outcome])
        bits = self.outcomes.rule.rows[number][outcome]
        duty, _ = scheduled_duties(self.law, self.lines, lines, bits)
        lacking = lines[duty < 0]
        for row in np.unique(self.lines.segment[lacking]).tolist():
            self.unknowns.mark(number, lacking[self.lines.segment[lacking] == row], NO_RATE, str(row))
        if self.law.certain_only:
            self._mark_rows_in_doubt(number, bits, lines)
        amount = np.zeros(len(lines), np.int64)
        owing = np.flatnonzero((duty >= 0) & (self.law.duties.kind[duty] != NONE_DUE))
        here, owed, bits = lines[owing], duty[owing], bits[owing]
        base = self._base(number, here)
        if self.law.programs[number].per_shipment:
            amount[owing] = assess_shipments(
                self.law, self.lines, number, self.unknowns, here, bits, owed, base
            )
        else:
            amount[owing] = self._amounts(number, here, owed, bits, base)
        amount[self.unknowns.added_to(number, lines)] = 0
        self.amounts[slot, lines] = amount

    def _mark_rows_in_doubt(self, number: int, bits: Small, lines: Ints) -> None:
        """Mark the lines whose rate is in a row of the schedule that is in doubt."""
        doubtful = Texts.of(self.law).uncertain_rows
        if doubtful is None:
            return
        rows = self.lines.segment[lines]
        here = (self.law.rule_scheduled[bits] > 0) & doubtful[rows]
        acts = np.array([self.law.segments.by[row] for row in rows[here]])
        for act in np.unique(acts).tolist():
            self.unknowns.mark(number, lines[here][acts == act], UNCERTAIN_ROW, act)

    def _amounts(self, number: int, lines: Ints, duty: Ints, bits: Small, base: Ints) -> Ints:
        """What duties come to on some lines: percentages all at once, the others one shape of duty
        at a time."""
        kinds, scale = self.law.duties.kind[duty], self.law.programs[number].base_scale
        amount = percent_of(base, self.law.duties.ppm[duty], scale, self.law.round_to)
        shapes, shape_of, place_of = self.law.duties.shapes
        which = np.flatnonzero(kinds == EXACT)
        in_part = self._in_proportion(number, lines[which])
        for each, members in _groups(shape_of[duty[which]] * 2 + in_part):
            place, shape = which[members], shapes[each // 2]
            part = base[place]
            on = self.lines.value[lines[place]] * scale if each % 2 else part
            measured = {name: self._measured(number, name, lines[place], on) for name in shape.amounts()}
            parts = (part, on) if each % 2 else None
            amount[place] = exact_amounts(
                shape, place_of[duty[place]], measured, scale, self.law.round_to, parts
            )
        for each in np.unique(duty[kinds == NOT_HELD]):
            self.unknowns.mark(number, lines[duty == each], NOT_HELD_LAW, str(bits[duty == each][0]))
        return amount

    def _base(self, number: int, lines: Ints) -> Ints:
        """What the program is charged on, on each of some lines, never less than nothing [minor units over
        the program's base scale]."""
        program, outcome = self.law.programs[number], self.outcome[lines]
        scale = program.base_scale
        base: Ints = self.lines.value[lines] * scale
        rest = np.flatnonzero(~self.slots.whole.rows[number][outcome])
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
            base[where] = np.maximum(
                base[where] - scale * self._measured(number, Amount(MONEY_FACT, content), lines[where], None),
                0,
            )
        if number not in self.bases:
            self.bases[number] = self.lines.value.copy()
        self.bases[number][lines[rest]] = (
            base[rest] if scale == 1 else (base[rest] * 2 + scale) // (scale * 2)
        )
        return base

    def _in_proportion(self, number: int, lines: Ints) -> Bools:
        """Whether the duty of the whole customs value is due in the proportion of the base to that value, on
        each of some lines."""
        choices = [choice.in_proportion for choice in self.law.programs[number].bases]
        if not any(choices):
            return np.zeros(len(lines), bool)
        return np.asarray(np.array(choices)[self.outcomes.base.rows[number][self.outcome[lines]]])

    def _contents(self, number: int) -> dict[str, Bools]:
        """The contents that stacking takes out of the base of a program, and from which outcomes; each
        content once."""
        contents: dict[str, Bools] = {}
        for place, entry in enumerate(self.outcomes.contents):
            rule = self.law.stacking_rules[entry]
            if rule.program == number:
                contents[rule.content] = (
                    contents.get(rule.content, np.False_) | self.outcomes.content.rows[place]
                )
        return contents

    def _measured(self, number: int, amount: Amount, lines: Ints, base: Ints | None) -> Ints:
        """A measured amount on some lines; marks the program unknown where nobody declared it (and answers 0
        there).

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

        Where the two are charged on different parts of a value (United States content split off), the other's
        amount is taken in proportion, as the two lines of the entry summary would have it.
        """
        other = self.law.program_index[program]
        self.unknowns.mark(number, lines[self.unknowns.marked(other, lines)], DEPENDS, program)
        slot = (
            np.full(len(lines), self.slots.own[other])
            if other in self.slots.own
            else self.slots.slot.rows[other][self.outcome[lines]]
        )
        charges = np.flatnonzero(slot >= 0)
        here = lines[charges]
        part = np.take(
            self.amounts.reshape(-1), slot[charges] * np.int64(self.amounts.shape[1]) + here, mode="clip"
        )
        if base is not None:
            whole, base = self.bases.get(other, self.lines.value)[here], base[charges]
            scale = self.law.programs[number].base_scale
            split = np.flatnonzero((whole * scale != base) & (whole > 0))
            of, on = base[split].astype(object), whole[split] * scale
            part[split] = (part[split] * of * 2 + on) // (2 * on)
        charged = np.zeros(len(lines), np.int64)
        charged[charges] = part
        return charged


def _groups(numbers: Ints) -> list[tuple[int, NDArray[np.int64]]]:
    """The distinct numbers, each with the places where it occurs."""
    if not len(numbers):
        return []
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return [
        (int(ordered[start]), places)
        for start, places in zip(starts, np.split(order, starts[1:]), strict=True)
    ]
