"""Goods whose customs value the government fixes for a quantity: found by code and day, and worked out
instead of any price.

A code can cover several such goods, and for goods that are none of them; ``tariff_goods`` then says which
they are.  Only a value declared to be the customs value already is taken as it is.
"""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import FactColumn
from tariffcalc.compiled.valuation import TariffValueRow
from tariffcalc.declaration.columns import Bools, Declared, Ints, as_coded, folded
from tariffcalc.declaration.problems import Problems, Rows
from tariffcalc.moments import show_moment

NONE = -1
_NO_GOODS = "none"


def find_tariff_values(
    law: CompiledLaw, declared: Declared, code: Ints, day: Ints, stated: Bools, problems: Problems
) -> Ints:
    """The tariff value of each row by its number (NONE: it has none); ``stated`` marks values declared to be
    the customs value."""
    table = law.valuation
    found = np.full(len(code), NONE, np.int64)
    classes = table.tariff_class[np.maximum(code, 0)]
    asked = np.flatnonzero((classes > 0) & ~stated & ~problems.bad)
    goods = _goods(declared, len(code))
    for number in np.unique(classes[asked]):
        rows = asked[classes[asked] == number]
        named, rows = _by_goods(
            goods, rows, [table.tariff_values[each] for each in table.tariff_rows[number]], problems
        )
        if not len(rows):
            continue
        in_force = np.array(
            [
                (table.tariff_values[each].start <= day[rows]) & (day[rows] < table.tariff_values[each].end)
                for each in table.tariff_rows[number]
            ]
        )
        in_force &= named
        count = in_force.sum(axis=0)
        _refuse(
            rows[count == 0],
            rows[count > 1],
            day,
            [table.tariff_values[each] for each in table.tariff_rows[number]],
            problems,
        )
        found[rows[count == 1]] = np.array(table.tariff_rows[number])[in_force[:, count == 1].argmax(axis=0)]
    return found


def _goods(declared: Declared, size: int) -> tuple[list[str], Ints]:
    """The goods named: distinct names and the position of each row's (-1: none named)."""
    if "tariff_goods" not in declared:
        return [], np.full(size, -1, np.int64)
    column = as_coded(declared["tariff_goods"])
    return [folded(str(value).strip()) for value in column.values], np.asarray(column.place, np.int64)


def _by_goods(
    goods: tuple[list[str], Ints], rows: Rows, values: list[TariffValueRow], problems: Problems
) -> tuple[Bools, Rows]:
    """Which values the goods named on each row allow [values, rows], and the rows to go on with."""
    names, place = goods
    known = {value.goods.casefold() for value in values}
    kept = np.ones(len(rows), bool)
    for number in np.unique(place[rows]):
        if number >= 0 and names[number] == _NO_GOODS:
            kept &= place[rows] != number
        elif number >= 0 and names[number] not in known:
            near = get_close_matches(names[number], known, n=1) or sorted(known)
            supply = f"near misses: {', '.join(near)}; or 'none' for goods that are not among them"
            problems.refuse(
                rows[place[rows] == number],
                "unknown-tariff-goods",
                f"tariff_goods is {names[number]!r}",
                supply,
            )
            kept &= place[rows] != number
    rows = rows[kept]
    allowed = np.array(
        [
            [number < 0 or names[number] == value.goods.casefold() for number in range(-1, len(names))]
            for value in values
        ]
    )
    return allowed[:, place[rows] + 1], rows


def _refuse(
    without: Rows, several: Rows, day: Ints, values: list[TariffValueRow], problems: Problems
) -> None:
    goods = list(dict.fromkeys(value.goods for value in values))
    otherwise = (
        "declare the customs value itself with value_basis 'customs value', or tariff_goods 'none' if the"
        " goods are not among them"
    )
    for moment in np.unique(day[without]):
        message = (
            f"{' and '.join(goods)} have a tariff value fixed by the government, and none is held for"
            f" {show_moment(int(moment))}"
        )
        problems.refuse(without[day[without] == moment], "no-tariff-value", message, otherwise)
    message = f"the code covers goods of different tariff values: {', '.join(goods)}"
    problems.refuse(several, "which-tariff-value", message, "name one of them as tariff_goods, or 'none'")


def quantities_of(
    values: tuple[TariffValueRow, ...], number: Ints, quantities: dict[str, FactColumn], problems: Problems
) -> Ints:
    """The quantity that the tariff value of each row counts [millionths of the base unit]; rows without it
    are refused."""
    counted = np.zeros(len(number), np.int64)
    for each in np.unique(number[number >= 0]):
        value = values[each]
        rows = np.flatnonzero((number == each) & ~problems.bad)
        column = quantities.get(value.dimension)
        known = (
            np.zeros(len(number), bool)
            if column is None
            else np.ones(len(number), bool)
            if column.declared is None
            else column.declared
        )
        message = f"the customs value of {value.goods} is {value.text}, and no quantity is declared"
        problems.refuse(rows[~known[rows]], "missing-quantity", message, f"give quantity_{value.unit}")
        if column is not None:
            counted[rows] = column.values[rows]
        note = f"the customs value is that of {value.goods}, {value.text}, whatever the price"
        problems.note(
            rows[known[rows]], "tariff-value", note, "if the goods are not that, give tariff_goods 'none'"
        )
    return counted
