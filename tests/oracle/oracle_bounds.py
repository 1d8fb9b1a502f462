"""What bounds a declaration, and what other declarations say of a fact, a second time: one line at a time, in
exact fractions.

It follows "A fact" of ``seeds/README.md`` and shares no code with ``tariffcalc/border``.  Readings adopted
where that text leaves room:

* a condition of a bound holds by what is declared, or what the law assumes; what is in doubt bounds nothing;
* a limit of value of a whole shipment counts every line of it, that of "claimed lines" those that make the
  claim;
* the value of one unit is known to the hundredth of its currency; at the rate of the day a declaration may be
  2% from it;
* a part of a sum counts for goods that its products name on any day; goods of eight digits that are only
  partly among them count where the part is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from oracle_value import Refused, half_up, notified_rate

from tariffcalc.law.bound import Bound, Consequence
from tariffcalc.law.fact import Fact
from tariffcalc.law.selection import Selection
from tariffcalc.units import UNITS

if TYPE_CHECKING:
    from oracle import OneLine, Oracle

MINIATURE = Fraction(1, 10**6)  # numbers and quantities are held to a millionth
PARTS = ("clean", "cmsc", "msc", "total_sugars", "dwb", "cr2o3", "nh3", "v2o5", "naoh")
ELEMENTS = (
    "sn",
    "cu",
    "pb",
    "zn",
    "mo",
    "w",
    "mn",
    "si",
    "mg",
    "ni",
    "cr",
    "v",
    "co",
    "sb",
    "au",
    "ag",
    "pt",
    "pd",
    "rh",
    "ir",
    "os",
    "ru",
)


class CannotBe(Refused):
    """A declaration that cannot be true, by the name of its fact."""

    def __init__(self, fact: str, why: str) -> None:
        super().__init__(f"{fact}: {why}")
        self.fact = fact


class FactsOfLaw:
    """What bounds ask of the law alone, whatever the line: the programs that ask for a fact, by the day that
    dates them, and the facts that share a bound."""

    def __init__(self, oracle: Oracle) -> None:
        self.dated_by: dict[str, set[str]] = {}
        for program in oracle.book.programs.values():
            for measure in program.measures:
                for condition in measure.requires:
                    self.dated_by.setdefault(condition.fact, set()).add(program.dated_by)
        self.sharing: dict[str, list[Fact]] = {}
        for fact in oracle.book.facts.values():
            for shared in dict.fromkeys(bound.shared for bound in fact.bounds or () if bound.shared):
                self.sharing.setdefault(shared, []).append(fact)


_FACTS: WeakKeyDictionary[Oracle, FactsOfLaw] = WeakKeyDictionary()


def facts_of_law(oracle: Oracle) -> FactsOfLaw:
    """The facts of a law, gone through once."""
    if oracle not in _FACTS:
        _FACTS[oracle] = FactsOfLaw(oracle)
    return _FACTS[oracle]


# --- what other declarations say
# ---------------------------------------------------------------------------------------------------------


def said_by_others(one: OneLine, fact: Fact) -> Any:
    """The value that other declarations of a line give a fact, and how far a declaration may be from it; None
    where they give none."""
    for consequence in fact.known_from:
        if _follows(one, consequence):
            return _value(fact, consequence.then), Fraction(0)
    if fact.sum_of:
        return _sum(one, fact)
    if fact.sum_of_lines:
        return sum((Fraction(other.value) for other in one.shipment), Fraction(0)), Fraction(10**30)
    return _of_one(one, fact) if fact.value_of_one else None


def _follows(one: OneLine, consequence: Consequence) -> bool:
    where = consequence.where
    if where.operator == "claim" and where.fact in one.oracle.spis:
        return one.spi == where.fact
    return one.holds(where, one.line.entered) is True


def _value(fact: Fact, text: str) -> Any:
    if fact.type == "flag":
        return text == "yes"
    return text if fact.type == "choice" else Fraction(text)


def _sum(one: OneLine, fact: Fact) -> tuple[Fraction, Fraction] | None:
    total, counted = Fraction(0), False
    for part in fact.sum_of:
        given = one.line.facts.get(part.fact)
        named = _named_on_its_day(one, fact, part.products)
        if named is False:
            continue
        if given is None or (named is None and Fraction(given) != 0):
            return None
        if named:
            counted = True
            total += Fraction(given)
    return (total, len(fact.sum_of) * MINIATURE) if counted else None


def _named_on_its_day(one: OneLine, fact: Fact, products: Selection) -> bool | None:
    """Whether the goods are among products on the day that counts for the programs that ask for a fact; None
    where only a part of them is."""
    dated = facts_of_law(one.oracle).dated_by.get(fact.fact, set())
    return one.oracle.in_products(
        products, one.line.commodity, one.line.entered if dated == {"entry"} else one.admitted_or_entered
    )


def _of_one(one: OneLine, fact: Fact) -> tuple[Fraction, Fraction] | None:
    assert fact.value_of_one is not None
    asked = fact.value_of_one
    if one.oracle.in_products(asked.products, one.line.commodity, 0) is False:
        return None
    count = quantity(one, asked.unit)
    own = one.line.currency == asked.currency
    rate = notified_rate(one.oracle.book, one.line, asked.currency, one.exported)
    if not count or rate is None:
        return None
    value = Fraction(half_up(Fraction(one.value) / rate / count * 100), 100)
    return value, Fraction(1, 100) if own else Fraction(int(value * 10**6) // 50, 10**6)


def quantity(one: OneLine, name: str) -> Fraction | None:
    """A quantity of the line in a unit; None where it is not declared."""
    for given, amount in one.line.quantity.items():
        if UNITS[given].dimension == UNITS[name].dimension:
            return Fraction(amount) * UNITS[given].factor / UNITS[name].factor
    return None


def rest_of_value(one: OneLine, fact: Fact) -> Fraction:
    """What a content is at most that is not declared: the value, less the declared contents that share it."""
    groups = {bound.shared for bound in fact.bounds or () if bound.shared and bound.within == "value"}
    others = [
        other
        for other in one.oracle.book.facts.values()
        if other is not fact and groups & {bound.shared for bound in other.bounds or ()}
    ]
    declared = (one.line.facts.get(other.fact) for other in others)
    return max(
        Fraction(0),
        Fraction(one.value) - sum((Fraction(given) for given in declared if given is not None), Fraction(0)),
    )


# --- what cannot be
# ------------------------------------------------------------------------------------------------------------


def refuse_what_cannot_be(one: OneLine, shipment: Sequence[OneLine] = ()) -> None:
    """Raise CannotBe for the first declaration of a line that cannot be true; ``shipment`` are all lines of
    its shipment."""
    line, facts = one.line, one.oracle.book.facts
    for name in line.claims:
        if name in facts and line.facts.get(name) is False:
            raise CannotBe(name, "claimed and denied")
    for name, given in line.facts.items():
        fact = facts.get(name)
        if fact is None:
            continue
        if fact.type == "share" and Fraction(given) > 1:
            raise CannotBe(name, "a percentage for a share")
        known = said_by_others(one, fact)
        if known is None:
            continue
        value, within = known
        different = (
            abs(Fraction(given) - value) > within if fact.type not in ("flag", "choice") else given != value
        )
        if different:
            raise CannotBe(name, f"{given}, and other declarations say {value}")
    for fact in facts.values():
        if fact.bounds and _is_said(one, fact):
            for bound in fact.bounds:
                if all(one.holds(condition, line.entered) is True for condition in bound.when):
                    _check(one, fact, bound, shipment or [one])
    whole = quantity(one, "kg")
    for given, amount in line.quantity.items():
        if whole is not None and UNITS[given].dimension.rsplit("_", 1)[0] in PARTS + ELEMENTS:
            weight = (
                Fraction(amount)
                * UNITS[given].factor
                / (1000 if UNITS[given].dimension.endswith("_g") else 1)
            )
            if weight > whole + MINIATURE:
                raise CannotBe(given, "more than the goods weigh")


def _is_said(one: OneLine, fact: Fact) -> bool:
    if fact.type == "flag":
        try:
            return bool(one.fact(fact.fact))
        except Exception as doubt:
            if type(doubt).__name__ != "InDoubt":
                raise
            return False
    return one.line.facts.get(fact.fact) is not None or said_by_others(one, fact) is not None


def _number(one: OneLine, name: str) -> Fraction | None:
    given = one.line.facts.get(name)
    known = said_by_others(one, one.oracle.book.facts[name]) if given is None else None
    return Fraction(given) if given is not None else None if known is None else Fraction(known[0])


def _check(one: OneLine, fact: Fact, bound: Bound, shipment: Sequence[OneLine]) -> None:
    if bound.value_at_most is not None:
        if sum(_worths(one, fact, bound, shipment), Fraction(0)) > Fraction(bound.value_at_most):
            raise CannotBe(fact.fact, "beyond its limit of value")
    elif bound.not_with:
        if any(one.holds(condition, one.line.entered) is True for condition in bound.not_with):
            raise CannotBe(fact.fact, "with what excludes it")
    elif bound.products is not None:
        if one.oracle.in_products(bound.products, one.line.commodity, one.line.entered) is False:
            raise CannotBe(fact.fact, "not of these goods")
    else:
        _check_amount(one, fact, bound)


def _check_amount(one: OneLine, fact: Fact, bound: Bound) -> None:
    amounts = [_number(one, fact.fact)]
    if bound.shared:
        sharing = facts_of_law(one.oracle).sharing[bound.shared]
        amounts += [_number(one, each.fact) for each in sharing if each is not fact]
    total = sum((amount for amount in amounts if amount is not None), Fraction(0))
    if bound.most is not None and total > Fraction(bound.most):
        raise CannotBe(fact.fact, "above its most")
    if bound.least is not None and total < Fraction(bound.least):
        raise CannotBe(fact.fact, "below its least")
    for of, sign in ((bound.within, 1), (bound.holds, -1)):
        kind, _, name = of.partition(" ")
        if of:
            limit = (
                Fraction(one.value)
                if of == "value"
                else quantity(one, name)
                if kind == "quantity"
                else _number(one, name)
            )
            slack = Fraction(0) if of == "value" else MINIATURE
            if limit is not None and sign * (total - limit) > slack:
                raise CannotBe(fact.fact, f"against {of}")


def _worths(one: OneLine, fact: Fact, bound: Bound, shipment: Sequence[OneLine]) -> Iterator[Fraction]:
    """What the lines under a limit of value are worth."""
    for other in [one] if bound.of == "line" else shipment:
        counts = _is_said(other, fact) and all(
            other.holds(condition, other.line.entered) is True for condition in bound.when
        )
        if counts or bound.of != "claimed lines":
            measured = other.line.facts.get(bound.measured) if bound.measured else None
            yield Fraction(other.value) if measured is None else Fraction(measured)
