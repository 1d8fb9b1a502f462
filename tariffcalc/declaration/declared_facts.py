"""Facts at the border: those of the registry of the law, by name; a fact worked out from others cannot be
declared."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from tariffcalc.compiled.duties import MILLION, NUMBER_FACT, Amount
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import LARGEST_MONEY, FactColumn
from tariffcalc.declaration.amounts import scaled
from tariffcalc.declaration.codes import read_tariff_line
from tariffcalc.declaration.columns import (
    Declared,
    Refusal,
    empty_rows,
    folded,
    read_each,
    shown,
)
from tariffcalc.declaration.problems import Problems
from tariffcalc.errors import ShipmentError

_YES = ("1", "1.0", "true", "yes", "y")


_NO = ("0", "0.0", "false", "no", "n")


def read_facts(law: CompiledLaw, declared: Declared, size: int, problems: Problems) -> dict[str, FactColumn]:
    """Every declared fact the registry knows; money in minor units, numbers in millionths, flags and choices
    by position."""
    found = {}
    for name, column in declared.items():
        fact = law.facts.get(name)
        if fact is None:
            continue
        if fact.share_of or fact.product_of:
            parts = " and ".join(fact.share_of or fact.product_of or ())
            raise ShipmentError(f"the fact {name!r} is worked out from {parts}: declare those instead")
        if fact.type in ("flag", "choice"):
            values, known = read_each(column, problems, partial(_choice, fact)), ~empty_rows(column, size)
        elif fact.type == "tariff_line":
            values, known = (
                read_each(column, problems, partial(read_tariff_line, law, name)),
                ~empty_rows(column, size),
            )
        elif fact.type == "money":
            values, known = scaled(
                column, name, Fraction(law.minor_units), LARGEST_MONEY, problems, f"the fact {name}"
            )
        else:
            largest = law.duties.largest_count(Amount(NUMBER_FACT, name))
            values, known = scaled(
                column,
                name,
                Fraction(MILLION),
                largest,
                problems,
                f"the fact {name}",
                share=fact.type == "share",
            )
        found[name] = FactColumn(values, None if known.all() else known)
    _refuse_both(law, found, size, problems)
    return found


def _refuse_both(law: CompiledLaw, found: dict[str, FactColumn], size: int, problems: Problems) -> None:
    """Refuse the rows that declare an amount and the tariff line that it is the duty of."""
    for name in found:
        line = law.facts[name].duty_of
        if line in found:
            declared = [
                each.declared if each.declared is not None else np.ones(size, bool)
                for each in (found[name], found[line])
            ]
            both = np.flatnonzero(declared[0] & declared[1])
            problems.refuse(
                both,
                "declared-twice",
                f"{name} and {line} are both declared: the line decides the amount",
                "give one of them",
            )


def _choice(fact: FactInfo, value: Any) -> int | Refusal:
    text = folded(str(value).strip())
    if fact.type == "flag" and text in (*_YES, *_NO):
        return int(text in _YES)
    choices = [choice.casefold() for choice in fact.choices]
    if fact.type == "choice" and text in choices:
        return choices.index(text)
    allowed = ("yes", "no") if fact.type == "flag" else fact.choices
    return Refusal("not-a-choice", f"{fact.name} is {shown(value)}", f"give one of {', '.join(allowed)}")
