"""What a price holds under each trade term: the terms of Incoterms 2020, and the price with insurance and
without freight (C&I).

The terms are those of the trade, not of any territory.  A cost is *in* the price or *out* of it; two are so
only where they are declared: a named place is taken for the place of export (FCA, FAS) or of importation
(CPT, CIP) unless the cost of the way between the two is given.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import Any, Literal, NamedTuple

from tariffcalc.declaration.columns import Refusal, folded, shown

Where = Literal["in", "out", "in if declared", "out if declared"]

CUSTOMS_VALUE = "customs value"
TO_EXPORT, FREIGHT, INSURANCE, AFTER, ADDITIONS = (
    "foreign_inland_freight",
    "freight",
    "insurance",
    "costs_after_importation",
    "additions",
)
COSTS = (TO_EXPORT, FREIGHT, INSURANCE, AFTER, ADDITIONS)

MEANING = {
    TO_EXPORT: "carriage to, and loading at, the place of export",
    FREIGHT: "carriage from the place of export to the place of importation",
    INSURANCE: "insurance from the place of export to the place of importation",
    AFTER: "what the price holds for carriage, duties and taxes after importation",
    ADDITIONS: "what the law adds to the price besides: commissions, assists, royalties, packing",
}


class Term(NamedTuple):
    """Whether the price holds each cost under a trade term."""

    foreign_inland_freight: Where
    freight: Where
    insurance: Where
    costs_after_importation: Where
    additions: Where = "out if declared"


_TO_THE_DOOR = Term("in", "in", "in", "in")
TERMS: dict[str, Term] = {
    "EXW": Term("out", "out", "out", "out if declared"),
    "FCA": Term("out if declared", "out", "out", "out if declared"),
    "FAS": Term("out if declared", "out", "out", "out if declared"),
    "FOB": Term("in", "out", "out", "out if declared"),
    "C&I": Term("in", "out", "in", "out if declared"),
    "CFR": Term("in", "in", "out", "out if declared"),
    "CPT": Term("in", "in", "out", "in if declared"),
    "CIF": Term("in", "in", "in", "out if declared"),
    "CIP": Term("in", "in", "in", "in if declared"),
    "DAP": _TO_THE_DOOR,
    "DPU": _TO_THE_DOOR,
    "DDP": _TO_THE_DOOR,
}
BASES = (CUSTOMS_VALUE, *TERMS)
_SPELT = {basis.casefold(): number for number, basis in enumerate(BASES)} | {
    "c&f": BASES.index("CFR"),
    "cnf": BASES.index("CFR"),
    "customs_value": 0,
}


def read_basis(value: Any) -> int | Refusal:
    """The position of a value basis among ``BASES``."""
    text = " ".join(str(value).split())
    found = _SPELT.get(folded(text))
    return (
        found
        if found is not None
        else Refusal("unknown-value-basis", f"value_basis is {shown(value)}", partial(_near, text))
    )


def _near(text: str) -> str:
    word = text.split()[0].casefold() if text else ""
    near = [
        BASES[_SPELT[each]]
        for each in (
            [word] if word in _SPELT else get_close_matches(text[:60].casefold(), _SPELT, n=3, cutoff=0.5)
        )
    ]
    terms = ", ".join(BASES[1:])
    return (
        f"near misses: {', '.join(dict.fromkeys(near))}; " if near else ""
    ) + f"give {terms}, or 'customs value'"
