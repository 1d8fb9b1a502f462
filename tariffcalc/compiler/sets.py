"""Part of what turns the law into arrays: product lists and areas as truth over the axes of codes and
origins.

Lists and groups are dated, so a selection has a state for every stretch of days between two changes of the
sets it names; each distinct state is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import pairwise

import numpy as np

from tariffcalc.compiled.axes import Bools, CodeAxis
from tariffcalc.compiler.set_members import Doubtful, Part, SetKey, Taken, in_part, uncertain
from tariffcalc.errors import SeedError
from tariffcalc.law.act import Act
from tariffcalc.law.near import meant
from tariffcalc.law.renumbered import Named, Successors
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.schedule import TariffLine
from tariffcalc.law.selection import Member, NamedSet, Selection
from tariffcalc.moments import ALWAYS
from tariffcalc.tags import SECONDARY, TAGS, Tag


class SetTruth:
    """Truth of product and origin selections over their axes, each distinct state computed once."""

    def __init__(
        self,
        axis: CodeAxis,
        schedule: Iterable[TariffLine],
        origins: Sequence[str],
        lists: Mapping[str, NamedSet],
        groups: Mapping[str, NamedSet],
        acts: Mapping[str, Act],
        successors: Successors,
    ) -> None:
        self._tags = uncertain(acts)
        self._successors = successors
        self._axis, self._origins = axis, {code: number for number, code in enumerate(origins)}
        self._below: dict[str, list[TariffLine]] = {}
        for line in schedule:
            if len(line.code) > 8:
                self._below.setdefault(line.code[:8], []).append(line)
        self._sets: dict[str, Mapping[str, NamedSet]] = {"list": lists, "area": groups}
        self._moving = self._moving_of(lists)
        self._products: dict[SetKey, tuple[Bools, Bools]] = {}
        self._places: dict[tuple[Tag, tuple[str, ...]], int] = {}
        self._parts: dict[tuple[SetKey, int], list[Part]] = {}

    def with_sets(self, lists: Mapping[str, NamedSet], groups: Mapping[str, NamedSet]) -> SetTruth:
        """The truth of other lists and groups; the states that were worked out stay, since each says all that
        it is made of."""
        other = copy(self)
        vars(other).pop("long_codes", None)  # of the lists as they were
        other._sets = {"list": lists, "area": groups}
        other._moving = self._moving_of(lists)
        return other

    @property
    def codes(self) -> int:
        """How many codes the axis has."""
        return len(self._axis.codes)

    @property
    def places(self) -> int:
        """How many origins there are."""
        return len(self._origins)

    def below(self, parent: str) -> Sequence[TariffLine]:
        """The rows of the schedule of the ten-digit lines below an eight-digit code."""
        return self._below.get(parent, ())

    def states(self, selection: Selection, kind: str, window: tuple[int, int]) -> list[tuple[int, int]]:
        """The window cut at every day on which a set the selection names may change."""
        members = [member for name in selection.names for member in self._named(name, kind).members]
        edges = {edge for member in members for edge in (member.start, member.end)}
        if kind == "list":
            items = {*selection.items, *selection.except_items, *(member.item for member in members)}
            if (
                self._moving.keys() & set(selection.names)
                or self._successors.retired(items)
                or any(map(self._successors.is_new, items))
            ):
                edges |= set(self._successors.days)
            edges |= {
                edge
                for parent in in_part(items)
                for line in self._below.get(parent, ())
                for edge in (line.start, line.end)
            }
        ordered = sorted({window[0], window[1], *(edge for edge in edges if window[0] < edge < window[1])})
        return list(pairwise(ordered))

    def _moving_of(self, lists: Mapping[str, NamedSet]) -> dict[str, frozenset[Member]]:
        """The rows of lists that name numbers which became others later, by list."""
        moving = {
            name: frozenset(filter(self._successors.may_move, each.members)) for name, each in lists.items()
        }
        return {name: members for name, members in moving.items() if members}

    @cached_property
    def long_codes(self) -> frozenset[str]:
        """The codes of more than eight digits that lists name."""
        return frozenset(
            member.item
            for each in self._sets["list"].values()
            for member in each.members
            if len(member.item) > 8
        )

    def _named(self, name: str, kind: str) -> NamedSet:
        try:
            return self._sets[kind][name]
        except KeyError:
            raise SeedError(f"the {kind} {name!r} is not there{meant(name, self._sets[kind])}") from None

    def _taken(
        self, items: Iterable[str], names: Iterable[str], kind: str, moment: int
    ) -> tuple[Taken, Taken]:
        """The codes or origins that are taken at a moment, and those that rows of lists except."""
        taken, excepted = Taken(set(items), [], []), Taken(set(), [], [])
        if kind == "list":
            retired = self._successors.retired(taken.codes)
            taken.codes.difference_update(retired)
            taken.moved.extend(Named(item, ALWAYS) for item in retired)
            taken.new.extend(Named(item, ALWAYS) for item in taken.codes if self._successors.is_new(item))
        for name in names:
            moving = self._moving.get(name) if kind == "list" else None
            for member in self._named(name, kind).members:
                if member.start <= moment < member.end:
                    side = excepted if member.excepted else taken
                    moved = moving is not None and member in moving
                    if moved or (kind == "list" and self._successors.is_new(member.item)):
                        named = Named(
                            member.item,
                            member.start,
                            self._place_of(member.tag, member.by),
                            member.by,
                            member.note,
                        )
                        (side.moved if moved else side.new).append(named)
                    if not moved:
                        side.codes.add(member.item)
        return (
            (taken.at(self._successors, moment), excepted.at(self._successors, moment))
            if kind == "list"
            else (taken, excepted)
        )

    def key(self, selection: Selection, kind: str, moment: int) -> SetKey:
        """What the selection takes and leaves out at a moment."""
        took, excepted = self._taken(selection.items, selection.named, kind, moment)
        left, _ = self._taken(selection.except_items, selection.except_named, kind, moment)
        taken, left_out = took.surely(), left.surely() | excepted.surely()
        partly, partly_left = took.perhaps(), left.perhaps() | excepted.perhaps()
        doubtful, in_force = frozenset[Doubtful](), frozenset[str]()
        if kind == "list":
            lines = (
                line
                for parent in in_part(taken | left_out | partly | partly_left)
                for line in self._below.get(parent, ())
            )
            in_force = frozenset(line.code for line in lines if line.start <= moment < line.end)
            doubtful = self._doubtful(selection, moment, took.moved)
        return taken, left_out, selection.everything, in_force, doubtful, partly, partly_left

    def _doubtful(self, selection: Selection, moment: int, moved: Iterable[Named]) -> frozenset[Doubtful]:
        """The codes that only rows in doubt name, with the most certain row of each."""
        best: dict[str, Doubtful] = {}

        items = set(selection.items) - self._successors.retired(selection.items)
        for name in selection.named:
            moving = self._moving.get(name)
            for member in self._named(name, "list").members:
                if (
                    member.excepted
                    or member.item in items
                    or not member.start <= moment < member.end
                    or (moving and member in moving)
                ):
                    continue
                place = self._place_of(member.tag, member.by)
                if member.item not in best or place < best[member.item][1]:
                    best[member.item] = (member.item, place, member.by, member.note)
        for each in moved:
            if each.code not in items and (each.code not in best or each.place < best[each.code][1]):
                best[each.code] = (each.code, each.place, each.by, each.note)
        return frozenset(each for each in best.values() if each[1] >= SECONDARY)

    def _place_of(self, tag: Tag, by: tuple[str, ...]) -> int:
        """The place of the least certain of a row's tag and those of its acts."""
        if (tag, by) not in self._places:
            self._places[tag, by] = max(TAGS.index(tag), *(self._tags.get(act, 0) for act in by), 0)
        return self._places[tag, by]

    def parts(self, key: SetKey, own: int) -> list[Part]:
        """The codes of a set apart by how certain it is that they belong to it; what is as certain as the
        rule itself (``own``) is one set."""
        if (key, own) not in self._parts:
            self._parts[key, own] = list(self._apart(key, own))
        return self._parts[key, own]

    def _apart(self, key: SetKey, own: int) -> Iterator[Part]:
        definite, possible = self.products(key)
        taken, left_out, everything, in_force, doubtful, *partly = key
        worse = sorted({place for _, place, *_ in doubtful if place > own})
        if not worse or everything:
            yield Part(TAGS[0], (), "", definite, possible)
            return
        rest = possible.copy()
        for place in (own, *worse):
            without = {item for item, other, *_ in doubtful if other > place}
            surely, perhaps = self.products(
                (taken - without, left_out, everything, in_force, frozenset(), partly[0] - without, partly[1])
            )
            here = rest & (surely == definite) & (perhaps == possible)
            rest &= ~here
            rows = [each for each in doubtful if each[1] == place] if place > own else []
            by, notes = {act for each in rows for act in each[2]}, {each[3] for each in rows}
            note = notes.pop() if len(notes) == 1 else ""
            if here.any():
                yield Part(
                    TAGS[place if place > own else 0],
                    tuple(sorted(by)),
                    note,
                    definite & here,
                    possible & here,
                )

    def products(self, key: SetKey) -> tuple[Bools, Bools]:
        """Definite and possible membership of every code."""
        if key not in self._products:
            taken, left_out, everything, in_force, _, partly, partly_left = key
            definite, possible = self._axis.members(taken, in_force)
            if partly:
                possible |= self._axis.members(partly, in_force)[1]
            if everything:
                definite = possible = np.ones(len(self._axis.codes), bool)
            surely_out, perhaps_out = self._axis.members(left_out, in_force)
            if partly_left:
                perhaps_out |= self._axis.members(partly_left, in_force)[1]
            self._products[key] = definite & ~perhaps_out, possible & ~surely_out
        return self._products[key]

    def origins(self, key: SetKey) -> Bools:
        """Membership of every origin; raises SeedError for a code that geography does not know."""
        taken, left_out, everything = key[:3]
        truth = np.full(len(self._origins), everything)
        for origins, value in ((taken, True), (left_out, False)):
            for origin in origins:
                if origin not in self._origins:
                    raise SeedError(f"{origin!r} is not an origin of the geography table")
                truth[self._origins[origin]] = value
        return truth


def set_truth(book: Rulebook, axis: CodeAxis, origins: Sequence[str]) -> SetTruth:
    """The members of the lists and groups of a rulebook, over its codes and the origins outside its
    territory."""
    return SetTruth(
        axis, book.schedule, origins, book.lists, book.groups, book.acts, Successors(book.renumbered)
    )
