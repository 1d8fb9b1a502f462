"""How the value of a line is declared, drawn for the tests: trade terms, currencies, costs with and without,
rates, goods with a tariff value.

Most of what is drawn can be valued; every way to be refused is drawn too, seldom.  Amounts have four decimals
and rates nine, which is what the library holds (a millionth of the currency, a billionth of a rate).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from oracle import Declared
from oracle_value import AFTER, AS_IT_IS, CARRIED, COSTS, TERMS, tariff_values_of, unit_of

from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.valuation import ExchangeRate, TariffValue
from tariffcalc.units import MICRO, UNITS

PARTS = ("0", "0.003", "0.01125", "0.05", "0.1", "0.15", "0.2", "0.2001", "0.25", "0.4")
MODES = ("vessel", "air", "truck", "rail", "mail", "other")


class Prices:
    """Draws how the value of a line is declared, and lines aimed at a notified rate or a tariff value."""

    def __init__(self, book: Rulebook, chance: Random) -> None:
        self.book, self.chance = book, chance
        self.own = book.territory.currency
        self.currencies = sorted(book.currencies.keys() - {self.own})
        held = book.territory.held
        rows: list[ExchangeRate | TariffValue] = [*book.exchange_rates, *book.tariff_values]
        self.aims = [row for row in rows if row.start < held.before and row.end > held.on_or_after]

    def aim(self) -> tuple[int, ExchangeRate | TariffValue]:
        """A rate or a tariff value, and a day of entry on which it is in force, most of the time."""
        row = self.chance.choice(self.aims)
        held = self.book.territory.held
        last = min(row.end, row.start + 2 * 60) - 1
        day = self.chance.choice(
            (row.start, last, self.chance.randint(row.start, last), row.start - 1, last + 1)
        )
        return min(max(day, held.on_or_after), held.before - 1), row

    def priced(self, line: Declared, currency: str | None = None) -> Declared:
        """The line with its value declared in some way; ``currency`` is asked for where it is given."""
        chance = self.chance.random
        if currency is None and not tariff_values_of(self.book, line.commodity) and chance() < 0.6:
            return line
        line = replace(line, **self._currency(line.entered, currency))
        terms = self.book.valuation is not None or chance() < 0.1
        if terms and chance() < 0.75:
            line = replace(line, value_basis=self.chance.choice([*TERMS, "fob", "Cif"]))
        elif chance() < 0.4:
            line = replace(line, value_basis=AS_IT_IS)
        if line.value_basis is not None or chance() < 0.05:
            line = replace(line, costs=self._costs(line.value, line.value_basis))
        if chance() < 0.7:
            line = replace(line, facts={"transport": self.chance.choice(MODES), **line.facts})
        return self._of_tariff_goods(line)

    def _currency(self, entered: int, asked: str | None) -> dict[str, Any]:
        """A currency, and the rate declared for it: most of the time where none is notified, sometimes where
        one is."""
        draw, choose = self.chance.random(), self.chance.choice
        if asked is None and (draw < 0.4 or not self.currencies):
            rate = Decimal(1) if draw < 0.05 else Decimal(2) if draw < 0.055 else None
            return {"currency": self.own if draw < 0.1 else None, "exchange_rate": rate}
        notified = sorted(
            {rate.currency for rate in self.book.exchange_rates if rate.start <= entered < rate.end}
        )
        currency = asked or choose(notified if notified and draw < 0.7 else self.currencies)
        declared = self.chance.random() < (0.25 if currency in notified else 0.9)
        return {"currency": currency, "exchange_rate": self._rate() if declared else None}

    def _rate(self) -> Decimal:
        rate = Decimal(self.chance.randrange(1, 10 ** self.chance.choice((4, 7, 11)))).scaleb(
            -self.chance.choice((2, 4, 9))
        )
        return min(rate, Decimal(1000)) if self.chance.random() < 0.99 else Decimal(0)

    def _costs(self, price: Decimal, basis: str | None) -> dict[str, Decimal]:
        """Some costs, as parts of the price; those that a price to the door or from the works needs, most of
        the time."""
        share = self.chance.choice((0.0, 0.3, 0.6, 1.0))
        lacks, holds = TERMS.get((basis or "").upper(), ((), ()))
        needed = (
            {*lacks, *holds} & {AFTER, *({CARRIED} & set(lacks))} if self.chance.random() < 0.8 else set()
        )
        return {cost: self._part(price) for cost in COSTS if cost in needed or self.chance.random() < share}

    def _part(self, price: Decimal) -> Decimal:
        part = (
            Decimal(self.chance.choice(PARTS))
            if self.chance.random() < 0.8
            else Decimal(self.chance.randrange(0, 3000)).scaleb(-4)
        )
        return (price * part).quantize(Decimal("0.0001"))

    def _of_tariff_goods(self, line: Declared) -> Declared:
        values = tariff_values_of(self.book, line.commodity)
        if not values:
            return line if self.chance.random() < 0.98 else replace(line, tariff_goods="none")
        draw = self.chance.random()
        name = self.chance.choice([value.goods for value in values])
        named = (
            name
            if draw < 0.5
            else name.upper()
            if draw < 0.55
            else "none"
            if draw < 0.7
            else "something else"
            if draw < 0.73
            else None
        )
        quantity = self._quantity(values[0]) if self.chance.random() < 0.9 else {}
        return replace(line, tariff_goods=named, quantity=quantity)

    def _quantity(self, value: TariffValue) -> dict[str, Decimal]:
        """A quantity of the kind a tariff value counts, in any unit of it, in whole millionths of the base
        unit."""
        dimension = UNITS[unit_of(value)[1]].dimension
        name = self.chance.choice(sorted(name for name, unit in UNITS.items() if unit.dimension == dimension))
        quantity = Decimal(self.chance.randrange(0, 10 ** self.chance.choice((3, 5, 7)))).scaleb(-3)
        whole = (Fraction(quantity) * UNITS[name].factor * MICRO).denominator == 1
        return {name: quantity if whole else quantity.quantize(Decimal(1))}
