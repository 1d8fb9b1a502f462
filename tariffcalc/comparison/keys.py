"""What a comparison is grouped by: the code, the origin and the month of the lines that are compared, and any
column of the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.law import ENTRY_DAY
from tariffcalc.compiled.lines import Columns
from tariffcalc.errors import OptionError
from tariffcalc.estimate import Estimate
from tariffcalc.moments import show_moment
from tariffcalc.shipment import Shipment

Labels = dict[str, NDArray[Any]]

KEYS = ("chapter", "heading", "subheading", "commodity", "origin", "month", "program")
_DIGITS = {"chapter": 2, "heading": 4, "subheading": 6, "commodity": 10}


def labels_of(estimate: Estimate[Any], columns: Columns, rows: NDArray[Any], keys: Sequence[str]) -> Labels:
    """By key but ``program`` the label of each of some lines, which were read from some rows of the data;
    raises OptionError for what is no key."""
    names = [str(name) for name in data_columns(estimate)]
    wrong = [key for key in keys if key not in KEYS and key not in names]
    if wrong or not keys:
        others = [name for name in names if name not in KEYS]
        of_data = f", or a column of the data ({', '.join(others)})" if others else ""
        raise OptionError(
            f"{wrong[0] if wrong else 'nothing'!r} is no key: give some of {', '.join(KEYS)}{of_data}"
        )
    return {key: _labels(estimate, columns, rows, key) for key in keys if key != "program"}


def data_columns(estimate: Estimate[Any]) -> list[Any]:
    """The columns of the data that was estimated."""
    given = estimate.given
    if given is None:
        return []
    if isinstance(given, Shipment):
        return list(given.declared())
    return list(getattr(given, "column_names", given.columns))


def _labels(estimate: Estimate[Any], columns: Columns, rows: NDArray[Any], key: str) -> NDArray[Any]:
    law = estimate.law
    if key == "origin":
        return np.array(law.origins, object)[columns.origin]
    if key == "month":
        days, place = np.unique(columns.days[ENTRY_DAY], return_inverse=True)
        return np.array([show_moment(day)[:7] for day in days.tolist()], object)[place.reshape(-1)]
    if key in _DIGITS:
        return np.array([code[: _DIGITS[key]] for code in law.codes.codes], object)[columns.code]
    cells: NDArray[Any] = _column(estimate.given, key)[rows]
    return cells


def _column(given: Any, name: str) -> NDArray[Any]:
    """A column of the data as objects."""
    if isinstance(given, Shipment):
        return np.array([*given.declared()[name], None], object)[:-1]
    if hasattr(given, "iloc"):
        return np.asarray(given[name].to_numpy(object))
    column = given[name]
    cells = column.to_pylist() if hasattr(column, "to_pylist") else column.to_list()
    return np.array([*cells, None], object)[:-1]
