"""Part of the door between law and arrays: product lists and areas as truth over the axes of codes and origins.

Lists and groups are dated, so a selection has a state for every stretch of days between two changes of the sets it names; each distinct
state is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from tariffcalc.engine.axes import Bools, CodeAxis
from tariffcalc.errors import SeedError
from tariffcalc.law.area import NamedSet, Selection
from tariffcalc.law.schedule import TariffLine

SetKey = tuple[frozenset[str], frozenset[str], bool, frozenset[str]]
"""What is taken and left out, whether all else is taken, and the ten-digit lines in force below eight-digit codes of which only a part is named."""


class SetTruth:
    """Truth of product and origin selections over their axes, each distinct state computed once."""

    def __init__(
        self, axis: CodeAxis, schedule: Iterable[TariffLine], origins: Sequence[str], lists: dict[str, NamedSet], groups: dict[str, NamedSet]
    ) -> None:
        self._axis, self._origins = axis, {code: number for number, code in enumerate(origins)}
        self._below: dict[str, list[TariffLine]] = {}
        for line in schedule:
            if len(line.code) > 8:
                self._below.setdefault(line.code[:8], []).append(line)
        self._sets = {"list": lists, "area": groups}
        self._products: dict[SetKey, tuple[Bools, Bools]] = {}

    def states(self, selection: Selection, kind: str, window: tuple[int, int]) -> list[tuple[int, int]]:
        """The window cut at every day on which a set the selection names may change."""
        members = [member for name in selection.names for member in self._named(name, kind).members]
        edges = {edge for member in members for edge in (member.start, member.end)}
        if kind == "list":
            items = {*selection.items, *selection.except_items, *(member.item for member in members)}
            edges |= {edge for parent in _in_part(items) for line in self._below.get(parent, ()) for edge in (line.start, line.end)}
        ordered = sorted({window[0], window[1], *(edge for edge in edges if window[0] < edge < window[1])})
        return list(pairwise(ordered))

    def _named(self, name: str, kind: str) -> NamedSet:
        try:
            return self._sets[kind][name]
        except KeyError:
            raise SeedError(f"the {kind} {name!r} is not there") from None

    def _taken(self, items: Iterable[str], names: Iterable[str], kind: str, moment: int) -> tuple[frozenset[str], frozenset[str]]:
        taken, excepted = set(items), set[str]()
        for name in names:
            for member in self._named(name, kind).members:
                if member.start <= moment < member.end:
                    (excepted if member.excepted else taken).add(member.item)
        return frozenset(taken), frozenset(excepted)

    def key(self, selection: Selection, kind: str, moment: int) -> SetKey:
        """What the selection takes and leaves out at a moment."""
        taken, excepted = self._taken(selection.items, selection.named, kind, moment)
        left_out, _ = self._taken(selection.except_items, selection.except_named, kind, moment)
        left_out |= excepted
        lines = (line for parent in _in_part(taken | left_out) for line in self._below.get(parent, ())) if kind == "list" else ()
        return taken, left_out, selection.everything, frozenset(line.code for line in lines if line.start <= moment < line.end)

    def products(self, key: SetKey) -> tuple[Bools, Bools]:
        """Definite and possible membership of every code."""
        if key not in self._products:
            taken, left_out, everything, in_force = key
            definite, possible = self._axis.members(taken, in_force)
            if everything:
                definite = possible = np.ones(len(self._axis.codes), bool)
            surely_out, perhaps_out = self._axis.members(left_out, in_force)
            self._products[key] = definite & ~perhaps_out, possible & ~surely_out
        return self._products[key]

    def origins(self, key: SetKey) -> Bools:
        """Membership of every origin; raises SeedError for a code that geography does not know."""
        taken, left_out, everything, _ = key
        truth = np.full(len(self._origins), everything)
        for origins, value in ((taken, True), (left_out, False)):
            for origin in origins:
                if origin not in self._origins:
                    raise SeedError(f"{origin!r} is not an origin of the geography table")
                truth[self._origins[origin]] = value
        return truth


def _in_part(items: Iterable[str]) -> set[str]:
    """The eight-digit codes of which some item names a part."""
    return {item[:8] for item in items if len(item) > 8}
