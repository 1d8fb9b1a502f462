"""Duties as arrays, and what they come to: exact integers, rounded once per posting.

Money is held in minor units (cents), quantities in millionths of the base unit.  A duty is a sum of numerators over one common denominator ``D``:
a term contributes ``numerator x minor units`` or ``numerator x quantity`` with the result in millionths of a minor unit over ``D``.  The sum
is rounded half up to the minor unit once, so a compound duty never rounds twice.

Authority: the rounding of the territory (United States: 19 CFR 159.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MILLION = 1_000_000
_SAFE = 4.0e18  # below the largest int64

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


NONE_DUE, PLAIN, EXACT, NOT_HELD = range(4)
IS_RATE = np.array([True, True, False, False])  # by kind: nothing, or a percentage


@dataclass(frozen=True)
class DutyTable:
    """Every distinct duty of the law by number: its kind, its plain rate, or its sums; and its wording."""

    kind: NDArray[np.int8]
    ppm: Ints  # millionths of the base, for plain duties
    exact: tuple[ExactDuty | None, ...]
    text: tuple[str, ...]


def percent_of(base: Ints, ppm: Ints, scale: int = 1) -> Ints:
    """``base / scale x ppm`` rounded half up, exact whatever the size [minor units]."""
    if base.size == 0:
        return base
    divisor = MILLION * scale
    if float(np.abs(base).max()) * float(ppm.max(initial=0)) < _SAFE:
        return (base * ppm + divisor // 2) // divisor
    whole, rest = np.divmod(base, divisor)
    return whole * ppm + (rest * ppm + divisor // 2) // divisor


def exact_sum(each: ExactSum, size: int, measured: Callable[[Amount], Ints], scale: int) -> NDArray[Any]:
    """The floor of a sum in millionths of a minor unit over the duty's denominator and the scale in which bases are held [lines]."""
    whole: NDArray[Any] = np.zeros(size, np.int64)
    rest: NDArray[Any] = np.zeros(size, np.int64)
    bound = 0.0
    for rate, amount in each.terms:
        numerator = rate if amount.kind == BASE else rate * scale
        quantity: NDArray[Any] = measured(amount)
        bound += float(np.abs(quantity).max(initial=0)) * abs(numerator) / (1 if amount.is_money else MILLION)
        bound += 0.0 if amount.is_money else abs(numerator)
        if bound > _SAFE or abs(numerator) > _SAFE / MILLION / 4:
            quantity, whole, rest = quantity.astype(object), whole.astype(object), rest.astype(object)
        if amount.is_money:
            whole = whole + quantity * numerator
        else:
            units, millionths = quantity // MILLION, quantity % MILLION
            whole = whole + units * numerator
            rest = rest + millionths * numerator
    total: NDArray[Any] = whole + rest // MILLION
    return total


def round_sum(total: NDArray[Any], denominator: int) -> Ints:
    """Half up to the minor unit."""
    scale = MILLION * denominator
    if total.dtype != object and float(np.abs(total).max(initial=0)) > _SAFE:
        total = total.astype(object)
    return np.asarray((total + scale // 2) // scale, dtype=np.int64)


def exact_amount(duty: ExactDuty, size: int, measured: Callable[[Amount], Ints], scale: int = 1) -> Ints:
    """What a duty comes to on each line [minor units]; ``measured`` gives each amount on the same lines, bases in ``1 / scale`` of a minor unit."""
    terms, at_least, at_most = duty.sums
    total = exact_sum(terms, size, measured, scale)
    if at_least is not None:
        total = np.maximum(total, exact_sum(at_least, size, measured, scale))
    if at_most is not None:
        total = np.minimum(total, exact_sum(at_most, size, measured, scale))
    return round_sum(total, duty.denominator * scale)
