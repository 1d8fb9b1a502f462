"""How rows are named: from 0 in the tables of Python, from 1 in words, on the screen, in JSON and in files;
the index of a table beside them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.views.totals import EstimateTotals

ENTRIES = pd.DataFrame(
    {
        "commodity": ["6109.10.00.12", "0402.10.10.00", "6109.10.00.99", "0402.10.10.00"],
        "origin": ["IN", "DE", "IN", "DE"],
        "entered": "2025-09-01",
        "value": [1000, 100, 5, 50],
    },
    index=pd.Index(["E-7", "E-8", "E-9", "E-10"], name="entry"),
)


@pytest.fixture(scope="module")
def estimate() -> tc.Estimate:
    return tc.load("us").estimate(ENTRIES, fees=False)


def test_tables_of_python_count_from_0_and_show_the_index(estimate: tc.Estimate) -> None:
    for table in (
        estimate.problems,
        estimate.ledger,
        estimate.entry_summary,
        estimate.valuation,
        estimate.credit,
        estimate.bands,
    ):
        assert list(table.columns[:2]) == ["row", "index"]
        assert [ENTRIES.index[row] for row in table["row"]] == table["index"].tolist()
    found = list(zip(estimate.problems["row"], estimate.problems["code"], strict=True))
    assert {(1, "missing-quantity"), (2, "unknown-commodity"), (3, "missing-quantity")} <= set(found)


def test_a_table_without_an_index_of_its_own_shows_none() -> None:
    found = tc.load("us").estimate(ENTRIES.reset_index(drop=True), fees=False)
    assert list(found.problems.columns[:3]) == ["row", "severity", "code"]
    assert found.explain(0).startswith("Line 1  6109.10.00.12")


def test_errors_and_explanations_count_from_1_and_name_the_index(estimate: tc.Estimate) -> None:
    with pytest.raises(tc.errors.ShipmentError) as raised:
        tc.load("us").estimate(ENTRIES, fees=False, on_problem="raise")
    assert str(raised.value).startswith("row 3 (index E-9): unknown-commodity: ")
    with pytest.raises(
        tc.errors.ShipmentError, match=r"(?m)^rows 2 \(index E-8\), 4 \(index E-10\): missing-quantity: "
    ):
        estimate.raise_problems()
    assert estimate.explain(0).startswith("Line 1 (index E-7)  6109.10.00.12")
    assert estimate.explain(2).startswith("Line 3 (index E-9): not assessed")


def test_summaries_and_json_name_the_first_rows_from_1(estimate: tc.Estimate) -> None:
    table = pd.concat([ENTRIES] * 3, ignore_index=True)
    total = EstimateTotals.of(tc.load("us").estimate(table, fees=False))
    found = {
        each["message"].split(":")[0].split(" ")[0]: each["first_rows_from_1"]
        for each in json.loads(json.dumps(total.as_dict()))["problems"]
    }
    assert found == {"6109.10.00.99": [3, 7, 11], "Column": [2, 4, 6]}
    assert "(rows 2, 4, 6 and 3 more)" in total.text()
    assert "(rows 3, 7, 11)" in total.text()


def test_rows_are_counted_through_the_parts() -> None:
    us = tc.load("us")
    table = pd.concat([ENTRIES] * 3, ignore_index=True)
    parts = [
        us.estimate(table.iloc[start : start + 3].reset_index(drop=True), fees=False)
        for start in range(0, 12, 3)
    ]
    added = EstimateTotals()
    for number, part in enumerate(parts):
        added.add(part, first=3 * number)
    merged = EstimateTotals()
    for number, part in reversed(list(enumerate(parts))):  # parts may be finished in any order
        merged.merge(
            EstimateTotals.from_state(
                json.loads(json.dumps(EstimateTotals.of(part, first=3 * number).state()))
            )
        )
    whole = EstimateTotals.of(us.estimate(table, fees=False))
    assert added.first_rows == merged.first_rows == whole.first_rows
