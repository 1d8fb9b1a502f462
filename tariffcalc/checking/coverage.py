"""The rules about coverage entries: each is of a program, and agrees with what the program holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tariffcalc.checking.places import first_line
from tariffcalc.errors import Finding
from tariffcalc.law.near import meant
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import show_moment
from tariffcalc.reading.coverage import Covered, read_coverage


def d007_coverage_is_complete(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D007: every program has one coverage entry that agrees with it, and every entry a program."""
    entries: dict[str, Covered] = {}
    for entry in read_coverage(folder):
        if entry.program in entries:
            yield _finding("D007", entry, f"{entry.program} has two coverage entries: keep one")
        entries[entry.program] = entry
    for program in book.programs.values():
        found = entries.get(program.program)
        if found is None:
            line = first_line(folder.parent / program.file, "program:")
            message = f"{program.program} has no coverage entry: write one in coverage/"
            yield Finding("D007", message, program.file, line)
        elif found.state != program.status:
            message = f"{program.program} is {program.status}, its coverage entry says {found.state}"
            yield _finding("D007", found, message)
        elif found.reviewed_through != program.reviewed.through:
            days = show_moment(program.reviewed.through), show_moment(found.reviewed_through)
            message = (
                f"{program.program} is reviewed through {days[0]}, its coverage entry says {days[1]}:"
                " write the same day in both"
            )
            yield _finding("D007", found, message)
    for name in sorted(set(entries) - set(book.programs)):
        free = set(book.programs) - set(entries) or book.programs
        yield _finding("D007", entries[name], f"coverage of {name}, which is no program{meant(name, free)}")


def d019_coverage_begins_with_the_law(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D019: the day from which a program is held is a day of the law held, and not later than the first day
    on which the program holds a duty."""
    held = book.territory.held
    for entry in read_coverage(folder):
        if entry.held_from not in held:
            message = f"{entry.program} is covered from {show_moment(entry.held_from)}: law is held {held}"
            yield _finding("D019", entry, message)
            continue
        program = book.programs.get(entry.program)
        first = _first_day(program, held.on_or_after) if program else None
        if program and first is not None and entry.held_from > first:
            message = (
                f"{entry.program} is covered from {show_moment(entry.held_from)}, and holds a duty from"
                f" {show_moment(first)} on: write from: {show_moment(first)}, and what is not held under"
                " left_out"
            )
            yield _finding("D019", entry, message)


def _first_day(program: Program, held_from: int) -> int | None:
    """The first day on which a program holds a duty that was never withdrawn."""
    days = [
        spell.entered.on_or_after
        for measure in program.measures
        for spell in measure.history
        if spell.duty.held and not spell.withdrawn_by and spell.entered.before > held_from
    ]
    return max(min(days), held_from) if days else None


def _finding(rule: str, entry: Covered, message: str) -> Finding:
    return Finding(rule, message, entry.file, entry.line)
