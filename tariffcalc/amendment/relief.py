"""The verbs that take a duty off, for some days, for ever or for some goods; and the one that delays it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.histories import in_force, with_duties, without_days
from tariffcalc.amendment.scopes import Scope
from tariffcalc.amendment.where import Chosen, What, Where, choose
from tariffcalc.amendment.wording import Day, Goods, Origins, kind_of
from tariffcalc.amendment.written import window_of
from tariffcalc.errors import ScenarioError
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import ALWAYS, parse_moment, show_moment
from tariffcalc.windows import Window

_NOTHING = "none"
_HALF_DAYS = 2


class Suspend(Change):
    """Nothing due under some measures from a day on, perhaps up to another; then as before.

    The measures stay in force, at nothing: what they displace in their program stays displaced.
    """

    verb: ClassVar[str] = "suspend"

    what: What = Field(alias="suspend")
    on_or_after: Day
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> Suspend:
        window_of(self.on_or_after, self.before)
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with nothing due on those days."""
        chosen, scope = choose(book, self.what, Scope())
        window = window_of(self.on_or_after, self.before)
        nothing = parse_duty(_NOTHING, book.duty_grammar)
        return with_duties(book, act, chosen, scope, window, lambda *_: nothing, "suspending it")


class Remove(Change):
    """Measures as if they had never been made: what they displace applies on all their days."""

    verb: ClassVar[str] = "remove"

    what: What = Field(alias="remove")

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law without them."""
        chosen, scope = choose(book, self.what, Scope())
        return without_days(book, act, chosen, scope, Window(), "removing it")


class Exempt(Change):
    """Nothing due under some measures for some goods, or goods of some origins."""

    verb: ClassVar[str] = "exempt"

    what: What = Field(alias="exempt")
    products: Goods = ""
    origin: Origins = ""
    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _for_some(self) -> Exempt:
        window_of(self.on_or_after, self.before)
        narrowing = {"origin", "products", "chapter", "list"}
        given = set(self.what.written()) & narrowing if isinstance(self.what, Where) else set()
        if not (self.products or self.origin or given):
            raise ValueError(
                "an exemption is for some goods: give products or origin, or use suspend for all of them"
            )
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the exemption."""
        chosen, scope = choose(book, self.what, Scope.of(book, self.origin, self.products))
        window = window_of(self.on_or_after, self.before)
        nothing = parse_duty(_NOTHING, book.duty_grammar)
        return with_duties(book, act, chosen, scope, window, lambda *_: nothing, "exempting it")


def _read_days(given: Any) -> int:
    """A number of days, as a number or as text."""
    if isinstance(given, bool) or not isinstance(given, int | str) or not str(given).strip().isdecimal():
        raise ValueError(f"expected a whole number of days, got {kind_of(given)}")
    if not 0 < int(given) <= 36500:
        raise ValueError(f"expected from 1 to 36,500 days, got {kind_of(given)}")
    return int(given)


class Delay(Change):
    """Measures that begin later: nothing of them before a day, or for so many days from the first on which
    each of them is in force.

    Of several, one that ends by then is gone; one that is named by itself is refused."""

    verb: ClassVar[str] = "delay"

    what: What = Field(alias="delay")
    to: Day = ""
    days: Annotated[int, BeforeValidator(_read_days)] = 0

    @model_validator(mode="after")
    def _by_one(self) -> Delay:
        if bool(self.to) == bool(self.days):
            raise ValueError("give either the day to which it is delayed (to), or the number of days (days)")
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the later beginning."""
        chosen, scope = choose(book, self.what, Scope())
        first = book
        for each in chosen:
            for measure in each.measures:
                if not measure.history or scope.of_measure(book, measure) is None:
                    continue
                name = f"{each.program.program}/{measure.id}"
                began = min(spell.entered.on_or_after for spell in measure.history)
                ends = max(spell.entered.before for spell in measure.history)
                if self.days and began <= ALWAYS:
                    raise ScenarioError(
                        f"{name} has no first day that is held: give the day to which it is delayed (to)"
                    )
                day = parse_moment(self.to) if self.to else began + _HALF_DAYS * self.days
                if day <= began:
                    continue
                if day >= ends and each.by_name:
                    raise ScenarioError(
                        f"{name} would never be in force, since it ends before {show_moment(ends)}: use"
                        " remove if that is meant"
                    )
                one = (Chosen(each.program, (measure,), each.by_name),)
                book = without_days(book, act, one, scope, Window(before=day), "delaying it")
        if book is first:
            when = f"to {self.to}" if self.to else f"by {self.days} days"
            raise ScenarioError(f"delaying it {when} changes nothing ({in_force(chosen)})")
        return book
