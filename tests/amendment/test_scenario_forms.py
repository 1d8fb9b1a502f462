"""Wrong forms of a scenario are refused, each in one sentence with its place; a right form is the same from
Python, a mapping, JSON and YAML."""

from __future__ import annotations

import copy
import json
import math
import shutil
import string
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import tariffcalc as tc
from tariffcalc.amendment import VERBS
from tariffcalc.errors import ScenarioError, SeedError

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
SPELL = {
    "entered": {"on_or_after": "2025-06-01", "before": "2026-01-01"},
    "duty": "4%",
    "loaded": {"before": "2025-12-01"},
    "tag": "U",
    "note": "n",
}
MEASURE = {
    "id": "new", "title": "New", "heading": "N.01", "origin": "BB", "products": "7301",
    "requires": ["deposit_rate > 0"], "history": [SPELL],
}  # fmt: skip
CHANGES: dict[str, dict[str, Any]] = {
    "set_duty": {
        "set_duty": "land.metals/articles", "duty": "15%", "on_or_after": "2025-06-01",
        "before": "2026-01-01", "origin": "BB, CC",
    },
    "extend": {"extend": "land.reciprocal/baseline", "before": "2026-05-01"},
    "end": {"end": "land.metals", "before": "2026-01-01 00:00"},
    "add_measure": {
        "add_measure": "land.metals",
        "measure": {**MEASURE, "instead_of": ["articles", "derivatives"], "displaced_by": ["shunned-smelt"]},
    },
    "add_program": {
        "add_program": "land.new",
        "data": {
            "program": "land.new", "title": "New duty", "status": "partial",
            "charged_on": [
                {"base": "steel_value", "when": ["deposit_rate > 0"], "by": ["BOOK"]}, {"base": "value"}
            ],
            "reviewed": {"through": "2026-01-01", "against": "nothing"}, "measures": [MEASURE],
            "drawback": [{"entered": {"on_or_after": "2025-01-01"}, "eligible": "no", "by": ["BOOK"]}],
            "creditable": {"by": ["BOOK"], "tag": "S"}, "ceased": {"before": "2026-11-01", "by": ["ORDER-2"]},
        },
    },
    "add_to_list": {
        "add_to_list": "exempt", "codes": ["1001", "7202.00.00"], "on_or_after": "2025-06-01",
        "before": "2026-01-01",
    },
    "remove_from_list": {"remove_from_list": "steel", "codes": ["7202"], "on_or_after": "2025-08-01"},
    "suspend": {
        "suspend": {"program": "land.*", "origin": "CC", "chapter": "10"},
        "on_or_after": "2025-06-01", "before": "2025-09-01",
    },
    "remove": {
        "remove": {"program": ["land.reciprocal", "land.metals"], "measure": "b*", "products": "1001"}
    },
    "exempt": {"exempt": "land.metals", "products": "7201", "origin": "BB, CC", "before": "2025-09-01"},
    "delay": {"delay": {"heading": "R.0*"}, "to": "2025-06-01"},
    "raise_by": {"raise_by": "land.metals/articles", "rate": "5%", "on_or_after": "2025-06-01"},
    "scale": {"scale": {"program": "land.metals", "list": "steel", "origin": "BB"}, "factor": "50%"},
    "cap": {"cap": "land.reciprocal", "at_most": "12%", "origin": "CC"},
    "yield_to": {"yield_to": "land.tax", "to": "land.metals", "before": "2025-06-01"},
    "stack_on": {"stack_on": "land.reciprocal", "on": "land.metals", "on_or_after": "2025-06-01"},
    "floor": {"floor": "land.metals/articles", "at_least": "$9/kg", "products": "7201"},
}  # fmt: skip


@pytest.fixture(scope="module")
def land() -> tc.Tariff:
    return tc.load(LAND)


def scenario(*changes: Any) -> dict[str, Any]:
    return {"scenario": "x", "changes": list(changes)}


def test_every_verb_has_an_example_here(land: tc.Tariff) -> None:
    """A verb added to the library is tried here too; each example holds on the invented land."""
    assert CHANGES.keys() == VERBS.keys()
    for change in CHANGES.values():
        land.amend(scenario(change))


# --- one form
# ------------------------------------------------------------------------------------------------------------


def in_python(*changes: dict[str, Any]) -> tc.Scenario:
    """The scenario written with the methods."""
    made = tc.Scenario("x")
    for each in changes:
        change = copy.deepcopy(each)
        verb = next(iter(change))
        target = change.pop(verb)
        made = (
            made.add_program(change["data"])
            if verb == "add_program"
            else getattr(made, verb)(tc.where(**target) if isinstance(target, dict) else target, **change)
        )
    return made


def test_one_form_from_python_a_mapping_json_and_yaml(tmp_path: Path) -> None:
    """And what is written is read again as the same changes."""
    expected = tc.Scenario.of(scenario(*CHANGES.values()))
    assert in_python(*CHANGES.values()) == expected
    assert tc.Scenario("x", tuple(CHANGES.values())) == expected
    (tmp_path / "s.json").write_text(json.dumps(scenario(*CHANGES.values())))
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(scenario(*CHANGES.values())))
    assert tc.Scenario.read(tmp_path / "s.json") == tc.Scenario.read(tmp_path / "s.yaml") == expected
    expected.write(tmp_path / "again.yaml")
    again = tc.Scenario.read(tmp_path / "again.yaml")
    assert again == expected
    assert again.to_yaml() == expected.to_yaml()
    assert [change.written() for change in expected.changes] == list(CHANGES.values())


def test_ready_scenarios_are_written_and_read_again(us: tc.Tariff, india: tc.Tariff, tmp_path: Path) -> None:
    for tariff in (us, india):
        for path in (tariff.folder / "scenarios").glob("*.yaml"):
            ready = tc.Scenario.read(path)
            assert ready.by
            ready.write(tmp_path / path.name)
            assert tc.Scenario.read(tmp_path / path.name) == ready


def test_days_may_be_dates_and_lists_one_text() -> None:
    from datetime import date

    one = tc.Scenario("x").set_duty(
        "land.metals/articles", "5%", on_or_after=date(2025, 6, 1), origin=["BB", "CC"]
    )
    assert one == tc.Scenario("x").set_duty(
        "land.metals/articles", "5%", on_or_after="2025-06-01", origin="BB, CC"
    )
    two = tc.Scenario("x").add_to_list("exempt", "1001, 7202.00.00")
    assert two == tc.Scenario("x").add_to_list("exempt", ["1001", "72020000"])
    assert two.changes[0].codes == ("1001", "7202.00.00")


def test_frozen_means_frozen() -> None:
    """Neither a change nor anything in it can be set or added to; and what it was made of can change without
    it."""
    given = copy.deepcopy(CHANGES["add_program"])
    made = tc.Scenario("x", (given,))
    before = made.to_yaml()
    given["data"]["measures"][0]["history"][0]["duty"] = "99%"
    given["data"]["measures"].clear()
    made.changes[0].written()["data"]["measures"].clear()
    assert made.to_yaml() == before
    change = made.changes[0]
    for part in (
        change,
        change.data,
        change.data.measures[0],
        change.data.measures[0].history[0],
        change.data.measures[0].history[0].entered,
    ):
        for name in type(part).model_fields:
            with pytest.raises(ValueError, match="frozen"):
                setattr(part, name, None)
            assert not isinstance(getattr(part, name), list | dict | set)
    with pytest.raises(AttributeError):
        made.changes = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        made.changes[0] = change  # type: ignore[index]
    assert hash(change) == hash(tc.Scenario("y", (CHANGES["add_program"],)).changes[0])


def test_the_example_of_the_seeds_readme_holds(us: tc.Tariff, repository: Path, tmp_path: Path) -> None:
    """Every change of it amends the law, and every verb is shown."""
    section = (repository / "seeds" / "README.md").read_text(encoding="utf-8").partition("## A scenario")[2]
    (tmp_path / "example.yaml").write_text(section.split("```")[1].removeprefix("yaml"), encoding="utf-8")
    shown = tc.Scenario.read(tmp_path / "example.yaml")
    assert {change.verb for change in shown.changes} == VERBS.keys()
    for change in shown.changes:
        assert tc.Scenario("x", (change,)).apply(us.rulebook) != us.rulebook


def test_check_reads_the_ready_scenarios(tmp_path: Path) -> None:
    """A ready scenario that names what is not there is found with its line."""
    shutil.copytree(LAND, tmp_path / "land")
    for name in ("geography.csv", "groups.yaml"):
        shutil.copy(LAND.parent / name, tmp_path)
    (tmp_path / "land" / "scenarios").mkdir()
    (tmp_path / "land" / "scenarios" / "wrong.yaml").write_text(
        "scenario: x\nchanges:\n- end: land.metls\n  before: 2026-01-01\n"
    )
    found = [str(finding) for finding in tc.check(tmp_path / "land") if finding.code == "D012"]
    assert found == [
        "land/scenarios/wrong.yaml:3: D012 end land.metls: there is no program 'land.metls'; is 'land.metals'"
        " meant?"
    ]


# --- the mistakes that were accepted
# ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "orgin": "IN"},
            "'orgin' is no key here; is 'origin' meant?",
        ),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "on_or_aftr": "2026-03-01"},
            "'on_or_aftr' is no key here; is 'on_or_after' meant?",
        ),
        (
            {"set_duty": "us.s122/surcharge", "duty": 0.18},
            "a duty is a text, got the number 0.18: write '18%' if that is meant",
        ),
        ({"set_duty": "us.s122/surcharge", "duty": 18}, "write '18%' if that is meant"),
        ({"set_duty": "us.s122/surcharge", "duty": 0}, "write 'none' if that is meant"),
        (
            {"set_duty": "us.s122/surcharge", "duty": None},
            "'duty' is nothing (None): give a value, or leave the key out",
        ),
        ({"set_duty": "us.s122/surcharge"}, "'duty' is missing"),
        ({"set_duty": "us.s122/surcharge", "duty": "5%", "origin": None}, "'origin' is nothing (None)"),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "before": 20260301},
            "before: expected a day (YYYY-MM-DD), got the number 20260301",
        ),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "before": "2026-03-32"},
            "'2026-03-32' is not a day",
        ),
        (
            {
                "set_duty": "us.s122/surcharge",
                "duty": "5%",
                "on_or_after": "2026-03-02",
                "before": "2026-03-01",
            },
            "no day on or after 2026-03-02 and",
        ),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "origin": "Vietnam"},
            "'Vietnam' is not a two-letter code",
        ),
        ({"set_dutty": "us.s122/surcharge", "duty": "5%"}, "'set_dutty' is no verb; is 'set_duty' meant?"),
        ({"set_duty": "us.s122/surcharge", "duty": "5%", "end": "us.s122"}, "set_duty and end are 2 changes"),
        ({"extend": "us.s122", "befor": "2026-09-01"}, "is 'before' meant?"),
        ({"end": "us.s122"}, "'before' is missing"),
        (
            {"add_to_list": "annex-ii", "codes": [71081210]},
            "expected a commodity code as text, got the number 71081210",
        ),
        ({"add_to_list": "annex-ii", "codes": 7108.121}, "codes: expected a list of texts, got the number"),
        ({"add_to_list": "annex-ii", "codes": []}, "codes: expected a list of texts, got an empty list"),
        ({"add_to_list": "annex-ii", "codes": "gold"}, "'gold' is not a commodity code"),
        ({"add_measure": "us.s122", "measure": {"id": "a"}}, "measure: 'history' is missing"),
        (
            {"add_measure": "us.s122", "measure": {"id": "a", "history": []}},
            "measure.history: the list of spells is empty",
        ),
        ({"add_measure": "us.s122", "measure": [1]}, "measure: expected a mapping with the keys id"),
        (
            {"add_measure": "us.s122", "measure": {"id": "a", "history": {"duty": "5%"}}},
            "measure.history: expected a list of spells, got a mapping",
        ),
        (
            {
                "add_measure": "us.s122",
                "measure": {"id": "a", "history": [{"entered": "2026-03-01", "duty": "5%"}]},
            },
            (
                "measure.history[1].entered: expected a mapping with the keys on_or_after, before; got"
                " '2026-03-01'"
            ),
        ),
        (
            {"add_program": "us.new", "data": {"program": "us.other", "measures": []}},
            "'us.new' beside the verb and 'us.other' in the data",
        ),
        ({"add_program": "us.new", "data": {"measures": []}}, "data.measures: the list of measures is empty"),
        ({}, "the change is an empty mapping"),
        ("abc", "expected a change, a mapping with one of the verbs"),
        (None, "got nothing (None)"),
        ([{"end": "us.s122", "before": "2026-03-01"}], "got a list"),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_a_wrong_change_is_refused_before_it_meets_a_law(change: Any, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        tc.Scenario.of(scenario({"end": "us.s122", "before": "2026-03-01"}, change))
    assert str(caught.value).startswith("scenario 'x', change 2: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scenario": "x"}, "'changes' is missing"),
        ({"changes": [CHANGES["end"]]}, "'scenario' is missing"),
        ({"scenario": "x", "changes": []}, "expected a list of changes, got an empty list"),
        ({"scenario": "x", "changes": CHANGES["end"]}, "expected a list of changes, got a mapping"),
        ({"scenario": "x", "changes": None}, "'changes' is nothing (None)"),
        ({"scenario": 3, "changes": [CHANGES["end"]]}, "scenario: expected a text, got the number 3"),
        ({"scenario": "x", "chnages": [CHANGES["end"]]}, "is 'changes' meant?"),
        ({}, "'scenario' is missing"),
        (None, "a scenario is a name, a file, a mapping or a Scenario; got nothing"),
        (3, "got the number 3"),
        (["india-at-18-percent"], "got a list"),
        ("", "there is no scenario without a name"),
        ("india-at-18-percnt", "is 'india-at-18-percent' meant?; ready are india-at-18-percent"),
        ("us-framework-as-promised", "'us-framework-as-promised' is a scenario of in"),
        ("x" * 5000, "ready are india-at-18-percent; or give a file"),
        ("a\0b", "ready are india-at-18-percent; or give a file"),
        (".", "ready are india-at-18-percent; or give a file"),
    ],
    ids=lambda each: (
        None
        if isinstance(each, str) and (len(each) > 90 or "\0" in each)
        else each
        if isinstance(each, str)
        else None
    ),
)
def test_what_is_no_scenario_is_refused(us: tc.Tariff, given: Any, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        us.amend(given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "scenario: x\nchanges:\n- set_duty: us.s122/surcharge\n  duty: 15%\n  orgin: IN\n",
            "w.yaml:5: set_duty: 'orgin' is no key here",
        ),
        (
            "scenario: x\nchanges:\n- add_to_list: annex-ii\n  codes: 6109.10.00\n  on_or_aftr: 2026-01-01\n",
            "w.yaml:5: add_to_list: 'on_or_aftr'",
        ),
        (
            "scenario: x\nchanges:\n- set_duty: us.s122/surchage\n  duty: 1%\n",
            "w.yaml:3: set_duty us.s122/surchage: us.s122 has no measure",
        ),
        (
            "scenario: x\nchanges:\n- set_duty: us.s122/surcharge\n  duty: 1%\n  before:\n",
            "w.yaml:5: set_duty: before: expected a day",
        ),
        (
            (
                "scenario: x\nchanges:\n- end: us.s122\n  before: 2026-03-01\n- add_measure: us.s122\n "
                " measure:\n    id: z\n"
            ),
            "w.yaml:6: add_measure",
        ),
        (
            "scenario: x\nchanges:\n  end: us.s122\n",
            "w.yaml:2: changes: expected a list of changes, got a mapping",
        ),
        (
            "scenario: x\nchanges:\n- end: us.s122\n  end: us.s122\n",
            "w.yaml:4: S003 the key 'end' is given twice",
        ),
        (
            '{"scenario": "x", "changes": [\n{"set_duty": "us.s122/surcharge", "duty": 0.15}]}',
            "w.yaml:2: set_duty: duty: cannot read '0.15'",
        ),
        (
            "scenario: x\nby: [EO-9]\nchanges:\n- end: us.s122\n  before: 2026-03-01\n",
            "by: the act 'EO-9' is not in the table of acts",
        ),
        (
            "- a\n- b\n",
            (
                "w.yaml:1: a scenario: expected a mapping with the keys scenario, title, note, by, changes;"
                " got a list"
            ),
        ),
        ("abc", "got 'abc'"),
        ("a: [b", ": S002 not YAML"),
        ("", "w.yaml is empty"),
        ("# nothing\n", "w.yaml is empty"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(
    us: tc.Tariff, tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(text)
    with pytest.raises((ScenarioError, SeedError)) as caught:
        us.amend(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(us: tc.Tariff, tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"w\.yaml is not text"):
        us.amend(tmp_path / "w.yaml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        tc.Scenario.read(tmp_path / "none.yaml")
    with pytest.raises(ScenarioError, match="is not a file"):
        tc.Scenario.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"set_duty": "us.s122/surcharge", "duty": "5%", "origin": "VX"}, "'VX' is not an origin"),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "origin": "area eurozone"},
            "there is no area 'eurozone'",
        ),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "products": "6199"},
            "6199 covers no tariff line of the schedules held; under 61 there are",
        ),
        ({"set_duty": "us.s122/surcharge", "duty": "5%", "products": "list annex-2"}, "is 'annex-ii' meant?"),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5% of fact steel_valu"},
            "there is no fact 'steel_valu' to charge on; is 'steel_value' meant?",
        ),
        (
            {"set_duty": "us.s122/surcharge", "duty": "5%", "before": "2024-01-01"},
            "no law is held before 2024-01-01: it changes nothing",
        ),
        (
            {"set_duty": "us.mpf", "duty": "5% + $1/kg"},
            "us.mpf is a fee of the whole shipment: its duty is a percentage of the value",
        ),
        (
            {"add_to_list": "annex-ii", "codes": "6109.10.99", "on_or_after": "2026-01-01"},
            "6109.10.99 covers no tariff line",
        ),
        (
            {"add_to_list": "annex-ii", "codes": "7108.12.10", "on_or_after": "2026-01-01"},
            "changes nothing: it is there",
        ),
        (
            {"remove_from_list": "annex-ii", "codes": "7108.12.10, 6109", "on_or_after": "2026-01-01"},
            "removing 6109 from the list annex-ii changes",
        ),
        (
            {"remove_from_list": "annex-ii", "codes": "7108.12.10.13", "on_or_after": "2026-01-01"},
            "as part of 7108.12.10: remove 7108.12.10",
        ),
        (
            {"add_measure": "us.s122", "measure": {"id": "surcharge", "history": [SPELL]}},
            "already has a measure 'surcharge'",
        ),
        (
            {"add_measure": "us.s122", "measure": {"id": "a", "instead_of": "surchage", "history": [SPELL]}},
            "no measure or group 'surchage'; is",
        ),
        (
            {
                "add_measure": "us.s122",
                "measure": {"id": "a", "displaced_by": "exemption", "history": [SPELL]},
            },
            "no measure or group 'exemption'",
        ),
        (
            {"add_measure": "us.s122", "measure": {"id": "a", "requires": "donatoin", "history": [SPELL]}},
            "nor a claim; is 'donation' meant?",
        ),
        (
            {"add_measure": "us.s122", "measure": {"id": "a", "history": [{**SPELL, "by": "EO-1"}]}},
            "the act 'EO-1' is not in the table of acts",
        ),
        (
            {
                "add_measure": "us.s122",
                "measure": {"id": "a", "history": [{**SPELL, "entered": {"before": "2020-01-01"}}]},
            },
            "no law is held before",
        ),
        ({"add_program": "us.s122", "data": {"measures": [MEASURE]}}, "there already is a program 'us.s122'"),
        (
            {"add_program": "us.new", "data": {"measures": [{**MEASURE, "displaced_by": "x"}]}},
            "displaced_by is for measures of a program in force",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_a_change_that_names_what_is_not_there_is_refused(
    us: tc.Tariff, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        us.amend(scenario(change))
    assert str(caught.value).startswith(f"scenario 'x', change 1: {next(iter(change))} ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_code_as_a_text_is_that_code(us: tc.Tariff) -> None:
    """Nuts, not on annex II: 10 kg of shelled almonds; footwear of Viet Nam keeps its 2,850: 8.5% + 20% of
    10,000."""
    listed = us.amend(
        scenario({"add_to_list": "annex-ii", "codes": "6109.10.00", "on_or_after": "2026-01-01"})
    )
    shoes = tc.Shipment(
        entered="2026-02-10", lines=[tc.Line(commodity="6403.99.60.75", origin="VN", value="10000")]
    )
    shirts = tc.Shipment(
        entered="2026-02-10", lines=[tc.Line(commodity="6109.10.00.12", origin="VN", value="10000")]
    )
    assert us.estimate(shoes).duty == listed.estimate(shoes).duty == Decimal("2850.00")
    assert (us.estimate(shirts).duty, listed.estimate(shirts).duty) == (
        Decimal("3650.00"),
        Decimal("1650.00"),
    )


# --- any mistake
# ------------------------------------------------------------------------------------------------------------

WRONG = st.sampled_from(
    [
        None,
        3,
        -1,
        0.18,
        True,
        math.nan,
        10**30,
        [],
        {},
        "",
        " ",
        "zzz",
        "5%",
        "7301",
        "BB",
        "2025-06-01",
        ["zzz"],
        [None],
        {"z": 1},
        [[]],
        b"x",
        1j,
    ]
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a change."""
    yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(each, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def refused_in_one_line(land: tc.Tariff, given: Any) -> str | None:
    """The message of a refusal, None where the scenario was taken; any other error is a failure."""
    try:
        land.amend(given)
    except (ScenarioError, SeedError) as error:
        assert "\n" not in str(error)
        assert len(str(error)) > 15
        return str(error)
    return None


@settings(max_examples=400)
@given(verb=st.sampled_from(sorted(CHANGES)), data=st.data())
def test_a_wrong_value_anywhere_is_refused_in_one_line(
    land: tc.Tariff, verb: str, data: st.DataObject
) -> None:
    """Or it is a right one by chance; never another error than those of the library."""
    change = copy.deepcopy(CHANGES[verb])
    path = data.draw(st.sampled_from([each for each in paths(change) if each]))
    wrong = data.draw(WRONG)
    at(change, path[:-1])[path[-1]] = wrong
    said = refused_in_one_line(land, scenario(change))
    if wrong is None or isinstance(wrong, int | float | complex | bytes):
        assert said is not None


@settings(max_examples=300)
@given(verb=st.sampled_from(sorted(CHANGES)), data=st.data())
def test_a_misspelt_key_anywhere_is_refused_by_name(land: tc.Tariff, verb: str, data: st.DataObject) -> None:
    """A letter left out, doubled or changed in any key of any change."""
    change = copy.deepcopy(CHANGES[verb])
    path = data.draw(st.sampled_from([each for each in paths(change) if each and isinstance(each[-1], str)]))
    key = path[-1]
    place = data.draw(st.integers(0, len(key) - 1))
    letter = data.draw(st.sampled_from(["", key[place] * 2, *string.ascii_lowercase]))
    misspelt = key[:place] + letter + key[place + 1 :]
    holder = at(change, path[:-1])
    if misspelt in holder or not misspelt:
        return
    holder[misspelt] = holder.pop(key)
    said = refused_in_one_line(land, scenario(change))
    assert said is not None
    assert repr(misspelt) in said or repr(key) in said


@settings(max_examples=200)
@given(verb=st.sampled_from(sorted(CHANGES)), data=st.data())
def test_a_wrong_file_is_refused_with_file_and_line(
    land: tc.Tariff, tmp_path_factory: pytest.TempPathFactory, verb: str, data: st.DataObject
) -> None:
    """A file with a character taken out or put in: it is taken, or refused in one line that begins with the
    file."""
    text = yaml.safe_dump(scenario(CHANGES[verb]), sort_keys=False)
    place = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(
        st.sampled_from(
            [
                "",
                ":",
                "-",
                " ",
                "\n",
                "\t",
                "{",
                "[",
                "'",
                '"',
                "#",
                "&",
                "*",
                "|",
                "!",
                "x",
                "0",
                "\x00",
                "é",
            ]
        )
    )
    path = tmp_path_factory.mktemp("wrong") / "wrong.yaml"
    path.write_text(text[:place] + put + text[place + 1 :], encoding="utf-8")
    said = refused_in_one_line(land, path)
    assert said is None or said.startswith(("wrong.yaml", "the law as amended by", "scenario ")), said


@settings(max_examples=150)
@given(
    given=st.recursive(
        WRONG,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["scenario", "changes", "x"]), inner)
        ),
    )
)
def test_anything_at_all_is_a_scenario_or_refused(land: tc.Tariff, given: Any) -> None:
    assert refused_in_one_line(land, given) is not None
    assert refused_in_one_line(land, {"scenario": "x", "changes": given}) is not None
