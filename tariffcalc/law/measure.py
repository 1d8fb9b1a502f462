"""A measure: one provision of a program, with its scope and the dated spells of its history."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tariffcalc.law.condition import Requirement
from tariffcalc.law.duty import Duty
from tariffcalc.law.number import Amount, read_share
from tariffcalc.law.selection import Area, Products, read_area, read_products
from tariffcalc.law.shown import Shown, counted
from tariffcalc.tags import Tag
from tariffcalc.windows import ANY_TIME, Window


class Spell(Shown, BaseModel):
    """One row of a measure's history: window, duty, acts.

    ``withdrawn_by`` names the acts that took the spell back before it began: it is law only on days on which
    they were not known. ``shipment_at_least`` and ``shipment_at_most`` bound what a fee comes to on the whole
    shipment [currency].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entered: Window
    duty: Duty
    loaded: Window = ANY_TIME
    exported: Window = ANY_TIME
    by: tuple[str, ...]
    ended_by: tuple[str, ...] = ()
    withdrawn_by: tuple[str, ...] = ()
    shipment_at_least: Amount | None = None
    shipment_at_most: Amount | None = None
    tag: Tag = "P"
    note: str = ""

    def shown(self) -> str:
        """The model in a few words."""
        return f"{self.entered}: {self.duty.text}, {' '.join(self.by)}"


class Beside(BaseModel):
    """A heading declared beside that of a measure, under which nothing is due.

    It is declared for the same value; or, with ``of``, for the part of the value that a fact of money says,
    at most a share of the value, and the measure's own heading for the rest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    heading: str
    of: str = ""
    at_most: Annotated[Amount, BeforeValidator(read_share)] = Decimal(1)


class Measure(Shown, BaseModel):
    """One provision.  Conditions on origin, products and facts hold for its whole history; days are the
    spells' affair.

    ``instead_of`` names measures or groups of the same program that this one displaces where both would
    apply; it is read transitively.  ``nothing_due_under`` is the heading declared when a duty "to N%
    including column 1" comes to nothing; ``beside`` another one that is declared with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str = ""
    heading: str = ""
    nothing_due_under: str = ""
    beside: Beside | None = None
    group: str = ""
    origin: Area = Field(default_factory=lambda: read_area("any"))
    products: Products = Field(default_factory=lambda: read_products("all"))
    requires: tuple[Requirement, ...] = ()
    instead_of: tuple[str, ...] = ()
    history: tuple[Spell, ...] = Field(min_length=1)
    note: str = ""
    file: str = ""
    line: int = 0

    def shown(self) -> str:
        """The model in a few words."""
        name = f"{self.id} {self.heading}".strip()
        return f"{name}: {f'{self.title}, ' if self.title else ''}{counted(len(self.history), 'spell')}"
