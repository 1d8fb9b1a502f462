"""The parts of programs put side by side: one axis of all of them, and the classes of its elements that no
rule of any program tells apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiler.program_part import Axis

# numbers of combined classes; larger ones are numbered anew before further classes are combined
_LARGEST = 1 << 40


def join_classes(parts: Sequence[Axis]) -> Axis:
    """The axis of all programs; its classes are numbered in the order in which the elements first
    have them."""
    number = _combined({id(part.classes): part.classes for part in parts}.values())
    _, some, number = np.unique(number, return_index=True, return_inverse=True)
    definite = np.hstack([part.definite[part.classes[some]] for part in parts])
    possible = np.hstack([part.possible[part.classes[some]] for part in parts])
    found: dict[bytes, int] = {}
    of_combination = np.empty(len(some), np.int64)
    first: list[int] = []
    for place in np.argsort(some).tolist():
        of_combination[place] = found.setdefault(
            definite[place].tobytes() + possible[place].tobytes(), len(found)
        )
        if len(first) < len(found):
            first.append(place)
    return Axis(of_combination[number.reshape(-1)], definite[first], possible[first])


def _combined(classes: Iterable[Ints]) -> Ints:
    """The classes of several axes as one number."""
    number, size = np.zeros(1, np.int64), 1
    for each in classes:
        width = int(each.max(initial=0)) + 1
        if size * width > _LARGEST:
            values, number = np.unique(number, return_inverse=True)
            number, size = number.reshape(-1), len(values)
        number, size = number * width + each, size * width
    return number


def join_days(parts: Sequence[Axis], edges: Iterable[tuple[int, int]]) -> Axis:
    """The days of all programs, cut also at some further edges."""
    cuts = np.unique(
        np.concatenate([part.classes for part in parts] + [np.array([*edges], np.int64).reshape(-1)])
    )
    moments = np.append(cuts[0] - 1, cuts)  # one of each class
    masks = np.hstack([part.definite[np.searchsorted(part.classes, moments, side="right")] for part in parts])
    return Axis(cuts, masks, masks)
