"""Part of the door between law and arrays: the order in which programs give way, as sets of rules and days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import window_truth
from tariffcalc.engine.precedence import Row
from tariffcalc.engine.rule_table import Yielding, pack_bits
from tariffcalc.errors import CycleError, Finding, SeedError
from tariffcalc.law.rulebook import Rulebook


def compile_stacking(book: Rulebook, program_index: dict[str, int], bits: Sequence[Row | None], cuts: NDArray[np.int64]) -> tuple[Yielding, ...]:
    """Stacking entries, those of the program that others give way to first; raises CycleError."""
    pending = list(book.stacking)
    ordered = []
    while pending:
        waiting = {each.program for each in pending}
        ready = [each for each in pending if each.to not in waiting]
        if not ready:
            circle = ", ".join(sorted(f"{each.program} to {each.to}" for each in pending))
            raise CycleError([Finding("C003", f"programs give way to each other in a circle: {circle}")])
        ordered += ready
        pending = [each for each in pending if each not in ready]
    found = []
    for entry in ordered:
        for name in (entry.program, entry.to):
            if name not in program_index:
                raise SeedError([Finding("C004", f"stacking names a program that is not there: {name}", entry.file)])
        counted = np.array([row is not None and row.program == program_index[entry.to] and _counts(row, entry.measures) for row in bits])
        days = window_truth(cuts, [(entry.entered.on_or_after, entry.entered.before)])[:, 0]
        rules = pack_bits(counted[None, :])[0]
        found.append(Yielding(program_index[entry.program], program_index[entry.to], rules, days, entry.content, entry.heading, entry.by))
    return tuple(found)


def _counts(row: Row, measures: tuple[str, ...]) -> bool:
    if measures:
        return row.measure.id in measures or row.measure.group in measures
    return not row.spell.duty.is_none
