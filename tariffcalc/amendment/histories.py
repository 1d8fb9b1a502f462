"""Other histories of measures: another duty on some days, or nothing of a measure on some days, for all that
it reaches or for some origins and goods.

What concerns a part of a measure makes a copy of it for that part.  The copy goes before the measure, and
behind whatever goes before the measure; where programs give way to the measure, they give way to the copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tariffcalc.amendment.naming import check_days, days_in_words
from tariffcalc.amendment.scopes import Kind, Scope
from tariffcalc.amendment.where import Chosen
from tariffcalc.errors import ScenarioError
from tariffcalc.law.duty import Duty
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection
from tariffcalc.windows import Window

NewDuty = Callable[[Program, Measure, Duty], Duty]
"""What a duty becomes; the same object where it stays as it is."""


def with_duties(
    book: Rulebook,
    act: str,
    chosen: Iterable[Chosen],
    scope: Scope,
    window: Window,
    changed: NewDuty,
    doing: str,
) -> Rulebook:
    """The law with other duties of some measures on the days of a window on which they are in force.

    What is exempt stays exempt, unless the measure is named by itself.  Raises ScenarioError where nothing
    changes; ``doing`` says what was tried.
    """
    check_days(book, window)
    first, some, met = book, tuple(chosen), False
    for each in some:
        for measure in each.measures:
            scopes = scope.of_measure(book, measure)
            if scopes is None:
                continue
            met = True
            pieces = [
                (spell, shared, changed(each.program, measure, spell.duty))
                for spell in measure.history
                if (shared := spell.entered.overlap(window))
                and shared.overlap(book.territory.held)
                and (each.by_name or not spell.duty.is_none)
            ]
            new = {
                number: spell.model_copy(update={"entered": shared, "duty": duty, "by": (*spell.by, act)})
                for number, (spell, shared, duty) in enumerate(pieces)
                if not same_duty(duty, spell.duty)
            }
            if not new:
                continue
            if scopes:
                book = with_part(book, each.program.program, measure, scopes, tuple(new.values()))
                continue
            replaced = [pieces[number][0] for number in new]
            history: list[Spell] = [*new.values()]
            for spell in measure.history:
                left = spell.entered.less(window) if any(spell is one for one in replaced) else None
                history += (
                    [spell]
                    if left is None
                    else [spell.model_copy(update={"entered": piece}) for piece in left]
                )
            book = with_history(book, each.program.program, measure.id, history)
    if book is first:
        _refuse_outside(some, scope, met)
        raise ScenarioError(f"{doing} {days_in_words(window)} changes nothing ({in_force(some)})")
    return book


def without_days(
    book: Rulebook, act: str, chosen: Iterable[Chosen], scope: Scope, window: Window, doing: str
) -> Rulebook:
    """The law with nothing of some measures on the days of a window: what they displace applies again."""
    check_days(book, window)
    first, some, met = book, tuple(chosen), False
    for each in some:
        for measure in each.measures:
            if scope.of_measure(book, measure) is None:
                continue
            met = True
            taken = [
                (spell, shared)
                for spell in measure.history
                if (shared := spell.entered.overlap(window)) and shared.overlap(book.territory.held)
            ]
            if not taken:
                continue
            history = [
                spell
                if spell.entered == piece
                else spell.model_copy(
                    update={"entered": piece}
                    | ({} if piece.before == spell.entered.before else {"ended_by": (act,)})
                )
                for spell in measure.history
                for piece in spell.entered.less(window)
            ]
            outside = tuple(spell.model_copy(update={"entered": shared}) for spell, shared in taken)
            for rest in scope.rest_of_measure(book, measure):
                book = with_part(book, each.program.program, measure, rest, outside)
            book = with_history(book, each.program.program, measure.id, history)
    if book is first:
        _refuse_outside(some, scope, met)
        raise ScenarioError(f"{doing} changes nothing ({in_force(some)})")
    return book


def with_history(book: Rulebook, program: str, measure: str, history: Sequence[Spell]) -> Rulebook:
    """The law with another history of a measure."""
    ordered = tuple(sorted(history, key=lambda spell: (spell.entered.on_or_after, spell.loaded.on_or_after)))
    law = book.programs[program]
    measures = tuple(
        each.model_copy(update={"history": ordered}) if each.id == measure else each for each in law.measures
    )
    return replace(book, programs=book.programs | {program: law.model_copy(update={"measures": measures})})


def with_part(
    book: Rulebook,
    name: str,
    measure: Measure,
    scope: Mapping[Kind, Selection],
    history: tuple[Spell, ...],
) -> Rulebook:
    """The law with a copy of a measure for a part of what it reaches, which goes before it, and behind
    whatever goes before it."""
    program = book.programs[name]
    part = _free_name(program, measure.id)
    narrowed = measure.model_copy(
        update={
            "id": part,
            "group": "",
            "instead_of": (measure.id, *measure.instead_of),
            "history": history,
            **{str(kind): part_of for kind, part_of in scope.items()},
        }
    )
    order = MeasureOrder.of(program)
    above = {each.id for each in program.measures if order.displaces(each.id, measure.id)}
    kept = tuple(
        each.model_copy(update={"instead_of": (*each.instead_of, part)}) if each.id in above else each
        for each in program.measures
    )
    amended = program.model_copy(update={"measures": (*kept, narrowed)})
    stacking = tuple(_with_part(entry, name, measure, part) for entry in book.stacking)
    return replace(book, programs=book.programs | {name: amended}, stacking=stacking)


def same_duty(one: Duty, other: Duty) -> bool:
    """Whether two duties are the same, however they are worded."""
    return one is other or one.model_copy(update={"text": ""}) == other.model_copy(update={"text": ""})


def in_force(chosen: Iterable[Chosen]) -> str:
    """The days and duties of the first spells of some measures, for a message."""
    spells = [
        f"{spell.duty.text} {days_in_words(spell.entered)}"
        for each in chosen
        for measure in each.measures
        for spell in measure.history
    ]
    if not spells:
        return "never in force"
    more = f"; and {len(spells) - 3} more" if len(spells) > 3 else ""
    return "in force: " + "; ".join(spells[:3]) + more


def _refuse_outside(chosen: tuple[Chosen, ...], scope: Scope, met: bool) -> None:
    """Refuse a change of origins and goods that the measures do not reach."""
    if met:
        return
    program, measure = chosen[0].program, chosen[0].measures[0]
    reach = {"origin": measure.origin.text, "products": measure.products.text}
    asked = {"origin": scope.origin and scope.origin.text, "products": scope.products and scope.products.text}
    words = " and ".join(f"{kind} {reach[kind]}" for kind, text in asked.items() if text)
    texts = " and ".join(text for text in asked.values() if text)
    raise ScenarioError(
        f"{program.program}/{measure.id} is for {words} only and cannot be narrowed further: narrowing it to"
        f" {texts} changes nothing"
    )


def _with_part(entry: StackingEntry, program: str, measure: Measure, name: str) -> StackingEntry:
    """The stacking entry; where it names the measure or its group, it names the copy too."""
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
