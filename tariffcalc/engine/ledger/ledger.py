"""The ledger by line: its postings, with text, headings and acts decoded on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.duties import ExactDuty
from tariffcalc.compiled.programs import Beside, Rule, StackingRule
from tariffcalc.engine.amounts.borrowed import scheduled_duties
from tariffcalc.engine.ledger.columns import LedgerColumns
from tariffcalc.engine.ledger.posting_columns import CHARGED, GAVE_WAY, NONE_DUE, UNKNOWN
from tariffcalc.engine.ledger.posting_texts import PostingTexts, values_beside
from tariffcalc.engine.reasons import Reason
from tariffcalc.tags import Tag

__all__ = ["CHARGED", "GAVE_WAY", "NONE_DUE", "UNKNOWN", "Ledger", "Posting"]


class Posting(NamedTuple):
    """One line and one program: what was charged, on what, under which heading and acts; or why not.

    ``amount`` and ``base`` are in minor units; ``amount`` is None where it is unknown.  ``reason`` says why,
    ``doubt`` which rule a missing fact would decide.  ``stacked_out_by`` is the stacking entry under which
    nothing is charged, ``content_left_to`` the one that takes a content out of the base.  ``either`` is a
    rule that applies instead under some declarations of the facts that are not declared, and under which the
    program charges the same. ``tag`` is that of the least certain text the posting rests on.
    """

    line: int
    program: str
    measure: str
    heading: str
    also_declared: str
    outcome: str
    amount: int | None
    base: int | None
    base_text: str
    duty: int
    duty_text: str
    rule: Rule | None
    acts: tuple[str, ...]
    reason: Reason | None
    stacked_out_by: StackingRule | None
    content_left_to: StackingRule | None
    either: Rule | None
    tag: Tag


class Ledger(LedgerColumns):
    """The assessed lines of one run, with the postings of each line in words and acts."""

    def texts_of(self, lines: Ints) -> Iterator[PostingTexts]:
        """The postings of some lines, in ascending order, by column with their texts, a block of lines at a
        time."""
        for postings in self.postings_of(lines):
            yield PostingTexts(self.law, self.lines, self.reasons, postings)

    def postings(self, line: int) -> Iterator[Posting]:
        """The postings of one line, in the order in which programs are computed."""
        for texts in self.texts_of(np.array([line])):
            yield from self._decoded(texts)

    def postings_by_line(self) -> list[list[Posting]]:
        """The postings of every line: for few lines, since each posting is an object."""
        found: list[list[Posting]] = [[] for _ in range(len(self))]
        for texts in self.texts_of(np.arange(len(self))):
            for posting in self._decoded(texts):
                found[posting.line].append(posting)
        return found

    def posting(self, line: int, program: int) -> Posting | None:
        """The posting of one line and program, or None where the program has none."""
        name = self.law.programs[program].name
        return next((each for each in self.postings(line) if each.program == name), None)

    def _decoded(self, texts: PostingTexts) -> Iterator[Posting]:
        """Postings in full, one by one: for few of them."""
        law, columns, of = self.law, texts.postings, texts.postings.decided
        entries, acts = law.stacking_rules, texts.acts(tuple)
        for place in range(len(columns.line)):
            rule, reason, either = (int(each[place]) for each in (of.rule, of.reason, of.either))
            stacked_out, content = int(of.stacked_out[place]), int(of.content[place])
            behind = law.rules[rule]
            assert behind is not None
            yield Posting(
                int(columns.line[place]),
                law.programs[of.program[place]].name,
                behind.measure,
                texts.heading[place],
                texts.also_declared[place],
                texts.outcome[place],
                int(columns.amount[place]) if reason < 0 else None,
                int(columns.base[place]) if columns.has_base[place] else None,
                texts.base_text[place],
                int(texts.duty_number[place]),
                texts.duty[place],
                behind,
                acts[place],
                self.reasons[reason] if reason >= 0 else None,
                entries[stacked_out] if stacked_out >= 0 else None,
                entries[content] if content >= 0 else None,
                law.rules[either] if either >= 0 else None,
                texts.tag[place],
            )

    def decided_by(self, outcome: int, program: int) -> tuple[Rule | None, StackingRule | None]:
        """The rule of a program that applies in an outcome, or may, and the stacking rule by which the
        program gives way if it does."""
        outcomes = self._outcomes
        bit, entry = (
            int(outcomes.rule.rows[program, outcome]),
            int(outcomes.stacked_out.rows[program, outcome]),
        )
        bit = bit if bit >= 0 else int(outcomes.doubt.rows[program, outcome])
        known = outcomes.slots.reason.rows[program, outcome] < 0
        return self.law.rules[bit] if bit >= 0 else None, (
            self.law.stacking_rules[entry] if entry >= 0 and known else None
        )

    def value_beside(self, line: int, beside: Beside) -> int:
        """The part of the customs value that is declared under a heading beside that of the rule [minor
        units]."""
        return int(values_beside(self.law, self.lines, np.array([line]), beside)[0])

    def exact_duty(self, line: int, program: str) -> ExactDuty | None:
        """The sums of the duty a program charges on a line, None where it is a plain percentage or
        nothing."""
        bit = int(self._outcomes.rule.rows[self.law.program_index[program], self.outcome[line]])
        duty = self.duty_number(line, bit) if bit >= 0 else -1
        return self.law.duties.exact[duty] if duty >= 0 else None

    def lender(self, line: int, program: str) -> str:
        """The tariff line whose duty a program charges on a line instead of its own words; empty where it is
        none."""
        bit = int(self._outcomes.rule.rows[self.law.program_index[program], self.outcome[line]])
        row = self._borrowed(line, bit)[1] if bit >= 0 and self.law.rule_scheduled[bit] else -1
        return self.law.codes.codes[self.law.segments.code[row]] if row >= 0 else ""

    def duty_number(self, line: int, bit: int) -> int:
        """The number of the duty a rule charges on a line, its own or the schedule's; -1 where the schedule
        gives none."""
        return self._borrowed(line, bit)[0] if self.law.rule_scheduled[bit] else int(self.law.rule_duty[bit])

    def _borrowed(self, line: int, bit: int) -> tuple[int, int]:
        """The duty that the schedule gives, and the row of the line it is borrowed from, -1 where it
        is not."""
        duty, lent = scheduled_duties(self.law, self.lines, np.array([line]), np.array([bit]))
        return int(duty[0]), int(lent[0])
