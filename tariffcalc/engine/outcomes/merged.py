"""Undecided outcomes with what all of their completions agree on: the programs that charge the same under
every declaration are decided."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tariffcalc.compiled.axes import Ints, Small
from tariffcalc.engine.outcomes.questions import Questions
from tariffcalc.engine.outcomes.tables import OutcomeTables
from tariffcalc.engine.outcomes.undecided import all_alike

_MOST_AT_ONCE = 1 << 16  # completed outcomes


def merged(outcomes: OutcomeTables, questions: Questions, nodes: Ints, numbers: Ints) -> Ints:
    """The numbers of undecided outcomes, given by their nodes and numbers, once all programs are decided that
    the completed outcomes charge alike.

    Where programs stay undecided, the facts that decide are kept with the outcome; and where the amounts of a
    line may still show that its duty is the same under every declaration, so are the outcomes to compare.
    """
    undecided, is_fee = outcomes.undecided, outcomes.slots.is_fee
    columns = outcomes.columns(numbers)
    columns.undecided.node[0] = nodes
    contested: list[int] = []
    for places, completed in _equally_many(questions, nodes):
        charge = np.where(is_fee[:, None, None], 0, outcomes.slots.charge.rows[:, completed])
        alike = all_alike(charge)
        outcomes.decide(columns, places, completed, alike)
        for row in np.flatnonzero(~alike.all(axis=0)).tolist():
            place = int(places[row])
            for program in np.flatnonzero(~alike[:, row]).tolist():
                facts = questions.deciding(int(nodes[place]), charge[program, row], completed[row])
                columns.undecided.deciding[program, place] = undecided.facts_number(facts)
            if charge[:, row].min() >= 0:
                columns.undecided.contested[0, place] = undecided.contest_number(
                    completed[row], charge[:, row]
                )
                contested.append(place)
    if contested:
        columns.undecided.decided[0, contested] = _decided(
            outcomes, questions, nodes[contested], numbers[contested]
        )
    return outcomes.keep(columns)


def _decided(outcomes: OutcomeTables, questions: Questions, nodes: Ints, numbers: Ints) -> Ints:
    """The numbers of outcomes of lines on which all declarations charge the same, whichever are taken."""
    columns = outcomes.columns(numbers)
    columns.undecided.node[0] = nodes
    for places, completed in _equally_many(questions, nodes):
        outcomes.decide(columns, places, completed, np.ones((len(outcomes.law.programs), len(places)), bool))
    return outcomes.keep(columns)


def presuming(outcomes: OutcomeTables, numbers: Ints, presumed: Small) -> Ints:
    """The numbers of outcomes that rest on assumptions: those that were found, with the assumptions."""
    pairs, inverse = np.unique(np.stack([numbers, presumed]), axis=1, return_inverse=True)
    columns = outcomes.columns(pairs[0])
    columns.undecided.presumed[0] = pairs[1]
    decided = columns.undecided.decided[0]
    open_still = np.flatnonzero(decided >= 0)
    if len(open_still):
        decided[open_still] = presuming(
            outcomes, decided[open_still].astype(np.int64), columns.undecided.presumed[0, open_still]
        )
    return outcomes.keep(columns)[inverse.reshape(-1)]


def _equally_many(questions: Questions, nodes: Ints) -> Iterator[tuple[Ints, Ints]]:
    """The places of nodes that lead to equally many outcomes, and these outcomes [places, outcomes], in parts
    of bearable size."""
    completed = [sorted(questions.outcomes(node)) for node in nodes.tolist()]
    counts = np.array([len(each) for each in completed], np.int64)
    for count in np.unique(counts).tolist():
        places = np.flatnonzero(counts == count)
        step = max(1, _MOST_AT_ONCE // count)
        for start in range(0, len(places), step):
            part = places[start : start + step]
            yield part, np.array([completed[place] for place in part], np.int64)
