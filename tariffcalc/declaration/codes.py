"""Commodity codes at the border: from what is written to a position on the law's code axis, and to the row of
the schedule in force that day.

A code may be unknown, too short, of another year, or have lost a leading zero to a table program; each has an
answer of its own, and none is guessed at where two goods could be meant.  Ten digits that are in no schedule
are read as their eight-digit line, where the territory says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.codes import dotted, plain_code
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import FactColumn, find_segments
from tariffcalc.declaration.columns import (
    Coded,
    Given,
    Ints,
    Refusal,
    Refusals,
    as_coded,
    read_each,
    rows_by,
    shown,
)
from tariffcalc.declaration.near_codes import unknown_code
from tariffcalc.declaration.problems import Problems
from tariffcalc.law.renumbered import changes_by_day
from tariffcalc.moments import NEVER, show_moment

_SUPPLY = "give the 8- or 10-digit code as text"


def read_codes(law: CompiledLaw, given: Given, problems: Problems) -> Ints:
    """The position of each code; as ``-1 - position`` that of its eight-digit line, where the ten digits are
    in no schedule."""
    codes = read_each(given, problems, lambda value: _code(law, value), law.memo.once("codes read", dict))
    problems.refuse(
        np.flatnonzero(as_coded(given).place < 0),
        "missing-commodity",
        "no commodity code",
        "give the 8- or 10-digit code",
    )
    return codes


def _code(law: CompiledLaw, given: Any) -> int | Refusal:
    text = _plain(given)
    if isinstance(text, Refusal):
        return text
    regime = law.regimes.get(text[:8])
    if regime is not None:
        message = f"{dotted(text)} says what was done to goods, and not which goods they are"
        return Refusal("regime-for-goods", message, f"give the code of the goods, and claim {regime}")
    found = law.code_index.get(text)
    if found is not None and law.codes.own[found]:
        return found
    if len(text) == 10 and text[:8] in law.code_index:
        for stand_in in (text, text[:8]):
            if stand_in in law.code_index:
                return -1 - law.code_index[stand_in]
    return unknown_code(law, text)


def read_tariff_line(law: CompiledLaw, name: str, given: Any) -> int | Refusal:
    """The position of the code that a fact names; ten digits that are in no schedule are read as their
    eight-digit line."""
    found = _code(law, given)
    if isinstance(found, Refusal):
        return found._replace(message=f"{name}: {found.message}")
    return found if found >= 0 else -1 - found


def refuse_stale_lines(
    law: CompiledLaw, facts: dict[str, FactColumn], moment: Ints, problems: Problems
) -> None:
    """Refuse the rows where a fact names a code that is no tariff line on the day that dates the schedule."""
    for name, column in facts.items():
        if law.facts[name].type == "tariff_line":
            stale = (_rows_in_force(law, column.values, moment) < 0) & ~problems.bad
            stale &= column.declared if column.declared is not None else True
            _refuse_stale(law, np.where(stale, column.values, -1), moment, problems, f"{name}: ")


def _plain(given: Any) -> str | Refusal:
    """The digits of a code; a table program may have read it as a number and lost its leading zero."""
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, float):
        return Refusal(
            "not-a-code",
            f"{given!r} is a decimal number, not a commodity code",
            _SUPPLY + ", so that no digit is lost",
        )
    text = str(given)
    if isinstance(given, int) and len(text) in (7, 9):
        text = "0" + text
    try:
        return plain_code(text)
    except ValueError:
        return Refusal(
            "not-a-code",
            f"{shown(given)} is not a commodity code: 2 to 10 digits, with or without dots",
            _SUPPLY,
        )


def find_lines(
    law: CompiledLaw, code: Ints, given: Given, moment: Ints, problems: Problems, codes_of_other_years: bool
) -> tuple[Ints, Ints]:
    """The code and the row of the schedule of each line; codes not valid on their day are refused with the
    days on which they are.

    A negative code is an eight-digit line standing in for ten digits that no schedule knows.
    """
    unheard = code < 0
    code = np.where(unheard, -1 - code, code) if unheard.any() else code
    segment = _rows_in_force(law, code, moment)
    stale = ((segment < 0) | unheard) & ~problems.bad
    if not stale.any():
        return code, segment
    if codes_of_other_years:
        why = "This ten-digit code is not in force on that day; its eight-digit rate was used."
        accepted = stale & unheard & (segment >= 0)
        older = np.flatnonzero(stale & ~unheard)
        parent = _parents(law, code[older])
        row = np.where(parent >= 0, _rows_in_force(law, np.maximum(parent, 0), moment[older]), -1)
        moved = older[row >= 0]
        code, segment = code.copy(), segment.copy()
        code[moved], segment[moved] = parent[row >= 0], row[row >= 0]
        accepted[moved] = True
        problems.note(np.flatnonzero(accepted), "code-of-another-year", why)
    else:
        accepted = stale & unheard & (moment >= law.statistical_lines_held_before) & (segment >= 0)
        held = show_moment(law.statistical_lines_held_before)
        why = f"This ten-digit code is not in the schedules held (to {held}); its eight-digit rate was used."
        problems.note(np.flatnonzero(accepted), "statistical-line-not-held", why)
    stale &= ~accepted
    column = as_coded(given)
    _refuse_unheard(law, column, np.where(stale & unheard, column.place, -1), problems)
    _refuse_stale(law, np.where(stale & ~unheard, code, -1), moment, problems)
    return code, segment


def _rows_in_force(law: CompiledLaw, code: Ints, moment: Ints) -> Ints:
    segments = law.segments
    return find_segments(segments.first, segments.code, segments.start, segments.end, code, moment)


def _parents(law: CompiledLaw, code: Ints) -> Ints:
    """The eight-digit line of each ten-digit code, -1 where there is none."""
    distinct, place = np.unique(code, return_inverse=True)
    codes = [law.codes.codes[each] for each in distinct]
    return np.array(
        [law.code_index.get(each[:8], -1) if len(each) == 10 else -1 for each in codes], np.int64
    )[place.reshape(-1)]


def _refuse_unheard(law: CompiledLaw, column: Coded, place: NDArray[Any], problems: Problems) -> None:
    """Refuse ten digits in no schedule (by position among the codes; -1: none)."""
    refusals = Refusals()
    for each in np.unique(place[place >= 0]):
        text = _plain(column.values[each])
        refusals.add(int(each), text if isinstance(text, Refusal) else unknown_code(law, text))
    refusals.refuse(place, problems)


def _refuse_stale(law: CompiledLaw, code: Ints, moment: Ints, problems: Problems, of: str = "") -> None:
    """Refuse codes (-1: none) that are a tariff line on other days; ``of`` opens the message where it is not
    the commodity."""
    segments = law.segments
    refusals = Refusals()
    for each, rows in rows_by(code, np.unique(code[code >= 0]).tolist()):
        first, last = int(segments.first[each]), int(segments.first[each + 1]) - 1
        when = _days_of(int(segments.start[first]), int(segments.end[last])) if first <= last else "on no day"
        day = int(moment[rows[0]])
        message = f"{of}{dotted(law.codes.codes[each])} is a tariff line {when}, not on {show_moment(day)}"
        refusals.add(
            each, Refusal("code-not-valid-then", message, partial(_lines_of_that_day, law, each, day))
        )
    refusals.refuse(code, problems)


def _days_of(start: int, end: int) -> str:
    return (
        f"from {show_moment(start)} on"
        if end >= NEVER
        else f"on {show_moment(start)} .. before {show_moment(end)}"
    )


def _lines_of_that_day(law: CompiledLaw, code: int, moment: int, most: int = 6) -> str:
    """The numbers that the goods of a code have on a day, where the table of renumbered lines says so;
    otherwise the lines around it."""
    then = _numbers_then(law, law.codes.codes[code], moment)
    if then:
        return (
            f"its goods have {'one of ' if len(then) > 1 else ''}the number{'s' if len(then) > 1 else ''}"
            f" {_or(then[:most])} on that day"
        )
    segments, stretch = law.segments, law.codes.below(law.codes.codes[code][:6])
    rows = range(int(segments.first[stretch.start]), int(segments.first[stretch.stop]))
    live = [int(segments.code[row]) for row in rows if segments.start[row] <= moment < segments.end[row]]
    alive = dict.fromkeys(law.codes.codes[each] for each in live if law.codes.own[each])
    return (
        f"lines of that day: {', '.join([dotted(each) for each in alive][:most])}"
        if alive
        else "give the code valid on that day"
    )


def _numbers_then(law: CompiledLaw, code: str, moment: int) -> list[str]:
    """What a number of another day is on a day: its successors, or the numbers it came from; empty where it
    was not renumbered."""
    row = law.segments.first[law.code_index[code]]
    earlier = int(law.segments.start[row]) > moment
    numbers = {code}
    changes = changes_by_day(law.renumbered)
    for change in reversed(changes) if earlier else changes:
        if (change.day > moment) is earlier:
            others = change.old_of if earlier else change.new_of
            numbers = set().union(*(others.get(number, {number}) for number in numbers))
    return sorted(numbers - {code})


def _or(codes: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(map(dotted, codes[:-1])), dotted(codes[-1]))))
