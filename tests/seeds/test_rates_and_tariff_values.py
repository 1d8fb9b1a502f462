"""India's notified exchange rates and tariff values: no day is missing, and figures that hang together
outside the tables do so inside."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "in"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(SEEDS / f"{name}.csv")


@pytest.mark.parametrize(
    ("name", "key", "first", "last", "longer"),
    [
        # whose rate of 2 October was read too
        ("exchange-rates", "currency", "2024-12-20", "2026-10-02", ("USD",)),
        # whose tables of 16 September and 1 October were read too
        ("tariff-values", "goods", "2025-01-01", "2026-09-16", ("gold", "silver")),
    ],
)
def test_each_follows_the_one_before(
    name: str, key: str, first: str, last: str, longer: tuple[str, ...]
) -> None:
    for what, rows in table(name).groupby(key):
        assert rows["on_or_after"].tolist()[1:] == rows["before"].tolist()[:-1], what
        assert rows["on_or_after"].iloc[0] == first, what
        assert rows["before"].iloc[-1] == ("2026-10-16" if what in longer else last), what


def by_day(rates: pd.DataFrame, currency: str) -> pd.Series:
    rows = rates[rates["currency"] == currency]
    return pd.Series((rows["rate"] / rows["units"]).to_numpy(), rows["on_or_after"])


@pytest.mark.parametrize(
    ("currency", "to", "peg", "within"),
    [
        ("AED", "USD", 1 / 3.6725, 0.004),
        ("HKD", "USD", 1 / 7.8, 0.008),  # held between 7.75 and 7.85
        ("DKK", "EUR", 1 / 7.46038, 0.005),
        ("KWD", "USD", 3.25, 0.02),  # held to a basket of currencies
    ],
)
def test_currencies_that_are_pegged_keep_to_their_peg(
    currency: str, to: str, peg: float, within: float
) -> None:
    """Both are notified at what a bank sells them for, so that the ratio stands off the peg by a spread that
    hardly changes."""
    rates = table("exchange-rates")
    one, other = by_day(rates, currency), by_day(rates, to)
    ratio = (one / other.reindex(one.index, method="ffill")).dropna() / peg
    assert ratio.between(ratio.median() * (1 - within), ratio.median() * (1 + within)).all(), ratio[
        ratio.sub(ratio.median()).abs() > within
    ]
    assert 0.99 < ratio.median() < 1.05


def test_what_the_tables_work_out_of_other_values() -> None:
    """RBD palmolein stands 3 dollars above the crude, other palmolein 2; other palm oil midway between crude
    and RBD (one table a dollar above)."""
    values = table("tariff-values").pivot_table(index="on_or_after", columns="goods", values="amount")
    oils = values.dropna()
    assert len(oils) > 60
    assert ((oils["RBD palmolein"] - oils["crude palmolein"]) == 3).all()
    assert ((oils["other palmolein"] - oils["crude palmolein"]) == 2).all()
    off = oils["other palm oil"] - (oils["crude palm oil"] + oils["RBD palm oil"]) / 2
    assert off.drop(["2026-01-01", "2026-01-14"]).abs().max() <= 0.5
