"""Both sides of a pair in one table: a subheading on a day, the tariff lines behind it, the difference, a
history."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tariffcalc.codes import dotted
from tariffcalc.compiled.finest_lines import TARIFF_LINE
from tariffcalc.errors import CoverageWarning
from tariffcalc.pairs.concordance import NATIONAL, SUBHEADING, shared_label
from tariffcalc.pairs.side import Goods, Side, summaries, tariff_lines

if TYPE_CHECKING:
    import pandas as pd

PARTS = (
    "duty", "tax", "low", "high", "lines", "known", "programs", "headings", "unknown", "lacking", "noted",
)  # fmt: skip
_LINES = [
    "subheading", "charges", "goods_of", "commodity", "label", "lines", "duty", "tax", "programs", "headings",
    "unknown", "lacking", "noted",
]  # fmt: skip

Sides = tuple[Side, Side]
Wanted = Sequence[Sequence[Sequence[str]]]  # the codes of lines, by side and day


def beside(
    sides: Sides, day: Any, code: str, found: Sequence[Mapping[Any, dict[str, Any]]]
) -> dict[str, Any]:
    """What each side charges on a subheading on a day, one beside the other, and the difference."""
    row: dict[str, Any] = {"subheading": dotted(code)}
    for side, summary in zip(sides, found, strict=True):
        absent: dict[str, Any] = {"lines": 0, "known": 0}
        absent |= dict.fromkeys(("duty", "tax", "low", "high"), np.nan)
        absent |= dict.fromkeys(("programs", "headings", "unknown", "noted"), "")
        absent["lacking"] = f"the schedule of {side.name} has no line of this subheading"
        parts = summary.get((day, code), absent)
        row |= {f"{side.name}_{name}": parts[name] for name in PARTS}
    first, second = (row[f"{side.name}_duty"] for side in sides)
    return row | {"difference": np.nan if code[:2] in NATIONAL else first - second}


def charged_lines(sides: Sides, wanted: Wanted, day: Any, goods: Goods) -> pd.DataFrame:
    """What each side charges on the tariff lines of a day, both sides one after the other."""
    import pandas as pd

    parts = []
    for side, lines in zip(sides, wanted, strict=True):
        if not lines[0]:
            continue
        answered = tariff_lines(side.lines([(day, code) for code in lines[0]], goods))
        digits = [code.replace(".", "") for code in answered["commodity"]]
        under: dict[str, list[str]] = {}
        for code in lines[0]:
            under.setdefault(code[:TARIFF_LINE], []).append(code)
        labels = [shared_label(side.tariff.law, under.get(code, [code])) for code in digits]
        subheadings = [dotted(code[:SUBHEADING]) for code in digits]
        parts.append(
            answered.assign(subheading=subheadings, charges=side.name, goods_of=side.origin, label=labels)
        )
    table = pd.concat(parts).sort_values("subheading", kind="stable").reset_index(drop=True)
    return table[_LINES]


def wedge_of(sides: Sides, table: pd.DataFrame) -> pd.DataFrame:
    """The difference of both sides on each subheading of a table, without taxes and with them, the largest
    first."""
    first, second = (side.name for side in sides)
    duties = table[f"{first}_duty"], table[f"{second}_duty"]
    taxed = [duty + table[f"{side.name}_tax"] for duty, side in zip(duties, sides, strict=True)]
    found = table[["subheading", "label", f"{first}_duty", f"{second}_duty", "difference"]].assign(
        relative=(1 + duties[0]) / (1 + duties[1]) - 1,
        difference_with_tax=taxed[0] - taxed[1],
        relative_with_tax=(1 + taxed[0]) / (1 + taxed[1]) - 1,
    )
    return found.sort_values("difference", ascending=False, kind="stable", na_position="last").reset_index(
        drop=True
    )


def history_of(sides: Sides, code: str, days: Sequence[Any], wanted: Wanted, goods: Goods) -> pd.DataFrame:
    """What each side charges on a subheading, from each of some days on which an answer differs from that of
    the day before it."""
    import pandas as pd

    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        for side, lines in zip(sides, wanted, strict=True):
            pairs = [(day, each) for day, codes in zip(days, lines, strict=True) for each in codes]
            found.append(summaries(side.lines(pairs, goods)))
    rows: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    for day in days:
        row = beside(sides, day, code, found)
        # as text: an empty rate is the same as another
        answer = {name: str(value) for name, value in row.items()}
        if answer != before:
            rows.append({**row, "from": day})
        before = answer
    names = [f"{side.name}_{part}" for part in PARTS for side in sides]
    return pd.DataFrame(rows, columns=["from", "difference", *names])
