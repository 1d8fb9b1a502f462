"""What a selection of goods or origins takes and leaves out at a moment, and how certain each member is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tariffcalc.compiled.axes import Bools
from tariffcalc.law.act import Act
from tariffcalc.law.renumbered import Named, Successors
from tariffcalc.tags import TAGS, Tag

Doubtful = tuple[str, int, tuple[str, ...], str]
"""A code that a list names by a row less certain than a copy of the text: the code, the place of the row's
tag among ``TAGS``, its acts, its note."""


SetKey = tuple[
    frozenset[str], frozenset[str], bool, frozenset[str], frozenset[Doubtful], frozenset[str], frozenset[str]
]
"""What is taken and left out, whether all else is taken, the ten-digit lines in force below eight-digit codes
of which only a part is named, the rows of lists that are in doubt, and codes of which only some goods are
taken or left out."""


class Part(NamedTuple):
    """The codes of a set that are as certain as each other: their tag, the acts that named them where these
    are in doubt, and their membership.

    ``note`` says what is in doubt, where all rows of a list that name them say the same.
    """

    tag: Tag
    by: tuple[str, ...]
    note: str
    definite: Bools
    possible: Bools


class Taken(NamedTuple):
    """Codes or origins of a set at a moment; apart those written as numbers of an earlier day, and numbers
    that took the place of others."""

    codes: set[str]
    moved: list[Named]
    new: list[Named]

    def at(self, successors: Successors, moment: int) -> Taken:
        """The same, with the numbers of that moment and those that goods keep from before."""
        if not self.moved and not self.new:
            return self
        return self._replace(
            moved=[*successors.at(self.moved, moment), *successors.kept([*self.moved, *self.new], moment)]
        )

    def surely(self) -> frozenset[str]:
        return frozenset(self.codes.union(each.code for each in self.moved if each.surely))

    def perhaps(self) -> frozenset[str]:
        return frozenset(each.code for each in self.moved if not each.surely)


def uncertain(acts: Mapping[str, Act]) -> dict[str, int]:
    """The acts of which no copy of the text is held, with the place of their tag among ``TAGS``."""
    return {name: TAGS.index(act.tag) for name, act in acts.items() if act.tag != TAGS[0]}


def in_part(items: Iterable[str]) -> set[str]:
    """The eight-digit codes of which some item names a part."""
    return {item[:8] for item in items if len(item) > 8}
