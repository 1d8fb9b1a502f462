"""How fast an estimate is, beside reference operations in the same process:
``python tests/benchmarks/bench_estimate.py [LINES]``.

The machine is shared and its speed varies, so what counts is the ratio to the reference.  The lines are those
of ``lines.py``.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from lines import realistic_lines

import tariffcalc as tc
from tariffcalc.declaration import declare
from tariffcalc.declaration.frames import declared_columns
from tariffcalc.declaration.problems import Problems
from tariffcalc.engine.kernel import assess
from tariffcalc.errors import CoverageWarning


class Figure(NamedTuple):
    """One measurement [seconds], its reference [seconds], and the name of the reference."""

    name: str
    seconds: float
    reference: str
    reference_seconds: float

    @property
    def ratio(self) -> float:
        """How many times the reference."""
        return self.seconds / self.reference_seconds


def best(work: Callable[[], Any], times: int = 5) -> float:
    """The least time of some runs [seconds]."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def measure(size: int = 1_000_000, times: int = 5) -> list[Figure]:
    """Every figure for tables of ``size`` lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)  # the lines go beyond the day of review on purpose
        return _measure(size, times)


def _measure(size: int, times: int) -> list[Figure]:
    us, frame = tc.load("us"), realistic_lines(size)
    text = pa.Table.from_pandas(frame.assign(value=frame["value"].astype(str)), preserve_index=False)
    numbers = np.random.default_rng(2).random(size)
    codes = pd.DataFrame({"commodity": us.law.codes.codes[:20_000], "rate": 0.1})
    multiply = best(lambda: numbers * numbers, 20)
    merge = best(lambda: frame[["commodity"]].merge(codes, on="commodity", how="left"), times)
    options = {"codes_of_other_years": True}
    declared, _, _ = declared_columns(frame, us.law)
    lines = declare(us.law, declared, size, Problems(size), True)

    def border() -> None:
        declare(us.law, declared_columns(frame, us.law)[0], size, Problems(size), True)

    mistakes = frame.assign(origin=[f"land {row}" for row in range(size)])
    by_merge = {
        "table to finished table": lambda: us.estimate(frame, **options).frame,
        "table to finished table, no fees": lambda: us.estimate(frame, fees=False, **options).frame,
        "text table to finished table": lambda: us.estimate(text, **options).frame,
        "the border alone": border,
        "the kernel alone": lambda: assess(us.law, lines.columns),
        "every origin a mistake": lambda: us.estimate(mistakes, **options).frame,
    }
    figures = [
        Figure(f"{size:,} lines: {name}", best(work, times), "merge of codes", merge)
        for name, work in by_merge.items()
    ]
    figures.append(Figure(f"{size:,} lines: merge of codes", merge, "multiply of floats", multiply))
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000", quantity={"doz": 500, "kg": 900})
    shipment = tc.Shipment(entered="2025-09-20", loaded="2025-08-05", transport="vessel", lines=(line,))
    small = pd.DataFrame({"commodity": ["61091000"]})
    one = best(lambda: small.merge(codes.head(100), on="commodity", how="left"), 50)
    figures.append(
        Figure(
            "one shipment with its trace",
            best(lambda: list(us.estimate(shipment).parts[0].postings(0)), 200),
            "merge of one row",
            one,
        )
    )
    started = best(lambda: _python("pass"), 3)
    for name, code in (
        ("import tariffcalc", "import tariffcalc"),
        ("import and load, warm", "import tariffcalc as tc; tc.load('us')"),
    ):
        figures.append(Figure(name, best(partial(_python, code), 3), "start of Python", started))
    return figures


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    """Print the table."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{'':<52}{'seconds':>10}  {'reference':<20}{'seconds':>10}{'ratio':>10}")
    for each in measure(size):
        print(
            f"{each.name:<52}{each.seconds:>10.4f} "
            f" {each.reference:<20}{each.reference_seconds:>10.4f}{each.ratio:>10.2f}"
        )


if __name__ == "__main__":
    main()
