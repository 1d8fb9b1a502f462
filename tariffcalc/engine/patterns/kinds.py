"""Patterns that nothing in force on their days tells apart."""

from __future__ import annotations

import numpy as np

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.bitset import Bitset, alike, pack_bits
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.patterns.classify import Patterns, group


def kinds(law: CompiledLaw, patterns: Patterns) -> tuple[Ints, Ints]:
    """The number of the kind of each pattern, and one pattern of each kind: what applies, gives way and is
    asked is the same within a kind.

    A kind is told by the rules in force for the goods and the origin, the stacking entries in force between
    programs that have such rules, and the answers; and for a line of which lists name a part, by the goods
    and the day that its ten-digit codes are chosen for.
    """
    goods, one = group([patterns.product, patterns.origin], len(patterns))
    product, origin = patterns.product[one], patterns.origin[one]
    days, in_force = admitted_by_days(law, patterns)
    columns = in_force.any(axis=0) & law.origin_mask[origin].any(axis=0)
    live = (law.origin_mask[origin] & law.product_possible[product])[:, columns][goods]
    live &= in_force[:, columns][days]
    unsure = live & ~law.product_definite[product][:, columns][goods]
    stacking, divided = _stacking(law, patterns, live, law.program_of_word[columns]), _divided(law, patterns)
    words = (live[:, live.any(axis=0)], unsure[:, unsure.any(axis=0)])
    return alike(
        np.hstack(
            [
                *words,
                *(each.astype(np.uint64)[:, None] for each in (stacking, divided, patterns.answer_number)),
            ]
        )
    )


def admitted_by_days(law: CompiledLaw, patterns: Patterns) -> tuple[Ints, Bitset]:
    """The number of the combination of days of each pattern, and the rules that each distinct combination
    admits."""
    number, first = group(list(patterns.days), len(patterns))
    return number, np.bitwise_and.reduce(
        [masks[classes[first]] for masks, classes in zip(law.day_masks, patterns.days, strict=True)]
    )


def _stacking(law: CompiledLaw, patterns: Patterns, live: Bitset, program_of_word: Ints) -> Ints:
    """The stacking entries in force between programs that have live rules [patterns, words], of each pattern
    as a number."""
    has_rules = np.zeros((len(patterns), len(law.programs)), bool)
    starts = np.flatnonzero(np.diff(program_of_word, prepend=-1))
    if len(starts):
        has_rules[:, program_of_word[starts]] = np.bitwise_or.reduceat(live, starts, axis=1) != 0
    programs, one = alike(pack_bits(has_rules))
    kind, some = group([programs, *patterns.days], len(patterns))
    has_rules, days = has_rules[one][programs[some]], [classes[some] for classes in patterns.days]
    entries = [
        has_rules[:, entry.program] & has_rules[:, entry.to] & entry.day_classes[days[entry.axis]]
        for entry in law.stacking_rules
    ]
    return alike(pack_bits(np.stack([np.zeros(len(some), bool), *entries], axis=1)))[0][kind]


def _divided(law: CompiledLaw, patterns: Patterns) -> Ints:
    """The goods and the day of patterns of lines of which lists name a part, as a number; 0 for others."""
    divided = np.isin(patterns.product, [*law.divided])
    goods = (
        patterns.product * (len(law.day_masks[law.schedule_axis]) + 1) + patterns.days[law.schedule_axis] + 1
    )
    return np.where(divided, goods, 0)
