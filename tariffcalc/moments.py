"""Days of a customs territory as whole numbers.

Law starts "at 12:01 a.m." of a day, which means that day; some law ends "at 12:00 a.m.", one minute earlier.
A *moment* is therefore an integer, twice the day number plus one for the day from 00:01 on, and twice the day
number for the one minute before it.  ``2026-02-24`` is a day; ``2026-02-24 00:00`` is that minute.  Every
comparison of dates in the library compares moments.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

EPOCH = date(1970, 1, 1)
ALWAYS, NEVER = -(2**40), 2**40  # the moments before and after every other


def moment_of_day(day: date) -> int:
    """The moment of a whole day (from 00:01 on).

    >>> moment_of_day(date(1970, 1, 2))
    3
    """
    return 2 * (day.toordinal() - EPOCH.toordinal()) + 1


def parse_moment(given: Any) -> int:
    """A day, or a day with a time, as a moment; raises ValueError otherwise.

    A ``date``, and a ``datetime`` at midnight (which is how tables write a date), is the whole day.  Text
    with a time of 00:00 is the minute before the day's law begins.

    >>> parse_moment("2026-02-24") - parse_moment("2026-02-24 00:00")
    1
    >>> parse_moment("2026-02-24T15:30") == parse_moment("2026-02-24")
    True
    """
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, datetime):
        return moment_of_day(given.date())
    if isinstance(given, date):
        return moment_of_day(given)
    text = str(given).strip()
    try:
        if len(text) == 10:
            return moment_of_day(date.fromisoformat(text))
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day: expected YYYY-MM-DD, with a time if it matters") from None
    if when.tzinfo is not None:
        raise ValueError(f"{text!r} carries a time zone: give the local time of the customs territory")
    in_first_minute = len(text) > 10 and when.hour == 0 and when.minute == 0
    return moment_of_day(when.date()) - (1 if in_first_minute else 0)


def day_of(moment: int) -> date:
    """The calendar day a moment belongs to."""
    return EPOCH + timedelta(days=moment // 2)


def show_moment(moment: int) -> str:
    """A moment as a seed file writes it.

    >>> show_moment(parse_moment("2026-02-24 00:00")), show_moment(parse_moment("2026-02-24"))
    ('2026-02-24 00:00', '2026-02-24')
    """
    if moment <= ALWAYS:
        return "the beginning"
    if moment >= NEVER:
        return "no end"
    return f"{day_of(moment)}" + ("" if moment % 2 else " 00:00")
