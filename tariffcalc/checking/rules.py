"""The rules about the data, one small function under each number; its sentence is the docstring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tariffcalc.checking.cases import d015_cases_are_whole, d020_cases_name_what_is_there
from tariffcalc.checking.coverage import d007_coverage_is_complete, d019_coverage_begins_with_the_law
from tariffcalc.checking.duty_phrases import d023_a_phrase_means_what_is_measured
from tariffcalc.checking.places import chapter, finding_in, first_line
from tariffcalc.checking.product_codes import d004_list_codes_exist, d021_codes_of_measures_exist
from tariffcalc.checking.renumbered import d018_numbers_change_on_their_day
from tariffcalc.checking.second_source import (
    d016_a_second_source_says_the_same,
    d017_a_rate_is_no_word_of_the_goods,
)
from tariffcalc.checking.skeleton import d022_nothing_is_left_to_fill_in
from tariffcalc.codes import dotted
from tariffcalc.errors import Finding, TariffError
from tariffcalc.law.line_limit import LineLimit
from tariffcalc.law.measure import Measure
from tariffcalc.law.near import meant
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import show_moment
from tariffcalc.reading.citations import unknown_acts
from tariffcalc.reading.coverage import REASONS, Heading, declared_headings, read_headings
from tariffcalc.reading.entries import shown_path

_PLACE = re.compile(r"[^:\s]+\.yaml:(\d+): ")  # with which an error about a change begins
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
    yield from unknown_acts(book, folder)


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


def d005_a_list_names_a_code_once_a_day(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D005: no two rows of a list hold the same code on the same day."""
    for named in book.lists.values():
        seen: dict[str, list[tuple[int, int]]] = {}
        for member in named.members:
            spans = seen.setdefault(member.item, [])
            if any(start < member.end and member.start < end for start, end in spans):
                message = f"{dotted(member.item)} occurs twice on {show_moment(member.start)}"
                path = folder / "lists" / named.file
                yield finding_in("D005", message, path, folder, {"code": member.item, "from": member.start})
            spans.append((member.start, member.end))


def d006_every_list_is_used(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D006: every product list is named by some measure."""
    used = {name for _, measure in _measures(book) for name in measure.products.names}
    for name in sorted(set(book.lists) - used):
        path = folder / "lists" / book.lists[name].file
        yield finding_in("D006", f"no measure names the list {name}", path, folder, {"code": ""})


def d008_schedule_rows_do_not_overlap(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D008: the rows of one code in the schedule hold one after the other."""
    last: dict[str, int] = {}
    for line in sorted(book.schedule, key=lambda line: (line.code, line.start)):
        if line.start < last.get(line.code, line.start):
            message, path = (
                f"{dotted(line.code)} has two rows on {show_moment(line.start)}",
                chapter(folder, line),
            )
            yield finding_in("D008", message, path, folder, {"code": line.code, "from": line.start})
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
    declared, path = declared_headings(book), folder / "headings.csv"

    def finding(row: Heading, message: str) -> Finding:
        cell = row.heading.replace(".", "")
        return finding_in("D011", f"{row.heading}: {message}", path, folder, {"heading": cell})

    for row in read_headings(folder):
        if row.reason and row.reason not in REASONS:
            yield finding(row, f"{row.reason!r} is none of {', '.join(REASONS)}{meant(row.reason, REASONS)}")
        if row.heading in declared and row.reason:
            yield finding(row, f"declared by {declared[row.heading][0]} and listed as {row.reason}")
        elif row.heading not in declared and not row.reason:
            yield finding(row, "declared by no measure and has no reason")


def d012_ready_scenarios_hold(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D012: every ready scenario can be read, names what is in the law, and changes something."""
    from tariffcalc.scenario import Scenario

    for path in sorted((folder / "scenarios").glob("*.yaml")):
        try:
            Scenario.read(path).apply(book)
        except TariffError as error:
            place = _PLACE.match(str(error))
            line = int(place[1]) if place else first_line(path, "scenario:")
            message = _PLACE.sub("", str(error))
            yield Finding("D012", message, shown_path(path, folder), line)


def d013_limits_are_of_lines(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D013: every limit is of a line of the schedule, one of each unit on a day, and its currency is held."""
    lines = {line.code for line in book.schedule}
    currencies = {"", *book.currencies, *(rate.currency for rate in book.exchange_rates)}
    path = folder / "schedule" / "limits.csv"

    def finding(limit: LineLimit, message: str) -> Finding:
        return finding_in(
            "D013",
            f"{dotted(limit.code)} {message}",
            path,
            folder,
            {"code": limit.code, "unit": limit.unit, "from": limit.start},
        )

    last: dict[tuple[str, str], int] = {}
    for limit in sorted(book.limits, key=lambda limit: (limit.code, limit.unit, limit.start)):
        if limit.code not in lines:
            yield finding(limit, "has a limit and is no line of the schedule")
        if limit.currency not in currencies:
            yield finding(limit, f"has a limit in {limit.currency!r}, which is in no table of currencies")
        if limit.start < last.get((limit.code, limit.unit), limit.start):
            yield finding(limit, f"has two limits by {limit.unit} on {show_moment(limit.start)}")
        last[limit.code, limit.unit] = limit.end


def d014_every_amount_says_its_bounds(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D014: a fact that is a number, a share or money says what bounds it, or that nothing does (bounds:
    none)."""
    for fact in book.facts.values():
        if fact.type in ("number", "share", "money") and fact.bounds is None and not fact.is_derived:
            yield Finding(
                "D014",
                f"the {fact.type} {fact.fact} does not say its bounds: write bounds, or bounds: none",
                fact.file,
                fact.line,
            )


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
    d019_coverage_begins_with_the_law,
    d020_cases_name_what_is_there,
    d021_codes_of_measures_exist,
    d022_nothing_is_left_to_fill_in,
    d023_a_phrase_means_what_is_measured,
)
