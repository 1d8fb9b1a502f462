"""Divided lines: eight-digit codes of which lists name only some of the ten-digit lines below.

Whether a list covers goods declared under such a code depends on digits that were not declared.  Each divided line is therefore a class of
products of its own, and knows what the last two digits may be on each day: the ten-digit lines in force, and those that a list still names though
no schedule holds them on that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from tariffcalc.compiled.axes import Bools, CodeAxis, Ints
from tariffcalc.compiled.divided_line import DividedLine, TenDigits
from tariffcalc.law.schedule import TariffLine


def divide(axis: CodeAxis, schedule: Iterable[TariffLine], product_class: Ints, truth: Bools) -> tuple[Ints, Bools, dict[int, DividedLine]]:
    """The classes of products with two more for each divided line, their truth [classes, definite and possible rules], and the lines by their class.

    The first of the two is the class of the divided line; the second that of goods under it which no list names.
    """
    definite, possible = np.hsplit(truth, 2)
    partial = (definite != possible).any(axis=1)
    divided = [int(code) for code in np.flatnonzero(partial[product_class]) if len(axis.codes[code]) == 8]
    days: dict[str, list[tuple[int, int]]] = {}
    for line in schedule:
        days.setdefault(line.code, []).append((line.start, line.end))
    of_divided = product_class[divided]
    refined = product_class.copy()
    refined[divided] = len(truth) + np.arange(len(divided))

    def below(parent: int) -> Iterator[TenDigits]:
        undecided = possible[product_class[parent]] & ~definite[product_class[parent]]
        stretch = axis.below(axis.codes[parent])
        for code in range(stretch.start + 1, stretch.stop):
            listed = bool((definite[product_class[code]] & undecided).any())
            yield TenDigits(code, int(product_class[code]), tuple(sorted(days.get(axis.codes[code], ()))), listed)

    found = {int(refined[code]): DividedLine(int(refined[code]) + len(divided), tuple(below(code))) for code in divided}
    return refined, np.vstack([truth, truth[of_divided], np.hstack([definite[of_divided]] * 2)]), found


def days_of_change(divided: dict[int, DividedLine]) -> set[tuple[int, int]]:
    """The windows of the ten-digit lines below divided lines [moments]."""
    return {window for line in divided.values() for each in line.below for window in each.days}
