"""Undecided lines on which every declaration comes to the same duty: that duty is known.

Only the amounts of a line can tell: 25 per cent under one program or 25 per cent under another; an exemption
that comes to the rate of the schedule.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.assess import Assessment
from tariffcalc.engine.outcomes.outcomes import Outcomes


class Agreed(NamedTuple):
    """What the declarations of undecided lines agree on.

    ``outcome`` is that of every line, a decided one where all programs charge the same under every
    declaration.  ``lines`` are those where only the sum is the same, and ``duty`` is that sum [minor units].
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
    number, compared = np.unique(contest[places], return_inverse=True)
    contests = [outcomes.undecided.contests[each] for each in number]
    under = Assessment(outcomes, lines.take(places), np.array([each[0] for each in contests])[compared]).run(
        fees=False
    )
    duty, programs, each_alike, agree = (
        under.duty,
        under.programs,
        np.ones(len(places), bool),
        ~under.unknown_duty,
    )
    for turn in range(1, max(map(len, contests))):
        further = np.array([each[turn] if turn < len(each) else -1 for each in contests])[compared]
        some = np.flatnonzero(agree & (further >= 0))
        if len(some):
            under = Assessment(outcomes, lines.take(places[some]), further[some]).run(fees=False)
            agree[some] = ~under.unknown_duty & (under.duty == duty[some])
            each_alike[some] &= (under.programs == programs[:, some]).all(axis=0)
    places, duty, each_alike = places[agree], duty[agree], each_alike[agree]
    outcome[places[each_alike]] = outcomes.undecided.decided.rows[0][outcome[places[each_alike]]]
    return Agreed(outcome, places[~each_alike], duty[~each_alike])


def _may_agree(outcomes: Outcomes, value: Ints, contest: Ints) -> Bools:
    """Whether two outcomes of a line that differ by a rate of the customs value alone can still come to the
    same, by rounding."""
    law = outcomes.law
    gap = np.array(outcomes.undecided.gaps, np.float64)[contest]
    return np.asarray(value * gap <= len(law.programs) * law.round_to * MILLION)
