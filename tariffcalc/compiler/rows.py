"""The rules of one program: each spell over each state of its product list and area, in order of
precedence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from tariffcalc.compiled.law import DAY_AXES, ENTRY_DAY, EXPORTED, LAW_DAY, LOADED
from tariffcalc.compiler.precedence import Row
from tariffcalc.compiler.set_members import SetKey
from tariffcalc.compiler.sets import SetTruth
from tariffcalc.errors import Finding, SeedError
from tariffcalc.law.act import Act
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program
from tariffcalc.moments import ALWAYS, NEVER
from tariffcalc.tags import TAGS, least_certain

Windows = tuple[tuple[int, int], ...]

_MOST_HELD = 1 << 16  # measures


def day_axis(program: Program) -> int:
    """The kind of day that dates the law of a program."""
    return ENTRY_DAY if program.dated_by == "entry" else LAW_DAY


class RuleRows:
    """The rules of measures under the lists and groups of a law; those of a measure are worked out once, also
    for the laws that amend it."""

    def __init__(self, truth: SetTruth) -> None:
        self.truth = truth
        self._held: dict[tuple[int, int, int], tuple[Measure, tuple[Row, ...]]] = {}

    def of(self, program: Program, order: MeasureOrder, acts: Mapping[str, Act]) -> list[Row]:
        """The rules of a program, those that take precedence first; apart for goods that a list names less
        certainly than the spell itself is."""
        rows: list[Row] = []
        for measure in order.by_precedence:
            key = id(measure), day_axis(program), program.ceased.before if program.ceased else ALWAYS
            if key not in self._held:
                if len(self._held) > _MOST_HELD:
                    self._held.clear()
                self._held[key] = measure, tuple(_rows(program, measure, self.truth, acts))
            rows += self._held[key][1]
        return rows


def _rows(program: Program, measure: Measure, truth: SetTruth, acts: Mapping[str, Act]) -> Iterator[Row]:
    for spell in measure.history:
        own = TAGS.index(least_certain([spell.tag, *(acts[act].tag for act in spell.by if act in acts)]))
        try:
            states = _states(measure, (spell.entered.on_or_after, spell.entered.before), truth)
        except SeedError as error:
            findings = [
                Finding("C002", f"{measure.id}: {finding.message}", measure.file, measure.line)
                for finding in error.findings
            ]
            raise SeedError(findings) from None
        for start, end, products, origins in states:
            windows = _windows(program, spell, start, end)
            for part in truth.parts(products, own):
                yield Row(measure, spell, windows, part, truth.origins(origins))


def _windows(program: Program, spell: Spell, start: int, end: int) -> Windows:
    """The days of each kind on which a rule of a spell applies."""
    windows = [(ALWAYS, NEVER)] * len(DAY_AXES)
    if program.ceased and spell.entered.before <= program.ceased.before:
        windows[ENTRY_DAY] = (ALWAYS, program.ceased.before)
    windows[day_axis(program)] = (start, end)
    windows[LOADED] = (spell.loaded.on_or_after, spell.loaded.before)
    windows[EXPORTED] = (spell.exported.on_or_after, spell.exported.before)
    return tuple(windows)


def _states(
    measure: Measure, window: tuple[int, int], truth: SetTruth
) -> list[tuple[int, int, SetKey, SetKey]]:
    """The window in pieces over which products and origins stay the same; neighbours that are the same are
    one."""
    edges = {edge for piece in truth.states(measure.products, "list", window) for edge in piece}
    edges |= {edge for piece in truth.states(measure.origin, "area", window) for edge in piece}
    pieces: list[tuple[int, int, SetKey, SetKey]] = []
    for start, end in pairwise(sorted(edges)):
        products, origins = (
            truth.key(measure.products, "list", start),
            truth.key(measure.origin, "area", start),
        )
        if pieces and pieces[-1][2:] == (products, origins):
            pieces[-1] = (pieces[-1][0], end, products, origins)
        else:
            pieces.append((start, end, products, origins))
    return [piece for piece in pieces if _takes(piece[2]) and _takes(piece[3])]


def _takes(key: SetKey) -> bool:
    taken, _, everything, *_, partly, _ = key
    return bool(taken or everything or partly)
