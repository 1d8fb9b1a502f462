"""Part of what turns the law into arrays: the seasons and value brackets of tariff lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import gcd

import numpy as np

from tariffcalc.compiled.axes import CodeAxis
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.limits import Bound, LimitRow, LimitTable
from tariffcalc.law.line_limit import DAY, EVERYTHING, FIRST, LAST, Edge, LineLimit, read_limit
from tariffcalc.units import Unit, unit

_EIGHT = 8  # digits of a tariff line; a longer code is under the limits of its line too


def compile_limits(limits: Sequence[LineLimit], axis: CodeAxis, minor_units: int) -> LimitTable:
    """The limits as a table by code."""
    rows = tuple(
        _row(limit, minor_units)
        for limit in sorted(limits, key=lambda each: (each.code, each.unit, each.start))
    )
    of_code: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        of_code[row.code].append(number)
    found = [
        [*of_code.get(code[:_EIGHT], ()), *(of_code.get(code, ()) if len(code) > _EIGHT else ())]
        for code in axis.codes
    ]
    return LimitTable(
        rows=rows,
        row=np.array([number for each in found for number in each], np.int64),
        first=np.cumsum([0, *map(len, found)]),
        seasonal=np.array([any(rows[number].seasons for number in each) for each in found]),
        valued=np.array([any(rows[number].brackets for number in each) for each in found]),
    )


def _row(limit: LineLimit, minor_units: int) -> LimitRow:
    spans = () if (read := read_limit(limit.limit, limit.unit)) == EVERYTHING else read
    seasonal = limit.unit == DAY
    return LimitRow(
        code=limit.code,
        start=limit.start,
        end=limit.end,
        unit=limit.unit,
        dimension="" if seasonal else unit(limit.unit).dimension,
        seasons=tuple(
            (1 if low == FIRST else int(low[0]), 367 if high == LAST else int(high[0])) for low, high in spans
        )
        if seasonal
        else (),
        brackets=()
        if seasonal
        else tuple(
            (_bound(low, limit.unit, minor_units), _bound(high, limit.unit, minor_units))
            for low, high in spans
        ),
        limit=limit.limit,
        currency=limit.currency,
        place=limit.place,
        words=limit.words,
        by=limit.by,
    )


def _bound(edge: Edge, of_unit: str, minor_units: int) -> Bound | None:
    if edge in (FIRST, LAST):
        return None
    of: Unit = unit(of_unit)
    amount = Fraction(edge[0])
    of_value = MILLION * of.factor.numerator * amount.denominator
    of_quantity = amount.numerator * minor_units * of.factor.denominator
    common = gcd(of_value, of_quantity)
    return Bound(of_value // common, of_quantity // common, bool(edge[1]))
