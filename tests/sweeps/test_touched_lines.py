"""A scenario changes no line outside of those that a sweep computes again; and a sweep says what whole
estimates say.

Scenarios of every verb are drawn from the law itself (``drawn_changes``), over the bundled laws and the
invented land.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from drawn_changes import DrawnChanges
from fact_patterns import FactPatterns, as_frame

import tariffcalc as tc
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration import declare
from tariffcalc.declaration.frames import declared_columns
from tariffcalc.declaration.problems import Problems
from tariffcalc.sweeps.changed_rules import READ_WITH, Law, reads_alike
from tariffcalc.sweeps.touched import touched_lines

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
VERBS = (
    "set_duty", "set_duty narrowed", "set_duty of a program", "extend", "end", "add_measure", "add_program",
    "add_to_list", "remove_from_list",
)  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore")


def said(estimate: tc.Estimate[Any]) -> dict[str, np.ndarray[Any, Any]]:
    """By program the amount of each line that could be read, -1 where it is unknown; and the duty."""
    ledger = estimate.parts[0]
    found = {"duty": np.where(ledger.unknown_duty, -1, ledger.duty)}
    for number, program in enumerate(estimate.law.programs):
        if ledger.has_postings(number):
            unknown = ledger.unknown(number)
            amount = ledger.amount(number)
            found[program.name] = amount if unknown is None else np.where(unknown, -1, amount)
    return found


def check(tariff: tc.Tariff, seed: int, size: int, times: int) -> list[float]:
    """The share of lines that each scenario may touch."""
    patterns, chance = FactPatterns(tariff.rulebook, seed=seed), Random(seed)
    draws = DrawnChanges(patterns, chance)
    frame = as_frame(list(patterns.lines(size)))
    frame["shipment"] = [row // 2 for row in range(len(frame))]
    before = tariff.estimate(frame, fees=False)
    nothing = np.zeros(len(before.parts[1].rows), np.int64)
    old, shares = said(before), []
    for turn in range(times):
        drawn = draws.draw(VERBS[turn % len(VERBS)], chance.choice(draws.programs))
        scenario = drawn and tc.Scenario.of({"scenario": "drawn", "changes": [drawn.change]})
        try:
            amended = tariff.amend(scenario) if scenario else None
        except tc.ScenarioError:
            continue
        if amended is None or scenario is None:
            continue
        after = amended.estimate(frame, fees=False)
        laws = Law(tariff.law, tariff.rulebook), Law(amended.law, amended.rulebook)
        if reads_alike(tariff.law, amended.law):
            some = touched_lines(*laws, before.parts[1].columns)
            outside = np.ones(len(nothing), bool)
            outside[slice(None) if some is None else some] = False
            new = said(after)
            for name in {**old, **new}:
                differs = outside & (old.get(name, nothing) != new.get(name, nothing))
                assert not differs.any(), (drawn.change, name, frame.iloc[np.flatnonzero(differs)[0]])
            shares.append(1 - outside.mean())
        both = tc.compare(before, after, may_differ=("claims", "facts"))
        row = tariff.sweep(frame, [scenario]).iloc[1]
        assert row["duty"] == float(after.known_duty), drawn.change
        assert row["value"] == float(after.known_value)
        assert row["change"] == float(both.change)
        assert (row["touched_lines"], row["unknown_lines"]) == (both.touched_lines, after.unknown_lines)
    return shares


@pytest.mark.parametrize(("law", "size", "times"), [("us", 300, 9), ("in", 300, 6), (LAND, 200, 90)])
def test_lines_that_are_not_touched_stay(law: str | Path, size: int, times: int) -> None:
    with warnings.catch_warnings():
        shares = check(tc.load(law), 5, size, times)
    assert len(shares) >= times / 3
    assert np.mean(shares) < 0.6


@pytest.mark.nightly
@pytest.mark.parametrize(("law", "times"), [("us", 90), ("in", 90), (LAND, 1500)])
def test_lines_that_are_not_touched_stay_many_times(law: str | Path, times: int) -> None:
    """The same, on many more."""
    check(tc.load(law), 6, 1500, times)


class Watched(CompiledLaw):
    """A law that notes which of its fields are asked for."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            object.__getattribute__(self, "__dict__").setdefault("_asked", set()).add(name)
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("law", ["us", "in", LAND])
def test_lines_are_read_with_the_fields_that_are_compared(law: str | Path) -> None:
    """What reading asks of a law besides is what notes say, and what follows from those fields."""
    tariff = tc.load(law)
    watched = object.__new__(Watched)
    vars(watched).update(vars(tariff.law))
    frame = as_frame(list(FactPatterns(tariff.rulebook, seed=3).lines(400)))
    declared, size, _ = declared_columns(frame, watched)
    declare(watched, declared, size, Problems(size), True)
    follows = {"memo", "regimes", "known_facts", "bounded_facts", "facts_of_codes", "groups", "general_rate"}
    of_notes = {"programs", "tests", "test_masks", "product_definite", "product_class", "duties", "acts"}
    assert sorted(vars(watched)["_asked"] - set(READ_WITH) - follows - of_notes) == []
