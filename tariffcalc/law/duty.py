"""A duty as an expression: a sum of terms, perhaps held between two other sums.

A term is a rate times a *measured amount*, and the amounts form a closed set of names, so that one shape
holds every duty of every territory: "16.5%", "1.4 cents/kg + 5%", "25% on the battery", "to 15% including
column 1" (15% of the value less what column 1 charged, at least nothing), a surcharge on duties.

Names of measured amounts (`Term.of`):

``base``              what the program is charged on [money]
``value``             the customs value [money]
``quantity UNIT``     the reported quantity in that unit (see ``units.py``), for example ``quantity kg``
``fact NAME``         a registered fact: money, or a quantity in the unit the registry gives it
``charged PROGRAM``   what another program charged on the line [money]
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tariffcalc.law.shown import Shown


class Term(BaseModel):
    """One rate times one measured amount.

    ``rate`` is in units of the territory's currency per unit of the amount: 10% is ``Decimal("0.10")``,
    1.4 cents/kg is ``Decimal("0.014")`` of ``quantity kg``.  It may be negative.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: Decimal
    of: str


Sum = tuple[Term, ...]


class Duty(Shown, BaseModel):
    """``terms``, but at least ``at_least`` and at most ``at_most`` where these are given.

    No terms and no bounds is the duty "none".  ``text`` is the wording it was read from.  ``held`` is false
    where the seeds say that a duty exists and is not held: such a duty is unknown, never nothing
    (``look_up``: where to look it up, if the seeds say so).  ``scheduled`` names the column of the schedule
    that gives the duty line by line ("general", "special", "column2"); ``spi`` an indicator whose special
    rate it is, whoever claims it (where a line has none, the general rate). ``borrowed`` says of a duty that
    one other line decides what it takes of it: its ``duty``, or its ``rate`` where that is a percentage (the
    article of a set that has the highest rate: a specific rate would have to be converted on that article
    alone).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    terms: Sum = ()
    at_least: Sum | None = None
    at_most: Sum | None = None
    held: bool = True
    look_up: str = ""
    scheduled: str | None = None
    spi: str = ""
    borrowed: Literal["", "duty", "rate"] = ""

    def shown(self) -> str:
        """The model in a few words."""
        return self.text

    @property
    def is_none(self) -> bool:
        """Whether nothing is due under this duty, whatever the line."""
        return self.held and self.scheduled is None and not self.terms and self.at_least is None

    def amounts(self) -> frozenset[str]:
        """The names of the measured amounts the duty asks for."""
        sums = (self.terms, self.at_least or (), self.at_most or ())
        return frozenset(term.of for each in sums for term in each)
