"""The scenarios of a sweep by name, and the rulebook amended by each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tariffcalc.errors import ScenarioError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.scenario import Scenario
from tariffcalc.sweeps.grid import Grid

LAW = "law"  # the name of the first row


def named_scenarios(given: Any, scenario: Callable[[Any], Scenario]) -> Mapping[str, Scenario]:
    """Scenarios by name, from a mapping or a list; raises ScenarioError for none, for two of one name, and
    for what is no scenario."""
    if isinstance(given, Scenario | str) or not isinstance(given, Iterable):
        got = repr(given) if isinstance(given, str) else f"one {type(given).__name__}"
        raise ScenarioError(f"sweep takes a list of scenarios or a mapping of names to them, got {got}")
    if isinstance(given, Grid):
        return given
    if isinstance(given, Mapping):
        pairs = [(str(name), scenario(each)) for name, each in given.items()]
    else:
        read = [(each, scenario(each)) for each in given]
        pairs = [(each if isinstance(each, str) else made.title, made) for each, made in read]
    if not pairs:
        raise ScenarioError("sweep needs a scenario: give at least one")
    found: dict[str, Scenario] = {}
    for name, each in pairs:
        if name in found or name == LAW:
            what = "is the name of the first row" if name == LAW else "is the name of two scenarios"
            raise ScenarioError(f"{name!r} {what}: give a mapping with a name of its own for each")
        found[name] = each
    return found


def amended_book(scenario: Scenario, book: Rulebook) -> tuple[Rulebook, str]:
    """The rulebook amended by the changes that change anything, and a note on the others.

    A grid may meet the law itself: the rate that is in force is one of its values.
    """
    try:
        return scenario.apply(book), ""
    except ScenarioError as error:
        if not error.changes_nothing:
            raise
    kept, notes = replace(scenario, changes=()), []
    for change in scenario.changes:
        tried = replace(kept, changes=(*kept.changes, change))
        try:
            tried.apply(book)
            kept = tried
        except ScenarioError as error:
            if not error.changes_nothing:
                raise
            notes.append(str(error))
    return kept.apply(book), "; ".join(notes)
