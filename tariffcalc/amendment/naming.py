"""What a change names, looked up in the law: programs, measures, lists, codes, origins, acts, each refused
with near misses if it is not there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from tariffcalc.amendment.written import meant
from tariffcalc.codes import dotted, plain_code
from tariffcalc.errors import ScenarioError
from tariffcalc.law.condition import PREFERENCE, Condition
from tariffcalc.law.duty import Duty
from tariffcalc.law.measure import Measure
from tariffcalc.law.program import Program
from tariffcalc.law.renumbered import Named, Successors
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import NamedSet, Selection
from tariffcalc.moments import ALWAYS, NEVER, show_moment
from tariffcalc.windows import Window

ANY_DAY = Window()


def find_program(book: Rulebook, name: str) -> Program:
    """The program of that id."""
    program = book.programs.get(name)
    if program is None:
        raise ScenarioError(
            "there is no program"
            f" {name!r}{meant(name, book.programs) or '; programs: ' + ', '.join(book.programs)}"
        )
    return program


def find_measures(book: Rulebook, name: str) -> tuple[Program, list[Measure]]:
    """A program, and the measure that ``PROGRAM/MEASURE`` names, with the copies that earlier changes made of
    it for some origins or goods; or all measures of the program."""
    program_name, slash, measure_name = name.partition("/")
    program = find_program(book, program_name)
    if not slash:
        return program, list(program.measures)
    measure = program.measure(measure_name)
    if measure is None:
        ids = [each.id for each in program.measures]
        raise ScenarioError(
            f"{program_name} has no measure"
            f" {measure_name!r}{meant(measure_name, ids) or '; measures: ' + _some(ids)}"
        )
    part = re.compile(re.escape(measure.id) + r"(-narrowed-\d+)+")
    return program, [measure, *(each for each in program.measures if part.fullmatch(each.id))]


def find_list(book: Rulebook, name: str) -> NamedSet:
    """The product list of that name, which some measure must name."""
    named = book.lists.get(name)
    if named is None:
        raise ScenarioError(
            f"there is no list {name!r}{meant(name, book.lists) or '; lists: ' + _some(book.lists)}"
        )
    if not any(
        name in measure.products.names for program in book.programs.values() for measure in program.measures
    ):
        raise ScenarioError(f"no measure names the list {name!r}: a change of it changes nothing")
    return named


def check_codes(book: Rulebook, codes: Iterable[str], window: Window = ANY_DAY) -> None:
    """Refuse a code under which the schedule has no tariff line, or none on the days of a window."""
    held = sorted({line.code for line in book.schedule})
    then = (
        line.code for line in book.schedule if line.start < window.before and window.on_or_after < line.end
    )
    of_days = held if window == ANY_DAY else sorted(set(then))
    for given in codes:
        if _covers(held, plain_code(given)) and not _covers(of_days, plain_code(given)):
            raise ScenarioError(
                f"{dotted(plain_code(given))} covers no tariff line"
                f" {days_in_words(window)}{_now(book, plain_code(given), window)}"
            )
        code = plain_code(given)
        place = bisect_left(held, code)
        if place < len(held) and held[place].startswith(code):
            continue
        above = next(
            (code[:length] for length in range(len(code) - 1, 1, -1) if _covers(held, code[:length])), ""
        )
        below = sorted(
            {
                each[: len(code)]
                for each in held[bisect_left(held, above) :][:400]
                if above and each.startswith(above)
            }
        )
        lines = f"; under {dotted(above)} there are {_some(map(dotted, below), 6)}" if above else ""
        raise ScenarioError(f"{dotted(code)} covers no tariff line of the schedules held{lines}")


def _now(book: Rulebook, code: str, window: Window) -> str:
    successors = Successors(book.renumbered).at([Named(code, ALWAYS)], window.on_or_after)
    numbers = sorted({each.code for each in successors} - {code})
    return f"; its goods have the numbers {_some(map(dotted, numbers))} then" if numbers else ""


def _covers(held: list[str], code: str) -> bool:
    place = bisect_left(held, code)
    return place < len(held) and held[place].startswith(code)


def check_products(book: Rulebook, products: Selection) -> None:
    """Refuse a selection that names a list or a code that is not there."""
    for name in products.names:
        if name not in book.lists:
            raise ScenarioError(
                f"there is no list {name!r}{meant(name, book.lists) or '; lists: ' + _some(book.lists)}"
            )
    check_codes(book, (*products.items, *products.except_items))


def check_origins(book: Rulebook, origins: Selection) -> None:
    """Refuse a selection that names a group or an origin that is not there."""
    for name in origins.names:
        if name not in book.groups:
            raise ScenarioError(
                f"there is no area {name!r}{meant(name, book.groups) or '; areas: ' + _some(book.groups)}"
            )
    known = {origin.code for origin in book.origins}
    for code in (*origins.items, *origins.except_items):
        if code not in known:
            raise ScenarioError(f"{code!r} is not an origin of the geography table: give a two-letter code")


def check_acts(book: Rulebook, acts: Iterable[str]) -> None:
    """Refuse an act that the registry does not hold: what it made would never be law."""
    for act in acts:
        if act not in book.acts:
            raise ScenarioError(
                f"the act {act!r} is not in the table of acts{meant(act, book.acts)}; leave 'by' out to cite"
                " the scenario"
            )


def check_conditions(book: Rulebook, conditions: Iterable[Condition]) -> None:
    """Refuse a condition on a fact that is not registered, or a claim that is no special program either."""
    programs = {row.spi for row in book.preferences}
    for condition in conditions:
        if (
            condition.fact not in book.facts
            and condition.fact != PREFERENCE
            and not (condition.operator == "claim" and condition.fact in programs)
        ):
            near = meant(condition.fact, [*book.facts, *programs, PREFERENCE])
            raise ScenarioError(
                f"the condition {condition.text!r}: {condition.fact!r} is neither a registered fact nor a"
                f" claim{near}"
            )


def check_amounts(book: Rulebook, amounts: Iterable[str], program: str = "") -> None:
    """Refuse an amount of a fact or a program that is not there; ``program`` is the one being added."""
    known = {"fact": set(book.facts), "charged": {*book.programs, program}}
    for amount in amounts:
        kind, _, name = amount.partition(" ")
        if kind in known and name not in known[kind]:
            raise ScenarioError(
                f"there is no {'fact' if kind == 'fact' else 'program'} {name!r} to charge"
                f" on{meant(name, known[kind])}"
            )


def check_duty(book: Rulebook, program: Program, duty: Duty) -> None:
    """Refuse a duty that charges on what is not there, and one that a fee of a whole shipment cannot have."""
    check_amounts(book, sorted(duty.amounts()), program.program)
    plain = (
        duty.scheduled is None
        and duty.at_least is None
        and duty.at_most is None
        and duty.amounts() <= {"base"}
    )
    if program.per == "shipment" and not plain:
        raise ScenarioError(
            f"{program.program} is a fee of the whole shipment: its duty is a percentage of the value, and"
            f" not {duty.text!r}"
        )


def check_days(book: Rulebook, window: Window) -> None:
    """Refuse days on which no law is held."""
    if window.overlap(book.territory.held) is None:
        held = days_in_words(book.territory.held)
        raise ScenarioError(
            f"no law is held {days_in_words(window)}: it changes nothing (law is held {held})"
        )


def days_in_words(window: Window) -> str:
    """A window in words.

    >>> days_in_words(Window(before="2026-03-01"))
    'before 2026-03-01'
    """
    start = f"on or after {show_moment(window.on_or_after)}" if window.on_or_after > ALWAYS else ""
    end = f"before {show_moment(window.before)}" if window.before < NEVER else ""
    return " and ".join(filter(None, (start, end))) or "on any day"


def _some(names: Iterable[str], most: int = 12) -> str:
    listed = list(names)
    return (
        ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "") or "none"
    )
