"""Part of what turns the law into arrays: the axis of codes, those of the schedule and the ten-digit codes
that only lists name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from tariffcalc.compiled.axes import CodeAxis
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.law.rulebook import Rulebook

_EIGHT = 8  # digits of a tariff line


def code_axis(book: Rulebook) -> CodeAxis:
    """Every code that the law tells apart."""
    listed = (member.item for each in book.lists.values() for member in each.members)
    return CodeAxis.of((line.code for line in book.schedule), chain(listed, _of_measures(book)))


def is_axis_of(law: CompiledLaw, book: Rulebook, listed: Iterable[str]) -> bool:
    """Whether the axis of a law is also that of a book with the same schedule, of which the lists name some
    codes."""
    axis, index, unheld = law.codes, law.code_index, set()
    for code in chain(listed, _of_measures(book)):
        if len(code) > _EIGHT:
            place = index.get(code)
            if place is None:
                if code[:_EIGHT] in index:
                    return False
            elif not axis.own[place]:
                unheld.add(place)
    return len(unheld) == len(axis.own) - int(np.count_nonzero(axis.own))


def _of_measures(book: Rulebook) -> Iterator[str]:
    """The codes that measures name."""
    for program in book.programs.values():
        for measure in program.measures:
            yield from measure.products.items
            yield from measure.products.except_items
