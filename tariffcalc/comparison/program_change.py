"""What one program charges before and after, posting by posting, and its sums."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.estimate import Estimate
from tariffcalc.views.line_columns import Take

# in place of a program: duty that every declaration leads to, under different programs
UNDIVIDED = "one program or another"
SUMS = ("value", "before", "after", "change", "unknown")
Pair = tuple[Estimate[Any], Estimate[Any]]  # before and after


class ProgramChange(NamedTuple):
    """What one program charges before and after, on the lines where both are known [minor units per line]."""

    program: str
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    known: NDArray[np.bool_]


def program_change(name: str, pair: Pair, lines: tuple[Take, Take], size: int) -> ProgramChange | None:
    """What a program charges on the lines compared; None where it charges on neither side."""
    amounts, known = [], np.ones(size, bool)
    found = False
    for each, take in zip(pair, lines, strict=True):
        number = each.law.program_index.get(name)
        ledger = each.parts[0]
        if number is None or not ledger.has_postings(number):
            amounts.append(np.zeros(size, np.int64))
            continue
        found = True
        amounts.append(ledger.amount(number)[take])
        unknown = ledger.unknown(number)
        if unknown is not None:
            unknown[ledger.agreed] = False  # what is known of such a line is counted under UNDIVIDED
            known &= ~unknown[take]
    return ProgramChange(name, amounts[0], amounts[1], known) if found else None


def undivided(pair: Pair, lines: tuple[Take, Take], size: int) -> ProgramChange | None:
    """The duty that is known as a sum and not program by program, where the duty of a line is known
    before and after."""
    ledgers = [each.parts[0] for each in pair]
    if not any(len(ledger.agreed) for ledger in ledgers):
        return None
    amounts, known = np.zeros((2, size), np.int64), np.ones(size, bool)
    for number, (ledger, take) in enumerate(zip(ledgers, lines, strict=True)):
        of_lines = np.zeros(len(ledger), np.int64)
        of_lines[ledger.agreed] = ledger.undivided
        amounts[number] = of_lines[take]
        known &= ~ledger.unknown_duty[take]
    return ProgramChange(UNDIVIDED, amounts[0], amounts[1], known | ~amounts.any(axis=0))


def sums_of(
    value: NDArray[Any],
    before: NDArray[np.int64],
    delta: NDArray[np.int64],
    unknown: NDArray[np.bool_],
    scale: int,
) -> dict[str, Any]:
    """The columns of a table of changes, in whole units of the currency."""
    return {
        "value": value,
        "before": before / scale,
        "after": (before + delta) / scale,
        "change": delta / scale,
        "unknown": unknown.astype(np.int64),
    }
