"""Effective rates of two territories on the trade held between them.

Trade is held as a file of imports by tariff line, ``TERRITORY_imports_from_ORIGIN_YEAR.csv`` among the
examples, or given by the caller.  Where a side's own imports are not held by product, the table says so, its
rate on its own trade stays empty, and two other rates are given: its rate on the goods that the other side
imports (what each would charge on one basket), and the plain mean of its subheadings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tariffcalc.codes import plain_code
from tariffcalc.errors import OptionError, ShipmentError
from tariffcalc.pairs.concordance import NATIONAL, SUBHEADING, lines_in_force
from tariffcalc.pairs.side import Goods, Side, summaries
from tariffcalc.reading.where import example_files
from tariffcalc.views.credit import duty_apart_from_credit

if TYPE_CHECKING:
    import pandas as pd


NOT_HELD = "its imports of the other side's goods by product: not held"
AVERAGE = "plain mean of its subheadings"
COLUMNS = ["charges", "goods_of", "weights", "duty", "value", "known_value", "known_share", "counted_in"]


class Trade(NamedTuple):
    """Imports by tariff line, and what to call them."""

    title: str
    table: pd.DataFrame


def held_trade(side: Side, given: Any = None) -> Trade | None:
    """What a side imports from the other by product: the table given, else the latest file held,
    else None."""
    import pandas as pd

    if given is not None:
        missing = {"commodity", "value"} - set(given.columns)
        if missing:
            raise ShipmentError(
                f"the trade given for {side.name} lacks the column {min(missing)!r}: it has the columns"
                " commodity and value"
            )
        return Trade(
            f"the trade given for {side.name}", given[["commodity", "value"]].astype({"commodity": str})
        )
    names = [name for name, codes in side.tariff.law.origin_names.items() if codes == (side.origin,)]
    found = [
        path
        for name in names
        for path in example_files(f"{side.name}_imports_from_{name.replace(' ', '_')}_*.csv")
    ]
    if not found:
        return None
    path = max(found)
    return Trade(
        path.stem.replace("_", " "),
        pd.read_csv(path, dtype={"commodity": str}, usecols=["commodity", "value"]),
    )


def effective_rates(
    sides: tuple[Side, Side], entered: Any, given: Mapping[str, Any], by: str | None = None
) -> pd.DataFrame:
    """What each side charges on trade, as shares of its value.

    Parameters
    ----------
    entered
        The day whose law is applied; the trade may be of another year.
    given
        For a territory its imports of the other side's goods, a table with the columns ``commodity`` and
        ``value`` [currency of the territory]; what is held otherwise.
    by
        ``chapter``: each chapter apart.

    Returns
    -------
    DataFrame
        ``charges``, ``goods_of``, ``weights`` (what the rate is weighted on), ``duty`` [rate of the known
        value, without creditable taxes; empty where nothing is known], ``value``, ``known_value``,
        ``known_share``, ``counted_in`` (what the two values count: the currency of the trade, or
        subheadings); ``chapter`` if asked.

    Examples
    --------
    >>> from tariffcalc import bilateral
    >>> table = bilateral("us", "in").effective("2026-02-10")
    >>> table.loc[table["duty"].isna(), ["charges", "weights"]].values.tolist()
    [['in', "its imports of the other side's goods by product: not held"]]
    """
    import pandas as pd

    if by not in (None, "chapter"):
        raise OptionError(f"by is {by!r}: give 'chapter' or nothing")
    names = [side.name for side in sides]
    wrong = [name for name in given if name not in names]
    if wrong:
        raise ShipmentError(f"trade is given for {wrong[0]!r}, which is neither side: {' or '.join(names)}")
    trades = [held_trade(side, given.get(side.name)) for side in sides]
    parts = []
    for side, own, other in zip(sides, trades, reversed(trades), strict=True):
        rates = _by_subheading(side, entered)
        if own:
            parts.append(
                _rows(side, own.title, _on_own_trade(side, own, entered), by, side.tariff.law.currency)
            )
        else:
            parts.append(pd.DataFrame([{"charges": side.name, "goods_of": side.origin, "weights": NOT_HELD}]))
        if other:
            currency = next(each for each in sides if each is not side).tariff.law.currency
            parts.append(
                _rows(side, f"the goods of {other.title}", _on_other_trade(rates, other), by, currency)
            )
        alike = pd.DataFrame({"code": list(rates), "value": 1.0, "rate": list(rates.values())})
        parts.append(_rows(side, AVERAGE, alike, by, "subheadings"))
    return pd.concat(parts, ignore_index=True).reindex(
        columns=[*COLUMNS[:3], *(["chapter"] if by else []), *COLUMNS[3:]]
    )


def _on_own_trade(side: Side, trade: Trade, entered: Any) -> pd.DataFrame:
    """Every line of the trade under the law of the day: code, value, rate (empty where it is unknown)."""
    import pandas as pd

    table = trade.table.assign(origin=side.origin, entered=entered)
    estimate = side.tariff.estimate(table, fees=False, on_problem="keep", codes_of_other_years=True)
    ledger, lines = estimate.parts
    rest, _ = duty_apart_from_credit(ledger)
    duty = np.full(len(table), np.nan)
    duty[lines.rows] = np.where(rest.unknown, np.nan, rest.amount / side.tariff.law.minor_units)
    value = table["value"].to_numpy(np.float64)
    return pd.DataFrame(
        {
            "code": table["commodity"].map(plain_code),
            "value": value,
            "rate": duty / np.where(value == 0, np.nan, value),
        }
    )


def _on_other_trade(rates: Mapping[str, float], trade: Trade) -> pd.DataFrame:
    """Every line of the other side's trade at the mean rate of its subheading."""
    import pandas as pd

    codes = trade.table["commodity"].map(plain_code)
    return pd.DataFrame(
        {
            "code": codes,
            "value": trade.table["value"].to_numpy(np.float64),
            "rate": [rates.get(c[:SUBHEADING], np.nan) for c in codes],
        }
    )


def _by_subheading(side: Side, entered: Any) -> dict[str, float]:
    """The mean duty of each subheading, but those of chapters left to each territory, whose digits mean
    nothing to the other side."""
    lines = lines_in_force(side.tariff.law, [entered])[0]
    answered = side.lines([(entered, code) for code in lines], Goods())
    return {
        code: summary["duty"]
        for (_, code), summary in summaries(answered).items()
        if code[:2] not in NATIONAL
    }


def _rows(side: Side, weights: str, rated: pd.DataFrame, by: str | None, counted_in: str) -> pd.DataFrame:
    """The rate of the known part, in all or chapter by chapter."""
    known = rated["rate"].notna()
    sums = rated.assign(
        known_value=rated["value"].where(known, 0.0),
        charged=(rated["value"] * rated["rate"]).where(known, 0.0),
    )
    groups = (
        sums.groupby(sums["code"].str[:2].rename("chapter") if by else np.zeros(len(sums)))[
            ["value", "known_value", "charged"]
        ]
        .sum()
        .reset_index()
    )
    share = groups["known_value"].where(groups["known_value"] != 0)
    return groups.assign(
        charges=side.name, goods_of=side.origin, weights=weights, counted_in=counted_in,
        duty=groups["charged"] / share, known_share=groups["known_value"] / groups["value"],
    )  # fmt: skip
