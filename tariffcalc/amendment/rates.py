"""The verbs that work a duty out from the duty in force: higher by a rate, multiplied, at most, at least.

Each is said once for all measures of a selection; a measure whose duty it cannot be applied to is named and
refused, never left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.histories import with_duties
from tariffcalc.amendment.naming import check_duty
from tariffcalc.amendment.scopes import Scope
from tariffcalc.amendment.where import What, choose
from tariffcalc.amendment.wording import Day, DutyText, Goods, Origins, kind_of
from tariffcalc.amendment.written import window_of
from tariffcalc.errors import ScenarioError, SeedError
from tariffcalc.law.duty import Duty, Sum, Term
from tariffcalc.law.duty_format import show_duty
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure
from tariffcalc.law.number import read_number, read_percentage
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook


class _Narrowed(Change):
    """A change of the duties of some measures, on some days, for some origins and goods."""

    origin: Origins = ""
    products: Goods = ""
    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> _Narrowed:
        window_of(self.on_or_after, self.before)
        return self

    def _with(
        self, book: Rulebook, act: str, what: Any, changed: Callable[[Duty], Duty], doing: str
    ) -> Rulebook:
        """The law in which each duty is what ``changed`` says of it."""
        chosen, scope = choose(book, what, Scope.of(book, self.origin, self.products))

        def new(program: Program, measure: Measure, duty: Duty) -> Duty:
            try:
                terms = changed(duty)
                if terms is duty:
                    return duty
                found = parse_duty(show_duty(terms), book.duty_grammar)
                check_duty(book, program, found)
            except (ScenarioError, SeedError, ValueError) as error:
                raise ScenarioError(
                    f"{program.program}/{measure.id} charges {duty.text!r}: {error}; choose measures without"
                    " it, or use set_duty"
                ) from None
            return found

        return with_duties(book, act, chosen, scope, window_of(self.on_or_after, self.before), new, doing)


class RaiseBy(_Narrowed):
    """Duties higher by a rate: 10% and ``5%`` are 15%, 2¢/kg and ``5%`` are 2¢/kg + 5%."""

    verb: ClassVar[str] = "raise_by"

    what: What = Field(alias="raise_by")
    rate: DutyText

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the higher duties."""
        added = _plain_sum(book, self.rate)

        def higher(duty: Duty) -> Duty:
            _refuse_unheld(duty)
            if duty.at_least is not None or duty.at_most is not None:
                raise ScenarioError("it has limits, and a rate can be added within or beyond them")
            return _of_terms(duty, terms=_added(duty.terms, added))

        return self._with(book, act, self.what, higher, f"raising it by {self.rate}")


def _read_factor(given: Any) -> str:
    """A factor as text: ``50%``, ``1.5``."""
    text = given.strip() if isinstance(given, str) else ""
    if not text:
        raise ValueError(f"expected a factor as text, '1.5' or a percentage, got {kind_of(given)}")
    if _number(text) < 0:
        raise ValueError(f"expected a factor of nothing or more, got {kind_of(given)}")
    return text


def _number(text: str) -> Decimal:
    return read_percentage(text) if text.endswith("%") else read_number(text)


class Scale(_Narrowed):
    """Duties times a factor, ``50%`` or ``1.5``: every rate of them, and their limits."""

    verb: ClassVar[str] = "scale"

    what: What = Field(alias="scale")
    factor: Annotated[str, BeforeValidator(_read_factor)]

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the duties multiplied."""
        factor = _number(self.factor)

        def times(terms: Sum | None) -> Sum | None:
            if terms is None:
                return None
            return tuple(Term(rate=term.rate * factor, of=term.of) for term in terms if factor)

        def scaled(duty: Duty) -> Duty:
            _refuse_unheld(duty)
            return _of_terms(
                duty, terms=times(duty.terms), at_least=times(duty.at_least), at_most=times(duty.at_most)
            )

        return self._with(book, act, self.what, scaled, f"multiplying it by {self.factor}")


class Cap(_Narrowed):
    """Each measure's own duty at most so much."""

    verb: ClassVar[str] = "cap"

    what: What = Field(alias="cap")
    at_most: DutyText

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the capped duties."""
        most = _plain_sum(book, self.at_most)

        def capped(duty: Duty) -> Duty:
            _refuse_unheld(duty)
            if duty.is_none:
                return duty
            if (lower := _lower(duty.terms, most)) is not None and not duty.at_least and duty.at_most is None:
                return duty if lower is duty.terms else _of_terms(duty, terms=lower)
            limit = most if duty.at_most is None else _lower(duty.at_most, most)
            if limit is None:
                raise ScenarioError(
                    f"it has a limit of its own, which cannot be compared with {self.at_most}"
                )
            return duty if limit is duty.at_most else _of_terms(duty, at_most=limit)

        return self._with(book, act, self.what, capped, f"capping it at {self.at_most}")


class Floor(_Narrowed):
    """Each measure's own duty at least so much."""

    verb: ClassVar[str] = "floor"

    what: What = Field(alias="floor")
    at_least: DutyText

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the duties that are not below it."""
        least = _plain_sum(book, self.at_least)

        def raised(duty: Duty) -> Duty:
            _refuse_unheld(duty)
            if duty.at_most is not None:
                raise ScenarioError("it is limited already, and a floor would have to go before that limit")
            lower = _lower(duty.terms, least)
            if lower is not None and not duty.at_least:
                return duty if lower is not duty.terms or lower == least else _of_terms(duty, terms=least)
            if not duty.at_least:
                return _of_terms(duty, at_least=least)
            other = _lower(duty.at_least, least)
            if other is None:
                raise ScenarioError(
                    f"it has a floor of its own, which cannot be compared with {self.at_least}"
                )
            return _of_terms(duty, at_least=least) if other is duty.at_least else duty

        return self._with(book, act, self.what, raised, f"setting a floor of {self.at_least}")


def _plain_sum(book: Rulebook, text: str) -> Sum:
    """The terms of a duty text that has no limits and is known."""
    duty = parse_duty(text, book.duty_grammar)
    _refuse_unheld(duty)
    if duty.at_least is not None or duty.at_most is not None:
        raise ScenarioError(f"{text!r} has limits of its own: expected a rate, or a sum of rates")
    return duty.terms


def _refuse_unheld(duty: Duty) -> None:
    if not duty.held:
        raise ScenarioError("the duty is not held, and what is unknown cannot be worked with")
    if duty.scheduled is not None:
        raise ScenarioError("the schedule says it line by line")
    if duty.borrowed or any(term.rate == 1 and term.of.startswith("fact ") for term in duty.terms):
        raise ScenarioError("another line, a note or a condition decides it")


def _of_terms(duty: Duty, **parts: Any) -> Duty:
    return duty.model_copy(update=parts)


def _added(terms: Sum, more: Sum) -> Sum:
    """Two sums as one, rates of the same amount together."""
    rates: dict[str, Decimal] = {}
    for term in (*terms, *more):
        rates[term.of] = rates.get(term.of, Decimal(0)) + term.rate
    return tuple(Term(rate=rate, of=amount) for amount, rate in rates.items() if rate)


def _lower(one: Sum, other: Sum) -> Sum | None:
    """The lower of two sums (the first where they are the same), or None where that depends on the line."""
    rates = [{term.of: term.rate for term in each} for each in (one, other)]
    if any(len(rate) < len(each) for rate, each in zip(rates, (one, other), strict=True)):
        return None
    amounts = {*rates[0], *rates[1]}
    if any(amount.startswith("charged ") for amount in amounts) and one != other:
        return None
    differences = [rates[1].get(amount, Decimal(0)) - rates[0].get(amount, Decimal(0)) for amount in amounts]
    if all(each >= 0 for each in differences):
        return one
    return other if all(each <= 0 for each in differences) else None
