"""A pair of territories, opened by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tariffcalc.errors import ShipmentError
from tariffcalc.loading import load
from tariffcalc.pairs.view import Bilateral
from tariffcalc.scenario import Scenario
from tariffcalc.tariff import Tariff


def bilateral(
    first: str | Path | Tariff,
    second: str | Path | Tariff,
    scenarios: Mapping[str, Scenario | str | Path | Sequence[Any]] | None = None,
    known_on: Any = None,
) -> Bilateral:
    """Two territories side by side: what each charges the goods of the other.

    Parameters
    ----------
    first, second
        Territories by name or folder, or tariffs already loaded.
    scenarios
        For one or both territories a scenario, or a list of them, under which to look.
    known_on
        A day: the law of both as the public knew it then (not for tariffs already loaded).

    Raises
    ------
    CoverageError
        If a territory is not held, or is no origin that the other knows.
    ScenarioError
        For a scenario of a territory that is neither side, or that changes nothing.

    Examples
    --------
    Cotton T-shirts on the day before the US duty of 25% ended: 16.5% and 25% on those of India; what India
    charges is not held, and is not zero.

    >>> b = bilateral("us", "in")
    >>> table = b.table("6109.10", entered="2026-02-10")
    >>> table[["us_duty", "in_duty", "us_known", "in_known"]].values.tolist()
    [[0.415, nan, 1.0, 0.0]]
    """
    if known_on is not None and any(isinstance(each, Tariff) for each in (first, second)):
        raise ShipmentError("known_on is for territories by name: load the tariffs with it")
    pair = Bilateral(
        *(each if isinstance(each, Tariff) else load(each, known_on=known_on) for each in (first, second))
    )
    return pair.under(scenarios) if scenarios else pair
