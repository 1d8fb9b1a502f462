"""What is kept of a line stays small, and no table of postings is made line by line."""

from __future__ import annotations

import pytest
from bench_postings import measure

MOST_BYTES = 400  # of a line
# The most a table may take, in merges of codes of as many lines: several times what is measured; a loop over
# lines takes thousands.
BOUNDS = {
    "frame": 150,
    "problems": 300,
    "credit": 150,
    "valuation": 300,
    "ledger": 900,
    "entry_summary": 600,
}


def check(law: str, size: int) -> None:
    found = measure(law, size)
    assert found.bytes_of_line < MOST_BYTES
    slow = [f"{name}: {ratio:.0f} merges" for name, ratio in found.ratios.items() if ratio > BOUNDS[name]]
    assert not slow, slow


@pytest.mark.parametrize("law", ["us", "in"])
def test_postings_are_kept_and_shown_by_column(law: str) -> None:
    check(law, 20_000)


@pytest.mark.nightly
@pytest.mark.parametrize("law", ["us", "in"])
def test_postings_of_many_lines(law: str) -> None:
    check(law, 200_000)
