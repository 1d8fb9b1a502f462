"""The rulebook as bytes that execute nothing, and back: every class of which it is made is named here, and no
other is stored or read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from tariffcalc.law import (
    act,
    bound,
    condition,
    duty,
    duty_phrases,
    fact,
    geography,
    line_limit,
    measure,
    program,
    schedule,
    selection,
    territory,
    valuation,
)
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.stored.container import pieces, unpack
from tariffcalc.stored.form_of import form_of
from tariffcalc.stored.forms import Form
from tariffcalc.windows import Window

CLASSES = (
    Rulebook, Window, territory.Territory, territory.Inside, act.Act, selection.Selection, selection.NamedSet,
    selection.Member, geography.Origin,
    fact.Fact, fact.Reading, bound.Bound, bound.Consequence, bound.Part, bound.UnitValue, condition.Condition,
    duty.Duty, duty.Term, duty_phrases.DutyPhrase,
    program.Program, program.Base, program.Reviewed, program.Drawback, program.Creditable, program.Ceased,
    program.StackingEntry,
    measure.Measure, measure.Beside, measure.Spell, schedule.TariffLine, schedule.Renumbered,
    schedule.Preference, line_limit.LineLimit,
    valuation.Valuation, valuation.Cost, valuation.Share, valuation.Ceiling, valuation.RateDay,
    valuation.Rounding, valuation.ExchangeRate,
    valuation.TariffValue,
)  # fmt: skip


@cache
def book_form() -> Form:
    """The form in which a rulebook is stored."""
    return form_of(Rulebook, CLASSES)


def packed_book(book: Rulebook, name: str = "") -> Iterator[bytes]:
    """A rulebook as bytes, in pieces."""
    return pieces(book, book_form(), name)


def unpacked_book(stored: Any, name: str = "") -> Rulebook:
    """The rulebook of some bytes; raises StoredError where they are not whole, or stored under
    another name."""
    book: Rulebook = unpack(stored, book_form(), name)
    return book
