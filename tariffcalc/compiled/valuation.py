"""The compiled valuation law: which costs belong into the customs value, the notified exchange rates, and the
goods with a tariff value.

Rates and shares are exact fractions.  A tariff value is found from the commodity code in one gather:
``tariff_class`` says which set of rows of ``tariff_values`` names a code (0: none), and the few rows of a set
are tried by day.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from tariffcalc.compiled.axes import Ints
from tariffcalc.stored.frozen import Frozen


class ShareRule(NamedTuple):
    """A share of a known sum, taken for a cost that is not ascertainable."""

    share: Fraction
    of: frozenset[str]  # the costs beside the price at the place of export
    text: str
    by: tuple[str, ...]
    tag: str


class CeilingRule(NamedTuple):
    """The share of the price at the place of export that a cost counts for at most, for one mode of
    transport."""

    share: Fraction
    transport: str
    text: str
    by: tuple[str, ...]
    tag: str


class CostRule(NamedTuple):
    """What the law does with one cost: included in the customs value, or excluded from it."""

    cost: str
    included: bool
    shares: tuple[ShareRule, ...]
    at_most: CeilingRule | None
    by: tuple[str, ...]
    tag: str


class RateRow(NamedTuple):
    """A notified rate: units of the territory's currency for one unit of another."""

    currency: str
    rate: Fraction
    start: int
    end: int
    by: tuple[str, ...]
    tag: str


class TariffValueRow(NamedTuple):
    """The value of some goods, fixed for one base unit of a dimension of quantity."""

    goods: str
    amount: Fraction
    text: str
    currency: str
    unit: str
    dimension: str
    start: int
    end: int
    by: tuple[str, ...]
    tag: str


@dataclass(frozen=True)
class ValuationTable(Frozen):
    """The valuation law of a territory; ``held`` is False where none is held, and then only a customs value
    can be declared."""

    held: bool
    costs: dict[str, CostRule]
    rate_of_export: bool  # the rate of the day of export converts; otherwise that of the day of entry
    rate_by: tuple[str, ...]
    step: int  # the customs value is a multiple of this [minor units]
    rates: dict[str, tuple[RateRow, ...]]  # by currency, in order of time
    tariff_values: tuple[TariffValueRow, ...]
    tariff_class: Ints  # [codes]; empty where there is no tariff value
    tariff_rows: tuple[tuple[int, ...], ...]  # by class: rows of tariff_values
    currencies: dict[str, str]  # code: name
