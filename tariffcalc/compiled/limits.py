"""The compiled limits of tariff lines: seasons, and brackets of the value of one unit, found from the
commodity code in one gather.

A bound of value is two whole numbers, so that ``value x of_value`` against ``quantity x of_quantity`` decides
exactly, without a division; the value is in minor units and the quantity in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.stored.frozen import Frozen


class Bound(NamedTuple):
    """One end of a bracket; ``above`` where the amount itself lies below the end."""

    of_value: int
    of_quantity: int
    above: bool


class LimitRow(NamedTuple):
    """A limit of a line on the days of a window; it has ``seasons`` or ``brackets``, and neither where it
    takes whatever its neighbors leave."""

    code: str
    start: int
    end: int
    unit: str
    dimension: str  # of the quantity; empty for a season
    seasons: tuple[tuple[int, int], ...]  # first day of the year and the day after the last, among 366
    brackets: tuple[tuple[Bound | None, Bound | None], ...]
    limit: str
    currency: str  # of the amounts; empty where it is that of the territory
    place: tuple[str, ...]
    words: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class LimitTable(Frozen):
    """The limits of a territory: the rows of a code are ``row[first[code] : first[code + 1]]``, those of its
    eight-digit line among them."""

    rows: tuple[LimitRow, ...]
    row: Ints
    first: Ints  # [codes + 1]
    seasonal: Bools  # [codes] whether some season may be broken
    valued: Bools  # [codes] whether some bracket may be broken

    @cached_property
    def by_heading(self) -> dict[str, list[LimitRow]]:
        """The limits of each heading, in order."""
        found: dict[str, list[LimitRow]] = {}
        for row in self.rows:
            found.setdefault(row.code[:4], []).append(row)
        return found

    @cached_property
    def in_season(self) -> Bools:
        """Whether a day of the year is within each limit [rows, days from 0]; true throughout for limits of
        value."""
        found = np.ones((len(self.rows), 367), bool)
        for number, row in enumerate(self.rows):
            if row.seasons:
                found[number] = np.logical_or.reduce(
                    [(first <= np.arange(367)) & (np.arange(367) < end) for first, end in row.seasons]
                )
        return found

    @cached_property
    def bracket(self) -> NDArray[np.float64]:
        """Nearly the least and the most of value over quantity within each limit [rows, 2]; nothing lies
        within where no single number can."""
        found = np.tile([-np.inf, np.inf], (len(self.rows), 1))
        for number, row in enumerate(self.rows):
            if row.currency or len(row.brackets) > 1:
                found[number] = np.inf, -np.inf
            elif row.brackets:
                low, high = row.brackets[0]
                found[number] = (
                    low.of_quantity / low.of_value if low else -np.inf,
                    high.of_quantity / high.of_value if high else np.inf,
                )
        return found

    @cached_property
    def dimensions(self) -> NDArray[np.str_]:
        """The dimension of the quantity of each limit."""
        return np.array([row.dimension for row in self.rows], np.str_)
