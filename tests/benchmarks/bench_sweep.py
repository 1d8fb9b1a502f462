"""How long a sweep takes: ``python tests/benchmarks/bench_sweep.py [LINES [SCENARIOS]]``.

The scenarios are rates for India. What counts is the time of one scenario over that of an estimate of the
same lines under the law in the same run, once the law has met them; and what scenarios add to the memory.
"""

from __future__ import annotations

import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
from lines import INDIA, realistic_lines

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning


class Figures(NamedTuple):
    """Of one sweep: processor time of an estimate and of one scenario [seconds], and what all scenarios but
    the first few add to the most memory taken [MB]."""

    lines: int
    scenarios: int
    estimate: float
    scenario: float
    grown: float

    @property
    def ratio(self) -> float:
        """One scenario in estimates."""
        return self.scenario / self.estimate


def imports_of_india() -> pd.DataFrame:
    """A year of imports, as if all were entered on one day."""
    return pd.read_csv(INDIA, dtype={"commodity": str}).assign(entered="2026-02-10")


def india(rate: float) -> tc.Scenario:
    """The reciprocal duty of India at another rate."""
    return tc.Scenario(f"{rate}").set_duty(
        "us.ieepa.reciprocal/india-august", f"{rate}%", on_or_after="2026-02-07"
    )


def measure(frame: pd.DataFrame, scenarios: int) -> Figures:
    """The figures of a sweep over some lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)  # the lines go beyond the day of review on purpose
        us = tc.load("us")
        options = {"codes_of_other_years": True}
        us.sweep(frame, [india(0.5), india(0.7)], **options)
        estimate = _seconds(lambda: us.estimate(frame, fees=False, **options))
        before = _most_memory()
        grid = tc.grid(india, rate=[10 + number / 10 for number in range(scenarios)])
        taken = _seconds(lambda: us.sweep(frame, grid, **options))
    return Figures(len(frame), scenarios, estimate, (taken - estimate) / scenarios, _most_memory() - before)


def _seconds(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures."""
    size, scenarios = [*map(int, sys.argv[1:]), *(0, 100)[len(sys.argv) - 1 :]]
    found = measure(realistic_lines(size) if size else imports_of_india(), scenarios)
    print(
        f"{found.lines:,} lines, {found.scenarios:,} scenarios: {found.scenario:.3f} s each,"
        f" {found.ratio:.1f} estimates of {found.estimate:.3f} s; {found.grown:.0f} MB more"
    )


if __name__ == "__main__":
    main()
