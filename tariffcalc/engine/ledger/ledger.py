"""The ledger: ids and integers; text, headings and acts are decoded on demand, for the lines asked.

Every total is a sum of postings.  A total with an unknown posting is unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.duties import MILLION, ExactDuty
from tariffcalc.compiled.law import ENTRY_DAY, Beside, Rule, Yielding
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.assess import Assessment
from tariffcalc.engine.amounts.borrowed import scheduled_duties
from tariffcalc.engine.ledger.chunk import Chunk, Keep
from tariffcalc.engine.ledger.tally import Tally
from tariffcalc.engine.outcomes.certainty import InDoubt, Texts, certainty_of, least, texts_in_doubt
from tariffcalc.engine.outcomes.lanes import Lanes
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.patterns.classify import goods_pairs
from tariffcalc.engine.patterns.conditions import fact_values
from tariffcalc.engine.reasons import UNCERTAIN_ENTRY, Reason
from tariffcalc.engine.threads import each_in_parallel
from tariffcalc.tags import TAGS, Tag

_Column = TypeVar("_Column", bound=NDArray[Any])

CHARGED, NONE_DUE, GAVE_WAY, UNKNOWN = "charged", "none due", "gave way", "unknown"


class Posting(NamedTuple):
    """One line and one program: what was charged, on what, under which heading and acts; or why not.

    ``amount`` and ``base`` are in minor units; ``amount`` is None where it is unknown.  ``reason`` says why, ``doubt`` which rule a missing fact
    would decide.  ``gave_way_to`` is the stacking entry under which nothing is charged,
    ``content_left_to`` the one that takes a content out of the base.  ``either`` is a rule that applies instead under some declarations of the facts
    that are not declared, and under which the program charges the same.
    ``tag`` is that of the least certain text the posting rests on.
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
    either: Rule | None
    tag: Tag


class Charging(NamedTuple):
    """What each program charges in some outcomes [programs, outcomes]: whether a rule applies and does not give way, and which, its base, and the
    stacking entry that takes a content out of the base (-1: none)."""

    applies: Bools
    rule: Small
    base: Small
    content: Ints


class Ledger:
    """The assessed lines of one run, in chunks; ``again`` assesses a stretch of them once more and keeps more of it."""

    def __init__(self, outcomes: Outcomes, lines: Columns, chunks: list[Chunk], fees: bool, again: Callable[[slice, Keep], Chunk]) -> None:
        self.law, self.lines, self.fees = outcomes.law, lines, fees
        self._outcomes, self.chunks, self._again = outcomes, chunks, again
        self._last: Chunk | None = None

    def __len__(self) -> int:
        return len(self.lines)

    # --- columns -----------------------------------------------------------------------------------------------------------------

    def total(self, kind: str) -> tuple[Ints, Bools]:
        """The sum of the postings of all programs of a kind on each line, and where it is unknown."""
        return (self.duty, self.unknown_duty) if kind == "duty" else (self.fee, self.unknown_fee)

    @cached_property
    def duty(self) -> Ints:
        """The duty of each line [minor units], without what is unknown."""
        return _joined([chunk.duty for chunk in self.chunks])

    @cached_property
    def fee(self) -> Ints:
        """The fees of each line [minor units], without what is unknown."""
        return _joined([chunk.fee for chunk in self.chunks])

    @cached_property
    def unknown_duty(self) -> Bools:
        """The lines of which any duty is unknown."""
        return _joined([chunk.unknown[0] for chunk in self.chunks])

    @cached_property
    def unknown_fee(self) -> Bools:
        """The lines of which any fee is unknown."""
        return _joined([chunk.unknown[1] for chunk in self.chunks])

    @cached_property
    def outcome(self) -> NDArray[np.int32]:
        """The number of the outcome of each line."""
        return _joined([chunk.outcome for chunk in self.chunks])

    @cached_property
    def tally(self) -> Tally:
        """The lines counted by outcome."""
        return Tally(self._outcomes, self.chunks)

    @cached_property
    def sums(self) -> Tally:
        """The same with amounts."""
        chunks = self.chunks_with_amounts()
        return self.tally if self.tally.chunks is chunks else Tally(self._outcomes, chunks)

    def speaks(self, program: int) -> bool:
        """Whether the program has any posting."""
        if not self._assessed(program):
            return False
        return bool(self._speaking[program])

    @cached_property
    def _speaking(self) -> Bools:
        rule, doubt = (self.tally.of_met(table.rows) for table in (self._outcomes.rule, self._outcomes.doubt))
        return np.asarray(((rule >= 0) | (doubt >= 0)).any(axis=1))

    def within_scope(self) -> Bools:
        """The programs of which some rule, on whatever day, covers the goods and the origin of some line and asks no claim that is not made."""
        law = self.law
        met = np.zeros(len(law.product_possible) * len(law.origin_mask), bool)
        for chunk in self.chunks:
            met[goods_pairs(law, self.lines.stretch(chunk.stretch))] = True
        products, origins = np.divmod(np.flatnonzero(met), len(law.origin_mask))
        words = np.bitwise_or.reduce(law.product_possible[products] & law.origin_mask[origins], axis=0, initial=np.uint64(0))
        for test, rules in zip(law.tests, law.test_masks, strict=True):
            fact = law.facts.get(test.fact)
            implied = fact is not None and fact.implied is not None and bool(fact.implied[self.lines.code].any())
            made = fact is None or not fact.claim or implied or test.fact in self.lines.facts
            if test.operator == "true" and not test.negated and not made:
                words &= ~rules
        return np.array([bool(words[program.words].any()) for program in law.programs])

    def amount(self, program: int) -> Ints:
        """What the program charges on each line [minor units]; 0 where it is unknown or has no posting."""
        if not self._assessed(program):
            return np.zeros(len(self), np.int64)
        return _joined([chunk.amount(self.lanes, program) for chunk in self.chunks_with_amounts()])

    def unknown(self, program: int) -> Bools | None:
        """The lines on which the program is unknown; None where there is none."""
        if not self._assessed(program):
            return None
        chunks, reason = self.chunks_with_amounts(), self.lanes.reason.rows[program]
        if not ((reason[self.tally.met] >= 0).any() or any(program in chunk.added for chunk in chunks)):
            return None
        return _joined([chunk.reasons(self.lanes, program, np.arange(len(chunk.outcome))) >= 0 for chunk in chunks])

    @property
    def reasons(self) -> list[Reason]:
        """Why amounts are unknown, by number."""
        return self._outcomes.lanes.reasons.all

    def rule_numbers(self, program: int) -> Ints:
        """The rule that applies to each line, -1 where none does."""
        return np.asarray(self._outcomes.rule.rows[program][self.outcome], np.int64)

    def unknown_lines(self, program: int) -> Iterator[tuple[Reason, Ints]]:
        """The reasons why the program is unknown, in the order of their numbers, each with its lines."""
        if self._assessed(program):
            yield from ((self.reasons[number], lines) for number, lines in self.sums.unknown_lines(program))

    def agreed_lines(self, program: int) -> Iterator[tuple[Reason, Ints]]:
        """The reasons why the program is unknown on lines whose duty is known all the same, each with its lines."""
        if self._assessed(program):
            yield from ((self.reasons[number], lines) for number, lines in self.sums.agreed_lines(program))

    @cached_property
    def agreed(self) -> Ints:
        """The lines whose duty is the same under every declaration, though some of their programs are unknown."""
        return _joined([chunk.agreed + chunk.stretch.start for chunk in self.chunks])

    @cached_property
    def undivided(self) -> Ints:
        """The duty of those lines less what is known of their programs, in their order [minor units]."""
        parts = [chunk.undivided(self.lanes) for chunk in self.chunks_with_amounts()]
        return _joined(parts)

    @property
    def lanes(self) -> Lanes:
        """The lanes that hold amounts."""
        return self._outcomes.lanes

    def _assessed(self, program: int) -> bool:
        return self.fees or self.law.programs[program].kind == "duty"

    def chunks_with_amounts(self) -> list[Chunk]:
        """The chunks with their amounts, worked out again where only totals were kept."""
        if any(chunk.amounts is None for chunk in self.chunks):
            self.chunks = each_in_parallel(lambda chunk: self._again(chunk.stretch, "programs"), self.chunks, len(self))
        return self.chunks

    def _detail(self, line: int) -> tuple[Assessment, int]:
        """The assessment that a line was part of, and its place in it."""
        chunk = self.chunks[bisect_right(self.chunks, line, key=lambda chunk: chunk.stretch.start) - 1]
        if chunk.assessment is None:
            if self._last is None or self._last.stretch != chunk.stretch:
                self._last = self._again(chunk.stretch, "postings")
            chunk = self._last
        assert chunk.assessment is not None
        return chunk.assessment, line - chunk.stretch.start

    # --- postings ----------------------------------------------------------------------------------------------------------------

    def postings(self, line: int) -> Iterator[Posting]:
        """The postings of one line, in the order in which programs are computed."""
        for number in range(len(self.law.programs)):
            posting = self.posting(line, number)
            if posting is not None:
                yield posting

    def outcomes_of(self, lines: Columns) -> Ints:
        """The outcomes that other lines would have, by the same numbers."""
        return self._outcomes.of_lines(lines)

    def charging(self, numbers: Ints) -> Charging:
        """What each program charges in some outcomes."""
        outcomes = self._outcomes
        rule, base, gave_way = (table.rows[:, numbers] for table in (outcomes.rule, outcomes.base, outcomes.gave_way))
        content: Ints = np.full(rule.shape, -1, np.int64)
        for place, entry in reversed([*enumerate(outcomes.contents)]):  # of several the first, which is written last
            content[self.law.yieldings[entry].program, outcomes.content.rows[place, numbers]] = entry
        return Charging((rule >= 0) & (gave_way < 0), rule, base, content)

    def decided_by(self, outcome: int, program: int) -> tuple[Rule | None, Yielding | None]:
        """The rule of a program that applies in an outcome, or may, and the stacking rule by which the program gives way if it does."""
        outcomes = self._outcomes
        bit, entry = int(outcomes.rule.rows[program, outcome]), int(outcomes.gave_way.rows[program, outcome])
        bit = bit if bit >= 0 else int(outcomes.doubt.rows[program, outcome])
        known = outcomes.lanes.reason.rows[program, outcome] < 0
        return self.law.rules[bit] if bit >= 0 else None, self.law.yieldings[entry] if entry >= 0 and known else None

    def posting(self, line: int, number: int) -> Posting | None:
        """The posting of one line and program, or None where the program has none."""
        if not self._assessed(number):
            return None
        law, outcomes = self.law, self._outcomes
        run, place = self._detail(line)
        outcome = int(run.outcome[place])
        rule, gave_way_to = self.decided_by(outcome, number)
        if rule is None:
            return None
        bit, program = int(outcomes.rule.rows[number, outcome]), law.programs[number]
        why = run.reason(number, place)
        reason = self.reasons[why] if why >= 0 else None
        gave_way_to = gave_way_to if reason is None else None
        base = None if reason is not None or gave_way_to is not None else run.base(number, place)
        choice = program.bases[max(int(outcomes.base.rows[number, outcome]), 0)]
        lane = int(outcomes.lanes.lane.rows[number, outcome])
        amount = None if reason is not None else int(run.amounts[lane, place]) if lane >= 0 else 0
        content = self._content_entry(outcome, number) if reason is None and gave_way_to is None else None
        if content is not None and amount == 0 and base == 0:  # nothing is left beside the contents
            gave_way_to, base, content = content, None, None
        became = UNKNOWN if reason else GAVE_WAY if gave_way_to else CHARGED if amount else NONE_DUE
        heading = gave_way_to.heading if gave_way_to and gave_way_to.heading else rule.heading
        if became == NONE_DUE and rule.nothing_due_under:
            heading = rule.nothing_due_under
        also_declared = "" if became != CHARGED else content.heading if content else choice.heading or self._heading_beside(line, rule)
        either = int(outcomes.undecided.either.rows[number, outcome])
        return Posting(
            line, program.name, rule.measure, heading, also_declared, became, amount, base, choice.text,
            self.duty_text(line, bit) if bit >= 0 else rule.duty_text, rule, rule.by + self._schedule_act(line, bit), reason, gave_way_to, content,
            law.rules[either] if either >= 0 else None,
            self._tag(line, bit if gave_way_to is None else -1, gave_way_to or content or self._entry_in_doubt(reason), rule if bit < 0 else None),
        )  # fmt: skip

    def _tag(self, line: int, bit: int, entry: Yielding | None, doubtful: Rule | None) -> Tag:
        """The tag of the least certain of a rule, the row of the schedule it reads, a stacking entry, and a rule that a missing fact decides."""
        texts, scheduled = Texts.of(self.law), bit >= 0 and self.law.rule_scheduled[bit]
        places = [texts.rule[bit] if bit >= 0 else 0, texts.row[int(self.lines.segment[line])] if scheduled else 0]
        places += [least(self.law, each.tag, each.by) for each in (entry, doubtful) if each is not None]
        return TAGS[max(places)]

    def _entry_in_doubt(self, reason: Reason | None) -> Yielding | None:
        return self.law.yieldings[int(reason.name)] if reason is not None and reason.kind == UNCERTAIN_ENTRY else None

    @cached_property
    def certainty(self) -> NDArray[np.int8]:
        """The least certain text on which any duty of each line rests, as its place among the tags."""
        least, read = certainty_of(self._outcomes, self.tally.met)
        found, row = self.tally.of_lines(least), Texts.of(self.law).row
        if row.any():
            np.maximum(found, row[self.lines.segment], out=found, where=self.tally.of_lines(read))
        return found

    def in_doubt(self) -> Iterator[InDoubt]:
        """The texts in doubt on which postings rest, each with the outcomes that rest on it."""
        return (each for each in texts_in_doubt(self._outcomes, self.tally.met) if self._assessed(each[0]))

    def _heading_beside(self, line: int, rule: Rule) -> str:
        """The heading that a rule has declared beside its own, where any of the value of the line is declared under it."""
        return rule.beside.heading if rule.beside is not None and self.value_beside(line, rule.beside) else ""

    def value_beside(self, line: int, beside: Beside) -> int:
        """The part of the customs value that is declared under a heading beside that of the rule [minor units]."""
        value = int(self.lines.value[line])
        if not beside.fact:
            return value
        amounts, known = fact_values(self.law, self.lines, beside.fact)
        part = int(amounts[line]) if amounts is not None and (known is None or known[line]) else 0
        return min(part, value * beside.most_ppm // MILLION)

    def _content_entry(self, outcome: int, number: int) -> Yielding | None:
        """The first stacking entry that takes a content out of what the program is charged on."""
        entries = (self.law.yieldings[entry] for place, entry in enumerate(self._outcomes.contents) if self._outcomes.content.rows[place, outcome])
        return next((entry for entry in entries if entry.program == number), None)

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
        bit = int(self._outcomes.rule.rows[self.law.program_index[program], self.outcome[line]])
        duty = self._duty(line, bit) if bit >= 0 else -1
        return self.law.duties.exact[duty] if duty >= 0 else None

    def duty_text(self, line: int, bit: int) -> str:
        """The wording of the duty a rule charges on a line: its own, or the schedule's."""
        duty = self._duty(line, bit)
        return self.law.duties.text[duty] if duty >= 0 else ""

    def lender(self, line: int, program: str) -> str:
        """The tariff line whose duty a program charges on a line instead of its own words; empty where it is none."""
        bit = int(self._outcomes.rule.rows[self.law.program_index[program], self.outcome[line]])
        row = self._borrowed(line, bit)[1] if bit >= 0 and self.law.rule_scheduled[bit] else -1
        return self.law.codes.codes[self.law.segments.code[row]] if row >= 0 else ""

    def _duty(self, line: int, bit: int) -> int:
        """The number of that duty, -1 where the schedule gives none."""
        return self._borrowed(line, bit)[0] if self.law.rule_scheduled[bit] else int(self.law.rule_duty[bit])

    def _borrowed(self, line: int, bit: int) -> tuple[int, int]:
        """The duty that the schedule gives, and the row of the line it is borrowed from, -1 where it is not."""
        duty, lent = scheduled_duties(self.law, self.lines, np.array([line]), np.array([bit]))
        return int(duty[0]), int(lent[0])


def _joined(parts: list[_Column]) -> _Column:
    return parts[0] if len(parts) == 1 else cast(_Column, np.concatenate(parts))
