"""The compiled limits of tariff lines: seasons, and brackets of the value of one unit, found from the commodity code in one gather.

A bound of value is two whole numbers, so that ``value x of_value`` against ``quantity x of_quantity`` decides exactly, without a division; the value
is in minor units and the quantity in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tariffcalc.engine.axes import Bools, Ints


class Bound(NamedTuple):
    """One end of a bracket; ``above`` where the amount itself lies below the end."""

    of_value: int
    of_quantity: int
    above: bool


class LimitRow(NamedTuple):
    """A limit of a line on the days of a window; it has ``seasons`` or ``brackets``, and neither where it takes whatever its neighbors leave."""

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
class LimitTable:
    """The limits of a territory: the rows of a code are ``row[first[code] : first[code + 1]]``, those of its eight-digit line among them."""

    rows: tuple[LimitRow, ...]
    row: Ints
    first: Ints  # [codes + 1]
    seasonal: Bools  # [codes] whether some season may be broken
    valued: Bools  # [codes] whether some bracket may be broken
