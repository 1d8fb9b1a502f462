"""Limits of tariff lines: the season or the value of one unit for which the words of a line are written.

A tariff line may be for goods "entered during the period from May 1 to August 31", or "valued over $3 but not
over $6.50/pair".  Goods of another season or value belong on another line.  A limit is a row of text of the
schedule; here its text becomes *spans* of one ordered axis (days of the year, or money for one unit) that can
be cut, joined and turned round exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

COLUMNS = ("code", "from", "until", "unit", "limit", "currency", "place", "words", "by", "ended_by")

DAY = "day"  # takes the place of a unit of quantity where the limit is a season

# A place between numbers: just below a number (0) or just above it (1).
Edge = tuple[Decimal, int]
Spans = tuple[tuple[Edge, Edge], ...]

FIRST: Edge = (Decimal("-Infinity"), 0)
LAST: Edge = (Decimal("Infinity"), 0)
EVERYTHING: Spans = ((FIRST, LAST),)

_LEAP = date(2000, 1, 1)  # a year with every day of the year
_YEAR = 366
_WORDS = {"over": 1, "at least": 0, "not over": 1, "under": 0}
_BOUND = re.compile(r"(over|at least|not over|under) ([0-9]+(?:\.[0-9]+)?)")
_SEASON = re.compile(r"([0-9]{2}-[0-9]{2}) to ([0-9]{2}-[0-9]{2})")


class LineLimit(NamedTuple):
    """One dated row: the code of a line, its window [moments], and the limit its words set.

    ``unit`` is a unit of quantity, or ``day`` for a season.  ``limit`` is text (``over 3, not over 6.50``;
    ``05-01 to 08-31``), empty for a line that takes what its neighbors leave, whatever it is.  ``currency``
    is empty where it is that of the territory.  ``place`` says where the line lies below its heading: the
    number of each text on the way down.  Lines that share more of it are closer neighbors.
    """

    code: str
    start: int
    end: int
    unit: str
    limit: str
    currency: str
    place: tuple[str, ...]
    words: str
    by: tuple[str, ...]
    ended_by: tuple[str, ...]


def read_limit(text: str, unit: str) -> Spans:
    """The spans that the text of a limit leaves; raises ValueError for a text that cannot be read.

    >>> read_limit("over 3, not over 6.50", "prs")
    (((Decimal('3'), 1), (Decimal('6.50'), 1)),)
    >>> show_limit(read_limit("11-01 to 05-31", "day"), "day")
    '11-01 to 05-31'
    """
    if not text:
        return EVERYTHING
    pieces = [piece.strip() for piece in text.split(";")]
    if unit == DAY:
        return joined(span for piece in pieces for span in _season(piece))
    return joined(_bounds(piece) for piece in pieces)


def _bounds(piece: str) -> tuple[Edge, Edge]:
    low, high = FIRST, LAST
    for bound in piece.split(","):
        found = _BOUND.fullmatch(bound.strip())
        if found is None:
            raise ValueError(
                f"{piece!r} is not a limit of value: expected for example 'over 3, not over 6.50'"
            )
        edge = Decimal(found[2]), _WORDS[found[1]]
        if found[1] in ("over", "at least"):
            low = edge
        else:
            high = edge
    if low >= high:
        raise ValueError(f"no value is {piece!r}")
    return low, high


def _season(piece: str) -> list[tuple[Edge, Edge]]:
    found = _SEASON.fullmatch(piece)
    try:
        first, last = (day_number(day) for day in found.groups()) if found else (0, 0)
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{piece!r} is not a season: expected for example '05-01 to 08-31'")
    if first <= last:
        return [_days(first, last)]
    return [_days(1, last), _days(first, _YEAR)]


def _days(first: int, last: int) -> tuple[Edge, Edge]:
    return FIRST if first == 1 else (Decimal(first), 0), LAST if last == _YEAR else (Decimal(last + 1), 0)


def day_number(day: str) -> int:
    """The number of a day of the year, written ``MM-DD``, among all 366; raises ValueError for none."""
    return (date.fromisoformat(f"2000-{day}") - _LEAP).days + 1


def joined(spans: Iterable[tuple[Edge, Edge]]) -> Spans:
    """Spans in order, those that overlap or touch as one."""
    found: list[tuple[Edge, Edge]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return tuple(found)


def shared(some: Spans, others: Spans) -> Spans:
    """What two limits leave together."""
    return joined((max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d))


def outside(spans: Spans) -> Spans:
    """What a limit leaves to others.

    >>> show_limit(outside(read_limit("over 25, not over 50", "no")), "no")
    'not over 25; over 50'
    """
    edges = [FIRST, *(edge for span in spans for edge in span), LAST]
    return tuple((low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low < high)


def show_limit(spans: Spans, unit: str) -> str:
    """Spans as the text of a limit; empty where they leave everything."""
    if spans == EVERYTHING:
        return ""
    if unit == DAY:
        return "; ".join(_shown_seasons(spans))
    return "; ".join(", ".join(_shown_bounds(low, high)) for low, high in spans)


def _shown_seasons(spans: Spans) -> list[str]:
    days = [
        (1 if low == FIRST else int(low[0]), _YEAR if high == LAST else int(high[0]) - 1)
        for low, high in spans
    ]
    if len(days) > 1 and days[0][0] == 1 and days[-1][1] == _YEAR:  # over the turn of the year
        days = [*days[1:-1], (days[-1][0], days[0][1])]
    return [f"{_shown_day(first)} to {_shown_day(last)}" for first, last in days]


def _shown_day(number: int) -> str:
    return f"{_LEAP + timedelta(days=number - 1):%m-%d}"


def _shown_bounds(low: Edge, high: Edge) -> Sequence[str]:
    lower = [] if low == FIRST else [f"{'over' if low[1] else 'at least'} {low[0]:f}"]
    return lower if high == LAST else [*lower, f"{'not over' if high[1] else 'under'} {high[0]:f}"]


def season_words(limit: str) -> str:
    """A season in words.

    >>> season_words("05-01 to 06-30; 11-15 to 02-29")
    'May 1 to June 30, or November 15 to the end of February'
    """
    seasons = (season.split(" to ") for season in limit.split("; "))
    return ", or ".join(f"{_day_words(first)} to {_day_words(last)}" for first, last in seasons)


def _day_words(day: str) -> str:
    when = _LEAP + timedelta(days=day_number(day) - 1)
    return "the end of February" if day == "02-29" else f"{when:%B} {when.day}"


def money(text: str) -> Decimal:
    """An amount as a description prints it, in whole units of the currency; raises ValueError for none.

    >>> money("$1,000"), money("88¢"), money("20 cents")
    (Decimal('1000'), Decimal('0.88'), Decimal('0.20'))
    """
    plain = text.replace(",", "").strip()
    minor = plain.endswith(("¢", "cents"))
    try:
        amount = Decimal(plain.strip("$¢").removesuffix("cents").strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount of money") from None
    return amount.scaleb(-2) if minor else amount
