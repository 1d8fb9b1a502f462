"""The lines that may owe something else under an amended law: those on which a rule may apply that only one
of the two laws has.

More lines may be found than change, never fewer: all other lines meet the same rules, in the same order, and
their answers to every condition are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints, day_classes
from tariffcalc.compiled.law import DAY_AXES, CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.sweeps.changed_rules import Law, LiveRule, changed_rules

_MOST_APART = 40  # rules that are looked at one by one


def touched_lines(before: Law, after: Law, lines: Columns) -> Ints | None:
    """The lines that may owe something else, with all lines of their shipments; None where every line may,
    since more than rules differs.

    The lines were read under a law that reads as both do.
    """
    rules = changed_rules(before, after)
    if rules is None:
        return None
    laws = before.law, after.law
    changed = _Changed.of(rules, laws)
    some = np.flatnonzero(
        np.take(changed.codes, lines.code, mode="clip") & np.take(changed.origins, lines.origin, mode="clip")
    )
    if len(some):
        some = some[_differs(rules, laws, changed.loose, lines.take(some))]
    if len(lines.shipment) and len(some):
        some = np.flatnonzero(np.isin(lines.shipment, lines.shipment[some]))
    return some


class _Changed(NamedTuple):
    """The codes and origins that any changed rule may cover, and the codes of which the last two digits
    decide."""

    codes: Bools
    origins: Bools
    loose: Bools

    @classmethod
    def of(cls, rules: Sequence[LiveRule], laws: tuple[CompiledLaw, CompiledLaw]) -> _Changed:
        law = laws[0]
        codes, origins = np.zeros(len(law.codes.codes), bool), np.zeros(len(law.origins), bool)
        for rule in rules:
            codes |= rule.possible
            origins |= rule.origins
        loose = np.zeros(len(codes), bool)
        for each in laws:
            for code in np.flatnonzero(np.isin(each.product_class, [*each.divided])).tolist():
                stretch = law.codes.below(law.codes.codes[code])
                loose[code] = bool(codes[stretch].any())
        return cls(codes | loose, origins, loose)


def _differs(
    rules: Sequence[LiveRule], laws: tuple[CompiledLaw, CompiledLaw], loose: Bools, lines: Columns
) -> Bools:
    """Whether the rules that are live on each line differ between the laws; where the last two digits decide,
    on any code that the goods may have."""
    days = [_Days(law, lines) for law in laws]
    found = np.zeros(len(lines), bool)
    if len(rules) > _MOST_APART:
        for some in _any_day(rules, days):
            found |= some
        return found
    place, code = _codes_of_lines(laws[0], loose, lines)
    origin = lines.origin[place]
    for mark in dict.fromkeys(rule.mark for rule in rules):
        sides = np.zeros((2, 2, len(place)), bool)  # may and surely does, of each law
        for rule in rules:
            if rule.mark == mark:
                live = rule.origins[origin] & days[rule.side].admitted(rule)[place]
                sides[rule.side, 0] |= live & rule.possible[code]
                sides[rule.side, 1] |= live & rule.definite[code]
        found[place[(sides[0] != sides[1]).any(axis=0)]] = True
    return found


def _codes_of_lines(law: CompiledLaw, loose: Bools, lines: Columns) -> tuple[Ints, Ints]:
    """The codes that the goods of each line may have: the number of the line, and the code."""
    places, codes = [np.arange(len(lines))], [lines.code]
    for code in np.unique(lines.code[loose[lines.code]]).tolist():
        stretch = law.codes.below(law.codes.codes[code])
        here, below = np.flatnonzero(lines.code == code), np.arange(stretch.start + 1, stretch.stop)
        places.append(np.repeat(here, len(below)))
        codes.append(np.tile(below, len(here)))
    return np.concatenate(places), np.concatenate(codes)


def _any_day(rules: Iterable[LiveRule], days: Sequence[_Days]) -> Iterable[Bools]:
    """By law, the lines on whose days any of its rules may be live, whatever the goods and the origin."""
    for side, of_law in enumerate(days):
        mine = [rule for rule in rules if rule.side == side]
        if mine:
            yield of_law.admitted_by_any(mine)


class _Days:
    """The classes of the days of some lines under a law, worked out as they are asked for."""

    def __init__(self, law: CompiledLaw, lines: Columns) -> None:
        self._law, self._lines = law, lines
        self._classes: dict[int, Ints] = {}

    def _of(self, axis: int) -> Ints:
        if axis not in self._classes:
            self._classes[axis] = day_classes(self._law.day_cuts[axis], self._lines.days[axis])
        return self._classes[axis]

    def admitted(self, rule: LiveRule) -> Bools:
        """Whether a rule is in force on the days of each line."""
        found = np.ones(len(self._lines), bool)
        for axis, classes in enumerate(rule.days):
            if classes is not None:
                found &= classes[self._of(axis)]
        return found

    def admitted_by_any(self, rules: Sequence[LiveRule]) -> Bools:
        """Whether on each kind of day some rule is in force."""
        found = np.ones(len(self._lines), bool)
        for axis in range(len(DAY_AXES)):
            masks = [rule.days[axis] for rule in rules]
            known = [mask for mask in masks if mask is not None]
            if len(known) == len(masks):
                found &= np.logical_or.reduce(known)[self._of(axis)]
        return found
