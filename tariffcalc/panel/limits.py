"""Seasons and value brackets in a panel: which rows lie outside those of their tariff line.

A panel asks about every line on every day, also about lines that no goods of that day may have.  Their rows
are filled like all others, and say in a column of their own which limit they lie outside.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.limits import LimitRow
from tariffcalc.compiled.lines import NO_SHIPMENTS, Columns, FactColumn
from tariffcalc.declaration.limits import outside_limit, rows_of
from tariffcalc.declaration.origins_and_days import Days
from tariffcalc.law.line_limit import season_words
from tariffcalc.panel.output import narrow
from tariffcalc.panel.request import PanelRequest

OUTSIDE, SEASON = "outside", "season"  # the columns of a panel by day, and of one by change


class PanelLimits:
    """The limits of the lines of a panel: ``texts`` are all values of its column, the first of them empty."""

    def __init__(self, asked: PanelRequest) -> None:
        self._asked = asked
        self._number = {"": 0}
        for row in asked.law.limits.rows:
            if row.limit:
                self._number.setdefault(limit_text(row, asked.law.currency), len(self._number))
        self.texts = list(self._number)

    @property
    def held(self) -> bool:
        """Whether any line has a limit."""
        return len(self.texts) > 1

    def broken(self, segments: Ints, days: Days) -> NDArray[np.integer]:
        """For rows of the schedule on the days of one entry, the text of the limit they lie outside [rows],
        as a place among the texts."""
        law, size = self._asked.law, len(segments)
        code = law.segments.code[segments]
        found = np.zeros(size, np.int64)
        places = np.flatnonzero(self._concerned[code])
        lines = self._lines(segments[places], days)
        for number in np.unique(code[places]).tolist():
            of_code = np.flatnonzero(lines.code == number)
            for row in rows_of(law, number):
                outside = of_code[outside_limit(law, row, lines, of_code)]
                found[places[outside]] = self._number[limit_text(row, law.currency)] if row.limit else 0
        return narrow(found, len(self.texts))

    def seasons(self, code: Ints) -> NDArray[np.integer]:
        """The season of each code, whatever the day, as a place among the texts."""
        law = self._asked.law
        found = np.zeros(len(code), np.int64)
        for place in np.flatnonzero(law.limits.seasonal[code]).tolist():
            row = next(row for row in rows_of(law, int(code[place])) if row.seasons)
            found[place] = self._number[limit_text(row, law.currency)]
        return narrow(found, len(self.texts))

    @cached_property
    def _concerned(self) -> NDArray[np.bool_]:
        limits = self._asked.law.limits
        return limits.seasonal | limits.valued if self._asked.quantities else limits.seasonal

    def _lines(self, segments: Ints, days: Days) -> Columns:
        asked, size = self._asked, len(segments)
        admitted, entered, loaded, exported = (np.full(size, int(day[0]), np.int64) for day in days)
        return Columns(
            code=asked.law.segments.code[segments],
            segment=segments,
            origin=np.zeros(size, np.int64),
            days=(admitted, entered, loaded, exported),
            value=np.full(size, asked.value, np.int64),
            spi=np.full(size, -1, np.int64),
            shipment=NO_SHIPMENTS,
            quantities={
                name: FactColumn(np.full(size, column.values[0], np.int64), None)
                for name, column in asked.quantities.items()
            },
        )


def limit_text(row: LimitRow, currency: str) -> str:
    """The season or the value bracket of a line, as a note says it."""
    if row.seasons:
        return f"entered from {season_words(row.limit)}"
    limit = row.limit.replace("; ", " or ").replace(", ", " and ")
    return f"valued {limit} {row.currency or currency} per {row.unit}"
