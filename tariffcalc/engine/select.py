"""Which rule speaks, per fact pattern and program: the first bit left after AND-ing the masks of its classes and conditions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Ints, Small
from tariffcalc.engine.classify import Patterns, group
from tariffcalc.engine.conditions import FALSE, TRUE, UNKNOWN
from tariffcalc.engine.rule_table import BaseChoice, CompiledLaw, Words, lowest_bit
from tariffcalc.engine.threads import each_in_parallel, parts_of


class Selected(NamedTuple):
    """Per pattern and program: the rule that speaks (-1: none), and the rule that might displace it if a missing fact were known (-1: none).

    ``base`` is the base chosen (-1: a missing fact decides).  All are [patterns, programs].
    """

    rule: Small
    doubt: Small
    base: Small


class Admitting(NamedTuple):
    """For every distinct combination of days, and of answers to conditions, the rules that it lets speak [combinations, words].

    There are far fewer of these than patterns, so the conditions are gone through once for each and not for each pattern.
    """

    day_class: Ints  # [patterns]
    days: Words
    answer_class: Ints  # [patterns]
    surely: Words
    possibly: Words


def admitting(law: CompiledLaw, patterns: Patterns) -> Admitting:
    """What the days and the answers of some patterns let speak."""
    day_class, first = group(list(patterns.days), len(patterns))
    days = law.day_masks[0][patterns.days[0][first]]
    for axis, classes in enumerate(patterns.days[1:], start=1):
        days = days & law.day_masks[axis][classes[first]]
    shape = len(patterns.answer_first), law.words
    constant, masks = np.array(list(patterns.constant.values()), np.int8), law.test_masks[list(patterns.constant)]
    always = (np.bitwise_or.reduce(masks[blocked], axis=0, initial=np.uint64(0)) for blocked in (constant != TRUE, constant == FALSE))
    not_sure, impossible = (np.broadcast_to(mask, shape).copy() for mask in always)
    for test, answers in patterns.varying.items():
        given, mask = answers[patterns.answer_first], law.test_masks[test]
        not_sure |= np.where((given != TRUE)[:, None], mask, np.uint64(0))
        impossible |= np.where((given == FALSE)[:, None], mask, np.uint64(0))
    return Admitting(day_class, days, patterns.answer_class, ~not_sure, ~impossible)


def select(law: CompiledLaw, patterns: Patterns) -> Selected:
    """The rule of every program for every pattern."""
    shape = (len(patterns), len(law.programs))
    rule, doubt = np.full(shape, -1, np.int32, order="F"), np.full(shape, -1, np.int32, order="F")  # read program by program
    base = np.zeros(shape, np.int32, order="F")
    admits = admitting(law, patterns)
    each_in_parallel(lambda part: _speak(law, patterns, admits, part, rule[part], doubt[part]), parts_of(len(patterns)), len(patterns))
    for number in np.flatnonzero((rule >= 0).any(axis=0)):
        bases = law.programs[number].bases
        if len(bases) != 1 or bases[0].conditions:
            base[:, number] = _choose_base(bases, patterns)
    return Selected(rule, doubt, base)


def _speak(law: CompiledLaw, patterns: Patterns, admits: Admitting, part: slice, rule: Small, doubt: Small) -> None:
    """Write the rules of some patterns.

    Origin and days leave most words of rules empty; only the places that are not are looked at further.  A *place* is a pattern and a word.
    """
    live = law.origin_mask[patterns.origin[part]]
    live &= admits.days[admits.day_class[part]]
    flat = np.flatnonzero(live)
    row, word = np.divmod(flat, law.words)
    product = patterns.product[part][row] * law.words + word
    answers = admits.answer_class[part][row] * law.words + word
    possible = live.ravel()[flat] & law.product_possible.ravel()[product] & admits.possibly.ravel()[answers]
    some = np.flatnonzero(possible)
    row, word, possible = row[some], word[some], possible[some]
    definite = possible & law.product_definite.ravel()[product[some]] & admits.surely.ravel()[answers[some]]
    pattern, program, bit = _first_bits(law, row, word, definite)
    rule[pattern, program] = bit
    pattern, program, bit = _first_bits(law, row, word, possible & ~definite)
    surely = rule[pattern, program]
    before = np.flatnonzero((surely < 0) | (bit < surely))
    doubt[pattern[before], program[before]] = bit[before]


def _first_bits(law: CompiledLaw, row: Ints, word: Ints, bits: Words) -> tuple[Ints, Ints, Ints]:
    """The first rule of each row and program among the bits of some places, which come in order of row and word: row, program, rule."""
    some = np.flatnonzero(bits)
    row, word, bits = row[some], word[some], bits[some]
    program = law.program_of_word[word]
    first = np.flatnonzero(np.diff(row * len(law.programs) + program, prepend=-1))
    return row[first], program[first], word[first] * 64 + lowest_bit(bits[first])


def _choose_base(bases: tuple[BaseChoice, ...], patterns: Patterns) -> Ints | int:
    """The first base whose conditions hold, for each pattern or for all alike; -1 where a missing fact decides, -2 where none holds."""
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
    return chosen


def _both(one: NDArray[np.int8] | int, other: NDArray[np.int8] | int) -> NDArray[np.int8] | int:
    """Whether two answers both hold, in three values."""
    if isinstance(one, int) and isinstance(other, int):
        return FALSE if FALSE in (one, other) else max(one, other)
    return np.where(np.equal(one, FALSE) | np.equal(other, FALSE), FALSE, np.maximum(one, other)).astype(np.int8)
