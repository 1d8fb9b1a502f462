"""Why an amount is unknown: a small closed set of reasons, numbered in the order they first occur in a run."""

from __future__ import annotations

from threading import Lock
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
INCOMPLETE_SHIPMENT = "incomplete-shipment"


class Reason(NamedTuple):
    """A kind of reason, and the dimension, fact, rule or program it names."""

    kind: str
    name: str


class Reasons:
    """The reasons met so far under one law, by number."""

    def __init__(self) -> None:
        self.all: list[Reason] = []
        self._numbers: dict[Reason, int] = {}
        self._lock = Lock()

    def number(self, kind: str, name: str) -> int:
        """The number of a reason."""
        reason = Reason(kind, name)
        with self._lock:
            if reason not in self._numbers:
                self._numbers[reason] = len(self.all)
                self.all.append(reason)
            return self._numbers[reason]


class Unknowns:
    """Which of some lines are unknown for which program, and why (the first reason found stands).

    Most reasons hold for whole outcomes and are kept there; a program gets a column of lines only when a reason holds for some lines of an outcome
    and not for others (a quantity that some of them lack).
    """

    def __init__(self, reasons: Reasons, of_outcome: NDArray[np.int32], outcome: Ints) -> None:
        self._reasons, self._of_outcome, self._outcome = reasons, of_outcome, outcome
        self.by_line: dict[int, NDArray[np.int32]] = {}

    def column(self, program: int) -> NDArray[np.int32]:
        """The number of the reason on each line, -1 where the program is known."""
        return self.by_line[program] if program in self.by_line else np.asarray(self._of_outcome[program][self._outcome])

    def marked(self, program: int, lines: Ints) -> NDArray[np.bool_]:
        """Whether each of some lines is marked for the program."""
        if program in self.by_line:
            return np.asarray(self.by_line[program][lines] >= 0)
        return np.asarray(self._of_outcome[program][self._outcome[lines]] >= 0)

    def mark(self, program: int, lines: Ints, kind: str, name: str) -> None:
        """Mark lines as unknown for a program."""
        if not len(lines):
            return
        if program not in self.by_line:
            self.by_line[program] = self.column(program)
        column = self.by_line[program]
        column[lines[column[lines] < 0]] = self._reasons.number(kind, name)
