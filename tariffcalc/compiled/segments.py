"""The schedule as columns: tariff lines between days, with their duties by number."""

from __future__ import annotations

from dataclasses import dataclass

from tariffcalc.compiled.axes import Ints
from tariffcalc.stored.frozen import Frozen


@dataclass(frozen=True)
class Segments(Frozen):
    """Tariff lines between days: for each row its window and duties; rows of one code follow each other, in
    order of time."""

    code: Ints
    start: Ints
    end: Ints
    general: Ints  # duty ids, -1 where the column is empty
    special: Ints  # rows of special_duties
    column2: Ints
    special_duties: Ints  # [special texts, special programs + 1] duty ids, -1 where not offered
    labels: tuple[str, ...]
    units: tuple[tuple[str, ...], ...]
    by: tuple[str, ...]
    first: Ints  # [codes + 1] first row of each code
