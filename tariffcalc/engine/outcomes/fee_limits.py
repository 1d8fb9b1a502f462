"""The least and the most that a shipment pays of a fee."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints, Small
from tariffcalc.compiled.law import CompiledLaw

NO_LIMIT = 1 << 60


def limits_of(law: CompiledLaw, program: int, bits: Small, subject: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The least and the most a shipment pays under each rule [minor units]; nothing where it is not subject
    to the fee."""
    words = law.programs[program].words
    first = words.start * 64
    rules = [law.rules[bit] for bit in range(first, words.stop * 64)]
    low = np.array(
        [0 if rule is None or rule.shipment_at_least is None else rule.shipment_at_least for rule in rules],
        np.int64,
    )
    high = np.array(
        [
            NO_LIMIT if rule is None or rule.shipment_at_most is None else rule.shipment_at_most
            for rule in rules
        ],
        np.int64,
    )
    place = np.where(subject, bits - first, 0)
    return np.where(subject, low[place], 0), np.where(subject, high[place], NO_LIMIT)
