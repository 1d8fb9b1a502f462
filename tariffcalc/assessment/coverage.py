"""Checks before and after an estimate: facts that nothing reads, and days of entry after the law held."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tariffcalc.assessment.pending import reviewed_through
from tariffcalc.compiled.law import ENTRY_DAY, CompiledLaw
from tariffcalc.compiled.programs import ProgramInfo
from tariffcalc.declaration import Lines
from tariffcalc.declaration.names import reads, unknown_name
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.errors import CoverageWarning, ShipmentError
from tariffcalc.moments import show_moment


def check_facts(law: CompiledLaw, raw: dict[str, list[Any]]) -> None:
    """Raise ShipmentError for a fact of a line that is not registered."""
    for name in raw:
        if not reads(law, name):
            raise ShipmentError(unknown_name(law, name))


def warn_of_coverage(law: CompiledLaw, lines: Lines, ledger: Ledger) -> None:
    """Warn of lines entered after the day the law is known on, or after the review of a program that may
    concern them."""
    if not len(lines.rows):
        return
    latest = int(lines.columns.days[ENTRY_DAY].max())
    if latest > law.known_on:
        message = (
            f"Lines are entered up to {show_moment(latest)}; the law is taken as known on"
            f" {show_moment(law.known_on)}, and later acts do not count."
        )
        warnings.warn(message, CoverageWarning, stacklevel=4)
    if all(program.reviewed_through >= latest for program in law.programs if program.status != "absent"):
        return
    within = ledger.within_scope()
    concerned = [
        program
        for program, here in zip(law.programs, within, strict=True)
        if here and program.status != "absent"
    ]
    if any(program.reviewed_through < latest for program in concerned):
        warnings.warn(_held_through(concerned), CoverageWarning, stacklevel=4)


def _held_through(programs: Sequence[ProgramInfo]) -> str:
    """Through which day the law of most programs is reviewed, and which of them through another one."""
    through = reviewed_through(programs)
    others: dict[int, list[str]] = {}
    for program in sorted(programs, key=lambda each: -each.reviewed_through):
        if program.reviewed_through != through:
            others.setdefault(program.reviewed_through, []).append(program.title)
    but = [f"{_some(titles)} through {show_moment(day)}" for day, titles in others.items()]
    exceptions = f" ({'; '.join(but)})" if but else ""
    return f"Law is held through {show_moment(through)}{exceptions}. Entries after that may miss newer law."


def _some(titles: Sequence[str], most: int = 2) -> str:
    return ", ".join(titles[:most]) + (
        f" and {len(titles) - most} more programs" if len(titles) > most else ""
    )
