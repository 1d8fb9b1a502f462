"""Whether two estimates are of the same lines: the same goods, origins, days, values and declarations, row
for row.

What was read of the lines is compared, column by column and all rows at once, so that a Shipment, a file and
a table of any kind may be compared with each other.  Positions on the axes of one law are translated to those
of the other, since a law known on another day may hold other codes.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.errors import OptionError, ShipmentError
from tariffcalc.views.line_columns import Bools, Column, Take, line_columns

MAY_DIFFER = ("days", "origin", "claims", "facts")


def paired_rows(
    before: Assessed, after: Assessed, may_differ: str | Collection[str] = ()
) -> tuple[Take, Take]:
    """The lines of each estimate that are compared with each other.

    Raises ShipmentError for two territories, for rows that are not the same lines (with the first that
    differs), and for fees on one side only.
    """
    allowed = _allowed(may_differ)
    for each in (before, after):
        if not isinstance(each, Assessed):
            raise ShipmentError(
                f"compare takes two estimates, got a {type(each).__name__}: call estimate under both laws"
            )
    if before.law.territory != after.law.territory:
        names = f"{before.law.title} and {after.law.title}"
        raise ShipmentError(
            f"the estimates are of two territories ({names}): use bilateral to see two territories side by"
            " side"
        )
    if before.parts[0].fees != after.parts[0].fees:
        raise ShipmentError("one estimate has fees and the other has none: give both the same 'fees'")
    if len(before) != len(after):
        raise ShipmentError(
            f"the estimates are of different lines ({len(before):,} and {len(after):,}): estimate the same"
            " table under both laws"
        )
    rows, others = before.parts[1].rows, after.parts[1].rows
    if np.array_equal(rows, others):
        take: tuple[Take, Take] = (slice(None), slice(None))
    elif allowed:
        _, left, right = np.intersect1d(rows, others, assume_unique=True, return_indices=True)
        take = (left, right)
    else:
        raise ShipmentError(_read_in_one_only(before, after))
    _refuse_other_lines(before, after, take, allowed)
    return take


def _allowed(may_differ: str | Collection[str]) -> frozenset[str]:
    names = (may_differ,) if isinstance(may_differ, str) else tuple(may_differ)
    wrong = [name for name in names if name not in MAY_DIFFER]
    if wrong:
        raise OptionError(f"may_differ is {wrong[0]!r}: give some of {', '.join(MAY_DIFFER)}")
    return frozenset(names)


def _read_in_one_only(before: Assessed, after: Assessed) -> str:
    """The sentence about the first row that one estimate could read and the other could not."""
    row = int(np.setxor1d(before.parts[1].rows, after.parts[1].rows)[0])
    refusing, which = (after, "second") if row in before.parts[1].rows else (before, "first")
    why = next((problem.message for problem in refusing.parts[1].problems.refused if row in problem.rows), "")
    return (
        f"the estimates are of different lines: row {row + 1} could not be read in the {which} ({why}):"
        " estimate the same table under both laws"
    )


def _refuse_other_lines(
    before: Assessed, after: Assessed, take: tuple[Take, Take], allowed: frozenset[str]
) -> None:
    """Raise ShipmentError with the first row that is not the same line, and how many there are."""
    found: tuple[int, Column] | None = None
    apart: Bools | None = None
    for column in line_columns(before, after, take):
        if column.kind in allowed or column.before is column.after:
            continue
        differs = column.before != column.after
        if not differs.any():
            continue
        place = int(differs.argmax())
        if found is None or place < found[0]:
            found = place, column
        apart = differs if apart is None else apart | differs
    if found is None or apart is None:
        return
    place, column = found
    row = int(before.parts[1].rows[take[0]][place]) + 1
    left, right = (column.show(int(side[place])) for side in (column.before, column.after))
    many = int(apart.sum())
    others = f", the first of {many:,} rows" if many > 1 else ""
    hint = (
        f"give may_differ={column.kind!r} if that is meant"
        if column.kind in MAY_DIFFER
        else "estimate the same table under both laws"
    )
    raise ShipmentError(
        f"the estimates are of different lines: row {row} has {column.name} {left} and {right}{others};"
        f" {hint}"
    )
