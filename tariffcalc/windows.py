"""Days of a customs territory, and half-open windows of them.

Law starts "at 12:01 a.m." of a day, which means that day; some law ends "at 12:00 a.m.", one minute earlier.  A *moment* is
therefore an integer, twice the day number plus one for the day from 00:01 on, and twice the day number for the one minute
before it.  ``2026-02-24`` is a day; ``2026-02-24 00:00`` is that minute.  Every comparison of dates in the library compares moments.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

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

    A ``date``, and a ``datetime`` at midnight (which is how tables write a date), is the whole day.  Text with a
    time of 00:00 is the minute before the day's law begins.

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


Moment = Annotated[int, BeforeValidator(parse_moment)]


class Window(BaseModel):
    """``on_or_after`` .. ``before``, half-open; a side left out is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_or_after: Moment = ALWAYS
    before: Moment = NEVER

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.before <= self.on_or_after:
            raise ValueError(f"the window is empty: on or after {show_moment(self.on_or_after)}, before {show_moment(self.before)}")
        return self

    def __contains__(self, moment: int) -> bool:
        return self.on_or_after <= moment < self.before

    def __str__(self) -> str:
        return f"{show_moment(self.on_or_after)} .. before {show_moment(self.before)}"

    def overlap(self, other: Window) -> Window | None:
        """The part two windows share, or None."""
        start, end = max(self.on_or_after, other.on_or_after), min(self.before, other.before)
        return Window.model_construct(on_or_after=start, before=end) if start < end else None

    def less(self, other: Window) -> list[Window]:
        """What is left of the window outside another one."""
        pieces = [(self.on_or_after, min(self.before, other.on_or_after)), (max(self.on_or_after, other.before), self.before)]
        return [Window.model_construct(on_or_after=start, before=end) for start, end in pieces if start < end]


ANY_TIME = Window()
