"""Precedence inside a program: which measure displaces which, and the refusal of measures that nobody ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, numbered
from tariffcalc.compiler.sets import Part
from tariffcalc.errors import CycleError, Finding, OverlapError, SeedError
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Program


class Row(NamedTuple):
    """One rule before it is a bit: its windows on the four day axes and the members of its sets."""

    program: int
    measure: Measure
    spell: Spell
    windows: tuple[tuple[int, int], ...]
    goods: Part
    origins: Bools


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


def refuse_overlaps(program: Program, order: MeasureOrder, rows: Sequence[Row]) -> None:
    """Raise OverlapError for every two rows that can meet on a line while neither measure displaces the other."""
    if not rows:
        return
    meets = _share([row.goods.possible for row in rows]) & _share([row.origins for row in rows])
    for axis in range(len(rows[0].windows)):
        start = np.array([row.windows[axis][0] for row in rows], np.int64)
        end = np.array([row.windows[axis][1] for row in rows], np.int64)
        meets &= (start[:, None] < end[None, :]) & (start[None, :] < end[:, None])
    findings = {}
    for left, right in np.argwhere(np.triu(meets, 1)):
        first, second = rows[left].measure, rows[right].measure
        if second.id in order.displaces[first.id] or first.id in order.displaces[second.id]:
            continue
        if first.id == second.id:
            findings[first.id, first.id] = Finding("C008", f"{program.program}: two spells of {first.id} overlap", first.file, first.line)
            continue
        if any(one.opposes(other) for one in first.requires for other in second.requires):
            continue
        message = f"{program.program}: {first.id} and {second.id} can meet on one line; say which is instead_of the other"
        findings[first.id, second.id] = Finding("C007", message, second.file, second.line)
    if findings:
        raise OverlapError(list(findings.values()))


def _share(members: list[Bools]) -> Bools:
    """Which two sets have a member in common [sets, sets]."""
    packed = np.stack([np.packbits(each) for each in members])
    numbers, first = numbered(packed)
    distinct = packed[first]
    common = np.stack([(distinct & each).any(axis=1) for each in distinct])
    return np.asarray(common[numbers][:, numbers])
