"""Worked cases assessed: all those of one law as one table of shipments, and what each of them got.

A table costs little more than one shipment, so that a test of a case costs little.  That a shipment owes the
same alone is tried apart (``test_cases.py``).
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

import tariffcalc as tc

SHIPMENT = (
    "entered", "loaded", "exported", "admitted", "transport", "facts", "currency", "value_basis",
    "exchange_rate",
)  # fmt: skip


@functools.cache
def law(territory: str, known_on: str | None) -> tc.Tariff:
    """The law of a territory, as known on a day or as it is."""
    return tc.load(territory, known_on=known_on)


def shipment(case: Mapping[str, Any]) -> tc.Shipment:
    """What a case declares."""
    lines = [tc.Line(**{**line, "claims": tuple(line.get("claims", ()))}) for line in case["lines"]]
    return tc.Shipment(**{name: case[name] for name in SHIPMENT if name in case}, lines=tuple(lines))


@dataclass(frozen=True)
class Got:
    """What a case got: codes of what was refused, notes and postings by line (from 1), the sums, the customs
    values, and the names declared that nothing reads."""

    refused: list[str]
    noted: list[tuple[int, str, str]]  # line, code, what to supply
    postings: dict[tuple[int, str], Any]
    duty: Decimal | None
    fees: Decimal | None
    customs_values: list[Decimal]
    unread: set[str]
    money: Callable[[int], Decimal]

    @property
    def total(self) -> Decimal | None:
        """Duty and fees."""
        return None if self.duty is None or self.fees is None else self.duty + self.fees


class AssessedLines:
    """The lines of some shipments, assessed in one table or as the one Shipment that they are."""

    def __init__(self, tariff: tc.Tariff, given: pd.DataFrame | tc.Shipment) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.estimate = tariff.estimate(given, on_problem="keep", keep="postings")
        ledger, lines = self.estimate.parts
        self.places = {int(row): place for place, row in enumerate(lines.rows)}
        self.totals = {kind: ledger.total(kind) for kind in ("duty", "fee")}
        self.problems: dict[int, list[tuple[str, str, str]]] = {}
        for row, *problem in self.estimate.problems[["row", "severity", "code", "supply"]].itertuples(
            index=False
        ):
            self.problems.setdefault(int(row), []).append((problem[0], problem[1], problem[2]))

    def got(self, rows: range, names: Iterable[str]) -> Got:
        """What the lines in some rows got; ``names`` are the columns that they declare."""
        estimate, (ledger, lines) = self.estimate, self.estimate.parts
        told = [(row - rows.start + 1, each) for row in rows for each in self.problems.get(row, ())]
        places = [(row - rows.start + 1, self.places[row]) for row in rows if row in self.places]
        return Got(
            [code for _, (severity, code, _) in told if severity == "refused"],
            [(line, code, supply) for line, (severity, code, supply) in told if severity == "note"],
            {
                (line, posting.program): posting
                for line, place in places
                for posting in ledger.postings(place)
            },
            self._sum("duty", rows),
            self._sum("fee", rows),
            [estimate.money(int(lines.columns.value[place])) for _, place in places],
            estimate.unused_columns.keys() & set(names),
            estimate.money,
        )

    def _sum(self, kind: str, rows: range) -> Decimal | None:
        amounts, unknown = self.totals[kind]
        places = [self.places.get(row) for row in rows]
        if any(place is None or unknown[place] for place in places):
            return None
        return self.estimate.money(sum(int(amounts[place]) for place in places))


def alone(tariff: tc.Tariff, case: Mapping[str, Any]) -> Got:
    """What a case gets that is assessed by itself."""
    given = shipment(case)
    return AssessedLines(tariff, given).got(range(len(given.lines)), ())


class AssessedCases:
    """The cases of one law, assessed together; a case that declares what no shipment can fails by itself."""

    def __init__(self, tariff: tc.Tariff, cases: Iterable[Mapping[str, Any]]) -> None:
        self.failed: dict[int, Exception] = {}
        self.rows: dict[int, tuple[range, list[str]]] = {}
        cells: dict[str, dict[int, Any]] = {}
        size = 0
        for number, case in enumerate(cases):
            try:
                declared = shipment(case).declared() | {"shipment": [number] * len(case["lines"])}
            except Exception as error:
                self.failed[id(case)] = error
                continue
            rows = range(size, size + len(case["lines"]))
            for name, column in declared.items():
                cells.setdefault(name, {}).update(zip(rows, column, strict=True))
            self.rows[id(case)], size = (rows, list(declared)), rows.stop
        columns = {name: [given.get(row) for row in range(size)] for name, given in cells.items()}
        self.lines = AssessedLines(tariff, pd.DataFrame(columns, dtype=object)) if size else None

    def got(self, case: Mapping[str, Any]) -> Got:
        """What a case got; raises what its declaration raised."""
        if id(case) in self.failed:
            raise self.failed[id(case)]
        assert self.lines
        return self.lines.got(*self.rows[id(case)])
