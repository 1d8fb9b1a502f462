"""A scenario: a dated amendment of the law, from Python or from a file, in the format of the seeds.

A scenario never does nothing in silence: a change that names no measure, or falls on days on which the measure does not exist, is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from tariffcalc.engine.precedence import MeasureOrder
from tariffcalc.errors import ScenarioError, TariffError
from tariffcalc.law.act import Act
from tariffcalc.law.area import Member, read_area, read_products
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.programs import measure_data, program_of
from tariffcalc.reading.yaml_text import Document, read_yaml
from tariffcalc.windows import ALWAYS, NEVER, Window, parse_moment, show_moment

Change = dict[str, Any]
VERBS = ("set_duty", "extend", "end", "add_measure", "add_program", "add_to_list", "remove_from_list")


@dataclass(frozen=True)
class Scenario:
    """Changes to the law under a title; every method returns a new scenario.

    Examples
    --------
    >>> s = Scenario("India at 18%").set_duty("us.ieepa.reciprocal/india-august", "18%", on_or_after="2026-02-07")
    >>> print(s.to_yaml())
    scenario: India at 18%
    changes:
    - set_duty: us.ieepa.reciprocal/india-august
      duty: 18%
      on_or_after: '2026-02-07'
    <BLANKLINE>
    """

    title: str
    changes: tuple[Change, ...] = ()
    note: str = ""

    def set_duty(
        self, measure: str, duty: str, on_or_after: Any = None, before: Any = None, origin: str | None = None, products: str | None = None
    ) -> Scenario:
        """Give a measure (``program/measure``) another duty on the days of the window on which it is in force.

        A program without a measure stands for every measure of it that charges something: exemptions stay exemptions.  ``origin`` and ``products``
        narrow
        the change of one measure to some of the origins ("VN, TH") or codes ("6109, 6110") it reaches; whatever displaces the measure displaces
        the narrowed one too.
        """
        narrowed = {name: value for name, value in (("origin", origin), ("products", products)) if value is not None}
        return self._with({"set_duty": measure, "duty": duty, **narrowed}, on_or_after, before)

    def extend(self, measure: str, before: Any = None) -> Scenario:
        """Let the last spell of a measure, or of every measure of a program, run on to ``before`` (no end if left out)."""
        return self._with({"extend": measure}, None, before)

    def end(self, measure: str, before: Any) -> Scenario:
        """End a measure, or every measure of a program: nothing of it is left from ``before`` on."""
        return self._with({"end": measure}, None, before)

    def add_measure(self, program: str, measure: dict[str, Any]) -> Scenario:
        """Add a measure to a program; the mapping has the form of a seed file.

        Beside `instead_of` it may say ``displaced_by``: measures or groups of the program that go before the new one; ``exemptions`` stands for every
        measure under which nothing is due.
        """
        return self._with({"add_measure": program, "measure": measure})

    def add_program(self, program: dict[str, Any]) -> Scenario:
        """Add a program; the mapping has the form of a seed file."""
        return self._with({"add_program": program["program"], "data": program})

    def add_to_list(self, name: str, codes: list[str], on_or_after: Any = None, before: Any = None) -> Scenario:
        """Put codes on a product list."""
        return self._with({"add_to_list": name, "codes": list(codes)}, on_or_after, before)

    def remove_from_list(self, name: str, codes: list[str], on_or_after: Any) -> Scenario:
        """Take codes off a product list from a day on."""
        return self._with({"remove_from_list": name, "codes": list(codes)}, on_or_after)

    def _with(self, change: Change, on_or_after: Any = None, before: Any = None) -> Scenario:
        if on_or_after is not None:
            change["on_or_after"] = show_moment(parse_moment(on_or_after))
        if before is not None:
            change["before"] = show_moment(parse_moment(before))
        return replace(self, changes=(*self.changes, change))

    def to_yaml(self) -> str:
        """The scenario as a seed file writes it."""
        data: dict[str, Any] = {"scenario": self.title}
        if self.note:
            data["note"] = self.note
        return yaml.safe_dump(data | {"changes": [dict(change) for change in self.changes]}, sort_keys=False, allow_unicode=True, width=120)

    def write(self, path: str | Path) -> None:
        """Write the scenario to a file."""
        Path(path).write_text(self.to_yaml(), encoding="utf-8")

    @classmethod
    def read(cls, path: str | Path) -> Scenario:
        """A scenario from a file; raises SeedError for bad YAML and ScenarioError for an unknown change."""
        document = read_yaml(Path(path))
        data = document.data if isinstance(document.data, dict) else {}
        if "scenario" not in data or not data.get("changes"):
            raise ScenarioError(f"{document.file}: a scenario has the keys 'scenario' (its title) and 'changes'")
        for index, change in enumerate(data["changes"]):
            _verb(change, f"{document.file}:{document.line(('changes', index))}: ")
        return cls(data.get("title") or data["scenario"], tuple(data["changes"]), data.get("note", ""))

    def apply(self, book: Rulebook) -> Rulebook:
        """The amended rulebook; raises ScenarioError for a change that names nothing or changes nothing."""
        if not self.changes:
            return book
        act = Act(id=f"scenario:{self.title}", kind="scenario", title=self.title, known=ALWAYS, citation="a scenario, not law", note=self.note)
        book = replace(book, acts=book.acts | {act.id: act}, changes=(*book.changes, self.title))
        for change in self.changes:
            try:
                book = _APPLY[_verb(change)](book, change, act.id)
            except ScenarioError as error:
                raise ScenarioError(f"scenario {self.title!r}: {error}") from None
            except (TariffError, ValueError, KeyError) as error:
                raise ScenarioError(f"scenario {self.title!r}: {change}: {error}") from None
        return book


def _verb(change: Change, place: str = "") -> str:
    for verb in VERBS:
        if verb in change:
            return verb
    raise ScenarioError(f"{place}{dict(change)} is no change: write one of {', '.join(VERBS)}")


def _window(change: Change) -> Window:
    return Window.model_validate({key: change[key] for key in ("on_or_after", "before") if key in change})


def _find(book: Rulebook, name: str) -> tuple[Program, list[Measure]]:
    """A program and one measure of it, or all its measures, by name."""
    program_name, _, measure_name = name.partition("/")
    program = book.programs.get(program_name)
    if program is None:
        near = get_close_matches(program_name, book.programs, n=3)
        raise ScenarioError(f"there is no program {program_name!r}; near misses: {', '.join(near) or ', '.join(book.programs)}")
    if not measure_name:
        return program, list(program.measures)
    measure = program.measure(measure_name)
    if measure is None:
        near = get_close_matches(measure_name, [each.id for each in program.measures], n=4, cutoff=0.4)
        raise ScenarioError(f"{program_name} has no measure {measure_name!r}; near misses: {', '.join(near) or 'none'}")
    return program, [measure]


def _replace_measures(book: Rulebook, program: Program, changed: dict[str, tuple[Spell, ...]]) -> Rulebook:
    measures = tuple(
        measure.model_copy(update={"history": changed[measure.id]}) if measure.id in changed else measure for measure in program.measures
    )
    return replace(book, programs=book.programs | {program.program: program.model_copy(update={"measures": measures})})


def _set_duty(book: Rulebook, change: Change, act: str) -> Rulebook:
    program, measures = _find(book, change["set_duty"])
    if "origin" in change or "products" in change:
        return _set_narrowed_duty(book, change, act, program, measures)
    window, duty = _window(change), parse_duty(change["duty"], including=book.territory.column_1)
    changed: dict[str, tuple[Spell, ...]] = {}
    for measure in measures:
        history: list[Spell] = []
        touched = False
        for spell in measure.history:
            shared = spell.entered.overlap(window)
            exempt = len(measures) > 1 and spell.duty.is_none
            if shared is None or spell.duty == duty or exempt:
                history.append(spell)
                continue
            touched = True
            history += [spell.model_copy(update={"entered": piece}) for piece in spell.entered.less(window)]
            history.append(spell.model_copy(update={"entered": shared, "duty": duty, "by": (*spell.by, act)}))
        if touched:
            changed[measure.id] = tuple(sorted(history, key=lambda spell: spell.entered.on_or_after))
    if not changed:
        days = "; ".join(str(spell.entered) for measure in measures[:1] for spell in measure.history)
        raise ScenarioError(f"setting {change['set_duty']} to {change['duty']} on {window} changes nothing (in force: {days})")
    return _replace_measures(book, program, changed)


def _set_narrowed_duty(book: Rulebook, change: Change, act: str, program: Program, measures: list[Measure]) -> Rulebook:
    """Another duty for some origins or products of one measure: a copy of it that goes before it, and behind whatever goes before it."""
    if len(measures) != 1:
        raise ScenarioError(f"narrowing to origins or products needs one measure, {program.program}/MEASURE")
    (measure,) = measures
    scope: dict[str, Any] = {}
    for name, read in (("origin", read_area), ("products", read_products)):
        if name in change:
            if not getattr(measure, name).everything:
                raise ScenarioError(f"{change['set_duty']} is for {name} {getattr(measure, name).text} only: it cannot be narrowed further")
            scope[name] = read(change[name])
    window, duty = _window(change), parse_duty(change["duty"], including=book.territory.column_1)
    shared = [(spell, spell.entered.overlap(window)) for spell in measure.history]
    history = tuple(spell.model_copy(update={"entered": part, "duty": duty, "by": (*spell.by, act)}) for spell, part in shared if part)
    if not history:
        raise ScenarioError(f"setting {change['set_duty']} to {change['duty']} on {window} changes nothing")
    name = f"{measure.id}-{len(program.measures)}"
    narrowed = measure.model_copy(update={"id": name, "group": "", "instead_of": (measure.id, *measure.instead_of), "history": history, **scope})
    displaces = MeasureOrder.of(program).displaces
    above = {each.id for each in program.measures if measure.id in displaces[each.id]}
    kept = tuple(each.model_copy(update={"instead_of": (*each.instead_of, name)}) if each.id in above else each for each in program.measures)
    return replace(book, programs=book.programs | {program.program: program.model_copy(update={"measures": (*kept, narrowed)})})


def _extend(book: Rulebook, change: Change, act: str) -> Rulebook:
    program, measures = _find(book, change["extend"])
    end = _window(change).before
    measures = [measure for measure in measures if measure.history]
    last = max((spell.entered.before for measure in measures for spell in measure.history), default=NEVER)
    changed = {}
    for measure in measures:
        ends = max(spell.entered.before for spell in measure.history)
        if ends != last or ends >= end:
            continue
        run_on = [
            spell.model_copy(update={"entered": Window(on_or_after=spell.entered.on_or_after, before=end), "by": (*spell.by, act), "ended_by": ()})
            if spell.entered.before == ends
            else spell
            for spell in measure.history
        ]
        changed[measure.id] = tuple(run_on)
    if not changed:
        raise ScenarioError(f"extending {change['extend']} to before {show_moment(end)} changes nothing (it runs to {show_moment(last)})")
    return _replace_measures(book, program, changed)


def _end(book: Rulebook, change: Change, act: str) -> Rulebook:
    program, measures = _find(book, change["end"])
    window = Window(before=_window(change).before)
    if window.before >= NEVER:
        raise ScenarioError(f"ending {change['end']} needs 'before'")
    changed = {}
    for measure in measures:
        cut = [(spell, spell.entered.overlap(window)) for spell in measure.history]
        kept = tuple(
            spell if spell.entered == piece else spell.model_copy(update={"entered": piece, "ended_by": (act,)}) for spell, piece in cut if piece
        )
        if kept != measure.history:
            changed[measure.id] = kept
    if not changed:
        raise ScenarioError(f"ending {change['end']} before {show_moment(window.before)} changes nothing")
    return _replace_measures(book, program, changed)


def _document(act: str) -> Document:
    return Document(None, act)


def _add_measure(book: Rulebook, change: Change, act: str) -> Rulebook:
    program, _ = _find(book, change["add_measure"])
    given = dict(change["measure"])
    displaced_by = given.pop("displaced_by", [])
    given["history"] = [{"by": [act], **spell} for spell in given.get("history", ())]
    document = _document(act)
    measure = document.read(Measure, measure_data(document, given, book.territory.column_1, ()))
    if program.measure(measure.id) is not None:
        raise ScenarioError(f"{program.program} already has a measure {measure.id!r}")
    kept = tuple(_before(each, measure.id, displaced_by) for each in program.measures)
    changed = program.model_copy(update={"measures": (*kept, measure)})
    return replace(book, programs=book.programs | {program.program: changed})


def _before(measure: Measure, added: str, displaced_by: list[str] | str) -> Measure:
    """The measure, said to be instead of the added one if it is among those that displace it."""
    names = [displaced_by] if isinstance(displaced_by, str) else displaced_by
    exempt = "exemptions" in names and bool(measure.history) and all(spell.duty.is_none for spell in measure.history)
    if not (exempt or measure.id in names or (measure.group and measure.group in names)):
        return measure
    return measure.model_copy(update={"instead_of": (*measure.instead_of, added)})


def _add_program(book: Rulebook, change: Change, act: str) -> Rulebook:
    data = dict(change["data"])
    if data["program"] in book.programs:
        raise ScenarioError(f"there already is a program {data['program']!r}")
    data.setdefault("title", data["program"])
    data.setdefault("authority", act)
    data.setdefault("charged_on", "customs value")
    data.setdefault("reviewed", {"through": "9999-12-31", "against": act})
    data["measures"] = [
        {**measure, "history": [{"by": [act], **spell} for spell in measure.get("history", ())]} for measure in data.get("measures", ())
    ]
    program = program_of(_document(act), data, book.territory.column_1)
    return replace(book, programs=book.programs | {program.program: program})


def _change_list(book: Rulebook, change: Change, act: str, name: str, adding: bool) -> Rulebook:
    named = book.lists.get(name)
    if named is None:
        near = get_close_matches(name, book.lists, n=3)
        raise ScenarioError(f"there is no list {name!r}; near misses: {', '.join(near) or 'none'}")
    window = _window(change)
    codes = {code.replace(".", "") for code in change["codes"]}
    if adding:
        for code in sorted(codes):
            if not any(line.code.startswith(code) for line in book.schedule):
                raise ScenarioError(f"{code} covers no tariff line")
        there = {member.item for member in named.members if member.start <= window.on_or_after and window.before <= member.end}
        if codes <= there:
            raise ScenarioError(f"adding {', '.join(sorted(codes))} to the list {name} changes nothing")
        members = (*named.members, *(Member(code, window.on_or_after, window.before, (act,)) for code in sorted(codes)))
    else:
        start = window.on_or_after
        members = tuple(
            member._replace(end=start, ended_by=(act,)) if member.item in codes and member.start < start < member.end else member
            for member in named.members
        )
        if members == named.members:
            raise ScenarioError(f"removing {', '.join(sorted(codes))} from the list {name} changes nothing")
    return replace(book, lists=book.lists | {name: named._replace(members=members)})


_APPLY: dict[str, Callable[[Rulebook, Change, str], Rulebook]] = {
    "set_duty": _set_duty,
    "extend": _extend,
    "end": _end,
    "add_measure": _add_measure,
    "add_program": _add_program,
    "add_to_list": lambda book, change, act: _change_list(book, change, act, change["add_to_list"], True),
    "remove_from_list": lambda book, change, act: _change_list(book, change, act, change["remove_from_list"], False),
}
