"""Ratios to reference operations in the same process stay sane; absolute times are never asserted, since
machines differ and are shared."""

from __future__ import annotations

import pytest
from bench_estimate import Figure, measure

# The most any figure may be of its reference: several times what is measured, so that only a change of kind
# (a loop over rows) is seen.
BOUNDS = {
    "table to finished table": 80,
    "table to finished table, no fees": 70,
    "text table to finished table": 90,
    "the border alone": 15,
    "the kernel alone": 60,
    "every origin a mistake": 150,
    "one shipment with its trace": 40,
    "import and load, warm": 200,
    "import tariffcalc": 12,
}


def check(figures: list[Figure], slack: float) -> None:
    by_name = {figure.name.split(": ")[-1]: figure for figure in figures}
    assert set(BOUNDS) <= set(by_name)
    slow = [
        f"{name}: {by_name[name].ratio:.1f} times the reference"
        for name, most in BOUNDS.items()
        if by_name[name].ratio > most * slack
    ]
    assert not slow, slow


def test_ratios_stay_sane() -> None:
    check(measure(100_000, times=3), slack=3)


@pytest.mark.nightly
def test_ratios_at_full_size() -> None:
    check(measure(1_000_000), slack=1)
