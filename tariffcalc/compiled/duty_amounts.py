"""What duties come to: exact integers, rounded half up to the minor unit once for each posting, so that a
compound duty never rounds twice.

Authority: the rounding of the territory (United States: 19 CFR 159.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.duties import BASE, MILLION, SAFE, Amount, DutyShape, Ints, ShapedSum


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
