"""Amounts at the border: money in minor units and quantities in millionths, as exact integers.

A float is read as the decimal it prints, so that 0.285 rounds as written (half a unit up); text is read to
its last digit.  What is not a plain number, is negative or is larger than the engine's integers hold is
refused, row by row; nothing is ever cut, wrapped or taken for 0.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.duties import MILLION, Amount
from tariffcalc.compiled.duties import QUANTITY as COUNTED
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import LARGEST_MONEY, FactColumn
from tariffcalc.declaration.columns import (
    QUANTITY,
    Bools,
    Coded,
    Declared,
    Given,
    Ints,
    Refusal,
    Refusals,
    empty_rows,
    read_each,
    shown,
)
from tariffcalc.declaration.problems import Problems
from tariffcalc.errors import ShipmentError, UnknownUnit
from tariffcalc.units import round_half_up, unit

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE_FLOATS = 2.0**52  # from here on every float is a whole number


def read_value(law: CompiledLaw, given: Given, size: int, problems: Problems) -> Ints:
    """The customs value of each line [minor units]."""
    value, _ = scaled(given, "value", Fraction(law.minor_units), LARGEST_MONEY, problems, "the value")
    problems.refuse(
        np.flatnonzero(empty_rows(given, size)), "missing-value", "no customs value", "give value as a number"
    )
    return value


def read_quantities(law: CompiledLaw, declared: Declared, problems: Problems) -> dict[str, FactColumn]:
    """Quantities by dimension [millionths of its base unit]; two columns of one dimension must agree."""
    found: dict[str, FactColumn] = {}
    for name, column in declared.items():
        if not name.startswith(QUANTITY):
            continue
        try:
            measure = unit(name.removeprefix(QUANTITY))
        except UnknownUnit as error:
            raise ShipmentError(f"the column {name!r}: {error}") from None
        largest = law.duties.largest_count(Amount(COUNTED, measure.dimension))
        values, known = scaled(column, name, measure.factor * MILLION, largest, problems, "the quantity")
        if measure.dimension in found:
            values, known = _agreed(name, values, known, found[measure.dimension], problems)
        found[measure.dimension] = FactColumn(values, None if known.all() else known)
    return found


def _agreed(
    name: str, values: Ints, known: Bools, other: FactColumn, problems: Problems
) -> tuple[Ints, Bools]:
    """Two columns of one dimension as one, to a thousandth."""
    others = np.ones(len(values), bool) if other.declared is None else other.declared
    apart = known & others & (np.abs(values - other.values) > np.maximum(values, other.values) // 1000 + 1)
    message = f"{name} and another quantity of the same kind do not agree"
    problems.refuse(np.flatnonzero(apart & ~problems.bad), "quantities-differ", message, "give one of them")
    return np.where(known, values, other.values), known | others


def scaled(
    given: Given, name: str, scale: Fraction, largest: int, problems: Problems, what: str, share: bool = False
) -> tuple[Ints, Bools]:
    """Numbers times a scale as integers, and where they are declared; raises nothing, refuses rows.

    A ``share`` may be written with a per cent sign; a plain number above 1 is refused, since 9 may mean 9% or
    900%.

    Half a unit is rounded up; under a scale that is no whole number (barrels in liters) any fraction is, so
    that a duty of exactly half a cent is not lost.
    """
    if isinstance(given, Coded):
        return _scaled_texts(given, name, scale, largest, problems, what, share)
    if given.values.dtype.kind == "b":
        texts = Coded(["False", "True"], given.values.astype(np.int64))
        return _scaled_texts(texts, name, scale, largest, problems, what, share)
    values = _refuse_percentages(given.values, name, problems) if share else given.values
    numbers, declared = _scaled_numbers(values, name, scale, largest, problems, what)
    if given.texts is not None:
        exact, written = _scaled_texts(given.texts, name, scale, largest, problems, what, share)
        numbers, declared = np.where(written, exact, numbers), declared | written
    return numbers, declared


def _scaled_texts(
    given: Coded, name: str, scale: Fraction, largest: int, problems: Problems, what: str, share: bool
) -> tuple[Ints, Bools]:
    numbers = read_each(given, problems, lambda value: _exact(value, name, scale, largest, what, share))
    return numbers, np.asarray(given.place >= 0)


def _exact(value: Any, name: str, scale: Fraction, largest: int, what: str, share: bool) -> int | Refusal:
    text = str(value).strip()
    percent = share and text.endswith("%")
    text = text.removesuffix("%").rstrip() if percent else text
    if not _PLAIN.fullmatch(text):
        written = "or with a per cent sign" if share else "such as 1234.50"
        return Refusal(
            "not-a-number", f"{name} is {shown(value)}", f"give {what} as a plain number {written}"
        )
    decimal = Decimal(text) / 100 if percent else Decimal(text)
    if share and not percent and decimal > 1:
        return _percentage(name, text)
    if decimal < 0:
        return Refusal("negative", f"{name} is {shown(value)}", f"{what} cannot be negative")
    if not decimal or decimal.adjusted() < -30:
        return 0
    product = Fraction(decimal) * scale if decimal.adjusted() < 30 else largest + 1
    if product > largest:
        return Refusal(
            "too-large", f"{name} is {shown(value)}", f"{what} is too large; check it, or split the line"
        )
    return ceil(product) if scale.denominator != 1 else round_half_up(product.numerator, product.denominator)


def _percentage(name: str, text: str) -> Refusal:
    """A plain number above 1 where a share is meant."""
    number = Decimal(text).normalize()
    supply = f"write {number / 100:f} or {number:f}% for {number:f}%"
    return Refusal("percentage-or-share", f"{name} is {text}, and a share is a number from 0 to 1", supply)


def _refuse_percentages(values: NDArray[Any], name: str, problems: Problems) -> NDArray[Any]:
    """Refuse plain numbers above 1 where a share is meant, and put 0 in their place."""
    with np.errstate(invalid="ignore"):
        wrong = np.asarray(values > 1)
    if not wrong.any():
        return values
    place = np.full(len(values), -1, np.int64)
    distinct, place[wrong] = np.unique(values[wrong], return_inverse=True)
    refusals = Refusals()
    for number, value in enumerate(distinct.tolist()):
        refusals.add(number, _percentage(name, str(value)))
    refusals.refuse(place, problems)
    return np.where(wrong, 0, values)


def _scaled_numbers(
    values: NDArray[Any], name: str, scale: Fraction, largest: int, problems: Problems, what: str
) -> tuple[Ints, Bools]:
    if values.dtype.kind == "f":
        values = values.astype(np.float64, copy=False)
        declared = ~np.isnan(values)
    else:
        declared = np.ones(len(values), bool)
    clean: NDArray[Any] = values if declared.all() else np.where(declared, values, 0)
    low, high = clean.min(initial=0), float(clean.max(initial=0))
    if low < 0:
        clean = _refuse_numbers(
            clean, clean < 0, f"{name} is", "negative", f"{what} cannot be negative", problems
        )
    if high * float(scale) > largest:
        beyond = np.asarray(clean.astype(np.float64) * float(scale) > largest)
        clean = _refuse_numbers(
            clean,
            beyond,
            f"{name} is",
            "too-large",
            f"{what} is too large; check it, or split the line",
            problems,
        )
    if clean.dtype.kind in "iu":
        if scale.denominator == 1:
            return clean.astype(np.int64) * int(scale), declared
        clean = clean.astype(np.float64)
    return _rounded(clean, scale), declared


def _refuse_numbers(
    clean: NDArray[Any], wrong: Bools, start: str, code: str, supply: str, problems: Problems
) -> NDArray[Any]:
    """Refuse some rows of a column of numbers, and put 0 in their place."""
    rows = np.flatnonzero(wrong)
    place = np.full(len(clean), -1, np.int64)
    distinct, place[rows] = np.unique(clean[rows], return_inverse=True)
    refusals = Refusals()
    for number, value in enumerate(distinct.tolist()):
        refusals.add(number, Refusal(code, f"{start} {value}", supply))
    refusals.refuse(place, problems)
    return np.where(wrong, 0, clean)


def _rounded(values: NDArray[np.float64], scale: Fraction) -> Ints:
    """Floats times a scale, half a unit up (any fraction under a scale that is no whole number), each float
    read as the decimal it prints.

    A float represents the decimal ``k + 1/2`` units exactly where it is the float nearest to that decimal, so
    one comparison decides.
    """
    product = values * float(scale)
    if scale.denominator != 1:
        return np.asarray(np.ceil(product).astype(np.int64))
    whole = np.floor(product)
    up = values >= (whole + 0.5) / float(scale)
    if float(product.max(initial=0.0)) >= _WHOLE_FLOATS:
        up &= product < _WHOLE_FLOATS
    return np.asarray((whole + up).astype(np.int64))
