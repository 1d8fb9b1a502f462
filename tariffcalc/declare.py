"""The border: what callers write becomes columns of integers, and every mistake becomes a problem with its rows.

A column arrives either as distinct values with the position of each row among them (text, days), so that each distinct value is read once however
many rows hold it, or as numbers.  A shipment of one line takes the same way as a year of trade.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.codes import dotted, plain_code
from tariffcalc.engine.columns import NO_SHIPMENTS, Columns, FactColumn, find_segments
from tariffcalc.engine.duty_table import MILLION
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.errors import ShipmentError, UnknownUnit
from tariffcalc.problems import Problems, Rows
from tariffcalc.units import unit
from tariffcalc.windows import day_of, parse_moment, show_moment

REQUIRED = ("commodity", "origin", "entered", "value")
OPTIONAL = ("loaded", "exported", "admitted", "transport", "claims", "shipment")
QUANTITY = "quantity_"
_LARGEST_MONEY = 4 * 10**14  # minor units; keeps every product of the kernel within 64 bits


class Coded(NamedTuple):
    """A column as its distinct values and, for each row, the position of its value (-1: empty)."""

    values: list[Any]
    place: NDArray[np.int64]

    def rows(self, value: int) -> Rows:
        """The rows that hold one distinct value."""
        return np.flatnonzero(self.place == value)

    def spread(self, numbers: NDArray[np.int64], empty: int) -> NDArray[np.int64]:
        """A number per distinct value, spread over the rows."""
        return np.append(numbers, empty)[self.place]


class Numbers(NamedTuple):
    """A column of floats or integers with NaN where empty."""

    values: NDArray[Any]


Given = Coded | Numbers
Declared = Mapping[str, Given]


def coded(values: list[Any]) -> Coded:
    """A short column as it stands, each row its own distinct value."""
    place = np.array([-1 if value is None else row for row, value in enumerate(values)], np.int64)
    return Coded(values, place)


class Lines(NamedTuple):
    """Checked lines: their columns, and the rows of the input they come from."""

    columns: Columns
    rows: Rows


def declare(law: CompiledLaw, declared: Declared, size: int, problems: Problems, codes_of_other_years: bool = False) -> Lines:
    """Read every column; rows with a mistake are refused and left out, the others become Columns.

    ``codes_of_other_years`` takes a ten-digit code that is not in force on its day for its eight-digit line, with a note, where that line is.
    """
    missing = [name for name in REQUIRED if name not in declared]
    if missing:
        raise ShipmentError(_missing_column(missing[0], declared))
    code = _commodity(law, declared["commodity"], problems)
    origin = _each(declared["origin"], "origin", problems, lambda given: _origin(law, given), "origin missing", "give the country of origin")
    entered = _moments(declared["entered"], "entered", problems)
    problems.refuse(np.flatnonzero(_empty(declared["entered"], size)), "missing-day", "no day of entry", "give entered as YYYY-MM-DD")
    _refuse_days(law, entered, problems)
    admitted = _day_or(declared, "admitted", entered, problems)
    loaded = _day_or(declared, "loaded", entered, problems)
    exported = _day_or(declared, "exported", loaded, problems)
    for name, earlier in (("loaded", loaded), ("admitted", admitted), ("exported", exported)):
        problems.refuse(
            np.flatnonzero(earlier > entered), "days-out-of-order", f"{name} after entered", f"{name} must not be later than the day of entry"
        )
    value = _money(declared["value"], "value", law.minor_units, problems)
    problems.refuse(np.flatnonzero(_empty(declared["value"], size)), "missing-value", "no customs value", "give value as a number")
    spi, flags = _claims(law, declared.get("claims"), size, problems)
    facts = _facts(law, declared, size, problems) | flags
    quantities = _quantities(declared, problems)
    code, segment = _segments(law, code, declared["commodity"], admitted, problems, codes_of_other_years)

    rows = problems.good_rows()
    take: Rows | slice = slice(None) if len(rows) == size else rows
    shipment = declared.get("shipment")
    columns = Columns(
        code=code[take],
        segment=segment[take],
        origin=origin[take],
        days=(admitted[take], entered[take], loaded[take], exported[take]),
        value=value[take],
        spi=spi[take],
        shipment=_shipments(shipment)[take] if shipment is not None else NO_SHIPMENTS,
        facts={name: column.take(take) for name, column in facts.items()},
        quantities={name: column.take(take) for name, column in quantities.items()},
    )
    return Lines(columns, rows)


def _missing_column(name: str, declared: Declared) -> str:
    near = get_close_matches(name, list(declared), n=1, cutoff=0.6)
    hint = f"; is {near[0]!r} meant?" if near else ""
    got = ", ".join(map(repr, declared)) or "none"
    return f"the column {name!r} is missing{hint} (got {got}; required are {', '.join(REQUIRED)})"


def _empty(column: Given, size: int) -> NDArray[np.bool_]:
    if isinstance(column, Coded):
        return column.place < 0
    return np.isnan(column.values) if column.values.dtype.kind == "f" else np.zeros(size, bool)


def _as_coded(column: Given, name: str) -> Coded:
    if isinstance(column, Coded):
        return column
    if column.values.dtype.kind == "f":
        raise ShipmentError(f"the column {name!r} holds decimal numbers, expected text: read it as text so that no digit is lost")
    distinct, place = np.unique(column.values, return_inverse=True)
    return Coded([int(value) for value in distinct], place.reshape(-1))


class _Refusal(ValueError):
    """A value that cannot be read: the code of the problem, and what to supply."""

    def __init__(self, code: str, message: str, supply: str) -> None:
        super().__init__(message)
        self.code, self.supply = code, supply


def _each(given: Given, name: str, problems: Problems, read: Callable[[Any], int], when_empty: str, supply: str) -> NDArray[np.int64]:
    """Read each distinct value once; a value that cannot be read refuses its rows."""
    column = _as_coded(given, name)
    numbers = np.zeros(len(column.values), np.int64)
    used = np.unique(column.place) if len(column.values) > 1 else range(len(column.values))
    for place in used:
        if place < 0:
            continue
        try:
            numbers[place] = read(column.values[place])
        except _Refusal as refusal:
            problems.refuse(column.rows(place), refusal.code, str(refusal), refusal.supply)
    if when_empty:
        problems.refuse(np.flatnonzero(column.place < 0), f"missing-{name}", when_empty, supply)
    return column.spread(numbers, 0)


# --- commodity codes -------------------------------------------------------------------------------------------------------------------------


def _commodity(law: CompiledLaw, given: Given, problems: Problems) -> NDArray[np.int64]:
    return _each(given, "commodity", problems, lambda value: _code(law, value), "no commodity code", "give the 8- or 10-digit code")


def _code(law: CompiledLaw, given: Any) -> int:
    """The position of a code on the axis, of its eight-digit line where the ten digits are not known."""
    text = str(given)
    if isinstance(given, int) and len(text) in (7, 9):
        text = "0" + text  # a table program read the code as a number and lost its leading zero
    try:
        code = plain_code(text)
    except ValueError as error:
        raise _Refusal("not-a-code", str(error), "give the 8- or 10-digit code as text") from None
    if code in law.code_index:
        return law.code_index[code]
    if len(code) == 10 and code[:8] in law.code_index:
        return -1 - law.code_index[code[:8]]
    raise _unknown_code(law, code)


def _unknown_code(law: CompiledLaw, code: str) -> _Refusal:
    if len(code) < 8:
        below = law.codes.codes[law.codes.below(code)]
        lines = [each for each in below if len(each) == 8] or list(below)
        if lines:
            shown = ", ".join(dotted(each) for each in lines[:6]) + (f" and {len(lines) - 6} more" if len(lines) > 6 else "")
            return _Refusal("code-too-short", f"{dotted(code)} has {len(code)} digits and covers {len(lines)} tariff lines", f"give one of {shown}")
    if code.startswith("99"):
        return _Refusal(
            "unknown-commodity",
            f"{dotted(code)} is a heading of chapter 99",
            "give the code of chapters 1 to 98; the headings are found by the estimate",
        )
    near: list[str] = []
    for length in (8, 6, 4):
        if len(code) > length:
            near = [each for each in law.codes.codes[law.codes.below(code[:length])] if len(each) == (10 if length == 8 else 8)]
        if near:
            break
    near = get_close_matches(code, near or law.codes.codes, n=4, cutoff=0.6) or near[:4]
    shown = f"near misses: {', '.join(dotted(each) for each in near)}" if near else "check the code against the schedule"
    return _Refusal("unknown-commodity", f"{dotted(code)} is not a tariff line of any schedule held", shown)


def _segments(
    law: CompiledLaw, code: NDArray[np.int64], given: Given, moment: NDArray[np.int64], problems: Problems, codes_of_other_years: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row of the schedule for each line; codes not valid on their day are refused with the days on which they are.

    A negative code is an eight-digit line standing in for ten digits that no schedule knows.
    """
    unheard = code < 0
    code = np.where(unheard, -1 - code, code)
    segment = _rows_of(law, code, moment)
    refused = np.zeros(len(code), bool)
    for problem in problems.refused:
        refused[problem.rows] = True
    late = moment >= law.statistical_lines_held_before
    stale = (segment < 0) | unheard
    if not (stale & ~refused).any():
        return code, segment
    if codes_of_other_years:
        parent = _parents(law, code)
        stood_in = np.where(stale & (parent >= 0), _rows_of(law, np.maximum(parent, 0), moment), -1)
        moved = stale & ~unheard & (stood_in >= 0)
        code, segment = np.where(moved, parent, code), np.where(moved, stood_in, segment)
        stale &= ~moved & ~(unheard & (segment >= 0))
        why = "a ten-digit code of another year, taken for its eight-digit line"
        problems.note(np.flatnonzero((moved | (unheard & (segment >= 0))) & ~refused), "code-of-another-year", why)
    else:
        accepted = unheard & late & (segment >= 0) & ~refused
        why = f"ten digits in no schedule held (they are held to {show_moment(law.statistical_lines_held_before)}), taken for the eight-digit line"
        problems.note(np.flatnonzero(accepted), "statistical-line-not-held", why)
        stale &= ~accepted
    _refuse_stale(law, code, given, moment, stale & ~refused, unheard, problems)
    return code, segment


def _rows_of(law: CompiledLaw, code: NDArray[np.int64], moment: NDArray[np.int64]) -> NDArray[np.int64]:
    segments = law.segments
    return find_segments(segments.first, segments.code, segments.start, segments.end, code, moment)


def _parents(law: CompiledLaw, code: NDArray[np.int64]) -> NDArray[np.int64]:
    """The eight-digit line of each ten-digit code, -1 where there is none."""
    distinct, place = np.unique(code, return_inverse=True)
    codes = [law.codes.codes[each] for each in distinct]
    return np.array([law.code_index.get(each[:8], -1) if len(each) == 10 else -1 for each in codes], np.int64)[place.reshape(-1)]


def _refuse_stale(
    law: CompiledLaw, code: NDArray[np.int64], given: Given, moment: NDArray[np.int64], stale: NDArray[np.bool_], unheard: NDArray[np.bool_],
    problems: Problems,
) -> None:  # fmt: skip
    """Refuse codes that are no tariff line of any day, and those that are one on other days."""
    column = _as_coded(given, "commodity")
    for place in np.unique(column.place[stale & unheard]):
        refusal = _unknown_code(law, plain_code(str(column.values[place])))
        problems.refuse(np.flatnonzero(stale & unheard & (column.place == place)), refusal.code, str(refusal), refusal.supply)
    segments = law.segments
    outside = np.flatnonzero(stale & ~unheard)
    for each in np.unique(code[outside]):
        rows = outside[code[outside] == each]
        first, last = int(segments.first[each]), int(segments.first[each + 1]) - 1
        when = f"{show_moment(int(segments.start[first]))} .. before {show_moment(int(segments.end[last]))}" if first <= last else "no day"
        day = int(moment[rows[0]])
        alive = _alive(law, law.codes.codes[each][:6], day)
        problems.refuse(
            rows, "code-not-valid-then", f"{dotted(law.codes.codes[each])} is a tariff line on {when}, not on {show_moment(day)}",
            f"lines of that day: {', '.join(alive)}" if alive else "give the code valid on that day",
        )  # fmt: skip


def _alive(law: CompiledLaw, prefix: str, moment: int, most: int = 6) -> list[str]:
    segments, stretch = law.segments, law.codes.below(prefix)
    rows = range(int(segments.first[stretch.start]), int(segments.first[stretch.stop]))
    codes = dict.fromkeys(law.codes.codes[segments.code[row]] for row in rows if segments.start[row] <= moment < segments.end[row])
    return [dotted(code) for code in codes][:most]


# --- origins and days --------------------------------------------------------------------------------------------------------------------------


def _origin(law: CompiledLaw, given: Any) -> int:
    name = str(given).strip()
    found = law.origin_names.get(name.casefold(), ())
    if len(found) == 1:
        return law.origins.index(found[0])
    if found:
        raise _Refusal("ambiguous-origin", f"{name!r} may be {' or '.join(found)}", "give the two-letter code")
    near = get_close_matches(name.casefold(), law.origin_names, n=3, cutoff=0.7)
    codes = dict.fromkeys(code for each in near for code in law.origin_names[each])
    raise _Refusal("unknown-origin", f"{name!r} is no origin", f"near misses: {', '.join(codes)}" if codes else "give the two-letter ISO code")


def _moments(given: Given, name: str, problems: Problems) -> NDArray[np.int64]:
    def read(value: Any) -> int:
        if isinstance(value, int) and 19000101 <= value <= 29991231:
            value = f"{value // 10000}-{value // 100 % 100:02}-{value % 100:02}"
        try:
            return parse_moment(value)
        except ValueError as error:
            raise _Refusal("not-a-day", f"{name}: {error}", f"give {name} as YYYY-MM-DD") from None

    return _each(given, name, problems, read, "", "")


def _day_or(declared: Declared, name: str, otherwise: NDArray[np.int64], problems: Problems) -> NDArray[np.int64]:
    """A day that takes another day's place where it is not declared."""
    if name not in declared:
        return otherwise
    column = declared[name]
    given = _moments(column, name, problems)
    empty = _empty(column, len(otherwise))
    return np.where(empty, otherwise, given) if empty.any() else given


def _refuse_days(law: CompiledLaw, entered: NDArray[np.int64], problems: Problems) -> None:
    known = np.zeros(len(entered), bool)
    for problem in problems.refused:
        known[problem.rows] = True
    start, end = law.held
    outside = np.flatnonzero(((entered < start) | (entered >= end)) & ~known & (entered != 0))
    for moment in np.unique(entered[outside]):
        problems.refuse(
            outside[entered[outside] == moment], "law-not-held-then", f"entered {day_of(int(moment))}",
            f"the law of {law.title} is held from {show_moment(start)} to before {show_moment(end)}",
        )  # fmt: skip


# --- amounts -----------------------------------------------------------------------------------------------------------------------------------


def _scaled(given: Given, name: str, scale: Fraction, problems: Problems, what: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Numbers times a scale as integers (half a unit up), and where they are declared; raises nothing, refuses rows."""
    if isinstance(given, Numbers):
        return _scaled_numbers(given.values, name, scale, problems, what)
    numbers = np.zeros(len(given.values), np.int64)
    for place, value in enumerate(given.values):
        if value is None:
            continue
        try:
            exact = Decimal(str(value).strip())
            if not exact.is_finite():
                raise InvalidOperation
            scaled = Fraction(exact) * scale
        except InvalidOperation:
            problems.refuse(given.rows(place), "not-a-number", f"{name} is {str(value)!r}", f"give {what} as a plain number such as 1234.50")
            continue
        if scaled < 0:
            problems.refuse(given.rows(place), "negative", f"{name} is {value}", f"{what} cannot be negative")
        elif scaled > _LARGEST_MONEY * MILLION // 100:
            problems.refuse(given.rows(place), "too-large", f"{name} is {value}", f"check {what}; split the line if it is right")
        else:
            numbers[place] = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return given.spread(numbers, 0), given.place >= 0


def _scaled_numbers(values: NDArray[Any], name: str, scale: Fraction, problems: Problems, what: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    declared = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), bool)
    clean = np.where(declared, values, 0) if not declared.all() else values
    for rows, code, why in (
        (np.flatnonzero(clean < 0), "negative", "cannot be negative"),
        (
            np.flatnonzero(np.abs(clean.astype(np.float64)) * float(scale) > _LARGEST_MONEY * 1e4),
            "too-large",
            "is too large; check it, or split the line",
        ),
    ):
        if len(rows):
            problems.refuse(rows, code, f"{name} is {values[rows[0]]}" + (" (first of these rows)" if len(rows) > 1 else ""), f"{what} {why}")
            clean = clean.copy()
            clean[rows] = 0
    if clean.dtype.kind in "iu" and scale.denominator == 1:
        return clean.astype(np.int64) * int(scale), declared
    product = clean.astype(np.float64) * float(scale)
    nearest = np.rint(product)
    numbers = nearest.astype(np.int64)
    # A float that is not plainly a whole number of units is read as the decimal it prints, so that 0.285 rounds as written.
    for row in np.flatnonzero(np.abs(product - nearest) > 1e-3 + np.abs(product) * 1e-15):
        exact = Fraction(Decimal(repr(float(clean[row])))) * scale
        numbers[row] = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return numbers, declared


def _money(given: Given, name: str, minor_units: int, problems: Problems) -> NDArray[np.int64]:
    return _scaled(given, name, Fraction(minor_units), problems, f"the {name}")[0]


def _quantities(declared: Declared, problems: Problems) -> dict[str, FactColumn]:
    """Quantities by dimension; two columns of one dimension must agree."""
    found: dict[str, FactColumn] = {}
    for name, column in declared.items():
        if not name.startswith(QUANTITY):
            continue
        try:
            measure = unit(name.removeprefix(QUANTITY))
        except UnknownUnit as error:
            raise ShipmentError(f"the column {name!r}: {error}") from None
        values, known = _scaled(column, name, measure.factor * MILLION, problems, "the quantity")
        if measure.dimension in found:
            other = found[measure.dimension]
            both = known & (other.declared if other.declared is not None else True)
            apart = np.flatnonzero(both & (np.abs(values - other.values) > np.maximum(values, other.values) // 1000 + 1))
            problems.refuse(apart, "quantities-differ", f"{name} and another quantity of the same kind do not agree", "give one of them")
            values = np.where(known, values, other.values)
            known = known | (other.declared if other.declared is not None else True)
        found[measure.dimension] = FactColumn(values, None if known.all() else known)
    return found


# --- claims and facts --------------------------------------------------------------------------------------------------------------------------


def _claims(law: CompiledLaw, given: Given | None, size: int, problems: Problems) -> tuple[NDArray[np.int64], dict[str, FactColumn]]:
    """The special program of each line, and the flags its claims set."""
    spi = np.full(size, -1, np.int64)
    flags: dict[str, NDArray[np.int64]] = {}
    if given is None:
        return spi, {}
    column = _as_coded(given, "claims")
    for place, value in enumerate(column.values):
        if value is None:
            continue
        rows: Rows | None = None
        programs = 0
        for claim in filter(None, (part.strip() for part in str(value).split("|"))):
            rows = column.rows(place) if rows is None else rows
            fact = law.facts.get(claim)
            if claim in law.spis:
                spi[rows] = law.spis.index(claim)
                programs += 1
            elif fact is not None and fact.claim:
                flags.setdefault(claim, np.zeros(size, np.int64))[rows] = 1
            else:
                known = [*law.spis, *(name for name, fact in law.facts.items() if fact.claim)]
                near = get_close_matches(claim, known, n=3, cutoff=0.6)
                supply = f"near misses: {', '.join(near)}" if near else f"known are {', '.join(known)}"
                problems.refuse(rows, "unknown-claim", f"{claim!r} is not a claim", supply)
        if programs > 1 and rows is not None:
            problems.refuse(rows, "two-special-programs", f"claims are {value!r}", "claim one special program per line")
    return spi, {name: FactColumn(values) for name, values in flags.items()}


_YES, _NO = ("1", "1.0", "true", "yes", "y"), ("0", "0.0", "false", "no", "n")


def _facts(law: CompiledLaw, declared: Declared, size: int, problems: Problems) -> dict[str, FactColumn]:
    """Every declared fact the registry knows."""
    found = {}
    for name, column in declared.items():
        fact = law.facts.get(name)
        if fact is None:
            continue
        if fact.share_of or fact.product_of:
            parts = " and ".join(fact.share_of or fact.product_of or ())
            raise ShipmentError(f"the fact {name!r} is worked out from {parts}: declare those instead")
        if fact.type in ("flag", "choice"):
            allowed = ("yes", "no") if fact.type == "flag" else fact.choices

            def read(value: Any, fact: Any = fact, allowed: tuple[str, ...] = allowed) -> int:
                text = str(value).strip().casefold()
                if fact.type == "flag" and text in (*_YES, *_NO):
                    return int(text in _YES)
                if fact.type == "choice" and text in fact.choices:
                    return int(fact.choices.index(text))
                raise _Refusal("not-a-choice", f"{fact.name} is {str(value)!r}", f"give one of {', '.join(allowed)}")

            given = Coded([0, 1], column.values.astype(np.int64)) if isinstance(column, Numbers) and column.values.dtype.kind == "b" else column
            values, known = _each(given, name, problems, read, "", ""), ~_empty(column, size)
        else:
            scale = Fraction(law.minor_units if fact.type == "money" else MILLION)
            values, known = _scaled(column, name, scale, problems, f"the fact {name}")
        found[name] = FactColumn(values, None if known.all() else known)
    return found


def _shipments(given: Given) -> NDArray[np.int64]:
    column = _as_coded(given, "shipment")
    alone = column.place < 0
    distinct = {value: number for number, value in enumerate(dict.fromkeys(column.values))}
    numbers = column.spread(np.array([distinct[value] for value in column.values], np.int64), 0)
    return np.where(alone, len(distinct) + np.arange(len(numbers)), numbers)
