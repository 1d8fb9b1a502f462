"""What an importer bears after input credit: a tax paid at the border and taken back later is no cost of the
goods.

A program says that it is ``creditable``, and by which act; everything else here is a sum of postings.  The
duty that remains is known wherever every other program is, also where the tax itself is not.  Whether an
importer may take the credit (a business, goods for its use, not one of the goods for which it is blocked) is
for the importer to say: the act and its note go with the figures.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.programs import ProgramInfo
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.sums import total_of

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.assessment.assessed import Assessed

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Sums(NamedTuple):
    """Amounts of some programs on each line [minor units], without what is unknown, and where any of them is
    unknown."""

    amount: Ints
    unknown: Bools


def creditable_programs(law: CompiledLaw) -> list[ProgramInfo]:
    """The duties that an importer in business takes back."""
    return [program for program in law.programs if program.creditable and program.kind == "duty"]


def duty_apart_from_credit(ledger: Ledger) -> tuple[Sums, Sums]:
    """The duty of each line in two parts: what remains with the importer, and what is taken back."""
    size = len(ledger)
    parts = {kind: Sums(np.zeros(size, np.int64), np.zeros(size, bool)) for kind in (False, True)}
    for number, program in enumerate(ledger.law.programs):
        if program.kind != "duty" or not ledger.has_postings(number):
            continue
        part, unknown = parts[program.creditable is not None], ledger.unknown(number)
        known = np.ones(size, bool) if unknown is None else ~unknown
        part.amount[known] += ledger.amount(number)[known]
        part.unknown[~known] = True
    rest, credited = parts[False], parts[True]
    agreed = ledger.agreed  # their duty is known, though not which programs charge it
    rest.amount[agreed] = ledger.duty[agreed] - credited.amount[agreed]
    rest.unknown[agreed] = credited.unknown[agreed]
    return rest, credited


def net_of_credit(estimate: Assessed) -> Decimal | None:
    """The duty of all lines that remains after credit [currency]; None where it is unknown for any.

    Examples
    --------
    Machines of 1,000,000 rupees at 7.5%, with the surcharge of a tenth of that; the integrated tax on them is
    not held, and is taken back:

    >>> from tariffcalc import Line, Shipment, load
    >>> line = Line(commodity="8479.89.99", origin="US", value="1000000")
    >>> e = load("in").estimate(Shipment(entered="2026-03-02", lines=(line,)))
    >>> e.duty is None, e.net_of_credit
    (True, Decimal('82500.00'))
    """
    ledger, lines = estimate.parts
    rest, _ = duty_apart_from_credit(ledger)
    return (
        estimate.money(total_of(rest.amount))
        if len(lines.rows) == len(estimate) and not rest.unknown.any()
        else None
    )


def table_of_credit(estimate: Assessed) -> pd.DataFrame:
    """Row for row of the input: duty, creditable, net_of_credit [currency], effective_rate of the latter, and
    the acts (``by``).

    An amount that is unknown is empty: the tax, where its rate is not held; all of them, where the row is
    refused.
    """
    import pandas as pd

    ledger, lines = estimate.parts
    rest, taken = duty_apart_from_credit(ledger)
    duty, unknown = ledger.total("duty")
    value = np.where(lines.columns.value == 0, np.nan, lines.columns.value.astype(np.float64))
    found = {
        "duty": _currency(duty, unknown, estimate),
        "creditable": _currency(taken.amount, taken.unknown, estimate),
        "net_of_credit": _currency(rest.amount, rest.unknown, estimate),
        "effective_rate": np.where(rest.unknown, np.nan, rest.amount / value),
        "by": _acts(estimate),
    }
    table = pd.DataFrame(found, index=lines.rows).reindex(range(len(estimate))).fillna({"by": ""})
    return table.rename_axis("row").reset_index()


def _acts(estimate: Assessed) -> NDArray[np.object_]:
    """The acts under which something of each line is, or may be, taken back."""
    ledger = estimate.parts[0]
    texts: list[tuple[str, ...]] = [()]  # the acts of each combination of programs
    combination = np.zeros(len(ledger), np.int64)  # of each line
    for program in creditable_programs(estimate.law):
        number = estimate.law.program_index[program.name]
        acts = program.creditable.by if program.creditable else ()
        unknown = ledger.unknown(number)
        here = ledger.amount(number) != 0
        combination += len(texts) * (here if unknown is None else here | unknown)
        texts += [each + acts for each in texts]
        met, combination = np.unique(combination, return_inverse=True)
        texts = [texts[each] for each in met]
    return np.array([" ".join(dict.fromkeys(each)) for each in texts], object)[combination]


def _currency(amount: Ints, unknown: Bools, estimate: Assessed) -> NDArray[np.float64]:
    return np.where(unknown, np.nan, amount / estimate.law.minor_units)
