"""The verbs that change how programs meet on a line: one gives way to the other, or both are charged."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.naming import check_days, days_in_words, find_measures, find_program
from tariffcalc.amendment.wording import Day, Text
from tariffcalc.amendment.written import window_of
from tariffcalc.errors import ScenarioError
from tariffcalc.law.program import StackingEntry
from tariffcalc.law.rulebook import Rulebook


class YieldTo(Change):
    """A program, or one of its measures, that is not charged where another program is; on some days."""

    verb: ClassVar[str] = "yield_to"

    program: Text = Field(alias="yield_to")
    to: Text
    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> YieldTo:
        window_of(self.on_or_after, self.before)
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the further entry of the stacking order."""
        (program, of), (to, measures) = _named(book, self.program), _named(book, self.to)
        if program == to:
            raise ScenarioError(f"{program} cannot give way to itself")
        window = window_of(self.on_or_after, self.before)
        check_days(book, window)
        left = [window]
        for entry in book.stacking:
            same = (entry.program, entry.to) == (program, to) and not entry.content
            wide_of = not entry.of or bool(of and set(of) <= set(entry.of))
            wide_to = not entry.measures or bool(measures and set(measures) <= set(entry.measures))
            if same and wide_of and wide_to:
                left = [piece for each in left for piece in each.less(entry.entered)]
        if not any(piece.overlap(book.territory.held) for piece in left):
            raise ScenarioError(
                f"{self.program} gives way to {self.to} {days_in_words(window)} already: that changes nothing"
            )
        entry = StackingEntry(program=program, to=to, measures=measures, of=of, entered=window, by=(act,))
        return replace(book, stacking=(*book.stacking, entry))


class StackOn(Change):
    """A program that is charged beside another one to which it gives way, in whole or in part; on some
    days."""

    verb: ClassVar[str] = "stack_on"

    program: Text = Field(alias="stack_on")
    on: Text
    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> StackOn:
        window_of(self.on_or_after, self.before)
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law without the entries of the stacking order on those days."""
        program, to = find_program(book, self.program).program, find_program(book, self.on).program
        window = window_of(self.on_or_after, self.before)
        check_days(book, window)
        kept: list[StackingEntry] = []
        changed = False
        for entry in book.stacking:
            shared = entry.entered.overlap(window)
            meets = (entry.program, entry.to) == (program, to) and shared
            if not (meets and shared and shared.overlap(book.territory.held)):
                kept.append(entry)
                continue
            changed = True
            kept += [entry.model_copy(update={"entered": piece}) for piece in entry.entered.less(window)]
        if not changed:
            others = sorted({entry.to for entry in book.stacking if entry.program == program})
            gives = f"it gives way to {', '.join(others)}" if others else "it gives way to no program"
            raise ScenarioError(
                f"{self.program} does not give way to {self.on} {days_in_words(window)}: that changes nothing"
                f" ({gives})"
            )
        return replace(book, stacking=tuple(kept))


def _named(book: Rulebook, name: str) -> tuple[str, tuple[str, ...]]:
    """A program, and the measures of it that are named; none named are all."""
    program, measures = find_measures(book, name)
    return program.program, tuple(each.id for each in measures) if "/" in name else ()
