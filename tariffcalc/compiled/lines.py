"""Lines as columns of integers: what the kernel works on, whether there is one line or a hundred million.

Everything here has been read and checked at the border: codes, origins and special programs are positions on
the law's axes, days are moments, money is
in minor units, quantities and numbers are in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints

# minor units of one line; keeps every product of the kernel, and sums over many lines, within 64 bits
LARGEST_MONEY = 4 * 10**14
LARGEST_QUANTITY = 4 * 10**18  # millionths


class FactColumn(NamedTuple):
    """A declared fact or quantity of each line; ``declared`` is None where every line declares it."""

    values: Ints
    declared: Bools | None = None

    @property
    def is_declared(self) -> Bools:
        """Whether each line declares it."""
        return np.ones(len(self.values), bool) if self.declared is None else self.declared

    def take(self, lines: Ints | slice) -> FactColumn:
        """The same column on some of the lines."""
        return FactColumn(self.values[lines], None if self.declared is None else self.declared[lines])


@dataclass(frozen=True)
class Columns:
    """n lines.

    ``days`` are the four moments of each line in the order of ``rule_table.DAY_AXES``: the day that fixes the
    law (admission in privileged foreign status, or entry), entry, loading, export.  ``segment`` is the row of
    the schedule in force for the line on the day that dates column 1.
    """

    code: Ints
    segment: Ints
    origin: Ints
    days: tuple[Ints, Ints, Ints, Ints]
    value: Ints  # customs value [minor units]
    spi: Ints  # position among the special programs, -1 for none claimed
    shipment: Ints  # number of the shipment, from 0, or empty where each line is its own
    facts: dict[str, FactColumn] = field(default_factory=dict)
    quantities: dict[str, FactColumn] = field(default_factory=dict)  # by dimension
    # lines of shipments of which some line could not be read
    incomplete: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.code)

    def take(self, lines: Ints | slice) -> Columns:
        """The same columns on some of the lines; days that are one and the same column stay so."""
        days: dict[int, Ints] = {}
        for moments in self.days:
            if id(moments) not in days:
                days[id(moments)] = moments[lines]
        admitted, entered, loaded, exported = (days[id(moments)] for moments in self.days)
        return replace(
            self,
            code=self.code[lines],
            segment=self.segment[lines],
            origin=self.origin[lines],
            days=(admitted, entered, loaded, exported),
            value=self.value[lines],
            spi=self.spi[lines],
            facts={name: column.take(lines) for name, column in self.facts.items()},
            quantities={name: column.take(lines) for name, column in self.quantities.items()},
        )

    def declaring(self, amount: str, values: Ints, is_quantity: bool) -> Columns:
        """The same lines, of which every one declares a quantity or a fact."""
        kind = "quantities" if is_quantity else "facts"
        return replace(self, **{kind: getattr(self, kind) | {amount: FactColumn(values)}})

    def stretch(self, lines: slice) -> Columns:
        """A stretch of the lines that cuts through no shipment."""
        if lines.start == 0 and lines.stop == len(self):
            return self
        if not len(self.shipment):
            return self.take(lines)
        incomplete = (
            self.incomplete[slice(*np.searchsorted(self.incomplete, [lines.start, lines.stop]))] - lines.start
        )
        return replace(self.take(lines), shipment=self.shipment[lines], incomplete=incomplete)


def find_segments(first: Ints, code: Ints, start: Ints, end: Ints, line_code: Ints, moment: Ints) -> Ints:
    """The row of the schedule for each line's code on its day, -1 where the code was not valid then.

    ``first``, ``code``, ``start`` and ``end`` are those of the compiled ``Segments``.  Nearly every code has
    one row; only the others are searched for.
    """
    row = np.minimum(first[line_code], max(len(code) - 1, 0))
    several = np.flatnonzero(first[line_code + 1] - first[line_code] > 1)
    if not len(code):
        return np.full(len(line_code), -1, np.int64)
    if len(several):
        row[several] = _search(code, start, line_code[several], moment[several])
    inside = (row >= 0) & (code[row] == line_code) & (moment < end[row]) & (moment >= start[row])
    return np.where(inside, row, -1)


def _search(code: Ints, start: Ints, line_code: Ints, moment: Ints) -> Ints:
    """The last row of each code that starts on or before a moment."""
    shift = np.int64(1) << 42
    keys = code * shift + np.clip(start, -(1 << 40), 1 << 40) + (1 << 40)
    return np.searchsorted(keys, line_code * shift + moment + (1 << 40), side="right") - 1


NO_SHIPMENTS: NDArray[np.int64] = np.zeros(0, np.int64)
