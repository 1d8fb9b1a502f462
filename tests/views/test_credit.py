"""Input credit: what remains with an importer once creditable taxes are taken back, by hand arithmetic from
the law's rates."""

from __future__ import annotations

import json
import warnings
from decimal import Decimal

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.views.totals import EstimateTotals

IGST = "in.igst"


@pytest.fixture(scope="module")
def india() -> tc.Tariff:
    """The bundled law of India."""
    return tc.load("in")


def rows(*commodities: str, value: object = 1_000_000, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"commodity": list(commodities), "origin": "US", "entered": "2026-03-02", "value": value, **columns}
    )


def test_of_a_shipment(india: tc.Tariff) -> None:
    """Parts of vehicles: 15% = 150,000; a tenth 15,000; 18% of 1,165,000 = 209,700; the tax taken back,
    165,000 remain."""
    estimate = india.estimate(
        tc.Shipment(
            entered="2026-03-02", lines=[tc.Line(commodity="8708.99.00", origin="US", value="1000000")]
        )
    )
    assert estimate.duty == Decimal("374700.00")
    assert estimate.net_of_credit == Decimal("165000.00")


def test_row_for_row(india: tc.Tariff) -> None:
    """Known, unknown tax with known duty, unknown duty, a row that is refused: each says what it knows."""
    table = india.estimate(rows("8708.99.00", "8479.89.99", "6109.10.00", "9999.99.99", "2208.30.11")).credit
    assert table["row"].tolist() == [0, 1, 2, 3, 4]
    assert table["duty"].fillna(-1).tolist() == [374_700, -1, -1, -1, 1_000_000]
    assert table["creditable"].fillna(-1).tolist() == [209_700, -1, -1, -1, 0]
    # 7.5% and a tenth of it; 50% and 50%
    assert table["net_of_credit"].fillna(-1).tolist() == [165_000, 82_500, -1, -1, 1_000_000]
    assert table["effective_rate"].round(6).tolist()[:2] == [0.165, 0.0825]
    assert table["by"].tolist() == ["CGST-16", "CGST-16", "CGST-16", "", ""]


def test_total_is_unknown_with_any_line(india: tc.Tariff) -> None:
    """A line of unknown duty makes the total unknown, one of which only the tax is unknown does not; nor does
    what is kept matter."""
    for keep in ("totals", "programs", "postings"):
        assert india.estimate(rows("8708.99.00", "8479.89.99"), keep=keep).net_of_credit == Decimal(
            "247500.00"
        )
    assert india.estimate(rows("8708.99.00", "6109.10.00")).net_of_credit is None
    assert india.estimate(rows("8708.99.00", "9999.99.99")).net_of_credit is None


def test_duty_is_the_sum_of_both_parts(india: tc.Tariff) -> None:
    """Wherever all is known: duty = creditable + net of credit, over a sample of the schedule."""
    codes = [code for code in india.law.codes.codes if len(code) == 8][::25]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = india.estimate(rows(*codes, value=777_777)).credit
    known = table[table["duty"].notna()]
    assert len(known) > 5
    assert (known["duty"] == known["creditable"] + known["net_of_credit"]).all()


def test_nothing_is_creditable_in_the_united_states(us: tc.Tariff) -> None:
    """Where no program is creditable, all of the duty remains, and nothing is said of credit."""
    estimate = us.estimate(
        tc.Shipment(
            entered="2025-09-20", lines=[tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")]
        )
    )
    assert estimate.net_of_credit == estimate.duty
    assert estimate.credit["by"].tolist() == [""]
    assert "credit" not in estimate.explain() and "credit" not in estimate.summary()


def test_shown_with_the_act(india: tc.Tariff) -> None:
    """The explanation and the summary tell what is taken back, by which act, on what terms, and what
    remains."""
    estimate = india.estimate(rows("8708.99.00", "8479.89.99"))
    first, second = estimate.explain(0), " ".join(estimate.explain(1).split())
    assert (
        "Taken back as credit: Integrated tax on imports (IGST)" in first
        and "CGST-16 (CGST Act 2017, ss. 16, 17) [secondary source]" in first
    )
    assert "blocked for some (section 17(5))" in first
    assert "Duty after credit 165,000.00" in " ".join(first.split())
    assert (
        "Taken back as credit: Integrated tax on imports (IGST) unknown" in second
        and "Duty after credit 82,500.00" in second
    )
    assert (
        "(customs value 1,000,000.00 + Basic customs duty 150,000.00 + Social Welfare Surcharge 15,000.00)"
        in " ".join(first.split())
    )
    assert (
        "duty of the 2 lines where it is known: 247,500.00 INR, 12.38% of 2,000,000.00" in estimate.summary()
    )
    told = json.loads(json.dumps(EstimateTotals.of(estimate).as_dict()))
    assert told["net_of_credit"] == {
        "rows": 2,
        "value": "2000000.00",
        "duty": "247500.00",
        "creditable": [IGST],
    }


def test_totals_add_up_and_are_read_back(india: tc.Tariff) -> None:
    """Totals of parts add up to those of the whole, field by field, and are the same once read back from
    JSON: by the fields of the class."""
    codes = ["8708.99.00", "8479.89.99", "6109.10.00", "9999.99.99", "2208.30.11", "8708.99.00"]
    whole, first, second = (
        EstimateTotals.of(india.estimate(rows(*codes[some])), some.start or 0)
        for some in (slice(6), slice(4), slice(4, 6))
    )
    assert whole.duty_after_credit == Decimal("1412500.00")  # 165,000 twice, 82,500, 1,000,000
    added = EstimateTotals.from_state(json.loads(json.dumps(first.state())))
    assert added == first
    added.merge(EstimateTotals.from_state(json.loads(json.dumps(second.state()))))
    assert added == whole
    idle = (
        "fee_programs",
        "fee_problems",
        "notes",
        "unused_columns",
        "undivided",
        "uncertain",
        "uncertain_duty",
    )
    for name, value in vars(whole).items():
        assert value != getattr(EstimateTotals(), name) or name in idle, f"{name} is not tried here"
