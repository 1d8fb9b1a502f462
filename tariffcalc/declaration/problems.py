"""Problems: rows that could not be assessed, or were assessed on an assumption, each with what was got and
what to supply.

Nothing is dropped: a problem names rows, and those rows stay in every result with an unknown duty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.declaration.row_names import shown_row
from tariffcalc.errors import ShipmentError

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.int64]


class Problem(NamedTuple):
    """One problem of one or many rows; of a program, where it is about the duty of one."""

    rows: Rows
    code: str
    message: str
    supply: str
    program: str = ""


@dataclass
class Problems:
    """Problems as they are found: ``refused`` rows are not assessed at all; ``noted`` ones are, on the
    assumption the note states.

    ``bad`` marks the rows refused so far; ``index`` is the index of the table, where it has one of its own.
    """

    size: int
    index: pd.Index | None = None
    refused: list[Problem] = field(default_factory=list)
    noted: list[Problem] = field(default_factory=list)
    bad: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(self.size, bool)

    def refuse(self, rows: Rows, code: str, message: str, supply: str) -> None:
        """Record a reason not to assess some rows."""
        if len(rows):
            self.refused.append(Problem(rows, code, message, supply))
            self.bad[rows] = True

    def note(self, rows: Rows, code: str, message: str, supply: str = "") -> None:
        """Record something the caller should know of rows that are assessed."""
        if len(rows):
            self.noted.append(Problem(rows, code, message, supply))

    def add(self, others: Problems) -> None:
        """Record the problems that others found of the same rows."""
        self.refused += others.refused
        self.noted += others.noted
        if others.refused:
            self.bad |= others.bad

    def good_rows(self) -> Rows:
        """The rows nothing was refused for."""
        return np.flatnonzero(~self.bad)

    def raise_refused(self) -> None:
        """Raise ShipmentError with every refusal, if there is any."""
        if self.refused:
            raise ShipmentError(show_problems(self.refused, index=self.index), self.refused)


def sentence_of(message: str, supply: str) -> str:
    """What is wrong and what to do, as one text.

    >>> sentence_of("the value is 'x'", "give a number"), sentence_of("Is it smoked?", "Set smoked to yes.")
    ("the value is 'x'; give a number", 'Is it smoked? Set smoked to yes.')
    >>> sentence_of("The duty is per kilogram", "add the column quantity_kg.")
    'The duty is per kilogram: add the column quantity_kg.'
    """
    if not supply:
        return message
    between = " " if message.endswith(("?", ".")) else ": " if supply.endswith(".") else "; "
    return f"{message}{between}{supply}"


def problem_table(found: Mapping[str, Sequence[Problem]]) -> pd.DataFrame:
    """The problems of each severity as one table, a row per problem and input row: row, severity, code,
    message, supply; by row and severity."""
    import pandas as pd

    problems = [(severity, problem) for severity in sorted(found) for problem in found[severity]]
    said = [(severity, problem.code, problem.message, problem.supply) for severity, problem in problems]
    table = pd.DataFrame(said, columns=["severity", "code", "message", "supply"])
    if not said:
        table.insert(0, "row", [])
        return table
    rows = np.concatenate([problem.rows for _, problem in problems])
    number = np.repeat(np.arange(len(problems)), [len(problem.rows) for _, problem in problems])
    order = np.lexsort((number, rows))
    table = table.take(number[order]).reset_index(drop=True)
    table.insert(0, "row", rows[order])
    return table


def show_problems(problems: list[Problem], most: int = 20, index: pd.Index | None = None) -> str:
    """Problems as sentences, one line each, rows counted from 1; ``index`` is the table's own."""

    def sentences() -> Iterator[str]:
        for problem in problems[:most]:
            rows = ", ".join(shown_row(int(row), index) for row in problem.rows[:5]) + (
                f" and {len(problem.rows) - 5:,} more" if len(problem.rows) > 5 else ""
            )
            yield (
                f"row{'s' if len(problem.rows) > 1 else ''} {rows}: {problem.code}:"
                f" {sentence_of(problem.message, problem.supply)}"
            )
        if len(problems) > most:
            yield f"... and {len(problems) - most:,} more problems"

    return "\n".join(sentences())
