"""Part of what turns the law into arrays: duty expressions as rows of the duty table, each distinct wording
once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.duties import (
    BASE,
    CHARGED,
    EXACT,
    MILLION,
    MONEY_FACT,
    NONE_DUE,
    NOT_HELD,
    NUMBER_FACT,
    PLAIN,
    QUANTITY,
    VALUE,
    Amount,
    DutyTable,
    ExactDuty,
    ExactTerm,
)
from tariffcalc.errors import SeedError
from tariffcalc.law.duty import Duty, Sum
from tariffcalc.law.fact import Fact
from tariffcalc.law.near import meant
from tariffcalc.units import unit

BORROWED = ("", "duty", "rate")  # in the order of the numbers of duty_table.py


class DutyRow(NamedTuple):
    """A duty as a row of the duty table: its kind, its plain rate, or its sums; its wording; where to
    look up one that is not held; what of it is borrowed from another line."""

    kind: int
    ppm: int
    exact: ExactDuty | None
    text: str
    look_up: str
    borrowed: int

    @property
    def key(self) -> tuple[str, bool]:
        """What no two duties of a law share."""
        return self.text, self.kind != NOT_HELD


class DutyReader:
    """Reads duties into rows of the duty table, each distinct wording once; raises SeedError for an amount
    that nobody measures."""

    def __init__(self, facts: Mapping[str, Fact], programs: frozenset[str], minor_units: int) -> None:
        self._facts, self._programs, self._minor_units = facts, programs, minor_units
        self._read: dict[tuple[str, bool], DutyRow] = {}

    def row(self, duty: Duty) -> DutyRow:
        """A duty as a row."""
        key = duty.text, duty.held
        if key not in self._read:
            self._read[key] = DutyRow(
                *self._row(duty), duty.text, duty.look_up, BORROWED.index(duty.borrowed)
            )
        return self._read[key]

    def terms(self, terms: Sum) -> list[ExactTerm]:
        """Terms as exact fractions in minor units of money, per base unit of quantity."""
        return [self._term(term.rate.as_integer_ratio(), term.of) for term in terms]

    def _term(self, rate: tuple[int, int], of: str) -> ExactTerm:
        exact = Fraction(*rate)
        kind, _, name = of.partition(" ")
        if of in ("base", "value"):
            return exact, Amount(BASE if of == "base" else VALUE, "")
        if kind == "quantity":
            measure = unit(name)
            return exact * self._minor_units / measure.factor, Amount(QUANTITY, measure.dimension)
        if kind == "fact":
            if name not in self._facts:
                raise SeedError(
                    f"the fact {name!r} is not in the registry of facts{meant(name, self._facts)}"
                )
            if self._facts[name].type == "money":
                return exact, Amount(MONEY_FACT, name)
            return exact * self._minor_units, Amount(NUMBER_FACT, name)
        if kind == "charged":
            if name not in self._programs:
                raise SeedError(f"{of!r} names no program{meant(name, self._programs)}")
            return exact, Amount(CHARGED, name)
        raise SeedError(f"{of!r} is not a measured amount")

    def _row(self, duty: Duty) -> tuple[int, int, ExactDuty | None]:
        if not duty.held:
            return NOT_HELD, 0, None
        if duty.is_none:
            return NONE_DUE, 0, None
        bounds = duty.at_least, duty.at_most
        if bounds == (None, None) and all(term.of == "base" for term in duty.terms):
            ppm = sum(Fraction(*term.rate.as_integer_ratio()) for term in duty.terms) * MILLION
            if ppm.denominator == 1 and ppm >= 0:
                return PLAIN, int(ppm), None
        at_least, at_most = (None if bound is None else self.terms(bound) for bound in bounds)
        return EXACT, 0, ExactDuty.of((self.terms(duty.terms), at_least, at_most))


class DutyNumbers:
    """Gives every distinct duty a number and builds the table of them."""

    def __init__(self, rows: Iterable[DutyRow] = ()) -> None:
        self._rows = list(rows)
        self._numbers = {row.key: number for number, row in enumerate(self._rows)}

    def number(self, row: DutyRow) -> int:
        """The number of a duty."""
        number = self._numbers.setdefault(row.key, len(self._rows))
        if number == len(self._rows):
            self._rows.append(row)
        return number

    def table(self) -> DutyTable:
        """All duties numbered so far."""
        kinds, ppm, exact, texts, look_ups, borrowed = (
            zip(*self._rows, strict=True) if self._rows else ((), (), (), (), (), ())
        )
        return DutyTable(
            np.array(kinds, np.int8),
            np.array(ppm, np.int64),
            exact,
            texts,
            look_ups,
            np.array(borrowed, np.int8),
        )


def rows_of(table: DutyTable) -> list[DutyRow]:
    """The rows of a duty table by number."""
    columns = table.kind.tolist(), table.ppm.tolist(), table.exact, table.text, table.look_up
    return list(map(DutyRow, *columns, table.borrowed.tolist()))
