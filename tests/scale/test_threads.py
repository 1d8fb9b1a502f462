"""One loaded tariff used from many threads at once owes what it owes one call after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyarrow as pa
import pytest

import tariffcalc as tc
from tariffcalc.scale import estimate_batches

THREADS = 12


@pytest.mark.parametrize("same_table", [True, False])
def test_estimates_from_many_threads(lines: pa.Table, same_table: bool) -> None:
    tables = [lines if same_table else lines.slice(number * 40, 160) for number in range(THREADS)]
    alone = tc.load("us")
    wanted = [alone.estimate(table) for table in tables]
    fresh = tc.load("us")  # nothing of it has been asked for yet
    start = Barrier(THREADS)

    def work(table: pa.Table) -> tuple[object, ...]:
        start.wait()
        estimate = fresh.estimate(table)
        return (
            estimate.frame,
            estimate.ledger,
            estimate.problems,
            estimate.known_duty,
            [estimate.explain(row) for row in range(3)],
        )

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(work, tables))
    for (frame, ledger, problems, duty, words), want in zip(found, wanted, strict=True):
        assert frame.equals(want.frame)  # type: ignore[attr-defined]
        assert ledger.equals(want.ledger)  # type: ignore[attr-defined]
        assert problems.equals(want.problems)  # type: ignore[attr-defined]
        assert duty == want.known_duty
        assert words == [want.explain(row) for row in range(3)]


def test_large_tables_amendments_and_streams_at_once(us: tc.Tariff, lines: pa.Table) -> None:
    """Blocks of this size are themselves spread over threads."""
    large = pa.concat_tables([lines.drop_columns(["shipment"])] * 100)
    wanted = us.estimate(large, fees=False).frame["duty"]
    amended = us.amend("india-at-18-percent").estimate(lines).known_duty

    def one(number: int) -> bool:
        if number % 3 == 0:
            return us.amend("india-at-18-percent").estimate(lines).known_duty == amended
        if number % 3 == 1:
            return (
                pa.Table.from_batches(estimate_batches(us, large, fees=False))["duty"].to_pylist()
                == wanted.to_pylist()
            )
        return us.estimate(large, fees=False).frame["duty"].equals(wanted)

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(one, range(6)))
