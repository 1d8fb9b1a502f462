"""Part of what turns the law into arrays: the valuation law of a territory, its exchange rates and tariff
values."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np

from tariffcalc.compiled.axes import CodeAxis, Ints
from tariffcalc.compiled.valuation import (
    CeilingRule,
    CostRule,
    RateRow,
    ShareRule,
    TariffValueRow,
    ValuationTable,
)
from tariffcalc.errors import Finding, SeedError, UnknownUnit
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.valuation import FOB, Cost, ExchangeRate, TariffValue
from tariffcalc.moments import show_moment
from tariffcalc.units import unit

_UNIT = re.compile(r"(?:(\d+) )?(.+)")


def compile_valuation(book: Rulebook, axis: CodeAxis) -> ValuationTable:
    """The valuation of a rulebook; raises SeedError for two rates of one day, a unit nobody knows, a step
    below the minor unit."""
    law = book.valuation
    rows = tuple(_tariff_value(value) for value in book.tariff_values)
    tariff_class, tariff_rows = _classes(book.tariff_values, axis)
    return ValuationTable(
        held=law is not None,
        costs={cost.cost: _cost(cost, cost in law.includes) for cost in law.costs()} if law else {},
        rate_of_export=law is not None and law.rate_of.day == "exported",
        rate_by=law.rate_of.by if law else (),
        step=_step(book),
        rates=_rates(book.exchange_rates, book.territory.currency),
        tariff_values=rows,
        tariff_class=tariff_class,
        tariff_rows=tariff_rows,
        currencies={
            book.territory.currency: book.territory.currency,
            **{row.currency: row.currency for row in rows},
            **{rate.currency: rate.currency for rate in book.exchange_rates},
            **book.currencies,
        },
    )


def _cost(cost: Cost, included: bool) -> CostRule:
    shares = tuple(
        ShareRule(
            Fraction(each.share), frozenset(each.of) - {FOB}, _text(each.share, each.of), each.by, each.tag
        )
        for each in cost.not_ascertainable
    )
    top = cost.at_most
    ceiling = (
        CeilingRule(Fraction(top.share), top.transport, _text(top.share, (top.of,)), top.by, top.tag)
        if top
        else None
    )
    return CostRule(cost.cost, included, shares, ceiling, cost.by, cost.tag)


def _text(share: Decimal, of: tuple[str, ...]) -> str:
    return (
        f"{(share * 100).normalize():f}% of"
        f" {' + '.join(name.upper() if name == FOB else name for name in of)}"
    )


def _step(book: Rulebook) -> int:
    """The multiple of the minor unit to which a customs value is rounded."""
    rounding = book.valuation.rounded_to if book.valuation else None
    if rounding is None:
        return 1
    step = rounding.step * book.territory.minor_units
    if step < 1 or step != int(step):
        minor = f"{book.territory.minor_units} minor units to one {book.territory.currency}"
        message = f"the customs value cannot be rounded to {rounding.step}: amounts are kept in {minor}"
        raise SeedError([Finding("C010", message, rounding.file, rounding.line)])
    return int(step)


def _rates(rates: tuple[ExchangeRate, ...], own: str) -> dict[str, tuple[RateRow, ...]]:
    """Rates by currency in order of time; of one currency no two may hold on one day."""
    found: dict[str, list[ExchangeRate]] = {}
    for rate in sorted(rates, key=lambda rate: (rate.currency, rate.start)):
        found.setdefault(rate.currency, []).append(rate)
    wrong = [
        Finding(
            "C011",
            f"{currency} has two exchange rates on {show_moment(later.start)}",
            "exchange-rates.csv",
            later.line,
        )
        for currency, rows in found.items()
        for earlier, later in pairwise(rows)
        if later.start < earlier.end
    ]
    if own in found:
        message = f"{own} is the currency of the territory: it needs no exchange rate"
        wrong.append(Finding("C011", message, "exchange-rates.csv", found[own][0].line))
    if wrong:
        raise SeedError(wrong)
    return {currency: tuple(map(_rate, rows)) for currency, rows in found.items()}


def _rate(rate: ExchangeRate) -> RateRow:
    return RateRow(rate.currency, Fraction(rate.rate) / rate.units, rate.start, rate.end, rate.by, rate.tag)


def _tariff_value(value: TariffValue) -> TariffValueRow:
    count, name = _UNIT.fullmatch(value.unit.strip() or "?").groups()  # type: ignore[union-attr]
    try:
        measure = unit(name)
    except UnknownUnit as error:
        raise SeedError(
            [Finding("C012", f"the tariff value of {value.goods}: {error}", "tariff-values.csv", value.line)]
        ) from None
    per = Fraction(int(count or 1)) * measure.factor
    text = f"{value.currency} {value.amount:,} per {value.unit}"
    amount = Fraction(value.amount) / per
    return TariffValueRow(
        value.goods,
        amount,
        text,
        value.currency,
        measure.name,
        measure.dimension,
        value.start,
        value.end,
        value.by,
        value.tag,
    )


def _classes(values: tuple[TariffValue, ...], axis: CodeAxis) -> tuple[Ints, tuple[tuple[int, ...], ...]]:
    """For each code the class of the tariff values that name it, and the rows of each class; class 0 has
    none."""
    named: dict[int, list[int]] = {}
    for number, value in enumerate(values):
        left_out = {
            code
            for prefix in value.products.except_items
            for code in range(*axis.below(prefix).indices(len(axis.codes)))
        }
        for prefix in value.products.items:
            for code in range(*axis.below(prefix).indices(len(axis.codes))):
                if code not in left_out:
                    named.setdefault(code, []).append(number)
    classes: dict[tuple[int, ...], int] = {(): 0}
    found = np.zeros(len(axis.codes) if named else 0, np.int64)
    for code, rows in named.items():
        found[code] = classes.setdefault(tuple(rows), len(classes))
    return found, tuple(classes)
