"""The verbs that change measures in force: another duty, a later end, an earlier end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.naming import (
    check_days,
    check_duty,
    check_origins,
    check_products,
    days_in_words,
    find_measures,
)
from tariffcalc.amendment.wording import Day, DutyText, Goods, Origins, Text
from tariffcalc.amendment.written import window_of
from tariffcalc.errors import ScenarioError
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection, read_area, read_products
from tariffcalc.moments import NEVER, parse_moment, show_moment
from tariffcalc.windows import Window


class SetDuty(Change):
    """Another duty for a measure, or for every measure of a program that charges something, on the days on
    which it is in force."""

    verb: ClassVar[str] = "set_duty"

    measure: Text = Field(alias="set_duty")
    duty: DutyText
    origin: Origins = ""
    products: Goods = ""
    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> SetDuty:
        window_of(self.on_or_after, self.before)
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the other duty."""
        program, measures = find_measures(book, self.measure)
        if program.status == "absent":
            raise ScenarioError(
                f"of {program.program} only the scope is held: what it charges stays unknown whatever duty"
                " is set"
            )
        window = window_of(self.on_or_after, self.before)
        check_days(book, window)
        check_duty(book, program, parse_duty(self.duty, book.duty_grammar))
        if self.origin or self.products:
            return self._narrowed(book, act, program, measures)
        duty = parse_duty(self.duty, book.duty_grammar)
        changed: dict[str, tuple[Spell, ...]] = {}
        for measure in measures:
            history: list[Spell] = []
            for spell in measure.history:
                shared = spell.entered.overlap(window)
                exempt = "/" not in self.measure and spell.duty.is_none
                if (
                    shared is None
                    or spell.duty == duty
                    or exempt
                    or shared.overlap(book.territory.held) is None
                ):
                    history.append(spell)
                    continue
                history += [
                    spell.model_copy(update={"entered": piece}) for piece in spell.entered.less(window)
                ]
                history.append(
                    spell.model_copy(update={"entered": shared, "duty": duty, "by": (*spell.by, act)})
                )
            if tuple(history) != measure.history:
                changed[measure.id] = tuple(sorted(history, key=lambda spell: spell.entered.on_or_after))
        if not changed:
            raise ScenarioError(
                f"setting it to {self.duty} {days_in_words(window)} changes nothing ({_in_force(measures)})"
            )
        return with_histories(book, program, changed)

    def _narrowed(self, book: Rulebook, act: str, program: Program, measures: list[Measure]) -> Rulebook:
        """The measure, and a copy of it for some origins or products that goes before it, and behind whatever
        goes before it."""
        if "/" not in self.measure:
            raise ScenarioError(
                f"narrowing to origins or products needs one measure, {program.program}/MEASURE"
            )
        (measure,) = measures
        scope: dict[str, Any] = {}
        if self.origin:
            origins = read_area(self.origin)
            check_origins(book, origins)
            scope["origin"] = _shared_scope(
                origins, measure.origin, "origin", self.measure, lambda item, wider: item == wider
            )
        if self.products:
            goods = read_products(self.products)
            check_products(book, goods)
            scope["products"] = _shared_scope(
                goods, measure.products, "products", self.measure, str.startswith
            )
        window = window_of(self.on_or_after, self.before)
        duty = parse_duty(self.duty, book.duty_grammar)
        shared = [(spell, spell.entered.overlap(window)) for spell in measure.history if spell.duty != duty]
        history = tuple(
            spell.model_copy(update={"entered": part, "duty": duty, "by": (*spell.by, act)})
            for spell, part in shared
            if part is not None and part.overlap(book.territory.held)
        )
        if not history:
            raise ScenarioError(
                f"setting it to {self.duty} {days_in_words(window)} changes nothing ({_in_force(measures)})"
            )
        name = _free_name(program, measure.id)
        instead_of = (measure.id, *measure.instead_of)
        narrowed = measure.model_copy(
            update={"id": name, "group": "", "instead_of": instead_of, "history": history, **scope}
        )
        order = MeasureOrder.of(program)
        above = {each.id for each in program.measures if order.displaces(each.id, measure.id)}
        kept = tuple(
            each.model_copy(update={"instead_of": (*each.instead_of, name)}) if each.id in above else each
            for each in program.measures
        )
        amended = program.model_copy(update={"measures": (*kept, narrowed)})
        stacking = tuple(_with_narrowed(entry, program.program, measure, name) for entry in book.stacking)
        return replace(book, programs=book.programs | {program.program: amended}, stacking=stacking)


class Extend(Change):
    """The last spell of a measure, or of every measure of a program, runs on to ``before``, or without end
    where it is left out."""

    verb: ClassVar[str] = "extend"

    measure: Text = Field(alias="extend")
    before: Day = ""

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the later end."""
        program, measures = find_measures(book, self.measure)
        end = parse_moment(self.before) if self.before else NEVER
        measures = [measure for measure in measures if measure.history]
        last = max((spell.entered.before for measure in measures for spell in measure.history), default=NEVER)
        if last >= end or Window(on_or_after=last, before=end).overlap(book.territory.held) is None:
            runs = "without end" if last >= NEVER else f"to before {show_moment(last)}"
            raise ScenarioError(
                f"extending it {days_in_words(Window(before=end))} changes nothing (it runs {runs})"
            )
        changed = {}
        for measure in measures:
            added = [
                spell.model_copy(
                    update={
                        "entered": Window(on_or_after=last, before=end),
                        "by": (*spell.by, act),
                        "ended_by": (),
                    }
                )
                for spell in measure.history
                if spell.entered.before == last
            ]
            if added:
                changed[measure.id] = (*measure.history, *added)
        if "/" not in self.measure and program.ceased and program.ceased.before < end:
            # goods admitted to a zone before, and entered while the program runs on, owe it
            ceased = program.ceased.model_copy(update={"before": end}) if self.before else None
            program = program.model_copy(update={"ceased": ceased})
        return with_histories(book, program, changed)


class End(Change):
    """An end of a measure, or of every measure of a program: nothing of it is left from ``before`` on."""

    verb: ClassVar[str] = "end"

    measure: Text = Field(alias="end")
    before: Day

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the earlier end."""
        program, measures = find_measures(book, self.measure)
        window = window_of("", self.before)
        taken = Window(on_or_after=window.before).overlap(book.territory.held)
        changed = {}
        for measure in measures:
            if not taken or not any(spell.entered.overlap(taken) for spell in measure.history):
                continue
            cut = [(spell, spell.entered.overlap(window)) for spell in measure.history]
            kept = [(spell, piece) for spell, piece in cut if piece]
            ended = {"ended_by": (act,)}
            history = [
                spell if spell.entered == piece else spell.model_copy(update={"entered": piece, **ended})
                for spell, piece in kept
            ]
            changed[measure.id] = tuple(history)
        if not changed:
            raise ScenarioError(f"ending it before {self.before} changes nothing ({_in_force(measures)})")
        return with_histories(book, program, changed)


def with_histories(book: Rulebook, program: Program, changed: dict[str, tuple[Spell, ...]]) -> Rulebook:
    """The law with other histories of some measures of a program."""
    measures = tuple(
        each.model_copy(update={"history": changed[each.id]}) if each.id in changed else each
        for each in program.measures
    )
    return replace(
        book, programs=book.programs | {program.program: program.model_copy(update={"measures": measures})}
    )


def _shared_scope(narrow: Selection, whole: Selection, what: str, name: str, within: Any) -> Selection:
    """What two selections have in common, where it can be written as one selection; what the whole leaves out
    stays out."""
    if whole.everything:
        items, everything, named = narrow.items, narrow.everything, narrow.named
    elif not (narrow.everything or narrow.named) and all(
        any(within(item, wider) for wider in whole.items) for item in narrow.items
    ):
        items, everything, named = narrow.items, False, ()
    else:
        raise ScenarioError(
            f"{name} is for {what} {whole.text} only: it cannot be narrowed further to {narrow.text}"
        )
    items = tuple(
        item for item in items if not any(within(item, left_out) for left_out in whole.except_items)
    )
    if not (items or everything or named):
        raise ScenarioError(
            f"{name} is for {what} {whole.text}: narrowing it to {narrow.text} changes nothing"
        )
    return Selection(
        text=f"{narrow.text} within {whole.text}",
        everything=everything,
        items=items,
        named=named,
        except_items=tuple(dict.fromkeys((*whole.except_items, *narrow.except_items))),
        except_named=tuple(dict.fromkeys((*whole.except_named, *narrow.except_named))),
    )


def _with_narrowed(entry: StackingEntry, program: str, measure: Measure, name: str) -> StackingEntry:
    """The stacking entry; where it names the measure or its group, it names the narrowed copy too."""
    names = {measure.id, measure.group} - {""}
    update = {}
    if entry.to == program and names & set(entry.measures):
        update["measures"] = (*entry.measures, name)
    if entry.program == program and names & set(entry.of):
        update["of"] = (*entry.of, name)
    return entry.model_copy(update=update) if update else entry


def _free_name(program: Program, measure: str) -> str:
    taken = {name for each in program.measures for name in (each.id, each.group)}
    return next(
        name for number in range(1, len(taken) + 2) if (name := f"{measure}-narrowed-{number}") not in taken
    )


def _in_force(measures: list[Measure]) -> str:
    """The days and duties of the first spells of some measures, for a message."""
    spells = [
        f"{spell.duty.text} {days_in_words(spell.entered)}"
        for measure in measures
        for spell in measure.history
    ]
    return (
        "in force: " + "; ".join(spells[:3]) + (f"; and {len(spells) - 3} more" if len(spells) > 3 else "")
        if spells
        else "never in force"
    )
