"""Scopes: what two selections of origins or of goods have in common, what one leaves of the other, whether
they meet; each written as one selection that is followed by day like any other.

A change of some origins or goods of a measure makes a copy of the measure for them: these are its scopes.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tariffcalc.amendment.naming import check_origins, check_products
from tariffcalc.errors import ScenarioError
from tariffcalc.law.measure import Measure
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Member, Selection, read_area, read_products

Kind = Literal["origin", "products"]


class Scope(NamedTuple):
    """Some origins, some goods, or both; what is None is all of them."""

    origin: Selection | None = None
    products: Selection | None = None

    @classmethod
    def of(cls, book: Rulebook, origin: str, products: str) -> Scope:
        """The scope as it is written, each name of which must be there."""
        scope = cls(read_area(origin) if origin else None, read_products(products) if products else None)
        if scope.origin:
            check_origins(book, scope.origin)
        if scope.products:
            check_products(book, scope.products)
        return scope

    def with_scope(self, book: Rulebook, other: Scope) -> Scope:
        """What is in both."""
        pairs = {"origin": (self.origin, other.origin), "products": (self.products, other.products)}
        found: dict[str, Selection | None] = {}
        for kind, (one, two) in pairs.items():
            shared = two
            if one is not None and two is not None:
                shared = Scoping(book, "origin" if kind == "origin" else "products").both(one, two)
                if shared is None:
                    raise ScenarioError(f"{one.text} and {two.text} have no {kind} in common")
            found[kind] = one if two is None else shared
        return Scope(**found)

    def of_measure(self, book: Rulebook, measure: Measure) -> dict[Kind, Selection] | None:
        """What the measure reaches of the scope: the selections that must be narrowed, or None where it
        reaches nothing."""
        found: dict[Kind, Selection] = {}
        for kind, narrow, whole in self._pairs(measure):
            shared = Scoping(book, kind).both(whole, narrow)
            if shared is None:
                return None
            if shared is not whole:
                found[kind] = shared
        return found

    def rest_of_measure(self, book: Rulebook, measure: Measure) -> list[dict[Kind, Selection]]:
        """The scopes that hold what the measure reaches outside of the scope; none where it reaches nothing
        else."""
        rest: list[dict[Kind, Selection]] = []
        inside: dict[Kind, Selection] = {}
        for kind, narrow, whole in self._pairs(measure):
            scoping = Scoping(book, kind)
            shared = scoping.both(whole, narrow)
            if shared is not None and shared is not whole:
                rest.append(inside | {kind: scoping.without(whole, narrow)})
                inside = inside | {kind: shared}
        return rest

    def _pairs(self, measure: Measure) -> list[tuple[Kind, Selection, Selection]]:
        found: list[tuple[Kind, Selection, Selection]] = []
        if self.origin is not None:
            found.append(("origin", self.origin, measure.origin))
        if self.products is not None:
            found.append(("products", self.products, measure.products))
        return found


@dataclass(frozen=True)
class Scoping:
    """Selections of one kind, origins or goods, put together under a law."""

    book: Rulebook
    kind: Kind

    def both(self, whole: Selection, narrow: Selection) -> Selection | None:
        """What is in both; the whole itself where all of it is in the other; None where they have nothing in
        common.  Raises ScenarioError where it cannot be written as one selection."""
        left_out = (
            tuple(dict.fromkeys((*whole.except_items, *narrow.except_items))),
            tuple(dict.fromkeys((*whole.except_named, *narrow.except_named))),
        )
        if self._all_within(whole, narrow):
            return whole
        if whole.everything:
            return self._made(narrow, whole, narrow.everything, narrow.items, narrow.named, *left_out)
        if narrow.everything:
            return self._made(narrow, whole, False, whole.items, whole.named, *left_out)
        if not whole.named and not narrow.named:
            return self._made(narrow, whole, False, self._common(whole, narrow), (), *left_out)
        some, sets = (whole, narrow) if not whole.named else (narrow, whole)
        if some.named:
            if set(narrow.named) <= set(whole.named) and not narrow.items:
                return self._made(narrow, whole, False, (), narrow.named, *left_out)
            raise ScenarioError(
                f"what {whole.text} and {narrow.text} have in common cannot be said in one selection: name"
                f" {'the origins' if self.kind == 'origin' else 'the codes'} instead"
            )
        if not any(self._meets(sets, item) for item in some.items):
            return None
        others = self._others(some.items)
        return self._made(narrow, whole, False, sets.items, sets.named, (*left_out[0], *others), left_out[1])

    def without(self, whole: Selection, narrow: Selection) -> Selection:
        """The whole without the other one."""
        if narrow.everything or narrow.except_items or narrow.except_named or self._excepting(narrow):
            raise ScenarioError(
                f"{narrow.text} cannot be taken out of {whole.text}: write it without 'except'"
            )
        return whole.model_copy(
            update={
                "text": f"{whole.text} without {narrow.text}",
                "except_items": tuple(dict.fromkeys((*whole.except_items, *narrow.items))),
                "except_named": tuple(dict.fromkeys((*whole.except_named, *narrow.named))),
            }
        )

    def _made(
        self,
        narrow: Selection,
        whole: Selection,
        everything: bool,
        items: tuple[str, ...],
        named: tuple[str, ...],
        except_items: tuple[str, ...],
        except_named: tuple[str, ...],
    ) -> Selection | None:
        items = tuple(item for item in items if not self._left_out(item, except_items, except_named))
        if not (everything or items or named):
            return None
        return Selection(
            text=f"{narrow.text} within {whole.text}",
            everything=everything,
            items=items,
            named=named,
            except_items=except_items,
            except_named=except_named,
        )

    def _all_within(self, whole: Selection, narrow: Selection) -> bool:
        """Whether all of the first is in the second, as far as the words show it."""
        if self._leaves_out(narrow, whole):
            return False
        if narrow.everything:
            return True
        return (
            not whole.everything
            and set(whole.named) <= set(narrow.named)
            and all(any(self._within(item, wider) for wider in narrow.items) for item in whole.items)
        )

    def _leaves_out(self, narrow: Selection, whole: Selection) -> bool:
        """Whether the exceptions of the first may leave out anything that the whole has."""
        items = set(narrow.except_items) - set(whole.except_items)
        names = set(narrow.except_named) - set(whole.except_named)
        if whole.everything or whole.named:
            return bool(items or names)
        members = {member.item for name in names for member in self._members(name)}
        return any(
            self._within(item, other) or self._within(other, item)
            for item in whole.items
            for other in (*items, *members)
        )

    def _within(self, item: str, wider: str) -> bool:
        return item.startswith(wider) if self.kind == "products" else item == wider

    def _common(self, whole: Selection, narrow: Selection) -> tuple[str, ...]:
        found = [item for item in narrow.items if any(self._within(item, each) for each in whole.items)]
        found += [item for item in whole.items if any(self._within(item, each) for each in narrow.items)]
        return tuple(dict.fromkeys(found))

    def _left_out(self, item: str, except_items: tuple[str, ...], except_named: tuple[str, ...]) -> bool:
        """Whether all of an item is left out, on all days."""
        return any(self._within(item, each) for each in except_items) or any(
            self._within(item, member.item)
            and not member.excepted
            and member.start <= self.book.territory.held.on_or_after
            and self.book.territory.held.before <= member.end
            for name in except_named
            for member in self._members(name)
        )

    def _meets(self, sets: Selection, item: str) -> bool:
        """Whether an item has something in common with sets, on some day."""
        items = [*sets.items, *(each.item for name in sets.named for each in self._members(name))]
        return any(self._within(item, each) or self._within(each, item) for each in items)

    def _members(self, name: str) -> tuple[Member, ...]:
        sets = self.book.groups if self.kind == "origin" else self.book.lists
        return sets[name].members if name in sets else ()

    def _excepting(self, selection: Selection) -> bool:
        return any(member.excepted for name in selection.named for member in self._members(name))

    def _others(self, items: tuple[str, ...]) -> tuple[str, ...]:
        """All that is not one of the items: the other origins, or the shortest codes of the schedule that
        have none of the items above or below them."""
        if self.kind == "origin":
            return tuple(each.code for each in self.book.origins if each.code not in items)
        held = sorted({line.code for line in self.book.schedule})
        found: list[str] = []
        waiting = sorted({code[:2] for code in held})
        while waiting:
            code = waiting.pop()
            if code.startswith(items):
                continue
            if not any(item.startswith(code) for item in items):
                found.append(code)
                continue
            below = held[bisect_left(held, code) : bisect_left(held, code + ":")]
            waiting += sorted({each[: len(code) + 2] for each in below if len(each) > len(code)})
        return tuple(sorted(found))
