"""Tables made by column say of each line of many what they say of that line alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from fact_patterns import FactPatterns, as_frame

import tariffcalc as tc

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
TABLES = ("ledger", "entry_summary", "valuation", "credit")
LINES = 36


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
@pytest.mark.parametrize("territory", ["us", "in", LAND], ids=["us", "in", "land"])
def test_a_line_among_many_and_alone(territory: str | Path) -> None:
    """Every fourth of some drawn lines, in every table; fees are of whole shipments, so they are left out."""
    tariff = tc.load(territory)
    frame = as_frame(list(FactPatterns(tariff.rulebook, seed=31).lines(LINES)))
    options = {"fees": False, "on_problem": "keep"}
    together = tariff.estimate(frame, keep="postings", **options)
    for row in range(0, LINES, 4):
        alone = tariff.estimate(frame.iloc[[row]].reset_index(drop=True), keep="totals", **options)
        for name in TABLES:
            table: pd.DataFrame = getattr(together, name)
            here = table[table["row"] == row].drop(columns="row")
            there = getattr(alone, name).drop(columns="row")
            assert here.astype(str).to_numpy().tolist() == there.astype(str).to_numpy().tolist(), (row, name)
