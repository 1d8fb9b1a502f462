"""Lines assessed in many chunks owe what they owe in one: slots that later lines add leave earlier chunks as
they are."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.engine import kernel
from tariffcalc.views.totals import EstimateTotals

SHIRT = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-01-05", "value": "1000"}
LINES = [
    SHIRT,
    SHIRT | {"entered": "2025-04-09"},
    SHIRT | {"commodity": "7318.15.20.00", "origin": "CN", "entered": "2025-07-01", "steel_value": "400"},
    SHIRT
    | {
        "commodity": "7616.99.51.90",
        "origin": "CN",
        "entered": "2025-07-01",
        "value": "2000",
        "aluminum_value": "700",
    },
    # whether it is a part of a car is not said
    SHIRT | {"commodity": "8708.30.50.20", "origin": "CN", "entered": "2025-12-01"},
]


def results(law: tc.Tariff, keep: str) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    e = law.estimate(pd.DataFrame(LINES), keep=keep)
    return e.frame, EstimateTotals.of(e).as_dict(), e.ledger


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
@pytest.mark.parametrize("keep", ["totals", "programs", "postings"])
def test_one_chunk_or_many(monkeypatch: pytest.MonkeyPatch, keep: str) -> None:
    """Each law is loaded afresh, so that no outcome is known before."""
    whole = results(tc.load("us"), keep)
    monkeypatch.setattr(kernel, "CHUNK", 1)
    parts = results(tc.load("us"), keep)
    pd.testing.assert_frame_equal(whole[0], parts[0])
    assert whole[1] == parts[1]
    pd.testing.assert_frame_equal(whole[2], parts[2])
