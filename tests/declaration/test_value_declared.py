"""Values as callers declare them: tables of every kind, mistakes told by row, and frames without the columns
left as they are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tariffcalc as tc
from tariffcalc.declaration.columns import OPTIONAL, VALUATION
from tariffcalc.declaration.valuation.exact import at_rates, with_room
from tariffcalc.errors import ShipmentError

GOOD = {
    "commodity": "6109.10.00.12",
    "origin": "IN",
    "entered": "2025-01-15",
    "value": "11500",
    "value_basis": "CIF",
    "freight": "1200",
    "insurance": "300",
}
DUTY = 1650.0  # 16.5% of 10,000

MISTAKES = [
    ({"value_basis": "FBO"}, "unknown-value-basis", "'FBO'", "near misses: FOB"),
    ({"value_basis": "CIF Newark"}, "unknown-value-basis", "'CIF Newark'", "near misses: CIF"),
    ({"value_basis": "landed"}, "unknown-value-basis", "'landed'", "give EXW, FCA"),
    ({"value_basis": None}, "missing-value-basis", "freight is declared", "give value_basis"),
    ({"currency": "EURO"}, "unknown-currency", "'EURO'", "near misses: EUR"),
    ({"currency": "rupees"}, "unknown-currency", "'rupees'", "INR"),
    ({"currency": "US$"}, "unknown-currency", "'US$'", "ISO 4217"),
    (
        {"currency": "EUR"},
        "no-exchange-rate",
        "EUR is held for 2025-01-15",
        "give exchange_rate, in USD for one EUR",
    ),
    ({"currency": "EUR", "exchange_rate": "1,08"}, "not-a-number", "'1,08'", "plain number"),
    ({"currency": "EUR", "exchange_rate": "-1.08"}, "negative", "-1.08", "cannot be negative"),
    ({"currency": "EUR", "exchange_rate": "0"}, "not-a-rate", "exchange_rate is 0", "give USD for one unit"),
    ({"exchange_rate": "1.08"}, "rate-of-own-currency", "value in USD", "give the currency"),
    ({"freight": None}, "missing-freight", "freight is not declared for a price CIF", "give freight"),
    ({"insurance": None}, "missing-insurance", "insurance is not declared for a price CIF", "give insurance"),
    (
        {"value_basis": "DDP"},
        "missing-costs-after-importation",
        "duties and taxes after importation",
        "give costs_after_importation",
    ),
    ({"freight": "12000"}, "costs-exceed-price", "more than the price CIF", "check the amounts"),
    ({"freight": "about 1200"}, "not-a-number", "'about 1200'", "plain number"),
    ({"value": "nothing"}, "not-a-number", "'nothing'", "1234.50"),
    (
        {"value": "4e11", "currency": "EUR", "exchange_rate": "100"},
        "too-large",
        "too large",
        "split the line",
    ),
]


@pytest.mark.parametrize(("wrong", "code", "message", "supply"), MISTAKES)
def test_mistakes(us: tc.Tariff, wrong: dict[str, Any], code: str, message: str, supply: str) -> None:
    """A mistake refuses its row, with what was got and what to supply, and no other row."""
    rows = [GOOD, GOOD | wrong, GOOD]
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names})
    estimate = us.estimate(frame, fees=False)
    assert estimate.frame["duty"].tolist()[::2] == [DUTY, DUTY]
    assert np.isnan(estimate.frame["duty"].iloc[1])
    problems = estimate.problems[estimate.problems["severity"] == "refused"]
    assert problems["row"].tolist() == [1]
    only = problems.iloc[0]
    assert only["code"] == code
    assert message in only["message"]
    assert supply in only["supply"]


def test_a_shipment_is_refused_at_once(us: tc.Tariff) -> None:
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="11500", value_basis="CIF", insurance="300")
    with pytest.raises(ShipmentError, match=r"row 1: missing-freight: .*give freight"):
        us.estimate(tc.Shipment(entered="2025-01-15", lines=[line]))


@pytest.mark.parametrize("kind", ["pandas", "objects", "polars", "arrow"])
def test_tables(us: tc.Tariff, kind: str) -> None:
    """Numbers and text, in every kind of table: (11,500 - 1,200 - 300) x 1.0815 = 10,815.00."""
    columns = {name: [value, value] for name, value in GOOD.items()} | {
        "currency": ["EUR", None],
        "exchange_rate": [1.0815, None],
    }
    columns |= {"freight": [1200.0, 1200.0], "value": [11500, 11500]}
    table: Any = {
        "pandas": lambda: pd.DataFrame(columns),
        "objects": lambda: pd.DataFrame(
            {name: pd.Series(values, dtype=object) for name, values in columns.items()}
        ),
        "polars": lambda: pl.DataFrame(columns),
        "arrow": lambda: pa.table(columns),
    }[kind]()
    estimate = us.estimate(table, fees=False)
    assert estimate.valuation["customs_value"].tolist() == [Decimal("10815.00"), Decimal("10000.00")]
    assert estimate.valuation["rate_from"].tolist() == ["declared", ""]


def test_values_as_they_are(us: tc.Tariff) -> None:
    """Without the columns, or with empty ones, no record is kept, and the table still tells each value."""
    rows = pd.DataFrame([{name: GOOD[name] for name in ("commodity", "origin", "entered", "value")}] * 3)
    plain, empty = (
        us.estimate(rows, fees=False),
        us.estimate(rows.assign(freight=None, currency=""), fees=False),
    )
    assert plain.parts[1].valued is None
    assert empty.parts[1].valued is None
    assert plain.valuation["customs_value"].tolist() == [Decimal("11500.00")] * 3
    assert "price CIF" not in plain.explain(0)


def test_a_cent_is_not_rounded_twice(us: tc.Tariff) -> None:
    """A customs value is read as it is written, also beside lines in other currencies: 0.0149999999 is one
    cent."""
    rows = pd.DataFrame([GOOD | {"value": "0.0149999999", "value_basis": "customs value"}, GOOD])
    assert us.estimate(rows, fees=False).valuation["customs_value"].tolist() == [
        Decimal("0.01"),
        Decimal("10000.00"),
    ]


def test_line_and_table_declare_the_same_names() -> None:
    """Every column of a value is a field of a line."""
    assert set(VALUATION) <= set(tc.Line.model_fields) & set(OPTIONAL)


@pytest.mark.parametrize("largest", [10**3, 10**9, 4 * 10**18])
def test_exact_product(largest: int) -> None:
    """64-bit columns and Python's integers agree with whole-number arithmetic, ties up."""
    random = np.random.default_rng(1)
    amounts = random.integers(0, largest, 200)
    numerator, denominator = random.integers(1, 10**9, 200), random.integers(1, 10**9, 200)
    for scale in (Fraction(1), Fraction(1, 80_000_000), Fraction(100, 7)):
        most = 4 * 10**14
        got = at_rates(amounts, numerator, denominator, scale, most).tolist()
        exact = [
            Fraction(int(a)) * int(n) / int(d) * scale
            for a, n, d in zip(amounts, numerator, denominator, strict=True)
        ]
        assert got == [
            min((2 * each.numerator + each.denominator) // (2 * each.denominator), most + 1) for each in exact
        ]
    assert at_rates(np.array([1, 3]), np.array([1, 1]), np.array([2, 2]), Fraction(1), most).tolist() == [
        1,
        2,
    ]
    assert with_room(np.array([largest]), 800).dtype == (object if largest > 10**15 else np.int64)
