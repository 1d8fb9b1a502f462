"""Part of what turns the law into arrays: the schedule's dated rows as segments with duties by number.

A row without a rate takes the rate of the line above it (the longest shorter code that has one), for the days
they share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tariffcalc.codes import dotted
from tariffcalc.compiled.axes import CodeAxis
from tariffcalc.compiled.segments import Segments
from tariffcalc.compiler.duties import DutyNumbers, DutyReader
from tariffcalc.errors import Finding, SeedError
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.schedule import TariffLine
from tariffcalc.law.special_column import parse_special


class _Row(NamedTuple):
    code: int
    start: int
    end: int
    general: int
    special: int
    column2: int
    label: str
    units: tuple[str, ...]
    by: str


class _DutyColumns:
    """The duties of the columns of the schedule by number, each text read once."""

    def __init__(
        self, spis: Sequence[str], reader: DutyReader, duties: DutyNumbers, grammar: DutyGrammar
    ) -> None:
        self._spi_index = {spi: number for number, spi in enumerate(spis)}
        self._reader, self._duties, self._grammar = reader, duties, grammar
        self._plain: dict[str, int] = {"": -1}
        self._special: dict[str, int] = {}
        self.special_rows: list[list[int]] = []

    def of(self, line: TariffLine) -> tuple[int, int, int]:
        """The general, special and column 2 duties of a line."""
        return self._duty(line.general), self._special_row(line.special), self._duty(line.column2)

    def _duty(self, text: str) -> int:
        if text not in self._plain:
            duty = parse_duty(text, self._grammar)
            self._plain[text] = self._duties.number(self._reader.row(duty))
        return self._plain[text]

    def _special_row(self, text: str) -> int:
        if text not in self._special:
            row = [-1] * (len(self._spi_index) + 1)  # the last place is for no claim
            for rate in parse_special(text, self._grammar):
                for spi in rate.spi:
                    if spi in self._spi_index:
                        row[self._spi_index[spi]] = self._duties.number(self._reader.row(rate.duty))
            self._special[text] = len(self.special_rows)
            self.special_rows.append(row)
        return self._special[text]


def compile_schedule(
    lines: Sequence[TariffLine],
    axis: CodeAxis,
    code_index: Mapping[str, int],
    spis: Sequence[str],
    reader: DutyReader,
    duties: DutyNumbers,
    grammar: DutyGrammar,
) -> Segments:
    """Every line of the schedule as segments, sorted by code and day; their duties are numbered."""
    by_code: defaultdict[str, list[TariffLine]] = defaultdict(list)
    for line in lines:
        by_code[line.code].append(line)
    columns_of_duty = _DutyColumns(spis, reader, duties, grammar)
    rows: list[_Row] = []
    for code in axis.codes:
        for line in by_code.get(code) or by_code.get(code[:8], []):
            for start, end, source in _rated(line, by_code):
                try:
                    numbers = columns_of_duty.of(source)
                except SeedError as error:
                    why = "; ".join(finding.message for finding in error.findings)
                    file = f"schedule/chapter-{line.code[:2]}.csv"
                    raise SeedError(
                        [Finding("C016", f"the tariff line {dotted(line.code)}: {why}", file)]
                    ) from None
                rows.append(
                    _Row(
                        code_index[code],
                        start,
                        end,
                        *numbers,
                        line.label,
                        line.units or source.units,
                        source.by,
                    )
                )
    rows.sort(key=lambda row: (row.code, row.start))
    columns = {
        name: np.array([getattr(row, name) for row in rows], np.int64)
        for name in ("code", "start", "end", "general", "special", "column2")
    }
    return Segments(
        **columns,
        special_duties=np.array(columns_of_duty.special_rows, np.int64).reshape(-1, len(spis) + 1),
        labels=tuple(row.label for row in rows),
        units=tuple(row.units for row in rows),
        by=tuple(row.by for row in rows),
        first=np.searchsorted(columns["code"], np.arange(len(axis.codes) + 1)),
    )


def _rated(line: TariffLine, by_code: dict[str, list[TariffLine]]) -> Iterable[tuple[int, int, TariffLine]]:
    """The line's own window, cut where the rate it takes from above changes."""
    if line.general or line.special or line.column2:
        yield line.start, line.end, line
        return
    for length in range(len(line.code) - 2, 3, -2):
        above = [
            each
            for each in by_code.get(line.code[:length], ())
            if each.general or each.special or each.column2
        ]
        shared = [(max(line.start, each.start), min(line.end, each.end), each) for each in above]
        shared = [each for each in shared if each[0] < each[1]]
        if shared:
            yield from shared
            return
    yield line.start, line.end, line
