"""What was read of the lines of two estimates, column by column, each beside the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.codes import dotted
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import ENTRY_DAY, EXPORTED, LAW_DAY, LOADED
from tariffcalc.compiled.lines import Columns, FactColumn
from tariffcalc.declaration.valuation.trade_terms import BASES
from tariffcalc.moments import show_moment

_DAYS = (("entered", ENTRY_DAY), ("loaded", LOADED), ("exported", EXPORTED), ("admitted", LAW_DAY))


Bools = NDArray[np.bool_]


Ints = NDArray[np.int64]


Take = Ints | slice


class Column(NamedTuple):
    """One column of both estimates: its name, the kind that may be allowed to differ, both sides, and how a
    cell is shown."""

    name: str
    kind: str
    before: Ints
    after: Ints
    show: Callable[[int], str]


def line_columns(before: Assessed, after: Assessed, take: tuple[Take, Take]) -> Iterator[Column]:
    """What was read of the lines on both sides, the goods first."""
    law = before.law
    left, right = (
        _taken(each.parts[1].columns, lines) for each, lines in zip((before, after), take, strict=True)
    )
    code = _translated(right.code, after.law.codes.codes, law.codes.codes)
    yield Column("commodity", "goods", left.code, code, lambda cell: _named(law.codes.codes, cell, dotted))
    yield Column(
        "origin",
        "origin",
        left.origin,
        _translated(right.origin, after.law.origins, law.origins),
        lambda cell: _named(law.origins, cell),
    )
    for name, axis in _DAYS:
        yield Column(name, "days", left.days[axis], right.days[axis], show_moment)
    yield from _values(before, after, take, left, right)
    spi = _translated(right.spi, after.law.spis, law.spis)
    yield Column(
        "claims", "claims", left.spi, spi, lambda cell: _named(law.spis, cell, otherwise="no special program")
    )
    for name in sorted(left.facts.keys() | right.facts.keys()):
        if name in law.facts and law.facts[name].sum_of_lines:
            continue  # it follows from the values
        yield from _fact(name, before, after, left, right)
    for name in sorted(left.quantities.keys() | right.quantities.keys()):
        yield from _declared(
            f"quantity_{name}",
            "goods",
            left.quantities.get(name),
            right.quantities.get(name),
            len(left),
            _millionths,
        )
    if before.parts[0].fees:
        yield Column(
            "shipment", "shipment", _shipments(left), _shipments(right), lambda cell: f"number {cell + 1}"
        )


def _taken(columns: Columns, lines: Take) -> Columns:
    return columns if isinstance(lines, slice) else columns.take(lines)


def _translated(cells: Ints, axis: Sequence[str], to: Sequence[str]) -> Ints:
    """Positions on one axis as positions on another; a name that the other lacks is below -1."""
    if axis is to or tuple(axis) == tuple(to):
        return cells
    places = {name: place for place, name in enumerate(to)}
    return np.array([*(places.get(name, -2 - number) for number, name in enumerate(axis)), -1], np.int64)[
        cells
    ]


def _named(
    axis: Sequence[str],
    cell: int,
    show: Callable[[str], str] = str,
    otherwise: str = "one that the first law does not have",
) -> str:
    return show(axis[cell]) if cell >= 0 else otherwise


def _values(
    before: Assessed, after: Assessed, take: tuple[Take, Take], left: Columns, right: Columns
) -> Iterator[Column]:
    """The value as it was declared: the customs value, or the price with its currency, terms and costs, which
    another day may convert otherwise."""
    law = before.law
    priced = [each.parts[1].valued for each in (before, after)]
    if priced[0] is None or priced[1] is None:
        yield Column("value", "goods", left.value, right.value, lambda cell: f"{before.money(cell):,}")
        return
    first, second = (
        valued.take(lines) for valued, lines in zip(priced, take, strict=True) if valued is not None
    )
    currencies = list(law.valuation.currencies)
    currency = _translated(second.currency, list(after.law.valuation.currencies), currencies)
    yield Column("value", "goods", first.price, second.price, _millionths)
    yield Column("currency", "goods", first.currency, currency, lambda cell: _named(currencies, cell))
    yield Column("value_basis", "goods", first.basis, second.basis, lambda cell: BASES[cell])
    goods = [
        "none",
        *dict.fromkeys(value.goods for each in (before, after) for value in each.law.valuation.tariff_values),
    ]
    named = [
        np.array([*(goods.index(value.goods) for value in each.law.valuation.tariff_values), 0], np.int64)
        for each in (before, after)
    ]
    yield Column(
        "tariff_goods",
        "goods",
        named[0][first.tariff_value],
        named[1][second.tariff_value],
        goods.__getitem__,
    )
    for cost in sorted(first.declared.keys() | second.declared.keys()):
        yield from _declared(
            cost, "goods", first.declared.get(cost), second.declared.get(cost), len(left), _millionths
        )


def _fact(name: str, before: Assessed, after: Assessed, left: Columns, right: Columns) -> Iterator[Column]:
    """A declared fact; a claim that is not made is the same as one that nobody spoke of."""
    info, other = before.law.facts.get(name), after.law.facts.get(name)
    sides = left.facts.get(name), right.facts.get(name)
    if info is None or other is None:
        info = info or other
    elif info.choices != other.choices and sides[1] is not None:
        sides = (
            sides[0],
            FactColumn(_translated(sides[1].values, other.choices, info.choices), sides[1].declared),
        )
    if info is None:
        return
    if info.claim:
        made = [
            np.zeros(len(left), np.int64) if side is None else np.where(_where_declared(side), side.values, 0)
            for side in sides
        ]
        yield Column("claims", "claims", made[0], made[1], lambda cell: name if cell else f"no {name}")
        return
    yield from _declared(name, "facts", *sides, len(left), lambda cell: _shown_fact(info, cell))


def _declared(
    name: str,
    kind: str,
    before: FactColumn | None,
    after: FactColumn | None,
    size: int,
    show: Callable[[int], str],
) -> Iterator[Column]:
    """A column that may be declared on some lines only: where it is, and what."""
    nothing = FactColumn(np.zeros(size, np.int64), np.zeros(size, bool))
    left, right = before or nothing, after or nothing
    if left.values is right.values and left.declared is right.declared:
        return
    here, there = _where_declared(left), _where_declared(right)
    lowest = np.iinfo(np.int64).min
    cells = np.where(here, left.values, lowest), np.where(there, right.values, lowest)
    yield Column(name, kind, *cells, lambda cell: "not declared" if cell == lowest else show(cell))


def _where_declared(column: FactColumn) -> Bools | bool:
    return True if column.declared is None else column.declared


def _shipments(columns: Columns) -> Ints:
    """The number of the shipment of each line in the order of their first lines."""
    if not len(columns.shipment):
        return np.arange(len(columns))
    _, first, place = np.unique(columns.shipment, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[place.reshape(-1)])


def _millionths(cell: int) -> str:
    return f"{(Decimal(cell) / MILLION).normalize():,f}"


def _shown_fact(info: FactInfo, cell: int) -> str:
    if info.type == "flag":
        return "yes" if cell else "no"
    if info.type == "choice":
        return _named(info.choices, cell)
    return f"{(Decimal(cell) / info.scale).normalize():,f}"
