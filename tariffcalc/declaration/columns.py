"""Declared columns, and how a column is read: each distinct value once, however many rows hold it.

A column arrives as distinct values with the position of each row among them (text, days), or as numbers.  A
value that cannot be read refuses the rows that hold it and no other row.  A file may hold a million different
mistakes: the first ones of a column are reported one by one, the rest together, so that a bad file costs no
more time than a good one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.declaration.problems import Problems, Rows

REQUIRED = ("commodity", "origin", "entered", "value")
VALUATION_AMOUNTS = (
    "exchange_rate",
    "freight",
    "insurance",
    "foreign_inland_freight",
    "costs_after_importation",
    "additions",
)
VALUATION = ("currency", "value_basis", "tariff_goods", *VALUATION_AMOUNTS)
OPTIONAL = ("loaded", "exported", "admitted", "transport", "claims", "shipment", *VALUATION)
FEW_VALUES = tuple(
    name for name in (*REQUIRED, *OPTIONAL) if name not in ("value", "shipment", *VALUATION_AMOUNTS)
)  # shared by many lines
QUANTITY = "quantity_"
_MOST_KNOWN = 1 << 16  # texts remembered
MOST_TOLD = 1000  # distinct mistakes of one column that are reported one by one

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Coded(NamedTuple):
    """A column as its distinct values and, for each row, the position of its value (-1: empty)."""

    values: list[Any]
    place: NDArray[Any]

    def spread(self, numbers: Ints, empty: int) -> Ints:
        """A number per distinct value, spread over the rows."""
        return np.asarray(np.append(numbers, empty)[self.place], np.int64)


class Numbers(NamedTuple):
    """A column of floats or integers with NaN where empty.

    ``texts`` holds the cells a float cannot hold to the last digit, or that are no numbers at all, to be read
    one by one; it is empty elsewhere.
    """

    values: NDArray[Any]
    texts: Coded | None = None


Given = Coded | Numbers
Declared = Mapping[str, Given]


class Refusal(NamedTuple):
    """Why a value cannot be read: the code of the problem, and what to supply (worked out only where it is
    reported)."""

    code: str
    message: str
    supply: str | Callable[[], str]


class Refusals:
    """The refused values of one column (by position): the first ones whole, the others counted by the code of
    their problem."""

    def __init__(self) -> None:
        self._told: dict[int, Refusal] = {}
        self._others: dict[str, tuple[Refusal, list[int]]] = {}

    def add(self, place: int, refusal: Refusal) -> None:
        """Refuse a value."""
        if len(self._told) < MOST_TOLD:
            self._told[place] = refusal
        else:
            self._others.setdefault(refusal.code, (refusal, []))[1].append(place)

    def refuse(self, place: NDArray[Any], problems: Problems) -> None:
        """Refuse the rows that hold the values; ``place`` is the position of the value of each row."""
        for each, rows in rows_by(place, self._told):
            self._refuse(rows, self._told[each], "", problems)
        for refusal, places in self._others.values():
            wanted = np.zeros(int(max(place.max(), max(places))) + 2, bool)  # the last place stands for -1
            wanted[places] = True
            more = f"; and {len(places) - 1:,} more values like it" if len(places) > 1 else ""
            self._refuse(np.flatnonzero(wanted[place]), refusal, more, problems)

    def _refuse(self, rows: Rows, refusal: Refusal, more: str, problems: Problems) -> None:
        if len(rows):
            supply = refusal.supply if isinstance(refusal.supply, str) else refusal.supply()
            problems.refuse(rows, refusal.code, refusal.message + more, supply)


def shown(value: Any, most: int = 60) -> str:
    """A value as a message quotes it, cut where it is very long."""
    text = str(value)
    return repr(text if len(text) <= most else text[:most] + "...")


def folded(text: str) -> str:
    """Text in small letters, letter for letter: one that stands for two, as ß for ss, does not make another
    word of it.

    >>> folded("DE"), folded("ß"), folded("CÔTE")
    ('de', 'ß', 'côte')
    """
    return text.casefold() if text.isascii() else text.lower()


def coded(values: list[Any]) -> Coded:
    """A short column as it is, each row its own distinct value."""
    return Coded(
        values, np.array([-1 if value is None else row for row, value in enumerate(values)], np.int64)
    )


def without_blanks(column: Given) -> Given:
    """The column with blank text, and NaN among objects, taken for an empty cell."""
    if isinstance(column, Numbers):
        return column
    blank = [
        place
        for place, value in enumerate(column.values)
        if (not value or value.isspace() if type(value) is str else _is_blank(value))
    ]
    if not blank:
        return column
    gone = set(blank)
    # the last place stands for the rows that were empty already
    new = np.append(np.arange(len(column.values)), -1)
    new[blank] = -1
    return Coded(
        [None if place in gone else value for place, value in enumerate(column.values)], new[column.place]
    )


def _is_blank(value: Any) -> bool:
    """Whether what is no text is an empty cell."""
    return value is None or (isinstance(value, float) and value != value)


def empty_rows(column: Given, size: int) -> Bools:
    """Where nothing is declared."""
    if isinstance(column, Coded):
        return np.asarray(column.place < 0)
    empty = np.isnan(column.values) if column.values.dtype.kind == "f" else np.zeros(size, bool)
    return np.asarray(empty if column.texts is None else empty & (column.texts.place < 0))


def as_coded(column: Given) -> Coded:
    """Numbers by their distinct values; a table program writes whole numbers as floats where some cells are
    empty, so those are whole again."""
    if isinstance(column, Coded):
        return column
    values = column.values
    if values.dtype.kind == "b":
        return Coded([False, True], values.astype(np.int64))
    if values.dtype.kind != "f":
        distinct, place = np.unique(values, return_inverse=True)
        return Coded([int(value) for value in distinct], place.reshape(-1))
    given = ~np.isnan(values)
    place = np.full(len(values), -1, np.int64)
    distinct, place[given] = np.unique(values[given], return_inverse=True)
    return Coded([int(value) if value.is_integer() else value for value in distinct.tolist()], place)


def read_each(
    given: Given,
    problems: Problems,
    read: Callable[[Any], int | Refusal],
    known: dict[str, int] | None = None,
) -> Ints:
    """Read each distinct value once; a value for which ``read`` answers a Refusal refuses its rows.  Empty
    and refused rows get 0.

    ``known``, where it is given, are texts that were read before, and what as; those read now are added.
    """
    column, refusals = as_coded(given), Refusals()
    remembered = {} if known is None else known
    numbers = [0] * len(column.values)
    for place, value in enumerate(column.values):
        if value is None:
            continue
        before = remembered.get(value) if type(value) is str else None
        found = read(value) if before is None else before
        if isinstance(found, Refusal):
            refusals.add(place, found)
            continue
        numbers[place] = found
        if before is None and known is not None and type(value) is str and len(known) < _MOST_KNOWN:
            known[value] = found
    refusals.refuse(column.place, problems)
    return column.spread(np.array(numbers, np.int64), 0)


def rows_by(keys: NDArray[Any], chosen: Collection[int]) -> Iterator[tuple[int, Rows]]:
    """The rows that hold each of some keys (of 0 and more), found in one pass over all rows; a key that no
    row holds is passed over."""
    if not chosen or not len(keys):
        return
    wanted = np.zeros(int(max(keys.max(), max(chosen))) + 2, bool)  # the last place stands for -1
    wanted[list(chosen)] = True
    rows = np.flatnonzero(wanted[keys])
    if not len(rows):
        return
    held = keys[rows]
    order = np.argsort(held, kind="stable")
    starts = np.flatnonzero(np.diff(held[order], prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        found = rows[order[start:end]]
        yield int(keys[found[0]]), found
