"""Facts that other declarations already say: what a claim says of the goods, a share that is the sum of
others, the value of one unit.

A fact need be declared only once.  Where it is declared and contradicts what follows from other declarations,
the row is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.answers import TRUE
from tariffcalc.compiled.axes import day_classes
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.facts import ConsequenceInfo, FactInfo, PartInfo, UnitValueInfo
from tariffcalc.compiled.law import ENTRY_DAY, EXPORTED, CompiledLaw
from tariffcalc.compiled.lines import Columns, FactColumn
from tariffcalc.declaration.bounds import refuse_pairs
from tariffcalc.declaration.columns import Bools, Ints
from tariffcalc.declaration.problems import Problems
from tariffcalc.declaration.valuation.value import Valued
from tariffcalc.declaration.wording import acts_shown, fact_shown
from tariffcalc.engine.patterns.conditions import answer
from tariffcalc.engine.sums import sums_by

_CENT = MILLION // 100


class Known(NamedTuple):
    """What other declarations say of a fact: its value on each line, where they say it, how far a declaration
    may be from it, and who says it."""

    values: Ints
    where: Bools
    within: Ints
    source: str


def with_known_facts(
    law: CompiledLaw, lines: Columns, problems: Problems | None = None, valued: Valued | None = None
) -> Columns:
    """The lines with every fact in place that other declarations say; rows that contradict themselves are
    refused."""
    for name in law.known_facts:
        fact = law.facts[name]
        for known in _known(law, fact, lines, valued):
            column = lines.facts.get(name)
            declared = where_declared(column, len(lines))
            if problems is not None and column is not None:
                apart = declared & known.where & (np.abs(column.values - known.values) > known.within)
                _refuse(law, fact, apart & ~problems.bad, column.values, known, problems)
            taken = known.where & ~declared
            if taken.any():
                held = known.values if column is None else np.where(taken, known.values, column.values)
                everywhere = declared | taken
                filled = FactColumn(np.where(everywhere, held, 0), None if everywhere.all() else everywhere)
                lines = replace(lines, facts={**lines.facts, name: filled})
    return lines


def where_declared(column: FactColumn | None, size: int) -> Bools:
    """On which lines a fact or quantity is declared."""
    return (
        np.zeros(size, bool)
        if column is None
        else np.ones(size, bool)
        if column.declared is None
        else column.declared
    )


def _refuse(
    law: CompiledLaw, fact: FactInfo, apart: Bools, declared: Ints, known: Known, problems: Problems
) -> None:
    def words(said: int, right: int) -> tuple[str, str]:
        message = (
            f"{fact.name} is declared as {fact_shown(law, fact, said)}, and {known.source}:"
            f" {fact_shown(law, fact, right)}"
        )
        return message, f"leave {fact.name} out, or correct the other declaration"

    refuse_pairs("contradiction", np.flatnonzero(apart), declared, known.values, words, problems)


def _known(law: CompiledLaw, fact: FactInfo, lines: Columns, valued: Valued | None) -> Iterator[Known]:
    nothing = np.zeros(len(lines), np.int64)
    for consequence in fact.known_from:
        where = _holds(law, consequence, lines)
        if where is not None:
            yield Known(
                nothing + consequence.value,
                where,
                nothing,
                f"{_said_by(consequence)} says{acts_shown(law, consequence.by)}",
            )
    if any(part.fact in lines.facts for part in fact.sum_of):
        yield _sum(fact.sum_of, lines)
    if fact.sum_of_lines and len(lines.shipment):
        yield _sum_of_shipment(lines)
    if fact.value_of_one is not None:
        known = _value_of_one(law, fact.value_of_one, lines, valued)
        if known is not None:
            yield known


def _said_by(consequence: ConsequenceInfo) -> str:
    return (
        f"the claim {consequence.where.fact}"
        if consequence.where.operator == "claim"
        else consequence.where.text
    )


def _holds(law: CompiledLaw, consequence: ConsequenceInfo, lines: Columns) -> Bools | None:
    """Where a claim is made, or a condition on declared facts holds; None where it can hold nowhere."""
    if consequence.spi >= 0:
        claimed = np.asarray(lines.spi == consequence.spi)
        return claimed if claimed.any() else None
    if consequence.where.fact not in lines.facts:
        return None
    found = answer(consequence.where, law, lines, None)
    return np.asarray(np.full(len(lines), found) == TRUE if isinstance(found, int) else found == TRUE)


def _sum(parts: tuple[PartInfo, ...], lines: Columns) -> Known:
    """The sum of the parts that count for the goods of each line, where all of them are known."""
    size = len(lines)
    total, known, counts = np.zeros(size, np.int64), np.ones(size, bool), np.zeros(size, bool)
    for part in parts:
        of_day = day_classes(part.cuts, lines.days[part.axis])
        surely, perhaps = part.surely[of_day, lines.code], part.perhaps[of_day, lines.code]
        column = lines.facts.get(part.fact)
        values = np.zeros(size, np.int64) if column is None else column.values
        total += np.where(surely, values, 0)
        known &= ~perhaps | (where_declared(column, size) & (surely | (values == 0)))
        counts |= surely
    source = f"{' and '.join(part.fact for part in parts)} add up to it, as far as they count for these goods"
    return Known(total, known & counts, np.full(size, len(parts)), source)


def _sum_of_shipment(lines: Columns) -> Known:
    """The customs value of all lines of the shipment; a declaration may be more, since not every line of an
    entry need be among them."""
    sums = sums_by(lines.shipment, lines.value, int(lines.shipment.max(initial=-1)) + 1)
    anything = np.full(len(lines), np.iinfo(np.int64).max)
    return Known(
        sums[lines.shipment], np.ones(len(lines), bool), anything, "the lines of the shipment are together"
    )


def _value_of_one(
    law: CompiledLaw, asked: UnitValueInfo, lines: Columns, valued: Valued | None
) -> Known | None:
    """The customs value of one unit in a currency, where the quantity and the exchange rate are known
    [millionths, to the hundredth]."""
    column = lines.quantities.get(asked.dimension)
    if column is None:
        return None
    rows = np.flatnonzero(asked.goods[lines.code] & where_declared(column, len(lines)) & (column.values > 0))
    numerator, denominator, known = _rates_of_day(
        law, asked.currency, lines.days[EXPORTED if law.valuation.rate_of_export else ENTRY_DAY][rows]
    )
    own = np.zeros(len(rows), bool)
    if valued is not None:
        own = valued.currency[rows] == list(law.valuation.currencies).index(asked.currency)
        numerator = np.where(own, valued.rates.numerator[rows], numerator)
        denominator = np.where(own, valued.rates.denominator[rows], denominator)
    rows, numerator, denominator, own = (each[known | own] for each in (rows, numerator, denominator, own))
    of_unit, per = asked.units
    exact = lines.value[rows].astype(object) * denominator * (MILLION * of_unit * 100)
    over = column.values[rows].astype(object) * numerator * (law.minor_units * per)
    values, where, within = (
        np.zeros(len(lines), np.int64),
        np.zeros(len(lines), bool),
        np.zeros(len(lines), np.int64),
    )
    where[rows] = True
    values[rows] = (2 * exact + over) // (2 * over) * _CENT
    # in one currency they agree to the hundredth; at the rate of the day, to 2%
    within[rows] = np.where(own, _CENT, values[rows] // 50)
    return Known(
        values, where, within, f"the value of the line, its quantity_{asked.unit} and the exchange rate give"
    )


def _rates_of_day(law: CompiledLaw, currency: str, day: Ints) -> tuple[Ints, Ints, Bools]:
    """The notified rate of each day as numerator and denominator, and where one is held."""
    held = law.valuation.rates.get(currency, ())
    place = np.searchsorted(np.array([row.start for row in held], np.int64), day, side="right") - 1
    found = day < np.array([*(row.end for row in held), 0], np.int64)[place]
    rates = [row.rate.as_integer_ratio() for row in held] or [(1, 1)]
    numerator, denominator = (
        np.array(each, np.int64)[np.maximum(place, 0)] for each in zip(*rates, strict=True)
    )
    return numerator, denominator, found
