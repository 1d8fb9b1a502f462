"""One product between two territories in words: what each side charges, tariff line by tariff line, what is
unknown, and the difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tariffcalc.codes import origin_title
from tariffcalc.pairs.concordance import only_in
from tariffcalc.pairs.side import Side, percent_of_two_decimals
from tariffcalc.views.credit import creditable_programs
from tariffcalc.views.explain.explain import wrapped

if TYPE_CHECKING:
    import pandas as pd

MOST_LINES = 12


def explain_product(sides: tuple[Side, Side], table: pd.DataFrame, lines: pd.DataFrame, entered: Any) -> str:
    """Both sides of each subheading of a table, with the tariff lines behind it."""
    blocks = []
    for _, row in table.iterrows():
        sentences = _product(sides, row, lines[lines["subheading"] == row["subheading"]], entered)
        blocks.append("\n".join(wrapped(sentence) for sentence in sentences))
    return "\n\n".join(blocks)


def _product(sides: tuple[Side, Side], row: pd.Series, lines: pd.DataFrame, entered: Any) -> Iterator[str]:
    first, second = (side.tariff.law.title for side in sides)
    yield f"{row['subheading']}  {row['label']}, entered {entered}"
    for side in sides:
        yield ""
        yield from _side(side, row, lines[lines["charges"] == side.name])
    yield ""
    if row["match"] == "both":
        yield f"  {f'Difference: {first} less {second}':<68}{_points(row['difference']):>16}"
    elif row["match"] == "national":
        yield "  Each territory writes this chapter for itself: the same digits mean different goods."
    else:
        (only,) = (side.name for side in sides if row["match"] == only_in(side.name))
        yield f"  Only the schedule of {only} has this subheading: there is nothing to compare."


def _side(side: Side, row: pd.Series, lines: pd.DataFrame) -> Iterator[str]:
    origin = origin_title(side.tariff.law.origin_names, side.origin)
    mean = f", plain mean of its {len(lines)} tariff lines" if len(lines) > 1 else ""
    yield (
        f"  {f'{side.tariff.law.title} on goods of {origin}{mean}':<68}{_rate(row[f'{side.name}_duty']):>16}"
    )
    if lines.empty:
        yield f"    {row[f'{side.name}_lacking']}"
    for line in lines.head(MOST_LINES).to_dict("records"):
        behind = f" (mean of {line['lines']} ten-digit lines)" if line["lines"] > 1 else ""
        yield (
            f"    {line['commodity'] + '  ' + _cut(line['label'].rpartition(': ')[2]) + behind:<66}"
            f"{_rate(line['duty']):>16}"
        )
        under = f"; under {line['headings']}" if line["headings"] else ""
        if line["programs"]:
            yield f"        {line['programs']}{under}"
        if line["lacking"]:
            yield f"        unknown: {line['lacking']}"
        if line["noted"]:
            yield f"        note: {line['noted']}"
    if len(lines) > MOST_LINES:
        yield f"    ... and {len(lines) - MOST_LINES} more tariff lines (in Python, lines() lists them)"
    told = " ".join(lines["programs"] + " " + lines["unknown"])
    taxes = [program.title for program in creditable_programs(side.tariff.law) if program.name in told]
    if taxes:
        yield (
            f"  {'in addition, taken back as credit: ' + ', '.join(taxes):<68}"
            f"{_rate(row[f'{side.name}_tax']):>16}"
        )


def _cut(label: str, most: int = 34) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _rate(rate: float) -> str:
    return "unknown" if rate != rate else percent_of_two_decimals(rate)


def _points(difference: float) -> str:
    return "unknown" if difference != difference else f"{100 * difference:+.2f} points"
