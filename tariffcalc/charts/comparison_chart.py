"""What a scenario changes as a picture.

A chart is a view like any other: it draws the numbers of a comparison and computes no duty.  matplotlib is an
extra, asked for only here; each function returns the axes it drew on, for the caller to change or to save
(``axes.figure.savefig("duty.png")``).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tariffcalc.charts.look import (
    ACCENT,
    INK,
    PALE,
    beside,
    computed_line,
    foot,
    headline,
    new_axes,
    plain,
    signed,
)  # fmt: skip
from tariffcalc.codes import dotted, origin_title
from tariffcalc.errors import OptionError
from tariffcalc.reading.chapters import chapter_names
from tariffcalc.views.amount_words import amount_text, size_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tariffcalc.comparison import Comparison

_MANY = {
    "chapter": "chapters", "heading": "headings", "subheading": "subheadings", "commodity": "commodities",
    "origin": "origins", "program": "programs",
}  # fmt: skip


def chart_comparison(
    comparison: Comparison,
    by: str = "chapter",
    most: int = 12,
    axes: Axes | None = None,
    names: tuple[str, str] = ("Before", "After"),
    title: str = "",
    source: str = "",
) -> Axes:
    """Bars of the duty before (wide, pale) and after (narrow, dark), the largest changes first, each with its
    change in figures.

    Parameters
    ----------
    comparison
        Two estimates of the same lines.
    by
        One key of ``Comparison.by``: chapter, heading, subheading, commodity, origin or program.
    most
        How many bars; the sum of the others is written below.
    axes
        Axes to draw on; by default those of a new figure.
    names
        What to call the two laws.
    title
        The headline; by default by how much the duty falls or rises.
    source
        Where the lines come from, for the last line of the picture.

    Raises
    ------
    ModuleNotFoundError
        Without matplotlib.
    ValueError
        Where nothing changes, so that there is nothing to draw.
    """
    table = comparison.by(by)
    changed = table[table["change"].abs() > 0]
    if changed.empty:
        raise OptionError(
            "nothing changes between the two estimates: there is nothing to draw (see comparison.summary())"
        )
    shown, rest = changed.head(most), changed.iloc[most:]
    currency = comparison.before.law.currency
    size, word = size_of(float(shown["change"].abs().max()))
    longest = float(shown[["before", "after"]].to_numpy().max()) / size
    axes, edge = new_axes(axes, 1.9 + 0.34 * len(shown))

    places = list(range(len(shown)))
    axes.barh(places, shown["before"] / size, height=0.74, color=PALE, label=names[0])
    axes.barh(places, shown["after"] / size, height=0.34, color=ACCENT, label=names[1])
    for place, before, after, change in zip(
        places, shown["before"], shown["after"], shown["change"], strict=True
    ):
        share = f"  ({signed(change / before * 100, 0)}%)" if before else ""
        beside(axes, max(before, after) / size, place, f"{signed(change / size)}{share}")
    axes.set_yticks(places, [_name(comparison, by, str(key)) for key in shown[by]])
    axes.set_ylim(len(shown) - 0.45, -0.55)
    axes.set_xlim(0, longest * 1.24)
    axes.xaxis.set_major_formatter(lambda amount, _: f"{amount:,.10g}")
    plain(axes, "x")
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        frameon=False,
        fontsize=10.5,
        labelcolor=INK,
        handlelength=1.2,
        borderaxespad=0.2,
    )

    total = float(table["change"].sum())
    unit = f"{word} {currency}".strip()
    headline(
        axes,
        edge,
        title or f"Duty {'falls' if total < 0 else 'rises'} by {amount_text(abs(total), currency)}",
        f"{unit[0].upper()}{unit[1:]}, by {by}",
    )
    foot(axes, edge, [*_notes(comparison, by, rest), computed_line(source)])
    return axes


def _notes(comparison: Comparison, by: str, rest: pd.DataFrame) -> Iterator[str]:
    """What is in no bar: the smaller changes, and what could not be assessed."""
    if len(rest):
        together = amount_text(float(rest["change"].sum()), comparison.before.law.currency)
        yield f"{len(rest):,} more {_MANY[by]} change by {together} together."
    if comparison.unknown_lines:
        yield (
            f"Programs that could not be assessed ({comparison.unknown_lines:,} of {len(comparison.before):,}"
            " lines) are in neither bar."
        )


def _name(comparison: Comparison, by: str, key: str) -> str:
    law = comparison.before.law
    if by == "chapter":
        return f"{chapter_names().get(key, 'Chapter')}  {key}"
    if by == "program":
        return _short(law.programs[law.program_index[key]].title) if key in law.program_index else key
    if by == "origin":
        return origin_title(law.origin_names, key)
    return f"{_short(_label(comparison, key))}  {dotted(key)}"


def _label(comparison: Comparison, digits: str) -> str:
    """The schedule's label of a code; for a heading the first words of its first line, which name the
    heading."""
    law = comparison.before.law
    place = next((place for place, code in enumerate(law.codes.codes) if code.startswith(digits)), None)
    if place is None:
        return ""
    label = law.segments.labels[int(law.segments.first[place])].replace("…", "")
    return (
        label
        if len(digits) > 6
        else re.sub(r"( (and|or|of|for|with|the|whether))*$", "", label.split(":")[0])
    )


def _short(text: str, most: int = 44) -> str:
    return textwrap.shorten(text, most, placeholder="…")
