"""The lines of chapter 98 that have a rate in the special column only: each says what it owes, or which claim
it is for."""

from __future__ import annotations

import re

import pytest

import tariffcalc as tc
from tariffcalc.moments import parse_moment

ENTERED = "2025-03-10"
ENDED = {"98208544"}  # wiring sets of Haiti, to December 19, 2020 (chapter 98, subchapter XX, U.S. note 6(a))


@pytest.fixture(scope="module")
def us() -> tc.Tariff:
    return tc.load("us")


def lines_of_special_programs(us: tc.Tariff) -> list[str]:
    day = parse_moment(ENTERED)
    rows = [
        row
        for row in us.rulebook.schedule
        if row.code.startswith("98") and row.start <= day < row.end and row.special
    ]
    return sorted(row.code for row in rows if not row.general and not row.column2)


def test_each_line_names_its_claim(us: tc.Tariff) -> None:
    """Goods that claim nothing are told what the line is for, never to check the code."""
    codes = lines_of_special_programs(us)
    assert len(codes) > 280
    estimate = us.estimate(
        tc.Shipment(
            entered=ENTERED, lines=[tc.Line(commodity=code, origin="IN", value="1000") for code in codes]
        )
    )
    told = {
        row.row: f"{row.message}; {row.supply}"
        for row in estimate.problems.itertuples()
        if row.code == "no-rate"
    }
    for row, code in enumerate(codes):
        if code in ENDED:
            assert "check the code" in told[row]
        elif row in told:
            assert "a line for goods of a special program only" in told[row], code
            assert re.search(r"the line is for: (claim [A-Z]|\w+ )", told[row]), code
        else:
            # of any origin: subchapter XXII, U.S. note 1(b), (c)
            assert code in ("98220105", "98220110"), code


def test_each_line_is_open_to_its_claim(us: tc.Tariff) -> None:
    """For some origin and claim the line comes to an amount, or to a quantity or fact that is named."""
    answered = {}
    origins = {
        "D": "KE",
        "R": "HT",
        "S+": "CA",
        "AU": "AU",
        "CL": "CL",
        "CO": "CO",
        "MA": "MA",
        "P": "SV",
        "P+": "CR",
        "PA": "PA",
        "PE": "PE",
        "SG": "SG",
        "KR": "KR",
    }
    asked = [("", "HT"), ("", "PA"), ("", "MX"), ("", "CA"), *origins.items()]
    for claim, origin in asked:
        codes = [code for code in lines_of_special_programs(us) if code not in answered]
        quantity = {"kg": "10", "liter": "10"}
        lines = [
            tc.Line(
                commodity=code,
                origin=origin,
                value="1000",
                claims=[claim] if claim else [],
                quantity=quantity,
            )
            for code in codes
        ]
        estimate = us.estimate(tc.Shipment(entered=ENTERED, lines=lines))
        refused = {row.row for row in estimate.problems.itertuples() if row.code == "no-rate"}
        answered.update({code: (claim, origin) for row, code in enumerate(codes) if row not in refused})
    assert set(lines_of_special_programs(us)) - set(answered) == ENDED


def test_a_claim_on_apparel_points_to_its_lines(us: tc.Tariff) -> None:
    """D on 6109.10 has no special rate: the preference for apparel stands in 9819 (chapter 98, subchapter
    XIX)."""
    line = tc.Line(commodity="6109.10.00.12", origin="KE", value="10000", claims=["D"])
    estimate = us.estimate(
        tc.Shipment(
            entered=ENTERED,
            lines=[line, tc.Line(commodity="0406.10.18.00", origin="KE", value="10000", claims=["D"])],
        )
    )
    first, second = (
        estimate.problems[estimate.problems.row == row].query("code == 'claim-refused'") for row in (0, 1)
    )
    assert (
        "9819.11.03 to 9819.11.33" in first.message.item()
        and "give the line of chapter 98 as the commodity" in first.supply.item()
    )
    assert "9819" not in second.message.item()
