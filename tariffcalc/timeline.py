"""The law over time: what one product of one origin owes from day to day, and dense panels for research.

Both are ordinary estimates: the days on which anything can change are the edges of the law's own windows, so a timeline asks only for those.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tariffcalc.errors import CoverageWarning, ShipmentError
from tariffcalc.windows import day_of, moment_of_day

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.tariff import Tariff

PRICE = 10_000


def change_days(tariff: Tariff) -> list[str]:
    """Every day on which some rule or tariff line begins or ends, within the days held."""
    law = tariff.law
    edges = np.unique(np.concatenate([*law.day_cuts[:2], law.segments.start, law.segments.end]))
    start, end = law.held
    days = dict.fromkeys(day_of(int(edge)) for edge in edges if start <= edge < end)
    return [str(day) for day in dict.fromkeys([day_of(start), *days])]


def timeline(tariff: Tariff, commodity: str, origin: str, value: Any = PRICE, days: Sequence[str] | None = None, **facts: Any) -> pd.DataFrame:
    """What a line of this product and origin owes, from each day on which the answer changes.

    Parameters
    ----------
    commodity, origin
        As in ``Line``.
    value
        Customs value of the line [currency].
    days
        Days to look at; by default every day on which the law changes.
    **facts
        Further columns for every day: ``claims``, ``quantity_kg``, any registered fact.  ``loaded`` is the day of entry.

    Returns
    -------
    DataFrame
        ``from`` [day], ``duty`` [currency, empty where unknown], ``effective_rate``, ``headings``, ``unknown`` (programs), and a column per program
        (empty where it is unknown or does not speak).

    Examples
    --------
    >>> from tariffcalc import load
    >>> load("us").timeline("6109.10.00.12", "IN")[["from", "duty", "headings"]].head(3)
             from    duty    headings
    0  2025-01-01  1650.0
    1  2025-04-05  2650.0  9903.01.25
    2  2025-04-09  4250.0  9903.01.55
    """
    import pandas as pd

    _check_names(tariff, facts)
    asked = list(days) if days is not None else change_days(tariff)
    table = pd.DataFrame({"commodity": commodity, "origin": origin, "entered": asked, "value": str(value), **_basis(tariff), **facts})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(table, fees=False)
    ledger, lines = estimate.parts
    if not len(lines.rows):
        estimate.raise_refused()
    rows: list[dict[str, Any]] = []
    for place, row in enumerate(lines.rows):
        postings = list(ledger.postings(place))
        unknown = [each.program for each in postings if each.amount is None]
        duty = None if unknown else float(estimate.money(sum(each.amount or 0 for each in postings)))
        found: dict[str, Any] = {
            "duty": duty,
            "effective_rate": None if duty is None else duty / float(value),
            "headings": " ".join(dict.fromkeys(each.heading for each in postings if each.heading)),
            "unknown": " ".join(unknown),
        }
        found |= {each.program: None if each.amount is None else float(estimate.money(each.amount)) for each in postings}
        if rows and {**found, "from": rows[-1]["from"]} == rows[-1]:
            continue
        rows.append({"from": asked[row], **found})
    result = pd.DataFrame(rows)
    names = [program.name for program in tariff.law.programs if program.name in result.columns]
    return result[["from", "duty", "effective_rate", "headings", "unknown", *names]] if rows else result


def panel(tariff: Tariff, origins: Sequence[str], entered: Sequence[str], value: Any = PRICE, **facts: Any) -> pd.DataFrame:
    """Every tariff line of each day for some origins and days, dense: one row per commodity, origin and day, as ``Estimate.frame`` shows it.

    The commodities are the finest lines in force on the day: ten digits where there are any.
    """
    import pandas as pd

    if isinstance(origins, str) or isinstance(entered, str):
        raise ShipmentError("give origins and days as lists, even where there is one of them")
    _check_names(tariff, facts)
    parts = []
    for day in entered:
        codes = finest_lines(tariff, day)
        if not codes:
            raise ShipmentError(f"no tariff line is held on {day}")
        lines = pd.MultiIndex.from_product([codes, list(origins)], names=["commodity", "origin"]).to_frame(index=False)
        parts.append(lines.assign(entered=day, value=float(value), **_basis(tariff), **facts))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(pd.concat(parts, ignore_index=True), fees=False)
    estimate.raise_refused()
    result: pd.DataFrame = estimate.frame
    return result


def _basis(tariff: Tariff) -> dict[str, str]:
    """The value asked about is the customs value, also of goods with a tariff value."""
    return {"value_basis": "customs value"} if len(tariff.law.valuation.tariff_class) else {}


def _check_names(tariff: Tariff, facts: dict[str, Any]) -> None:
    """Raise ShipmentError for a column that no estimate would read."""
    known = {"claims", "transport", "loaded", "exported", "admitted", *tariff.law.facts}
    for name, value in facts.items():
        if name not in known and not name.startswith("quantity_"):
            raise ShipmentError(f"{name!r} is neither a registered fact nor a column of an estimate (quantities are written quantity_kg=...)")
        if isinstance(value, dict):
            raise ShipmentError(f"{name} is one value for every day, not a mapping")


def finest_lines(tariff: Tariff, day: str) -> list[str]:
    """The codes in force on a day below which no longer code is in force."""
    from datetime import date

    law = tariff.law
    moment = moment_of_day(date.fromisoformat(day))
    segments = law.segments
    live = np.unique(segments.code[(segments.start <= moment) & (moment < segments.end) & law.codes.own[segments.code]])
    codes = [law.codes.codes[code] for code in live]
    parents = {code[:8] for code in codes if len(code) > 8}
    return [code for code in codes if len(code) > 8 or code not in parents]
