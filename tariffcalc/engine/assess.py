"""Amounts: what each program charges on each line, in exact integers, vectorised over all lines.

Programs come in the order in which they are charged on each other, so an amount that another program needs is already there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Bools, Ints, Small
from tariffcalc.engine.classify import Patterns
from tariffcalc.engine.columns import Columns
from tariffcalc.engine.conditions import fact_values
from tariffcalc.engine.duty_table import (
    BASE,
    CHARGED,
    EXACT,
    MONEY_FACT,
    NONE_DUE,
    NOT_HELD,
    NUMBER_FACT,
    PLAIN,
    QUANTITY,
    VALUE,
    Amount,
    exact_amount,
    percent_of,
)
from tariffcalc.engine.fees import assess_shipments, limits_of
from tariffcalc.engine.reasons import DEPENDS, DOUBTFUL_RULE, MISSING_FACT, MISSING_QUANTITY, NO_BASE, NO_RATE, NOT_HELD_LAW, Unknowns
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.engine.select import Selected
from tariffcalc.engine.stack import Stacked
from tariffcalc.engine.threads import each_in_parallel


class Assessment:
    """Amounts per program [minor units] and what is unknown; a program that speaks on no line has no column."""

    def __init__(self, law: CompiledLaw, lines: Columns, patterns: Patterns, selected: Selected, stacked: Stacked) -> None:
        self.law, self.lines, self.patterns, self.selected, self.stacked = law, lines, patterns, selected, stacked
        self.amounts: list[Ints | None] = [None] * len(law.programs)
        self.bases: list[Ints | None] = [None] * len(law.programs)
        self.unknowns = Unknowns(patterns.of_line, len(law.programs))

    def run(self, kinds: tuple[str, ...]) -> Assessment:
        """Assess every program of these kinds."""
        speaks = ((self.selected.rule >= 0) | (self.selected.doubt >= 0)).any(axis=0)
        ready = [number for number in np.flatnonzero(speaks).tolist() if self.law.programs[number].kind in kinds]
        for level in sorted({self.law.programs[number].level for number in ready}):
            each_in_parallel(self._program, [number for number in ready if self.law.programs[number].level == level], len(self.lines))
        return self

    def _program(self, number: int) -> None:
        """One program: who is unknown before any arithmetic; rates of patterns; then the lines that need more than a rate."""
        rule = self.selected.rule[:, number]
        charged = (rule >= 0) & (self.stacked.gave_way[:, number] < 0) & ~self._mark_patterns(number)
        easy = charged & self._is_rate_of_value(number)
        ppm = np.zeros(len(rule), np.int64)
        ppm[easy] = self.law.duties.ppm[self.law.rule_duty[rule[easy]]]
        of_line = self.patterns.of_line
        amount = percent_of(self.lines.value, ppm[of_line]) if ppm.any() else np.zeros(len(self.lines), np.int64)
        if self.law.programs[number].per_shipment and easy.any():
            least, most = limits_of(self.law, number, rule, easy & (ppm > 0))
            amount = np.clip(amount, least[of_line], most[of_line])
        self.amounts[number], self.bases[number] = amount, self.lines.value
        hard = charged & ~easy
        if hard.any():
            self._lines(number, amount, np.arange(len(self.lines)) if hard.all() else np.flatnonzero(hard[of_line]))
            marked = self.unknowns.line_marks(number)
            if marked is not None:
                amount[marked] = 0

    def _lines(self, number: int, amount: Ints, lines: Ints) -> None:
        """Lines whose duty the schedule gives, or is more than a percentage, or whose base is not the value; or a fee of the whole shipment."""
        bits = self.selected.rule[:, number][self.patterns.of_line[lines]]
        duty = self._duties(bits, lines)
        if (duty < 0).any():
            self.unknowns.mark(number, lines[duty < 0], NO_RATE, "")
            lines, bits, duty = lines[duty >= 0], bits[duty >= 0], duty[duty >= 0]
        owing = self.law.duties.kind[duty] != NONE_DUE
        if not owing.all():
            lines, bits, duty = lines[owing], bits[owing], duty[owing]
        base = self._base(number, lines)
        if self.law.programs[number].per_shipment:
            assess_shipments(self.law, self.lines, number, self.unknowns, amount, lines, bits, duty, base)
            return
        kinds = self.law.duties.kind[duty]
        amount[lines] = percent_of(base, self.law.duties.ppm[duty], self.law.programs[number].base_scale)
        self._exact(number, lines, duty, base, np.flatnonzero(kinds == EXACT))
        for each in np.unique(duty[kinds == NOT_HELD]):
            self.unknowns.mark(number, lines[duty == each], NOT_HELD_LAW, str(bits[duty == each][0]))

    def _is_rate_of_value(self, number: int) -> Bools:
        """The patterns whose rule is a percentage (or nothing) of the customs value and takes no content out of it."""
        program = self.law.programs[number]
        whole = [choice.amounts == ((1, 1, Amount(VALUE, "")),) for choice in program.bases]
        simple = np.array([*whole, False, False])[self.selected.base[:, number]]  # -1 and -2: no base
        for entry, patterns in self.stacked.content.items():
            if self.law.yieldings[entry].program == number:
                simple &= ~patterns
        duty = self.law.rule_duty[self.selected.rule[:, number]]
        kind = self.law.duties.kind[duty]
        shared = program.per_shipment and len(self.lines.shipment) > 0
        return np.asarray((duty >= 0) & ((kind == NONE_DUE) | (simple & (kind == PLAIN))) & (not shared))

    def _mark_patterns(self, number: int) -> Bools:
        """Mark and return the patterns that are unknown as a whole.

        A missing fact decides which measure speaks, or which base; the duty is not held; or a program it gives way to is unknown.
        """
        rule, doubt, depends = self.selected.rule[:, number], self.selected.doubt[:, number], self.stacked.depends[:, number]
        speaks = (rule >= 0) & (self.stacked.gave_way[:, number] < 0)
        duty = self.law.rule_duty[rule]
        kinds = np.where(duty >= 0, self.law.duties.kind[duty], PLAIN)
        not_held = speaks & (kinds == NOT_HELD)
        base = self.selected.base[:, number]
        marks = []
        for values, kind, marked in (
            (doubt, DOUBTFUL_RULE, doubt >= 0),
            (rule, NOT_HELD_LAW, not_held),
            (depends, DEPENDS, depends >= 0),
            (base, NO_BASE, speaks & (base < 0) & (kinds != NONE_DUE)),
        ):
            if marked.any():
                names = [self.law.programs[each].name if kind == DEPENDS else str(each) for each in np.unique(values[marked])]
                marks.append((marked, values, kind, names))
        return self.unknowns.mark_patterns(number, len(rule), marks)

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
        program = self.law.programs[number]
        scale = program.base_scale
        if program.bases == (program.bases[0],) and program.bases[0].amounts == ((1, 1, Amount(VALUE, "")),) and not self.stacked.content:
            return self.lines.value[lines]
        chosen = self.selected.base[:, number][self.patterns.of_line[lines]] if len(program.bases) > 1 else None
        base: Ints = np.zeros(len(lines), np.int64)
        for place, choice in enumerate(program.bases):
            where = np.arange(len(lines)) if chosen is None else np.flatnonzero(chosen == place)
            if not len(where):
                continue
            total = np.zeros(len(where), np.int64)
            for numerator, denominator, amount in choice.amounts:
                values = self._measured(number, amount, lines[where], None)
                total = total + values * (numerator * scale // denominator)
            base[where] = np.maximum(total, 0)
        for content, patterns in self._contents(number).items():
            where = np.flatnonzero(patterns[self.patterns.of_line[lines]])
            base[where] = np.maximum(base[where] - scale * self._measured(number, Amount(MONEY_FACT, content), lines[where], None), 0)
        over_lines = self.bases[number] = self.lines.value.copy()
        over_lines[lines] = base if scale == 1 else (base * 2 + scale) // (scale * 2)
        return base

    def _contents(self, number: int) -> dict[str, Bools]:
        """The contents that stacking takes out of the base of a program, and from which patterns; each content once."""
        contents: dict[str, Bools] = {}
        for entry, patterns in self.stacked.content.items():
            yielding = self.law.yieldings[entry]
            if yielding.program == number:
                contents[yielding.content] = contents.get(yielding.content, np.False_) | patterns
        return contents

    def _exact(self, number: int, lines: Ints, duty: Ints, base: Ints, which: Ints) -> None:
        """Duties that are more than a percentage, one distinct duty at a time."""
        amount = self.amounts[number]
        assert amount is not None
        for each, members in _groups(duty[which]):
            place = which[members]
            exact = self.law.duties.exact[each]
            assert exact is not None
            here = lines[place]
            measured = {name: self._measured(number, name, here, base[place]) for name in exact.amounts()}
            amount[here] = exact_amount(exact, len(here), measured.__getitem__, self.law.programs[number].base_scale)

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
        amount, whole = self.amounts[other], self.bases[other]
        if amount is None or whole is None:
            return np.zeros(len(lines), np.int64)
        charged, whole = amount[lines], whole[lines]
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
