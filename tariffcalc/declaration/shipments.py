"""The lines of one shipment, which is one entry."""

from __future__ import annotations

import numpy as np

from tariffcalc.declaration.columns import (
    Given,
    Ints,
    as_coded,
)
from tariffcalc.declaration.problems import Problems


def read_shipments(given: Given, entered: Ints, problems: Problems) -> Ints:
    """The number of the shipment of each line; a line that names none is a shipment of its own.

    A shipment is one entry: lines of one shipment entered on different days are refused.
    """
    column = as_coded(given)
    distinct = {str(value): number for number, value in enumerate(dict.fromkeys(map(str, column.values)))}
    numbers = column.spread(np.array([distinct[str(value)] for value in column.values], np.int64), -1)
    numbers = np.where(numbers < 0, len(distinct) + np.arange(len(numbers)), numbers)
    first = np.zeros(int(numbers.max(initial=-1)) + 1, np.int64)
    first[numbers[::-1]] = entered[::-1]
    several = np.zeros(len(first), bool)
    several[numbers[entered != first[numbers]]] = True
    why = "lines of one shipment are entered on different days"
    problems.refuse(
        np.flatnonzero(several[numbers]),
        "shipment-of-two-days",
        why,
        "give every entry a shipment of its own",
    )
    return numbers
