"""A grid of rates for India: what a year of imports owes at each rate from 10% to 30%, from two days on."""

from pathlib import Path

import pandas as pd

import tariffcalc as tc

# Imports for consumption from India in 2024 by ten-digit code, as if all of them were entered on one day.
file = Path(__file__).with_name("us_imports_from_india_2024.csv")
imports = pd.read_csv(file, dtype={"commodity": str}).assign(entered="2026-02-10")


def india(rate: int, day: str) -> tc.Scenario:
    """The reciprocal duty of India at another rate, from a day on."""
    title = f"India at {rate}% from {day}"
    return tc.Scenario(title).set_duty("us.ieepa.reciprocal/india-august", f"{rate}%", on_or_after=day)


us = tc.load("us")
grid = tc.grid(india, rate=range(10, 31, 5), day=["2026-02-07", "2026-02-12"])
table = us.sweep(imports, grid, codes_of_other_years=True)

columns = ["rate", "day", "duty", "change", "effective_rate", "touched_lines", "unknown_lines", "note"]
print(table[columns].to_string(index=False, na_rep="", formatters={"effective_rate": "{:.1%}".format}))
