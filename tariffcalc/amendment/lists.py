"""The verbs that change product lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from pydantic import Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.naming import check_codes, check_days, find_list
from tariffcalc.amendment.wording import Codes, Day, Text
from tariffcalc.amendment.written import window_of
from tariffcalc.codes import dotted, plain_code
from tariffcalc.errors import ScenarioError
from tariffcalc.law.renumbered import Named, Successors
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Member, NamedSet
from tariffcalc.windows import Window


class AddToList(Change):
    """Codes put on a product list, on the days of the window."""

    verb: ClassVar[str] = "add_to_list"

    name: Text = Field(alias="add_to_list")
    codes: Codes
    on_or_after: Day = ""
    before: Day = ""

    @model_validator(mode="after")
    def _in_order(self) -> AddToList:
        window_of(self.on_or_after, self.before)
        return self

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the longer list."""
        named = find_list(book, self.name)
        window = window_of(self.on_or_after, self.before)
        check_days(book, window)
        check_codes(book, self.codes, window)
        codes = tuple(map(plain_code, self.codes))
        for code in codes:
            for member in named.members:
                if (
                    member.excepted
                    and code.startswith(member.item)
                    and code != member.item
                    and _meet(member, window)
                ):
                    raise ScenarioError(
                        f"{dotted(code)} is below {dotted(member.item)}, which the list {self.name} leaves"
                        " out: add that"
                    )
        members = tuple(
            piece for member in named.members for piece in _without_exception(member, codes, window, act)
        )
        added = [code for code in codes if not _on_list(members, code, window)]
        if not added and members == named.members:
            raise ScenarioError(
                f"adding {', '.join(self.codes)} to the list {self.name} changes nothing: it is there"
            )
        new = tuple(Member(code, window.on_or_after, window.before, (act,)) for code in sorted(added))
        return _with_members(book, named, (*members, *new))


class RemoveFromList(Change):
    """Codes taken off a product list from a day on, with all codes below them."""

    verb: ClassVar[str] = "remove_from_list"

    name: Text = Field(alias="remove_from_list")
    codes: Codes
    on_or_after: Day

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the shorter list."""
        named = find_list(book, self.name)
        window = window_of(self.on_or_after, "")
        check_days(book, window)
        start = window.on_or_after
        codes = tuple(map(plain_code, self.codes))
        on_list = [
            Named(each.item, each.start)
            for each in named.members
            if not each.excepted and each.start <= start < each.end
        ]
        here = {each.item for each in named.members}
        moved = {each.code for each in Successors(book.renumbered).at(on_list, start)} - here
        members = [
            Member(code, start, window.before, (act,), excepted=True) for code in codes if code in moved
        ]
        for code in codes:
            if code not in moved:
                self._refuse_absent(named, code, window)
        for member in named.members:
            if member.excepted or not member.item.startswith(codes) or member.end <= start:
                members.append(member)
            elif member.start < start:
                members.append(member._replace(end=start, ended_by=(act,)))
        return _with_members(book, named, tuple(members))

    def _refuse_absent(self, named: NamedSet, code: str, window: Window) -> None:
        """Refuse a code that the list does not hold, or holds only as part of a shorter one."""
        on_list = [member for member in named.members if not member.excepted and _meet(member, window)]
        if any(member.item.startswith(code) for member in on_list):
            return
        above = next((member.item for member in on_list if code.startswith(member.item)), "")
        if above:
            raise ScenarioError(
                f"{dotted(code)} is on the list {named.name} as part of {dotted(above)}: remove"
                f" {dotted(above)} and add what is to stay"
            )
        raise ScenarioError(
            f"removing {dotted(code)} from the list {named.name} changes nothing: it is not there on or after"
            f" {self.on_or_after}"
        )


def _meet(member: Member, window: Window) -> bool:
    return member.start < window.before and window.on_or_after < member.end


def _on_list(members: tuple[Member, ...], code: str, window: Window) -> bool:
    """Whether the code, or a shorter one above it, is on the list on all days of the window."""
    return any(
        not member.excepted
        and code.startswith(member.item)
        and member.start <= window.on_or_after
        and window.before <= member.end
        for member in members
    )


def _without_exception(member: Member, codes: tuple[str, ...], window: Window, act: str) -> Iterator[Member]:
    """The member; of an exception at or below one of the codes, what is left of it outside the window."""
    if not (member.excepted and member.item.startswith(codes) and _meet(member, window)):
        yield member
        return
    if member.start < window.on_or_after:
        yield member._replace(end=window.on_or_after, ended_by=(act,))
    if window.before < member.end:
        yield member._replace(start=window.before)


def _with_members(book: Rulebook, named: NamedSet, members: tuple[Member, ...]) -> Rulebook:
    return replace(book, lists=book.lists | {named.name: named._replace(members=members)})
