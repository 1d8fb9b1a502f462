"""What of the law asks for a claim or fact: rules that require it or are measured on it, and bases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.duties import MONEY_FACT, NUMBER_FACT
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.law.condition import PREFERENCE


class Asking(NamedTuple):
    """What asks for a claim or fact, or for a fact that is worked out from it."""

    name: str
    names: set[str]  # and those that are worked out from it
    rules: Bitset  # [words] that require it, are measured on it, or belong to a program with a base that does
    bits: list[int]
    by_amount: Bools  # by bit: whether the rule is measured on it; the last place stands for no rule
    bases: Bools  # [programs, bases] whether the base holds it; the last two places stand for no base
    in_schedule: Bools  # [rows of the schedule] with a duty measured on it


def asking_for(law: CompiledLaw, name: str) -> Asking:
    return law.memo.once(f"what asks for {name}", lambda: _asking_of(law, name))


def _asking_of(law: CompiledLaw, name: str) -> Asking:
    names = _related(law, name)
    tests = [number for number, test in enumerate(law.tests) if test.fact in names]
    rules = (
        np.bitwise_or.reduce(law.test_masks[tests], axis=0, initial=np.uint64(0))
        if tests
        else np.zeros(law.words, np.uint64)
    )
    bases = np.zeros((len(law.programs), max(len(program.bases) for program in law.programs) + 2), bool)
    for number, program in enumerate(law.programs):
        bases[number, : len(program.bases)] = [
            any(amount.name in names for _, _, amount in base.amounts) for base in program.bases
        ]
        if bases[number].any() or any(set(base.conditions) & set(tests) for base in program.bases):
            rules[program.words] = ~np.uint64(0)
    amounts = (exact.amounts() if exact else () for exact in law.duties.exact)
    duties = [
        any(each.kind in (MONEY_FACT, NUMBER_FACT) and each.name in names for each in every)
        for every in amounts
    ]
    measured = np.array([*duties, False], bool)  # the last place stands for -1
    by_amount: Bools = np.append(measured[law.rule_duty], False)
    for bit in np.flatnonzero(by_amount).tolist():
        rules[bit // 64] |= np.uint64(1) << np.uint64(bit % 64)
    special = np.any(measured[law.segments.special_duties], axis=1)[law.segments.special]
    in_schedule: Bools = measured[law.segments.general] | special | measured[law.segments.column2]
    truth = np.unpackbits(rules.astype("<u8").view(np.uint8), bitorder="little")[: len(law.rules)]
    bits = [bit for bit in np.flatnonzero(truth).tolist() if law.rules[bit] is not None]
    return Asking(name, names, rules, bits, by_amount, bases, in_schedule)


def _related(law: CompiledLaw, name: str) -> set[str]:
    """The claim or fact and every fact that is worked out from it."""
    names = {name, PREFERENCE} if name in law.spis else {name}
    while True:
        more = {
            each
            for each, fact in law.facts.items()
            if names
            & {part.removeprefix("fact ") for part in (*(fact.share_of or ()), *(fact.product_of or ()))}
            or any(part.fact in names for part in fact.sum_of)
            or any(
                known.where.fact in names or (known.spi >= 0 and law.spis[known.spi] in names)
                for known in fact.known_from
            )
        }
        if more <= names:
            return names
        names |= more
