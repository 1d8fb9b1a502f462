"""The number of codes on each list on a day, against the count in the legal text; and the rules about the
data."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.moments import parse_moment

# One row per list and day: the count in the legal text, or that of a dated text with the changes its
# amendments name.
COUNTS = [
    pytest.param(row["list"], row["day"], int(row["count"]), id=f"{row['list']}:{row['day']}")
    for path in sorted((Path(__file__).parent / "counts").glob("*.csv"))
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize(("name", "day", "count"), COUNTS)
def test_count_of_codes(us: tc.Tariff, name: str, day: str, count: int) -> None:
    moment = parse_moment(day)
    members = us.rulebook.lists[name].members
    assert sum(member.start <= moment < member.end for member in members) == count


def test_electronics_reach_back_only_once_known() -> None:
    """The memorandum of 2025-04-11 put nine entries on Annex II back to April 5; on April 10 nobody knew."""
    moment = parse_moment("2025-04-06")

    def on_the_list(known_on: str | None) -> int:
        members = tc.load("us", known_on=known_on).rulebook.lists["annex-ii"].members
        return sum(member.start <= moment < member.end for member in members)

    assert on_the_list(None) - on_the_list("2025-04-10") == 9


def test_no_findings() -> None:
    assert tc.check("us") == []


def test_announcements_are_not_computed(us: tc.Tariff) -> None:
    """The 18% announced for India is held as an announcement and as a scenario, and in no spell."""
    program = us.programs["us.ieepa.reciprocal"]
    assert [entry["duty"] for entry in program.announced_only if entry["origin"] == "IN"] == ["18%"]
    rates = {
        spell.duty.text
        for measure in program.measures
        if "IN" in measure.origin.items
        for spell in measure.history
    }
    assert rates == {"26%", "25%"}


def test_every_program_was_reviewed(us: tc.Tariff) -> None:
    for program in us.programs.values():
        assert program.reviewed.through > parse_moment("2026-01-01"), program.program
        assert program.reviewed.against


def test_a_broken_rule_is_found(us: tc.Tariff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules can fail: an unknown act, an uncited spell, a list nobody uses."""
    from dataclasses import replace

    from tariffcalc.checking.rules import (
        d001_every_spell_is_cited,
        d002_every_act_is_known,
        d006_every_list_is_used,
    )

    book = us.rulebook
    program = book.programs["us.s122"]
    measure = program.measures[0]
    uncited = measure.model_copy(update={"history": (measure.history[0].model_copy(update={"by": ()}),)})
    unknown = measure.model_copy(
        update={"history": (measure.history[0].model_copy(update={"by": ("NO-SUCH-ACT",)}),)}
    )
    for broken, rule in ((uncited, d001_every_spell_is_cited), (unknown, d002_every_act_is_known)):
        changed = program.model_copy(update={"measures": (broken, *program.measures[1:])})
        amended = replace(book, programs=book.programs | {"us.s122": changed})
        assert list(rule(amended, us.folder))
        assert not list(rule(book, us.folder))
    unused = replace(book, lists=book.lists | {"nobody": book.lists["annex-ii"]._replace(name="nobody")})
    assert [finding.message for finding in d006_every_list_is_used(unused, us.folder)] == [
        "no measure names the list nobody"
    ]
