"""The texts a change is written in, each checked when it is read: days, duties, origins, products, codes,
conditions, names.

A change keeps what was written, so that it can be written again; the law's own models read the texts when the
change is applied. One text where a list is meant is a list of one.  A number is never a text: it may have
lost a zero or a percent sign on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from numbers import Number
from typing import Annotated, Any

from pydantic import BeforeValidator

from tariffcalc.codes import dotted, plain_code
from tariffcalc.errors import SeedError
from tariffcalc.law.condition import read_condition
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.law.duty_text import UnknownPhrase, parse_duty
from tariffcalc.law.number import read_number
from tariffcalc.law.selection import read_area, read_products
from tariffcalc.moments import parse_moment, show_moment
from tariffcalc.reading.programs import read_base

# what "including column 1" and the phrases of a territory mean is known where the change is applied
_ANY_TERRITORY = DutyGrammar(including="any.program")


def kind_of(given: Any) -> str:
    """What was given, in words.

    >>> kind_of(0.18), kind_of([1]), kind_of({}), kind_of(None)
    ('the number 0.18', 'a list', 'a mapping', 'nothing (None)')
    """
    if given is None:
        return "nothing (None)"
    if isinstance(given, bool | Number):
        return f"the number {given}" if not isinstance(given, bool) else str(given)
    if isinstance(given, str):
        return repr(given if len(given) <= 60 else given[:60] + "...") if given.strip() else "an empty text"
    if isinstance(given, Mapping):
        return "a mapping"
    return "a list" if isinstance(given, list | tuple | set | frozenset) else f"a {type(given).__name__}"


def read_text(given: Any) -> str:
    """A text that says something; raises ValueError for anything else."""
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"expected a text, got {kind_of(given)}")
    return " ".join(given.split())


def _read_day(given: Any) -> str:
    if not isinstance(given, str | date) or not str(given).strip():
        raise ValueError(f"expected a day (YYYY-MM-DD), got {kind_of(given)}")
    return show_moment(parse_moment(given))


def _read_duty(given: Any) -> str:
    if isinstance(given, Number) and not isinstance(given, bool):
        percent = (
            f"{(Decimal(str(given)) * 100).normalize():f}%"
            if isinstance(given, float) and 0 < given < 1
            else f"{given}%"
        )
        raise ValueError(
            f"a duty is a text, got {kind_of(given)}: write '{percent if given else 'none'}' if that is meant"
        )
    text = read_text(given)
    try:
        parse_duty(text, _ANY_TERRITORY)
    except UnknownPhrase:
        return text
    except SeedError as error:
        raise ValueError(error.findings[0].message) from None
    return text


def _read_selection(read: Callable[[str], Any]) -> Callable[[Any], str]:
    """A reader of origins or products; a list of plain items is joined to one text."""

    def of(given: Any) -> str:
        if isinstance(given, list | tuple):
            items = [read_text(each) for each in given]
            mixed = next(
                (each for each in items if len(items) > 1 and (" except " in each or "," in each)), None
            )
            if mixed is not None:
                raise ValueError(f"{mixed!r} is one of a list: write all of it as one text")
            given = ", ".join(items)
        text = read_text(given)
        read(text)
        return text

    return of


def _listed(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, list | tuple) and given:
        return list(given)
    raise ValueError(
        "expected a list of texts, got"
        f" {'an empty list' if isinstance(given, list | tuple) else kind_of(given)}"
    )


def _read_names(given: Any) -> tuple[str, ...]:
    return tuple(read_text(each) for each in _listed(given))


def _read_conditions(given: Any) -> tuple[str, ...]:
    return tuple(read_condition(name).text for name in _read_names(given))


def _read_codes(given: Any) -> tuple[str, ...]:
    """Codes as schedules print them, each once; one text may hold several, with commas."""
    found = []
    for each in _listed(given):
        if not isinstance(each, str):
            raise ValueError(
                f"expected a commodity code as text, got {kind_of(each)}: a number may have lost a zero"
            )
        found += [dotted(plain_code(code)) for code in each.split(",")]
    return tuple(dict.fromkeys(found))


def _read_amount(given: Any) -> str:
    if isinstance(given, bool | float) or not isinstance(given, str | int | Decimal):
        raise ValueError(f"expected an amount as text, got {kind_of(given)}")
    try:
        amount = read_number(str(given))
    except ValueError as error:
        raise ValueError(f"expected an amount, got {kind_of(given)}: {error}") from None
    if amount < 0:
        raise ValueError(f"expected an amount of nothing or more, got {kind_of(given)}")
    return str(given)


def _read_base(given: Any) -> str:
    text = read_text(given)
    read_base(text)
    return text


def _read_choice(given: Any) -> Any:
    return given if isinstance(given, str) else read_text(given)


Text = Annotated[str, BeforeValidator(read_text)]
Word = BeforeValidator(_read_choice)
Day = Annotated[str, BeforeValidator(_read_day)]
DutyText = Annotated[str, BeforeValidator(_read_duty)]
Origins = Annotated[str, BeforeValidator(_read_selection(read_area))]
Goods = Annotated[str, BeforeValidator(_read_selection(read_products))]
BaseText = Annotated[str, BeforeValidator(_read_base)]
Amount = Annotated[str, BeforeValidator(_read_amount)]
Names = Annotated[tuple[str, ...], BeforeValidator(_read_names)]
Conditions = Annotated[tuple[str, ...], BeforeValidator(_read_conditions)]
Codes = Annotated[tuple[str, ...], BeforeValidator(_read_codes)]
