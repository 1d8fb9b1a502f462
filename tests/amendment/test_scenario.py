"""What-ifs: they change what they name, on the days they name, and never do nothing in silence."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.errors import ScenarioError

INDIA = "us.ieepa.reciprocal/india-august"


def shirts(entered: str, origin: str = "IN") -> tc.Shipment:
    """T-shirts worth 10,000; column 1 is 16.5%."""
    return tc.Shipment(
        entered=entered, lines=(tc.Line(commodity="6109.10.00.12", origin=origin, value="10000"),)
    )


@pytest.mark.parametrize(
    ("entered", "duty"),
    [
        ("2026-02-06", "6650.00"),  # 1,650 + 2,500 + 2,500: the day before the scenario begins
        ("2026-02-07", "3450.00"),  # 1,650 + 1,800
        ("2026-02-23", "3450.00"),
        ("2026-02-24", "2650.00"),  # the reciprocal duty is gone, section 122 takes its place: 1,650 + 1,000
    ],
)
def test_india_at_18(us: tc.Tariff, entered: str, duty: str) -> None:
    assert us.amend("india-at-18-percent").estimate(shirts(entered)).duty == Decimal(duty)


def test_the_law_stays_as_it_is(us: tc.Tariff) -> None:
    us.amend("india-at-18-percent")
    assert us.estimate(shirts("2026-02-10")).duty == Decimal("4150.00")


def test_verbs(us: tc.Tariff) -> None:
    ended = tc.Scenario("end").end(INDIA, before="2026-01-01")
    # the 10% baseline is left: 1,650 + 1,000
    assert us.amend(ended).estimate(shirts("2026-02-10")).duty == Decimal("2650.00")
    extended = tc.Scenario("on").extend(INDIA, before="2026-03-10")
    # 1,650 + 2,500 + section 122 1,000
    assert us.amend(extended).estimate(shirts("2026-03-01")).duty == Decimal("5150.00")
    listed = tc.Scenario("list").add_to_list("annex-ii", ["6109.10.00"], on_or_after="2026-01-01")
    assert us.amend(listed).estimate(shirts("2026-02-10")).duty == Decimal("1650.00")
    measure = {"id": "levy", "history": [{"entered": {"on_or_after": "2026-01-01"}, "duty": "1%"}]}
    added = tc.Scenario("more").add_program({"program": "us.levy", "measures": [measure]})
    assert us.amend(added).estimate(shirts("2026-02-10")).duty == Decimal("4250.00")
    both = us.amend(tc.Scenario("s").set_duty(INDIA, "18%", on_or_after="2026-02-07"), added).estimate(
        shirts("2026-02-10")
    )
    assert both.duty == Decimal("3550.00")
    special = {"id": "shirts", "origin": "IN", "products": "6109", "instead_of": ["india-august"]}
    special["history"] = [{"entered": {"on_or_after": "2026-02-01", "before": "2026-02-24"}, "duty": "5%"}]
    with pytest.raises(tc.TariffError, match="can meet"):  # nobody said how it stands to the exemptions
        us.amend(tc.Scenario("unordered").add_measure("us.ieepa.reciprocal", special))
    surcharge = {
        "id": "extra",
        "requires": ["donation"],
        "history": [{"entered": {"on_or_after": "2026-08-01"}, "duty": "15%"}],
    }
    assert us.amend(tc.Scenario("new").add_measure("us.s122", surcharge)).estimate(
        shirts("2026-02-10")
    ).duty == Decimal("4150.00")


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (tc.Scenario("x").set_duty("us.ieepa.reciprocal/india-agust", "18%"), "india-august"),
        (tc.Scenario("x").set_duty("us.ieepa.reciprocl/india-august", "18%"), "us.ieepa.reciprocal"),
        (tc.Scenario("x").set_duty(INDIA, "18%", on_or_after="2026-03-01"), "changes nothing"),
        (tc.Scenario("x").set_duty(INDIA, "25%"), "changes nothing"),
        (tc.Scenario("x").end(INDIA, before="2026-03-01"), "changes nothing"),
        (tc.Scenario("x").extend(INDIA, before="2026-01-01"), "changes nothing"),
        (tc.Scenario("x").add_to_list("annex-2", ["6109"]), "annex-ii"),
        (
            tc.Scenario("x").remove_from_list("annex-ii", ["6109"], on_or_after="2026-01-01"),
            "changes nothing",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_never_nothing_in_silence(us: tc.Tariff, scenario: tc.Scenario, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        us.amend(scenario)


def test_a_duty_that_cannot_be_read_is_refused_where_it_is_written() -> None:
    with pytest.raises(ScenarioError, match=r"scenario 'x', change 1: set_duty: duty: .*18 percents"):
        tc.Scenario("x").set_duty(INDIA, "18 percents")


def test_unknown_name(us: tc.Tariff) -> None:
    with pytest.raises(ScenarioError, match="india-at-18-percent"):
        us.amend("india-at-eighteen")


def test_written_and_read(us: tc.Tariff, tmp_path: Path) -> None:
    scenario = (
        tc.Scenario("India at 18%")
        .set_duty(INDIA, "18%", on_or_after="2026-02-07")
        .end("us.s122/surcharge", before="2026-03-01")
    )
    scenario.write(tmp_path / "s.yaml")
    again = tc.Scenario.read(tmp_path / "s.yaml")
    assert [dict(change) for change in again.changes] == [dict(change) for change in scenario.changes]
    for entered in ("2026-02-10", "2026-03-02"):
        assert (
            us.amend(again).estimate(shirts(entered)).duty
            == us.amend(scenario).estimate(shirts(entered)).duty
        )


def test_compare_says_when_nothing_changes(us: tc.Tariff) -> None:
    alt = us.amend("india-at-18-percent")
    same = tc.compare(us.estimate(shirts("2026-02-10", "VN")), alt.estimate(shirts("2026-02-10", "VN")))
    assert same.touched_lines == 0
    # the fees want a mode of transport
    assert (
        same.summary()
        == "Nothing that is known changes on the 1 lines; 1 of them are unknown in whole or in part."
    )
    table = pd.DataFrame(
        {
            "commodity": ["6109.10.00.12", "6109.10.99"],
            "origin": "VN",
            "entered": "2026-02-10",
            "value": 10_000,
        }
    )
    unread = tc.compare(us.estimate(table, fees=False), alt.estimate(table, fees=False))
    assert (
        unread.summary()
        == "Nothing that is known changes on the 2 lines; 1 of them are unknown in whole or in part."
    )
    read = tc.compare(us.estimate(table[:1], fees=False), alt.estimate(table[:1], fees=False))
    assert (
        read.summary()
        == "Nothing changes on any of the 1 lines: the scenario concerns none of these goods, origins and"
        " days."
    )
    different = tc.compare(us.estimate(shirts("2026-02-10")), alt.estimate(shirts("2026-02-10")))
    assert different.change == Decimal("-700.00")
    assert different.by("program").loc[0, "change"] == -700.0


def test_a_program_that_the_scenario_adds_is_summed_up(us: tc.Tariff) -> None:
    levy = {
        "program": "us.levy",
        "title": "A levy",
        "measures": [{"id": "levy", "history": [{"entered": {}, "duty": "1%"}]}],
    }
    alt = us.amend(tc.Scenario("more").add_program(levy))
    for before, after, change in ((us, alt, "100"), (alt, us, "-100")):
        lines = (
            tc.compare(before.estimate(shirts("2026-02-10")), after.estimate(shirts("2026-02-10")))
            .summary()
            .splitlines()
        )
        assert lines[1].split() == ["A", "levy", change, "USD"]


def test_compare_needs_the_same_lines(us: tc.Tariff) -> None:
    two = tc.Shipment(entered="2026-02-10", lines=shirts("2026-02-10").lines * 2)
    with pytest.raises(tc.TariffError, match="different lines"):
        tc.compare(us.estimate(shirts("2026-02-10")), us.estimate(two))


def test_narrowed_to_an_origin(us: tc.Tariff) -> None:
    """Section 122 at 15% for Vietnam alone: 1,650 + 1,500 there, 1,650 + 1,000 elsewhere; what is exempt
    stays exempt."""
    alt = us.amend(tc.Scenario("Vietnam at 15%").set_duty("us.s122/surcharge", "15%", origin="VN"))
    assert alt.estimate(shirts("2026-03-10", "VN")).duty == Decimal("3150.00")
    assert alt.estimate(shirts("2026-03-10")).duty == Decimal("2650.00")
    beef = tc.Shipment(
        entered="2026-03-10",
        lines=(tc.Line(commodity="0201.10.05.10", origin="VN", value="10000", quantity={"kg": 1000}),),
    )
    # 4.4 cents x 1,000 kg; on the exempt list
    assert alt.estimate(beef).duty == us.estimate(beef).duty == Decimal("44.00")
    only_shirts = us.amend(tc.Scenario("shirts").set_duty("us.s122/surcharge", "none", products="6109"))
    assert only_shirts.estimate(shirts("2026-03-10")).duty == Decimal("1650.00")


def test_what_gives_way_to_a_measure_gives_way_to_it_narrowed(us: tc.Tariff) -> None:
    """A car of South Africa, 10,000: 2.5% and 30% instead of 25%; the reciprocal duty gives way to section
    232 as before."""
    alt = us.amend(tc.Scenario("x").set_duty("us.s232.autos/vehicles", "30%", origin="ZA"))
    car = tc.Shipment(
        entered="2025-07-10", lines=(tc.Line(commodity="8703.23.01.60", origin="ZA", value="10000"),)
    )
    assert us.estimate(car).duty == Decimal("2750.00")
    assert alt.estimate(car).duty == Decimal("3250.00")


def test_narrowing_keeps_what_the_measure_leaves_out(us: tc.Tariff) -> None:
    """The steel articles of 2018 were not for Canada: narrowed to Canada alone they change nothing, and with
    others Canada keeps its duty."""
    with pytest.raises(ScenarioError, match="narrowing it to CA changes nothing"):
        us.amend(tc.Scenario("x").set_duty("us.s232.steel/articles-2018", "60%", origin="CA"))
    alt = us.amend(tc.Scenario("x").set_duty("us.s232.steel/articles-2018", "60%", origin="CA, ZA"))
    for origin, more in (("CA", "0"), ("ZA", "3500")):  # 60% instead of 25% of 10,000
        shipment = tc.Shipment(
            entered="2025-02-10", lines=(tc.Line(commodity="7208.10.15.00", origin=origin, value="10000"),)
        )
        duty, before = alt.estimate(shipment).duty, us.estimate(shipment).duty
        assert duty is not None and before is not None
        assert duty - before == Decimal(more)


def test_narrowing_has_limits(us: tc.Tariff) -> None:
    with pytest.raises(ScenarioError, match="narrowed further"):
        us.amend(tc.Scenario("x").set_duty(INDIA, "15%", origin="VN"))


def test_a_program_set_as_a_whole_keeps_its_exemptions(us: tc.Tariff) -> None:
    alt = us.amend(tc.Scenario("x").set_duty("us.s122", "15%"))
    assert alt.estimate(shirts("2026-03-10")).duty == Decimal("3150.00")
    canada = tc.Shipment(
        entered="2026-03-10",
        lines=(tc.Line(commodity="6109.10.00.12", origin="CA", value="10000", claims="S"),),
    )
    assert alt.estimate(canada).duty == Decimal("0.00")


def test_added_behind_the_exemptions(us: tc.Tariff) -> None:
    measure = {"id": "vietnam", "origin": "VN", "instead_of": ["surcharge"], "displaced_by": ["exemptions"]}
    measure["history"] = [{"entered": {"on_or_after": "2026-02-24", "before": "2026-07-24"}, "duty": "20%"}]
    alt = us.amend(tc.Scenario("x").add_measure("us.s122", measure))
    assert alt.estimate(shirts("2026-03-10", "VN")).duty == Decimal("3650.00")


def test_lists_change_or_complain(us: tc.Tariff) -> None:
    for codes, words in ((["6109.10.99"], "covers no tariff line"), (["8471"], "changes nothing")):
        with pytest.raises(ScenarioError, match=words):
            us.amend(tc.Scenario("x").add_to_list("annex-ii", codes, on_or_after="2026-01-01"))


def test_a_tariff_shows_what_law_it_is(us: tc.Tariff) -> None:
    """Always the same, whatever was asked of it before: the territory, the day it is known on, the
    amendments; also where a worker unpacks it."""
    from tariffcalc.scale.broadcast import SerializedLaw

    for tariff, words in (
        (tc.load("us"), ""),
        (tc.load("us", known_on="2025-05-29"), ", as known on 2025-05-29"),
        (
            us.amend("india-at-18-percent"),
            ", amended by 'India at the announced 18%' (set duty us.ieepa.reciprocal/india-august: 18%, on or"
            " after 2026-02-07)",
        ),
        (
            us.amend("india-at-18-percent", tc.Scenario("no tea").set_duty("us.s122/surcharge", "9%")),
            "'India at the announced 18%', 'no tea' (set duty us.ieepa.reciprocal/india-august: 18%, on or"
            " after 2026-02-07; set duty us.s122/surcharge: 9%)",
        ),
    ):
        shown = repr(tariff)
        assert shown.startswith("<Tariff of United States: ") and shown.endswith(f"{words}>"), shown
        assert words or ("amended" not in shown and "known" not in shown)
        assert repr(SerializedLaw.of(tariff.law).tariff()) == shown
        _ = tariff.rulebook
        assert repr(tariff) == shown


@pytest.mark.parametrize(("entered", "refused"), [("2026-04-15", []), ("2026-04-16", ["contradiction"])])
def test_what_counts_in_a_sum_goes_by_the_lists_of_the_day(
    us: tc.Tariff, entered: str, refused: list[str]
) -> None:
    """Cheese put on a list of steel from April 16, 2026: before, its steel is no part of the weight of the
    metals that the note counts."""
    longer = us.amend(tc.Scenario("x").add_to_list("s232-metals-c-x", ["0406.20"], on_or_after="2026-04-16"))
    facts = {
        "metal_weight_share": "100%",
        "steel_weight_share": "15%",
        "aluminum_weight_share": "0%",
        "copper_weight_share": "0%",
    }
    line = tc.Line(commodity="0406.20.48.00", origin="CA", value="1000", facts=facts)
    problems = longer.estimate(tc.Shipment(entered=entered, lines=(line,)), on_problem="keep").problems
    assert problems.loc[problems["severity"] == "refused", "code"].tolist() == refused
