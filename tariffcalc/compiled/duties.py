"""Duties as arrays of exact integers.

Money is held in minor units (cents), quantities in millionths of the base unit.  A duty is a sum of
numerators over one common denominator ``D``: a term contributes ``numerator x minor units`` or
``numerator x quantity`` with the result in millionths of a minor unit over ``D``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.lines import LARGEST_QUANTITY
from tariffcalc.stored.frozen import Frozen

Ints = NDArray[np.int64]

MILLION = 1_000_000
SAFE = 4.0e18  # below the largest int64
_PROGRAMS = 64  # more than charge duties on one line under any law

BASE, VALUE, QUANTITY, MONEY_FACT, NUMBER_FACT, CHARGED = range(6)


class Amount(NamedTuple):
    """A measured amount a term is charged on: its kind, and the dimension, fact or program it names."""

    kind: int
    name: str

    @property
    def is_money(self) -> bool:
        return self.kind in (BASE, VALUE, MONEY_FACT, CHARGED)


ExactTerm = tuple[Fraction, Amount]  # minor units per minor unit, or minor units per base unit of a quantity


class ExactSum(NamedTuple):
    """Terms over the duty's common denominator."""

    terms: tuple[tuple[int, Amount], ...]


@dataclass(frozen=True)
class ExactDuty:
    """A duty that is more than one plain percentage: a sum, perhaps between two others."""

    denominator: int
    sums: tuple[ExactSum, ExactSum | None, ExactSum | None]

    @classmethod
    def of(cls, sums: tuple[list[ExactTerm], list[ExactTerm] | None, list[ExactTerm] | None]) -> ExactDuty:
        """From terms as fractions."""
        every = [rate * MILLION for terms in sums if terms is not None for rate, _ in terms]
        denominator = lcm(1, *(rate.denominator for rate in every))

        def exact(terms: list[ExactTerm] | None) -> ExactSum | None:
            if terms is None:
                return None
            return ExactSum(tuple((int(rate * MILLION * denominator), amount) for rate, amount in terms))

        first = exact(sums[0])
        assert first is not None
        return cls(denominator, (first, exact(sums[1]), exact(sums[2])))

    def amounts(self) -> tuple[Amount, ...]:
        """Every measured amount the duty asks for, each once."""
        return tuple(dict.fromkeys(amount for each in self.sums if each for _, amount in each.terms))


class ShapedSum(NamedTuple):
    """The same sum of several duties: the amounts of its terms, and the numerators of each duty [terms,
    duties]."""

    amounts: tuple[Amount, ...]
    numerators: NDArray[Any]


class DutyShape(NamedTuple):
    """Duties whose sums are over the same amounts, so that lines under any of them are worked out
    together."""

    sums: tuple[ShapedSum, ShapedSum | None, ShapedSum | None]
    denominators: NDArray[Any]  # [duties]

    def amounts(self) -> tuple[Amount, ...]:
        """Every measured amount the duties ask for, each once."""
        return tuple(dict.fromkeys(amount for each in self.sums if each for amount in each.amounts))


NONE_DUE, PLAIN, EXACT, NOT_HELD = range(4)
NOT_BORROWED, BORROWED_DUTY, BORROWED_RATE = range(3)
IS_RATE = np.array([True, True, False, False])  # by kind: nothing, or a percentage


@dataclass(frozen=True)
class DutyTable(Frozen):
    """Every distinct duty of the law by number: its kind, its plain rate, or its sums; and its wording."""

    kind: NDArray[np.int8]
    ppm: Ints  # millionths of the base, for plain duties
    exact: tuple[ExactDuty | None, ...]
    text: tuple[str, ...]
    look_up: tuple[str, ...]  # where to look up one that is not held, if the seeds say so
    # whether another line decides it: not, its duty, or its rate where that is a percentage
    borrowed: NDArray[np.int8]

    @cached_property
    def largest_counts(self) -> dict[Amount, int]:
        """The greatest quantity of each dimension, and the greatest number of each fact, on which every duty
        can be held [millionths]."""
        terms = [
            (term, duty.denominator)
            for duty in self.exact
            if duty
            for each in duty.sums
            if each
            for term in each.terms
        ]
        counted = [
            (abs(numerator), amount, denominator)
            for (numerator, amount), denominator in terms
            if numerator and not amount.is_money
        ]
        largest: dict[Amount, int] = {}
        for numerator, amount, denominator in counted:
            most = int(SAFE / _PROGRAMS) * MILLION * MILLION * denominator // numerator
            largest[amount] = min(most, largest.get(amount, most))
        return largest

    def largest_count(self, amount: Amount) -> int:
        """The greatest quantity of a dimension, or number of a fact, that a line may have [millionths]."""
        return min(LARGEST_QUANTITY, self.largest_counts.get(amount, LARGEST_QUANTITY))

    @cached_property
    def _rising(self) -> dict[Amount, NDArray[np.bool_]]:
        """By amount, the duties that are a sum with it, and not at most another sum."""
        rising: dict[Amount, NDArray[np.bool_]] = {}
        for number, duty in enumerate(self.exact):
            for numerator, amount in duty.sums[0].terms if duty and duty.sums[2] is None else ():
                if numerator > 0:
                    rising.setdefault(amount, np.zeros(len(self.exact), bool))[number] = True
        return rising

    def rises_with(self, amounts: Iterable[Amount]) -> NDArray[np.bool_]:
        """Whether each duty rises with any of some amounts on and on."""
        found = (self._rising[amount] for amount in amounts if amount in self._rising)
        return np.asarray(np.logical_or.reduce([np.zeros(len(self.exact), bool), *found]))

    @cached_property
    def shapes(self) -> tuple[tuple[DutyShape, ...], Ints, Ints]:
        """The shapes of all exact duties; for each duty the number of its shape (-1: not exact), and its
        place in the shape."""
        members: dict[tuple[Any, ...], list[int]] = {}
        for number, duty in enumerate(self.exact):
            if duty is not None:
                members.setdefault(_shape_of(duty), []).append(number)
        shape, place = np.full(len(self.exact), -1, np.int64), np.zeros(len(self.exact), np.int64)
        for each, numbers in enumerate(members.values()):
            shape[numbers], place[numbers] = each, np.arange(len(numbers))
        return (
            tuple(_shape([self.exact[number] for number in numbers]) for numbers in members.values()),
            shape,
            place,
        )


def _shape_of(duty: ExactDuty) -> tuple[Any, ...]:
    """What duties of one shape have in common: the amounts of their sums, and whether their numerators fit a
    machine's integers."""
    numerators = [numerator for each in duty.sums if each for numerator, _ in each.terms]
    small = max(map(abs, [*numerators, duty.denominator])) < SAFE / MILLION / 4
    return small, *(None if each is None else tuple(amount for _, amount in each.terms) for each in duty.sums)


def _shape(duties: Sequence[ExactDuty | None]) -> DutyShape:
    some = [duty for duty in duties if duty is not None]
    kind = np.int64 if _shape_of(some[0])[0] else object

    def shaped(place: int) -> ShapedSum | None:
        sums = [each for duty in some if (each := duty.sums[place]) is not None]
        if not sums:
            return None
        rows = [[numerator for numerator, _ in each.terms] for each in sums]
        return ShapedSum(tuple(amount for _, amount in sums[0].terms), np.array(rows, kind).T)

    first = shaped(0)
    assert first is not None
    return DutyShape((first, shaped(1), shaped(2)), np.array([duty.denominator for duty in some], kind))
