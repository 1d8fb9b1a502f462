"""The least and the most of unknown duties as callers see them; every amount by hand from the rates of the
day.  All declarations are tried in ``oracle/test_every_declaration.py``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

import tariffcalc as tc
from tariffcalc.views.totals import EstimateTotals

DAY = "2026-03-02"
# 2.5%; with 25% under section 232 if it is a part of a car or a truck, 10% under section 122 if not
PART = {"commodity": "8708.30.50.90", "origin": "IN", "entered": DAY, "value": 10_000}
# 6.3 cents a liter and 10% under section 122, on 500
WINE = {"commodity": "2204.21.50.60", "origin": "FR", "entered": DAY, "value": 500}
KNOWN = {"commodity": "6109.10.00.12", "origin": "IN", "entered": DAY, "value": 1_000}  # 16.5% and 10%


@pytest.fixture(scope="module")
def us() -> tc.Tariff:
    return tc.load("us")


def estimated(us: tc.Tariff, *rows: dict[str, Any]) -> tc.Estimate[pd.DataFrame]:
    return us.estimate(pd.DataFrame(rows), fees=False)


def test_a_fact_decides(us: tc.Tariff) -> None:
    e = estimated(us, PART)
    assert (e.duty_least, e.duty_most) == (Decimal("1250.00"), Decimal("2750.00"))
    (band,) = e.bands.to_dict("records")
    assert band == {
        "row": 0,
        "duty_least": 1250.0,
        "duty_most": 2750.0,
        "moved_by": "passenger_vehicle_part",
        "question": "Is this a part for passenger vehicles or light trucks?",
        "supply": "Set passenger_vehicle_part to yes or no.",
    }


@pytest.mark.parametrize(
    ("passenger", "heavy", "least", "most"),
    [
        ("yes", None, 2750, 2750),
        (None, "yes", 2750, 2750),
        ("no", None, 1250, 2750),
        (None, "no", 1250, 2750),
        ("no", "no", 1250, 1250),
    ],
)
def test_answers_narrow_the_band(
    us: tc.Tariff, passenger: str | None, heavy: str | None, least: int, most: int
) -> None:
    """Whatever is answered, the band lies within the one before, and nothing is left to ask at its end."""
    e = estimated(us, PART | {"passenger_vehicle_part": passenger, "heavy_vehicle_part": heavy})
    assert (e.duty_least, e.duty_most) == (Decimal(least), Decimal(most))
    assert (e.duty is None) == (least != most)
    assert len(e.bands) == (least != most)


def test_nothing_bounds_a_quantity(us: tc.Tariff) -> None:
    """50.00 under section 122 and 6.3 cents for each of nobody knows how many liters; 12 liters are 0.76."""
    e = estimated(us, WINE)
    assert (e.duty_least, e.duty_most) == (Decimal("50.00"), None)
    (band,) = e.bands.itertuples()
    assert (band.duty_least, pd.isna(band.duty_most), band.moved_by) == (50.0, True, "quantity_liter")
    assert estimated(us, WINE | {"quantity_liter": 12}).duty == Decimal("50.76")


def test_the_value_bounds_its_parts(us: tc.Tariff) -> None:
    """9101.11.40: 51 cents each, 6.25% of the case and strap, 5.3% of the battery, and 10% under section 122:
    of one watch worth 900 at most all is case and strap."""
    watch = {"commodity": "9101.11.40", "origin": "CH", "entered": DAY, "value": 900, "quantity_no": 1}
    e = estimated(us, watch)
    assert (e.duty_least, e.duty_most) == (Decimal("90.51"), Decimal("146.76"))  # 0.51 + 90; and 56.25 more
    e = estimated(us, watch | {"case_value": 300})
    assert (e.duty_least, e.duty_most) == (Decimal("109.26"), Decimal("146.76"))  # 18.75 of the case


def test_the_last_two_digits_decide(us: tc.Tariff) -> None:
    """Eight digits of furniture, of which some ten-digit lines are wooden cabinets and vanities: the column
    to mend is the commodity."""
    e = estimated(us, {"commodity": "9403.60.80", "origin": "VN", "entered": DAY, "value": 1_000})
    (band,) = e.bands.itertuples()
    assert band.duty_least < band.duty_most


def test_bands_stand_in_every_view(us: tc.Tariff) -> None:
    """In the table of all rows, the problems, the explanation and the summary; of a known duty both ends are
    that duty."""
    e = estimated(us, PART, KNOWN, WINE)
    frame = e.with_bands()
    assert frame["duty_least"].tolist() == [1250.0, 265.0, 50.0]
    assert frame["duty_most"].fillna(-1).tolist() == [2750.0, 265.0, -1.0]
    assert frame["moved_by"].tolist() == ["passenger_vehicle_part", "", "quantity_liter"]
    problems = e.problems[e.problems["severity"] == "unknown"]
    assert set(problems["duty_least"]) == {1250.0, 50.0}
    assert "1,250.00 to 2,750.00" in e.explain(0) and "50.00 or more" in e.explain(2)
    assert "whatever is declared" not in e.explain(1).lower()
    assert "at least 1,565.00 USD; nothing bounds that of 1 line." in e.summary()
    assert "is 1,515.00 to 3,015.00 USD." in estimated(us, PART, KNOWN).summary()
    assert "Whatever is declared" not in estimated(us, KNOWN).summary()


def test_rows_that_cannot_be_read_have_no_band(us: tc.Tariff) -> None:
    """The least is that of the rows that could be read; of all rows nothing bounds the most."""
    e = estimated(us, PART, KNOWN | {"value": "x"})
    assert (e.duty_least, e.duty_most) == (Decimal("1250.00"), None)
    assert "of the 1 line that could be read is 1,250.00 to 2,750.00 USD." in e.summary()
    assert e.with_bands()["duty_least"].isna().tolist() == [False, True]


def test_polars_stays_polars(us: tc.Tariff) -> None:
    e = us.estimate(pl.DataFrame([PART, KNOWN]), fees=False)
    assert e.with_bands()["duty_most"].to_list() == [2750.0, 265.0]


def test_totals_of_a_stream_need_no_bands(us: tc.Tariff) -> None:
    """A total that is added up from many tables says nothing of bands, and works none out."""
    e = estimated(us, PART)
    assert "Whatever is declared" not in EstimateTotals.of(e).text()
    assert "bands" not in vars(e.parts[0])
