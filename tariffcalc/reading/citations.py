"""Every place of the seeds that names acts; an act that nobody wrote down is refused, for what rests on it
would never count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from tariffcalc.codes import dotted
from tariffcalc.errors import Finding
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import read_area
from tariffcalc.reading.entries import shown_path


def unknown_acts(book: Rulebook, folder: Path) -> list[Finding]:
    """A finding for each act that is named and not in the table of acts, with its place in the folder of
    seeds."""
    found = []
    for where, acts, file, line in citations(book):
        for act in sorted(set(acts) - set(book.acts)):
            near = get_close_matches(act, book.acts, 1)
            meant = f"is {near[0]!r} meant? " if near else ""
            message = (
                f"{where}: the act {act!r} is not in the table of acts: {meant}acts are written in acts/, or"
                " under acts: in the program's own file"
            )
            place = (file, line) if line else _first_mention(folder, file, act)
            found.append(Finding("D002", message, *place))
    return found


def _first_mention(folder: Path, file: str, act: str) -> tuple[str, int]:
    """The first line that names an act in a file, or in the chapters of a folder."""
    word = re.compile(rf"(?<![\w.-]){re.escape(act)}(?![\w-])")
    places = (folder.parent / file, folder / file, *sorted((folder / file).glob("chapter-*.csv")))
    for path in filter(Path.is_file, places):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if word.search(line):
                    return shown_path(path, folder), number
    return file, 0


def citations(book: Rulebook) -> Iterator[tuple[str, Iterable[str], str, int]]:
    """Every place of the seeds that names acts: what it is, the acts, file and line."""
    yield "territory", (*book.territory.rounding_by, *book.territory.filing_order_by), "territory.yaml", 0
    for program, measure in (
        (each.program, measure) for each in book.programs.values() for measure in each.measures
    ):
        acts = [act for spell in measure.history for act in (*spell.by, *spell.ended_by, *spell.withdrawn_by)]
        yield f"{program}/{measure.id}", acts, measure.file, measure.line
    for each in book.programs.values():
        yield from (
            (f"{each.program}, base {base.text!r}", base.by, base.file, base.line) for base in each.charged_on
        )
        yield f"{each.program}, ceased", each.ceased.by if each.ceased else (), each.file, 0
        yield f"{each.program}, creditable", each.creditable.by if each.creditable else (), each.file, 0
        yield f"{each.program}, drawback", [act for entry in each.drawback for act in entry.by], each.file, 0
    used = _groups_used(book)  # several territories share the file of groups, and each has acts of its own
    for named in (*book.lists.values(), *(group for name, group in book.groups.items() if name in used)):
        yield (
            named.name,
            [act for member in named.members for act in (*member.by, *member.ended_by)],
            f"lists/{named.file}" if book.lists.get(named.name) is named else named.file,
            0,
        )
    yield "schedule", [act for row in book.schedule for act in (row.by, row.ended_by) if act], "schedule", 0
    for entry in book.stacking:
        yield f"{entry.program} to {entry.to}", (*entry.by, *entry.ended_by), entry.file, entry.line
    for fact in book.facts.values():
        said = (
            [each.by for each in fact.bounds or ()]
            + [each.by for each in fact.known_from]
            + [each.by for each in fact.readings]
        )
        acts = [*fact.by, *(act for by in said for act in by)]
        yield f"the fact {fact.fact}", acts, fact.file, fact.line
    for claim in book.preferences:
        yield claim.spi, claim.by, "spi.csv", 0
    if book.valuation:
        yield "valuation", book.valuation.citations(), "valuation.yaml", 0
    for rate in book.exchange_rates:
        yield f"the exchange rate of {rate.currency}", rate.by, "exchange-rates.csv", rate.line
    for limit in book.limits:
        yield f"the limit of {dotted(limit.code)}", (*limit.by, *limit.ended_by), "schedule/limits.csv", 0
    for row in book.renumbered:
        yield f"the number {dotted(row.old)}", row.by, "schedule/renumbered.csv", 0
    for value in book.tariff_values:
        yield f"the tariff value of {value.goods}", value.by, "tariff-values.csv", value.line


def _groups_used(book: Rulebook) -> set[str]:
    areas = [
        *(measure.origin for each in book.programs.values() for measure in each.measures),
        *(read_area(claim.origins) for claim in book.preferences),
    ]
    return {name for area in areas for name in area.names}
