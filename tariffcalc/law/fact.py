"""The registry of facts: every attribute of a line that a measure may ask for, and what the law assumes when
it is not declared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from tariffcalc.law.bound import Bounds, Consequence, Part, UnitValue
from tariffcalc.law.selection import Products
from tariffcalc.law.shown import Shown
from tariffcalc.tags import Tag

FactType = Literal["flag", "money", "number", "share", "choice", "origin", "tariff_line"]

WHOLE_VALUE, ELSEWHERE = "value", "other"
_NUMBER = re.compile(r"\d+(\.\d+)?")


class Reading(BaseModel):
    """Commodity codes whose own words answer a fact: which codes, the answer (``yes``, ``no``, a choice, a
    number), the words, and their acts.

    ``tag`` is the doubt of the reading adopted, not of the words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    products: Products
    says: str
    words: str
    by: tuple[str, ...]
    tag: Tag = "P"
    note: str = ""


class Fact(Shown, BaseModel):
    """A declared attribute of a line.

    ``assumed`` is what the *law* takes when the importer says nothing (``yes``, ``no``, a number, a choice),
    with the act in ``by``; ``unknown`` where the law assumes nothing, and then what depends on the fact is
    unknown too; ``value`` for an amount of money that is the whole customs value until the importer says
    otherwise. ``share_of`` makes a share out of two amounts, or the value of one unit out of an amount and a
    quantity (``quantity kg``); ``product_of`` multiplies two numbers, or a number and the customs value
    (``value``). An ``origin`` is a choice among all origins and ``other`` (none that a measure singles out).
    A ``tariff_line`` is a code of the schedule.  ``duty_of`` names such a fact: the amount of money, where it
    is not declared, is what that line charges on the goods, in the same column of the schedule and on the
    same day. ``implied_by`` names commodity codes that say yes by themselves (a good entered under a code of
    chapter 98 is an entry under chapter 98). ``readings`` answer the fact from the words of a code where it
    is not declared (tires "of a kind used on motor cars" are parts of motor cars). ``asserted`` marks a fact
    that counts only where it is asserted, like a claim: where nobody declares it, nothing is assumed of the
    goods. ``claim`` marks a flag that is asserted among the claims of a line (a chapter 98 heading, civil
    aircraft use). ``bounds`` says what the declaration cannot exceed; an empty tuple (``none``) says that
    nothing bounds it. ``known_from``, ``sum_of``, ``sum_of_lines`` (the customs values of all lines of the
    shipment) and ``value_of_one`` say from what other declarations the fact is known where it is not declared
    itself; a declaration that contradicts them is refused. ``question`` asks an importer for the fact in one
    sentence; where it is left out, the question is made of ``meaning``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: str
    type: FactType
    meaning: str
    question: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    assumed: str = "unknown"
    by: tuple[str, ...] = ()
    share_of: tuple[str, str] | None = None
    product_of: tuple[str, str] | None = None
    duty_of: str = ""
    claim: bool = False
    asserted: bool = False
    implied_by: Products | None = None
    bounds: Bounds | None = None
    known_from: tuple[Consequence, ...] = ()
    sum_of: tuple[Part, ...] = ()
    sum_of_lines: Literal["", "value"] = ""
    value_of_one: UnitValue | None = None
    readings: tuple[Reading, ...] = ()
    note: str = ""
    file: str = ""
    line: int = 0

    def shown(self) -> str:
        """The model in a few words."""
        return f"{self.fact} ({self.type}): {self.meaning}"

    @model_validator(mode="after")
    def _fits_its_type(self) -> Fact:
        if self.type == "choice" and not self.choices:
            raise ValueError(f"the choice {self.fact} lists no choices")
        if self.type == "flag" and self.assumed not in ("yes", "no", "unknown"):
            raise ValueError(f"the flag {self.fact} is assumed {self.assumed!r}: write yes, no or unknown")
        if self.type == "choice" and self.assumed not in ("unknown", *self.choices):
            raise ValueError(
                f"the choice {self.fact} is assumed {self.assumed!r}, which is none of its choices"
            )
        if (
            self.type in ("money", "number", "share")
            and self.assumed not in ("unknown", WHOLE_VALUE)
            and not _NUMBER.fullmatch(self.assumed)
        ):
            raise ValueError(
                f"the {self.type} {self.fact} is assumed {self.assumed!r}: write a number, or unknown"
            )
        if self.duty_of and self.type != "money":
            raise ValueError(f"the {self.type} {self.fact} is the duty of a line: only money can be")
        if self.type == "tariff_line" and self.assumed != "unknown":
            raise ValueError(
                f"the tariff line {self.fact} is assumed {self.assumed!r}: the law assumes no line, write"
                " unknown"
            )
        if self.assumed == WHOLE_VALUE and self.type != "money":
            raise ValueError(f"the {self.type} {self.fact} is assumed to be the value: only money can be")
        answers = {"flag": ("yes", "no"), "choice": self.choices}.get(self.type, ())
        for reading in self.readings:
            fits = reading.says.isdecimal() if self.type == "number" else reading.says in answers
            if not fits:
                raise ValueError(
                    f"a reading of the {self.type} {self.fact} says {reading.says!r}: write"
                    f" {', '.join(answers) or 'a whole number'}"
                )
        return self

    @property
    def is_derived(self) -> bool:
        """Whether the fact is always worked out from others, and cannot be declared."""
        return self.share_of is not None or self.product_of is not None

    @property
    def asked(self) -> str:
        """The question to an importer.

        >>> Fact(fact="smoked", type="flag", meaning="The fish is smoked. Asked only in chapter 3.").asked
        'Is this so: the fish is smoked?'
        """
        if self.question:
            return self.question
        sentence = self.meaning.partition(". ")[0].rstrip(".")
        if sentence[1:2].islower():
            sentence = sentence[0].lower() + sentence[1:]
        return f"Is this so: {sentence}?" if self.type == "flag" else f"What is {self.fact} ({sentence})?"

    def with_origins(self, codes: Iterable[str]) -> Fact:
        """The same fact; a place of origin as a choice among all of them."""
        return (
            self
            if self.type != "origin"
            else self.model_copy(update={"type": "choice", "choices": (ELSEWHERE, *codes)})
        )
