"""Columns of exact amounts for tables: each distinct integer becomes a ``Decimal`` once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray


def amount_column(
    amounts: NDArray[Any], known: NDArray[np.bool_] | None, money: Callable[[int], Decimal]
) -> NDArray[np.object_]:
    """Amounts as money; None where an amount is not known.

    >>> amount_column(np.array([825, 7]), np.array([True, False]), Decimal).tolist()
    [Decimal('825'), None]
    """
    found = np.full(len(amounts), None, object)
    some = np.arange(len(amounts)) if known is None else np.flatnonzero(known)
    distinct, place = np.unique(amounts[some], return_inverse=True)
    made = np.empty(len(distinct), object)
    made[:] = [money(each) for each in distinct.tolist()]
    found[some] = made[place.reshape(-1)]
    return found
