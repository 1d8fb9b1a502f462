"""Answers to conditions, in three values: false, true, unknown.

A fact that no line declares gives one answer for the whole block, so it costs nothing; only declared facts
give an answer per line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.answers import COMPARE, FALSE, TRUE, UNKNOWN, assumed_answer, holds, turned_answers
from tariffcalc.compiled.axes import day_classes
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import ENTRY_DAY, LAW_DAY, CompiledLaw
from tariffcalc.compiled.lines import Columns, FactColumn
from tariffcalc.engine.sums import LARGEST_SUM

Answer = int | NDArray[np.int8]
# by LAW_DAY and ENTRY_DAY; None where no line claims a special program
Allowed = tuple[NDArray[np.bool_], NDArray[np.bool_]] | None


def answer(test: Test, law: CompiledLaw, lines: Columns, allowed: Allowed) -> Answer:
    """Whether a condition holds: one number for all lines, or one per line.

    ``allowed`` is what ``claims_allowed`` answers.
    """
    if (
        test.undeclared is not None
        and test.fact not in lines.facts
        and not answered_by_code(law.facts[test.fact], lines)
    ):
        return test.undeclared
    if test.fact in law.facts and law.facts[test.fact].share_of is not None:
        return np.asarray(share_answers([test], law, lines)[0])
    given = _answer(test, law, lines, allowed)
    if not (test.negated or test.if_declared):
        return given
    turned = turned_answers(test)
    return turned[given] if isinstance(given, int) else np.array(turned, np.int8)[given]


def _answer(test: Test, law: CompiledLaw, lines: Columns, allowed: Allowed) -> Answer:
    if test.fact == "preference":
        return FALSE if allowed is None else (allowed[test.axis] & offered(law, lines)).astype(np.int8)
    if test.operator == "claim" and test.fact in law.spis:
        return (
            FALSE
            if allowed is None
            else (allowed[test.axis] & (lines.spi == law.spis.index(test.fact))).astype(np.int8)
        )
    if test.operator == "asserted":
        return np.asarray(lines.spi == law.spis.index(test.fact)).astype(np.int8)
    fact = law.facts[test.fact]
    column = lines.facts.get(fact.name)
    if fact.whole_value:
        values, _ = fact_values(law, lines, fact.name)
        assert values is not None
        return holds(test, fact, values).astype(np.int8)
    assumed = assumed_answer(test, fact)
    found: Answer = assumed
    if fact.read is not None:
        read = fact.read[lines.code]
        found = np.where(read >= 0, holds(test, fact, read).astype(np.int8), np.int8(assumed))
    if column is not None:
        declared = holds(test, fact, column.values).astype(np.int8)
        found = (
            declared
            if column.declared is None
            else np.where(column.declared, declared, np.int8(found) if isinstance(found, int) else found)
        )
    if fact.implied is None:
        return found
    implied = fact.implied[lines.code]
    return (
        np.where(implied, np.int8(TRUE), np.int8(found) if isinstance(found, int) else found)
        if implied.any()
        else found
    )


def implied(fact: FactInfo, lines: Columns) -> bool:
    """Whether the commodity code of any line says yes to the fact."""
    return fact.implied is not None and bool(fact.implied[lines.code].any())


def holds_on(law: CompiledLaw, test: Test, lines: Columns) -> NDArray[np.bool_]:
    """Where a condition surely holds."""
    found = answer(test, law, lines, None)
    return np.asarray(np.full(len(lines), found) == TRUE if isinstance(found, int) else found == TRUE)


def answered_by_code(fact: FactInfo, lines: Columns) -> bool:
    """Whether the commodity code of any line answers the fact."""
    return implied(fact, lines) or (fact.read is not None and bool((fact.read[lines.code] >= 0).any()))


def share_answers(tests: Sequence[Test], law: CompiledLaw, lines: Columns) -> NDArray[np.int8]:
    """The answers to conditions on one share [conditions, lines]."""
    found = np.empty((len(tests), len(lines)), np.int8)
    parts = law.facts[tests[0].fact].share_of
    assert parts is not None
    part, part_known = _amount(law, lines, parts[0])
    whole, whole_known = _amount(law, lines, parts[1])
    if part is None or whole is None:
        found[:] = [[turned_answers(test)[UNKNOWN]] for test in tests]
        return found
    # money by a quantity: a value of one unit
    by_quantity = "quantity" in (parts[0].partition(" ")[0], parts[1].partition(" ")[0])
    minor, million = (law.minor_units, MILLION) if by_quantity else (1, 1)
    most_part, most_whole = (
        float(np.abs(part).max(initial=0)) * million,
        float(np.abs(whole).max(initial=0)) * minor,
    )
    unknown = ~np.logical_and.reduce(
        [np.ones(len(lines), bool), *(known for known in (part_known, whole_known) if known is not None)]
    )
    nothing = whole == 0
    for place, test in enumerate(tests):
        numerator, denominator = test.number[0] * minor, test.number[1] * million
        compare = COMPARE[test.operator]
        if max(most_part * test.number[1], most_whole * abs(test.number[0])) > 4e18:
            holds = np.asarray(
                compare(part.astype(object) * denominator, whole.astype(object) * numerator), bool
            )
        else:
            holds = compare(part * denominator, whole * numerator)
        holds[nothing] = compare(0, numerator)  # a share of nothing is none
        given = holds.view(np.int8)
        given[unknown] = UNKNOWN
        found[place] = (
            np.array(turned_answers(test), np.int8)[given] if test.negated or test.if_declared else given
        )
    return found


def _amount(
    law: CompiledLaw, lines: Columns, name: str
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None]:
    """The values of a fact, the customs value or a quantity, and where they are known."""
    kind, _, rest = name.partition(" ")
    return (
        _declared(lines.quantities.get(rest)) if kind == "quantity" else fact_values(law, lines, rest or kind)
    )


def fact_values(
    law: CompiledLaw, lines: Columns, name: str
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None]:
    """The values of a fact on each line and where they are known (None: everywhere); no values where nobody
    knows any.

    ``value`` is the customs value; a fact that is not declared has the value the law assumes.
    """
    if name == "value":
        return lines.value, None
    fact = law.facts[name]
    if fact.product_of is not None:
        return _product(law, lines, fact.product_of)
    column = lines.facts.get(name)
    if fact.whole_value:
        if column is not None and column.declared is None:
            return column.values, None
        rest = rest_of_value(fact, lines)
        return rest if column is None or column.declared is None else np.where(
            column.declared, column.values, rest
        ), None
    values, known = _undeclared(fact, lines)
    if column is None:
        return values, known
    if column.declared is None or values is None:
        return column.values, column.declared
    return np.where(
        column.declared, column.values, values
    ), None if known is None else known | column.declared


def _undeclared(fact: FactInfo, lines: Columns) -> tuple[NDArray[np.int64] | None, NDArray[np.bool_] | None]:
    """The values of a fact where it is not declared: by the words of the code, or assumed by the law."""
    if fact.read is None:
        return (None, None) if fact.assumed is None else (np.full(len(lines), fact.assumed, np.int64), None)
    read = fact.read[lines.code]
    return np.where(read >= 0, read, fact.assumed or 0), None if fact.assumed is not None else read >= 0


def rest_of_value(fact: FactInfo, lines: Columns) -> NDArray[np.int64]:
    """What a content is at most that is not declared: the customs value, less the contents declared that
    share it with it."""
    rest = lines.value
    for name in fact.rest_of:
        column = lines.facts.get(name)
        if column is not None:
            rest = rest - (
                column.values if column.declared is None else np.where(column.declared, column.values, 0)
            )
    return rest if rest is lines.value else np.maximum(rest, 0)


def _product(
    law: CompiledLaw, lines: Columns, parts: tuple[str, str]
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None]:
    """The product of two numbers, in millionths and rounded down there; of a number and the customs value, in
    minor units.

    That is rounded half up where postings are kept to the minor unit; where they are rounded further it is
    rounded down, so that the posting is rounded once.
    """
    product: NDArray[Any] | None = None
    known: NDArray[np.bool_] | None = None
    for part in parts:
        values, here = _amount(law, lines, part)
        if values is None:
            return None, None
        known = here if known is None else known if here is None else known & here
        half = MILLION // 2 if "value" in parts and law.round_to == 1 else 0
        product = values if product is None else ((product.astype(object) * values + half) // MILLION)
    assert product is not None
    # what is beyond is refused at the border
    return np.asarray(np.minimum(product, LARGEST_SUM), np.int64), known


def _declared(column: FactColumn | None) -> tuple[NDArray[np.int64] | None, NDArray[np.bool_] | None]:
    return (None, None) if column is None else (column.values, column.declared)


def offered(law: CompiledLaw, lines: Columns) -> NDArray[np.bool_]:
    """Whether the tariff line has a special rate for the program claimed."""
    row = law.segments.special[lines.segment]
    return np.asarray((lines.spi >= 0) & (law.segments.special_duties[row, lines.spi] >= 0))


def claims_allowed(law: CompiledLaw, lines: Columns) -> Allowed:
    """Whether each line's origin may claim the special program it claims, on the day that fixes the law and
    on the day of entry."""
    if not (lines.spi >= 0).any():
        return None
    law_day, entry = lines.days[LAW_DAY], lines.days[ENTRY_DAY]
    on_law_day = _allowed_on(law, lines, law_day)
    return on_law_day, on_law_day if entry is law_day else _allowed_on(law, lines, entry)


def _allowed_on(law: CompiledLaw, lines: Columns, moments: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(
        (lines.spi >= 0) & law.spi_allowed[lines.spi, lines.origin, day_classes(law.spi_cuts, moments)]
    )
