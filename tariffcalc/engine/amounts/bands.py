"""Bands: the least and the most that the duty of a line can come to whatever is declared of it.

The rules that may apply are those of the outcomes to which the questions of its outcome lead; under each of
them an amount that is not declared is put at either end of what it can be.  Every duty rises or falls with
such an amount throughout, so that its least and its most are at an end.  A duty that the law leaves open (its
rate is not held) is nothing at least, and has no most.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.extremes import UNBOUNDED, Ask, Extremes, extremes
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.outcomes.questions import Question

_LAST = 1 << 20  # more than the questions that are asked one after another
_BLOCK = 1 << 15  # lines whose bands are worked out together


class Bands(NamedTuple):
    """The bands of some lines.

    ``least`` and ``most`` are the ends [minor units]; ``most`` is ``UNBOUNDED`` where nothing bounds it.
    ``moved_by`` is the place in ``asks`` of what moves the duty most: that whose answers shift an end of the
    band furthest (-1 where only the law leaves it open).
    """

    least: Ints
    most: Ints
    moved_by: NDArray[np.int32]
    asks: tuple[Ask, ...]


class _Leaves(NamedTuple):
    """The outcomes to which a node leads, those that charge alike once, and the place of every outcome among
    them."""

    outcomes: Ints
    place: dict[int, int]


def bands(outcomes: Outcomes, lines: Columns, outcome: Ints) -> Bands:
    """The bands of lines whose duty is unknown, and whose outcomes these are."""
    node = outcomes.undecided.node.rows[0][outcome].astype(np.int64)
    leaves = {number: _leaves_of(outcomes, number) for number in np.unique(node[node >= 0]).tolist()}
    count = np.array([len(leaves[number].outcomes) if number >= 0 else 1 for number in node.tolist()])
    order = np.lexsort((node, count))
    least, most, moved_by = np.empty_like(outcome), np.empty_like(outcome), np.full(len(lines), -1, np.int32)
    asks: dict[Ask, int] = {}
    for some in np.split(order, range(_BLOCK, len(order), _BLOCK)):
        here, nodes = lines.take(some), node[some]
        under = _under_each(outcomes, here, nodes, outcome[some], leaves)
        least[some] = np.min([each.least for each in under], axis=0, initial=UNBOUNDED)
        most[some] = np.max([each.most for each in under], axis=0, initial=-1)
        shifts = _Shifts(len(some), asks)
        for each in under:
            for ask, shift in each.shifts.items():
                shifts.add(ask, slice(None), shift, _LAST - 1)
        for number, leaf in leaves.items():
            which = np.flatnonzero(nodes == number)
            if len(which):
                _visit(outcomes, number, leaf, under, which, shifts)
        moved_by[some] = shifts.first
    return Bands(least, most, moved_by, tuple(asks))


def _leaves_of(outcomes: Outcomes, node: int) -> _Leaves:
    every = np.array(sorted(outcomes.questions.outcomes(node)), np.int64)
    charge = np.where(outcomes.slots.is_fee[:, None], 0, outcomes.slots.charge.rows[:, every])
    rule = np.where(charge < 0, outcomes.rule.rows[:, every], 0)
    columns = [column.tobytes() for column in np.ascontiguousarray(np.vstack([charge, rule]).T)]
    places = {column: place for place, column in enumerate(dict.fromkeys(columns))}
    first = {places[column]: number for column, number in zip(reversed(columns), every[::-1], strict=True)}
    place = {int(number): places[column] for number, column in zip(every, columns, strict=True)}
    return _Leaves(np.array([first[each] for each in range(len(places))], np.int64), place)


def _under_each(
    outcomes: Outcomes, lines: Columns, nodes: Ints, outcome: Ints, leaves: dict[int, _Leaves]
) -> list[Extremes]:
    """The extremes of lines under the first of their leaves, under the second, and so on; of a line with
    fewer leaves nothing is under the last."""
    table = [outcome.copy()]
    for number in np.unique(nodes[nodes >= 0]).tolist():
        members = leaves[number].outcomes
        table += [np.full_like(outcome, -1) for _ in range(len(members) - len(table))]
        for row, member in zip(table, members.tolist(), strict=False):
            row[nodes == number] = member
    found = []
    for row in table:
        some = np.flatnonzero(row >= 0)
        everywhere = len(some) == len(row)
        under = extremes(outcomes, lines if everywhere else lines.take(some), row[some])
        found.append(under if everywhere else under.spread(some, len(row)))
    return found


class _Shifts:
    """How far the answers to each ask shift an end of the band [lines]: the greatest shift of each, and how
    many questions are asked before it."""

    def __init__(self, size: int, asks: dict[Ask, int]) -> None:
        self._size, self._asks = size, asks
        self._found: dict[Ask, tuple[Ints, Ints]] = {}

    def add(self, ask: Ask, which: Ints | slice, shift: Ints, before: int) -> None:
        if ask not in self._found:
            self._found[ask] = np.zeros(self._size, np.int64), np.full(self._size, _LAST)
        greatest, first = self._found[ask]
        further = (shift > greatest[which]) | ((shift == greatest[which]) & (before < first[which]))
        greatest[which] = np.where(further, shift, greatest[which])
        first[which] = np.where(further, before, first[which])

    @property
    def first(self) -> NDArray[np.int32]:
        """The ask with the greatest shift of each line, of several the one that is asked first, or else the
        first by name; -1 where none shifts anything."""
        found = np.full(self._size, -1, np.int32)
        best, before = np.zeros(self._size, np.int64), np.full(self._size, _LAST)
        for ask, (shift, asked) in sorted(self._found.items()):
            better = (shift > best) | ((shift == best) & (shift > 0) & (asked < before))
            found[better] = self._asks.setdefault(ask, len(self._asks))
            best, before = np.where(better, shift, best), np.where(better, asked, before)
        return found


def _visit(
    outcomes: Outcomes, root: int, leaves: _Leaves, under: list[Extremes], which: Ints, shifts: _Shifts
) -> None:
    """Add the shifts of the questions below a node, on the lines that begin there."""
    ends: dict[int, tuple[Ints, Ints]] = {}
    depths = outcomes.questions.depths(root)
    for number in reversed(outcomes.questions.below(root)):
        node = outcomes.questions[number]
        if not isinstance(node, Question):
            leaf = under[leaves.place[node]]
            ends[number] = leaf.least[which], leaf.most[which]
            continue
        below = [ends[answer] for answer in node.answers]
        least, most = (np.stack(each) for each in zip(*below, strict=True))
        low, high = least.min(axis=0), most.max(axis=0)
        shift = np.maximum(least.max(axis=0) - low, high - most.min(axis=0))
        shifts.add(Ask("fact", node.asks), which, shift, depths[number])
        ends[number] = low, high
