"""The ledger by column: what each line owes, what is unknown, and by which outcome; ids and integers.

Every total is a sum of postings.  A total with an unknown posting is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.bands import Bands, bands
from tariffcalc.engine.ledger.chunk import Chunk, Keep
from tariffcalc.engine.ledger.outcome_totals import OutcomeTotals
from tariffcalc.engine.ledger.posting_columns import PostingColumns, posting_columns
from tariffcalc.engine.outcomes.certainty import InDoubt, Texts, certainty_of, texts_in_doubt
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.outcomes.slots import AmountSlots
from tariffcalc.engine.patterns.classify import goods_pairs
from tariffcalc.engine.reasons import Reason
from tariffcalc.engine.threads import blocks, each_in_parallel

_Column = TypeVar("_Column", bound=NDArray[Any])


class Charging(NamedTuple):
    """What each program charges in some outcomes [programs, outcomes]: whether a rule applies and does not
    give way, and which, its base, and the stacking entry that takes a content out of the base (-1: none)."""

    applies: Bools
    rule: Small
    base: Small
    content: Ints


class LedgerColumns:
    """The assessed lines of one run, in chunks; ``again`` assesses a stretch of them once more and keeps more
    of it."""

    def __init__(
        self,
        outcomes: Outcomes,
        lines: Columns,
        chunks: list[Chunk],
        fees: bool,
        again: Callable[[slice, Keep], Chunk],
    ) -> None:
        self.law, self.lines, self.fees = outcomes.law, lines, fees
        self._outcomes, self.chunks, self._again = outcomes, chunks, again
        self._last: Chunk | None = None

    def __len__(self) -> int:
        return len(self.lines)

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
    def bands(self) -> tuple[Ints, Bands]:
        """The lines of which any duty is unknown, and the least and the most it can come to."""
        lines = np.flatnonzero(self.unknown_duty)
        return lines, bands(self._outcomes, self.lines.take(lines), self.outcome[lines].astype(np.int64))

    @cached_property
    def outcome_totals(self) -> OutcomeTotals:
        """The lines counted by outcome."""
        return OutcomeTotals(self._outcomes, self.chunks)

    @cached_property
    def outcome_sums(self) -> OutcomeTotals:
        """The same with amounts."""
        chunks = self.chunks_with_amounts()
        return (
            self.outcome_totals
            if self.outcome_totals.chunks is chunks
            else OutcomeTotals(self._outcomes, chunks)
        )

    def has_postings(self, program: int) -> bool:
        """Whether the program has any posting."""
        if not self._assessed(program):
            return False
        return bool(self._has_postings[program])

    @cached_property
    def _has_postings(self) -> Bools:
        rule, doubt = (
            self.outcome_totals.of_met(table.rows) for table in (self._outcomes.rule, self._outcomes.doubt)
        )
        return np.asarray(((rule >= 0) | (doubt >= 0)).any(axis=1))

    def within_scope(self) -> Bools:
        """The programs of which some rule, on whatever day, covers the goods and the origin of some line and
        asks no claim that is not made."""
        law = self.law
        met = np.zeros(len(law.product_possible) * len(law.origin_mask), bool)
        for chunk in self.chunks:
            met[goods_pairs(law, self.lines.stretch(chunk.stretch))] = True
        products, origins = np.divmod(np.flatnonzero(met), len(law.origin_mask))
        words = np.bitwise_or.reduce(
            law.product_possible[products] & law.origin_mask[origins], axis=0, initial=np.uint64(0)
        )
        for test, rules in zip(law.tests, law.test_masks, strict=True):
            fact = law.facts.get(test.fact)
            implied = (
                fact is not None and fact.implied is not None and bool(fact.implied[self.lines.code].any())
            )
            made = fact is None or not fact.claim or implied or test.fact in self.lines.facts
            if test.operator == "true" and not test.negated and not made:
                words &= ~rules
        return np.array([bool(words[program.words].any()) for program in law.programs])

    def amount(self, program: int) -> Ints:
        """What the program charges on each line [minor units]; 0 where it is unknown or has no posting."""
        if not self._assessed(program):
            return np.zeros(len(self), np.int64)
        return _joined([chunk.amount(self.slots, program) for chunk in self.chunks_with_amounts()])

    def unknown(self, program: int) -> Bools | None:
        """The lines on which the program is unknown; None where there is none."""
        if not self._assessed(program):
            return None
        chunks, reason = self.chunks_with_amounts(), self.slots.reason.rows[program]
        if not (
            (reason[self.outcome_totals.met] >= 0).any() or any(program in chunk.added for chunk in chunks)
        ):
            return None
        return _joined(
            [chunk.reasons(self.slots, program, np.arange(len(chunk.outcome))) >= 0 for chunk in chunks]
        )

    @property
    def reasons(self) -> list[Reason]:
        """Why amounts are unknown, by number."""
        return self._outcomes.slots.reasons.all

    def rule_numbers(self, program: int) -> Ints:
        """The rule that applies to each line, -1 where none does."""
        return np.asarray(self._outcomes.rule.rows[program][self.outcome], np.int64)

    def unknown_lines(self, program: int) -> Iterator[tuple[Reason, Ints]]:
        """The reasons why the program is unknown, in the order of their numbers, each with its lines."""
        if self._assessed(program):
            yield from (
                (self.reasons[number], lines) for number, lines in self.outcome_sums.unknown_lines(program)
            )

    def agreed_lines(self, program: int) -> Iterator[tuple[Reason, Ints]]:
        """The reasons why the program is unknown on lines whose duty is known all the same, each with its
        lines."""
        if self._assessed(program):
            yield from (
                (self.reasons[number], lines) for number, lines in self.outcome_sums.agreed_lines(program)
            )

    @cached_property
    def agreed(self) -> Ints:
        """The lines whose duty is the same under every declaration, though some of their programs are
        unknown."""
        return _joined([chunk.agreed + chunk.stretch.start for chunk in self.chunks])

    @cached_property
    def undivided(self) -> Ints:
        """The duty of those lines less what is known of their programs, in their order [minor units]."""
        parts = [chunk.undivided(self.slots) for chunk in self.chunks_with_amounts()]
        return _joined(parts)

    @property
    def slots(self) -> AmountSlots:
        """The slots that hold amounts."""
        return self._outcomes.slots

    def _assessed(self, program: int) -> bool:
        return bool(self.assessed[program])

    @cached_property
    def assessed(self) -> Bools:
        """The programs that were assessed: every duty, and fees where they were asked for."""
        return np.array([self.fees or program.kind == "duty" for program in self.law.programs])

    def chunks_with_amounts(self) -> list[Chunk]:
        """The chunks with their amounts, worked out again where only totals were kept."""
        if any(chunk.amounts is None for chunk in self.chunks):
            self.chunks = each_in_parallel(
                lambda chunk: self._again(chunk.stretch, "programs"), self.chunks, len(self)
            )
        return self.chunks

    def postings_of(self, lines: Ints) -> Iterator[PostingColumns]:
        """The postings of some lines, in ascending order, a block of lines at a time."""
        start = 0
        for chunk in self.chunks:
            end = int(np.searchsorted(lines, chunk.stretch.stop))
            for block in blocks(end - start):
                some = lines[start + block.start : start + block.stop]
                yield posting_columns(
                    self._outcomes,
                    self.assessed,
                    self._with_bases(chunk),
                    some - chunk.stretch.start,
                    self.lines.value[some],
                )
            start = end

    def _with_bases(self, chunk: Chunk) -> Chunk:
        """A chunk with its amounts and bases, worked out again where they were not kept."""
        if chunk.bases is not None:
            return chunk
        if self._last is None or self._last.stretch != chunk.stretch:
            self._last = self._again(chunk.stretch, "postings")
        return self._last

    def outcomes_of(self, lines: Columns) -> Ints:
        """The outcomes that other lines would have, by the same numbers."""
        return self._outcomes.of_lines(lines)

    def charging(self, numbers: Ints) -> Charging:
        """What each program charges in some outcomes."""
        outcomes = self._outcomes
        rule, base, stacked_out = (
            table.rows[:, numbers] for table in (outcomes.rule, outcomes.base, outcomes.stacked_out)
        )
        content: Ints = np.full(rule.shape, -1, np.int64)
        # of several the first, which is written last
        for place, entry in reversed([*enumerate(outcomes.contents)]):
            content[self.law.stacking_rules[entry].program, outcomes.content.rows[place, numbers]] = entry
        return Charging((rule >= 0) & (stacked_out < 0), rule, base, content)

    @cached_property
    def certainty(self) -> NDArray[np.int8]:
        """The least certain text on which any duty of each line rests, as its place among the tags."""
        least, read = certainty_of(self._outcomes, self.outcome_totals.met)
        found, row = self.outcome_totals.of_lines(least), Texts.of(self.law).row
        if row.any():
            np.maximum(found, row[self.lines.segment], out=found, where=self.outcome_totals.of_lines(read))
        return found

    def in_doubt(self) -> Iterator[InDoubt]:
        """The texts in doubt on which postings rest, each with the outcomes that rest on it."""
        return (
            each
            for each in texts_in_doubt(self._outcomes, self.outcome_totals.met)
            if self._assessed(each[0])
        )


def _joined(parts: list[_Column]) -> _Column:
    return parts[0] if len(parts) == 1 else cast(_Column, np.concatenate(parts))
