"""Lines counted and summed by outcome: what a summary says of millions of lines, worked out over some
thousand outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.engine.ledger.chunk import Chunk
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.outcomes.presumed import Presumption
from tariffcalc.engine.sums import fits, total_of
from tariffcalc.engine.threads import each_in_parallel

_FIRST_LOOK = 1 << 12  # lines looked through at first where only the first of some are wanted
# outcomes of fewer than one line in so many are found by their lines in order, others by looking through the
# lines
_RARE = 64


class OutcomeTotals:
    """How many lines have each outcome, and what they come to.

    A law remembers far more outcomes than the lines of one run have.  Here the outcomes that some line has
    are numbered from 0; a column [outcomes] is in their order, which is that of ``met``.

    Attributes
    ----------
    met : [outcomes]
        The number of each outcome among those of the law.
    counts : [outcomes]
        How many lines have it.
    """

    def __init__(self, outcomes: Outcomes, chunks: list[Chunk]) -> None:
        self._outcomes, self.chunks = outcomes, chunks
        self._lines = sum(len(chunk.outcome) for chunk in chunks)
        counts = [np.bincount(chunk.outcome, minlength=len(outcomes)) for chunk in chunks]
        every: Ints = np.add.reduce(counts)
        self.met: Ints = np.flatnonzero(every)
        self.counts: Ints = every[self.met]
        self._counts = [each[self.met] for each in counts]  # of each chunk
        # where the lines of each outcome begin in ``_by_outcome``
        self._first = [np.cumsum(each) - each for each in self._counts]
        self._unknown: dict[int, list[tuple[int, Ints]]] = {}  # by program

    @cached_property
    def _of_lines(self) -> list[NDArray[Any]]:
        """The outcome of each line of each chunk."""
        # the fewer bytes the faster
        number = np.zeros(len(self._outcomes), np.uint16 if len(self.met) <= 1 << 16 else np.int32)
        number[self.met] = np.arange(len(self.met))
        return [number[chunk.outcome] for chunk in self.chunks]

    @cached_property
    def _by_outcome(self) -> list[NDArray[np.intp]]:
        """The lines of each chunk in the order of their outcomes."""
        return each_in_parallel(
            lambda of_line: np.argsort(of_line, kind="stable"), self._of_lines, self._lines
        )

    def of_met(self, table: NDArray[Any]) -> NDArray[Any]:
        """What a table [anything, outcomes of the law] says of the outcomes [anything, outcomes]."""
        return np.take(table, self.met, axis=-1)

    def of_lines(self, column: NDArray[Any]) -> NDArray[Any]:
        """What a column [outcomes] says of each line."""
        return np.concatenate([np.take(column, of_line, mode="clip") for of_line in self._of_lines])

    def lines_of(self, outcomes: Bools) -> Ints:
        """The lines that have one of some outcomes, in order."""
        found, which = [np.zeros(0, np.int64)], np.flatnonzero(outcomes)
        for chunk, counts, first, lines in zip(
            self.chunks, self._counts, self._first, self._by_outcome, strict=True
        ):
            count = counts[which]
            place = np.arange(count.sum()) + np.repeat(first[which] - (np.cumsum(count) - count), count)
            found.append(np.sort(lines[place]) + chunk.stretch.start)
        return np.concatenate(found)

    def first_lines(self, outcomes: Bools, most: int, among: Callable[[Ints], Ints]) -> Ints:
        """The first lines, in order, that have one of some outcomes and are among those that ``among``
        leaves."""
        if self.count_of(outcomes) * _RARE < self._lines:
            return among(self.lines_of(outcomes))[:most]
        found = [np.zeros(0, np.int64)]
        for chunk, of_line in zip(self.chunks, self._of_lines, strict=True):
            start, size = 0, _FIRST_LOOK
            while start < len(of_line) and most > 0:
                those = np.flatnonzero(outcomes[of_line[start : start + size]]) + (
                    chunk.stretch.start + start
                )
                found.append(among(those)[:most] if len(those) else those)
                most -= len(found[-1])
                start, size = start + size, size * 4
        return np.concatenate(found)

    def rules_met(self, program: int) -> Iterator[tuple[int, Bools]]:
        """The rules of a program that apply to some line, with the outcomes in which they do [outcomes].

        Where facts that are not declared decide and the program charges the same all the same, every rule
        that may apply is one of them.
        """
        rule = self.of_met(self._outcomes.rule.rows[program])
        found = {bit: rule == bit for bit in np.unique(rule).tolist() if bit >= 0}
        outcome, completed = self._completed(program)
        bits = self._outcomes.rule.rows[program][completed]
        other = np.flatnonzero((bits >= 0) & (bits != rule[outcome]))
        for bit in np.unique(bits[other]).tolist():
            found.setdefault(bit, np.zeros(len(rule), bool))[outcome[other[bits[other] == bit]]] = True
        yield from sorted(found.items())

    def presumptions(self) -> Iterator[tuple[Presumption, Bools]]:
        """What was assumed of the lines, with the outcomes that rest on each assumption [outcomes]."""
        found: dict[Presumption, Bools] = {}
        table, sets = self._outcomes.undecided.presumed.rows[0], self._outcomes.presumed.sets

        def add(outcome: Ints, number: NDArray[Any], program: int | None) -> None:
            for presumed in np.unique(number[number >= 0]).tolist():
                for each in sets[presumed]:
                    if program in (None, each.program):
                        marks = found.setdefault(each, np.zeros(len(self.met), bool))
                        marks[outcome[number == presumed]] = True

        add(np.arange(len(self.met)), self.of_met(table), None)
        for program in range(len(self._outcomes.law.programs)):
            outcome, completed = self._completed(program)
            add(outcome, table[completed], program)
        yield from sorted(found.items(), key=lambda item: item[0])

    def _completed(self, program: int) -> tuple[Ints, Ints]:
        """Where facts that are not declared decide and a duty is known all the same: each such outcome, once
        for each outcome of the law to which declarations lead."""
        outcome, completed = self._completions
        if self._outcomes.slots.is_fee[program]:
            return outcome[:0], completed[:0]
        known = self.of_met(self._outcomes.slots.reason.rows[program])[outcome] < 0
        return outcome[known], completed[known]

    @cached_property
    def _completions(self) -> tuple[Ints, Ints]:
        """Every undecided outcome, once for each outcome of the law to which declarations lead."""
        node = self.of_met(self._outcomes.undecided.node.rows[0])
        below = {
            number: sorted(self._outcomes.questions.outcomes(number))
            for number in np.unique(node[node >= 0]).tolist()
        }
        undecided = np.flatnonzero(node >= 0)
        completed = [below[number] for number in node[undecided].tolist()]
        return (
            np.repeat(undecided, [len(each) for each in completed]),
            np.array([number for each in completed for number in each], np.int64),
        )

    def count_of(self, outcomes: Bools) -> int:
        """How many lines have one of some outcomes."""
        return int(self.counts[outcomes].sum())

    def counts_among(self, lines: Bools | None) -> Ints:
        """How many of some lines (None: of all) have each outcome [outcomes]."""
        if lines is None:
            return self.counts
        some = (
            of_line[lines[chunk.stretch]] for chunk, of_line in zip(self.chunks, self._of_lines, strict=True)
        )
        counts: Ints = np.add.reduce([np.bincount(each, minlength=len(self.met)) for each in some])
        return counts

    def reason_counts(self, program: int) -> Ints:
        """How many lines are unknown for a program for each reason [reasons]."""
        slots = self._outcomes.slots
        counts = np.zeros(len(slots.reasons.all), np.int64)
        of_outcome = self.of_met(slots.reason.rows[program])
        unknown = of_outcome >= 0
        np.add.at(counts, of_outcome[unknown], self.counts[unknown])
        for chunk in self.chunks:
            counts += np.bincount(chunk.added_to(program)[1], minlength=len(counts))
            counts -= np.bincount(self._agreed(chunk, program)[1], minlength=len(counts))
        return counts

    def _agreed(self, chunk: Chunk, program: int) -> tuple[Ints, Ints]:
        """The lines of a chunk that are unknown for a program though their duty is known, and the reasons by
        number."""
        slots = self._outcomes.slots
        if program in slots.fees or not len(chunk.agreed):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        reasons = chunk.reasons(slots, program, chunk.agreed)
        return chunk.agreed[reasons >= 0], reasons[reasons >= 0].astype(np.int64)

    def unknown_lines(self, program: int) -> list[tuple[int, Ints]]:
        """The reasons why a program leaves lines unknown, in the order of their numbers, each with its lines
        in order."""
        if program not in self._unknown:
            self._unknown[program] = list(self._by_reason(program))
        return self._unknown[program]

    def _by_reason(self, program: int) -> Iterator[tuple[int, Ints]]:
        counts = self.reason_counts(program)
        if not counts.any():
            return
        of_outcome = self.of_met(self._outcomes.slots.reason.rows[program])
        places, reasons = [], []
        for chunk, of_line in zip(self.chunks, self._of_lines, strict=True):
            reason = of_outcome[of_line]
            added, why = chunk.added_to(program)
            reason[added] = why
            reason[self._agreed(chunk, program)[0]] = -1  # the duty of these lines is known all the same
            unknown = np.flatnonzero(reason >= 0)
            places.append(unknown + chunk.stretch.start)
            reasons.append(reason[unknown])
        lines, reason = np.concatenate(places), np.concatenate(reasons)
        order = np.argsort(reason, kind="stable")
        yield from zip(
            np.flatnonzero(counts).tolist(),
            np.split(lines[order], np.cumsum(counts[counts > 0])[:-1]),
            strict=True,
        )

    def agreed_lines(self, program: int) -> Iterator[tuple[int, Ints]]:
        """The reasons why a program is unknown on lines whose duty is known all the same, each with its lines
        in order."""
        parts = [
            (lines + chunk.stretch.start, reasons)
            for chunk in self.chunks
            for lines, reasons in [self._agreed(chunk, program)]
        ]
        lines, reasons = (np.concatenate(each) for each in zip(*parts, strict=True))
        for number in np.unique(reasons).tolist():
            yield number, lines[reasons == number]

    def sum_where_known(self, program: int) -> int:
        """The sum of what a program charges on the lines whose duty (or all of whose fees) is known [minor
        units]."""
        slot = self.of_met(self._outcomes.slots.slot.rows[program])
        charging = np.flatnonzero(slot >= 0)
        return sum(total_of(sums[slot[charging], charging]) for sums in self._sums)

    @cached_property
    def _sums(self) -> list[NDArray[Any]]:
        """Of each chunk the sums of its slots by outcome, over the lines whose duty or fees are known [slots,
        outcomes]."""
        return each_in_parallel(
            lambda each: self._sums_of(*each), zip(self.chunks, self._of_lines, strict=True), self._lines
        )

    def _sums_of(self, chunk: Chunk, of_line: NDArray[Any]) -> NDArray[Any]:
        assert chunk.amounts is not None
        slots = self._outcomes.slots
        of_fees = {slots.own[number] for number in slots.fees}
        kind = np.int64 if all(map(fits, chunk.amounts)) else object
        # every chunk alike, also one assessed before a slot was needed
        sums = np.zeros((slots.depth, len(self.met)), kind)
        # of duty and of fees; outcomes that are unknown are left out at the end
        unknown = np.zeros((2, len(of_line)), bool)
        for number, (lines, _) in chunk.added.items():
            unknown[int(number in slots.fees), lines] = True
        apart = [np.flatnonzero(each) for each in unknown]
        for slot, amounts in enumerate(chunk.amounts):
            fee = int(slot in of_fees)
            np.add.at(sums[slot], of_line, amounts)
            np.subtract.at(sums[slot], of_line[apart[fee]], amounts[apart[fee]])
            sums[slot, self.of_met(slots.unknown.rows[fee])] = 0
            if not fee:
                np.add.at(sums[slot], of_line[chunk.agreed], amounts[chunk.agreed])
        return sums
