"""Undecided lines on which every declaration comes to the same duty: that duty is known.

Only the amounts of a line can tell: 25 per cent under one program or 25 per cent under another; an exemption that comes to the rate of the schedule.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.engine.assess import Assessment
from tariffcalc.engine.axes import Bools, Ints
from tariffcalc.engine.columns import Columns
from tariffcalc.engine.duty_table import MILLION
from tariffcalc.engine.outcomes import Outcomes


class Agreed(NamedTuple):
    """What the declarations of undecided lines agree on.

    ``outcome`` is that of every line, a decided one where all programs charge the same under every declaration.  ``lines`` are those where only the
    sum is the same, and ``duty`` is that sum [minor units].
    """

    outcome: Ints
    lines: Ints
    duty: Ints


def agreed(outcomes: Outcomes, lines: Columns) -> Agreed:
    """The outcomes of some lines, and the duty of those on which declarations agree on the sum alone."""
    outcome = outcomes.of_lines(lines)
    contest: Ints = np.take(outcomes.undecided.contested.rows[0], outcome, mode="clip")
    places = np.flatnonzero(contest >= 0)
    if len(places):
        places = places[_may_agree(outcomes, lines.value[places], contest[places])]
    if not len(places):
        return Agreed(outcome, places, np.zeros(0, np.int64))
    contests = outcomes.undecided.contests
    duty, programs = np.zeros(len(places), np.int64), np.zeros((0, len(places)), np.int64)
    each_alike = np.ones(len(places), bool)
    for turn in range(max(len(contests[each]) for each in np.unique(contest[places]))):
        compared = np.array([each[turn] if turn < len(each) else each[0] for each in contests])[contest[places]]
        under = Assessment(outcomes, lines.take(places), compared).run(fees=False)
        amounts, sums = under.programs, under.duty
        if turn == 0:
            duty, programs = sums, amounts
        each_alike &= (amounts == programs).all(axis=0)
        agree = ~under.unknown_duty & (sums == duty)
        places, duty, programs, each_alike = places[agree], duty[agree], programs[:, agree], each_alike[agree]
        if not len(places):
            break
    outcome[places[each_alike]] = outcomes.undecided.decided.rows[0][outcome[places[each_alike]]]
    return Agreed(outcome, places[~each_alike], duty[~each_alike])


def _may_agree(outcomes: Outcomes, value: Ints, contest: Ints) -> Bools:
    """Whether two outcomes of a line that differ by a rate of the customs value alone can still come to the same, by rounding."""
    law = outcomes.law
    gap = np.array(outcomes.undecided.gaps, np.float64)[contest]
    return np.asarray(value * gap <= len(law.programs) * law.round_to * MILLION)
