"""Lines that declare what many others declare owe what they owe when each is asked by itself."""

from __future__ import annotations

import random

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.engine.patterns import background

GOODS = [
    "6109.10.00.12",
    "7318.15.20.00",
    "7616.99.51.90",
    "8708.30.50.20",
    "9403.40.90.60",
    "3004.90.92.90",
    "8517.13.00.00",
    "0402.10.10.00",
]
FACTS: dict[str, list[object]] = {
    "transport": ["vessel", "air", "truck", None],
    "passenger_vehicle_part": ["yes", "no", None],
    "pharmaceutical_article": ["yes", None],
    "kitchen_cabinet_or_vanity": ["no", None],
}


def lines(names: list[str], size: int = 400) -> pd.DataFrame:
    chance = random.Random(len(names))
    rows = []
    for _ in range(size):
        line: dict[str, object] = {
            "commodity": chance.choice(GOODS),
            "origin": chance.choice(["IN", "CN", "DE", "CA"]),
            "entered": chance.choice(["2025-01-05", "2025-07-01", "2025-12-01", "2026-06-10"]),
            "value": chance.choice([40, 1000, 123456]),
            "claims": chance.choice([None, None, None, "civil_aircraft"]),
            "quantity_kg": chance.choice([None, 70]),
        }
        rows.append(line | {name: chance.choice(FACTS[name]) for name in names})
    return pd.DataFrame(rows)


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
@pytest.mark.parametrize("names", [["transport"], ["transport", "passenger_vehicle_part"], list(FACTS)])
def test_asked_together_or_apart(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    """Each law is loaded afresh, so that no outcome is known before; the last facts make more backgrounds
    than there is room for."""
    monkeypatch.setattr(background, "_MANY", 10**9)
    apart = tc.load("us").estimate(lines(names))
    monkeypatch.setattr(background, "_MANY", 1)
    law = tc.load("us")
    first = law.estimate(lines(names[:1]))  # so that backgrounds are met in another order
    together = law.estimate(lines(names))
    assert first.frame["fees"].notna().any()
    pd.testing.assert_frame_equal(together.frame, apart.frame)
    pd.testing.assert_frame_equal(together.problems, apart.problems)
    pd.testing.assert_frame_equal(together.ledger, apart.ledger)
