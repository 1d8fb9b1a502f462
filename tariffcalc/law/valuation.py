"""Valuation: how a territory builds the customs value from a price, and the exchange rates and tariff values
its authorities notify.

A price under a trade term holds some of the costs of bringing the goods in and lacks others.  The law of a
territory says of each cost whether the customs value *includes* it (it is added where the price lacks it) or
*excludes* it (it is taken out where the price holds it); a cost the law does not name stays as it was priced.
For a cost that is included and not ascertainable the law may give a share of a sum that is known.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tariffcalc.law.number import read_percentage
from tariffcalc.law.selection import Selection
from tariffcalc.tags import Tag

CostName = Literal["foreign_inland_freight", "freight", "insurance", "costs_after_importation", "additions"]
"""Carriage to, and loading at, the place of export; carriage and insurance from there to the place of
importation; carriage, duties and taxes after importation that the price holds; everything else the law adds
to the price (commissions, assists, royalties, packing)."""

FOB = "fob"
"""The price of the goods at the place of export: with carriage to it, without carriage and insurance from it.
"""


def _share(given: Any) -> Any:
    if not isinstance(given, str) or not given.endswith("%"):
        raise ValueError(f"{given!r} is not a share: write it as a percentage such as 1.5%")
    try:
        return read_percentage(given)
    except ValueError:
        raise ValueError(f"{given!r} is not a share: write it as a percentage such as 1.5%") from None


def _sum(given: Any) -> Any:
    if isinstance(given, list) and all(isinstance(part, str) for part in given):
        given = " + ".join(given)
    return tuple(part.strip() for part in given.split("+")) if isinstance(given, str) else given


Percentage = Annotated[Decimal, BeforeValidator(_share), Field(gt=0)]
KnownSum = Annotated[tuple[Literal["fob", "freight", "insurance"], ...], BeforeValidator(_sum)]


class _Cited(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    by: tuple[str, ...] = Field(min_length=1)
    tag: Tag = "P"
    note: str = ""


class Share(_Cited):
    """What the law takes for a cost that is not ascertainable: a share of a sum, where that sum is known."""

    share: Percentage
    of: KnownSum

    @model_validator(mode="after")
    def _begins_with_fob(self) -> Share:
        if self.of[:1] != (FOB,):
            raise ValueError("a share is taken of fob, or of fob + freight, or of fob + insurance")
        return self


class Ceiling(_Cited):
    """What a cost counts for at most, for one mode of transport: a share of the price at the place
    of export."""

    share: Percentage
    of: Literal["fob"]
    transport: str


class Cost(_Cited):
    """One cost the law includes in the customs value or excludes from it."""

    cost: CostName
    not_ascertainable: tuple[Share, ...] = ()
    at_most: Ceiling | None = None


class RateDay(_Cited):
    """The day whose exchange rate converts the value."""

    day: Literal["entered", "exported"]


class Rounding(_Cited):
    """To what the customs value is rounded [currency of the territory], half up."""

    step: Decimal = Field(gt=0)
    file: str = ""
    line: int = 0


class Valuation(BaseModel):
    """The valuation law of a territory."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    authority: str = ""
    includes: tuple[Cost, ...] = ()
    excludes: tuple[Cost, ...] = ()
    rate_of: RateDay
    rounded_to: Rounding | None = None
    note: str = ""

    @model_validator(mode="after")
    def _a_cost_once(self) -> Valuation:
        names = [cost.cost for cost in self.costs()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is named twice: a cost is either included or excluded")
        idle = [cost.cost for cost in self.excludes if cost.not_ascertainable or cost.at_most]
        if idle:
            raise ValueError(
                f"{idle[0]} is excluded: not_ascertainable and at_most are for costs that are included"
            )
        if any(cost.cost == "costs_after_importation" for cost in self.includes):
            raise ValueError(
                "costs_after_importation can be excluded, not included: a price that lacks them says nothing"
                " of them"
            )
        return self

    def costs(self) -> tuple[Cost, ...]:
        """Every cost the law names."""
        return self.includes + self.excludes

    def citations(self) -> tuple[str, ...]:
        """Every act that is named."""
        parts: list[_Cited] = [*self.costs(), self.rate_of, *([self.rounded_to] if self.rounded_to else [])]
        parts += [share for cost in self.costs() for share in cost.not_ascertainable]
        parts += [cost.at_most for cost in self.costs() if cost.at_most]
        return tuple(act for part in parts for act in part.by)


class ExchangeRate(NamedTuple):
    """One notified rate: units of the territory's currency for ``units`` of another, over a window
    [moments]."""

    currency: str
    units: int
    rate: Decimal
    start: int
    end: int
    by: tuple[str, ...]
    tag: Tag
    line: int = 0


class TariffValue(NamedTuple):
    """A value the government fixes for a quantity of some goods, over a window [moments], whatever their
    price."""

    goods: str
    products: Selection
    amount: Decimal
    currency: str
    unit: str  # such as "t" or "10 g"
    start: int
    end: int
    by: tuple[str, ...]
    tag: Tag
    line: int = 0
