"""The entry summary of an estimate: the numbers to declare for each line, in the order in which customs wants
them.

A view of the ledger: every posting with a heading gives a number (one that gives way only where a heading is
declared for that), the commodity code comes last with the duty the schedule charges.  The order of programs
is data of the territory (``filing_order``).  Where a value is split (a content, United States content),
customs takes two lines of the same code; here the number of the part that is not charged is listed with the
rest of the value and nothing due.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tariffcalc.codes import dotted
from tariffcalc.engine.ledger.ledger import Posting

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.assessment.assessed import Assessed

COLUMNS = ["row", "order", "number", "program", "value", "duty"]


def entry_summary(estimate: Assessed) -> pd.DataFrame:
    """One row per number to declare: ``row`` of the input, ``order`` from 1, ``number``, ``program``,
    ``value`` charged on and ``duty`` [currency].

    Programs that the filing order of the territory does not name come after those it names; fees are declared
    for the entry, not on a line.
    """
    import pandas as pd

    ledger, lines = estimate.parts
    rows = []
    for place in range(len(ledger)):
        row = {"row": int(lines.rows[place])}
        rows += [
            {**row, "order": order, **number}
            for order, number in enumerate(_numbers(estimate, place), start=1)
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


def declared_numbers(estimate: Assessed, place: int) -> list[str]:
    """The numbers of one line in the order of filing."""
    return [number["number"] for number in _numbers(estimate, place)]


def _numbers(estimate: Assessed, place: int) -> Iterator[dict[str, Any]]:
    law = estimate.law
    ledger, lines = estimate.parts
    postings = [
        each
        for each in ledger.postings(place)
        if law.programs[law.program_index[each.program]].kind == "duty"
    ]
    own = next((each for each in postings if law.program_index[each.program] == law.column_1), None)
    declared = [
        each
        for each in postings
        if each is not own and each.heading and (each.stacked_out_by is None or each.stacked_out_by.heading)
    ]
    for posting in sorted(declared, key=lambda each: _place(law.filing_order, each)):
        beside = (
            posting.rule.beside
            if posting.rule and posting.rule.beside and posting.also_declared == posting.rule.beside.heading
            else None
        )
        if beside is not None and posting.base is not None:
            part = ledger.value_beside(place, beside)
            yield _number(
                estimate,
                posting._replace(base=posting.base - part) if beside.fact else posting,
                posting.heading,
            )
            yield _number(estimate, posting._replace(base=part, amount=0), beside.heading)
            continue
        yield _number(estimate, posting, posting.heading)
        if posting.also_declared:
            rest = None if posting.base is None else int(lines.columns.value[place]) - posting.base
            yield _number(estimate, posting._replace(base=rest, amount=0), posting.also_declared)
    code = dotted(law.codes.codes[lines.columns.code[place]])
    yield (
        {"number": code, "program": None, "value": None, "duty": None}
        if own is None
        else _number(estimate, own, code)
    )


def _place(order: tuple[str, ...], posting: Posting) -> tuple[int, str]:
    return (order.index(posting.program) if posting.program in order else len(order)), posting.program


def _number(estimate: Assessed, posting: Posting, number: str) -> dict[str, Any]:
    value = None if posting.base is None else estimate.money(posting.base)
    return {
        "number": number,
        "program": posting.program,
        "value": value,
        "duty": None if posting.amount is None else estimate.money(posting.amount),
    }
