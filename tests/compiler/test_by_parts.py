"""An amended law is compiled from the law before it, and says to the last number what it would say if all of
it were compiled from the seeds."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from drawn_changes import DrawnChanges
from fact_patterns import FactPatterns

import tariffcalc as tc
from tariffcalc.compiler import rulebook as compiler
from tariffcalc.compiler.program_part import ProgramPart
from tariffcalc.compiler.rulebook import compile_rulebook
from tariffcalc.errors import SeedError
from tariffcalc.law.selection import Member
from tariffcalc.scenario import Scenario
from tariffcalc.stored.frozen import NOT_STORED

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
VERBS = (
    "set_duty", "set_duty narrowed", "set_duty of a program", "extend", "end", "add_measure", "add_program",
    "add_to_list", "remove_from_list",
)  # fmt: skip


def same(made: Any, whole: Any) -> bool:
    """Whether two values say the same, and are of the same kinds; mappings in the same order."""
    if isinstance(whole, np.ndarray):
        return made.dtype == whole.dtype and np.array_equal(made, whole)
    if isinstance(whole, dict):
        return list(made) == list(whole) and all(same(made[name], whole[name]) for name in whole)
    if isinstance(whole, tuple) and any(
        isinstance(each, (tuple, np.ndarray)) or is_dataclass(each) for each in whole
    ):
        return len(made) == len(whole) and all(map(same, made, whole))
    if is_dataclass(whole):
        return not differing(made, whole)
    return bool(made == whole)


def differing(made: Any, whole: Any) -> list[str]:
    """The fields in which two objects differ."""
    names = [each.name for each in fields(whole) if each.metadata != NOT_STORED]
    return [name for name in names if not same(getattr(made, name), getattr(whole, name))]


def try_changes(tariff: tc.Tariff, times: int, seed: int) -> int:
    """Amend a law many times over, now and then the amended law again; how often it was amended."""
    drawing, chance, tried = (
        DrawnChanges(FactPatterns(tariff.rulebook, seed=seed), Random(seed)),
        Random(seed),
        0,
    )
    law, book = tariff.law, tariff.rulebook
    for turn in range(times):
        drawn = drawing.draw(VERBS[turn % len(VERBS)], chance.choice(drawing.programs))
        if drawn is None:
            continue
        try:
            amended = Scenario.of({"scenario": f"change {turn}", "changes": [drawn.change]}).apply(book)
            whole = compile_rulebook(amended)
        except (tc.ScenarioError, SeedError):
            continue
        made = compile_rulebook(amended, (law, book))
        assert not differing(made, whole), drawn.change
        tried += 1
        if turn % 3 == 2:
            law, book = made, amended
    return tried


@pytest.mark.parametrize(
    ("territory", "times"), [("us", 4), ("in", 3), (LAND, 100)], ids=["us", "in", "land"]
)
def test_by_parts_or_as_a_whole(territory: str | Path, times: int) -> None:
    """Changes of every verb, one after another."""
    assert try_changes(tc.load(territory), times, seed=11) > times // 2


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("territory", "times"), [("us", 150), ("in", 150), (LAND, 2000)], ids=["us", "in", "land"]
)
def test_by_parts_or_as_a_whole_many_times(territory: str | Path, times: int) -> None:
    """The same, on many more."""
    assert try_changes(tc.load(territory), times, seed=12) > times // 2


def test_a_program_that_stays_is_not_compiled(us: tc.Tariff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the program that a scenario changes is compiled again."""
    compiled = []

    class Watched(ProgramPart):
        @classmethod
        def of(cls, program, *rest):  # type: ignore[no-untyped-def]
            compiled.append(program.program)
            return ProgramPart.of(program, *rest)

    monkeypatch.setattr(compiler, "ProgramPart", Watched)
    us.amend(
        {
            "scenario": "reciprocal duty of India at 19%",
            "changes": [{"set_duty": "us.ieepa.reciprocal/india-april", "duty": "19%"}],
        }
    )
    assert compiled == ["us.ieepa.reciprocal"]


def test_what_stays_is_held_once(us: tc.Tariff) -> None:
    """A change of a rate alone takes over the arrays of goods, origins and the schedule."""
    law = us.amend(
        {
            "scenario": "at 18.5%",
            "changes": [{"set_duty": "us.ieepa.reciprocal/india-april", "duty": "18.5%"}],
        }
    ).law
    for name in (
        "segments",
        "product_class",
        "origin_class",
        "code_index",
        "limits",
        "valuation",
        "facts",
        "spi_allowed",
    ):
        assert getattr(law, name) is getattr(us.law, name), name


def test_a_code_that_only_lists_name_comes_and_goes(us: tc.Tariff) -> None:
    """The axis holds the ten-digit codes that only lists name: an amended law has those of its lists, and the
    law that amends it those of its own."""
    law, book = us.law, us.rulebook.settled()
    named, unheld = book.lists["annex-ii"], "6109100098"
    assert unheld not in law.code_index and unheld[:8] in law.code_index
    longer = named._replace(members=(*named.members, Member(unheld)))
    for each in (
        longer,
        named._replace(members=named.members[1:]),
        longer,
        longer._replace(members=longer.members[1:]),
        named,
    ):
        amended = replace(book, lists=book.lists | {named.name: each})
        made = compile_rulebook(amended, (law, book))
        assert not differing(made, compile_rulebook(amended))
        assert (unheld in made.code_index) == (Member(unheld) in each.members)
        law, book = made, amended
