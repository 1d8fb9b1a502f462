"""Work in threads: each part once, in order, and no thread of a pool starts threads of its own."""

from __future__ import annotations

from threading import get_ident

import pytest

from tariffcalc.engine import threads
from tariffcalc.engine.threads import LARGE, each_in_parallel, pool_of


def test_no_threads_within_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a thread of a pool spreads over its parts it works out itself, also where the pool is that of a
    stream."""
    monkeypatch.setattr(threads, "CORES", 2)

    def parts(_: int) -> tuple[int, set[int]]:
        return get_ident(), set(each_in_parallel(lambda _: get_ident(), range(20), LARGE))

    outer = each_in_parallel(parts, range(6), LARGE)
    with pool_of(2) as pool:
        outer += pool.map(parts, range(6))
    for own, inner in outer:
        assert inner == {own}
        assert own != get_ident()


def test_small_work_stays_with_the_caller() -> None:
    """A small block, and a single part of a large one."""
    assert each_in_parallel(lambda _: get_ident(), range(5), LARGE - 1) == [get_ident()] * 5
    assert each_in_parallel(lambda _: get_ident(), range(1), LARGE) == [get_ident()]
    assert each_in_parallel(lambda number: number * 2, range(5), LARGE) == [0, 2, 4, 6, 8]
