"""Part of what turns the law into arrays: what a compiled law says of its territory."""

from __future__ import annotations

from typing import Any

from tariffcalc.compiler.origins import origin_names
from tariffcalc.law.rulebook import Rulebook


def territory_fields(book: Rulebook) -> dict[str, Any]:
    """The names, the currency and the days of the territory, its groups of origins, acts and renumbered
    lines."""
    territory = book.territory
    return {
        "territory": territory.territory,
        "title": territory.title,
        "schedule_name": territory.schedule_name,
        "currency": territory.currency,
        "minor_units": territory.minor_units,
        "round_to": territory.round_to,
        "held": (territory.held.on_or_after, territory.held.before),
        "statistical_lines_held_before": territory.statistical_lines_held_before,
        "known_on": book.known_on,
        "changes": book.changes,
        "changes_in_words": book.changes_in_words,
        "filing_order": territory.filing_order,
        "origin_names": origin_names(book),
        "groups": frozenset(name.casefold() for name in book.groups),
        "acts": {act.id: (act.title, act.citation, act.tag) for act in book.acts.values()},
        "renumbered": tuple((row.old, row.new, row.day) for row in book.renumbered),
    }
