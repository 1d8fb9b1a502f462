"""Currencies and exchange rates at the border: which currency a line is in, and the exact rate that converts
it.

A declared rate counts before a notified one, and a note says where they differ.  A currency without a rate on
the day the law asks for refuses the row: no rate is carried over from another day.
"""

from __future__ import annotations

from difflib import get_close_matches
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import LARGEST_QUANTITY
from tariffcalc.declaration.amounts import scaled
from tariffcalc.declaration.columns import (
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
from tariffcalc.moments import show_moment

BILLION = 10**9
OWN, DECLARED = -2, -1


class Rates(NamedTuple):
    """The rate of each row as a fraction; ``source`` is OWN, DECLARED or the number of a notified rate of the
    currency; the day it is of."""

    numerator: Ints
    denominator: Ints
    source: Ints
    day: Ints


def read_currencies(law: CompiledLaw, declared: Declared, size: int, problems: Problems) -> Ints:
    """The position of each row's currency among the law's; its own where none is declared."""
    codes = list(law.valuation.currencies)
    own = codes.index(law.currency)
    if "currency" not in declared:
        return np.full(size, own, np.int64)
    spelt = {code.casefold(): number for number, code in enumerate(codes)}
    column = declared["currency"]
    read = read_each(column, problems, lambda value: _currency(law, spelt, value))
    empty = empty_rows(column, size)
    return np.where(empty, own, read) if empty.any() else read


def _currency(law: CompiledLaw, spelt: dict[str, int], value: Any) -> int | Refusal:
    text = folded(str(value).strip())
    found = spelt.get(text)
    return (
        found
        if found is not None
        else Refusal("unknown-currency", f"currency is {shown(value)}", partial(_near, law, text[:60]))
    )


def _near(law: CompiledLaw, text: str) -> str:
    names = {name.casefold(): code for code, name in law.valuation.currencies.items()} | {
        code.casefold(): code for code in law.valuation.currencies
    }
    inside = [code for name, code in names.items() if len(text) > 3 and text.rstrip("s") in name]
    near = [*(names[each] for each in get_close_matches(text, names, n=3, cutoff=0.6)), *inside[:3]]
    return (
        f"near misses: {', '.join(dict.fromkeys(near))}; " if near else ""
    ) + "give the three-letter code of ISO 4217"


def read_rates(
    law: CompiledLaw, declared: Declared, currency: Ints, quoted: Ints, days: Days, problems: Problems
) -> Rates:
    """The rate of each row for its ``currency``; a declared rate is of the currency ``quoted`` on the line
    and counts only where they are one."""
    size = len(currency)
    own = list(law.valuation.currencies).index(law.currency)
    rates = Rates(
        np.ones(size, np.int64),
        np.ones(size, np.int64),
        np.full(size, OWN, np.int64),
        days.exported if law.valuation.rate_of_export else days.entered,
    )
    foreign = currency != own
    given = np.zeros(size, bool)
    if "exchange_rate" in declared:
        given = _take_declared(law, declared, rates, foreign & (currency == quoted), quoted != own, problems)
    wanting = np.flatnonzero(foreign & ~problems.bad)
    if len(wanting):
        _take_notified(
            law,
            rates,
            currency,
            given,
            wanting,
            problems,
            assumed="exported" not in declared and "loaded" not in declared,
        )
    return rates


def _take_declared(
    law: CompiledLaw,
    declared: Declared,
    rates: Rates,
    taken: Bools,
    quoted_foreign: Bools,
    problems: Problems,
) -> Bools:
    """Put the declared rates in place; where they are."""
    numbers, given = scaled(
        declared["exchange_rate"],
        "exchange_rate",
        Fraction(BILLION),
        LARGEST_QUANTITY,
        problems,
        "the exchange rate",
    )
    nothing = np.flatnonzero(given & (numbers == 0) & ~problems.bad)
    problems.refuse(
        nothing, "not-a-rate", "exchange_rate is 0", f"give {law.currency} for one unit of the currency"
    )
    idle = np.flatnonzero(given & ~quoted_foreign & (numbers != BILLION) & ~problems.bad)
    message = f"exchange_rate is declared for a value in {law.currency}, the territory's own currency"
    problems.refuse(
        idle, "rate-of-own-currency", message, "give the currency of the value, or leave the rate out"
    )
    given = given & taken
    common = np.gcd(numbers, BILLION)
    rates.numerator[given] = (numbers // common)[given]
    rates.denominator[given] = (BILLION // common)[given]
    rates.source[given] = DECLARED
    return np.asarray(given)


def _take_notified(
    law: CompiledLaw,
    rates: Rates,
    currency: Ints,
    given: Bools,
    wanting: Ints,
    problems: Problems,
    assumed: bool,
) -> None:
    codes = list(law.valuation.currencies)
    for number in np.unique(currency[wanting]):
        rows = wanting[currency[wanting] == number]
        held = law.valuation.rates.get(codes[number], ())
        place = (
            np.searchsorted(np.array([row.start for row in held], np.int64), rates.day[rows], side="right")
            - 1
        )
        ends = np.array([*(row.end for row in held), 0], np.int64)  # the last place stands for -1
        found = rates.day[rows] < ends[place]
        numerator = np.array([row.rate.numerator for row in held] or [1], np.int64)[np.maximum(place, 0)]
        denominator = np.array([row.rate.denominator for row in held] or [1], np.int64)[np.maximum(place, 0)]
        differs = (
            given[rows]
            & found
            & ((rates.numerator[rows] != numerator) | (rates.denominator[rows] != denominator))
        )
        message = (
            f"the exchange rate declared for {codes[number]} is not the one notified for the day; the"
            " declared one is used"
        )
        problems.note(
            rows[differs], "rate-differs", message, "leave exchange_rate out to use the notified rate"
        )
        _refuse_without_rate(law, codes[number], rates.day, rows[~found & ~given[rows]], problems)
        taken = found & ~given[rows]
        rates.numerator[rows[taken]], rates.denominator[rows[taken]] = numerator[taken], denominator[taken]
        rates.source[rows[taken]] = place[taken]
        if law.valuation.rate_of_export and assumed:
            message = (
                "the exchange rate is that of the day of entry: no day of export or of loading is declared"
            )
            problems.note(rows[taken], "rate-day-assumed", message, "give exported")


def _refuse_without_rate(
    law: CompiledLaw, code: str, day: Ints, rows: Ints, problems: Problems, most: int = 1000
) -> None:
    """Refuse rows by day; after many days the rest together."""
    which = "export" if law.valuation.rate_of_export else "entry"
    held = law.valuation.rates.get(code, ())
    known = (
        f"; held are rates from {show_moment(held[0].start)} to before {show_moment(held[-1].end)}"
        if held
        else "; no rate of it is held"
    )
    supply = f"give exchange_rate, in {law.currency} for one {code}{known}"
    distinct, place = np.unique(day[rows], return_inverse=True)
    for number in range(min(len(distinct), most)):
        message = (
            f"no exchange rate of {code} is held for {show_moment(int(distinct[number]))}, the day of {which}"
        )
        problems.refuse(rows[place == number], "no-exchange-rate", message, supply)
    problems.refuse(
        rows[place >= most],
        "no-exchange-rate",
        f"no exchange rate of {code} is held for the day of {which}",
        supply,
    )
