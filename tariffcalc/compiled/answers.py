"""Answers to one condition about values of its fact: false, true, unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.facts import FactInfo

FALSE, TRUE, UNKNOWN = 0, 1, 2

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def turned_answers(test: Test) -> tuple[int, int, int]:
    """What false, true and unknown become by "not" and "if declared"."""
    unknown = TRUE if test.if_declared else UNKNOWN
    return (TRUE, FALSE, unknown) if test.negated else (FALSE, TRUE, unknown)


def assumed_answer(test: Test, fact: FactInfo) -> int:
    """The answer, before negation, for a line that does not declare the fact."""
    if fact.assumed is None:
        return UNKNOWN
    return int(holds(test, fact, np.array([fact.assumed]))[0])


def holds(test: Test, fact: FactInfo, values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether values of a fact meet a condition, before negation."""
    if test.operator in ("true", "claim"):
        return np.asarray(values == 1)
    if test.operator == "in":
        return np.asarray(np.logical_or.reduce([values == choice for choice in test.choices]))
    numerator, denominator = test.number
    threshold, rest = divmod(numerator * fact.scale, denominator)
    if rest:
        values, threshold = values * denominator, numerator * fact.scale
    return np.asarray(COMPARE[test.operator](values, threshold))


def compared(test: Test, value: Fraction) -> bool:
    """Whether a value meets a comparison, before negation."""
    return bool(COMPARE[test.operator](value, Fraction(*test.number)))
