"""How long the panel of one day takes, in a fresh process and beside a reference:
``/usr/bin/time -v python tests/panel/bench_panel.py``.

The reference gathers and multiplies as many columns of as many rows with numpy, right afterwards and into
memory as fresh, so that the ratio says something on a busy machine too.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import tariffcalc as tc

DAY = "2025-09-10"
ORIGINS = 240


def timed(what: str, run: Callable[[], Any]) -> tuple[Any, float]:
    """Run once and say how long it took: by the clock, and on the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = run()
    taken = time.perf_counter() - clock
    print(f"{what}: {taken:.2f} s, {time.process_time() - processor:.2f} s of processor")
    return result, taken


def gathers(rows: int, columns: int) -> list[np.ndarray]:
    """Columns of amounts gathered from a table and multiplied."""
    place, table = (
        np.repeat(np.arange(rows // ORIGINS + 1), ORIGINS)[:rows],
        np.random.default_rng(1).random(100_000),
    )
    return [np.take(table, place) * 10_000 for _ in range(columns)]


if __name__ == "__main__":
    us = tc.load("us")
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table, cold = timed(
        "panel, first of the process", lambda: us.panel(origins=us.law.origins[:ORIGINS], entered=[DAY])
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    columns = table.select_dtypes("float64")
    filled = int((columns != 0).any().sum())
    _, reference = timed(f"reference, {filled} columns", lambda: gathers(len(table), filled))
    print(
        f"{len(table):,} rows, {len(columns.columns)} columns of amounts; {cold / reference:.1f} times the"
        " reference"
    )
    print(f"memory: {peak / 1e6:.2f} GB at most, {loaded / 1e6:.2f} GB of it before the panel")
    del table, columns
    timed("panel, a second time", lambda: us.panel(origins=us.law.origins[:ORIGINS], entered=[DAY]))
