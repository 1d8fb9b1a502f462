"""What the registry of facts says of declarations, compiled: their bounds, and the facts that other declarations already say.

Amounts are in the scale of the fact they bound (minor units of money, millionths otherwise); goods are truth over the axis of codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tariffcalc.engine.axes import Bools

if TYPE_CHECKING:
    from tariffcalc.engine.rule_table import Test


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
    """A fact that counts in the sum of a fact, and the goods for which it surely counts, and may count."""

    fact: str
    surely: Bools  # [codes]
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
