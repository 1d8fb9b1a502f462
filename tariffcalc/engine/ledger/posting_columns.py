"""The postings of some lines by column: ids and integers, in the order of lines and programs.

What an outcome decides of a program (rule, stacking, base, reason) is looked up once for each outcome and
program; a posting is a line beside it, with its amount and what it was charged on.  Texts are made of the ids
in ``posting_texts.py``, when they are asked for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.engine.ledger.chunk import Chunk
from tariffcalc.engine.outcomes.outcomes import Outcomes

BECAME = CHARGED, NONE_DUE, GAVE_WAY, UNKNOWN = "charged", "none due", "gave way", "unknown"
NO_BASE = -1  # nothing is charged on less than nothing


class Decided(NamedTuple):
    """What outcomes decide of the programs that have a posting in them, or the same of each posting.

    Attributes
    ----------
    program, rule : [any]
        The program, and its rule that applies, or may where ``applies`` is False.
    stacked_out, content : [any]
        The entries of the stacking order under which the program gives way, and under which a content leaves
        its base; -1 for none.
    choice : [any]
        Which base of the program.
    slot : [any]
        The slot that holds the amount; -1 where nothing is charged.
    reason : [any]
        Why the amount is unknown, by number; -1 where it is known.
    either : [any]
        A rule that applies instead under some declarations; -1 for none.
    """

    program: Small
    rule: Small
    applies: Bools
    stacked_out: Small
    content: Small
    choice: Small
    slot: Small
    reason: Small
    either: Small

    def take(self, which: Ints) -> Decided:
        """The same of some of them."""
        return Decided._make(column[which] for column in self)


class PostingColumns(NamedTuple):
    """Postings of some lines [postings]; ``decided`` holds what is one for the outcome, corrected where lines
    of it differ.

    Attributes
    ----------
    line : [postings]
        The line, ascending.
    became : [postings]
        The place of what became of it in ``BECAME``.
    amount : [postings]
        What is charged [minor units]; 0 where it is unknown.
    base : [postings]
        What it is charged on [minor units]; ``NO_BASE`` where it gave way or is unknown.
    """

    line: Ints
    decided: Decided
    became: NDArray[np.int8]
    amount: Ints
    base: Ints

    @property
    def known(self) -> Bools:
        """Whether the amount of each posting is known."""
        return np.asarray(self.decided.reason < 0)

    @property
    def has_base(self) -> Bools:
        """Whether each posting is charged on anything."""
        return np.asarray(self.base != NO_BASE)


def posting_columns(
    outcomes: Outcomes, assessed: Bools, chunk: Chunk, places: Ints, value: Ints
) -> PostingColumns:
    """The postings of some lines of a chunk whose bases are kept, the lines in ascending order.

    ``assessed`` marks the programs that were assessed; ``value`` is the customs value of those lines.
    """
    met, of_line = np.unique(chunk.outcome[places], return_inverse=True)
    decided, counts = _decided(outcomes, assessed, met.astype(np.int64))
    first = np.cumsum(counts) - counts
    count = counts[of_line]
    line = np.repeat(places, count)
    start = np.cumsum(count) - count
    number = np.arange(len(line)) + np.repeat(first[of_line] - start, count)
    decided = decided.take(number)
    base: Ints = np.repeat(value, count)
    bases = chunk.bases or {}
    for program in np.flatnonzero(np.bincount(decided.program)).tolist():
        if program in bases or program in chunk.added:
            mine = np.flatnonzero(decided.program == program)
            lines, on = bases.get(program, (mine[:0], mine[:0]))
            found = _found(lines, line[mine])
            base[mine[found >= 0]] = on[found[found >= 0]]
            lines, why = chunk.added_to(program)
            found = _found(lines, line[mine])
            some = mine[found >= 0]
            decided.reason[some] = np.maximum(decided.reason[some], why[found[found >= 0]])
    return _posted(chunk, line, decided, base)


def _posted(chunk: Chunk, line: Ints, decided: Decided, base: Ints) -> PostingColumns:
    """Postings with their amounts, and what became of them."""
    assert chunk.amounts is not None
    unknown = decided.reason >= 0
    stacked_out, content = (np.where(unknown, -1, entry) for entry in (decided.stacked_out, decided.content))
    content[stacked_out >= 0] = -1
    charging = np.flatnonzero((decided.slot >= 0) & ~unknown)
    amount: Ints = np.zeros(len(line), np.int64)
    amount[charging] = chunk.amounts[decided.slot[charging], line[charging]]
    nothing_left = (content >= 0) & (amount == 0) & (base == 0)  # beside the contents
    stacked_out[nothing_left], content[nothing_left] = content[nothing_left], -1
    base[unknown | (stacked_out >= 0)] = NO_BASE
    became = np.select([unknown, stacked_out >= 0, amount != 0], [3, 2, 0], 1).astype(np.int8)
    decided = decided._replace(stacked_out=stacked_out, content=content)
    return PostingColumns(line + chunk.stretch.start, decided, became, amount, base)


def _decided(outcomes: Outcomes, assessed: Bools, met: Ints) -> tuple[Decided, Ints]:
    """What some outcomes decide, outcome by outcome, and of how many programs each does."""
    rule, doubt = (table.rows[:, met] for table in (outcomes.rule, outcomes.doubt))
    has_posting = ((rule >= 0) | (doubt >= 0)) & assessed[:, None]
    column, program = np.nonzero(has_posting.T)
    outcome = met[column]
    reason = outcomes.slots.reason.rows[program, outcome]
    rule = rule[program, column]
    content = np.full(has_posting.shape, -1, np.int32)
    # of several the first, which is written last
    for place, entry in reversed([*enumerate(outcomes.contents)]):
        content[outcomes.law.stacking_rules[entry].program, outcomes.content.rows[place, met]] = entry
    decided = Decided(
        program.astype(np.int32),
        np.where(rule >= 0, rule, doubt[program, column]),
        rule >= 0,
        outcomes.stacked_out.rows[program, outcome],
        content[program, column],
        np.maximum(outcomes.base.rows[program, outcome], 0),
        outcomes.slots.slot.rows[program, outcome].astype(np.int32),
        reason,
        outcomes.undecided.either.rows[program, outcome],
    )
    return decided, np.bincount(column, minlength=len(met))


def _found(kept: NDArray[Any], wanted: Ints) -> Ints:
    """The place of each wanted line among those kept, both ascending; -1 where it is not there."""
    place = np.searchsorted(kept, wanted)
    there = place < len(kept)
    there[there] = kept[place[there]] == wanted[there]
    return np.where(there, place, -1)
