"""Rates that another line decides: the line is declared by its code, read like a commodity at every door;
what is wrong is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tariffcalc as tc

PART = {
    "commodity": "9005.90.40.00",
    "origin": "IN",
    "entered": "2025-03-20",
    "value": "1000",
    "borrowed_line": "9005.80.60.00",
}
"""A part of an astronomical instrument of 9005.80.60, 6%: 60.00 on 1,000."""


@pytest.fixture(scope="module")
def us() -> tc.Tariff:
    return tc.load("us")


@pytest.mark.parametrize("code", ["9005.80.60.00", "9005806000", 9005806000, "9005.80.60"])
def test_a_frame_reads_it_as_a_code(us: tc.Tariff, code: Any) -> None:
    """Eight or ten digits, with or without dots, as text or as a whole number."""
    frame = pd.DataFrame([PART | {"borrowed_line": code}, PART | {"borrowed_line": None}])
    estimate = us.estimate(frame, on_problem="keep", fees=False)
    assert estimate.frame["duty"].astype(object).tolist()[0] == pytest.approx(60)
    assert estimate.problems[estimate.problems.code == "missing-fact"].row.tolist() == [1]


def test_a_file_reads_it_as_a_code(us: tc.Tariff, tmp_path: Path) -> None:
    """A CSV file may have cost the code its dots."""
    lines = tmp_path / "lines.csv"
    pd.DataFrame([PART | {"borrowed_line": "9005806000"}]).to_csv(lines, index=False)
    assert us.estimate(pd.read_csv(lines), fees=False).frame["duty"].tolist() == [60]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {"borrowed_line": "9005.80.61"},
            "borrowed_line: 9005.80.61 is not a tariff line of any schedule held; near misses: 9005.80.60",
        ),
        ({"borrowed_line": "9005.80"}, "borrowed_line: 9005.80 has 6 digits and covers"),
        ({"borrowed_line": "a telescope"}, "borrowed_line: 'a telescope' is not a commodity code"),
        (
            {"borrowed_line": "8412.90.90.81"},
            r"borrowed_line: 8412.90.90.81 is a tariff line on .*, not on 2026-05-10",
        ),
        (
            {"borrowed_line": "9005.80.60", "borrowed_duty": "5"},
            "borrowed_duty and borrowed_line are both declared",
        ),
    ],
)
def test_what_cannot_be_is_refused(us: tc.Tariff, facts: dict[str, str], message: str) -> None:
    line = tc.Line(commodity="9005.90.40.00", origin="IN", value="1000", facts=facts)
    with pytest.raises(tc.TariffError, match=message):
        us.estimate(tc.Shipment(entered="2026-05-10", lines=[line]))


@pytest.mark.parametrize(
    ("commodity", "origin", "claim", "said", "wanted"),
    [
        (
            "9005.90.40.00",
            "IN",
            "",
            "The rate applicable to the article of which it is a part or accessory",
            "declare borrowed_line",
        ),
        ("2207.10.60.10", "PA", "PA", "See 9822.09.22-9822.09.24", "declare borrowed_duty"),
        ("5810.91.00.10", "IN", "", "See additional U.S. note 1", "declare borrowed_duty"),
    ],
)
def test_what_lacks_is_named(
    us: tc.Tariff, commodity: str, origin: str, claim: str, said: str, wanted: str
) -> None:
    """The problem quotes the words of the schedule; it asks for a line where one line decides, for an amount
    where a note or heading does."""
    line = tc.Line(commodity=commodity, origin=origin, value="1000", claims=[claim] if claim else [])
    told = us.estimate(tc.Shipment(entered="2025-03-20", lines=[line])).problems.query(
        "code == 'missing-fact'"
    )
    assert said in told.message.iloc[0] and told.supply.iloc[0].startswith(wanted)


def test_the_explanation_names_the_line(us: tc.Tariff) -> None:
    text = us.estimate(pd.DataFrame([PART])).explain()
    assert "of 9005.80.60.00, which decides the duty, 6% of 1,000.00" in text
