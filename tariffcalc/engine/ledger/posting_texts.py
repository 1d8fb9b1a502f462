"""The texts of postings by column: headings, wordings of duties, acts and tags, each made once for what it is
looked up by (a rule, an entry of the stacking order, a duty) and taken for every posting."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.law import ENTRY_DAY, CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.compiled.programs import Beside, Rule
from tariffcalc.engine.amounts.borrowed import scheduled_duties
from tariffcalc.engine.ledger.posting_columns import BECAME, CHARGED, NONE_DUE, PostingColumns
from tariffcalc.engine.outcomes.certainty import Texts
from tariffcalc.engine.patterns.conditions import fact_values
from tariffcalc.engine.reasons import UNCERTAIN_ENTRY, Reason
from tariffcalc.tags import TAGS

Column = NDArray[np.object_]


def of_each(numbers: NDArray[Any], what: Callable[[int], Any]) -> Column:
    """What each number from -1 stands for, made once for each number that occurs.

    >>> of_each(np.array([2, -1, 2]), str).tolist()
    ['2', '-1', '2']
    """
    places = numbers.astype(np.int64) + 1
    met = np.flatnonzero(np.bincount(places))
    table = np.empty(int(met.max(initial=0)) + 1, object)
    for place in met.tolist():
        table[place] = what(place - 1)
    found: Column = table[places]
    return found


def of_each_pair(first: NDArray[Any], second: NDArray[Any], what: Callable[[int, int], Any]) -> Column:
    """What each pair of numbers stands for, made once for each pair that occurs; ``second`` from 0."""
    width = int(second.max(initial=0)) + 1
    _, where, place = np.unique(
        first.astype(np.int64) * width + second, return_index=True, return_inverse=True
    )
    table = np.empty(len(where), object)
    for number, (one, other) in enumerate(zip(first[where].tolist(), second[where].tolist(), strict=True)):
        table[number] = what(one, other)
    found: Column = table[place.reshape(-1)]
    return found


def values_beside(law: CompiledLaw, lines: Columns, which: Ints, beside: Beside) -> Ints:
    """The part of the customs value that is declared under a heading beside that of the rule, on some lines
    [minor units]."""
    value: Ints = lines.value[which]
    if not beside.fact:
        return value
    amounts, known = fact_values(law, lines, beside.fact)
    if amounts is None:
        return np.zeros(len(which), np.int64)
    part = amounts[which] if known is None else np.where(known[which], amounts[which], 0)
    most = value // MILLION * beside.most_ppm + value % MILLION * beside.most_ppm // MILLION
    return np.asarray(np.minimum(part, most))


class PostingTexts:
    """The texts of some postings of a ledger, each column [postings] made when it is asked for."""

    def __init__(
        self, law: CompiledLaw, lines: Columns, reasons: list[Reason], postings: PostingColumns
    ) -> None:
        self.law, self.lines, self.reasons, self.postings = law, lines, reasons, postings
        self._of = postings.decided
        # of each posting: whether the schedule gives its duty
        self._scheduled: Bools = self._of.applies & (law.rule_scheduled[self._of.rule] > 0)

    def of_rules(self, what: Callable[[Rule], Any]) -> Column:
        """What is said of the rule of each posting."""

        def of_rule(bit: int) -> Any:
            rule = self.law.rules[bit]
            assert rule is not None
            return what(rule)

        return of_each(self._of.rule, of_rule)

    @cached_property
    def outcome(self) -> Column:
        """What became of each posting."""
        return np.array(BECAME, object)[self.postings.became]

    @cached_property
    def heading(self) -> Column:
        """The heading under which each posting is declared."""
        entries = self.law.stacking_rules
        own = self.of_rules(lambda rule: rule.heading)
        if_nothing = self.of_rules(lambda rule: rule.nothing_due_under or rule.heading)
        other = of_each(self._of.stacked_out, lambda entry: entries[entry].heading if entry >= 0 else "")
        heading: Column = np.where(self._became(NONE_DUE), if_nothing, np.where(other != "", other, own))
        return heading

    @cached_property
    def also_declared(self) -> Column:
        """The heading declared for the rest of the value, or beside the own heading of the rule."""
        law, of = self.law, self._of
        also = of_each_pair(
            of.program, of.choice, lambda program, choice: law.programs[program].bases[choice].heading
        )
        beside = self.beside
        also = np.where(also != "", also, np.where(beside.astype(bool), self._headings_beside, ""))
        contents = of_each(of.content, lambda entry: law.stacking_rules[entry].heading if entry >= 0 else "")
        also = np.where(of.content >= 0, contents, also)
        return np.where(self._became(CHARGED), also, "")

    @cached_property
    def _headings_beside(self) -> Column:
        return self.of_rules(lambda rule: rule.beside.heading if rule.beside else "")

    @cached_property
    def beside(self) -> Ints:
        """The part of the customs value that is declared under the heading beside that of the rule [minor
        units]; 0 where there is none."""
        part: Ints = np.zeros(len(self.postings.line), np.int64)
        rules = self.law.rules
        for bit in np.flatnonzero(np.bincount(self._of.rule)).tolist():
            rule = rules[bit]
            if rule is not None and rule.beside is not None:
                mine = np.flatnonzero(self._of.rule == bit)
                part[mine] = values_beside(self.law, self.lines, self.postings.line[mine], rule.beside)
        return part

    @cached_property
    def base_text(self) -> Column:
        """What each posting is charged on, as the law words it."""
        programs = self.law.programs
        return of_each_pair(
            self._of.program, self._of.choice, lambda program, choice: programs[program].bases[choice].text
        )

    @cached_property
    def duty_number(self) -> Ints:
        """The number of the duty of each posting, that of its rule, or the schedule's; -1 for none."""
        number: Ints = self.law.rule_duty[self._of.rule].astype(np.int64)
        scheduled = np.flatnonzero(self._scheduled)
        number[scheduled] = scheduled_duties(
            self.law, self.lines, self.postings.line[scheduled], self._of.rule[scheduled]
        )[0]
        return number

    @cached_property
    def duty(self) -> Column:
        """The wording of the duty of each posting: that of its rule, or the schedule's."""
        texts, of = self.law.duties.text, self._of
        found = of_each(self.duty_number, lambda duty: texts[duty] if duty >= 0 else "")
        return np.where(of.applies, found, self.of_rules(lambda rule: rule.duty_text))

    def acts(self, shown: Callable[[tuple[str, ...]], Any]) -> Column:
        """The acts of each posting as they are to be shown: those of its rule, and the edition of the
        schedule that gives its duty."""
        found = self.of_rules(lambda rule: shown(rule.by))
        scheduled = np.flatnonzero(self._scheduled)
        segment = self.lines.segment[self.postings.line[scheduled]]
        editions: dict[str, int] = {}
        number = of_each(
            segment, lambda row: editions.setdefault(self.law.segments.by[row], len(editions))
        ).astype(np.int64)
        names, rules = list(editions), self.law.rules

        def acts(bit: int, edition: int) -> Any:
            rule = rules[bit]
            assert rule is not None
            return shown((*rule.by, names[edition]))

        found[scheduled] = of_each_pair(self._of.rule[scheduled], number, acts)
        return found

    @cached_property
    def tag(self) -> Column:
        """The tag of the least certain of the rule of each posting, the row of the schedule it reads, and the
        entries of the stacking order it meets."""
        texts, of = Texts.of(self.law), self._of
        of_rule = np.where(~of.applies | (of.stacked_out < 0), texts.rule[of.rule], 0)
        read = np.flatnonzero(self._scheduled & (of.stacked_out < 0))
        of_row = np.zeros_like(of_rule)
        of_row[read] = texts.row[self.lines.segment[self.postings.line[read]]]
        entry = np.where(of.stacked_out >= 0, of.stacked_out, of.content)
        in_doubt = of_each(of.reason, self._entry_in_doubt).astype(np.int64)
        entry = np.where(entry >= 0, entry, in_doubt)
        return np.array(TAGS, object)[np.maximum(np.maximum(of_rule, of_row), texts.entry[entry])]

    def _entry_in_doubt(self, number: int) -> int:
        """The entry of the stacking order that a reason names; -1 where it names none."""
        reason = self.reasons[number] if number >= 0 else None
        return int(reason.name) if reason is not None and reason.kind == UNCERTAIN_ENTRY else -1

    @cached_property
    def drawback(self) -> Column:
        """Whether what each posting charges can be drawn back on exportation: yes, no, manufacturing,
        unknown; empty where nothing is charged or nothing is held."""
        found = np.full(len(self.postings.line), "", object)
        entered = self.lines.days[ENTRY_DAY][self.postings.line]
        for program in np.flatnonzero(np.bincount(self._of.program)).tolist():
            mine = (self._of.program == program) & (self.postings.amount != 0)
            # of several the first, which is written last
            for start, end, eligible in reversed(self.law.programs[program].drawback):
                found[mine & (entered >= start) & (entered < end)] = eligible
        return found

    def _became(self, what: str) -> Bools:
        return np.asarray(self.postings.became == BECAME.index(what))
