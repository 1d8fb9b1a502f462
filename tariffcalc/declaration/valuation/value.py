"""The customs value of each line, from what was declared: a customs value, a price under a trade term, or a
quantity of goods with a tariff value.

A frame that declares none of the columns of this module takes its values as they are.  Otherwise a price
becomes a customs value in its own currency (``price.py``), is converted exactly (``exchange.py``,
``exact.py``) and rounded once, half up.  How each value came about is kept with the lines.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import LARGEST_MONEY, LARGEST_QUANTITY, FactColumn
from tariffcalc.declaration.amounts import read_value, scaled
from tariffcalc.declaration.columns import (
    VALUATION,
    Bools,
    Declared,
    Ints,
    Refusal,
    empty_rows,
    folded,
    read_each,
    shown,
)
from tariffcalc.declaration.origins_and_days import Days
from tariffcalc.declaration.problems import Problems
from tariffcalc.declaration.valuation.exact import Exact, at_rates
from tariffcalc.declaration.valuation.exchange import Rates, read_currencies, read_rates
from tariffcalc.declaration.valuation.price import Pattern, Step, pattern_key, price_rows
from tariffcalc.declaration.valuation.tariff_value import NONE, find_tariff_values, quantities_of
from tariffcalc.declaration.valuation.trade_terms import BASES, COSTS, CUSTOMS_VALUE, read_basis

MODES = ("vessel", "air", "truck", "rail", "mail", "other")


class Valued(NamedTuple):
    """How the customs value of each line came about; amounts in millionths of the line's currency."""

    basis: Ints  # among BASES
    currency: Ints  # among the law's currencies
    rates: Rates
    price: Ints
    declared: dict[str, FactColumn]  # costs as they were declared
    counted: dict[str, Ints]  # costs as they count
    steps: Ints  # which of ``ways``
    ways: tuple[tuple[Step, ...], ...]
    tariff_value: Ints  # number of the tariff value, or NONE

    def take(self, rows: Ints | slice) -> Valued:
        """The same of some rows."""
        return self._replace(
            basis=self.basis[rows],
            currency=self.currency[rows],
            rates=Rates(*(column[rows] for column in self.rates)),
            price=self.price[rows],
            declared={cost: column.take(rows) for cost, column in self.declared.items()},
            counted={cost: column[rows] for cost, column in self.counted.items()},
            steps=self.steps[rows],
            tariff_value=self.tariff_value[rows],
        )


def read_customs_value(
    law: CompiledLaw,
    declared: Declared,
    code: Ints,
    days: Days,
    quantities: dict[str, FactColumn],
    size: int,
    problems: Problems,
) -> tuple[Ints, Valued | None]:
    """The customs value of each row [minor units], and how it came about (None: it was declared as it is, on
    every row)."""
    value = read_value(law, declared["value"], size, problems)
    given = {
        name: column
        for name, column in declared.items()
        if name in VALUATION and not empty_rows(column, size).all()
    }
    fixed = len(law.valuation.tariff_class) > 0
    if not given and not fixed:
        return value, None
    basis, has_basis = _read_basis(law, given, size, problems)
    number = np.full(size, NONE, np.int64)
    if fixed:
        number = find_tariff_values(law, given, code, days.entered, has_basis & (basis == 0), problems)
        if not given and (number == NONE).all():
            return value, None
    price, _ = scaled(
        declared["value"], "value", Fraction(MILLION), LARGEST_QUANTITY, Problems(size), "the value"
    )
    costs = {
        cost: FactColumn(*scaled(given[cost], cost, Fraction(MILLION), LARGEST_QUANTITY, problems, cost))
        for cost in COSTS
        if cost in given
    }
    _refuse_without_basis(costs, ~has_basis & (number == NONE), problems)
    quoted = read_currencies(law, given, size, problems)
    currency = _currency_of_tariff_values(law, quoted, number)
    rates = read_rates(law, given, currency, quoted, days, problems)
    valued = Valued(basis, currency, rates, price, costs, {}, np.zeros(size, np.int64), ((),), number)
    codes = list(law.valuation.currencies)
    as_it_is = (number == NONE) & (basis == 0) & (currency == codes.index(law.currency))
    value = np.where(as_it_is, value, 0)
    valued = _value_prices(law, declared, value, valued, problems)
    _value_quantities(law, value, valued, quantities, problems)
    problems.refuse(
        np.flatnonzero(value > LARGEST_MONEY),
        "too-large",
        "the customs value is too large",
        "check the amounts, or split the line",
    )
    return value, valued


def _read_basis(law: CompiledLaw, given: Declared, size: int, problems: Problems) -> tuple[Ints, Bools]:
    """The value basis of each row, and where it is declared; a basis from which the law held does not give
    the customs value is refused."""
    if "value_basis" not in given:
        return np.zeros(size, np.int64), np.zeros(size, bool)
    basis = read_each(given["value_basis"], problems, read_basis)
    if not law.valuation.held:
        message = f"how the customs value of {law.title} is built from a price is not held"
        problems.refuse(
            np.flatnonzero(basis > 0),
            "no-valuation-law",
            message,
            f"give the customs value, with value_basis {CUSTOMS_VALUE!r}",
        )
    return basis, ~empty_rows(given["value_basis"], size)


def _refuse_without_basis(costs: dict[str, FactColumn], undeclared: Bools, problems: Problems) -> None:
    """Refuse rows that declare costs and do not say what the value is: they may or may not be in it."""
    for cost, column in costs.items():
        rows = np.flatnonzero(undeclared & (column.values > 0) & ~problems.bad)
        terms = ", ".join(BASES[1:])
        supply = f"give value_basis: {terms}, or {CUSTOMS_VALUE!r} where value is the customs value already"
        problems.refuse(rows, "missing-value-basis", f"{cost} is declared, and not what the value is", supply)


def _currency_of_tariff_values(law: CompiledLaw, quoted: Ints, number: Ints) -> Ints:
    """The currency to convert from: that of the tariff value where there is one."""
    if (number == NONE).all():
        return quoted
    codes = list(law.valuation.currencies)
    fixed = np.array([*(codes.index(value.currency) for value in law.valuation.tariff_values), 0], np.int64)
    return np.where(number == NONE, quoted, fixed[number])


def _modes(
    law: CompiledLaw, declared: Declared, size: int, problems: Problems
) -> tuple[tuple[str | None, ...], Ints]:
    """The modes of transport for which a cost has a ceiling, after none declared (None) and any other
    (empty); and which of them each row is of."""
    wanted = sorted({rule.at_most.transport for rule in law.valuation.costs.values() if rule.at_most})
    modes = (None, "", *wanted)
    if not wanted or "transport" not in declared:
        return modes, np.zeros(size, np.int64)
    known = "transport" in law.facts  # then its choices have been read and refused already

    def read(value: object) -> int | Refusal:
        text = folded(str(value).strip())
        if text not in MODES and not known:
            return Refusal("not-a-choice", f"transport is {shown(value)}", f"give one of {', '.join(MODES)}")
        return modes.index(text) if text in wanted else 1

    return modes, np.where(
        empty_rows(declared["transport"], size), 0, read_each(declared["transport"], problems, read)
    )


def _value_prices(
    law: CompiledLaw, declared: Declared, value: Ints, valued: Valued, problems: Problems
) -> Valued:
    """Put the customs value of every priced row in place; the steps that were taken are kept."""
    table = law.valuation
    modes, mode = _modes(law, declared, len(value), problems)
    ways: list[tuple[Step, ...]] = [()]
    own = list(table.currencies).index(law.currency)
    asked = (valued.tariff_value == NONE) & ((valued.basis > 0) | (valued.currency != own)) & ~problems.bad
    known = {
        cost: np.ones(len(value), bool) if column.declared is None else column.declared
        for cost, column in valued.declared.items()
    }
    key = np.where(asked, pattern_key(valued.basis, known, mode, len(modes)), -1)
    counted = {cost: np.zeros(len(value), np.int64) for cost in table.costs}
    for each in np.unique(key[asked]):
        rows = np.flatnonzero(key == each)
        basis = BASES[valued.basis[rows[0]]]
        if basis == CUSTOMS_VALUE:
            value[rows] = _converted(law, valued, rows, valued.price[rows], 1)
            continue
        given = {
            cost: column.values[rows] for cost, column in valued.declared.items() if known[cost][rows[0]]
        }
        pattern = Pattern(table.costs, basis, modes[mode[rows[0]]], rows, valued.price[rows], given)
        priced = price_rows(pattern, problems)
        if priced is None:
            continue
        value[rows] = _converted(law, valued, rows, priced.value, priced.parts)
        for cost, amounts in priced.counted.items():
            counted[cost][rows] = amounts
        valued.steps[rows] = len(ways)
        ways.append(priced.steps)
    return valued._replace(counted=counted, ways=tuple(ways))


def _converted(law: CompiledLaw, valued: Valued, rows: Ints, amounts: Exact, parts: int) -> Ints:
    """Amounts in parts of a millionth of the currency as a customs value [minor units], rounded once."""
    step = law.valuation.step
    scale = Fraction(law.minor_units, MILLION * parts * step)
    return (
        at_rates(amounts, valued.rates.numerator[rows], valued.rates.denominator[rows], scale, LARGEST_MONEY)
        * step
    )


def _value_quantities(
    law: CompiledLaw, value: Ints, valued: Valued, quantities: dict[str, FactColumn], problems: Problems
) -> None:
    """Put the customs value of every row that has a tariff value in place."""
    rows = np.flatnonzero(valued.tariff_value != NONE)
    if not len(rows):
        return
    values = law.valuation.tariff_values
    counted = quantities_of(values, valued.tariff_value, quantities, problems)
    step = law.valuation.step
    for each in np.unique(valued.tariff_value[rows]):
        of_each = rows[valued.tariff_value[rows] == each]
        scale = values[each].amount * law.minor_units / (MILLION * step)
        rates = valued.rates.numerator[of_each], valued.rates.denominator[of_each]
        value[of_each] = at_rates(counted[of_each], *rates, scale, LARGEST_MONEY) * step
