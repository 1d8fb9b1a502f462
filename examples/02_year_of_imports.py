"""A year of imports under the law and under a change of it: what changes, by chapter, and what cannot be
said."""

from pathlib import Path

import pandas as pd

import tariffcalc as tc

# Imports for consumption from India in 2024 by ten-digit code, as if all of them were entered on one day.
file = Path(__file__).with_name("us_imports_from_india_2024.csv")
# codes are text: 0106199120 keeps its zero
imports = pd.read_csv(file, dtype={"commodity": str}).assign(entered="2026-02-10")

# The main job.  Totals of many entries carry no fees; codes of 2024 are taken for their eight-digit lines of
# 2026.
us = tc.load("us")
law, changed = (
    tariff.estimate(imports, fees=False, codes_of_other_years=True)
    for tariff in (us, us.amend("india-at-18-percent"))
)
comparison = tc.compare(law, changed)

print(comparison.summary())
print("\nThe ten chapters that change most, in USD:\n")
print(comparison.by("chapter").head(10).to_string(index=False, float_format="{:,.0f}".format))

# Unknown is not zero: these rows have no duty, and the table of problems says why and what to supply.
unknown = law.problems.query("severity == 'unknown'")
reasons = unknown.groupby("message")["row"].nunique().sort_values(ascending=False)
print(
    f"\n{law.unknown_lines:,} of {len(law):,} lines could not be assessed in full.  The commonest reasons:\n"
)
for reason, lines in reasons.head(6).items():
    print(f"{lines:6,}  {reason}")
