"""The customs value a second time: from a price, its trade term and its costs, or from a quantity of goods
with a tariff value, in exact fractions.

It follows ``seeds/README.md``, "Valuation", one line at a time, and shares no code with
``tariffcalc/border``.  A line whose customs value cannot be known is refused.  Readings adopted where that
text leaves room:

* a tariff value is converted at the rate of the day that converts prices; a declared rate counts for it only
  where it is of the same currency;
* a customs value declared as such, in the currency of the territory, is taken to the minor unit and not
  rounded to the step of the law;
* a ceiling holds for a cost that is declared, whether the price holds it or lacks it, where the price at the
  place of export is known;
* a price of which the costs it holds leave less than nothing is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.valuation import Cost, TariffValue, Valuation
from tariffcalc.units import UNITS, unit

if TYPE_CHECKING:
    from oracle import Declared

CARRIED, FREIGHT, INSURANCE, AFTER = (
    "foreign_inland_freight",
    "freight",
    "insurance",
    "costs_after_importation",
)
COSTS = (CARRIED, FREIGHT, INSURANCE, AFTER, "additions")

# What a price lacks, and what it holds (the table of the README).
TERMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "EXW": ((CARRIED, FREIGHT, INSURANCE), ()),
    "FCA": ((FREIGHT, INSURANCE), ()),
    "FAS": ((FREIGHT, INSURANCE), ()),
    "FOB": ((FREIGHT, INSURANCE), (CARRIED,)),
    "C&I": ((FREIGHT,), (CARRIED, INSURANCE)),
    "CFR": ((INSURANCE,), (CARRIED, FREIGHT)),
    "C&F": ((INSURANCE,), (CARRIED, FREIGHT)),
    "CPT": ((INSURANCE,), (CARRIED, FREIGHT)),
    "CIF": ((), (CARRIED, FREIGHT, INSURANCE)),
    "CIP": ((), (CARRIED, FREIGHT, INSURANCE)),
    "DAP": ((), (CARRIED, FREIGHT, INSURANCE, AFTER)),
    "DPU": ((), (CARRIED, FREIGHT, INSURANCE, AFTER)),
    "DDP": ((), (CARRIED, FREIGHT, INSURANCE, AFTER)),
}
LACKS_IF_DECLARED = {"FCA": CARRIED, "FAS": CARRIED}
HOLDS_IF_DECLARED = {"CPT": AFTER, "CIP": AFTER}
AS_IT_IS = "customs value"
LARGEST = 4 * 10**14  # minor units of one line that the library takes (``border/amounts.py``)


class Refused(Exception):
    """The line cannot be read: it has no customs value that could be known, or no tariff line."""


def half_up(amount: Fraction) -> int:
    """The nearest whole number; halves away from nothing (19 CFR 159.3)."""
    whole, rest = divmod(abs(amount), 1)
    size = int(whole) + (1 if rest >= Fraction(1, 2) else 0)
    return size if amount >= 0 else -size


def customs_value(book: Rulebook, line: Declared, exported: int) -> Decimal:
    """The customs value of a line [currency of the territory]; ``exported`` is the day of export, or of
    loading or entry where that is not declared.

    Raises
    ------
    Refused
        It cannot be known from what is declared.
    """
    own, minor = book.territory.currency, book.territory.minor_units
    quoted = line.currency or own
    _check_rate(line, quoted, own)
    fixed = _tariff_value(book, line)
    if fixed is not None:
        amount = Fraction(fixed.amount) * _quantity(line, fixed)
        return _rounded(book, amount * _rate(book, line, fixed.currency, exported))
    if line.value_basis is None and any(line.costs.values()):
        raise Refused("a cost is declared, and not what the price is")
    if line.value_basis in (None, AS_IT_IS):
        if quoted == own:
            return Decimal(half_up(Fraction(line.value) * minor)) / minor
        return _rounded(book, Fraction(line.value) * _rate(book, line, quoted, exported))
    if book.valuation is None:
        raise Refused("no law of valuation")
    rate = _rate(book, line, quoted, exported)
    return _rounded(book, Price(line).customs_value(book.valuation) * rate)


def _rounded(book: Rulebook, amount: Fraction) -> Decimal:
    rounding = book.valuation.rounded_to if book.valuation else None
    step = rounding.step if rounding else Decimal(1) / book.territory.minor_units
    found = half_up(amount / Fraction(step)) * step
    if found * book.territory.minor_units > LARGEST:
        raise Refused("too large")
    return found


# --- exchange
# ------------------------------------------------------------------------------------------------------------


def _check_rate(line: Declared, quoted: str, own: str) -> None:
    if line.exchange_rate is not None and (
        not line.exchange_rate or (quoted == own and line.exchange_rate != 1)
    ):
        raise Refused("an exchange rate that is none")


def notified_rate(book: Rulebook, line: Declared, currency: str, exported: int) -> Fraction | None:
    """The rate of a currency for a line, None where none is held."""
    try:
        return _rate(book, line, currency, exported)
    except Refused:
        return None


def _rate(book: Rulebook, line: Declared, currency: str, exported: int) -> Fraction:
    """Units of the territory's currency for one of another: as declared, or as notified for the day."""
    own = book.territory.currency
    if currency == own:
        return Fraction(1)
    if line.exchange_rate is not None and currency == (line.currency or own):
        return Fraction(line.exchange_rate)
    day = exported if book.valuation and book.valuation.rate_of.day == "exported" else line.entered
    found = [
        each for each in book.exchange_rates if each.currency == currency and each.start <= day < each.end
    ]
    if len(found) != 1:
        raise Refused("no exchange rate")
    return Fraction(found[0].rate) / found[0].units


# --- tariff values
# ------------------------------------------------------------------------------------------------------------


def tariff_values_of(book: Rulebook, code: str) -> list[TariffValue]:
    """The tariff values, of any day, that name a code."""
    return [
        each
        for each in book.tariff_values
        if code.startswith(each.products.items) and not code.startswith(each.products.except_items)
    ]


def unit_of(value: TariffValue) -> tuple[int, str]:
    """What a tariff value is for: so many of a unit."""
    found = re.fullmatch(r"(\d*) ?(\D+)", value.unit)
    assert found is not None, value.unit
    return int(found[1] or 1), unit(found[2]).name


def _tariff_value(book: Rulebook, line: Declared) -> TariffValue | None:
    values = tariff_values_of(book, line.commodity)
    goods = (line.tariff_goods or "").casefold()
    if not values or line.value_basis == AS_IT_IS or goods == "none":
        return None
    if goods:
        values = [each for each in values if each.goods.casefold() == goods]
    found = [each for each in values if each.start <= line.entered < each.end]
    if len(found) != 1:
        raise Refused("no tariff value, or several")
    return found[0]


def _quantity(line: Declared, value: TariffValue) -> Fraction:
    """How many of the tariff value's units the line holds."""
    count, name = unit_of(value)
    for declared, quantity in line.quantity.items():
        if UNITS[declared].dimension == UNITS[name].dimension:
            return Fraction(quantity) * UNITS[declared].factor / UNITS[name].factor / count
    raise Refused("no quantity")


# --- a price
# ------------------------------------------------------------------------------------------------------------


class Price:
    """A price under a trade term, in its own currency, with the costs that are declared."""

    def __init__(self, line: Declared) -> None:
        assert line.value_basis is not None
        basis = line.value_basis.upper()
        self.price = Fraction(line.value)
        self.declared = {cost: Fraction(amount) for cost, amount in line.costs.items()}
        lacks, holds = map(set, TERMS[basis])
        lacks |= {"additions", LACKS_IF_DECLARED.get(basis)} & self.declared.keys()
        holds |= {HOLDS_IF_DECLARED.get(basis)} & self.declared.keys()
        self.lacks, self.holds = lacks, holds
        self.transport = line.facts.get("transport")

    def with_only(self, costs: Collection[str]) -> Fraction | None:
        """The price at the place of export with only these costs of the way from there; None where what is
        declared does not tell it."""
        wanted = {CARRIED, *costs}
        missing, in_excess = self.lacks & wanted, self.holds - wanted
        if not (missing | in_excess) - {"additions"} <= self.declared.keys():
            return None
        return (
            self.price
            + sum(self.declared[cost] for cost in missing)
            - sum(self.declared[cost] for cost in in_excess)
        )

    def customs_value(self, law: Valuation) -> Fraction:
        value = self.price
        for rule in law.includes:
            if rule.cost in self.lacks:
                value += self.counted(rule) if rule.cost in self.declared else self.not_ascertainable(rule)
            elif rule.cost in self.holds and rule.cost in self.declared:
                value += self.counted(rule) - self.declared[rule.cost]
        for rule in law.excludes:
            if rule.cost in self.holds:
                if rule.cost not in self.declared:
                    raise Refused(f"{rule.cost} is in the price, and not declared")
                value -= self.declared[rule.cost]
        if value < 0 or (self.with_only(()) or 0) < 0:
            raise Refused("the costs exceed the price")
        return value

    def counted(self, rule: Cost) -> Fraction:
        """A declared cost, as far as the law counts it."""
        declared, fob = self.declared[rule.cost], self.with_only(())
        if rule.at_most is None or fob is None or declared <= Fraction(rule.at_most.share) * fob:
            return declared
        if self.transport is None:
            raise Refused("the mode of transport decides")
        return Fraction(rule.at_most.share) * fob if self.transport == rule.at_most.transport else declared

    def not_ascertainable(self, rule: Cost) -> Fraction:
        """What the law takes for a cost that is not declared."""
        for share in rule.not_ascertainable:
            of = self.with_only([cost for cost in share.of if cost != "fob"])
            if of is not None:
                return Fraction(share.share) * of
        raise Refused(f"{rule.cost} is not declared")
