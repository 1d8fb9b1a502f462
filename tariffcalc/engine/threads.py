"""Work on large blocks spread over the processor's cores.

The kernel is numpy on whole columns, which lets go of the interpreter while it computes, so plain threads use
both cores.  Small blocks are worked on in turn:
starting a thread would cost more than it saves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import local
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LARGE = 50_000  # lines or patterns
# lines; steps much shorter than this cost the threads more in waiting for the interpreter than the cache
# saves
BLOCK = 1 << 17
CORES = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)


_here = local()  # whether this thread is one of a pool's


def pool_of(threads: int) -> ThreadPoolExecutor:
    """A pool whose threads start none of their own: what they work on is one of many parts already."""
    return ThreadPoolExecutor(threads, thread_name_prefix="tariffcalc", initializer=_enter)


def _enter() -> None:
    _here.in_pool = True


def each_in_parallel(function: Callable[[Item], Result], items: Iterable[Item], size: int) -> list[Result]:
    """The function of each item, in order; in threads where the block is large and there are several."""
    given = list(items)
    if size < LARGE or CORES == 1 or len(given) < 2 or getattr(_here, "in_pool", False):
        return [function(item) for item in given]
    with pool_of(min(CORES, len(given))) as pool:
        return list(pool.map(function, given))


def parts_of(size: int) -> list[slice]:
    """The stretches into which a block of that size is cut, one for each core."""
    count = CORES if size >= LARGE else 1
    edges = [size * number // count for number in range(count + 1)]
    return [slice(start, end) for start, end in pairwise(edges)]


def blocks(size: int) -> Iterator[slice]:
    """Stretches short enough that some columns of them stay in the processor's cache from one step to the
    next."""
    for start in range(0, size, BLOCK):
        yield slice(start, min(start + BLOCK, size))
