"""A scenario of a sweep takes no more than a few estimates of the same lines, and leaves nothing behind."""

from __future__ import annotations

import pytest
from bench_sweep import imports_of_india, measure
from lines import realistic_lines

# One scenario in estimates of the same lines: of few lines most of it is the law itself, which is compiled
# and asked anew; of many lines only those of India are computed again.
OF_FEW, OF_MANY = 60, 2
MOST_GROWN = 150  # MB


def test_few_scenarios_on_a_year_of_imports() -> None:
    found = measure(imports_of_india(), 4)
    assert found.ratio < OF_FEW


@pytest.mark.nightly
def test_many_lines() -> None:
    found = measure(realistic_lines(1_000_000), 20)
    assert found.ratio < OF_MANY


@pytest.mark.nightly
def test_a_thousand_scenarios() -> None:
    found = measure(imports_of_india(), 1000)
    assert found.grown < MOST_GROWN
