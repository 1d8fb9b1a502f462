"""A condition: a fact that a measure requires of a line.

The closed set of forms, all written in one line:

``donation``                    a flag is true              ``not donation``           it is false
``claim 9802.00.80``            a claim is made             ``not claim 9802.00.80``   it is not
``asserted D``                  a special program is claimed, whether or not the origin may claim it that day
                                (``claim D``: it is, and it may)
``us_content_share >= 20%``     a number compared           (also > <= <, with or without a per cent sign)
``transport is vessel``         a choice                    ``smelted_in in RU, BY``   one of several
``preference``                  built in: the special program claimed is one this line and this origin may
                                claim
``transport is vessel if declared``   holds unless another choice is declared; the ledger says that it was
                                      taken so
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from tariffcalc.law.number import read_number, read_percentage
from tariffcalc.law.shown import Shown

PREFERENCE = "preference"

_NUMBER = re.compile(r"^(\w+)\s*(>=|<=|>|<)\s*(-?[\d.]+)\s*(%?)$")
_CHOICE = re.compile(r"^(\w+)\s+(is|in)\s+(.+)$")
_IF_DECLARED = " if declared"
_FLAG = re.compile(r"^\w+$")

Operator = Literal["true", "claim", "asserted", ">=", "<=", ">", "<", "in"]


class Condition(Shown, BaseModel):
    """``fact operator value``, perhaps negated.  For claims the fact is the name of the claim."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    fact: str
    operator: Operator
    number: Decimal | None = None
    choices: tuple[str, ...] = ()
    negated: bool = False
    if_declared: bool = False

    def shown(self) -> str:
        """The model in a few words."""
        return self.text

    def opposes(self, other: Condition) -> bool:
        """Whether both can never hold on one line (what the check for overlaps needs; no more is decided)."""
        if self.fact != other.fact:
            return False
        if (
            self.operator == other.operator
            and self.operator in ("true", "claim", "asserted", "in")
            and self.choices == other.choices
        ):
            return self.negated != other.negated
        if self.operator == "in" == other.operator and not (self.negated or other.negated):
            return not set(self.choices) & set(other.choices)
        pair = {self.operator: self.number, other.operator: other.number}
        return self.number == other.number and set(pair) in ({">=", "<"}, {">", "<="})


def read_condition(given: Any) -> Condition:
    """One condition from its text.

    >>> read_condition("us_content_share >= 20%").number
    Decimal('0.2')
    >>> read_condition("not claim 9802.00.80").negated
    True
    """
    if isinstance(given, Condition):
        return given
    text = " ".join(str(given).split())
    if text.endswith(_IF_DECLARED):
        return read_condition(text.removesuffix(_IF_DECLARED)).model_copy(
            update={"text": text, "if_declared": True}
        )
    negated, rest = text.startswith("not "), text.removeprefix("not ")
    if rest.startswith("claim "):
        return Condition(
            text=text, fact=rest.removeprefix("claim ").strip(), operator="claim", negated=negated
        )
    if rest.startswith("asserted "):
        return Condition(
            text=text, fact=rest.removeprefix("asserted ").strip(), operator="asserted", negated=negated
        )
    if match := _NUMBER.match(rest):
        fact, operator, digits, percent = match.groups()
        number = read_percentage(digits) if percent else read_number(digits)
        return Condition.model_validate(
            {"text": text, "fact": fact, "operator": operator, "number": number, "negated": negated}
        )
    if match := _CHOICE.match(rest):
        choices = tuple(choice.strip() for choice in match.group(3).split(","))
        return Condition(text=text, fact=match.group(1), operator="in", choices=choices, negated=negated)
    if _FLAG.match(rest):
        return Condition(text=text, fact=rest, operator="true", negated=negated)
    raise ValueError(
        f"{text!r} is not a condition: write FLAG, 'claim NAME', 'FACT >= 20%', 'FACT is CHOICE', or 'not"
        " ...'"
    )


Requirement = Annotated[Condition, BeforeValidator(read_condition)]
