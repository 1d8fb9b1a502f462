"""The rules about the data, one small function under each number; its sentence is the docstring."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path

from tariffcalc.checking.cases import wrong_cases
from tariffcalc.checking.renumbered import d018_numbers_change_on_their_day
from tariffcalc.checking.second_source import (
    d016_a_second_source_says_the_same,
    d017_a_rate_is_no_word_of_the_goods,
)
from tariffcalc.codes import dotted
from tariffcalc.errors import Finding, TariffError
from tariffcalc.law.measure import Measure
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import show_moment
from tariffcalc.reading.citations import unknown_acts
from tariffcalc.reading.coverage import REASONS, declared_headings, read_coverage, read_headings

Rule = Callable[[Rulebook, Path], Iterator[Finding]]


def _measures(book: Rulebook) -> Iterator[tuple[str, Measure]]:
    for program in book.programs.values():
        for measure in program.measures:
            yield program.program, measure


def d001_every_spell_is_cited(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D001: every spell names the acts that made it."""
    for program, measure in _measures(book):
        for spell in measure.history:
            if not spell.by:
                message = (
                    f"{program}/{measure.id}: the duty {spell.duty.text!r} on {spell.entered} names no act"
                )
                yield Finding("D001", message, measure.file, measure.line)


def d002_every_act_is_known(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D002: every act that is named is in the table of acts."""
    yield from unknown_acts(book)


def d003_an_end_has_its_act(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D003: a spell that ends before the acts that made it were known to end it says which act ended it."""
    for program, measure in _measures(book):
        for spell in measure.history:
            made = [book.acts[act].known for act in spell.by if act in book.acts]
            if (
                spell.ended_by
                and made
                and any(book.acts[act].known < min(made) for act in spell.ended_by if act in book.acts)
            ):
                yield Finding(
                    "D003",
                    f"{program}/{measure.id}: ended by an act that was known before the spell was made",
                    measure.file,
                    measure.line,
                )


def d004_list_codes_exist(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D004: every code of a list covers a tariff line of the schedule on some day, or its row says
    "historical" in the note."""
    codes = sorted({line.code for line in book.schedule})
    for named in book.lists.values():
        for member in named.members:
            place = bisect_left(codes, member.item)
            under = place < len(codes) and codes[place].startswith(member.item)
            if not under and "historical" not in member.note:
                yield Finding(
                    "D004", f"{dotted(member.item)} covers no tariff line of the schedule", named.file
                )


def d005_a_list_names_a_code_once_a_day(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D005: no two rows of a list hold the same code on the same day."""
    for named in book.lists.values():
        seen: dict[str, list[tuple[int, int]]] = {}
        for member in named.members:
            spans = seen.setdefault(member.item, [])
            if any(start < member.end and member.start < end for start, end in spans):
                yield Finding(
                    "D005", f"{dotted(member.item)} occurs twice on {show_moment(member.start)}", named.file
                )
            spans.append((member.start, member.end))


def d006_every_list_is_used(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D006: every product list is named by some measure."""
    used = {name for _, measure in _measures(book) for name in measure.products.names}
    for name in sorted(set(book.lists) - used):
        yield Finding("D006", f"no measure names the list {name}", book.lists[name].file)


def d007_coverage_is_complete(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D007: every program has a coverage entry that agrees with it, and every entry a program."""
    entries = {entry.program: entry for entry in read_coverage(folder)}
    for program in book.programs.values():
        entry = entries.get(program.program)
        if entry is None:
            yield Finding(
                "D007", f"{program.program} has no coverage entry: write one in coverage/", program.file
            )
        elif entry.state != program.status:
            yield Finding(
                "D007",
                f"{program.program} is {program.status}, its entry in coverage/ says {entry.state}",
                program.file,
            )
        elif entry.reviewed_through != program.reviewed.through:
            days = show_moment(program.reviewed.through), show_moment(entry.reviewed_through)
            yield Finding(
                "D007",
                f"{program.program} is reviewed through {days[0]}, its entry in coverage/ says {days[1]}",
                program.file,
            )
    for name in sorted(set(entries) - set(book.programs)):
        yield Finding("D007", f"coverage names {name}, which is no program", "coverage/")


def d008_schedule_rows_do_not_overlap(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D008: the rows of one code in the schedule hold one after the other."""
    last: dict[str, int] = {}
    for line in sorted(book.schedule, key=lambda line: (line.code, line.start)):
        if line.start < last.get(line.code, line.start):
            yield Finding(
                "D008", f"{dotted(line.code)} has two rows on {show_moment(line.start)}", "schedule"
            )
        last[line.code] = line.end


def d009_headings_are_codes(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D009: a heading is written as digits with dots."""
    for program, measure in _measures(book):
        for heading in (
            measure.heading,
            measure.nothing_due_under,
            measure.beside.heading if measure.beside else "",
        ):
            if heading and (
                not heading.replace(".", "").isdigit() or dotted(heading.replace(".", "")) != heading
            ):
                yield Finding(
                    "D009",
                    f"{program}/{measure.id}: {heading!r} is not a heading",
                    measure.file,
                    measure.line,
                )


def d010_windows_meet_the_law_held(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D010: every spell has a day within the days for which law is held."""
    for program, measure in _measures(book):
        for spell in measure.history:
            if spell.entered.overlap(book.territory.held) is None:
                yield Finding(
                    "D010",
                    f"{program}/{measure.id}: {spell.entered} lies outside the law held",
                    measure.file,
                    measure.line,
                )


def d011_every_heading_is_accounted_for(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D011: a heading of the table of headings is declared by a measure or has a reason why not, and never
    both."""
    declared = declared_headings(book)
    for row in read_headings(folder):
        if row.reason and row.reason not in REASONS:
            yield Finding(
                "D011", f"{row.heading}: {row.reason!r} is none of {', '.join(REASONS)}", "headings.csv"
            )
        if row.heading in declared and row.reason:
            yield Finding(
                "D011",
                f"{row.heading} is declared by {declared[row.heading][0]} and listed as {row.reason}",
                "headings.csv",
            )
        elif row.heading not in declared and not row.reason:
            yield Finding(
                "D011", f"{row.heading} is declared by no measure and has no reason", "headings.csv"
            )


def d012_ready_scenarios_hold(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D012: every ready scenario can be read, names what is in the law, and changes something."""
    from tariffcalc.scenario import Scenario

    for path in sorted((folder / "scenarios").glob("*.yaml")):
        try:
            Scenario.read(path).apply(book)
        except TariffError as error:
            yield Finding("D012", str(error), f"scenarios/{path.name}")


def d013_limits_are_of_lines(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D013: every limit is of a line of the schedule, one of each unit on a day, and its currency is held."""
    lines = {line.code for line in book.schedule}
    currencies = {"", *book.currencies, *(rate.currency for rate in book.exchange_rates)}
    last: dict[tuple[str, str], int] = {}
    for limit in sorted(book.limits, key=lambda limit: (limit.code, limit.unit, limit.start)):
        if limit.code not in lines:
            yield Finding(
                "D013",
                f"{dotted(limit.code)} has a limit and is no line of the schedule",
                "schedule/limits.csv",
            )
        if limit.currency not in currencies:
            yield Finding(
                "D013",
                f"{dotted(limit.code)}: the currency {limit.currency!r} is in no table of currencies",
                "schedule/limits.csv",
            )
        if limit.start < last.get((limit.code, limit.unit), limit.start):
            yield Finding(
                "D013",
                f"{dotted(limit.code)} has two limits by {limit.unit} on {show_moment(limit.start)}",
                "schedule/limits.csv",
            )
        last[limit.code, limit.unit] = limit.end


def d014_every_amount_says_its_bounds(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D014: a fact that is a number, a share or money says what bounds it, or that nothing does (bounds:
    none)."""
    for fact in book.facts.values():
        if fact.type in ("number", "share", "money") and fact.bounds is None and not fact.is_derived:
            yield Finding(
                "D014",
                f"the {fact.type} {fact.fact} does not say its bounds: write bounds, or bounds: none",
                "facts",
            )


def d015_cases_are_whole(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D015: a worked case has every key it needs, and no other."""
    yield from wrong_cases(folder)


RULES: tuple[Rule, ...] = (
    d001_every_spell_is_cited,
    d002_every_act_is_known,
    d003_an_end_has_its_act,
    d004_list_codes_exist,
    d005_a_list_names_a_code_once_a_day,
    d006_every_list_is_used,
    d007_coverage_is_complete,
    d008_schedule_rows_do_not_overlap,
    d009_headings_are_codes,
    d010_windows_meet_the_law_held,
    d011_every_heading_is_accounted_for,
    d012_ready_scenarios_hold,
    d013_limits_are_of_lines,
    d014_every_amount_says_its_bounds,
    d015_cases_are_whole,
    d016_a_second_source_says_the_same,
    d017_a_rate_is_no_word_of_the_goods,
    d018_numbers_change_on_their_day,
)
