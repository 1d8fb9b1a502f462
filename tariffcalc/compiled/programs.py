"""The rules and programs of a compiled law, as the engine and what shows a posting see them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.duties import Amount


class Beside(NamedTuple):
    """A heading that is declared beside a rule's own, with nothing due: for the same value, or for a part
    that a fact gives, up to a share."""

    heading: str
    fact: str  # empty: the same value
    most_ppm: int


class Rule(NamedTuple):
    """What a posting shows of the rule behind it."""

    program: int
    measure: str
    title: str
    heading: str
    nothing_due_under: str
    duty_text: str
    start: int
    end: int
    by: tuple[str, ...]
    tag: str
    note: str
    shipment_at_least: int | None
    shipment_at_most: int | None
    beside: Beside | None = None


class BaseChoice(NamedTuple):
    """One amount a program may be charged on: signed amounts, when it is chosen, what is declared for the
    rest."""

    text: str
    amounts: tuple[tuple[int, int, Amount], ...]  # numerator, denominator, amount
    conditions: tuple[int, ...]
    # the duty is that of the whole customs value, of which the part is due that the base is of that value
    in_proportion: bool
    heading: str
    by: tuple[str, ...]


class StackingRule(NamedTuple):
    """One entry of the stacking order: ``program`` gives way where a rule of ``to`` applies, perhaps on one
    content only, or with some rules only."""

    program: int
    to: int
    rules: Bitset  # [words] the rules of ``to`` that count
    of: Bitset | None  # [words] the rules of ``program`` that give way; None: all
    axis: int  # the kind of day that decides: that which dates ``program``
    day_classes: NDArray[np.bool_]  # [classes of that axis]
    content: str
    heading: str
    by: tuple[str, ...]
    tag: str
    note: str


class CreditInfo(NamedTuple):
    """Under which acts an importer in business takes back what a program charges."""

    by: tuple[str, ...]
    tag: str
    note: str


class ProgramInfo(NamedTuple):
    """One program as the engine sees it."""

    name: str
    title: str
    kind: str
    per_shipment: bool
    status: str
    axis: int  # the kind of day that dates it
    words: slice
    bases: tuple[BaseChoice, ...]
    # bases are held in this fraction of a minor unit, so that "40% of the value" is not rounded before the
    # duty is
    base_scale: int
    # 0 charged on no other program, else one more than the highest of those it is charged on or measured
    # against
    level: int
    reviewed_through: int
    note: str
    # from, before, whether duties on entries of those days can be drawn back
    drawback: tuple[tuple[int, int, str], ...]
    creditable: CreditInfo | None  # None where the importer bears it for good
