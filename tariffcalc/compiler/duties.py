"""Part of what turns the law into arrays: duty expressions as rows of the duty table, each distinct wording once."""

from __future__ import annotations

from fractions import Fraction

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
from tariffcalc.units import unit

BORROWED = ("", "duty", "rate")  # in the order of the numbers of duty_table.py


class DutyNumbers:
    """Gives every distinct duty a number and builds the table of them."""

    def __init__(self, facts: dict[str, Fact], programs: frozenset[str], minor_units: int) -> None:
        self._facts, self._programs, self._minor_units = facts, programs, minor_units
        self._numbers: dict[str, int] = {}
        self._rows: list[tuple[int, int, ExactDuty | None, str]] = []
        self._borrowed: list[str] = []

    def number(self, duty: Duty) -> int:
        """The number of a duty."""
        key = duty.text if duty.held else "\0" + duty.text
        if key not in self._numbers:
            self._numbers[key] = len(self._rows)
            self._rows.append(self._row(duty))
            self._borrowed.append(duty.borrowed)
        return self._numbers[key]

    def table(self) -> DutyTable:
        """All duties numbered so far."""
        kinds, ppm, exact, texts = zip(*self._rows, strict=True) if self._rows else ((), (), (), ())
        borrowed = np.array([BORROWED.index(each) for each in self._borrowed], np.int8)
        return DutyTable(np.array(kinds, np.int8), np.array(ppm, np.int64), exact, texts, borrowed)

    def terms(self, terms: Sum) -> list[ExactTerm]:
        """Terms as exact fractions in minor units of money, per base unit of quantity."""
        return [self._term(term.rate.as_integer_ratio(), term.of) for term in terms]

    def amount(self, of: str) -> Amount:
        """The measured amount of a name."""
        return self._term((1, 1), of)[1]

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
                raise SeedError(f"the fact {name!r} is not in the registry of facts")
            if self._facts[name].type == "money":
                return exact, Amount(MONEY_FACT, name)
            return exact * self._minor_units, Amount(NUMBER_FACT, name)
        if kind == "charged":
            if name not in self._programs:
                raise SeedError(f"{of!r} names no program")
            return exact, Amount(CHARGED, name)
        raise SeedError(f"{of!r} is not a measured amount")

    def _row(self, duty: Duty) -> tuple[int, int, ExactDuty | None, str]:
        if not duty.held:
            return NOT_HELD, 0, None, duty.text
        if duty.is_none:
            return NONE_DUE, 0, None, duty.text
        bounds = duty.at_least, duty.at_most
        if bounds == (None, None) and all(term.of == "base" for term in duty.terms):
            ppm = sum(Fraction(*term.rate.as_integer_ratio()) for term in duty.terms) * MILLION
            if ppm.denominator == 1 and ppm >= 0:
                return PLAIN, int(ppm), None, duty.text
        at_least, at_most = (None if bound is None else self.terms(bound) for bound in bounds)
        return EXACT, 0, ExactDuty.of((self.terms(duty.terms), at_least, at_most)), duty.text
