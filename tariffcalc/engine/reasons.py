"""Why an amount is unknown: a small closed set of reasons, numbered in the order they first occur in a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Ints

MISSING_QUANTITY = "missing-quantity"
MISSING_FACT = "missing-fact"
DOUBTFUL_RULE = "undecided-measure"
NOT_HELD_LAW = "not-held"
DEPENDS = "depends-on"
NO_RATE = "no-rate"
NO_BASE = "no-base"


class Reason(NamedTuple):
    """A kind of reason, and the dimension, fact, rule or program it names."""

    kind: str
    name: str


class Unknowns:
    """Which lines are unknown for which program, and why (the first reason found stands)."""

    def __init__(self, lines: int, programs: int) -> None:
        self._size = lines
        self.reasons: list[Reason] = []
        self._numbers: dict[Reason, int] = {}
        self.of_program: list[NDArray[np.int32] | None] = [None] * programs

    def mark(self, program: int, lines: Ints, kind: str, name: str) -> None:
        """Mark lines as unknown for a program."""
        if not len(lines):
            return
        number = self._number(Reason(kind, name))
        column = self.of_program[program]
        if column is None:
            column = self.of_program[program] = np.full(self._size, -1, np.int32)
        fresh = lines[column[lines] < 0]
        column[fresh] = number

    def _number(self, reason: Reason) -> int:
        if reason not in self._numbers:
            self._numbers[reason] = len(self.reasons)
            self.reasons.append(reason)
        return self._numbers[reason]

    def mark_patterns(
        self, program: int, of_line: Ints, patterns: int, marks: list[tuple[NDArray[np.bool_], Ints, str, list[str]]]
    ) -> NDArray[np.bool_]:
        """Mark every line of some patterns, and return which patterns.

        Each mark gives the patterns, a number for each pattern, a kind of reason, and the name that goes with each distinct number.
        """
        numbers = np.full(patterns, -1, np.int32)
        for marked, values, kind, names in marks:
            fresh = marked & (numbers < 0)
            for value, name in zip(np.unique(values[marked]), names, strict=True):
                numbers[fresh & (values == value)] = self._number(Reason(kind, name))
        if marks:
            self.of_program[program] = numbers[of_line]
        return np.asarray(numbers >= 0)
