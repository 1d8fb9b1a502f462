"""What a fact that is not declared could be declared as: a value that a bound would refuse is no alternative.

The bounds are those of ``bounds``, asked of a value that nobody declares.  Bounds on the value of a line or
shipment, on its goods, and on what else it declares are judged for each value of a flag or a choice, and for
a number whatever it is; bounds that limit how much a number is leave some number possible and exclude nothing
here.
"""

from __future__ import annotations

import numpy as np

from tariffcalc.compiled.answers import TRUE, holds, turned_answers
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.facts import BoundInfo, FactInfo
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.declaration.bounds import declared_to_be, worth_of
from tariffcalc.declaration.columns import Bools, Ints
from tariffcalc.engine.patterns.conditions import holds_on


def values_otherwise(fact: FactInfo, tests: list[Test]) -> tuple[int, ...]:
    """The values of a flag or a choice other than the assumed one, only those that meet some conditions on
    it; none of a number."""
    every = np.arange(2 if fact.type == "flag" else len(fact.choices))
    other = every != (-1 if fact.assumed is None else fact.assumed)
    return tuple(every[np.logical_and.reduce([other, *(_met(test, fact, every) for test in tests)])].tolist())


def cannot_be(law: CompiledLaw, lines: Columns, fact: FactInfo, values: tuple[int, ...]) -> Bools | None:
    """The lines on which the fact can be declared as none of some values (of a number: as no other number);
    None where no bound forbids any."""
    bounds = [
        bound
        for bound in fact.bounds
        if bound.value_at_most is not None or bound.goods is not None or bound.not_with
    ]
    if not bounds:
        return None
    forbidden = np.ones(len(lines), bool)
    for value in values or (None,):
        if forbidden.any():
            forbidden &= np.logical_or.reduce([_refuses(law, lines, fact, bound, value) for bound in bounds])
    return forbidden if forbidden.any() else None


def _refuses(law: CompiledLaw, lines: Columns, fact: FactInfo, bound: BoundInfo, value: int | None) -> Bools:
    """The lines on which a bound refuses one value."""
    own = [test for test in bound.when if test.fact == fact.name]
    if (fact.type == "flag" and value == 0) or not all(
        value is not None and _met(test, fact, np.array([value])).all() for test in own
    ):
        return np.zeros(len(lines), bool)
    if bound.value_at_most is not None:
        refused = _worth_with(bound, fact, lines) > bound.value_at_most
    elif bound.goods is not None:
        refused = ~bound.goods[lines.code]
    else:
        refused = np.logical_or.reduce([holds_on(law, test, lines) for test in bound.not_with])
    for test in bound.when:
        if test.fact != fact.name and refused.any():
            refused = refused & holds_on(law, test, lines)
    return refused


def _worth_with(bound: BoundInfo, fact: FactInfo, lines: Columns) -> Ints:
    """What a limit of value is compared with if the line alone declares the fact besides those that do."""
    if bound.of != "claimed lines":
        return worth_of(bound, lines, np.ones(len(lines), bool))[0]
    declared = declared_to_be(fact, lines)
    alone = worth_of(bound._replace(of="line"), lines, declared)[0]
    return (
        np.where(declared, 0, alone) + worth_of(bound, lines, declared)[0] if len(lines.shipment) else alone
    )


def _met(test: Test, fact: FactInfo, values: Ints) -> Bools:
    """Which of some values of a fact meet a condition."""
    return np.array([answer == TRUE for answer in turned_answers(test)])[
        holds(test, fact, values).astype(np.int64)
    ]
