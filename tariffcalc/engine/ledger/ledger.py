"""The ledger by line: its postings, with text, headings and acts decoded on demand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.duties import MILLION, ExactDuty
from tariffcalc.compiled.law import ENTRY_DAY
from tariffcalc.compiled.programs import Beside, Rule, StackingRule
from tariffcalc.engine.amounts.assess import Assessment
from tariffcalc.engine.amounts.borrowed import scheduled_duties
from tariffcalc.engine.ledger.columns import LedgerColumns
from tariffcalc.engine.outcomes.certainty import Texts, least
from tariffcalc.engine.patterns.conditions import fact_values
from tariffcalc.engine.reasons import UNCERTAIN_ENTRY, Reason
from tariffcalc.tags import TAGS, Tag

CHARGED, NONE_DUE, GAVE_WAY, UNKNOWN = "charged", "none due", "gave way", "unknown"


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

    def _detail(self, line: int) -> tuple[Assessment, int]:
        """The assessment that a line was part of, and its place in it."""
        chunk = self.chunks[bisect_right(self.chunks, line, key=lambda chunk: chunk.stretch.start) - 1]
        if chunk.assessment is None:
            if self._last is None or self._last.stretch != chunk.stretch:
                self._last = self._again(chunk.stretch, "postings")
            chunk = self._last
        assert chunk.assessment is not None
        return chunk.assessment, line - chunk.stretch.start

    def postings(self, line: int) -> Iterator[Posting]:
        """The postings of one line, in the order in which programs are computed."""
        for number in range(len(self.law.programs)):
            posting = self.posting(line, number)
            if posting is not None:
                yield posting

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

    def posting(self, line: int, number: int) -> Posting | None:
        """The posting of one line and program, or None where the program has none."""
        if not self._assessed(number):
            return None
        law, outcomes = self.law, self._outcomes
        run, place = self._detail(line)
        outcome = int(run.outcome[place])
        rule, stacked_out_by = self.decided_by(outcome, number)
        if rule is None:
            return None
        bit, program = int(outcomes.rule.rows[number, outcome]), law.programs[number]
        why = run.reason(number, place)
        reason = self.reasons[why] if why >= 0 else None
        stacked_out_by = stacked_out_by if reason is None else None
        base = None if reason is not None or stacked_out_by is not None else run.base(number, place)
        choice = program.bases[max(int(outcomes.base.rows[number, outcome]), 0)]
        slot = int(outcomes.slots.slot.rows[number, outcome])
        amount = None if reason is not None else int(run.amounts[slot, place]) if slot >= 0 else 0
        content = self._content_entry(outcome, number) if reason is None and stacked_out_by is None else None
        if content is not None and amount == 0 and base == 0:  # nothing is left beside the contents
            stacked_out_by, base, content = content, None, None
        became = UNKNOWN if reason else GAVE_WAY if stacked_out_by else CHARGED if amount else NONE_DUE
        heading = stacked_out_by.heading if stacked_out_by and stacked_out_by.heading else rule.heading
        if became == NONE_DUE and rule.nothing_due_under:
            heading = rule.nothing_due_under
        also_declared = (
            ""
            if became != CHARGED
            else content.heading
            if content
            else choice.heading or self._heading_beside(line, rule)
        )
        either = int(outcomes.undecided.either.rows[number, outcome])
        entry = stacked_out_by or content or self._entry_in_doubt(reason)
        return Posting(
            line, program.name, rule.measure, heading, also_declared, became, amount, base, choice.text,
            self.duty_text(line, bit) if bit >= 0 else rule.duty_text, rule,
            rule.by + self._schedule_act(line, bit), reason, stacked_out_by, content,
            law.rules[either] if either >= 0 else None,
            self._tag(line, bit if stacked_out_by is None else -1, entry, rule if bit < 0 else None),
        )  # fmt: skip

    def _tag(self, line: int, bit: int, entry: StackingRule | None, doubtful: Rule | None) -> Tag:
        """The tag of the least certain of a rule, the row of the schedule it reads, a stacking entry, and a
        rule that a missing fact decides."""
        texts, scheduled = Texts.of(self.law), bit >= 0 and self.law.rule_scheduled[bit]
        places = [
            texts.rule[bit] if bit >= 0 else 0,
            texts.row[int(self.lines.segment[line])] if scheduled else 0,
        ]
        places += [least(self.law, each.tag, each.by) for each in (entry, doubtful) if each is not None]
        return TAGS[max(places)]

    def _entry_in_doubt(self, reason: Reason | None) -> StackingRule | None:
        return (
            self.law.stacking_rules[int(reason.name)]
            if reason is not None and reason.kind == UNCERTAIN_ENTRY
            else None
        )

    def _heading_beside(self, line: int, rule: Rule) -> str:
        """The heading that a rule has declared beside its own, where any of the value of the line is declared
        under it."""
        return rule.beside.heading if rule.beside is not None and self.value_beside(line, rule.beside) else ""

    def value_beside(self, line: int, beside: Beside) -> int:
        """The part of the customs value that is declared under a heading beside that of the rule [minor
        units]."""
        value = int(self.lines.value[line])
        if not beside.fact:
            return value
        amounts, known = fact_values(self.law, self.lines, beside.fact)
        part = int(amounts[line]) if amounts is not None and (known is None or known[line]) else 0
        return min(part, value * beside.most_ppm // MILLION)

    def _content_entry(self, outcome: int, number: int) -> StackingRule | None:
        """The first stacking entry that takes a content out of what the program is charged on."""
        entries = (
            self.law.stacking_rules[entry]
            for place, entry in enumerate(self._outcomes.contents)
            if self._outcomes.content.rows[place, outcome]
        )
        return next((entry for entry in entries if entry.program == number), None)

    def _schedule_act(self, line: int, bit: int) -> tuple[str, ...]:
        """The edition of the schedule that gives the duty of a line, where the schedule does."""
        return (
            (self.law.segments.by[int(self.lines.segment[line])],)
            if bit >= 0 and self.law.rule_scheduled[bit]
            else ()
        )

    def drawback(self, line: int, program: str) -> str:
        """Whether what a program charges on a line can be drawn back on exportation: yes, no, manufacturing,
        unknown; empty where nothing is held."""
        entered = int(self.lines.days[ENTRY_DAY][line])
        held = self.law.programs[self.law.program_index[program]].drawback
        return next((eligible for start, end, eligible in held if start <= entered < end), "")

    def exact_duty(self, line: int, program: str) -> ExactDuty | None:
        """The sums of the duty a program charges on a line, None where it is a plain percentage or
        nothing."""
        bit = int(self._outcomes.rule.rows[self.law.program_index[program], self.outcome[line]])
        duty = self._duty(line, bit) if bit >= 0 else -1
        return self.law.duties.exact[duty] if duty >= 0 else None

    def duty_text(self, line: int, bit: int) -> str:
        """The wording of the duty a rule charges on a line: its own, or the schedule's."""
        duty = self._duty(line, bit)
        return self.law.duties.text[duty] if duty >= 0 else ""

    def lender(self, line: int, program: str) -> str:
        """The tariff line whose duty a program charges on a line instead of its own words; empty where it is
        none."""
        bit = int(self._outcomes.rule.rows[self.law.program_index[program], self.outcome[line]])
        row = self._borrowed(line, bit)[1] if bit >= 0 and self.law.rule_scheduled[bit] else -1
        return self.law.codes.codes[self.law.segments.code[row]] if row >= 0 else ""

    def _duty(self, line: int, bit: int) -> int:
        """The number of that duty, -1 where the schedule gives none."""
        return self._borrowed(line, bit)[0] if self.law.rule_scheduled[bit] else int(self.law.rule_duty[bit])

    def _borrowed(self, line: int, bit: int) -> tuple[int, int]:
        """The duty that the schedule gives, and the row of the line it is borrowed from, -1 where it
        is not."""
        duty, lent = scheduled_duties(self.law, self.lines, np.array([line]), np.array([bit]))
        return int(duty[0]), int(lent[0])
