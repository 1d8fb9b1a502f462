"""The schedule: tariff lines as dated rows of text, and who may claim which special program.

Rows stay as the official table writes them; ``compiler/schedule.py`` reads their duties and lets lines
without a rate take that of the line above.
"""

from __future__ import annotations

from typing import NamedTuple

from tariffcalc.law.selection import Selection
from tariffcalc.tags import Tag


class TariffLine(NamedTuple):
    """One dated row: a code, its window [moments], its units and the three rate texts (empty: as the line
    above)."""

    code: str
    start: int
    end: int
    label: str
    units: tuple[str, ...]
    general: str
    special: str
    column2: str
    by: str
    ended_by: str


class Renumbered(NamedTuple):
    """Goods of an old number that have a new one from a day on [moment].

    ``tag`` and ``note`` say how certain it is that what law attaches to the old number goes with them.  A
    number that is old and new on one day stands for other goods from that day.
    """

    old: str
    new: str
    day: int
    by: tuple[str, ...]
    tag: Tag
    note: str


class Preference(NamedTuple):
    """One row of the table of special programs: which origins may claim the indicator, when.

    ``goods`` are claimed under lines of their own (``under``) and not in the special column of their tariff
    line.
    """

    spi: str
    origins: str
    start: int
    end: int
    by: tuple[str, ...]
    note: str
    goods: Selection | None = None
    under: str = ""
