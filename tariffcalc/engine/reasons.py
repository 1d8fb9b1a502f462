"""Why an amount is unknown: a small closed set of reasons, numbered in the order they first occur in a run."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Ints, Small

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


class Unknowns:
    """Which lines are unknown for which program, and why (the first reason found stands).

    Most reasons hold for whole fact patterns and are kept by pattern; a program gets a column of lines only when a reason holds for some lines of a
    pattern and not for others (a quantity that some of them lack).
    """

    def __init__(self, of_line: Ints, programs: int) -> None:
        self._of_line = of_line
        self.reasons: list[Reason] = []
        self._numbers: dict[Reason, int] = {}
        self._lock = Lock()
        self._by_pattern: list[NDArray[np.int32] | None] = [None] * programs
        self._by_line: list[NDArray[np.int32] | None] = [None] * programs

    def column(self, program: int) -> NDArray[np.int32] | None:
        """The number of the reason on each line, -1 where the program is known; None where it is known everywhere."""
        by_line, by_pattern = self._by_line[program], self._by_pattern[program]
        return by_pattern[self._of_line] if by_line is None and by_pattern is not None else by_line

    def unknown(self, programs: list[int]) -> NDArray[np.bool_] | None:
        """The lines on which any of some programs is unknown; None for no line."""
        lines = [column >= 0 for program in programs if (column := self._by_line[program]) is not None]
        patterns = [column >= 0 for program in programs if self._by_line[program] is None and (column := self._by_pattern[program]) is not None]
        if patterns:
            lines.append(np.logical_or.reduce(patterns)[self._of_line])
        return np.logical_or.reduce(lines) if lines else None

    def marked(self, program: int, lines: Ints) -> NDArray[np.bool_]:
        """Whether each of some lines is marked for the program."""
        by_line, by_pattern = self._by_line[program], self._by_pattern[program]
        if by_line is not None:
            return np.asarray(by_line[lines] >= 0)
        return np.zeros(len(lines), bool) if by_pattern is None else np.asarray(by_pattern[self._of_line[lines]] >= 0)

    def line_marks(self, program: int) -> NDArray[np.bool_] | None:
        """The lines marked where some lines were marked one by one; None where none were."""
        column = self._by_line[program]
        return None if column is None else column >= 0

    def mark(self, program: int, lines: Ints, kind: str, name: str) -> None:
        """Mark lines as unknown for a program."""
        if not len(lines):
            return
        number = self._number(Reason(kind, name))
        column = self._by_line[program]
        if column is None:
            given = self.column(program)
            column = self._by_line[program] = np.full(len(self._of_line), -1, np.int32) if given is None else given
        fresh = lines[column[lines] < 0]
        column[fresh] = number

    def mark_patterns(self, program: int, patterns: int, marks: list[tuple[NDArray[np.bool_], Small, str, list[str]]]) -> NDArray[np.bool_]:
        """Mark every line of some patterns, and return which patterns.

        Each mark gives the patterns, a number for each pattern, a kind of reason, and the name that goes with each distinct number.
        """
        numbers = np.full(patterns, -1, np.int32)
        for marked, values, kind, names in marks:
            fresh = marked & (numbers < 0)
            for value, name in zip(np.unique(values[marked]), names, strict=True):
                numbers[fresh & (values == value)] = self._number(Reason(kind, name))
        if marks:
            self._by_pattern[program] = numbers
        return np.asarray(numbers >= 0)

    def _number(self, reason: Reason) -> int:
        with self._lock:
            if reason not in self._numbers:
                self._numbers[reason] = len(self.reasons)
                self.reasons.append(reason)
            return self._numbers[reason]
