"""What is kept of outcomes in which facts that are not declared decide.

Some duties are known all the same, since every declaration leads to the same charge; of them the other
measure that may apply is kept.  Of the others the facts that decide are kept; and, where only the amounts of
a line can tell whether all its declarations come to the same duty, the outcomes to compare.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.outcomes.growing_table import AppendOnlyTable

# in the lowest two bits of a charge: it is a rate of the whole customs value, which is in the bits above them
RATE = 1


class UndecidedColumns(NamedTuple):
    """Columns of the tables of ``Undecided``."""

    either: Small
    deciding: Small
    contested: Small
    decided: Small
    presumed: Small
    node: Small


class Undecided:
    """Tables over outcomes.

    Attributes
    ----------
    either : [programs, outcomes]
        The rule that applies instead under some declarations, though the program charges the same under all
        of them; -1 for none.
    deciding : [programs, outcomes]
        The number of the facts on which the charge depends; -1 for none.
    contested : [1, outcomes]
        The number of the outcomes to compare line by line; -1 for none.
    decided : [1, outcomes]
        The outcome of lines on which those turn out to charge the same, program by program.
    presumed : [1, outcomes]
        The number of the assumptions; -1 for none.
    node : [1, outcomes]
        The node of ``questions`` that says what may become of it; -1 where nothing is undecided.
    """

    def __init__(self, law: CompiledLaw) -> None:
        self._law = law
        self.either, self.deciding = (
            AppendOnlyTable(len(law.programs), np.int32),
            AppendOnlyTable(len(law.programs), np.int32),
        )
        self.contested, self.decided, self.presumed, self.node = (
            AppendOnlyTable(1, np.int32) for _ in range(4)
        )
        self.facts: list[tuple[str, ...]] = []
        self.contests: list[Ints] = []
        self.gaps: list[int] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._on_others = np.array(
            [_is_measured_on_others(law, number) for number in range(len(law.programs))]
        )

    @property
    def tables(self) -> tuple[AppendOnlyTable, ...]:
        """The tables in the order of ``UndecidedColumns``."""
        return self.either, self.deciding, self.contested, self.decided, self.presumed, self.node

    def none(self, size: int) -> UndecidedColumns:
        """The columns of outcomes in which nothing is undecided, or nothing is known of it."""
        heights = [len(self._law.programs)] * 2 + [1] * 4
        return UndecidedColumns(*(np.full((height, size), -1, np.int32) for height in heights))

    def append(self, columns: UndecidedColumns) -> None:
        """Add the columns of some new outcomes."""
        for table, column in zip(self.tables, columns, strict=True):
            table.append(column)

    def facts_number(self, facts: tuple[str, ...]) -> int:
        """The number of some facts that decide together."""
        number = self._numbers.setdefault(("facts", *facts), len(self.facts))
        if number == len(self.facts):
            self.facts.append(facts)
        return number

    def contest_number(self, outcomes: Ints, charge: Ints) -> int:
        """The number of a contest between outcomes; ``charge`` [programs, outcomes] is what each program
        charges (0 for fees)."""
        distinct = {column.tobytes(): place for place, column in enumerate(np.ascontiguousarray(charge.T))}
        outcomes, charge = outcomes[[*distinct.values()]], charge[:, [*distinct.values()]]
        number = self._numbers.setdefault(("contest", *outcomes.tolist()), len(self.contests))
        if number == len(self.contests):
            self.contests.append(outcomes)
            self.gaps.append(self._gap(charge))
        return number

    def _gap(self, charge: Ints) -> int:
        """By how much the rates of the customs value differ between two outcomes that otherwise charge the
        same [millionths]; 0 where no two do."""
        is_rate = charge & 3 == RATE
        rates = np.where(is_rate, charge >> 2, 0).sum(axis=0)
        rest = np.where(is_rate, 0, charge)
        comparable = ~((rest != 0) & self._on_others[:, None]).any(axis=0)
        if not comparable.any():
            return 0
        groups: dict[bytes, list[int]] = {}
        for rate, column in zip(
            rates[comparable].tolist(), np.ascontiguousarray(rest[:, comparable].T), strict=True
        ):
            groups.setdefault(column.tobytes(), []).append(rate)
        return max(max(group) - min(group) for group in groups.values())


def _is_measured_on_others(law: CompiledLaw, number: int) -> bool:
    """Whether any duty of a program is measured on what another program charges."""
    return law.programs[number].level > 0


def all_alike(charge: Ints) -> Bools:
    """Whether each program charges the same under every outcome, the last axis."""
    return np.asarray((charge == charge[..., :1]).all(axis=-1))
