"""Part of what turns the law into arrays: the order in which programs give way, as sets of rules and days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from tariffcalc.compiled.axes import Ints, window_truth
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.duties import NONE_DUE
from tariffcalc.compiled.programs import Rule, StackingRule
from tariffcalc.compiler.duties import DutyRow
from tariffcalc.compiler.program_part import ProgramPart
from tariffcalc.compiler.rows import day_axis
from tariffcalc.errors import CycleError, Finding, SeedError
from tariffcalc.law.near import meant
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook


def compile_stacking(
    book: Rulebook,
    parts: Mapping[str, ProgramPart],
    program_index: Mapping[str, int],
    words: Sequence[slice],
    cuts: Sequence[Ints],
) -> tuple[StackingRule, ...]:
    """Stacking entries, those of the program that others give way to first; raises CycleError."""
    entries = _in_order(book.stacking)
    if wrong := [finding for entry in entries for finding in _absent(entry, book, program_index)]:
        raise SeedError(wrong)
    found: dict[tuple[str, tuple[str, ...] | None], Bitset] = {}

    def rules(name: str, measures: tuple[str, ...] | None) -> Bitset:
        """The rules of a program that belong to some measures or groups; those that charge anything where
        none is named."""
        if (name, measures) not in found:
            made = found[name, measures] = np.zeros(words[-1].stop, np.uint64)
            made[words[program_index[name]]] = parts[name].rules_that(
                _charging if not measures else _of_measures(book.programs[name], measures)
            )
        return found[name, measures]

    made = []
    for entry in entries:
        axis, of = (
            day_axis(book.programs[entry.program]),
            rules(entry.program, entry.of) if entry.of else None,
        )
        days = window_truth(cuts[axis], [(entry.entered.on_or_after, entry.entered.before)])[:, 0]
        made.append(
            StackingRule(
                program_index[entry.program], program_index[entry.to],
                rules(entry.to, entry.measures or None), of, axis, days, entry.content,
                entry.heading, entry.by, entry.tag, entry.note,
            )
        )  # fmt: skip
    return tuple(made)


def _absent(entry: StackingEntry, book: Rulebook, programs: Mapping[str, int]) -> Iterator[Finding]:
    """What an entry names and is not there: programs, measures or groups of them, the fact of the content."""

    def finding(what: str, name: str, names: Iterable[str]) -> Finding:
        message = f"{entry.program} to {entry.to}: {name!r} is no {what}{meant(name, names)}"
        return Finding("C004", message, entry.file, entry.line)

    for name, measures in ((entry.program, entry.of), (entry.to, entry.measures)):
        if name not in programs:
            yield finding("program", name, programs)
        elif measures:
            program = book.programs[name]
            known = {each for measure in program.measures for each in (measure.id, measure.group) if each}
            for measure in measures:
                if measure not in known:
                    yield finding(f"measure or group of {name}", measure, known)
    if entry.content and entry.content not in book.facts:
        yield finding("fact", entry.content, book.facts)


def _charging(_: Rule, duty: DutyRow | None) -> bool:
    """Whether a rule charges anything, with its own duty or with that of the schedule."""
    return duty is None or duty.kind != NONE_DUE


def _of_measures(program: Program, names: tuple[str, ...]) -> Callable[[Rule, DutyRow | None], bool]:
    measures = {measure.id for measure in program.measures if measure.id in names or measure.group in names}
    return lambda rule, _: rule.measure in measures


def _in_order(stacking: Sequence[StackingEntry]) -> list[StackingEntry]:
    """The entries in an order in which each comes after those that say whether its ``to`` is charged itself;
    raises CycleError.

    Only entries of common days wait for each other: two programs may give way to each other before and after
    a day.
    """
    pending = list(stacking)
    ordered: list[StackingEntry] = []
    while pending:
        waited_for: dict[str, list[StackingEntry]] = {}
        for each in pending:
            waited_for.setdefault(each.program, []).append(each)
        ready = [
            each
            for each in pending
            if not any(other.entered.overlap(each.entered) for other in waited_for.get(each.to, ()))
        ]
        if not ready:
            found = _in_circles(pending)
            circle = ", ".join(sorted({f"{each.program} to {each.to}" for each in found}))
            message = f"programs give way to each other in a circle: {circle}"
            raise CycleError([Finding("C003", message, found[0].file, found[0].line)])
        ordered += ready
        done = set(map(id, ready))
        pending = [each for each in pending if id(each) not in done]
    return ordered


def _in_circles(pending: Sequence[StackingEntry]) -> Sequence[StackingEntry]:
    """The entries that wait for each other, without those that only wait for them."""
    waited_for = {each.to for each in pending}
    left = [each for each in pending if each.program in waited_for]
    return left if len(left) == len(pending) else _in_circles(left)
