"""How fast the kernel and the doors for large data are, each beside a reference run in the same process:
``python tests/benchmarks/bench_scale.py``.

``bench_scale.py [LINES] [PARQUET_LINES]``: lines of the tables in memory (a million), and of the Parquet file
(five million).  References: numpy, which gathers a rate for each code and multiplies (integer columns), a
pandas merge of the codes (frames), and a DuckDB join that computes column 1 only and writes it (Parquet).
What counts is the ratio; the machine is shared.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from bench_estimate import best
from lines import even_lines, realistic_lines, write_lines

import tariffcalc as tc
from tariffcalc.declaration import declare
from tariffcalc.declaration.frames import declared_columns
from tariffcalc.declaration.problems import Problems
from tariffcalc.engine.kernel import assess
from tariffcalc.errors import CoverageWarning
from tariffcalc.scale import estimate_dataset


class Figure(NamedTuple):
    """One measurement of some lines [seconds], its reference, and what that is."""

    name: str
    lines: int
    seconds: float
    reference: str
    reference_seconds: float

    def row(self) -> str:
        """A row of the table in the readme."""
        speed, ratio = self.lines / self.seconds / 1e6, self.seconds / self.reference_seconds
        return (
            f"| {self.name} | {self.lines / 1e6:g} | {self.seconds:.2f} s | {speed:.2f} | {self.reference} |"
            f" {ratio:.1f} |"
        )


def in_memory(us: tc.Tariff, size: int) -> list[Figure]:
    """Integer columns to amounts, and frames to frames."""
    frame = realistic_lines(size)
    text = pa.Table.from_pandas(frame.assign(value=frame["value"].astype(str)), preserve_index=False)
    options: dict[str, Any] = {"codes_of_other_years": True}
    lines = declare(us.law, declared_columns(frame, us.law)[0], size, Problems(size), True).columns
    rates = np.random.default_rng(1).integers(0, 500_000, len(us.law.codes.codes))
    gather = best(lambda: (rates[lines.code] * lines.value + 500_000) // 1_000_000)
    codes = pd.DataFrame({"commodity": us.law.codes.codes, "rate": 0.1})
    merge = best(lambda: frame[["commodity"]].merge(codes, on="commodity", how="left"), 3)
    start = time.perf_counter()
    assess(us.law, lines, keep="programs")
    first = time.perf_counter() - start
    kernel = [
        ("integer columns to program amounts, first run", first),
        ("integer columns to program amounts", best(lambda: assess(us.law, lines, keep="programs"))),
        ("integer columns to totals", best(lambda: assess(us.law, lines, keep="totals"))),
    ]
    frames = [
        ("pandas frame to frame, programs", best(lambda: us.estimate(frame, **options).frame)),
        ("pandas frame to frame, totals", best(lambda: us.estimate(frame, keep="totals", **options).frame)),
        (
            "text frame (Arrow) to frame, totals",
            best(lambda: us.estimate(text, keep="totals", **options).frame),
        ),
    ]
    return [
        *(Figure(name, len(lines), seconds, "numpy gather and multiply", gather) for name, seconds in kernel),
        *(Figure(name, size, seconds, "pandas merge of the codes", merge) for name, seconds in frames),
    ]


def of_india(size: int) -> list[Figure]:
    """The same of a territory whose every line owes duties on duties."""
    india = tc.load("in")
    codes = india.law.codes
    lines_of_eight = [
        code for code, own in zip(codes.codes, codes.own, strict=True) if own and len(code) == 8
    ]
    frame = even_lines(np.array(lines_of_eight, object), size)
    lines = declare(india.law, declared_columns(frame, india.law)[0], size, Problems(size)).columns
    rates = pd.DataFrame({"commodity": codes.codes, "rate": 0.1})
    merge = best(lambda: frame[["commodity"]].merge(rates, on="commodity", how="left"), 3)
    kernel, frames = (
        best(lambda: assess(india.law, lines, keep="programs")),
        best(lambda: india.estimate(frame, keep="totals").frame),
    )
    return [
        Figure(
            "India: integer columns to program amounts",
            len(lines),
            kernel,
            "pandas merge of the codes",
            merge,
        ),
        Figure("India: pandas frame to frame, totals", size, frames, "pandas merge of the codes", merge),
    ]


def parquet(us: tc.Tariff, size: int) -> list[Figure]:
    """Parquet to Parquet, at a fifth of the size and in full, so that a time per line that grows
    would show."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        rates = pd.DataFrame({"commodity": us.law.codes.codes, "rate": 0.1})
        for lines in (size // 5, size):
            source, target = Path(folder, f"{lines}.parquet"), Path(folder, "out.parquet")
            write_lines(source, lines)
            sql = (
                f"copy (select l.*, round(value * rate, 2) duty from '{source}' l left join rates using"
                f" (commodity)) to '{folder}/join.parquet'"
            )
            connection = duckdb.connect()
            connection.register("rates", rates)
            join = best(partial(connection.execute, sql), 2)
            start = time.perf_counter()
            estimate_dataset(us, source, target, codes_of_other_years=True, progress=False)
            figures.append(
                Figure(
                    "Parquet to Parquet, totals",
                    lines,
                    time.perf_counter() - start,
                    "DuckDB join of column 1",
                    join,
                )
            )
    return figures


def main() -> None:
    """Print the rows of the table, and the most memory that was used."""
    size, of_file = (
        int(sys.argv[place]) if len(sys.argv) > place else least
        for place, least in ((1, 1_000_000), (2, 5_000_000))
    )
    warnings.simplefilter("ignore", CoverageWarning)
    us = tc.load("us")
    print(
        "| what | million lines | time | million lines/s | reference in the same run | times the reference"
        " |\n|---|---|---|---|---|---|"
    )
    for figures in (lambda: in_memory(us, size), lambda: of_india(size), lambda: parquet(us, of_file)):
        print("\n".join(figure.row() for figure in figures()), flush=True)
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
