"""The order of the measures of a program: which displaces which."""

from __future__ import annotations

from typing import NamedTuple

from tariffcalc.errors import CycleError, Finding, SeedError
from tariffcalc.law.measure import Measure
from tariffcalc.law.program import Program


class MeasureOrder(NamedTuple):
    """The measures with the ones that take precedence first, and for each id the ids it displaces."""

    by_precedence: tuple[Measure, ...]
    displaces: dict[str, frozenset[str]]

    @classmethod
    def of(cls, program: Program) -> MeasureOrder:
        """Read `instead_of` transitively; raises SeedError for an unknown name and CycleError for a circle."""
        measures = {measure.id: measure for measure in program.measures}
        if len(measures) < len(program.measures):
            twice = [measure for measure in program.measures if measures[measure.id] is not measure]
            raise SeedError([Finding("C005", f"{program.program}: the measure {each.id} is written twice", each.file, each.line) for each in twice])
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
                    message = f"{program.program}: {measure.id} is instead_of {name!r}, which is no measure or group of the program"
                    raise SeedError([Finding("C009", message, measure.file, measure.line)])
                direct[measure.id] |= set(named) - {measure.id}
        displaces: dict[str, frozenset[str]] = {}

        def reach(name: str, path: tuple[str, ...]) -> frozenset[str]:
            if name in path:
                circle = " -> ".join([*path[path.index(name) :], name])
                raise CycleError(
                    [Finding("C006", f"{program.program}: instead_of runs in a circle: {circle}", measures[name].file, measures[name].line)]
                )
            if name not in displaces:
                displaces[name] = frozenset(direct[name].union(*(reach(below, (*path, name)) for below in direct[name])))
            return displaces[name]

        for name in measures:
            reach(name, ())
        ordered = sorted(program.measures, key=lambda measure: -len(displaces[measure.id]))
        return cls(tuple(ordered), displaces)
