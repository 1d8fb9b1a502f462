"""Duties that another line decides: the article a part belongs to, the garment of an ensemble, the article of
a set with the highest rate.

The schedule says such a duty in words.  Where the importer declares which line that is, its duty in the same
column, on the same day, takes the place of the words, on the value and the quantities of the goods; otherwise
the amount itself is asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.duties import BORROWED_DUTY, IS_RATE, NOT_BORROWED
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns, find_segments

SPECIAL = 2  # of ``rule_scheduled``


def scheduled_duties(law: CompiledLaw, lines: Columns, which: Ints, bits: NDArray[Any]) -> tuple[Ints, Ints]:
    """The duties of the rules of some lines, their own or the schedule's, and the row of the schedule a duty
    is borrowed from (-1: none).

    A rule may name the special program whose rate it is; where a line has no such rate it is the general one.
    """
    duty, scheduled, named = law.rule_duty[bits], law.rule_scheduled[bits], law.rule_spi[bits]
    if not scheduled.any():
        return duty, np.full(len(which), -1, np.int64)
    segments, rows = law.segments, lines.segment[which]
    spi = np.where(named >= 0, named, lines.spi[which])
    general, special = segments.general[rows], segments.special_duties[segments.special[rows], spi]
    columns = (general, np.where((named >= 0) & (special < 0), general, special), segments.column2[rows])
    for place, column in enumerate(columns, start=1):
        duty = np.where(scheduled == place, column, duty)
    return borrowed_duties(law, lines, which, scheduled, spi, duty)


def borrowed_duties(
    law: CompiledLaw, lines: Columns, which: Ints, scheduled: NDArray[Any], spi: NDArray[Any], duty: Ints
) -> tuple[Ints, Ints]:
    """The duties of some lines, those that another line decides replaced by the duty of that line, and the
    row of the schedule it is in.

    The row is -1 where nothing is replaced: the duty is not borrowed, no line is declared or none with a rate
    in that column, or only a percentage can be borrowed and the rate is none.
    """
    row = np.full(len(which), -1, np.int64)
    wanted = (duty >= 0) & (law.duties.borrowed[duty] != NOT_BORROWED)
    if not wanted.any():
        return duty, row
    duty = duty.copy()
    for name, fact in law.facts.items():
        column = lines.facts.get(fact.duty_of) if fact.duty_of else None
        if column is None:
            continue
        asked = wanted.copy()
        amounts = lines.facts.get(name)
        if amounts is not None:
            asked &= ~amounts.declared[which] if amounts.declared is not None else False
        if column.declared is not None:
            asked &= column.declared[which]
        here = np.flatnonzero(asked)
        segments = law.segments
        found = find_segments(
            segments.first,
            segments.code,
            segments.start,
            segments.end,
            column.values[which[here]],
            lines.days[law.schedule_axis][which[here]],
        )
        general = segments.general[found]
        special = segments.special_duties[segments.special[found], spi[here]]
        columns = np.stack(
            [
                np.full(len(here), -1),
                general,
                np.where(special >= 0, special, general),
                segments.column2[found],
            ]
        )
        lent = np.where(found >= 0, columns[scheduled[here], np.arange(len(here))], -1)
        usable = (lent >= 0) & (
            (law.duties.borrowed[duty[here]] == BORROWED_DUTY) | IS_RATE[law.duties.kind[lent]]
        )
        duty[here[usable]], row[here[usable]] = lent[usable], found[usable]
    return duty, row
