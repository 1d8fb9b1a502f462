"""Fixtures: some lines of trade with all that makes batches hard (shipments, unknown codes, missing
quantities, programs that come and go)."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from tariffcalc.io import batches
from tariffcalc.scale import source

CODES = [
    "6109.10.00.12",
    "0402.10.10.00",
    "8471.30.01.00",
    "7208.51.00.30",
    "4202.21.60.00",
    "6109.10.00.99",
    "2402.10.80.30",
]  # the sixth is none
ORIGINS = ["IN", "CN", "DE", "VN", "BR", "Korea"]  # the last may be either


@pytest.fixture
def lines() -> pa.Table:
    """600 lines of some 250 shipments, entered on 13 months of days."""
    chance = random.Random(4)
    rows = []
    for shipment in range(250):
        entered = date(2025, 1, 2) + timedelta(days=chance.randrange(400))
        transport = chance.choice(["vessel", "air", None])
        for _ in range(chance.randrange(1, 5)):
            code = chance.choices(CODES, [8, 2, 5, 3, 4, 1, 1])[0]
            origin = chance.choices(ORIGINS, [8, 5, 4, 4, 2, 1])[0]
            kg = chance.choice([None, chance.randrange(1, 5000)])
            value = f"{chance.randrange(100, 5_000_000) / 100:.2f}"
            rows.append(
                (
                    code,
                    origin,
                    entered,
                    value,
                    f"entry {shipment}",
                    transport,
                    kg,
                    chance.choice(["KR", None, None]),
                )
            )
    names = ["commodity", "origin", "entered", "value", "shipment", "transport", "quantity_kg", "claims"]
    return pa.table(dict(zip(names, map(list, zip(*rows[:600], strict=True)), strict=True)))


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of about 50 rows, so that a few hundred make many."""
    monkeypatch.setattr(batches, "MOST_ROWS", 60)
    monkeypatch.setattr(batches, "FEWEST_ROWS", 40)
    monkeypatch.setattr(source, "MOST_ROWS", 60)
