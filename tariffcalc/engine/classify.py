"""Lines into fact patterns: every line whose classes and answers agree shares one pattern, found once.

A hundred million lines share a few thousand patterns; selection and stacking work on patterns, only amounts on lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Ints, day_classes
from tariffcalc.engine.columns import Columns
from tariffcalc.engine.conditions import FALSE, answer, claims_allowed, implied
from tariffcalc.engine.rule_table import CompiledLaw

_DENSE = 1 << 22  # a key space up to this size is counted in a table; a larger one is first numbered


@dataclass(frozen=True)
class Patterns:
    """P fact patterns.  ``of_line`` is the pattern of each line; the rest describes each pattern."""

    of_line: Ints
    product: Ints
    origin: Ints
    days: tuple[Ints, ...]
    constant: dict[int, int]  # answers that are the same for every line, by condition
    varying: dict[int, NDArray[np.int8]]  # the others, per pattern
    answer_class: Ints  # patterns that answer every condition alike share a number
    answer_first: Ints  # one pattern of each

    def __len__(self) -> int:
        return len(self.product)

    def answers(self, test: int) -> NDArray[np.int8]:
        """The answers to a condition for every pattern."""
        if test in self.varying:
            return self.varying[test]
        return np.full(len(self), self.constant[test], np.int8)


def classify(law: CompiledLaw, lines: Columns) -> Patterns:
    """The fact pattern of every line."""
    constant = dict(law.answers_undeclared)
    varying: dict[int, NDArray[np.int8]] = {}
    local: dict[int, NDArray[np.int8]] = {}
    allowed = claims_allowed(law, lines)
    product, origin = law.product_class[lines.code], law.origin_class[lines.origin]
    places = np.flatnonzero(law.local_products[product])
    here = lines.take(places) if len(places) else lines
    for number in _to_answer(law, lines, bool(len(places))):
        here_only = number in law.local_tests
        given = answer(law.tests[number], law, here if here_only else lines, None if here_only else allowed)
        if isinstance(given, int):
            constant[number] = given
        elif len(given) and (given == given[0]).all():
            constant[number] = int(given[0])
        else:
            constant.pop(number, None)
            (local if here_only else varying)[number] = given
    joint_answers = [group([given.astype(np.int64) for given in varying.values()], len(lines))[0]] if varying else []
    if local:
        joint_answers.append(_spread(group([given.astype(np.int64) for given in local.values()], len(places))[0] + 1, places, len(lines)))
    of_line, first = group([product, origin, *_joint_days(law, lines), *joint_answers], len(lines))
    by_pattern = {number: given[first] for number, given in varying.items()}
    if local:
        place = _spread(np.arange(len(places)) + 1, places, len(lines))[first]
        by_pattern |= {number: np.concatenate([[np.int8(FALSE)], given])[place] for number, given in local.items()}
    return Patterns(
        of_line,
        product[first],
        origin[first],
        tuple(day_classes(law.day_cuts[axis], moments[first]) for axis, moments in enumerate(lines.days)),
        constant,
        by_pattern,
        *group([each[first] for each in joint_answers], len(first)),
    )


def _to_answer(law: CompiledLaw, lines: Columns, local: bool) -> Iterator[int]:
    """The conditions that these lines may answer otherwise than a line that declares nothing."""
    yield from law.tests_always_asked
    if local:
        yield from law.local_tests
    for fact, tests in law.tests_of_fact.items():
        if fact in lines.facts or implied(law.facts[fact], lines):
            yield from tests


def _spread(numbers: Ints, places: Ints, size: int) -> Ints:
    """Numbers of some lines among all of them; 0 for the others, of which no rule asks."""
    everywhere = np.zeros(size, np.int64)
    everywhere[places] = numbers
    return everywhere


def _joint_days(law: CompiledLaw, lines: Columns) -> list[Ints]:
    """The classes of all days of a line in as few columns as may be.

    Where two kinds of day are the same column (not loaded or admitted on another day than entered), one number says the classes of both.
    """
    axes: dict[int, list[int]] = {}
    for axis, moments in enumerate(lines.days):
        axes.setdefault(id(moments), []).append(axis)
    joint = []
    for together in axes.values():
        moments = lines.days[together[0]]
        low, high = int(moments.min(initial=0)), int(moments.max(initial=0))
        if len(together) == 1 or len(moments) <= high - low:
            joint += [day_classes(law.day_cuts[axis], moments) for axis in together]
            continue
        low = int(moments.min())
        days = np.arange(low, high + 1)
        number, _ = group([day_classes(law.day_cuts[axis], days) for axis in together], len(days))
        joint.append(number[moments - low])
    return joint


def group(components: list[Ints], size: int) -> tuple[Ints, Ints]:
    """Number the distinct rows of some columns of small integers: the number of each row, and one row of each number."""
    if size == 1:
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    key = np.zeros(size, np.int64)
    space = 1
    for component in components:
        low, high = int(component.min(initial=0)), int(component.max(initial=0))
        width = high - low + 1
        if width == 1:
            continue
        if space * width > _DENSE:
            key, _ = _number(key, space)
            space = int(key.max(initial=0)) + 1
        key = key * width + (component - low)
        space *= width
    return _number(key, space)


def _number(key: Ints, space: int) -> tuple[Ints, Ints]:
    if space > _DENSE:
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        return inverse.reshape(-1).astype(np.int64), first.astype(np.int64)
    present = np.zeros(space, bool)
    present[key] = True
    numbers = np.cumsum(present, dtype=np.int32) - 1
    of_row = numbers[key].astype(np.int64)
    row = np.zeros(int(numbers[-1]) + 1, np.int64)
    row[of_row] = np.arange(len(key))
    return of_row, row
