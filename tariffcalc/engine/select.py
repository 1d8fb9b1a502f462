"""Which rule speaks, per fact pattern and program: the first bit left after AND-ing the masks of its classes and conditions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.engine.axes import Ints
from tariffcalc.engine.classify import Patterns
from tariffcalc.engine.conditions import FALSE, TRUE, UNKNOWN
from tariffcalc.engine.rule_table import BaseChoice, CompiledLaw, Words, first_bit


class Selected(NamedTuple):
    """Per pattern and program: the rule that speaks (-1: none), and the rule that might displace it if a missing fact were known (-1: none).

    ``base`` is the base chosen (-1: a missing fact decides).  All are [patterns, programs].
    """

    rule: Ints
    doubt: Ints
    base: Ints


def admitted(law: CompiledLaw, patterns: Patterns) -> tuple[Words, Words]:
    """The rules that surely, and that possibly, speak on each pattern [patterns, words]."""
    classes = law.origin_mask[patterns.origin]
    for axis, days in enumerate(patterns.days):
        classes &= law.day_masks[axis][days]
    surely, possibly = np.zeros(law.words, np.uint64), np.zeros(law.words, np.uint64)
    for test, given in patterns.constant.items():
        if given != TRUE:
            surely |= law.test_masks[test]
        if given == FALSE:
            possibly |= law.test_masks[test]
    definite = classes & law.product_definite[patterns.product] & ~surely
    possible = classes & law.product_possible[patterns.product] & ~possibly
    for test, answers in patterns.varying.items():
        definite[answers != TRUE] &= ~law.test_masks[test]
        possible[answers == FALSE] &= ~law.test_masks[test]
    return definite, possible


def select(law: CompiledLaw, patterns: Patterns) -> Selected:
    """The rule of every program for every pattern."""
    definite, possible = admitted(law, patterns)
    shape = (len(patterns), len(law.programs))
    rule, doubt = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    base = np.zeros(shape, np.int64)
    for number, program in enumerate(law.programs):
        offset = program.words.start * 64
        surely = first_bit(definite[:, program.words])
        rule[:, number] = np.where(surely >= 0, surely + offset, -1)
        open_bits = possible[:, program.words] & ~definite[:, program.words]
        unsure = np.flatnonzero(open_bits.any(axis=1))
        perhaps = first_bit(open_bits[unsure])
        before = (surely[unsure] < 0) | (perhaps < surely[unsure])
        doubt[unsure[before], number] = perhaps[before] + offset
        if len(program.bases) != 1 or program.bases[0].conditions:
            base[:, number] = _choose_base(program.bases, patterns)
    return Selected(rule, doubt, base)


def _choose_base(bases: tuple[BaseChoice, ...], patterns: Patterns) -> Ints:
    """The first base whose conditions hold; -1 where a missing fact decides, -2 where none holds."""
    chosen = np.full(len(patterns), -2, np.int64)
    for number, base in enumerate(bases):
        holds = np.full(len(patterns), TRUE, np.int8)
        for test in base.conditions:
            answers = patterns.answers(test)
            holds = np.where((holds == FALSE) | (answers == FALSE), FALSE, np.maximum(holds, answers)).astype(np.int8)
        open_still = chosen == -2
        chosen = np.where(open_still & (holds == TRUE), number, chosen)
        chosen = np.where(open_still & (holds == UNKNOWN), -1, chosen)
    return chosen
