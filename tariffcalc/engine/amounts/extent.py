"""How small and how great an amount can be that a line does not declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.duties import MILLION, MONEY_FACT, NUMBER_FACT, Amount
from tariffcalc.compiled.facts import BoundInfo, FactInfo
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import LARGEST_MONEY, LARGEST_QUANTITY, Columns
from tariffcalc.engine.patterns.conditions import holds_on


class Extent(NamedTuple):
    """The least and the greatest value of an amount on each line, in its scale; ``is_bounded`` says where the
    law or another declaration bounds it, and is false where ``most`` is the most that can be held."""

    least: Ints
    most: Ints
    is_bounded: Bools


def extent_of(law: CompiledLaw, lines: Columns, amount: Amount) -> Extent:
    """The extent of a quantity, which nothing bounds, or of a fact, by its bounds."""
    size = len(lines)
    least, is_bounded = np.zeros(size, np.int64), np.zeros(size, bool)
    largest = LARGEST_MONEY if amount.kind == MONEY_FACT else law.duties.largest_count(amount)
    most = np.full(size, largest, np.int64)
    for product in law.facts.values():
        if product.product_of and amount.name in (part.rpartition(" ")[2] for part in product.product_of):
            whole = LARGEST_MONEY // np.maximum(_factor(lines, product, amount), 1)
            most = np.minimum(most, np.minimum(whole, LARGEST_QUANTITY // MILLION) * MILLION)
    if amount.kind not in (MONEY_FACT, NUMBER_FACT):
        return Extent(least, most, is_bounded)
    fact = law.facts[amount.name]
    for bound in fact.bounds:
        counts = np.logical_and.reduce(
            [np.ones(size, bool), *(holds_on(law, test, lines) for test in bound.when)]
        )
        for limit, where in _limits(lines, fact, bound, "most"):
            most = np.where(where & counts, np.minimum(most, np.maximum(limit, 0)), most)
            is_bounded |= where & counts
        for limit, where in _limits(lines, fact, bound, "least"):
            least = np.where(where & counts, np.maximum(least, limit), least)
    return Extent(np.minimum(least, most), most, is_bounded)


def _factor(lines: Columns, product: FactInfo, amount: Amount) -> Ints:
    """What an amount is multiplied by in a fact that is a product, where that is declared."""
    for part in product.product_of or ():
        kind, _, name = part.rpartition(" ")
        if part == "value":
            return lines.value
        column = (lines.quantities if kind == "quantity" else lines.facts).get(name)
        if name != amount.name and column is not None:
            return column.values
    return np.ones(len(lines), np.int64)


def _limits(lines: Columns, fact: FactInfo, bound: BoundInfo, side: str) -> Iterator[tuple[Ints, Bools]]:
    """The limits that a bound sets on one side, less what other facts take of it, and where."""
    number, of = (bound.most, bound.within) if side == "most" else (bound.least, bound.holds)
    taken = np.zeros(len(lines), np.int64)
    for column in (lines.facts.get(name) for name in bound.sharing if side == "most"):
        if column is not None:
            taken += np.where(column.is_declared, column.values, 0)
    if number is not None:
        yield number - taken, np.ones(len(lines), bool)
    if of == "value" and fact.type == "money":
        yield lines.value - taken, np.ones(len(lines), bool)
    elif of and of != "value":
        kind, _, rest = of.partition(" ")
        column = lines.quantities.get(rest) if kind == "quantity" else lines.facts.get(of)
        if column is not None:
            yield column.values - taken, column.is_declared
