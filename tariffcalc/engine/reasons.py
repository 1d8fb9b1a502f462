"""Why an amount is unknown: a small closed set of reasons, numbered in the order they first occur in
a run."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints

MISSING_QUANTITY = "missing-quantity"
MISSING_FACT = "missing-fact"
DOUBTFUL_RULE = "undecided-measure"
NOT_HELD_LAW = "not-held"
DEPENDS = "depends-on"
NO_RATE = "no-rate"
NO_BASE = "no-base"
INCOMPLETE_SHIPMENT = "incomplete-shipment"
UNCERTAIN_RULE, UNCERTAIN_ENTRY, UNCERTAIN_ROW = "uncertain-rule", "uncertain-entry", "uncertain-row"


class Reason(NamedTuple):
    """A kind of reason, the dimension, fact, rule or program it names, and the facts (or the last two digits:
    empty) that decide."""

    kind: str
    name: str
    facts: tuple[str, ...] = ()


class Reasons:
    """The reasons met so far under one law, by number."""

    def __init__(self) -> None:
        self.all: list[Reason] = []
        self._numbers: dict[Reason, int] = {}
        self._lock = Lock()

    def number(self, kind: str, name: str, facts: tuple[str, ...] = ()) -> int:
        """The number of a reason."""
        reason = Reason(kind, name, facts)
        with self._lock:
            if reason not in self._numbers:
                self._numbers[reason] = len(self.all)
                self.all.append(reason)
            return self._numbers[reason]


class Unknowns:
    """Which of some lines are unknown for which program, and why (the first reason found counts).

    Most reasons hold for whole outcomes and are kept there.  ``added`` are those that hold for some lines of
    an outcome and not for others (a quantity that some of them lack): by program, the number of the reason on
    each line, -1 where there is none or the outcome has one.
    """

    def __init__(self, reasons: Reasons, of_outcome: NDArray[np.int32], outcome: Ints, met: Ints) -> None:
        self._reasons, self._of_outcome, self._outcome = reasons, of_outcome, outcome
        # [programs] unknown in some of the outcomes met
        self._some: NDArray[np.bool_] = np.any(of_outcome[:, met] >= 0, axis=1)
        self.added: dict[int, NDArray[np.int32]] = {}

    def added_to(self, program: int, lines: Ints) -> NDArray[np.bool_] | slice:
        """Which of some lines are unknown for the program though their outcome is not."""
        return np.asarray(self.added[program][lines] >= 0) if program in self.added else slice(0)

    def marked(self, program: int, lines: Ints) -> NDArray[np.bool_]:
        """Whether each of some lines is unknown for the program."""
        marked: NDArray[np.bool_]
        marked = (
            self._of_outcome[program][self._outcome[lines]] >= 0
            if self._some[program]
            else np.zeros(len(lines), bool)
        )
        if program in self.added:
            marked |= self.added[program][lines] >= 0
        return marked

    def mark(self, program: int, lines: Ints, kind: str, name: str) -> None:
        """Mark lines as unknown for a program."""
        if not len(lines):
            return
        free = lines[~self.marked(program, lines)]
        if not len(free):
            return
        if program not in self.added:
            self.added[program] = np.full(len(self._outcome), -1, np.int32)
        self.added[program][free] = self._reasons.number(kind, name)
