"""What bounds a declaration, and what follows from one: the limits of a fact, and the facts that other
declarations already say.

A bound belongs to the fact it bounds and carries its act.  A declaration beyond it is refused with the limit
and the act; nothing is cut to fit. What is declared once need not be declared again: a claim may settle a
fact, several facts may add up to one, and the value of a line is that of its units.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tariffcalc.law.condition import Requirement
from tariffcalc.law.number import Amount
from tariffcalc.law.selection import Products, read_products

NO_BOUNDS = "none"

Extent = Literal["line", "shipment", "claimed lines"]


def _as_list(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Requirements = Annotated[tuple[Requirement, ...], BeforeValidator(_as_list)]


class Bound(BaseModel):
    """One bound of a fact, of one of these kinds.

    ``least``, ``most``
        The fact is a number of at least, at most so much.
    ``within``, ``holds``
        It is at most, at least another amount of the line: ``value``, ``fact NAME``, ``quantity kg``.
    ``value_at_most``
        The claim has a limit of value, ``of`` the line, the whole shipment, or the lines of the shipment that
        claim it; measured in the fact ``measured`` where that is declared, otherwise in the customs value.
    ``not_with``
        What cannot hold on one line with it.
    ``products``
        The goods it can concern.

    ``shared`` names what several facts are parts of: together they are within the amount, or at most the
    number.  A bound of a flag counts where the flag is true, any other where the fact is declared; ``when``
    says what else must hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least: Amount | None = None
    most: Amount | None = None
    within: str = ""
    holds: str = ""
    shared: str = ""
    value_at_most: Amount | None = None
    of: Extent = "line"
    measured: str = ""
    not_with: Requirements = ()
    products: Products | None = None
    when: Requirements = ()
    by: Names
    tag: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Bound:
        said = [
            name
            for name in ("within", "holds", "value_at_most", "not_with", "products")
            if getattr(self, name) not in ("", None, ())
        ]
        said += ["least or most"] if self.least is not None or self.most is not None else []
        if len(said) != 1:
            kinds = "least or most, within, holds, value_at_most, not_with, products"
            raise ValueError(
                f"a bound says one of {kinds}; this one says {' and '.join(said) or 'none of them'}"
            )
        if self.shared and not (self.within or self.most is not None):
            raise ValueError("shared belongs to within, or to most")
        for amount in filter(None, (self.within, self.holds)):
            kind, _, name = amount.partition(" ")
            if amount != "value" and (kind not in ("fact", "quantity") or not name):
                raise ValueError(
                    f"{amount!r} is no amount of a line: write value, 'fact NAME' or 'quantity kg'"
                )
        return self


def _read_bounds(given: Any) -> Any:
    return () if given == NO_BOUNDS else given


Bounds = Annotated[tuple[Bound, ...], BeforeValidator(_read_bounds)]


class Consequence(BaseModel):
    """What another declaration says of a fact: where ``where`` holds, the fact is ``then``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: Requirement
    then: str = "yes"
    by: Names
    tag: str = ""
    note: str = ""


class Part(BaseModel):
    """A fact that counts in the sum of a fact, for some products."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: str
    products: Products = Field(default_factory=lambda: read_products("all"))


class UnitValue(BaseModel):
    """The customs value of one unit of some goods in a currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    currency: str
    products: Products = Field(default_factory=lambda: read_products("all"))
