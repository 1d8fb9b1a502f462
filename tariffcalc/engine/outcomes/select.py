"""Which rule applies, per fact pattern and program: the first bit left after AND-ing the masks of its classes
and conditions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.answers import FALSE, UNKNOWN
from tariffcalc.compiled.axes import Ints, Small
from tariffcalc.compiled.bitset import Bitset, lowest_bit
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.programs import BaseChoice
from tariffcalc.engine.patterns.classify import Answers, Patterns
from tariffcalc.engine.patterns.kinds import admitted_by_days
from tariffcalc.engine.threads import each_in_parallel, parts_of


class Selected(NamedTuple):
    """Per pattern and program: the rule that applies (-1: none), and the rule that might displace it if a
    missing fact were known (-1: none).

    ``base`` is the base chosen (-1: a missing fact decides; -2: none applies).  All are [patterns, programs].
    """

    rule: Small
    doubt: Small
    base: Small


def select(law: CompiledLaw, patterns: Patterns) -> Selected:
    """The rule of every program for every pattern."""
    shape = (len(patterns), len(law.programs))
    # read program by program
    rule, doubt = np.full(shape, -1, np.int32, order="F"), np.full(shape, -1, np.int32, order="F")
    base = np.zeros(shape, np.int32, order="F")
    day_class, days = admitted_by_days(law, patterns)
    each_in_parallel(
        lambda part: _speak(law, patterns, day_class, days, part, rule[part], doubt[part]),
        parts_of(len(patterns)),
        len(patterns),
    )
    for number in np.flatnonzero((rule >= 0).any(axis=0)):
        bases = law.programs[number].bases
        if len(bases) != 1 or bases[0].conditions:
            base[:, number] = np.where(
                rule[:, number] >= 0, _choose_base(bases, patterns.answers)[patterns.answer_number], 0
            )
    return Selected(rule, doubt, base)


def _speak(
    law: CompiledLaw,
    patterns: Patterns,
    day_class: Ints,
    days: Bitset,
    part: slice,
    rule: Small,
    doubt: Small,
) -> None:
    """Write the rules of some patterns.

    Origin and days leave most words of rules empty; only the places that are not are looked at further.  A
    *place* is a pattern and a word.
    """
    live = law.origin_mask[patterns.origin[part]]
    live &= days[day_class[part]]
    flat = np.flatnonzero(live)
    row, word = np.divmod(flat, law.words)
    product = patterns.product[part][row] * law.words + word
    answers = patterns.answer_number[part][row] * law.words + word
    possible = live.ravel()[flat] & law.product_possible.ravel()[product] & patterns.possibly.ravel()[answers]
    some = np.flatnonzero(possible)
    row, word, possible = row[some], word[some], possible[some]
    definite = possible & law.product_definite.ravel()[product[some]] & patterns.surely.ravel()[answers[some]]
    pattern, program, bit = _first_bits(law, row, word, definite)
    rule[pattern, program] = bit
    pattern, program, bit = _first_bits(law, row, word, possible & ~definite)
    surely = rule[pattern, program]
    before = np.flatnonzero((surely < 0) | (bit < surely))
    doubt[pattern[before], program[before]] = bit[before]


def _first_bits(law: CompiledLaw, row: Ints, word: Ints, bits: Bitset) -> tuple[Ints, Ints, Ints]:
    """The first rule of each row and program among the bits of some places, which come in order of row and
    word: row, program, rule."""
    some = np.flatnonzero(bits)
    row, word, bits = row[some], word[some], bits[some]
    program = law.program_of_word[word]
    first = np.flatnonzero(np.diff(row * len(law.programs) + program, prepend=-1))
    return row[first], program[first], word[first] * 64 + lowest_bit(bits[first])


def _choose_base(bases: tuple[BaseChoice, ...], answers: Answers) -> Ints:
    """The first base whose conditions hold under each row of answers; -1 where a missing fact decides, -2
    where none holds."""
    chosen = np.full(len(answers), -2, np.int64)
    for number, base in enumerate(bases):
        given = answers[:, list(base.conditions)]
        choice = np.where(
            (given == FALSE).any(axis=1), -2, np.where((given == UNKNOWN).any(axis=1), -1, number)
        )
        chosen = np.where(chosen == -2, choice, chosen)
    return chosen
