"""Comparisons in a few lines of text (for estimates see ``running.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tariffcalc.codes import dotted

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.comparison import Comparison


def summarise_comparison(comparison: Comparison) -> str:
    """What changed, in a few lines."""
    return "\n".join(_comparison(comparison))


def _comparison(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    currency = before.law.currency
    if not comparison.touched_lines:
        yield f"nothing changes on any of the {len(before):,} lines: the scenario touches none of these goods, origins and days"
        return
    yield f"{comparison.touched_lines:,} of {len(before):,} lines change, by {comparison.change:,} {currency} in all"
    for estimate, word in ((before, "before"), (after, "after")):
        known, duty = estimate.known_value, estimate.known_duty
        yield f"  {word:<7} {duty:>22,} {currency} on lines fully known" + (f", {duty / known:.2%} of {known:,}" if known else "")
    for change in comparison.programs:
        delta = int((change.after - change.before)[change.known].sum())
        if delta:
            program = change.program
            yield f"  {program:<30}{before.money(delta):>22,} {currency}"


def top_table(comparison: Comparison, key: str, most: int) -> pd.DataFrame:
    """The rows of the largest change by one key, with the tariff line's label where the key is a commodity."""
    table = comparison.by(key).head(most)
    if key == "commodity":
        law = comparison.before.law
        first = law.segments.first
        labels = [law.segments.labels[int(first[law.code_index[code]])] for code in table["commodity"]]
        table = table.assign(label=labels, commodity=[dotted(code) for code in table["commodity"]])
    return table
