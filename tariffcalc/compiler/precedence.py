"""The refusal of measures of a program that can meet on one line and that nobody ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools
from tariffcalc.compiled.bitset import alike, pack_bits
from tariffcalc.compiler.set_members import Part
from tariffcalc.errors import Finding, OverlapError
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program


class Row(NamedTuple):
    """One rule before it is a bit: its windows on the four day axes and the members of its sets."""

    measure: Measure
    spell: Spell
    windows: tuple[tuple[int, int], ...]
    goods: Part
    origins: Bools


def refuse_overlaps(program: Program, order: MeasureOrder, rows: Sequence[Row]) -> None:
    """Raise OverlapError for every two rows that can meet on a line while neither measure displaces the
    other."""
    if not rows:
        return
    meets = _share([row.goods.possible for row in rows]) & _share([row.origins for row in rows])
    for axis in range(len(rows[0].windows)):
        start = np.array([row.windows[axis][0] for row in rows], np.int64)
        end = np.array([row.windows[axis][1] for row in rows], np.int64)
        meets &= (start[:, None] < end[None, :]) & (start[None, :] < end[:, None])
    findings = {}
    number, ordered = np.array([order.numbers[row.measure.id] for row in rows]), _ordered(order)
    for left, right in np.argwhere(np.triu(meets & ~ordered[number[:, None], number], 1)):
        first, second = rows[left].measure, rows[right].measure
        if first.id == second.id:
            findings[first.id, first.id] = Finding(
                "C008", f"{program.program}: two spells of {first.id} overlap", first.file, first.line
            )
            continue
        if any(one.opposes(other) for one in first.requires for other in second.requires):
            continue
        message = (
            f"{program.program}: {first.id} and {second.id} can meet on one line; say which is instead_of the"
            " other"
        )
        findings[first.id, second.id] = Finding("C007", message, second.file, second.line)
    if findings:
        raise OverlapError(list(findings.values()))


def _ordered(order: MeasureOrder) -> Bools:
    """Which of two measures displaces the other, whichever [measures, measures]."""
    size = len(order.displaced)
    packed = b"".join(each.to_bytes(-(-size // 8), "little") for each in order.displaced)
    displaces = np.unpackbits(
        np.frombuffer(packed, np.uint8).reshape(size, -1), axis=1, count=size, bitorder="little"
    ).astype(bool)
    ordered: Bools = displaces | displaces.T
    return ordered


def _share(members: list[Bools]) -> Bools:
    """Which two sets have a member in common [sets, sets]."""
    distinct = {id(each): each for each in members}
    place = {number: row for row, number in enumerate(distinct)}
    numbers, some = alike(pack_bits(np.stack([*distinct.values()])))
    sets = pack_bits(np.stack([*distinct.values()])[some])
    common = np.stack([(sets & each).any(axis=1) for each in sets])
    number = numbers[[place[id(each)] for each in members]]
    return np.asarray(common[number[:, None], number])
