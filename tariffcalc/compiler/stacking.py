"""Part of what turns the law into arrays: the order in which programs give way, as sets of rules and days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import window_truth
from tariffcalc.compiled.law import ENTRY_DAY, LAW_DAY, Words, Yielding, pack_bits
from tariffcalc.compiler.precedence import Row
from tariffcalc.errors import CycleError, Finding, SeedError
from tariffcalc.law.program import GivesWay, Program
from tariffcalc.law.rulebook import Rulebook


def compile_stacking(
    book: Rulebook, program_index: dict[str, int], bits: Sequence[Row | None], cuts: Sequence[NDArray[np.int64]]
) -> tuple[Yielding, ...]:
    """Stacking entries, those of the program that others give way to first; raises CycleError."""
    found = []
    of_program: dict[int, list[tuple[int, Row]]] = {}
    for bit, row in enumerate(bits):
        if row is not None:
            of_program.setdefault(row.program, []).append((bit, row))

    def words(program: int, counts: Callable[[Row], bool]) -> Words:
        truth = np.zeros(len(bits), bool)
        truth[[bit for bit, row in of_program.get(program, ()) if counts(row)]] = True
        made: Words = pack_bits(truth[None, :])[0]
        return made

    for entry in _in_order(book.stacking):
        for name in (entry.program, entry.to):
            if name not in program_index:
                raise SeedError([Finding("C004", f"stacking names a program that is not there: {name}", entry.file)])
        program, to = program_index[entry.program], program_index[entry.to]
        rules = words(to, partial(_counts, measures=entry.measures))
        of = words(program, partial(_named, names=entry.of)) if entry.of else None
        axis = day_axis(book.programs[entry.program])
        days = window_truth(cuts[axis], [(entry.entered.on_or_after, entry.entered.before)])[:, 0]
        found.append(Yielding(program, to, rules, of, axis, days, entry.content, entry.heading, entry.by, entry.tag, entry.note))
    return tuple(found)


def day_axis(program: Program) -> int:
    """The kind of day that dates the law of a program."""
    return ENTRY_DAY if program.dated_by == "entry" else LAW_DAY


def _in_order(stacking: Sequence[GivesWay]) -> list[GivesWay]:
    """The entries in an order in which each comes after those that say whether its ``to`` is charged itself; raises CycleError.

    Only entries of common days wait for each other: two programs may give way to each other before and after a day.
    """
    pending = list(stacking)
    ordered: list[GivesWay] = []
    while pending:
        waited_for: dict[str, list[GivesWay]] = {}
        for each in pending:
            waited_for.setdefault(each.program, []).append(each)
        ready = [each for each in pending if not any(other.entered.overlap(each.entered) for other in waited_for.get(each.to, ()))]
        if not ready:
            circle = ", ".join(sorted({f"{each.program} to {each.to}" for each in pending}))
            raise CycleError([Finding("C003", f"programs give way to each other in a circle: {circle}")])
        ordered += ready
        done = set(map(id, ready))
        pending = [each for each in pending if id(each) not in done]
    return ordered


def _named(row: Row, names: tuple[str, ...]) -> bool:
    return row.measure.id in names or row.measure.group in names


def _counts(row: Row, measures: tuple[str, ...]) -> bool:
    if measures:
        return _named(row, measures)
    return not row.spell.duty.is_none
