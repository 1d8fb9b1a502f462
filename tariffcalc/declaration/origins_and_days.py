"""Origins and days at the border: who made the goods, and the four days the law asks for.

Each is a short list of distinct values, however many the rows: a few hundred origins, a few thousand days.
An origin is a code or a name and is never guessed; a day is local to the customs territory.  A day that is
not declared takes another day's place: loading the entry's, export the loading's.
"""

from __future__ import annotations

import re
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration.columns import (
    Bools,
    Declared,
    Given,
    Ints,
    Refusal,
    as_coded,
    empty_rows,
    folded,
    read_each,
    rows_by,
    shown,
)
from tariffcalc.declaration.problems import Problems
from tariffcalc.moments import EPOCH, moment_of_day, parse_moment, show_moment

# How software, not law, writes a date: midnight to the second.  Law says "00:00" and means the minute before
# the day's law begins.
_WRITTEN_BY_SOFTWARE = re.compile(r"[T ]00:00:00(\.0+)?$")
_STARTS_LIKE_A_DAY = re.compile(r"\d{4}-?[\dW]", re.ASCII)
_DAYS_READ = range(moment_of_day(EPOCH.replace(year=1971)), moment_of_day(EPOCH.replace(year=3000)))
_UNREAD = 0  # the moment of a row whose day could not be read; outside the days read


def read_origins(law: CompiledLaw, given: Given, problems: Problems) -> Ints:
    """The position of each origin on the law's axis."""
    origins = read_each(given, problems, lambda value: _origin(law, value))
    problems.refuse(
        np.flatnonzero(as_coded(given).place < 0), "missing-origin", "no origin", "give the country of origin"
    )
    return origins


def _origin(law: CompiledLaw, given: Any) -> int | Refusal:
    name = str(given).strip()
    small = folded(name)
    found = law.origin_names.get(small, ())
    if len(found) == 1:
        return law.origins.index(found[0])
    if small in law.inside:
        supply = (
            "goods from there are not imported; for goods that come back from abroad give their country of"
            " origin"
        )
        return Refusal("inside-the-territory", law.inside[small], supply)
    if found:
        return Refusal(
            "ambiguous-origin", f"{name!r} may be {' or '.join(found)}", "give the two-letter code"
        )
    if small in law.groups:
        return Refusal(
            "unknown-origin",
            f"{shown(name)} is a group of origins",
            "give the country of origin itself, by its two-letter code",
        )
    return Refusal("unknown-origin", f"{shown(name)} is no origin", partial(_near_origins, law, small))


def _near_origins(law: CompiledLaw, name: str) -> str:
    likely = [each for each in law.origin_names if each[:1] == name[:1] and abs(len(each) - len(name)) <= 4]
    codes = dict.fromkeys(
        code for each in get_close_matches(name, likely, n=3, cutoff=0.7) for code in law.origin_names[each]
    )
    return f"near misses: {', '.join(codes)}" if codes else "give the two-letter ISO code"


class Days(NamedTuple):
    """The moments of each line: the day that fixes the law, entry, loading, export (the order of
    ``rule_table.DAY_AXES``)."""

    admitted: Ints
    entered: Ints
    loaded: Ints
    exported: Ints

    def take(self, rows: Ints | slice) -> Days:
        """The same days of some rows; days that are one and the same column stay so."""
        taken: dict[int, Ints] = {}
        return Days(
            *(
                taken.setdefault(id(days), days[rows]) if id(days) not in taken else taken[id(days)]
                for days in self
            )
        )


def read_days(law: CompiledLaw, declared: Declared, size: int, problems: Problems) -> Days:
    """Every day; refused are days that are none, days out of order, and days on which no law is held."""
    entered = _moments(declared["entered"], "entered", problems)
    problems.refuse(
        np.flatnonzero(empty_rows(declared["entered"], size)),
        "missing-day",
        "no day of entry",
        "give entered as YYYY-MM-DD",
    )
    admitted = _day_or(declared, "admitted", entered, problems)
    loaded = _day_or(declared, "loaded", entered, problems)
    exported = _day_or(declared, "exported", loaded, problems)
    _refuse_not_held(law, "entered", entered, entered != _UNREAD, problems)
    for name, earlier in (("loaded", loaded), ("admitted", admitted), ("exported", exported)):
        if name in declared:
            late = np.flatnonzero((earlier > entered) & (entered != _UNREAD))
            problems.refuse(
                late,
                "days-out-of-order",
                f"{name} after entered",
                f"{name} must not be later than the day of entry",
            )
    if admitted is not entered:
        _refuse_not_held(law, "admitted", admitted, (admitted != _UNREAD) & (admitted < entered), problems)
    return Days(admitted, entered, loaded, exported)


def _moments(given: Given, name: str, problems: Problems) -> Ints:
    supply = f"give {name} as YYYY-MM-DD"

    def read(value: Any) -> int | Refusal:
        try:
            return _moment(value)
        except ValueError as error:
            return Refusal("not-a-day", f"{name}: {error}", supply)

    return read_each(given, problems, read)


def _moment(given: Any) -> int:
    if isinstance(given, datetime) and given.tzinfo is not None:
        raise ValueError(f"'{given}' carries a time zone: give the local time of the customs territory")
    if isinstance(given, int | float):  # 20250901; ``parse_moment`` would take a number for a moment
        given = str(int(given) if isinstance(given, float) and given.is_integer() else given)
    if isinstance(given, str):
        given = _WRITTEN_BY_SOFTWARE.sub("", given.strip())
        if len(given) > 40 or not _STARTS_LIKE_A_DAY.match(given):
            raise ValueError(f"{shown(given)} is not a day: expected YYYY-MM-DD")
    moment = parse_moment(given)
    if moment not in _DAYS_READ:
        raise ValueError(f"{shown(given)} is not a day of this age: check the year")
    return moment


def _day_or(declared: Declared, name: str, otherwise: Ints, problems: Problems) -> Ints:
    """A day that takes another day's place where it is not declared."""
    if name not in declared:
        return otherwise
    column = declared[name]
    given = _moments(column, name, problems)
    empty = empty_rows(column, len(otherwise))
    return np.where(empty, otherwise, given) if empty.any() else given


def _refuse_not_held(law: CompiledLaw, name: str, moment: Ints, asked: Bools, problems: Problems) -> None:
    start, end = law.held
    outside = np.flatnonzero(asked & ((moment < start) | (moment >= end)))
    held = f"the law of {law.title} is held from {show_moment(start)} to before {show_moment(end)}"
    first = int(moment[outside].min()) if len(outside) else 0
    for each, rows in rows_by(moment[outside] - first, np.unique(moment[outside] - first).tolist()):
        problems.refuse(outside[rows], "law-not-held-then", f"{name} {show_moment(each + first)}", held)
