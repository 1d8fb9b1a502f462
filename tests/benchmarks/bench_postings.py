"""What it takes to keep postings, and to show them: ``python tests/benchmarks/bench_postings.py [LINES]``.

The bytes that ``keep="postings"`` holds for each line, and the time of each table beside a reference of the
same run: a merge of the codes alone.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from lines import even_lines, realistic_lines

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning

TABLES = ("frame", "problems", "credit", "valuation", "ledger", "entry_summary")


class Figures(NamedTuple):
    """Of one law: bytes held for each line; by table its time over that of the reference."""

    law: str
    bytes_of_line: float
    reference: float  # seconds
    ratios: dict[str, float]


def lines_of(law: str, tariff: tc.Tariff, size: int) -> pd.DataFrame:
    """Lines of a territory."""
    if law == "us":
        return realistic_lines(size)
    codes = tariff.law.codes
    return even_lines(np.array(codes.codes, object)[codes.own], size)


def measure(law: str, size: int) -> Figures:
    """The figures of one law."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)  # the lines go beyond the day of review on purpose
        tariff = tc.load(law)
        frame = lines_of(law, tariff, size)
        tariff.estimate(frame, keep="postings")  # outcomes are kept with the law
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        estimate = tariff.estimate(frame, keep="postings")
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        codes = pd.DataFrame({"commodity": tariff.law.codes.codes[:20_000], "rate": 0.1})
        reference = min(_seconds(lambda: frame[["commodity"]].merge(codes, how="left")) for _ in range(5))
        ratios = {name: _seconds(partial(getattr, estimate, name)) / reference for name in TABLES}
    return Figures(law, held / size, reference, ratios)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for law in ("us", "in"):
        found = measure(law, size)
        print(f"{law}: {size:,} lines, {found.bytes_of_line:.0f} bytes a line with keep='postings'")
        for name, ratio in found.ratios.items():
            print(f"  {name:<16}{ratio * found.reference:>9.2f} s{ratio:>9.1f} merges of codes")


if __name__ == "__main__":
    main()
