"""How programs that meet on one line give way to each other, per fact pattern."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Small
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.duties import NONE_DUE, NOT_HELD, PLAIN
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.outcomes.select import Selected
from tariffcalc.engine.patterns.classify import Patterns


class Stacked(NamedTuple):
    """``stacked_out`` [patterns, programs]: the stacking entry under which a program is not charged at all
    (-1: none).

    ``depends`` [patterns, programs]: the program whose unknown answer leaves this one unknown (-1: none).
    ``content``: for stacking entries that take only a content out of the base, the patterns they apply to.
    """

    stacked_out: Small
    depends: Small
    content: dict[int, Bools]


def stack(law: CompiledLaw, patterns: Patterns, selected: Selected) -> Stacked:
    """Apply the stacking entries, those of the programs that others give way to first."""
    shape = selected.rule.shape
    stacked_out, depends = np.full(shape, -1, np.int32, order="F"), np.full(shape, -1, np.int32, order="F")
    content: dict[int, Bools] = {}
    heard: Bools = (selected.rule >= 0) | (selected.doubt >= 0)
    duty = np.where(selected.rule >= 0, law.rule_duty[selected.rule], -1)
    kind = np.where(duty >= 0, law.duties.kind[duty], PLAIN)
    # an exemption owes nothing whatever it might have given way to
    owes: Bools = (selected.rule >= 0) & (kind != NONE_DUE)
    any_heard, any_owes = np.any(heard, axis=0), np.any(owes, axis=0)
    for number, entry in enumerate(law.stacking_rules):
        if not (any_heard[entry.to] and any_owes[entry.program]):
            continue
        met = np.flatnonzero(
            heard[:, entry.to] & owes[:, entry.program] & entry.day_classes[patterns.days[entry.axis]]
        )
        if entry.of is not None:
            met = met[_among(entry.of, selected.rule[met, entry.program])]
        if not len(met):
            continue
        rule, doubt = selected.rule[met, entry.to], selected.doubt[met, entry.to]
        stands = stacked_out[met, entry.to] < 0
        applies = _among(entry.rules, rule) & stands
        undecided = (depends[met, entry.to] >= 0) | (kind[met, entry.to] == NOT_HELD)
        doubtful = stands & ((doubt >= 0) | (applies & undecided))
        surely, unsure = met[applies & ~doubtful], met[doubtful]
        open_still = (depends[unsure, entry.program] < 0) & (stacked_out[unsure, entry.program] < 0)
        depends[unsure[open_still], entry.program] = entry.to
        if entry.content:
            content[number] = np.isin(np.arange(len(patterns)), surely)
        else:
            stacked_out[surely[stacked_out[surely, entry.program] < 0], entry.program] = number
            depends[surely, entry.program] = -1  # whatever else it may give way to
    return Stacked(stacked_out, depends, content)


def _among(rules: Bitset, chosen: Small) -> Bools:
    """Whether each chosen rule is one of a set of rules."""
    word, bit = np.maximum(chosen, 0) // 64, (np.maximum(chosen, 0) % 64).astype(np.uint64)
    return np.asarray((chosen >= 0) & ((rules[word] >> bit) & np.uint64(1) == 1))
