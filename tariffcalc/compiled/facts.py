"""The registry of facts, compiled: the bounds of declarations, and the facts that other declarations already
settle.

Amounts are in the scale of the fact they bound (minor units of money, millionths otherwise); goods are truth
over the axis of codes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.conditions import Test


class BoundInfo(NamedTuple):
    """One bound of a fact (see ``law.bound.Bound``)."""

    least: int | None
    most: int | None
    within: str
    holds: str
    sharing: tuple[str, ...]  # the other facts that share the amount, or the number
    value_at_most: int | None  # [minor units]
    of: str
    measured: str
    not_with: tuple[Test, ...]
    goods: Bools | None  # [codes] of which the fact can be said
    goods_text: str
    when: tuple[Test, ...]
    by: tuple[str, ...]
    note: str


class ConsequenceInfo(NamedTuple):
    """Where a condition holds, or a special program is claimed, the fact has a value."""

    where: Test
    spi: int  # the special program claimed; -1 where a condition on facts decides
    value: int
    by: tuple[str, ...]


class PartInfo(NamedTuple):
    """A fact that counts in the sum of a fact, and the goods for which it surely counts, and may count, by
    class of days."""

    fact: str
    axis: int  # the kind of day that decides
    cuts: Ints
    surely: Bools  # [classes, codes]
    perhaps: Bools


class UnitValueInfo(NamedTuple):
    """The customs value of one unit, in a currency."""

    dimension: str
    unit: str
    units: tuple[int, int]  # base units of the dimension in one unit: numerator, denominator
    currency: str
    goods: Bools  # [codes]


class ReadingInfo(NamedTuple):
    """An answer that the words of commodity codes give to a fact."""

    says: str
    words: str
    by: tuple[str, ...]
    tag: str


class FactInfo(NamedTuple):
    """What the engine must know of a fact: its type, what the law assumes, how it is derived."""

    name: str
    type: str
    unit: str
    scale: int  # in how many parts a whole is held: minor units for money, millionths otherwise
    choices: tuple[str, ...]
    assumed: int | None
    whole_value: bool  # not declared, it is the customs value
    assumed_text: str
    by: tuple[str, ...]
    share_of: tuple[str, str] | None
    product_of: tuple[str, str] | None
    duty_of: str  # the fact that names the tariff line whose duty it is
    claim: bool
    asserted: bool  # what the law gives only to those who assert it: not declared, nothing is assumed
    implied: NDArray[np.bool_] | None  # [codes] where the commodity code itself says yes
    # the other contents that share the customs value with one that is the whole of it where nothing is
    # declared
    rest_of: tuple[str, ...] = ()
    bounds: tuple[BoundInfo, ...] = ()
    known_from: tuple[ConsequenceInfo, ...] = ()
    sum_of: tuple[PartInfo, ...] = ()
    value_of_one: UnitValueInfo | None = None
    sum_of_lines: bool = False  # of the customs values of all lines of the shipment
    # [codes] the answer of the words of the code where the fact is not declared, -1 where they give none
    read: Ints | None = None
    readings: tuple[ReadingInfo, ...] = ()
    reading: NDArray[np.int16] | None = None  # [codes] which of the readings that is, -1 where none
    question: str = ""  # to an importer

    @property
    def must_be_declared(self) -> bool:
        """Whether the law takes nothing where the fact is not declared."""
        return self.assumed is None and not self.whole_value
