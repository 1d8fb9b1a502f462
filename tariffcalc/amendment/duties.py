"""The verbs that change measures in force: another duty, a later end, an earlier end."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.histories import with_duties, with_history, with_part, without_days
from tariffcalc.amendment.naming import check_duty, days_in_words
from tariffcalc.amendment.scopes import Scope
from tariffcalc.amendment.where import What, choose
from tariffcalc.amendment.wording import Day, DutyText, Goods, Origins
from tariffcalc.amendment.written import window_of
from tariffcalc.errors import ScenarioError
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import NEVER, parse_moment, show_moment
from tariffcalc.windows import Window


class SetDuty(Change):
    """Another duty for a measure, for every measure of a program that charges something, or for those of a
    selection, on the days on which they are in force."""

    verb: ClassVar[str] = "set_duty"

    measure: What = Field(alias="set_duty")
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
        chosen, scope = choose(book, self.measure, Scope.of(book, self.origin, self.products))
        duty = parse_duty(self.duty, book.duty_grammar)
        for each in chosen:
            check_duty(book, each.program, duty)
        return with_duties(
            book,
            act,
            chosen,
            scope,
            window_of(self.on_or_after, self.before),
            lambda program, measure, _: duty,
            f"setting it to {self.duty}",
        )


class Extend(Change):
    """The last spell of a measure, or of every measure of a program, runs on to ``before``, or without end
    where it is left out."""

    verb: ClassVar[str] = "extend"

    measure: What = Field(alias="extend")
    before: Day = ""

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the later end."""
        chosen, scope = choose(book, self.measure, Scope())
        end = parse_moment(self.before) if self.before else NEVER
        found = [(each.program, one) for each in chosen for one in each.measures if one.history]
        last = max((spell.entered.before for _, one in found for spell in one.history), default=NEVER)
        if last >= end or Window(on_or_after=last, before=end).overlap(book.territory.held) is None:
            runs = "without end" if last >= NEVER else f"to before {show_moment(last)}"
            raise ScenarioError(
                f"extending it {days_in_words(Window(before=end))} changes nothing (it runs {runs})"
            )
        for program, measure in found:
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
            part = scope.of_measure(book, measure)
            if added and part:
                book = with_part(book, program.program, measure, part, tuple(added))
            elif added:
                book = with_history(book, program.program, measure.id, (*measure.history, *added))
        if isinstance(self.measure, str) and "/" in self.measure:
            return book
        for program in (each.program for each in chosen):
            if program.ceased and program.ceased.before < end:
                # goods admitted to a zone before, and entered while the program runs on, owe it
                ceased = program.ceased.model_copy(update={"before": end}) if self.before else None
                running = book.programs[program.program].model_copy(update={"ceased": ceased})
                book = replace(book, programs=book.programs | {program.program: running})
        return book


class End(Change):
    """An end of a measure, or of every measure of a program: nothing of it is left from ``before`` on."""

    verb: ClassVar[str] = "end"

    measure: What = Field(alias="end")
    before: Day

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the earlier end."""
        chosen, scope = choose(book, self.measure, Scope())
        window = Window(on_or_after=parse_moment(self.before))
        return without_days(book, act, chosen, scope, window, f"ending it before {self.before}")
