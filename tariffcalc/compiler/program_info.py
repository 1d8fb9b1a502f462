"""Part of what turns the law into arrays: each program as the engine sees it, and the order in which amounts
depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm

from tariffcalc.compiled.programs import BaseChoice, CreditInfo, ProgramInfo
from tariffcalc.compiler.conditions import TestNumbers
from tariffcalc.compiler.duties import DutyReader
from tariffcalc.compiler.places import Compiling
from tariffcalc.compiler.program_part import ProgramPart
from tariffcalc.compiler.rows import day_axis
from tariffcalc.errors import CycleError, Finding, SeedError
from tariffcalc.law.near import meant
from tariffcalc.law.program import Base, Program


def program_info(
    program: Program, words: slice, level: int, duties: DutyReader, numbers: TestNumbers
) -> ProgramInfo:
    """A program; the conditions of its bases are numbered."""
    bases, compiling = [], Compiling("C014")
    for base in program.charged_on:
        with compiling.entry(base, f"{program.program}, base {base.text!r}"):
            bases.append(_base(program, base, duties, numbers))
    compiling.done()
    return ProgramInfo(
        name=program.program,
        title=program.title,
        kind=program.kind,
        per_shipment=program.per == "shipment",
        status=program.status,
        axis=day_axis(program),
        words=words,
        bases=tuple(bases),
        base_scale=lcm(1, *(denominator for base in bases for _, denominator, _ in base.amounts)),
        level=level,
        reviewed_through=program.reviewed.through,
        note=program.note,
        drawback=tuple(
            (each.entered.on_or_after, each.entered.before, each.eligible) for each in program.drawback
        ),
        creditable=CreditInfo(program.creditable.by, program.creditable.tag, program.creditable.note)
        if program.creditable
        else None,
    )


def _base(program: Program, base: Base, duties: DutyReader, numbers: TestNumbers) -> BaseChoice:
    return BaseChoice(
        base.text,
        tuple((rate.numerator, rate.denominator, amount) for rate, amount in duties.terms(base.base)),
        tuple(numbers.number(condition, day_axis(program)) for condition in base.when),
        base.in_proportion,
        base.heading,
        base.by,
    )


def levels_of_programs(programs: Mapping[str, Program], parts: Mapping[str, ProgramPart]) -> dict[str, int]:
    """Each program with its level, after those whose amounts it is charged on or measured against, column 1
    first; raises CycleError."""
    needs = {name: _needed(programs[name], part) for name, part in parts.items()}
    absent = [
        Finding("C014", f"{name}: {term.of!r} names no program{meant(of, parts)}", base.file, base.line)
        for name in parts
        for base in programs[name].charged_on
        for term in base.base
        if (of := term.of.removeprefix("charged ")) != term.of and of not in parts
    ]
    if absent:
        raise SeedError(absent)
    levels: dict[str, int] = {}
    while len(levels) < len(needs):
        ready = [name for name, needed in needs.items() if name not in levels and needed <= set(levels)]
        if not ready:
            circle = ", ".join(sorted(set(needs) - set(levels)))
            base = programs[min(set(needs) - set(levels))].charged_on[0]
            message = f"programs are charged on each other in a circle: {circle}"
            raise CycleError([Finding("C001", message, base.file, base.line)])
        for name in ready:
            levels[name] = max((levels[needed] + 1 for needed in needs[name]), default=0)
    return levels


def _needed(program: Program, part: ProgramPart) -> set[str]:
    """The programs whose amounts a program is charged on, or measured against."""
    terms = {term.of for base in program.charged_on for term in base.base}
    return part.charged_on() | {
        name.removeprefix("charged ") for name in terms if name.startswith("charged ")
    }
