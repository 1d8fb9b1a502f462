"""Sweeps and grids by hand: T-shirts of India, 16.5% in column 1 and the reciprocal duty of India."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.errors import OptionError, ScenarioError

INDIA = "us.ieepa.reciprocal/india-august"
SHIRTS = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2026-02-10", "value": 10000}


def india(rate: int, day: str = "2026-02-07") -> tc.Scenario:
    return tc.Scenario(f"India at {rate}% from {day}").set_duty(INDIA, f"{rate}%", on_or_after=day)


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([SHIRTS | row for row in rows])


def test_a_grid_by_hand(us: tc.Tariff) -> None:
    """10,000 of goods of India and 20,000 of Bangladesh, on 2026-02-10: column 1 is 1,650 and 3,300, the
    reciprocal duty 2,500 (25%) and 4,000 (20%). At 18% India pays 1,800, 700 less; at 30% 3,000, 500 more.
    From 2026-02-12 on nothing changes on these lines."""
    lines = table({}, {"origin": "BD", "value": 20000})
    grid = tc.grid(india, rate=[18, 30], day=["2026-02-07", "2026-02-12"])
    found = us.sweep(lines, grid)
    assert found[["rate", "day"]].values.tolist()[1:] == [
        [18, "2026-02-07"], [18, "2026-02-12"], [30, "2026-02-07"], [30, "2026-02-12"],
    ]  # fmt: skip
    assert found["scenario"].tolist()[:2] == ["law", "rate=18, day=2026-02-07"]
    assert found["duty"].tolist() == [11450.0, 10750.0, 11450.0, 11950.0, 11450.0]
    assert found["change"].tolist() == [0.0, -700.0, 0.0, 500.0, 0.0]
    assert found["effective_rate"].tolist() == [duty / 30000 for duty in found["duty"]]
    assert found["value"].tolist() == [30000.0] * 5
    assert found["touched_lines"].tolist() == [0, 1, 0, 1, 0]
    assert found["unknown_lines"].tolist() == [0] * 5
    nothing = "concerns none of these goods, origins and days"
    assert found["note"].tolist() == ["", "", nothing, "", nothing]


def test_shipments_lists_and_names(us: tc.Tariff) -> None:
    """A Shipment; a list of scenarios and names of ready ones; a mapping with names of its own."""
    shirts = tc.Shipment(
        entered="2026-02-10", lines=[tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")]
    )
    found = us.sweep(shirts, ["india-at-18-percent", india(19)])
    assert found["scenario"].tolist() == ["law", "india-at-18-percent", "India at 19% from 2026-02-07"]
    assert found["duty"].tolist() == [4150.0, 3450.0, 3550.0]
    found = us.sweep(table({}), {"announced": "india-at-18-percent"})
    assert found[["scenario", "duty"]].values.tolist() == [["law", 4150.0], ["announced", 3450.0]]


def test_rows_that_cannot_be_read_and_unknown_duties_are_counted(us: tc.Tariff) -> None:
    """A row of no code and a line of which the quantity is not declared, beside one that is known."""
    lines = table({}, {"commodity": "6109.10.99"}, {"commodity": "0402.10.10.00", "origin": "DE"})
    found = us.sweep(lines, [india(18)])
    assert found["unknown_lines"].tolist() == [2, 2]
    assert found[["duty", "value"]].values.tolist() == [[4150.0, 10000.0], [3450.0, 10000.0]]


def test_a_law_that_reads_otherwise_is_computed_whole(us: tc.Tariff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines are read again under a law with other codes or facts; the table is the same."""
    lines = table({}, {"origin": "BD"}, {"commodity": "6109.10.99"}, {"commodity": "0402.10.10.00"})
    scenarios = [india(18), india(18, "2026-02-12")]
    by_parts = us.sweep(lines, scenarios)
    monkeypatch.setattr("tariffcalc.sweeps.sweep.reads_alike", lambda *_: False)
    whole = us.sweep(lines, scenarios)
    assert whole["note"].tolist() == ["", "", "changes no amount that is known"]
    pd.testing.assert_frame_equal(whole.drop(columns="note"), by_parts.drop(columns="note"))


def test_the_rate_that_is_law(us: tc.Tariff) -> None:
    """At 25% the grid meets the law: its row says so. Of two changes the other counts: from 2026-02-07 on
    Bangladesh at 10% instead of 20% owes 1,000 less on 10,000."""
    lines = table({}, {"origin": "BD"})
    found = us.sweep(lines, tc.grid(india, rate=[25, 18]))
    assert found["duty"].tolist() == [7800.0, 7800.0, 7100.0]
    assert "setting it to 25% on or after 2026-02-07 changes nothing (in force: 25%" in found["note"][1]
    both = india(25).set_duty("us.ieepa.reciprocal/bangladesh-august", "10%", on_or_after="2026-02-07")
    found = us.sweep(lines, {"both": both, "18%": india(18)})
    assert found["duty"].tolist() == [7800.0, 6800.0, 7100.0]
    assert found["note"][1].count("changes nothing") == 1
    with pytest.raises(ScenarioError, match="no measure"):
        us.sweep(lines, [tc.Scenario("misspelt").set_duty("us.ieepa.reciprocal/india-agust", "18%")])


def test_only_what_is_certain(us: tc.Tariff) -> None:
    """Aluminum smelted in Russia: the duty that rests on a text in doubt is left unknown."""
    row = {"commodity": "7606.12.30.45", "origin": "TR", "entered": "2026-05-04", "transport": "air"}
    lines = table(row | {"aluminum_smelted_in": "RU"})
    found = us.sweep(lines, [india(18)], certain_only=True)
    assert found["unknown_lines"].tolist() == [1, 1]
    assert us.sweep(lines, [india(18)])["unknown_lines"].tolist() == [0, 0]


def test_progress(us: tc.Tariff) -> None:
    shares: list[float] = []
    us.sweep(table({}), [india(18), india(19)], progress=shares.append)
    assert shares == [0.5, 1.0]


@pytest.mark.parametrize(
    ("scenarios", "words"),
    [
        ([], "sweep needs a scenario: give at least one"),
        ({}, "sweep needs a scenario: give at least one"),
        ([india(18), india(18)], "'India at 18% from 2026-02-07' is the name of two scenarios"),
        ({"law": india(18)}, "'law' is the name of the first row"),
        ([7], "a scenario is a name, a file, a mapping or a Scenario; got the number 7"),
        ("india-at-18-percent", "takes a list of scenarios or a mapping of names to them, got 'india-at"),
        (india(18), "takes a list of scenarios or a mapping of names to them, got one Scenario"),
        (None, "takes a list of scenarios or a mapping of names to them, got one NoneType"),
    ],
)
def test_what_is_no_list_of_scenarios(us: tc.Tariff, scenarios: Any, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        us.sweep(table({}), scenarios)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "values", "words"),
    [
        (7, {"rate": [1]}, "grid: make is a int"),
        (india, {}, "grid: no values"),
        (india, {"rate": []}, "grid: rate has no values: give at least one"),
        (india, {"rate": 18}, r"grid: rate is 18: give a list of values, rate=\[18\] for one"),
        (india, {"rate": [18], "day": "2026-02-07"}, "grid: day is '2026-02-07': give a list"),
        (india, {"rate": [18, 18]}, "grid: the values rate=18 occur twice"),
        (lambda rate: f"{rate}%", {"rate": [18]}, "for rate=18 the function returned a str, no Scenario"),
    ],
)
def test_what_is_no_grid(make: Any, values: dict[str, Any], words: str) -> None:
    with pytest.raises((OptionError, ScenarioError), match=words):
        tc.grid(make, **values)


def test_a_grid_is_a_mapping() -> None:
    grid = tc.grid(india, rate=range(10, 13))
    assert list(grid) == ["rate=10", "rate=11", "rate=12"] and len(grid) == 3
    assert grid["rate=11"] == india(11)
    assert repr(grid) == "<Grid of 3 scenarios: rate>"


def test_the_least_and_the_most_of_what_is_unknown(us: tc.Tariff) -> None:
    """Parts of India that nobody has declared to be of a car or a truck, 10,000 on 2026-02-10: 25% under
    either program while the duty of India is 25%, so 2,750 with column 1 (2.5%); at 10% between 1,250 and
    2,750. T-shirts of India and Bangladesh beside them: 4,150 and 3,650, at 10% 2,650 and 3,650."""
    lines = table({}, {"commodity": "8708.30.50.90"}, {"origin": "BD"})
    found = us.sweep(lines, [india(10)], bands=True)
    assert found["duty"].tolist() == [10550.0, 6300.0]
    assert found["unknown_lines"].tolist() == [0, 1]
    assert found["duty_least"].tolist() == [10550.0, 7550.0]
    assert found["duty_most"].tolist() == [10550.0, 9050.0]
    refused = us.sweep(table({}, {"commodity": "6109.10.99"}), [india(10)], bands=True)
    assert refused["duty_most"].isna().all()


def test_a_list_by_hand(us: tc.Tariff) -> None:
    """Goods put on the list of those excepted from the reciprocal duty owe column 1 alone: 1,650 of 10,000
    instead of 4,150; other goods stay."""
    scenario = tc.Scenario("shirts excepted").add_to_list("annex-ii", "6109.10.00", on_or_after="2025-08-07")
    found = us.sweep(table({}, {"commodity": "6110.20.20.79"}), [scenario])
    assert found["change"].tolist() == [0.0, -2500.0]
    assert found["touched_lines"].tolist() == [0, 1]
