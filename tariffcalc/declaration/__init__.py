"""What callers write becomes columns of integers, and every mistake becomes a problem with its rows.

Inside, the engine trusts its columns: positions on the axes of the law, moments, minor units, millionths.
Everything that can be wrong with a caller's facts is therefore found here, reported with the row, what was
got and what to supply, and never stops the other rows.  A shipment of one line takes the same way as a year
of trade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import NO_SHIPMENTS, Columns, FactColumn
from tariffcalc.declaration.amounts import read_quantities
from tariffcalc.declaration.bounds import check_bounds
from tariffcalc.declaration.claims import note_refused_claims, read_claims, with_claims
from tariffcalc.declaration.codes import find_lines, read_codes, refuse_stale_lines
from tariffcalc.declaration.columns import (
    FEW_VALUES,
    OPTIONAL,
    QUANTITY,
    REQUIRED,
    VALUATION_AMOUNTS,
    Coded,
    Declared,
    Given,
    Numbers,
    coded,
    without_blanks,
)
from tariffcalc.declaration.declared_facts import read_facts
from tariffcalc.declaration.known_facts import with_known_facts
from tariffcalc.declaration.line_limits import note_broken_limits
from tariffcalc.declaration.names import check_names
from tariffcalc.declaration.origins_and_days import read_days, read_origins
from tariffcalc.declaration.problems import Problems, Rows
from tariffcalc.declaration.shipments import read_shipments
from tariffcalc.declaration.valuation.value import Valued, read_customs_value
from tariffcalc.engine.threads import each_in_parallel

__all__ = [
    "FEW_VALUES", "OPTIONAL", "QUANTITY", "REQUIRED", "VALUATION_AMOUNTS", "Coded", "Declared", "Given",
    "Lines", "Numbers", "Valued", "coded",
    "declare",
]  # fmt: skip


class Lines(NamedTuple):
    """Checked lines: their columns, the rows of the input they come from, the problems of the other rows, and
    how the customs values came about.

    ``valued`` is None where every value was declared as the customs value, in the currency of the territory.
    ``asserted`` are the facts and claims as they were declared, without what follows from them.
    """

    columns: Columns
    rows: Rows
    problems: Problems
    valued: Valued | None = None
    asserted: Mapping[str, FactColumn] = MappingProxyType({})


def declare(
    law: CompiledLaw, declared: Declared, size: int, problems: Problems, codes_of_other_years: bool = False
) -> Lines:
    """Read every column; rows with a mistake are refused and left out, the others become Columns.

    ``codes_of_other_years`` takes a ten-digit code that is not in force on its day for its eight-digit line,
    with a note, where that line is. Raises ShipmentError only for what is wrong with whole columns: a
    required one missing, a unit nobody knows, a derived fact.
    """
    check_names(law, list(declared))
    declared = {name: without_blanks(column) for name, column in declared.items()}
    code, origin, days, (spi, flags), facts, quantities = _each_apart(
        problems,
        lambda found: read_codes(law, declared["commodity"], found),
        lambda found: read_origins(law, declared["origin"], found),
        lambda found: read_days(law, declared, size, found),
        lambda found: read_claims(law, declared.get("claims"), size, found),
        lambda found: read_facts(law, declared, size, found),
        lambda found: read_quantities(law, declared, found),
    )
    facts = with_claims(facts, flags, problems)
    code, segment = find_lines(
        law, code, declared["commodity"], days[law.schedule_axis], problems, codes_of_other_years
    )
    refuse_stale_lines(law, facts, days[law.schedule_axis], problems)
    value, valued = read_customs_value(law, declared, code, days, quantities, size, problems)
    shipment = (
        read_shipments(declared["shipment"], days.entered, problems) if "shipment" in declared else None
    )
    everything = Columns(
        code=code,
        segment=segment,
        origin=origin,
        days=days,
        value=value,
        spi=spi,
        shipment=NO_SHIPMENTS if shipment is None else shipment,
        facts=facts,
        quantities=quantities,
    )
    everything = with_known_facts(law, everything, problems, valued)
    check_bounds(law, everything, problems)

    rows = problems.good_rows()
    take: Rows | slice = slice(None) if len(rows) == size else rows
    columns = everything.take(take)
    if shipment is not None:
        incomplete = np.flatnonzero(np.isin(shipment[rows], shipment[problems.bad]))
        columns = replace(columns, shipment=shipment[take], incomplete=incomplete)
    note_refused_claims(law, columns, rows, problems)
    note_broken_limits(law, columns, rows, problems)
    asserted = {name: column.take(take) for name, column in facts.items()}
    return Lines(columns, rows, problems, None if valued is None else valued.take(take), asserted)


def _each_apart(problems: Problems, *readers: Callable[[Problems], Any]) -> Iterator[Any]:
    """What each reader makes of its columns, several at a time; their problems are listed in the order of the
    readers."""
    apart = [Problems(problems.size) for _ in readers]
    found = each_in_parallel(lambda each: each[0](each[1]), zip(readers, apart, strict=True), problems.size)
    for each in apart:
        problems.add(each)
    yield from found
