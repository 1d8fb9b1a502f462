"""The ledger: ids and integers; text, headings and acts are decoded on demand, for the lines asked.

Every total is a sum of postings.  A total with an unknown posting is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.assess import Assessment
from tariffcalc.engine.axes import Bools, Ints
from tariffcalc.engine.duty_table import ExactDuty
from tariffcalc.engine.reasons import Reason
from tariffcalc.engine.rule_table import ENTRY_DAY, CompiledLaw, Rule, Yielding

CHARGED, NONE_DUE, GAVE_WAY, UNKNOWN = "charged", "none due", "gave way", "unknown"


class Posting(NamedTuple):
    """One line and one program: what was charged, on what, under which heading and acts; or why not.

    ``amount`` and ``base`` are in minor units; ``amount`` is None where it is unknown.  ``reason`` says why, ``doubt`` which rule a missing fact
    would decide.  ``gave_way_to`` is the stacking entry under which nothing is charged,
    ``content_left_to`` the one that takes a content out of the base.
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
    gave_way_to: Yielding | None
    content_left_to: Yielding | None


class Ledger:
    """The assessed lines of one run."""

    def __init__(self, run: Assessment) -> None:
        self._run = run
        self.law: CompiledLaw = run.law
        self.lines = run.lines
        self._reason_columns: dict[int, NDArray[np.int32] | None] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def speaks(self, program: int) -> bool:
        """Whether the program has any posting."""
        return self._run.amounts[program] is not None

    def within_scope(self) -> Bools:
        """The programs of which some rule, on whatever day, covers the goods and the origin of some line [programs]."""
        patterns, law = self._run.patterns, self.law
        pairs = np.unique(patterns.product * len(law.origin_mask) + patterns.origin)
        covered = law.product_possible[pairs // len(law.origin_mask)] & law.origin_mask[pairs % len(law.origin_mask)]
        words = np.bitwise_or.reduce(covered, axis=0, initial=np.uint64(0))
        return np.array([bool(words[program.words].any()) for program in law.programs])

    def amount(self, program: int) -> Ints:
        """What the program charges on each line [minor units]; 0 where it is unknown or silent."""
        found = self._run.amounts[program]
        return np.zeros(len(self), np.int64) if found is None else found

    def unknown(self, program: int) -> Bools | None:
        """The lines on which the program is unknown; None for no line."""
        return self._run.unknowns.unknown([program])

    def total(self, kind: str) -> tuple[Ints, Bools]:
        """The sum of the postings of all programs of a kind on each line, and where it is unknown."""
        numbers = [number for number, program in enumerate(self.law.programs) if program.kind == kind and self.speaks(number)]
        total = np.zeros(len(self), np.int64)
        for number in numbers:
            total += self.amount(number)
        found = self._run.unknowns.unknown(numbers)
        unknown = np.zeros(len(self), bool) if found is None else found
        return total, unknown

    def reason_numbers(self, program: int) -> NDArray[np.int32] | None:
        """The reason why each line is unknown for the program (a position in ``reasons``), -1 where it is known."""
        return self._run.unknowns.column(program)

    @property
    def reasons(self) -> list[Reason]:
        return self._run.unknowns.reasons

    def rule_numbers(self, program: int) -> Ints:
        """The rule that speaks on each line, -1 where none does."""
        return np.asarray(self._run.selected.rule[self._run.patterns.of_line, program])

    def postings(self, line: int) -> Iterator[Posting]:
        """The postings of one line, in the order in which programs are computed."""
        for number in range(len(self.law.programs)):
            posting = self.posting(line, number)
            if posting is not None:
                yield posting

    def posting(self, line: int, number: int) -> Posting | None:
        """The posting of one line and program, or None where the program is silent."""
        run, law = self._run, self.law
        amounts = run.amounts[number]
        if amounts is None:
            return None
        pattern = run.patterns.of_line[line]
        bit, doubt = int(run.selected.rule[pattern, number]), int(run.selected.doubt[pattern, number])
        if bit < 0 and doubt < 0:
            return None
        rule = law.rules[bit] if bit >= 0 else law.rules[doubt]
        assert rule is not None
        program = law.programs[number]
        column = self._reason_column(number)
        reason = None if column is None or column[line] < 0 else self.reasons[column[line]]
        entry = int(run.stacked.gave_way[pattern, number])
        gave_way_to = law.yieldings[entry] if entry >= 0 and reason is None else None
        bases = run.bases[number]
        base = None if bases is None or reason is not None or gave_way_to is not None else int(bases[line])
        choice = program.bases[max(int(run.selected.base[pattern, number]), 0)]
        amount = None if reason is not None else int(amounts[line])
        content = self._content_entry(int(pattern), number) if reason is None and gave_way_to is None else None
        if content is not None and amount == 0 and base == 0:  # nothing is left beside the contents
            gave_way_to, base, content = content, None, None
        outcome = UNKNOWN if reason else GAVE_WAY if gave_way_to else CHARGED if amount else NONE_DUE
        heading = gave_way_to.heading if gave_way_to and gave_way_to.heading else rule.heading
        if outcome == NONE_DUE and rule.nothing_due_under:
            heading = rule.nothing_due_under
        also_declared = "" if outcome != CHARGED else content.heading if content else choice.heading
        return Posting(
            line, program.name, rule.measure, heading, also_declared, outcome, amount, base, choice.text,
            self.duty_text(line, bit) if bit >= 0 else rule.duty_text, rule, rule.by + self._schedule_act(line, bit), reason, gave_way_to, content,
        )  # fmt: skip

    def _content_entry(self, pattern: int, number: int) -> Yielding | None:
        """The first stacking entry that takes a content out of what the program is charged on."""
        entries = ((self.law.yieldings[entry], patterns) for entry, patterns in self._run.stacked.content.items())
        return next((entry for entry, patterns in entries if entry.program == number and patterns[pattern]), None)

    def _reason_column(self, number: int) -> NDArray[np.int32] | None:
        """The reasons of a program on every line, worked out once for all postings."""
        if number not in self._reason_columns:
            self._reason_columns[number] = self._run.unknowns.column(number)
        return self._reason_columns[number]

    def _schedule_act(self, line: int, bit: int) -> tuple[str, ...]:
        """The edition of the schedule that gives the duty of a line, where the schedule does."""
        return (self.law.segments.by[int(self.lines.segment[line])],) if bit >= 0 and self.law.rule_scheduled[bit] else ()

    def drawback(self, line: int, program: str) -> str:
        """Whether what a program charges on a line can be drawn back on exportation: yes, no, manufacturing, unknown; empty where nothing is held."""
        entered = int(self.lines.days[ENTRY_DAY][line])
        held = self.law.programs[self.law.program_index[program]].drawback
        return next((eligible for start, end, eligible in held if start <= entered < end), "")

    def exact_duty(self, line: int, program: str) -> ExactDuty | None:
        """The sums of the duty a program charges on a line, None where it is a plain percentage or nothing."""
        bit = int(self._run.selected.rule[self._run.patterns.of_line[line], self.law.program_index[program]])
        duty = self._duty(line, bit) if bit >= 0 else -1
        return self.law.duties.exact[duty] if duty >= 0 else None

    def duty_text(self, line: int, bit: int) -> str:
        """The wording of the duty a rule charges on a line: its own, or the schedule's."""
        duty = self._duty(line, bit)
        return self.law.duties.text[duty] if duty >= 0 else ""

    def _duty(self, line: int, bit: int) -> int:
        """The number of that duty, -1 where the schedule gives none."""
        law, row = self.law, self.lines.segment[line]
        scheduled = law.rule_scheduled[bit]
        segments = law.segments
        if not scheduled:
            return int(law.rule_duty[bit])
        spi = self.lines.spi[line]
        columns = (segments.general[row], segments.special_duties[segments.special[row], spi], segments.column2[row])
        return int(columns[scheduled - 1])
