"""Every place of the seeds that names acts; an act that nobody wrote down is refused, for what rests on it
would never count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from tariffcalc.codes import dotted
from tariffcalc.errors import Finding
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import read_area


def unknown_acts(book: Rulebook) -> list[Finding]:
    """A finding for each act that is named and not in the table of acts."""
    found = []
    for where, acts, file, line in citations(book):
        for act in sorted(set(acts) - set(book.acts)):
            near = get_close_matches(act, book.acts, 1)
            meant = f"is {near[0]!r} meant? " if near else ""
            message = (
                f"{where}: the act {act!r} is not in the table of acts: {meant}acts are written in acts/, or"
                " under acts: in the program's own file"
            )
            found.append(Finding("D002", message, file, line))
    return found


def citations(book: Rulebook) -> Iterator[tuple[str, Iterable[str], str, int]]:
    """Every place of the seeds that names acts: what it is, the acts, file and line."""
    yield "territory", (*book.territory.rounding_by, *book.territory.filing_order_by), "territory.yaml", 0
    for program, measure in (
        (each.program, measure) for each in book.programs.values() for measure in each.measures
    ):
        acts = [act for spell in measure.history for act in (*spell.by, *spell.ended_by, *spell.withdrawn_by)]
        yield f"{program}/{measure.id}", acts, measure.file, measure.line
    for each in book.programs.values():
        yield f"{each.program}, base", [act for base in each.charged_on for act in base.by], each.file, 0
        yield f"{each.program}, ceased", each.ceased.by if each.ceased else (), each.file, 0
        yield f"{each.program}, creditable", each.creditable.by if each.creditable else (), each.file, 0
        yield f"{each.program}, drawback", [act for entry in each.drawback for act in entry.by], each.file, 0
    used = _groups_used(book)  # several territories share the file of groups, and each has acts of its own
    for named in (*book.lists.values(), *(group for name, group in book.groups.items() if name in used)):
        yield (
            named.name,
            [act for member in named.members for act in (*member.by, *member.ended_by)],
            named.file,
            0,
        )
    yield "schedule", [act for row in book.schedule for act in (row.by, row.ended_by) if act], "schedule", 0
    for entry in book.stacking:
        yield f"{entry.program} to {entry.to}", (*entry.by, *entry.ended_by), entry.file, 0
    for fact in book.facts.values():
        said = (
            [each.by for each in fact.bounds or ()]
            + [each.by for each in fact.known_from]
            + [each.by for each in fact.readings]
        )
        yield f"the fact {fact.fact}", (*fact.by, *(act for by in said for act in by)), "facts", 0
    for claim in book.preferences:
        yield claim.spi, claim.by, "spi.csv", 0
    if book.valuation:
        yield "valuation", book.valuation.citations(), "valuation.yaml", 0
    for rate in book.exchange_rates:
        yield f"the exchange rate of {rate.currency}", rate.by, "exchange-rates.csv", 0
    for limit in book.limits:
        yield f"the limit of {dotted(limit.code)}", (*limit.by, *limit.ended_by), "schedule/limits.csv", 0
    for row in book.renumbered:
        yield f"the number {dotted(row.old)}", row.by, "schedule/renumbered.csv", 0
    for value in book.tariff_values:
        yield f"the tariff value of {value.goods}", value.by, "tariff-values.csv", 0


def _groups_used(book: Rulebook) -> set[str]:
    areas = [
        *(measure.origin for each in book.programs.values() for measure in each.measures),
        *(read_area(claim.origins) for claim in book.preferences),
    ]
    return {name for area in areas for name in area.names}
