"""The axes of the law: codes, origins and days, each cut into classes that no rule distinguishes.

A set of codes becomes two rows of truth over the code axis: *definite* (every good under the code is in the
set) and *possible* (some good is). They differ only for an eight-digit code of which a list names some
ten-digit lines; there the last two digits decide, and the answer for the eight-digit code is unknown rather
than wrong.

Ten digits that no schedule held knows can still be told apart where a list names them: the axis therefore
also holds the ten-digit codes that only lists name.  Any other ten digits take the answer of their
eight-digit line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from tariffcalc.moments import ALWAYS, NEVER
from tariffcalc.stored.frozen import Frozen

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
# numbers of rules, bases and entries, of which there is one for every pattern and program
Small = NDArray[np.int32]


@dataclass(frozen=True)
class CodeAxis(Frozen):
    """Every code the schedule ever held, and the ten-digit codes only lists name; sorted as text."""

    codes: tuple[str, ...]
    own: Bools  # whether the code is a line of some schedule

    @classmethod
    def of(cls, schedule: Iterable[str], listed: Iterable[str] = ()) -> CodeAxis:
        held = set(schedule)
        unheld = {code for code in listed if len(code) > 8 and code[:8] in held}
        codes = sorted(held | unheld)
        return cls(tuple(codes), np.array([code in held for code in codes]))

    def below(self, prefix: str) -> slice:
        """The stretch of the axis under a prefix (the code itself first)."""
        return slice(bisect_left(self.codes, prefix), bisect_left(self.codes, prefix + ":"))

    def members(self, prefixes: Iterable[str], in_force: frozenset[str]) -> tuple[Bools, Bools]:
        """Definite and possible membership of every code in the set of these prefixes [codes].

        ``in_force`` are the ten-digit lines that count below an eight-digit code of which the set has only
        some.
        """
        definite = np.zeros(len(self.codes), bool)
        longer = set()
        for prefix in prefixes:
            definite[self.below(prefix)] = True
            if len(prefix) > 8:
                longer.add(prefix[:8])
        possible = definite.copy()
        for parent in longer:
            stretch = self.below(parent)
            if (
                stretch.start < stretch.stop
                and self.codes[stretch.start] == parent
                and not definite[stretch.start]
            ):
                children = range(stretch.start + 1, stretch.stop)
                possible[stretch.start] = bool(definite[stretch.start + 1 : stretch.stop].any())
                own = [child for child in children if self.codes[child] in in_force]
                definite[stretch.start] = bool(own) and all(definite[child] for child in own)
        return definite, possible


def numbered(rows: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Number the distinct rows of a byte matrix: the number of each row, and the first row of each number
    (hashing, not sorting, long rows)."""
    seen: dict[bytes, int] = {}
    numbers = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], np.int64)
    first = np.full(len(seen), -1, np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return numbers, first


def cuts_of(windows: Iterable[tuple[int, int]]) -> Ints:
    """The moments at which some window begins or ends, sorted; the class of a moment is how many are not
    after it."""
    return np.unique(np.array([edge for window in windows for edge in window], np.int64))


def day_classes(cuts: Ints, moments: Ints) -> Ints:
    """The class of each moment; many lines share few days, so a table of days is looked up where it is
    shorter than the lines."""
    low, high = int(moments.min(initial=0)), int(moments.max(initial=0))
    if len(moments) <= high - low or not len(moments):
        return np.searchsorted(cuts, moments, side="right")
    low = int(moments.min())
    return np.asarray(np.searchsorted(cuts, np.arange(low, high + 1), side="right")[moments - low])


def window_truth(cuts: Ints, windows: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Truth [classes, windows] of "a moment of this class lies in this window"; every edge of the windows
    must be among the cuts."""
    starts = np.searchsorted(cuts, np.array([start for start, _ in windows], np.int64), side="left") + 1
    ends = np.searchsorted(cuts, np.array([end for _, end in windows], np.int64), side="left") + 1
    classes = np.arange(len(cuts) + 1)[:, None]
    return (classes >= starts) & (classes < ends)


@lru_cache(maxsize=64)
def _tables_of(cuts: tuple[bytes, ...]) -> dict[tuple[int, ...], tuple[int, Ints]]:
    """The tables of days cut alike, which laws hold together: most amendments cut no other days."""
    return {}


class DayNumbers:
    """The classes of a line's days on all axes as one number, looked up by moment.

    Between two neighbouring cuts nothing changes, so a table from the first cut to the last is complete; its
    ends hold for every moment beyond.
    """

    def __init__(self, cuts: Sequence[Ints]) -> None:
        self._cuts = tuple(cuts)
        self._tables = _tables_of(tuple(each.tobytes() for each in self._cuts))

    @property
    def space(self) -> int:
        """How many numbers there are."""
        return prod(len(cuts) + 1 for cuts in self._cuts)

    def of(self, days: Sequence[Ints]) -> Ints:
        """The number of each line, from the moments on every axis; axes that are one and the same column are
        looked up together."""
        axes: dict[int, list[int]] = {}
        for axis, moments in enumerate(days):
            axes.setdefault(id(moments), []).append(axis)
        numbers: list[Ints] = []
        for together in axes.values():
            first, table = self._table(tuple(together))
            numbers.append(np.take(table, days[together[0]] - first, mode="clip"))
        return numbers[0] if len(numbers) == 1 else np.asarray(np.add.reduce(numbers), np.int64)

    def split(self, numbers: Ints) -> tuple[Ints, ...]:
        """The class on each axis."""
        classes = []
        for cuts in self._cuts:
            numbers, here = np.divmod(numbers, len(cuts) + 1)
            classes.append(here)
        return tuple(classes)

    def _table(self, axes: tuple[int, ...]) -> tuple[int, Ints]:
        """The first moment of the table of some axes, and their part of the number from there on."""
        if axes not in self._tables:
            edges = np.concatenate([self._cuts[axis] for axis in axes])
            edges = edges[(edges > ALWAYS) & (edges < NEVER)]
            first = int(edges.min(initial=0 if not len(edges) else edges[0])) - 1
            moments = np.arange(first, int(edges.max(initial=first)) + 1)
            numbers = np.zeros(len(moments), np.int64)
            for axis in axes:
                numbers += np.searchsorted(self._cuts[axis], moments, side="right") * prod(
                    len(cuts) + 1 for cuts in self._cuts[:axis]
                )
            self._tables[axes] = first, numbers
        return self._tables[axes]
