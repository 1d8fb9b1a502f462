"""Duties as arrays, and what they come to: exact integers, rounded once per posting.

Money is held in minor units (cents), quantities in millionths of the base unit.  A duty is a sum of
numerators over one common denominator ``D``: a term contributes ``numerator x minor units`` or
``numerator x quantity`` with the result in millionths of a minor unit over ``D``.  The sum is rounded half up
to the minor unit once, so a compound duty never rounds twice.

Authority: the rounding of the territory (United States: 19 CFR 159.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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


def percent_of(base: Ints, ppm: Ints, scale: int = 1, step: int = 1) -> Ints:
    """``base / scale x ppm`` rounded half up to a multiple of ``step``, exact whatever the size [minor
    units]."""
    if base.size == 0:
        return base
    divisor = MILLION * scale * step
    if float(base.max()) * float(ppm.max(initial=0)) < SAFE:
        amount: Ints = base * ppm
        divide(amount, divisor)
    else:
        whole, rest = np.divmod(base, divisor)
        amount = whole * ppm + (rest * ppm + divisor // 2) // divisor
    return amount if step == 1 else amount * step


def divide(numbers: Ints, divisor: int) -> None:
    """Divide numbers of 0 and more in place, half up; without a sign they are divided faster."""
    numbers += divisor // 2
    unsigned = numbers.view(np.uint64)
    np.floor_divide(unsigned, np.uint64(divisor), out=unsigned)


def exact_amounts(
    shape: DutyShape,
    duty: Ints,
    measured: dict[Amount, Ints],
    scale: int = 1,
    step: int = 1,
    parts: tuple[Ints, Ints] | None = None,
) -> Ints:
    """What duties of one shape come to [minor units]: of each line the place of its duty in the shape, and
    every amount on the same lines.

    Bases are in ``1 / scale`` of a minor unit; the sum is rounded half up to a multiple of ``step``.
    ``parts`` are two amounts of each line in whose proportion the duty is due; of nothing the part is
    nothing.
    """
    if not len(duty):
        return np.zeros(0, np.int64)
    if parts is not None:
        return _in_parts(shape, duty, measured, scale, step, parts)
    if shape.denominators.dtype == object or any(
        _bound(each, measured, scale) > SAFE for each in shape.sums if each
    ):
        # a few lines of great worth must not slow the others down
        if len(duty) > 1 and shape.denominators.dtype != object:
            return _in_halves(shape, duty, measured, scale, step)
        measured = {name: values.astype(object) for name, values in measured.items()}
    total = _bounded([None if each is None else _sum(each, duty, measured, scale) for each in shape.sums])
    divisor = shape.denominators[duty] * (MILLION * scale * step)
    return np.asarray((total + divisor // 2) // divisor * step, dtype=np.int64)


def _bounded(sums: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    """The first of three sums, at least the second and at most the third where there are any."""
    total, at_least, at_most = sums
    assert total is not None
    total = total if at_least is None else np.maximum(total, at_least)
    return total if at_most is None else np.minimum(total, at_most)


def _in_parts(
    shape: DutyShape,
    duty: Ints,
    measured: dict[Amount, Ints],
    scale: int,
    step: int,
    parts: tuple[Ints, Ints],
) -> Ints:
    """What duties come to in the proportion of two amounts, rounded once: few lines, in integers of
    any size."""
    exact = {
        name: values.astype(object) * (MILLION if name.is_money else 1) for name, values in measured.items()
    }

    def added(each: ShapedSum | None) -> NDArray[Any] | None:
        if each is None:
            return None
        terms = (
            exact[amount] * rates[duty].astype(object) * (1 if amount.kind == BASE else scale)
            for amount, rates in zip(*each, strict=True)
        )
        return sum(terms, np.zeros(len(duty), object))

    part, whole = (values.astype(object) for values in parts)
    part, whole = np.where(whole > 0, part, 0), np.where(whole > 0, whole, 1)
    divisor = shape.denominators[duty].astype(object) * whole * (MILLION * MILLION * scale * step)
    total = _bounded([added(each) for each in shape.sums]) * part
    return np.asarray((total + divisor // 2) // divisor * step, dtype=np.int64)


def _in_halves(shape: DutyShape, duty: Ints, measured: dict[Amount, Ints], scale: int, step: int) -> Ints:
    """The lines of smaller and of greater amounts apart."""
    most = np.maximum.reduce([np.abs(values) for values in measured.values()])
    order = np.argsort(most, kind="stable")
    amount = np.empty(len(duty), np.int64)
    for some in np.array_split(order, 2):
        amount[some] = exact_amounts(
            shape, duty[some], {name: values[some] for name, values in measured.items()}, scale, step
        )
    return amount


def _bound(each: ShapedSum, measured: dict[Amount, Ints], scale: int) -> float:
    """The most that the parts of a sum, and what is added to round it, can come to on any line."""
    bound = 0.0
    for amount, rates in zip(each.amounts, each.numerators, strict=True):
        numerator = float(np.abs(rates).max()) * (1 if amount.kind == BASE else scale)
        most = float(np.abs(measured[amount]).max())
        bound += most * numerator if amount.is_money else (most / MILLION + 1) * numerator
    return bound


def _sum(each: ShapedSum, duty: Ints, measured: dict[Amount, Ints], scale: int) -> NDArray[Any]:
    """The floor of a sum in millionths of a minor unit over the duty's denominator and the scale in which
    bases are held [lines]."""
    whole: NDArray[Any] = np.zeros(len(duty), np.int64)
    rest: NDArray[Any] | None = None
    for amount, rates in zip(each.amounts, each.numerators, strict=True):
        numerator = rates[duty] if amount.kind == BASE or scale == 1 else rates[duty] * scale
        if amount.is_money:
            whole = whole + measured[amount] * numerator
        else:
            quantity = measured[amount]
            whole = whole + quantity // MILLION * numerator
            millionths = quantity % MILLION * numerator
            rest = millionths if rest is None else rest + millionths
    return whole if rest is None else whole + rest // MILLION
