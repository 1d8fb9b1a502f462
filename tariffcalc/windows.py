"""Half-open windows of days: ``on_or_after`` .. ``before``, in moments."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from tariffcalc.moments import ALWAYS, NEVER, parse_moment, show_moment

Moment = Annotated[int, BeforeValidator(parse_moment)]


class Window(BaseModel):
    """``on_or_after`` .. ``before``, half-open; a side left out is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_or_after: Moment = ALWAYS
    before: Moment = NEVER

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.before <= self.on_or_after:
            raise ValueError(
                f"the window is empty: on or after {show_moment(self.on_or_after)}, before"
                f" {show_moment(self.before)}"
            )
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
        pieces = [
            (self.on_or_after, min(self.before, other.on_or_after)),
            (max(self.on_or_after, other.before), self.before),
        ]
        return [Window.model_construct(on_or_after=start, before=end) for start, end in pieces if start < end]


ANY_TIME = Window()
