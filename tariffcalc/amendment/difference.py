"""The law before and after a change, measure by measure and day by day, worked out from the two rulebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tariffcalc.codes import dotted
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Member, NamedSet, Selection
from tariffcalc.moments import ALWAYS, NEVER, show_moment

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("program", "measure", "from", "to", "duty_before", "duty_after", "changed", "acts")
NOT_IN_FORCE = "not in force"
_IN_WORDS = {"origin": "origins", "requires": "conditions", "instead_of": "goes before"}
_NO_LAW = {"history", "file", "line", "note"}
_OF_PROGRAM = {"measures", "file", "note"}
_LISTED = {
    "acts",
    "programs",
    "stacking",
    "lists",
    "groups",
    "known_on",
    "changes",
    "changes_in_words",
    "settled_parts",
}


class HasRulebook(Protocol):
    """Whatever holds a law as models: a tariff."""

    @property
    def rulebook(self) -> Rulebook:
        """The law as models."""


class Changed(NamedTuple):
    """One thing that is different: of a measure a spell or a field; a row of a list; an entry of the stacking
    order.  ``what`` says which: two changes of the same thing on the same days meet, and a change of a
    measure meets whatever ``removes`` it."""

    program: str
    measure: str
    what: tuple[Any, ...]
    start: int
    end: int
    before: str
    after: str
    words: str
    acts: tuple[str, ...]
    removes: bool = False


def changed_between(before: Rulebook, after: Rulebook) -> Iterator[Changed]:
    """Everything that differs between two rulebooks, of which the second was made from the first."""
    for name in dict.fromkeys([*before.programs, *after.programs]):
        was, now = before.programs.get(name), after.programs.get(name)
        if was is not now:
            yield from _of_program(name, was, now)
    for kind, sets, others in (("list", before.lists, after.lists), ("area", before.groups, after.groups)):
        for name in dict.fromkeys([*sets, *others]):
            if sets.get(name) is not others.get(name):
                yield from _of_set(kind, name, sets.get(name), others.get(name))
    if before.stacking is not after.stacking:
        yield from _of_stacking(before.stacking, after.stacking)
    for field in fields(Rulebook):
        if field.name in _LISTED:
            continue
        one, other = getattr(before, field.name), getattr(after, field.name)
        if one is not other and one != other:
            yield _whole("", "", ("rulebook", field.name), "", "", field.name.replace("_", " "), ())


def _whole(
    program: str, measure: str, what: tuple[Any, ...], before: str, after: str, words: str,
    acts: tuple[str, ...],
) -> Changed:  # fmt: skip
    """A difference of all days."""
    return Changed(program, measure, what, ALWAYS, NEVER, before, after, words, acts)


def _of_program(name: str, was: Program | None, now: Program | None) -> Iterator[Changed]:
    if was is not None and now is not None:
        for field in Program.model_fields:
            if field not in _OF_PROGRAM and getattr(was, field) != getattr(now, field):
                one, other = (_text(getattr(each, field)) for each in (was, now))
                yield _whole(name, "", ("field", field), "", "", f"{_named(field)}: {one} -> {other}", ())
    measures = [{each.id: each for each in program.measures} if program else {} for program in (was, now)]
    for measure in dict.fromkeys([*measures[0], *measures[1]]):
        made, makes = measures[0].get(measure), measures[1].get(measure)
        if made is not makes:
            yield from _of_measure(name, measure, made, makes)


def _of_measure(program: str, name: str, was: Measure | None, now: Measure | None) -> Iterator[Changed]:
    words = "duty"
    if was is None or now is None:
        scope = was or now
        assert scope is not None
        kind = "new" if now else "removed"
        words = f"{kind} measure: origins {scope.origin.text}, products {scope.products.text}"
    for changed in _of_history(program, name, was, now, words):
        yield changed._replace(removes=now is None)
    if was is None or now is None:
        return
    for field in Measure.model_fields:
        one, other = getattr(was, field), getattr(now, field)
        if field in _NO_LAW or one == other:
            continue
        if field == "instead_of":
            for each in (*one, *other):
                if (each in one) != (each in other):
                    goes = "goes before" if each in other else "no longer goes before"
                    yield _whole(program, name, ("instead_of", each), "", "", f"{goes} {each}", ())
        else:
            text = f"{_named(field)}: {_text(one)} -> {_text(other)}"
            yield _whole(program, name, ("field", field), "", "", text, ())


def _of_history(
    program: str, name: str, was: Measure | None, now: Measure | None, words: str
) -> Iterator[Changed]:
    """The days on which a measure has another duty, for each window of loading and of export."""
    histories = [measure.history if measure else () for measure in (was, now)]
    for loaded, exported in dict.fromkeys(
        (each.loaded, each.exported) for side in histories for each in side
    ):
        sides = [
            [each for each in side if (each.loaded, each.exported) == (loaded, exported)]
            for side in histories
        ]
        edges = sorted({edge for side in sides for each in side for edge in _edges(each)})
        last: Changed | None = None
        for start, end in pairwise(edges):
            one, other = (next((each for each in side if start in each.entered), None) for side in sides)
            if one is other or (one and other and _says(one) == _says(other)):
                continue
            new = _new_acts(one, other)
            what = ("spell", loaded, exported)
            texts = [each.duty.text if each else NOT_IN_FORCE for each in (one, other)]
            found = Changed(program, name, what, start, end, texts[0], texts[1], words, new)
            if last and last.end == start and last._replace(start=start, end=end) == found:
                found = found._replace(start=last.start)
            elif last:
                yield last
            last = found
        if last:
            yield last


def _edges(spell: Spell) -> tuple[int, int]:
    return spell.entered.on_or_after, spell.entered.before


def _says(spell: Spell) -> tuple[Any, ...]:
    return spell.duty, spell.shipment_at_least, spell.shipment_at_most, spell.tag, spell.withdrawn_by


def _new_acts(one: Spell | None, other: Spell | None) -> tuple[str, ...]:
    """The acts that a spell goes back to and its predecessor does not."""
    cited = one.by if one else ()
    return tuple(act for act in (other.by if other else ()) if act not in cited)


def _of_set(kind: str, name: str, was: NamedSet | None, now: NamedSet | None) -> Iterator[Changed]:
    """The days on which a code or an origin is on a list or in an area, and was not, or the other way."""
    sides = [each.members if each else () for each in (was, now)]
    touched = set(sides[0]) ^ set(sides[1])
    for item in sorted({member.item for member in touched}):
        rows = [[member for member in side if member.item == item] for side in sides]
        edges = sorted({edge for side in rows for each in side for edge in (each.start, each.end)})
        for start, end in pairwise(edges):
            one, other = (_place(side, start) for side in rows)
            if one == other:
                continue
            acts = {act for each in touched if each.item == item for act in (*each.by, *each.ended_by)}
            words = f"{_place_in_words(other)} {kind} {name}: {dotted(item) if kind == 'list' else item}"
            what = (kind, name, item)
            yield Changed("", "", what, start, end, "", "", words, tuple(sorted(acts)))


def _place(members: Iterable[Member], moment: int) -> str:
    """Whether an item is on a list on a day, left out of it, or not named."""
    here = {each.excepted for each in members if each.start <= moment < each.end}
    return "left out" if True in here else "on" if here else ""


def _place_in_words(place: str) -> str:
    return {"on": "put on", "": "taken off", "left out": "left out of"}[place]


def _of_stacking(before: Iterable[StackingEntry], after: Iterable[StackingEntry]) -> Iterator[Changed]:
    both = {id(each) for each in before} & {id(each) for each in after}
    was, now = ([each for each in side if id(each) not in both] for side in (before, after))
    for entries, others, words in ((was, now, "no longer gives way to"), (now, was, "gives way to")):
        for entry in entries:
            if entry not in others:
                of = f" ({', '.join(entry.of)})" if entry.of else ""
                to = entry.to + (f" ({', '.join(entry.measures)})" if entry.measures else "")
                what = ("stacking", entry.program, entry.to, words)
                window = entry.entered.on_or_after, entry.entered.before
                yield Changed(entry.program, "", what, *window, "", "", f"{words} {to}{of}", entry.by)


def _named(field: str) -> str:
    return _IN_WORDS.get(field, field.replace("_", " "))


def _text(value: Any) -> str:
    """A value of a field in words."""
    if value is None or value == () or value == "":
        return "none"
    if isinstance(value, Selection):
        return value.text
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value))
    return str(getattr(value, "text", value))


def difference(before: Rulebook, after: Rulebook) -> pd.DataFrame:
    """The difference of two rulebooks as a table (see ``Scenario.diff``)."""
    import pandas as pd

    scenarios = tuple(f"scenario:{title}" for title in after.changes[len(before.changes) :])
    rows = [
        {
            "program": each.program,
            "measure": each.measure,
            "from": show_moment(each.start) if each.start > ALWAYS else "",
            "to": show_moment(each.end) if each.end < NEVER else "",
            "duty_before": each.before,
            "duty_after": each.after,
            "changed": each.words,
            "acts": " ".join(each.acts or scenarios),
        }
        for change in sorted(changed_between(before, after), key=lambda change: change.what[0] != "spell")
        for each in _by_measure(change, after)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _by_measure(change: Changed, book: Rulebook) -> Iterator[Changed]:
    """The change; that of a list or an area once for each measure that names it."""
    kind, name = change.what[0], str(change.what[1])
    if kind not in ("list", "area"):
        yield change
        return
    programs: Mapping[str, Program] = book.programs
    for program in programs.values():
        for measure in program.measures:
            names = (measure.products if kind == "list" else measure.origin).names
            if name in names:
                yield change._replace(program=program.program, measure=measure.id)
