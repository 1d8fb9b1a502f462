"""Claims at the border: what the importer asserts of a line.

A claim is asserted to get a treatment: a special program, an exclusion, a use.  A claim nobody knows refuses
the row; a special program that the line does not offer, or that the origin may not claim, is no mistake of
reading: the row is assessed without it, and a note says so.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial

import numpy as np

from tariffcalc.compiled.axes import day_classes
from tariffcalc.compiled.duties import NONE_DUE
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import NO_SHIPMENTS, Columns, FactColumn
from tariffcalc.declaration.columns import (
    Bools,
    Given,
    Ints,
    Refusal,
    Refusals,
    as_coded,
    rows_by,
    shown,
)
from tariffcalc.declaration.names import AGREEMENT, meant_for
from tariffcalc.declaration.problems import Problems, Rows
from tariffcalc.engine.patterns.conditions import claims_allowed, offered
from tariffcalc.moments import NEVER, show_moment

_MOST_NAMED = 12


def read_claims(
    law: CompiledLaw, given: Given | None, size: int, problems: Problems
) -> tuple[Ints, dict[str, FactColumn]]:
    """The special program of each line (-1: none), and the flags its claims set."""
    if given is None:
        return np.full(size, -1, np.int64), {}
    column = as_coded(given)
    spi = np.full(len(column.values), -1, np.int64)
    flags: dict[str, Ints] = {}
    refusals = Refusals()
    for place, value in enumerate(column.values):
        programs = []
        for claim in (
            filter(None, (part.strip() for part in str(value).split("|"))) if value is not None else ()
        ):
            fact = law.facts.get(claim)
            if claim in law.spis:
                programs.append(claim)
                spi[place] = law.spis.index(claim)
            elif fact is not None and fact.claim:
                flags.setdefault(claim, np.zeros(len(column.values), np.int64))[place] = 1
            else:
                refusals.add(
                    place,
                    Refusal(
                        "unknown-claim", f"{shown(claim)} is not a claim", partial(_near_claims, law, claim)
                    ),
                )
        if len(set(programs)) > 1:
            refusals.add(
                place,
                Refusal(
                    "two-special-programs", f"claims are {shown(value)}", "claim one special program per line"
                ),
            )
    refusals.refuse(column.place, problems)
    claimed = {name: column.spread(values, 0) for name, values in flags.items()}
    return column.spread(spi, -1), {
        name: FactColumn(values, None if values.all() else values == 1) for name, values in claimed.items()
    }


def with_claims(
    facts: dict[str, FactColumn], flags: dict[str, FactColumn], problems: Problems
) -> dict[str, FactColumn]:
    """Facts and the flags that claims set; a flag declared in a column of its own holds too, and is refused
    where the two contradict each other."""
    both = dict(facts)
    for name, claimed in flags.items():
        column = facts.get(name)
        if column is None:
            both[name] = claimed
            continue
        if column.declared is None:
            declared, either = np.ones(len(column.values), bool), None
        else:
            declared, either = column.declared, column.declared | (claimed.values == 1)
        message = f"{name} is among the claims, and the column {name} says no"
        denied = (claimed.values == 1) & (column.values == 0) & declared
        problems.refuse(np.flatnonzero(denied & ~problems.bad), "contradiction", message, "keep one of them")
        both[name] = FactColumn(claimed.values | column.values, either)
    return both


def _near_claims(law: CompiledLaw, claim: str) -> str:
    """What may be meant by a claim nobody knows: the special program of an agreement, a fact, a claim in
    nearly the same letters."""
    text = claim[:60].casefold()
    agreements = {name.casefold(): (name, spi) for name, spi in law.spi_names.items()}
    named = [
        agreements[each]
        for each in ([text] if text in agreements else get_close_matches(text, agreements, n=1, cutoff=0.8))
    ]
    if named:
        return f"claim {named[0][1]}, which is the special program indicator for {named[0][0]}"
    if claim in law.facts:
        return f"it is a fact: declare it as {claim}, and not among the claims"
    claims = [name for name, fact in law.facts.items() if fact.claim]
    spelt = {name.casefold(): name for name in (*law.spis, *claims)}
    near = [spelt[each] for each in get_close_matches(text, spelt, n=3, cutoff=0.6)]
    if near:
        return f"near misses: {', '.join(near)}"
    agreement = meant_for(law, AGREEMENT)
    if agreement in law.facts:
        return (
            f"a trade agreement is declared as the fact {agreement}:"
            f" {_agreement(law, law.facts[agreement], claim)}"
        )
    known = (
        f"special programs are {', '.join(law.spis)}; "
        if law.spis
        else f"known are {', '.join(claims[:_MOST_NAMED])}; "
    )
    return f"{known}tariff.facts() lists every claim"


def _agreement(law: CompiledLaw, fact: FactInfo, claim: str) -> str:
    """The choices of an agreement, or the one with an origin that the claim names."""
    origins = {claim.upper(), *law.origin_names.get(claim.casefold(), ())}
    of_origin = [
        choice for choice in fact.choices if origins & set(law.origin_names.get(choice.replace("_", " "), ()))
    ]
    return " or ".join(of_origin) or f"one of {', '.join(fact.choices)}"


def note_refused_claims(law: CompiledLaw, lines: Columns, rows: Rows, problems: Problems) -> None:
    """Note the lines whose special program does not count: their origin may not claim it that day, or their
    tariff line offers none.

    A line that is free for every origin offers no special rate because it needs none; there a claim is not
    refused.
    """
    claimed = np.flatnonzero(lines.spi >= 0)
    lines, rows = _some(lines, claimed), rows[claimed]
    found = claims_allowed(law, lines)
    if found is None:
        return
    allowed = found[law.schedule_axis]
    supply = "assessed without it; claim a program the goods qualify for, or none"
    pair = np.where(allowed, -1, lines.spi * len(law.origins) + lines.origin)
    for each, places in rows_by(pair, np.unique(pair[pair >= 0]).tolist()):
        program, origin = law.spis[each // len(law.origins)], law.origins[each % len(law.origins)]
        ended = _ended_since(law, each, int(lines.days[law.schedule_axis][places].min()))
        problems.note(
            rows[places],
            "claim-refused",
            f"goods of {origin} may not claim the special program {program} on that day{ended}",
            supply,
        )
    general = law.segments.general[lines.segment]
    free = (general >= 0) & (law.duties.kind[general] == NONE_DUE)
    missing = np.where(allowed & ~free & ~offered(law, lines), lines.spi, -1)
    without = np.flatnonzero(missing >= 0)
    missing[without[_named_by_a_rule(law, _some(lines, without))]] = -1
    for each, places in rows_by(missing, np.unique(missing[missing >= 0]).tolist()):
        message = f"the tariff line has no special rate for the special program {law.spis[each]}"
        for spi, goods, under in law.spi_under:
            here = places[goods[lines.code[places]]] if spi == each else places[:0]
            places = np.setdiff1d(places, here) if len(here) else places
            elsewhere = (
                "assessed without it; if the goods qualify, give the line of chapter 98 as the commodity"
                f" ({under}), with the claim"
            )
            problems.note(
                rows[here], "claim-refused", f"{message}; these goods claim it under {under}", elsewhere
            )
        problems.note(rows[places], "claim-refused", message, supply)


def _ended_since(law: CompiledLaw, pair: int, moment: int) -> str:
    """That a special program ended for an origin after the last day read: it may have been renewed."""
    spi, origin = divmod(pair, len(law.origins))
    before = np.flatnonzero(
        law.spi_allowed[spi, origin, : int(day_classes(law.spi_cuts, np.array([moment]))[0])]
    )
    read = law.programs[law.column_1].reviewed_through if law.column_1 >= 0 else NEVER
    if not len(before) or int(law.spi_cuts[before[-1]]) <= read:
        return ""
    return (
        f": it ends on {show_moment(int(law.spi_cuts[before[-1]]))} by a text read by {show_moment(read)}; a"
        " renewal was not seen"
    )


def _named_by_a_rule(law: CompiledLaw, lines: Columns) -> Bools:
    """Whether some measure for goods of the line's code requires the special program claimed by name, so that
    no special rate is needed."""
    named = np.zeros(len(lines), bool)
    words = law.programs[law.column_1].words if law.column_1 >= 0 else slice(0)
    for number, test in enumerate(law.tests):
        if test.operator == "claim" and test.fact in law.spis and not test.negated:
            here = np.flatnonzero(lines.spi == law.spis.index(test.fact))
            rules = (
                law.product_definite[law.product_class[lines.code[here]]][:, words]
                & law.test_masks[number, words]
            )
            named[here] |= rules.any(axis=1)
    return named


def _some(lines: Columns, places: Rows) -> Columns:
    """Some of the lines, without facts and quantities."""
    admitted, entered, loaded, exported = (days[places] for days in lines.days)
    return Columns(
        code=lines.code[places],
        segment=lines.segment[places],
        origin=lines.origin[places],
        days=(admitted, entered, loaded, exported),
        value=lines.value[places],
        spi=lines.spi[places],
        shipment=NO_SHIPMENTS,
    )
