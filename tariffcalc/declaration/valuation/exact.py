"""Exact arithmetic on columns of amounts: 64-bit integers where they hold every step, Python's own integers
where they would not.

Both are numpy columns under the same operators; only the rare column of very large amounts pays for the
second.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.declaration.columns import Ints

Exact = NDArray[Any]  # of int64, or of Python integers

_ROOM = 2.0**61


def with_room(amounts: Exact, factor: int) -> Exact:
    """The amounts in a form in which sums of a few of them, each times the factor, do not overflow."""
    largest = float(np.abs(amounts).max(initial=0)) if amounts.dtype != object else _ROOM
    return amounts if amounts.dtype == object or largest * factor < _ROOM / 16 else amounts.astype(object)


def at_rates(amounts: Exact, numerator: Ints, denominator: Ints, scale: Fraction, most: int) -> Ints:
    """Amounts times a rate of each row and a common scale, half up, for amounts of nothing and more; what
    exceeds ``most`` becomes ``most + 1``.

    The whole part is multiplied apart from the rest, so that no product is larger than it must be.

    >>> at_rates(np.array([10_000]), np.array([484]), np.array([5]), Fraction(1, 1), 10**15).tolist()
    [968000]
    """
    top, bottom = (
        numerator.astype(np.float64) * scale.numerator,
        denominator.astype(np.float64) * scale.denominator,
    )
    fits = amounts.dtype != object and len(amounts) > 0 and float((top * bottom).max()) < _ROOM / 4
    if not fits or float((amounts.astype(np.float64) * top / bottom).max()) >= _ROOM:
        amounts, numerator, denominator = (
            amounts.astype(object),
            numerator.astype(object),
            denominator.astype(object),
        )
    numerator, denominator = numerator * scale.numerator, denominator * scale.denominator
    whole, rest = amounts // denominator, amounts % denominator
    result = whole * numerator + (2 * rest * numerator + denominator) // (2 * denominator)
    return np.asarray(np.minimum(result, most + 1).astype(np.int64))
