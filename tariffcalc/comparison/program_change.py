"""What one program charges in two estimates or more, posting by posting, and its sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.estimate import Estimate
from tariffcalc.views.line_columns import Take

# in place of a program: duty that every declaration leads to, under different programs
UNDIVIDED = "one program or another"
SUMS = ("value", "before", "after", "change", "unknown")
Estimates = Sequence[Estimate[Any]]


class ProgramChange(NamedTuple):
    """What one program charges before and after, on the lines where both are known [minor units per line]."""

    program: str
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    known: NDArray[np.bool_]


class ProgramAmounts(NamedTuple):
    """What one program charges in each of several estimates, on the lines where all are known [minor units
    per line]."""

    program: str
    amounts: tuple[NDArray[np.int64], ...]
    known: NDArray[np.bool_]


def program_amounts(estimates: Estimates, lines: Sequence[Take], size: int) -> Iterator[ProgramAmounts]:
    """What every program that charges in any of some estimates charges on the lines compared."""
    names = dict.fromkeys(program.name for each in estimates for program in each.law.programs)
    for name in names:
        found = _of_program(name, estimates, lines, size)
        if found is not None:
            yield found
    undivided = _undivided(estimates, lines, size)
    if undivided is not None:
        yield undivided


def _of_program(name: str, estimates: Estimates, lines: Sequence[Take], size: int) -> ProgramAmounts | None:
    """What a program charges on the lines compared; None where it charges in no estimate."""
    amounts, known = [], np.ones(size, bool)
    found = False
    for each, take in zip(estimates, lines, strict=True):
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
    return ProgramAmounts(name, tuple(amounts), known) if found else None


def _undivided(estimates: Estimates, lines: Sequence[Take], size: int) -> ProgramAmounts | None:
    """The duty that is known as a sum and not program by program, where the duty of a line is known in every
    estimate."""
    ledgers = [each.parts[0] for each in estimates]
    if not any(len(ledger.agreed) for ledger in ledgers):
        return None
    amounts, known = np.zeros((len(ledgers), size), np.int64), np.ones(size, bool)
    for number, (ledger, take) in enumerate(zip(ledgers, lines, strict=True)):
        of_lines = np.zeros(len(ledger), np.int64)
        of_lines[ledger.agreed] = ledger.undivided
        amounts[number] = of_lines[take]
        known &= ~ledger.unknown_duty[take]
    return ProgramAmounts(UNDIVIDED, tuple(amounts), known | ~amounts.any(axis=0))


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
