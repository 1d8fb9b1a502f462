"""The law before an amendment: what of it the amended law takes over."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiler.code_axis import is_axis_of
from tariffcalc.compiler.duties import DutyRow, rows_of
from tariffcalc.compiler.program_part import ProgramPart
from tariffcalc.compiler.rows import RuleRows
from tariffcalc.compiler.set_members import uncertain
from tariffcalc.compiler.sets import set_truth
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import NamedSet

Array = TypeVar("Array", bound=np.ndarray[Any, Any])

RULES = "rules of measures"  # in the memo of a law
# where one of these is another, all is compiled
_OF_EVERYTHING = ("territory", "schedule", "origins", "renumbered", "preferences")
# columns that a law works out of some of its fields when they are first asked for
_FOLLOWS = {
    "facts_of_codes": ("facts",),
    "code_sets_of_facts": ("facts",),
    "general_rate": ("segments",),
    "products_of_local": ("facts", "tests", "programs", "test_masks", "product_possible"),
    "local_products": ("facts", "tests", "programs", "test_masks", "product_possible"),
}


class Before:
    """A compiled law and its rulebook, beside the rulebook that is to be compiled; what is the same object in
    both need not be compiled again."""

    def __init__(self, law: CompiledLaw, book: Rulebook, after: Rulebook) -> None:
        self.law, self._book, self._after = law, book, after

    @property
    def has_same_axes(self) -> bool:
        """Whether the axes of the law are those of the other rulebook; if they are not, nothing can be taken
        over."""
        facts = all(self._after.facts.get(name) is fact for name, fact in self._book.facts.items())
        acts = uncertain(self._book.acts) == uncertain(self._after.acts)
        return (
            self.same(*_OF_EVERYTHING)
            and facts
            and acts
            and is_axis_of(self.law, self._after, self.rules.truth.long_codes)
        )

    def same(self, *fields: str) -> bool:
        """Whether some fields of the rulebook are the same objects."""
        return all(getattr(self._book, name) is getattr(self._after, name) for name in fields)

    @cached_property
    def rules(self) -> RuleRows:
        """The rules of measures under the lists and groups of the other rulebook, as far as they were worked
        out."""
        rules = self.law.memo.once(
            RULES, lambda: RuleRows(set_truth(self._book, self.law.codes, self.law.origins))
        )
        return (
            rules
            if self.same("lists", "groups")
            else RuleRows(rules.truth.with_sets(self._after.lists, self._after.groups))
        )

    def part(self, name: str) -> ProgramPart | None:
        """A program that is the same, with the same lists and groups; None where it is not."""
        program = self._after.programs[name]
        if self._book.programs.get(name) is not program or self._names_what_changed(program):
            return None
        return ProgramPart.taken_from(self.law, self.law.program_index[name], self.rows)

    def fields(self, names: tuple[str, ...], made_of: tuple[str, ...]) -> dict[str, Any] | None:
        """Fields of the law, where the fields of the rulebook that they are made of are the same; otherwise
        None."""
        return {name: getattr(self.law, name) for name in names} if self.same(*made_of) else None

    def shared(self, name: str, array: Array) -> Array:
        """The array of the law where it says the same as another, so that the two laws hold it together;
        otherwise the other."""
        held: Array = getattr(self.law, name)
        return held if held.shape == array.shape and np.array_equal(held, array) else array

    def shared_value(self, name: str, value: Any) -> Any:
        """The same of a field that is no array; of a row of parts, of each part."""
        held = getattr(self.law, name)
        if isinstance(value, tuple) and len(held) == len(value):
            parts = [
                one if says_the_same(one, other) else other for one, other in zip(held, value, strict=True)
            ]
            return held if all(one is other for one, other in zip(held, parts, strict=True)) else tuple(parts)
        return held if says_the_same(held, value) else value

    def hand_on(self, law: CompiledLaw) -> None:
        """Have an amended law hold what follows from fields alone that it holds together with this one.

        The duties of the schedule are numbered before all others, so what follows from them stays too.
        """
        for name, made_of in _FOLLOWS.items():
            if all(getattr(law, each) is getattr(self.law, each) for each in made_of):
                vars(law)[name] = getattr(self.law, name)

    @cached_property
    def rows(self) -> list[DutyRow]:
        """The rows of its duty table."""
        return rows_of(self.law.duties)

    @property
    def schedule_rows(self) -> list[DutyRow]:
        """Those of them that the schedule names, which are numbered first."""
        segments = self.law.segments
        return self.rows[
            : 1
            + max(
                int(each.max(initial=-1))
                for each in (segments.general, segments.special_duties, segments.column2)
            )
        ]

    @cached_property
    def _changed(self) -> tuple[frozenset[str], frozenset[str]]:
        return _differ(self._book.lists, self._after.lists), _differ(self._book.groups, self._after.groups)

    def _names_what_changed(self, program: Program) -> bool:
        lists, groups = self._changed
        if not (lists or groups):
            return False
        return any(
            not (lists.isdisjoint(each.products.names) and groups.isdisjoint(each.origin.names))
            for each in program.measures
        )


def says_the_same(one: Any, other: Any) -> bool:
    """Whether two values say the same."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other) if type(one) is type(other) else False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(says_the_same, one, other))
    return bool(one == other)


def _differ(before: Mapping[str, NamedSet], after: Mapping[str, NamedSet]) -> frozenset[str]:
    """The names under which two mappings do not hold the same object."""
    return frozenset(name for name in {**before, **after} if before.get(name) is not after.get(name))
