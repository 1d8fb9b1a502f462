"""The amended law differs from the law only on the goods, origins and days that its changes name; and there
it differs.

Changes of every verb are drawn from the law itself (``drawn_changes``), over the bundled laws and the
invented land.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from drawn_changes import Drawn, DrawnChanges
from fact_patterns import REFUSED, FactPatterns, engine_says
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from oracle import Declared

import tariffcalc as tc
from tariffcalc.errors import ScenarioError

VERBS = (
    "set_duty", "set_duty narrowed", "set_duty of a program", "extend", "end", "add_measure", "add_program",
    "add_to_list", "remove_from_list",
)  # fmt: skip
WORKING = ("suspend", "remove", "exempt", "delay", "raise_by", "scale", "cap", "floor", "scale where")
WIDENING = ("add_to_list", "extend")
LINES, AIMED = 60, 14
LAND = Path(__file__).parents[1] / "law_fixture" / "land"
SEEDS = st.integers(0, 2**31)


class Drawing:
    """Scenarios of one law and what came of them: how many changes of each verb were tried, and how many were
    seen on some line."""

    def __init__(self, tariff: tc.Tariff, verbs: tuple[str, ...]) -> None:
        self.verbs = verbs
        self.tariff, self.patterns = tariff, FactPatterns(tariff.rulebook, seed=7)
        excepted = {
            code
            for program in self.patterns.book.programs.values()
            for each in program.measures
            for code in each.origin.except_items
        }
        self.origins = sorted(excepted | set(self.patterns.origins))
        self.tried: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()

    def changes(self, chance: Random) -> list[tuple[str, Drawn]]:
        """One change of each verb, each of a program of its own as far as there are so many."""
        draws = DrawnChanges(self.patterns, chance)
        programs = chance.sample(draws.programs, len(draws.programs))
        found: list[tuple[str, Drawn]] = []
        for verb in chance.sample(self.verbs, len(self.verbs)):
            for program in programs:
                drawn = draws.draw(verb, program)
                if drawn is not None and self._holds([*(each.change for _, each in found), drawn.change]):
                    found.append((verb, drawn))
                    programs.remove(program)
                    break
        return found

    def _holds(self, changes: list[dict[str, Any]]) -> bool:
        try:
            tc.Scenario.of({"scenario": "drawn", "changes": changes}).apply(self.tariff.rulebook)
        except ScenarioError:
            return False
        return True

    def lines(self, changes: list[tuple[str, Drawn]]) -> list[Declared]:
        """Lines of every kind; lines that a change is about; and lines beside them: of its program, and with
        another origin or code."""
        chance, patterns = self.patterns.random, self.patterns
        found = list(patterns.lines(LINES))
        for _, each in changes:
            program = self.tariff.programs.get(each.program)
            around = [
                (measure, spell)
                for measure, spell in patterns.aims
                if program and measure in patterns.book.programs[each.program].measures
            ]
            aimed = [patterns._aimed(*chance.choice(each.aims)) for _ in range(AIMED) if each.aims]
            found += aimed
            found += [patterns._aimed(*chance.choice(around)) for _ in range(AIMED) if around]
            found += [replace(line, origin=chance.choice(self.origins), claims=()) for line in aimed]
            near = [[code for code in patterns.codes if code[:2] == line.commodity[:2]] for line in aimed]
            found += [
                replace(line, commodity=chance.choice(codes), quantity={})
                for line, codes in zip(aimed, near, strict=True)
                if codes
            ]
        return found

    def _amended(self, changes: list[tuple[str, Drawn]]) -> tuple[list[tuple[str, Drawn]], tc.Tariff]:
        """The law with some changes, without those that make measures meet that nobody put in order: codes
        put on a list, and later days.

        Such a law is refused; no change of another verb may be the cause.
        """
        for verb in (*WIDENING, None):
            try:
                return changes, self.tariff.amend(
                    {"scenario": "drawn", "changes": [each.change for _, each in changes]}
                )
            except ScenarioError as error:
                assert "can meet on one line" in str(error) and verb, error
                changes = [each for each in changes if each[0] != verb]
        raise AssertionError

    def check(self, seed: int) -> None:
        """Draw a scenario and compare the amended law with the law, line by line."""
        changes, amended = self._amended(self.changes(Random(seed)))
        lines = self.lines(changes)
        before, after = engine_says(self.tariff, lines), engine_says(amended, lines)
        touched: set[str] = set()
        for line, old, new in zip(lines, before, after, strict=True):
            naming = [(verb, each.program) for verb, each in changes if each.names(line)]
            if not naming:
                assert new == old, f"{[each.change for _, each in changes]} names nothing of {line}"
            elif old is not REFUSED:
                touched.update(verb for verb, program in naming if new.get(program) != old.get(program))
        self.tried.update(verb for verb, _ in changes)
        self.seen.update(touched)


def drawn_many_times(tariff: tc.Tariff, times: int, verbs: tuple[str, ...] = VERBS) -> Drawing:
    drawing = Drawing(tariff, verbs)

    @settings(max_examples=times, phases=[Phase.generate], database=None)
    @given(SEEDS)
    def check(seed: int) -> None:
        drawing.check(seed)

    check()
    return drawing


@pytest.mark.parametrize("verbs", [VERBS, WORKING], ids=["made anew", "worked out"])
@pytest.mark.parametrize(("law", "times"), [("us", 3), (LAND, 30)], ids=["us", "land"])
def test_the_amended_law_differs_only_where_its_changes_say(
    law: str | Path, times: int, verbs: tuple[str, ...]
) -> None:
    """Outside of what the changes name, every posting is the same; inside, every verb is seen to change some
    line, and most changes are."""
    drawing = drawn_many_times(tc.load(law), times, verbs)
    assert drawing.tried.keys() >= set(verbs)
    assert drawing.seen.keys() >= set(verbs), drawing.seen
    assert drawing.seen.total() > 0.4 * drawing.tried.total(), (drawing.seen, drawing.tried)


@pytest.mark.nightly
@pytest.mark.parametrize("verbs", [VERBS, WORKING], ids=["made anew", "worked out"])
@pytest.mark.parametrize(("law", "times"), [("us", 100), ("in", 100), (LAND, 1000)], ids=["us", "in", "land"])
def test_the_amended_law_differs_only_where_its_changes_say_many_times(
    law: str | Path, times: int, verbs: tuple[str, ...]
) -> None:
    """The same, on many more scenarios."""
    drawn_many_times(tc.load(law), times, verbs)
