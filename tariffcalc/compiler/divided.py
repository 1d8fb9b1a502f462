"""Divided lines: eight-digit codes of which lists name only some of the ten-digit lines below.

Whether a list covers goods declared under such a code depends on digits that were not declared.  Each divided
line is therefore a class of products of its own, and knows what the last two digits may be on each day: the
ten-digit lines in force, and those that a list still names though no schedule holds them on that day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tariffcalc.compiled.axes import CodeAxis
from tariffcalc.compiled.divided_line import DividedLine, TenDigits
from tariffcalc.compiler.program_part import Axis
from tariffcalc.law.schedule import TariffLine


def divide(
    axis: CodeAxis, products: Axis, lines_below: Callable[[str], Sequence[TariffLine]]
) -> tuple[Axis, dict[int, DividedLine]]:
    """The axis of products with two more classes for each divided line, and the lines by their class.

    The first of the two is the class of the divided line; the second that of goods under it which no list
    names.
    """
    classes, definite, possible = products
    partial = (definite != possible).any(axis=1)
    divided = [int(code) for code in np.flatnonzero(partial[classes]) if len(axis.codes[code]) == 8]
    of_divided = classes[divided]
    refined = classes.copy()
    refined[divided] = len(definite) + np.arange(len(divided))

    def below(parent: int) -> Iterator[TenDigits]:
        undecided = possible[classes[parent]] & ~definite[classes[parent]]
        days: dict[str, list[tuple[int, int]]] = {}
        for line in lines_below(axis.codes[parent]):
            days.setdefault(line.code, []).append((line.start, line.end))
        stretch = axis.below(axis.codes[parent])
        for code in range(stretch.start + 1, stretch.stop):
            listed = bool((definite[classes[code]] & undecided).any())
            yield TenDigits(code, int(classes[code]), tuple(sorted(days.get(axis.codes[code], ()))), listed)

    found = {
        int(refined[code]): DividedLine(int(refined[code]) + len(divided), tuple(below(code)))
        for code in divided
    }
    surely, perhaps = definite[of_divided], possible[of_divided]
    return Axis(refined, np.vstack([definite, surely, surely]), np.vstack([possible, perhaps, surely])), found


def days_of_change(divided: dict[int, DividedLine]) -> set[tuple[int, int]]:
    """The windows of the ten-digit lines below divided lines [moments]."""
    return {window for line in divided.values() for each in line.below for window in each.days}
