"""What changes are made of: frozen models of written law, checked key by key, with the near miss of a
misspelt key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from tariffcalc.amendment.wording import (
    Amount,
    BaseText,
    Conditions,
    Day,
    DutyText,
    Goods,
    Names,
    Origins,
    Text,
    Word,
    kind_of,
)
from tariffcalc.moments import ALWAYS, NEVER, parse_moment
from tariffcalc.tags import Tag
from tariffcalc.windows import Window

Item = TypeVar("Item")


def meant(name: str, known: Any) -> str:
    """The question whether another name is meant; empty where none is near.

    >>> meant("orgin", ["origin", "products"])
    "; is 'origin' meant?"
    """
    names = list(known)
    folded = {each.casefold(): each for each in names}
    given = str(name).casefold()[:80]
    near = [
        folded[each]
        for each in get_close_matches(given, folded, n=1, cutoff=0.85)
        or get_close_matches(given, folded, n=3, cutoff=0.6)
    ]
    return f"; {'is' if len(near) == 1 else 'are'} {' or '.join(map(repr, near))} meant?" if near else ""


class Written(BaseModel):
    """A mapping with known keys, frozen; an unknown key is refused with its near miss and never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, given: Any) -> Any:
        if isinstance(given, Written):
            if type(given) is cls:
                return given
            given = given.written()
        keys = {field.alias or name: field.is_required() for name, field in cls.model_fields.items()}
        if not isinstance(given, Mapping):
            words = {"keys": ", ".join(keys), "got": kind_of(given)}
            raise PydanticCustomError("form", "expected a mapping with the keys {keys}; got {got}", words)
        for key in given:
            if key not in keys:
                words = {
                    "key": str(key),
                    "shown": repr(key),
                    "near": meant(str(key), keys),
                    "keys": ", ".join(keys),
                }
                raise PydanticCustomError("key", "{shown} is no key here{near} (keys: {keys})", words)
            if given[key] is None:
                raise PydanticCustomError(
                    "nothing",
                    "{key} is nothing (None): give a value, or leave the key out",
                    {"key": repr(key)},
                )
        for key, required in keys.items():
            if required and key not in given:
                raise PydanticCustomError("lacking", "{key} is missing", {"key": repr(key)})
        return dict(given)

    def written(self) -> dict[str, Any]:
        """The mapping as a file writes it; keys at their defaults are left out."""
        found: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return found


class Days(Written):
    """``on_or_after`` .. ``before``; a side left out is open."""

    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        window_of(self.on_or_after, self.before)
        return self

    @property
    def window(self) -> Window:
        """The days as the law holds them."""
        return window_of(self.on_or_after, self.before)


def window_of(on_or_after: str, before: str) -> Window:
    """The window of two written days, each of which may be empty; raises ValueError for an empty window."""
    start, end = (
        parse_moment(on_or_after) if on_or_after else ALWAYS,
        parse_moment(before) if before else NEVER,
    )
    if end <= start:
        raise ValueError(f"there is no day on or after {on_or_after} and before {before}")
    return Window(on_or_after=start, before=end)


def a_list(of: str) -> Callable[[Any], Any]:
    """A reader that refuses what is no list before its items are read."""

    def read(given: Any) -> Any:
        if not isinstance(given, list | tuple):
            raise ValueError(f"expected a list of {of}, got {kind_of(given)}")
        if not given:
            raise ValueError(f"the list of {of} is empty")
        return given

    return read


class WrittenSpell(Written):
    """One row of a measure's history; ``by`` is the scenario itself where it is left out."""

    entered: Days
    duty: DutyText
    loaded: Days = Days()
    exported: Days = Days()
    by: Names = ()
    ended_by: Names = ()
    withdrawn_by: Names = ()
    shipment_at_least: Amount = ""
    shipment_at_most: Amount = ""
    tag: Annotated[Tag, Word] = "P"
    note: Text = ""


class WrittenMeasure(Written):
    """A measure as a seed file writes it, and ``displaced_by``: what goes before it.

    ``exemptions`` among ``displaced_by`` means every measure under which nothing is due.
    """

    id: Text
    title: Text = ""
    heading: Text = ""
    nothing_due_under: Text = ""
    group: Text = ""
    origin: Origins = "any"
    products: Goods = "all"
    requires: Conditions = ()
    instead_of: Names = ()
    displaced_by: Names = ()
    history: Annotated[tuple[WrittenSpell, ...], BeforeValidator(a_list("spells"))]
    note: Text = ""


class WrittenBase(Written):
    """One amount a program may be charged on, chosen when its conditions hold."""

    base: BaseText
    when: Conditions = ()
    heading: Text = ""
    by: Names = ()
    note: Text = ""


class WrittenReview(Written):
    """The day through which the program was checked, and the text it was checked against."""

    through: Day
    against: Text


class WrittenDrawback(Written):
    """Whether duties paid on entries of some days can be drawn back."""

    entered: Days
    eligible: Annotated[Literal["yes", "no", "manufacturing", "unknown"], Word]
    by: Names
    tag: Annotated[Tag, Word] = "P"
    note: Text = ""


class WrittenCredit(Written):
    """The acts under which an importer takes back what the program charges."""

    by: Names
    tag: Annotated[Tag, Word] = "P"
    note: Text = ""


class WrittenEnd(Written):
    """The day of entry from which the program is for no goods."""

    before: Day
    by: Names


def _bases(given: Any) -> Any:
    return [{"base": given}] if isinstance(given, str) else a_list("bases")(given)


class WrittenProgram(Written):
    """A program as a seed file writes it; its measures are in it and not in a table beside it."""

    program: Text
    title: Text = ""
    authority: Text = ""
    legal_text: Text = ""
    kind: Annotated[Literal["duty", "fee"], Word] = "duty"
    per: Annotated[Literal["line", "shipment"], Word] = "line"
    dated_by: Annotated[Literal["admission", "entry"], Word] = "admission"
    status: Annotated[Literal["complete", "partial", "absent"], Word] = "complete"
    charged_on: Annotated[tuple[WrittenBase, ...], BeforeValidator(_bases)] = (WrittenBase(base="value"),)
    reviewed: WrittenReview | None = None
    measures: Annotated[tuple[WrittenMeasure, ...], BeforeValidator(a_list("measures"))]
    drawback: Annotated[tuple[WrittenDrawback, ...], BeforeValidator(a_list("entries"))] = ()
    creditable: WrittenCredit | None = None
    ceased: WrittenEnd | None = None
    note: Text = ""
