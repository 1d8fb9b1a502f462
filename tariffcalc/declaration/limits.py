"""Which lines lie outside the season or the value bracket of their tariff line.

Only what is known counts: without a quantity of the unit, or a rate for a foreign amount, a line is outside
no bracket.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.law import ENTRY_DAY, LAW_DAY, CompiledLaw
from tariffcalc.compiled.limits import Bound, LimitRow
from tariffcalc.compiled.lines import Columns

_ROOM = 2.0**62


def outside_limit(law: CompiledLaw, row: LimitRow, lines: Columns, places: Ints) -> Bools:
    """Whether some of the lines, were they of the line that the row is of, would lie outside its limit.

    A season is that of the day of entry.  Goods admitted to a zone before, whose law is that of another day,
    are outside where both days are.
    """
    moment = lines.days[law.schedule_axis][places]
    in_force: Bools = (row.start <= moment) & (moment < row.end)
    if row.seasons:
        entered, law_day = lines.days[ENTRY_DAY][places], lines.days[LAW_DAY][places]
        return in_force & ~_in_season(row, entered) & ~_in_season(row, law_day)
    if not row.brackets or row.dimension not in lines.quantities:
        return np.zeros(len(places), bool)
    quantity = lines.quantities[row.dimension]
    value, counted = lines.value[places], quantity.values[places]
    known = in_force & (counted > 0)
    if quantity.declared is not None:
        known = known & quantity.declared[places]
    top, bottom, held = _rates(law, row, lines, places)
    inside = np.zeros(len(places), bool)
    for low, high in row.brackets:
        within = np.ones(len(places), bool)
        if low is not None:
            within &= _above(low, value, counted, top, bottom)
        if high is not None:
            within &= ~_above(high, value, counted, top, bottom)
        inside |= within
    return known & held & ~inside


_NEAR = 1e-9  # of a bound; nearer than that the floats do not decide


def perhaps_outside(law: CompiledLaw, lines: Columns) -> Ints:
    """The lines that may lie outside a limit of their code: all that do, and few others, found for all lines
    together."""
    table = law.limits
    concerned = table.seasonal[lines.code]
    if lines.quantities:
        concerned = concerned | table.valued[lines.code]
    places = np.flatnonzero(concerned)
    if not len(places):
        return places
    code = lines.code[places]
    first, count = table.first[code], table.first[code + 1] - table.first[code]
    day, value = day_of_year(lines.days[ENTRY_DAY][places]), lines.value[places].astype(np.float64)
    found = np.zeros(len(places), bool)
    for number in range(int(count.max())):
        some = np.flatnonzero(count > number)
        row = table.row[first[some] + number]
        found[some] |= ~table.in_season[row, day[some]]
        dimension = table.dimensions[row]
        for name, quantity in lines.quantities.items():
            of_kind = np.flatnonzero(dimension == name)
            counted = quantity.values[places[some[of_kind]]]
            each = np.divide(
                value[some[of_kind]], counted, out=np.full(len(of_kind), np.nan), where=counted > 0
            )
            low, high = table.bracket[row[of_kind]].T
            found[some[of_kind]] |= (each <= low * (1 + _NEAR)) | (each >= high * (1 - _NEAR))
    return places[found]


def _in_season(row: LimitRow, moment: Ints) -> Bools:
    day = day_of_year(moment)
    return np.asarray(
        np.logical_or.reduce([(first <= day) & (day < end) for first, end in row.seasons]), bool
    )


def day_of_year(moment: Ints) -> Ints:
    """The number of the day of each moment among the 366 of a leap year.

    >>> day_of_year(np.array([1, 2 * 365 + 1])).tolist()
    [1, 1]
    """
    moment = np.asarray(moment)
    known = _days_of_year()
    return (
        known[moment]
        if len(moment) and moment.min() >= 0 and moment.max() < len(known)
        else _day_of_year(moment)
    )


@cache
def _days_of_year() -> Ints:
    """The number of the day of each moment to the end of 2069."""
    return _day_of_year(np.arange(2 * 365 * 100 + 50))


def _day_of_year(moment: Ints) -> Ints:
    day = (moment // 2).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    leap = np.datetime64("2000-01") + month.astype(np.int64) % 12
    return np.asarray(
        (
            leap.astype("datetime64[D]")
            - np.datetime64("2000-01", "D")
            + (day - month.astype("datetime64[D]"))
        ).astype(np.int64)
        + 1
    )


def _above(bound: Bound, value: Ints, quantity: Ints, top: Ints, bottom: Ints) -> Bools:
    """Whether the value of one unit lies above a bound, in whole numbers; ``top / bottom`` is the rate of the
    currency of the bound."""
    of_value: NDArray[Any] = value
    of_quantity: NDArray[Any] = quantity
    left_most = float(value.max(initial=0)) * bound.of_value * float(bottom.max(initial=1))
    if (
        max(left_most, float(quantity.max(initial=0)) * bound.of_quantity * float(top.max(initial=1)))
        >= _ROOM
    ):
        of_value, of_quantity = value.astype(object), quantity.astype(object)
    left, right = of_value * bound.of_value * bottom, of_quantity * bound.of_quantity * top
    return np.asarray(left > right if bound.above else left >= right, bool)


def _rates(law: CompiledLaw, row: LimitRow, lines: Columns, places: Ints) -> tuple[Ints, Ints, Bools]:
    """The exchange rate of the row's currency for each line, as a fraction, and where one is held."""
    ones = np.ones(len(places), np.int64)
    if row.currency in ("", law.currency):
        return ones, ones, ones.astype(bool)
    rates = law.valuation.rates.get(row.currency, ())
    if not rates:
        return ones, ones, np.zeros(len(places), bool)
    moment = lines.days[ENTRY_DAY][places]
    place = np.searchsorted(np.array([rate.start for rate in rates]), moment, side="right") - 1
    held = (place >= 0) & (moment < np.array([rate.end for rate in rates])[place])
    top, bottom = (
        np.array([getattr(rate.rate, part) for rate in rates])[place] for part in ("numerator", "denominator")
    )
    return np.where(held, top, 1), np.where(held, bottom, 1), held


def rows_of(law: CompiledLaw, code: int) -> list[LimitRow]:
    """The limits a commodity code is under."""
    table = law.limits
    return [table.rows[number] for number in table.row[table.first[code] : table.first[code + 1]]]
