"""The number of codes on each list on a day, against the count in the legal text; and the rules about the data."""

from __future__ import annotations

import pytest

import tariffcalc as tc
from tariffcalc.windows import parse_moment

COUNTS = [
    # Annex II of the reciprocal duty, HTSUS ch. 99 subch. III note 2(v)(iii)(a): 1,082 entries as printed in 2026 rev. 6; before it, the change
    # records:
    # 76 copper codes out (2025 rev. 17), 39 in and 8 out (rev. 22), 158 wood codes out (rev. 25), 237 agricultural codes in (rev. 29, CSMS 66814923).
    ("annex-ii", "2025-11-13", 1082),
    ("annex-ii", "2026-02-23", 1082),
    ("annex-ii", "2025-11-12", 1082 - 237),
    ("annex-ii", "2025-10-13", 1082 - 237 + 158),
    ("annex-ii", "2025-09-07", 1082 - 237 + 158 - 39 + 8),
    ("annex-ii", "2025-07-31", 1082 - 237 + 158 - 39 + 8 + 76),
    # Section 122, note 2(aa)(ii) and (iv), 2026 rev. 6.
    ("s122-exempt", "2026-03-01", 1098),
    ("s122-aircraft", "2026-03-01", 546),
    # Forced labour, note 52(b) to (e).
    ("fl301-b", "2026-08-01", 863),
    ("fl301-c", "2026-08-01", 16),
    ("fl301-d", "2026-08-01", 541),
    ("fl301-e", "2026-08-01", 700),
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
    rates = {spell.duty.text for measure in program.measures if "IN" in measure.origin.items for spell in measure.history}
    assert rates == {"26%", "25%"}


def test_every_program_was_reviewed(us: tc.Tariff) -> None:
    for program in us.programs.values():
        assert program.reviewed.through > parse_moment("2026-01-01"), program.program
        assert program.reviewed.against


def test_a_broken_rule_is_found(us: tc.Tariff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules can fail: an unknown act, an uncited spell, a list nobody uses."""
    from dataclasses import replace

    from tariffcalc.checking.rules import d001_every_spell_is_cited, d002_every_act_is_known, d006_every_list_is_used

    book = us.rulebook
    program = book.programs["us.s122"]
    measure = program.measures[0]
    uncited = measure.model_copy(update={"history": (measure.history[0].model_copy(update={"by": ()}),)})
    unknown = measure.model_copy(update={"history": (measure.history[0].model_copy(update={"by": ("NO-SUCH-ACT",)}),)})
    for broken, rule in ((uncited, d001_every_spell_is_cited), (unknown, d002_every_act_is_known)):
        changed = program.model_copy(update={"measures": (broken, *program.measures[1:])})
        amended = replace(book, programs=book.programs | {"us.s122": changed})
        assert list(rule(amended, us.folder))
        assert not list(rule(book, us.folder))
    unused = replace(book, lists=book.lists | {"nobody": book.lists["annex-ii"]._replace(name="nobody")})
    assert [finding.message for finding in d006_every_list_is_used(unused, us.folder)] == ["no measure names the list nobody"]
