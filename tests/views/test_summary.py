"""A comparison in words: one total, and what it comes to on the lines whose whole duty is known under both
laws."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import tariffcalc as tc

IMPORTS = Path(__file__).resolve().parents[2] / "examples" / "us_imports_from_india_2024.csv"


def test_before_and_after_are_of_the_same_lines(us: tc.Tariff) -> None:
    """Vehicles, machinery and their parts: some lines are known under one of the laws only, and count in
    neither sum."""
    table = pd.read_csv(IMPORTS, dtype={"commodity": str}).assign(entered="2026-02-10")
    table = table[table["commodity"].str[:2].isin(["84", "87"])].reset_index(drop=True)
    law, alt = (
        each.estimate(table, fees=False, codes_of_other_years=True)
        for each in (us, us.amend("india-at-18-percent"))
    )
    before, after = law.frame["duty"], alt.frame["duty"]
    both = before.notna() & after.notna()
    assert 0 < both.sum() < len(table)
    comparison = tc.compare(law, alt)
    text = comparison.summary()
    assert (
        f"On the {both.sum():,} lines whose whole duty is known under both, of"
        f" {table['value'][both].sum():,.0f} USD" in text
    )
    shown = [int(each.replace(",", "")) for each in re.findall(r"duty (?:before|after) +([\d,]+) USD", text)]
    assert shown == [round(before[both].sum()), round(after[both].sum())]
    assert (
        text.startswith("Duty falls by ")
        and f"counts the other {len(table) - both.sum():,} lines too" in text
    )
    assert shown[0] - shown[1] <= -comparison.change  # what is known of the other lines comes on top
