"""The law over time: what one product of one origin owes from day to day.

It is an ordinary estimate: the days on which anything can change are the edges of the law's own windows, so a
timeline asks only for those.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.assessment.assumptions import AssumedFacts
from tariffcalc.codes import origin_title
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.law_words import law_in_words
from tariffcalc.compiled.lines import Columns
from tariffcalc.declaration.limits import outside_limit, rows_of
from tariffcalc.engine.ledger.ledger import Posting
from tariffcalc.errors import CoverageWarning, ShipmentError
from tariffcalc.moments import day_of, show_moment
from tariffcalc.panel.limits import limit_text
from tariffcalc.panel.request import check_facts
from tariffcalc.panel.spells import days_of_change

if TYPE_CHECKING:
    import pandas as pd

PRICE = 10_000


def change_days(law: CompiledLaw) -> list[str]:
    """Every day on which some rule or tariff line begins or ends, within the days held."""
    return [str(day) for day in days_of_change(law)]


def timeline(
    law: CompiledLaw,
    commodity: str,
    origin: str,
    value: Any = PRICE,
    days: Sequence[str] | None = None,
    **facts: Any,
) -> pd.DataFrame:
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
        Further columns for every day: ``claims``, ``quantity_kg``, any registered fact.  ``loaded`` is the
        day of entry.

    Returns
    -------
    DataFrame
        ``from`` [day], ``duty`` [currency, empty where unknown], ``effective_rate``, ``headings``,
        ``unknown`` (programs), ``assumed`` (facts that the amounts assume), ``outside`` (the season or the
        value bracket of the line that the day, or the value of one unit, lies outside: such goods belong on
        another line), and a column per program (empty where it is unknown or has no posting).  The table's
        ``attrs`` hold what a chart writes beside it: ``commodity``, ``origin``, ``territory``, ``law``, the
        titles of ``programs``, and the day they are ``reviewed_through``.

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

    check_facts(law, facts)
    asked = change_days(law) if days is None else _days(days)
    check_value(value)
    estimate = estimated(
        law, {"commodity": commodity, "origin": origin, "entered": asked, "value": str(value), **facts}
    )
    ledger, lines = estimate.parts
    # then a season may begin or end on any day
    if days is None and len(lines.rows) and law.limits.seasonal[lines.columns.code[0]]:
        asked = every_day(law)
        estimate = estimated(
            law, {"commodity": commodity, "origin": origin, "entered": asked, "value": str(value), **facts}
        )
        ledger, lines = estimate.parts
    if not len(lines.rows):
        estimate.raise_refused()
    outside = _outside(law, lines.columns)
    assumed = AssumedFacts()
    of_line = assumed.of(ledger)
    rows: list[dict[str, Any]] = []
    for place, (row, postings) in enumerate(zip(lines.rows, ledger.postings_by_line(), strict=True)):
        said = {"assumed": assumed.texts[of_line[place]], "outside": outside[place]}
        found = _answer(estimate, place, postings, value, said)
        if rows and {**found, "from": rows[-1]["from"]} == rows[-1]:
            continue
        rows.append({"from": asked[row], **found})
    result = pd.DataFrame(rows)
    programs = [program for program in law.programs if program.name in result.columns]
    first = ["from", "duty", "effective_rate", "headings", "unknown", "assumed", "outside"]
    result = result[[*first, *(each.name for each in programs)]] if rows else result
    result.attrs = {
        "commodity": commodity,
        "origin": origin_title(law.origin_names, law.origins[lines.columns.origin[0]]),
        "territory": law.title,
        "law": law_in_words(law),
        "programs": {each.name: each.title for each in programs},
        "reviewed_through": show_moment(
            max((each.reviewed_through for each in programs), default=law.known_on)
        ),
    }
    return result


def estimated(law: CompiledLaw, columns: dict[str, Any]) -> Assessed:
    """An estimate of lines of which the customs value is known, without fees and without warnings of days
    after the last review."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        return Assessed.of(law, pd.DataFrame(columns | _basis(law)), fees=False)


def _answer(
    estimate: Assessed, place: int, postings: Sequence[Posting], value: Any, said: dict[str, str]
) -> dict[str, Any]:
    """What a line owes on its day, what is said of it besides, and what each program charges."""
    ledger = estimate.parts[0]
    duty = None if ledger.unknown_duty[place] else float(estimate.money(int(ledger.duty[place])))
    return {
        "duty": duty,
        "effective_rate": None if duty is None else duty / float(value),
        "headings": " ".join(dict.fromkeys(each.heading for each in postings if each.heading)),
        "unknown": " ".join(each.program for each in postings if each.amount is None),
        **said,
        **{
            each.program: None if each.amount is None else float(estimate.money(each.amount))
            for each in postings
        },
    }


def every_day(law: CompiledLaw) -> list[str]:
    """Every day from the first one held through the last change of the law, or the last day that was
    reviewed."""
    days = days_of_change(law)
    last = max(days[-1], *(day_of(program.reviewed_through) for program in law.programs))
    return [str(days[0] + timedelta(days=number)) for number in range((last - days[0]).days + 1)]


def _outside(law: CompiledLaw, lines: Columns) -> list[str]:
    """The season or the value bracket that each line, all of one code, lies outside; empty where none."""
    texts, places = [""] * len(lines), np.arange(len(lines))
    for row in rows_of(law, int(lines.code[0])):
        for place in np.flatnonzero(outside_limit(law, row, lines, places)) if row.limit else ():
            texts[place] = limit_text(row, law.currency)
    return texts


def _days(days: Any) -> list[Any]:
    """The days asked for; raises ShipmentError where they are no list, or none."""
    if isinstance(days, str | date):
        raise ShipmentError(f"days is {str(days)!r}: give a list of days, even where there is one of them")
    asked = list(days)
    if not asked:
        raise ShipmentError(
            "days is an empty list: give the days to look at, or leave it out for every day on which the law"
            " changes"
        )
    return asked


def check_value(value: Any) -> None:
    """Raise ShipmentError for a customs value of nothing, of which no duty is a share; whatever is no value
    the estimate refuses."""
    if value is None:
        raise ShipmentError("value is None: give a customs value, or leave it out for 10,000")
    try:
        nothing = float(value) == 0
    except (TypeError, ValueError):
        return
    if nothing:
        raise ShipmentError(
            f"value is {value!r}: give a customs value above 0, of which the effective rate is a share"
        )


def _basis(law: CompiledLaw) -> dict[str, str]:
    """The value asked about is the customs value, also of goods with a tariff value."""
    return {"value_basis": "customs value"} if len(law.valuation.tariff_class) else {}
