"""Sums of amounts, exact whatever their size: 64-bit integers where they hold the sum, Python's own integers
where they would not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints

_ROOM = 2.0**62
LARGEST_SUM = (
    1 << 62
)  # what a sum that must be one of the machine's integers is cut to; no limit of the law is anywhere near


def total_of(amounts: NDArray[Any]) -> int:
    """The sum of amounts.

    >>> total_of(np.full(24_000, 4 * 10**14))
    9600000000000000000
    """
    if amounts.dtype == object:
        return int(sum(amounts.tolist()))
    if fits(amounts):
        return int(amounts.sum())
    return (int((amounts >> 32).sum()) << 32) + int((amounts & 0xFFFFFFFF).sum())


def sums_by(groups: NDArray[Any], amounts: NDArray[Any], size: int) -> Ints:
    """The sum of the amounts of each group; a sum beyond ``LARGEST_SUM`` is that."""
    sums = exact_sums_by(groups, amounts, size)
    return sums if sums.dtype != object else np.asarray(np.minimum(sums, LARGEST_SUM).astype(np.int64))


def exact_sums_by(groups: NDArray[Any], amounts: NDArray[Any], size: int) -> NDArray[Any]:
    """The sum of the amounts of each group, in Python's integers where those of the machine might not hold
    it."""
    kind = np.int64 if fits(amounts) else object
    sums = np.zeros(size, kind)
    np.add.at(sums, groups, amounts.astype(kind, copy=False))
    return sums


def fits(amounts: NDArray[Any]) -> bool:
    """Whether no sum of amounts can leave the machine's integers."""
    if amounts.dtype == object:
        return False
    most = max(float(amounts.max(initial=0)), -float(amounts.min(initial=0)))
    return most * max(len(amounts), 1) < _ROOM
