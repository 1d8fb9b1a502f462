"""Declarations that cannot be true: a fact beyond its bound, a claim beyond its limit of value, claims that
exclude each other.

Every bound is the law's, with its act, and is checked here once for all ways in: line by line, and for whole
shipments.  A declaration beyond its bound refuses the row; nothing is cut to fit.  A bound whose terms are
not declared bounds nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.facts import BoundInfo, FactInfo
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import LARGEST_MONEY, LARGEST_QUANTITY, Columns, FactColumn
from tariffcalc.declaration.columns import Bools, Ints, Refusal, Refusals
from tariffcalc.declaration.problems import Problems
from tariffcalc.declaration.wording import acts_shown, fact_shown, money_shown
from tariffcalc.engine.patterns.conditions import fact_values, holds_on, implied
from tariffcalc.engine.sums import sums_by
from tariffcalc.units import PARTS_OF_WEIGHT, UNITS

Words = Callable[[int, int], tuple[str, str]]


def check_bounds(law: CompiledLaw, lines: Columns, problems: Problems) -> None:
    """Refuse the rows that declare what cannot be."""
    for name in law.bounded_facts:
        fact = law.facts[name]
        if name not in lines.facts and not implied(fact, lines):
            continue
        said = declared_to_be(fact, lines)
        for bound in fact.bounds:
            where = said & ~problems.bad
            for test in bound.when:
                where &= holds_on(law, test, lines)
            if where.any():
                _check(law, fact, bound, lines, where, problems)
    _check_products(law, lines, problems)
    _check_weights(lines, problems)


def _check_products(law: CompiledLaw, lines: Columns, problems: Problems) -> None:
    """What is worked out from two numbers, as an amount from a rate and the customs value, is no larger than
    amounts that are declared."""
    for fact in law.facts.values():
        parts = [
            part.removeprefix("fact ").replace("quantity ", "quantity_") for part in fact.product_of or ()
        ]
        if not any(
            part in lines.facts or part.removeprefix("quantity_") in lines.quantities for part in parts
        ):
            continue
        product, known = fact_values(law, lines, fact.name)
        if product is None:
            continue
        largest = LARGEST_MONEY if fact.type == "money" else LARGEST_QUANTITY
        beyond = (product > largest) & ~problems.bad
        rows = np.flatnonzero(beyond if known is None else beyond & known)
        message = f"{' times '.join(parts)} is larger than any amount that can be held"
        problems.refuse(rows, "too-large", message, f"check {' and '.join(parts)}")


def declared_to_be(fact: FactInfo, lines: Columns) -> Bools:
    """Where a fact is declared; a flag, where it is declared to be true."""
    column = lines.facts.get(fact.name)
    said = _declared(column, len(lines))
    if fact.type == "flag" and column is not None:
        said = said & (column.values == 1)
    return said if fact.implied is None else said | fact.implied[lines.code]


def _declared(column: FactColumn | None, size: int) -> Bools:
    return (
        np.zeros(size, bool)
        if column is None
        else np.ones(size, bool)
        if column.declared is None
        else column.declared
    )


def _check(
    law: CompiledLaw, fact: FactInfo, bound: BoundInfo, lines: Columns, where: Bools, problems: Problems
) -> None:
    """One bound on the lines that it counts for."""
    if bound.value_at_most is not None:
        _check_value(law, fact, bound, lines, where, problems)
    elif bound.within or bound.holds or bound.least is not None or bound.most is not None:
        _check_amount(law, fact, bound, lines, where, problems)
    elif bound.goods is not None:
        rows = np.flatnonzero(where & ~bound.goods[lines.code])
        message = (
            f"{fact.name} is not for goods of this code{acts_shown(law, bound.by)}:"
            f" {bound.note or f'it is for {bound.goods_text}'}"
        )
        problems.refuse(rows, "not-of-these-goods", message, f"leave {fact.name} out, or check the code")
    for test in bound.not_with:
        rows = np.flatnonzero(where & holds_on(law, test, lines) & ~problems.bad)
        message = (
            f"{fact.name} cannot be together with {test.text.removeprefix('claim ')} on one"
            f" line{acts_shown(law, bound.by)}"
        )
        problems.refuse(
            rows, "claims-exclude-each-other", message, "keep the one that applies, or split the line"
        )


def _check_amount(
    law: CompiledLaw, fact: FactInfo, bound: BoundInfo, lines: Columns, where: Bools, problems: Problems
) -> None:
    """A number or an amount against its least, its most, or another amount of the line; shared with other
    facts where the bound says so."""
    total, names = lines.facts[fact.name].values, [fact.name]
    for name in bound.sharing:
        column = lines.facts.get(name)
        if column is not None:
            total = total + np.where(_declared(column, len(lines)), column.values, 0)
            names.append(name)
    subject = f"{' and '.join(names)} together are" if len(names) > 1 else f"{fact.name} is"
    cited, unit = acts_shown(law, bound.by), f" {fact.unit}" if fact.unit else ""

    def refuse(beyond: Bools, limit: Ints, side: str, whose: str) -> None:
        def words(said: int, right: int) -> tuple[str, str]:
            what = (
                f"{whose}, {fact_shown(law, fact, right)}" if whose else fact_shown(law, fact, right) + unit
            )
            return (
                f"{subject} {fact_shown(law, fact, said)}, and can be {side} {what}{cited}",
                f"correct {' or '.join(names)}",
            )

        code = "below-limit" if side == "at least" else "above-limit"
        refuse_pairs(code, np.flatnonzero(where & beyond), total, limit, words, problems)

    if bound.most is not None:
        refuse(total > bound.most, np.full(len(lines), bound.most), "at most", "")
    if bound.least is not None:
        refuse(total < bound.least, np.full(len(lines), bound.least), "at least", "")
    for of, side in ((bound.within, "at most"), (bound.holds, "at least")):
        limit, known = _amount(law, lines, of, fact) if of else (None, None)
        if limit is not None and known is not None:
            whose = (
                "the customs value"
                if of == "value"
                else f"the {of.replace(' ', '_')}"
                if of.startswith("quantity ")
                else of
            )
            refuse(known & ((total > limit) if side == "at most" else (total < limit)), limit, side, whose)


def _amount(law: CompiledLaw, lines: Columns, of: str, fact: FactInfo) -> tuple[Ints | None, Bools | None]:
    """Another amount of each line in the scale of a fact, and where it is declared."""
    if of == "value":
        return (lines.value if fact.type == "money" else None), np.ones(len(lines), bool)
    kind, _, rest = of.partition(" ")
    column = lines.quantities.get(rest) if kind == "quantity" else lines.facts.get(of)
    return (None, None) if column is None else (column.values, _declared(column, len(lines)))


def _check_value(
    law: CompiledLaw, fact: FactInfo, bound: BoundInfo, lines: Columns, where: Bools, problems: Problems
) -> None:
    """The limit of value of a claim: of each line, or of the lines of a shipment together."""
    assert bound.value_at_most is not None
    worth, measured = worth_of(bound, lines, where)
    limit = np.full(len(lines), bound.value_at_most)
    whole = (
        f"the {bound.of}"
        if bound.of != "claimed lines"
        else f"all that is entered under {fact.name} in the shipment"
    )
    named = bound.when[0].text.replace(" is ", " ", 1) if fact.type == "choice" and bound.when else fact.name

    def words(said: int, right: int) -> tuple[str, str]:
        message = (
            f"{measured} of {whole} is {money_shown(law, said)}, and {named} is possible up to"
            f" {money_shown(law, right)}"
        )
        return message + acts_shown(law, bound.by), f"leave {fact.name} out, or correct the value"

    refuse_pairs("above-limit", np.flatnonzero(where & (worth > limit)), worth, limit, words, problems)


def worth_of(bound: BoundInfo, lines: Columns, claimed: Bools) -> tuple[Ints, str]:
    """The value of each line that a limit of value is compared with, and what measures it; ``claimed`` are
    the lines that declare the fact."""
    worth, measured = lines.value, "the customs value"
    column = lines.facts.get(bound.measured)
    if column is not None:
        worth, measured = (
            np.where(_declared(column, len(lines)), column.values, worth),
            f"{bound.measured} (otherwise the customs value)",
        )
    if bound.of != "line" and len(lines.shipment):
        counted = claimed if bound.of == "claimed lines" else np.ones(len(lines), bool)
        sums = sums_by(lines.shipment[counted], worth[counted], int(lines.shipment.max(initial=-1)) + 1)
        worth = sums[lines.shipment]
    return worth, measured


def _check_weights(lines: Columns, problems: Problems) -> None:
    """What is weighed as a part of the goods is at most their weight."""
    whole = lines.quantities.get("kg")
    for name in PARTS_OF_WEIGHT if whole is not None else ():
        part = lines.quantities.get(name)
        if part is None or whole is None:
            continue
        known = _declared(part, len(lines)) & _declared(whole, len(lines)) & ~problems.bad
        scale = 1000 if name.endswith("_g") else 1
        unit = UNITS[name].name

        def words(said: int, right: int, unit: str = unit) -> tuple[str, str]:
            message = (
                f"quantity_{unit} is {said / MILLION:,.6g}, and can be at most the weight of the goods,"
                f" quantity_kg {right / MILLION:,.6g}"
            )
            return message, f"correct quantity_{unit} or quantity_kg"

        beyond = np.flatnonzero(known & (part.values // scale > whole.values))
        refuse_pairs("above-limit", beyond, part.values, whole.values, words, problems)


def refuse_pairs(code: str, rows: Ints, said: Ints, right: Ints, words: Words, problems: Problems) -> None:
    """Refuse rows with a message for each distinct pair of what was declared and what is right."""
    if not len(rows):
        return
    pairs, which = np.unique(np.stack([said[rows], right[rows]]), axis=1, return_inverse=True)
    place = np.full(problems.size, -1, np.int64)
    place[rows] = which.reshape(-1)
    refusals = Refusals()
    for number, (one, other) in enumerate(pairs.T.tolist()):
        refusals.add(number, Refusal(code, *words(one, other)))
    refusals.refuse(place, problems)
