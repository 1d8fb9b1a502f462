"""Which rule speaks, per fact pattern and program: the first bit left after AND-ing the masks of its classes and conditions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Ints
from tariffcalc.engine.classify import Patterns
from tariffcalc.engine.conditions import FALSE, TRUE, UNKNOWN
from tariffcalc.engine.rule_table import BaseChoice, CompiledLaw, Words, first_bits
from tariffcalc.engine.threads import each_in_parallel, parts_of


class Selected(NamedTuple):
    """Per pattern and program: the rule that speaks (-1: none), and the rule that might displace it if a missing fact were known (-1: none).

    ``base`` is the base chosen (-1: a missing fact decides).  All are [patterns, programs].
    """

    rule: Ints
    doubt: Ints
    base: Ints


def admitted(law: CompiledLaw, patterns: Patterns, part: slice) -> tuple[Words, Words]:
    """The rules that surely, and that possibly, speak on each of some patterns [patterns, words]."""
    classes = law.origin_mask[patterns.origin[part]]
    for axis, days in enumerate(patterns.days):
        classes &= law.day_masks[axis][days[part]]
    surely, possibly = np.zeros(law.words, np.uint64), np.zeros(law.words, np.uint64)
    for test, given in patterns.constant.items():
        if given != TRUE:
            surely |= law.test_masks[test]
        if given == FALSE:
            possibly |= law.test_masks[test]
    definite = classes & law.product_definite[patterns.product[part]] & ~surely
    possible = classes & law.product_possible[patterns.product[part]] & ~possibly
    for test, answers in patterns.varying.items():
        definite[answers[part] != TRUE] &= ~law.test_masks[test]
        possible[answers[part] == FALSE] &= ~law.test_masks[test]
    return definite, possible


def select(law: CompiledLaw, patterns: Patterns) -> Selected:
    """The rule of every program for every pattern."""
    shape = (len(patterns), len(law.programs))
    rule, doubt, base = np.empty(shape, np.int64), np.full(shape, -1, np.int64), np.zeros(shape, np.int64)
    starts = law.program_starts

    def speak(part: slice) -> None:
        definite, possible = admitted(law, patterns, part)
        rule[part] = first_bits(definite, starts)
        open_bits = possible & ~definite
        unsure = np.flatnonzero(open_bits.any(axis=1))
        if len(unsure):
            perhaps, surely = first_bits(open_bits[unsure], starts), rule[part][unsure]
            doubt[part][unsure] = np.where((perhaps >= 0) & ((surely < 0) | (perhaps < surely)), perhaps, -1)

    each_in_parallel(speak, parts_of(len(patterns)), len(patterns))
    for number, program in enumerate(law.programs):
        if len(program.bases) != 1 or program.bases[0].conditions:
            base[:, number] = _choose_base(program.bases, patterns)
    return Selected(rule, doubt, base)


def _choose_base(bases: tuple[BaseChoice, ...], patterns: Patterns) -> Ints:
    """The first base whose conditions hold; -1 where a missing fact decides, -2 where none holds."""
    chosen: Ints | int = -2
    for number, base in enumerate(bases):
        holds: NDArray[np.int8] | int = TRUE
        for test in base.conditions:
            holds = _both(holds, patterns.varying[test] if test in patterns.varying else patterns.constant[test])
        if isinstance(holds, int) and isinstance(chosen, int):
            chosen = chosen if chosen != -2 or holds == FALSE else number if holds == TRUE else -1
        else:
            choice = np.where(np.equal(holds, TRUE), number, np.where(np.equal(holds, UNKNOWN), -1, -2))
            chosen = np.where(np.equal(chosen, -2), choice, chosen)
    return np.broadcast_to(np.asarray(chosen, np.int64), len(patterns))


def _both(one: NDArray[np.int8] | int, other: NDArray[np.int8] | int) -> NDArray[np.int8] | int:
    """Whether two answers both hold, in three values."""
    if isinstance(one, int) and isinstance(other, int):
        return FALSE if FALSE in (one, other) else max(one, other)
    return np.where(np.equal(one, FALSE) | np.equal(other, FALSE), FALSE, np.maximum(one, other)).astype(np.int8)
