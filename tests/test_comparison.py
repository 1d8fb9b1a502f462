"""Only the same lines are compared: other goods, origins, days, values, declarations and territories are
refused with the first row that differs."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tariffcalc as tc
from tariffcalc.errors import ShipmentError

LAND = Path(__file__).parent / "law_fixture" / "land"
LINES = {
    "us": ("6109.10.00.12", "8471.30.01.00", "IN", "VN", "2026-02-10", "2026-03-10"),
    "in": ("8471.30.10", "0802.51.00", "US", "CN", "2026-04-10", "2026-05-10"),
    "land": ("1001.00.00.10", "7301.00.00", "BB", "CC", "2025-06-10", "2025-07-10"),
}


@pytest.fixture(scope="module", params=["us", "in", "land"])
def law(request: pytest.FixtureRequest) -> tuple[str, tc.Tariff]:
    name = request.param
    return name, tc.load(LAND if name == "land" else name)


def table(name: str, rows: int = 3) -> pd.DataFrame:
    """Rows that are all the same good but for their values."""
    commodity, _, origin, _, entered, _ = LINES[name]
    values = [1000 + row for row in range(rows)]
    return pd.DataFrame(
        {"commodity": commodity, "origin": origin, "entered": entered, "value": values, "quantity_kg": 10}
    )


def as_shipment(frame: pd.DataFrame) -> tc.Shipment:
    entered = frame["entered"][0]
    return tc.Shipment(
        entered=entered,
        lines=[
            tc.Line(
                commodity=row.commodity,
                origin=row.origin,
                value=str(row.value),
                quantity={"kg": row.quantity_kg},
            )
            for row in frame.itertuples()
        ],
    )


KINDS = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "arrow": pa.Table.from_pandas,
    "shipment": as_shipment,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_row_that_differs_is_told(law: tuple[str, tc.Tariff], kind: str) -> None:
    """Row, column and both values; whatever kind of table, and whatever it is compared with."""
    name, tariff = law
    commodity, other, origin, elsewhere, entered, later = LINES[name]
    frame = table(name)
    before = tariff.estimate(frame, fees=False)
    cases: list[tuple[str, Any, str]] = [
        ("commodity", other, f"row 2 has commodity {commodity} and {other}"),
        ("origin", elsewhere, f"row 2 has origin {origin} and {elsewhere}"),
        ("value", 77, "row 2 has value 1,001.00 and 77.00"),
        ("quantity_kg", 11, "row 2 has quantity_kg 10 and 11"),
    ]
    for column, cell, words in cases:
        changed = frame.copy()
        changed.loc[1, column] = cell
        with pytest.raises(ShipmentError) as caught:
            tc.compare(before, tariff.estimate(KINDS[kind](changed), fees=False))
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
    assert tc.compare(before, tariff.estimate(KINDS[kind](frame), fees=False)).touched_lines == 0
    changed = frame.assign(entered=later)
    with pytest.raises(
        ShipmentError,
        match=f"row 1 has entered {entered} and {later}, the first of 3 rows; give may_differ='days' if",
    ):
        tc.compare(before, tariff.estimate(KINDS[kind](changed), fees=False))


def test_a_shirt_beside_a_laptop(us: tc.Tariff) -> None:
    shirt = tc.Shipment(
        entered="2026-02-10", lines=[tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")]
    )
    laptop = tc.Shipment(
        entered="2026-02-10", lines=[tc.Line(commodity="8471.30.01.00", origin="CN", value="2000000")]
    )
    with pytest.raises(
        ShipmentError,
        match=(
            r"row 1 has commodity 6109\.10\.00\.12 and 8471\.30\.01\.00; estimate the same table under both"
            r" laws"
        ),
    ):
        tc.compare(us.estimate(shirt), us.estimate(laptop))


def test_two_territories(us: tc.Tariff, india: tc.Tariff) -> None:
    here, there = us.estimate(table("us"), fees=False), india.estimate(table("in"), fees=False)
    with pytest.raises(ShipmentError, match=r"of two territories \(United States and India\): use bilateral"):
        tc.compare(here, there)


def test_what_is_no_estimate(us: tc.Tariff) -> None:
    with pytest.raises(ShipmentError, match="compare takes two estimates, got a DataFrame"):
        tc.compare(us.estimate(table("us")), table("us"))  # type: ignore[arg-type]


def test_another_day_by_name(us: tc.Tariff) -> None:
    """T-shirts of India: 1,650 + 2,500 on 2026-02-10, 1,650 + 1,000 on 2026-03-10. Other goods are refused
    all the same."""
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")
    early, late = (
        us.estimate(tc.Shipment(entered=day, lines=[line])) for day in ("2026-02-10", "2026-03-10")
    )
    assert (
        tc.compare(early, late, may_differ="days").by("program").set_index("program")["change"].sum()
        == -1500.0
    )
    assert tc.compare(early, late, may_differ=["days", "origin"]).change == Decimal("-1500.00")
    other = us.estimate(
        tc.Shipment(entered="2026-03-10", lines=[line.model_copy(update={"value": Decimal(9)})])
    )
    with pytest.raises(ShipmentError, match="row 1 has value"):
        tc.compare(early, other, may_differ="days")
    with pytest.raises(ValueError, match="may_differ is 'day': give some of days, origin, claims, facts"):
        tc.compare(early, late, may_differ="day")


@pytest.mark.parametrize(
    ("change", "words", "named"),
    [
        ({"claims": ["S"]}, "claims S and no special program", "claims"),
        ({"claims": ["civil_aircraft"]}, "claims civil_aircraft and no civil_aircraft", "claims"),
        ({"facts": {"steel_value": 50}}, "steel_value 50 and not declared", "facts"),
        ({"facts": {"donation": "yes"}}, "claims donation and no donation", "claims"),
        ({"origin": "MX"}, "origin MX and CA", "origin"),
    ],
)
def test_other_declarations_by_name(us: tc.Tariff, change: dict[str, Any], words: str, named: str) -> None:
    given: dict[str, Any] = {"commodity": "7326.90.86.88", "origin": "CA", "value": "100"}
    if "donation" in str(change) and not us.rulebook.facts["donation"].claim:
        words, named = "donation yes and not declared", "facts"
    one, two = (
        us.estimate(tc.Shipment(entered="2025-09-20", lines=[tc.Line(**given | more)]), fees=False)
        for more in (change, {})
    )
    with pytest.raises(ShipmentError, match=f"row 1 has {words}; give may_differ='{named}' if that is meant"):
        tc.compare(one, two)
    assert tc.compare(one, two, may_differ=named).change == two.duty - one.duty  # type: ignore[operator]


def test_a_price_in_another_currency_is_another_line(india: tc.Tariff) -> None:
    """And on another day the same price is the same line, though its customs value is another."""
    priced = table("in").assign(currency="USD", value_basis="CIF")
    before = india.estimate(priced, fees=False)
    with pytest.raises(ShipmentError, match="row 1 has currency USD and EUR, the first of 3 rows"):
        tc.compare(before, india.estimate(priced.assign(currency="EUR"), fees=False))
    with pytest.raises(ShipmentError, match="row 1 has value_basis CIF and "):
        tc.compare(before, india.estimate(priced.assign(value_basis="customs value"), fees=False))
    later = india.estimate(priced.assign(entered="2026-05-11"), fees=False)
    assert before.known_value != later.known_value
    tc.compare(before, later, may_differ="days")


def test_fees_on_one_side_are_no_change_of_law(us: tc.Tariff) -> None:
    frame = table("us").assign(transport="vessel")
    with pytest.raises(ShipmentError, match="one estimate has fees and the other has none"):
        tc.compare(us.estimate(frame), us.estimate(frame, fees=False))
    with pytest.raises(ShipmentError, match="row 2 has shipment number 2 and number 1"):
        tc.compare(us.estimate(frame), us.estimate(frame.assign(shipment="A")))
    tc.compare(
        us.estimate(frame.assign(shipment=["B", "B", "A"])),
        us.estimate(frame.assign(shipment=["x", "x", "y"])),
    )


def test_rows_that_only_one_side_could_read(us: tc.Tariff) -> None:
    """A code that no schedule holds on the second side; with other days allowed, its row counts as
    unknown."""
    frame, wrong = table("us"), table("us")
    wrong.loc[1, "commodity"] = "6109.10.99"
    before, after = us.estimate(frame, fees=False), us.estimate(wrong, fees=False)
    with pytest.raises(ShipmentError, match="row 2 could not be read in the second "):
        tc.compare(before, after)
    with pytest.raises(ShipmentError, match="row 2 could not be read in the first "):
        tc.compare(after, before)
    lenient = tc.compare(before, after, may_differ="days")
    assert (lenient.touched_lines, lenient.unknown_lines, lenient.change) == (0, 1, Decimal("0.00"))
    assert len(lenient.by("commodity", "program")) >= 1
    with pytest.raises(ShipmentError, match=r"different lines \(3 and 2\)"):
        tc.compare(before, us.estimate(frame[:2], fees=False))


def test_the_law_known_on_another_day_is_no_other_line() -> None:
    """The same lines under the law as known on two days; ten-digit lines and programs of the two are not the
    same."""
    frame = table("us").assign(entered="2025-03-04")
    before, after = (
        tc.load("us", known_on=day).estimate(frame, fees=False) for day in ("2025-03-05", "2026-09-01")
    )
    assert before.law.codes.codes != after.law.codes.codes or before.law.programs != after.law.programs
    tc.compare(before, after)


def test_a_million_lines_are_checked_in_no_time(us: tc.Tariff) -> None:
    """Less than a tenth of what the estimates themselves take; and the one row that differs is found."""
    frame = table("us", 1_000_000)
    started = time.perf_counter()
    before, same = us.estimate(frame, fees=False), us.estimate(frame.copy(), fees=False)
    estimating = time.perf_counter() - started
    frame.loc[987_654, "origin"] = "VN"
    other = us.estimate(frame, fees=False)
    from tariffcalc.views.same_lines import paired_rows

    taken = []
    for _ in range(3):
        started = time.perf_counter()
        paired_rows(before, same)
        taken.append(time.perf_counter() - started)
    assert min(taken) < max(estimating / 5, 0.1), (taken, estimating)
    with pytest.raises(ShipmentError, match="row 987655 has origin IN and VN; give"):
        tc.compare(before, other)
    assert np.array_equal(before.parts[1].rows, other.parts[1].rows)
