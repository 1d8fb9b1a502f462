"""What bands cost: ``python tests/benchmarks/bench_bands.py [LINES]``.

The least and the most of every unknown duty, over the estimate of the same lines in the same run: for each
unknown line, and in all.
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import NamedTuple

import numpy as np
from lines import realistic_lines

import tariffcalc as tc
from tariffcalc.engine.amounts.bands import bands
from tariffcalc.engine.amounts.extremes import UNBOUNDED
from tariffcalc.engine.kernel import assess
from tariffcalc.engine.outcomes.outcomes import outcomes_of
from tariffcalc.errors import CoverageWarning


class Figures(NamedTuple):
    """Seconds of the processor for the lines and for the bands; how many duties are unknown, and bounded; the
    shares of the customs value with a known duty, and with a band."""

    lines: int
    unknown: int
    bounded: int
    of_lines: float
    of_bands: float
    known_value: float
    bounded_value: float

    @property
    def per_unknown_line(self) -> float:
        """The time of a band over the time of a line."""
        return (self.of_bands / self.unknown) / (self.of_lines / self.lines)


def measure(size: int) -> Figures:
    """The figures of realistic lines under the law of the United States."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)  # the lines go beyond the day of review on purpose
        us = tc.load("us")
        estimate = us.estimate(realistic_lines(size), fees=False, keep="totals")
    _, read = estimate.parts
    law, columns = us.law, read.columns
    of_lines = min(_seconds(lambda: assess(law, columns, False, "totals")) for _ in range(3))
    ledger = assess(law, columns, False, "totals")
    some = np.flatnonzero(ledger.unknown_duty)
    unknown, outcome = columns.take(some), ledger.outcome[some].astype(np.int64)
    of_bands = min(_seconds(lambda: bands(outcomes_of(law), unknown, outcome)) for _ in range(3))
    bounded = bands(outcomes_of(law), unknown, outcome).most != UNBOUNDED
    value = columns.value.sum()
    return Figures(
        len(columns), len(some), int(bounded.sum()), of_lines, of_bands,
        1 - unknown.value.sum() / value, unknown.value[bounded].sum() / value,
    )  # fmt: skip


def _seconds(work: object) -> float:
    start = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
    print(
        f"{found.lines:,} lines: {found.of_lines:.2f} s; bands of {found.unknown:,}: {found.of_bands:.2f} s"
    )
    print(f"a band takes {found.per_unknown_line:.1f} lines, all {found.of_bands / found.of_lines:.2f} runs")
    print(f"value: {found.known_value:.1%} with a known duty, {found.bounded_value:.1%} with two ends")


if __name__ == "__main__":
    main()
