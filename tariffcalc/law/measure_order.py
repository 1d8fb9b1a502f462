"""The order of the measures of a program: which displaces which."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from tariffcalc.errors import CycleError, Finding, SeedError
from tariffcalc.law.measure import Measure
from tariffcalc.law.program import Program


class MeasureOrder(NamedTuple):
    """The measures with the ones that take precedence first; and of each measure, by its number, the measures
    that it displaces, as the bits of an integer."""

    by_precedence: tuple[Measure, ...]
    numbers: dict[str, int]
    displaced: tuple[int, ...]

    def displaces(self, name: str, other: str) -> bool:
        """Whether a measure displaces another where both would apply."""
        return bool(self.displaced[self.numbers[name]] >> self.numbers[other] & 1)

    @classmethod
    def of(cls, program: Program) -> MeasureOrder:
        """Read `instead_of` transitively; raises SeedError for an unknown name and CycleError for a
        circle."""
        measures = {measure.id: measure for measure in program.measures}
        if len(measures) < len(program.measures):
            twice = [measure for measure in program.measures if measures[measure.id] is not measure]
            raise SeedError(
                [
                    Finding(
                        "C005",
                        f"{program.program}: the measure {each.id} is written twice",
                        each.file,
                        each.line,
                    )
                    for each in twice
                ]
            )
        groups: dict[str, list[str]] = {}
        for measure in program.measures:
            if measure.group:
                groups.setdefault(measure.group, []).append(measure.id)
        direct: dict[str, set[str]] = {}
        for measure in program.measures:
            direct[measure.id] = set()
            for name in measure.instead_of:
                named = groups.get(name) or ([name] if name in measures else None)
                if named is None:
                    message = (
                        f"{program.program}: {measure.id} is instead_of {name!r}, which is no measure or"
                        " group of the program"
                    )
                    raise SeedError([Finding("C009", message, measure.file, measure.line)])
                direct[measure.id] |= set(named) - {measure.id}
        numbers = {name: number for number, name in enumerate(measures)}
        displaced = _reached([[numbers[each] for each in names] for names in direct.values()])
        if isinstance(displaced, list):
            names = list(measures)
            circle, last = " -> ".join(names[number] for number in displaced), measures[names[displaced[-1]]]
            raise CycleError(
                [
                    Finding(
                        "C006",
                        f"{program.program}: instead_of runs in a circle: {circle}",
                        last.file,
                        last.line,
                    )
                ]
            )
        ordered = sorted(program.measures, key=lambda measure: -displaced[numbers[measure.id]].bit_count())
        return cls(tuple(ordered), numbers, displaced)


def _reached(direct: Sequence[Sequence[int]]) -> tuple[int, ...] | list[int]:
    """The numbers that each number leads to, directly or over others, as bits; or those of a circle, which
    begins and ends with the same one."""
    found: dict[int, int] = {}
    for root in range(len(direct)):
        path = [] if root in found else [root]
        while path:
            waiting = next((each for each in direct[path[-1]] if each not in found), None)
            if waiting is None:
                number = path.pop()
                found[number] = reduce(or_, (found[each] | 1 << each for each in direct[number]), 0)
            elif waiting in path:
                return [*path[path.index(waiting) :], waiting]
            else:
                path.append(waiting)
    return tuple(found[number] for number in range(len(direct)))
