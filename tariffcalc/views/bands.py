"""Bands: the least and the most that an unknown duty can come to, whatever is declared, as a table and in
words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.open_facts import to_declare
from tariffcalc.assessment.questions import facts_asked
from tariffcalc.engine.amounts.extremes import UNBOUNDED, Ask
from tariffcalc.engine.outcomes.questions import TEN_DIGITS
from tariffcalc.engine.sums import total_of
from tariffcalc.views.explain.measured import shown_amount
from tariffcalc.views.totals_fields import line_count

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.assessment.assessed import Assessed

NAMES = ("duty_least", "duty_most", "moved_by")


def table_of_bands(estimate: Assessed) -> pd.DataFrame:
    """The lines whose duty is unknown: row, duty_least, duty_most (empty: nothing bounds it), moved_by,
    question, supply.

    Examples
    --------
    Parts that nobody has declared to be of a car or a truck: 2.5%, and 25% if they are, 10% if not.

    >>> from tariffcalc import Line, Shipment, load
    >>> line = Line(commodity="8708.30.50.90", origin="IN", value="10000")
    >>> e = load("us").estimate(Shipment(entered="2026-03-02", lines=(line,)))
    >>> print(e.bands[["duty_least", "duty_most", "moved_by"]].to_string(index=False))
     duty_least  duty_most               moved_by
         1250.0     2750.0 passenger_vehicle_part
    """
    import pandas as pd

    ledger, read = estimate.parts
    lines, _ = ledger.bands
    least, most, moved_by = (column[read.rows[lines]] for column in band_columns(estimate).values())
    asked = [words_of(estimate, ask) for ask in _asks(estimate)]
    return pd.DataFrame(
        {
            "row": read.rows[lines],
            "duty_least": least,
            "duty_most": most,
            "moved_by": moved_by,
            "question": [question for question, _ in asked],
            "supply": [supply for _, supply in asked],
        }
    )


def band_columns(estimate: Assessed) -> dict[str, NDArray[Any]]:
    """``duty_least`` and ``duty_most`` of every row of the input, equal where its duty is known, and what
    moves an unknown duty most (``moved_by``)."""
    ledger, read = estimate.parts
    lines, bands = ledger.bands
    least, most = (np.full(len(estimate), np.nan) for _ in range(2))
    amount, _ = ledger.total("duty")
    least[read.rows] = most[read.rows] = amount / estimate.law.minor_units
    rows = read.rows[lines]
    least[rows] = bands.least / estimate.law.minor_units
    most[rows] = np.where(bands.most == UNBOUNDED, np.nan, bands.most / estimate.law.minor_units)
    moved_by = np.full(len(estimate), "", object)
    names = np.array([column_of(ask) for ask in bands.asks] + [""], object)
    moved_by[rows] = names[bands.moved_by]
    return dict(zip(NAMES, (least, most, moved_by), strict=True))


def with_bands(estimate: Assessed, problems: pd.DataFrame) -> pd.DataFrame:
    """A table of problems with the band of each unknown duty."""
    lines, _ = estimate.parts[0].bands
    rows = estimate.parts[1].rows[lines]
    here = (problems["severity"] == "unknown") & np.isin(problems["row"], rows)
    columns = band_columns(estimate)
    at = problems["row"].to_numpy(np.int64)
    return problems.assign(
        duty_least=np.where(here, columns["duty_least"][at], np.nan),
        duty_most=np.where(here, columns["duty_most"][at], np.nan),
        moved_by=np.where(here, columns["moved_by"][at], ""),
    )


def band_sentence(estimate: Assessed, place: int) -> Iterator[str]:
    """The band of one line of unknown duty, as explanations show it."""
    lines, bands = estimate.parts[0].bands
    at = int(np.searchsorted(lines, place))
    least, most = int(bands.least[at]), int(bands.most[at])
    shown = shown_amount(estimate, least)
    band = f"{shown} or more" if most == UNBOUNDED else f"{shown} to {shown_amount(estimate, most)}"
    yield f"  {'Duty, whatever is declared':<50}{band:>32}"
    if bands.moved_by[at] >= 0:
        yield f"      {column_of(bands.asks[bands.moved_by[at]])} moves it most"


def band_of_total(estimate: Assessed, most_named: int = 3) -> Iterator[str]:
    """The band of the duty of all lines, in a sentence; nothing where it is known."""
    lines, bands = estimate.parts[0].bands
    if not len(lines):
        return
    unbounded = int((bands.most == UNBOUNDED).sum())
    currency, read = estimate.law.currency, len(estimate.parts[1].rows)
    of = f" of the {line_count(read)} that could be read" if read < len(estimate) else ""
    if unbounded:
        yield (
            f"Whatever is declared, the duty{of} is at least {estimate.duty_least:,} {currency};"
            f" nothing bounds that of {line_count(unbounded)}."
        )
    else:
        yield (
            f"Whatever is declared, the duty{of} is {estimate.duty_least:,} to"
            f" {estimate.known_duty + estimate.money(total_of(bands.most)):,} {currency}."
        )
    counts = np.bincount(bands.moved_by[bands.moved_by >= 0], minlength=len(bands.asks)).tolist()
    counted = Counter({column_of(ask): count for ask, count in zip(bands.asks, counts, strict=True) if count})
    if counted:
        named = ", ".join(f"{name} ({count:,})" for name, count in counted.most_common(most_named))
        yield f"  What moves it most, by number of lines: {named}"


def column_of(ask: Ask) -> str:
    """The column to add for what moves a duty."""
    if ask.kind == "quantity":
        return f"quantity_{ask.name}"
    return "commodity" if ask.name == TEN_DIGITS else ask.name


def words_of(estimate: Assessed, ask: Ask | None) -> tuple[str, str]:
    """What to ask an importer, and how to answer."""
    if ask is None:
        return "", ""
    if ask == Ask("fact", TEN_DIGITS):
        return "What are the last two digits of the code?", "Give the ten-digit code."
    names = [column_of(ask)] if ask.kind == "quantity" else to_declare(estimate.law, ask.name)
    return facts_asked(estimate.law, names or [ask.name])


def _asks(estimate: Assessed) -> Iterator[Ask | None]:
    _, bands = estimate.parts[0].bands
    for place in bands.moved_by.tolist():
        yield bands.asks[place] if place >= 0 else None
