"""Assumptions that set a number: facts that are not declared, and without whose assumed value another measure could apply.

What the law gives only to those who assert it is no assumption where nobody asserts it; a fact says so (``asserted``), and claims are of that kind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.engine.axes import Bools, Ints, Small
from tariffcalc.engine.classify import Patterns
from tariffcalc.engine.conditions import FALSE, TRUE
from tariffcalc.engine.rule_table import CompiledLaw, Words, lowest_bit


class Presumption(NamedTuple):
    """A fact assumed for a program, and the rule that could apply if it were declared otherwise (-1: the rule that applies would not)."""

    program: int
    fact: str
    instead: int


class Presumed:
    """The assumptions of patterns, as sets that have numbers."""

    def __init__(self, law: CompiledLaw) -> None:
        self._law = law
        self.sets: list[tuple[Presumption, ...]] = []
        self._numbers: dict[tuple[Presumption, ...], int] = {}
        self._tests: dict[str, Ints] = {}
        self._products: dict[str, Bools] = {}
        self._words: dict[str, Ints] = {}  # those with a rule that asks for the fact
        for name, fact in law.facts.items():
            tests = [number for number, test in enumerate(law.tests) if test.fact == name]
            if tests and fact.assumed is not None and not fact.claim and not fact.asserted:
                words = np.bitwise_or.reduce(law.test_masks[tests], axis=0)
                self._tests[name] = np.array(tests)
                self._products[name] = np.asarray((law.product_possible & words).any(axis=1))
                self._words[name] = np.flatnonzero(words)

    def of(self, patterns: Patterns, rule: Small, gave_way: Small) -> Small:
        """The number of the assumptions of each pattern, -1 for none; ``rule`` and ``gave_way`` [patterns, programs] are what was found of it."""
        found: dict[int, list[Presumption]] = {}
        for name in self._tests:
            self._of_fact(name, patterns, rule, gave_way, found)
        numbers = np.full(len(patterns), -1, np.int32)
        for place, each in found.items():
            together = tuple(sorted(each))
            numbers[place] = self._numbers.setdefault(together, len(self.sets))
            if numbers[place] == len(self.sets):
                self.sets.append(together)
        return numbers

    def _of_fact(self, name: str, patterns: Patterns, rule: Small, gave_way: Small, found: dict[int, list[Presumption]]) -> None:
        """Add the assumptions of one fact."""
        law = self._law
        some = np.flatnonzero(self._products[name][patterns.product])
        if not len(some):
            return
        here, words = patterns.take(some), self._words[name]
        granted, denied = self._answered(name, patterns)
        live = law.origin_mask[:, words][here.origin] & law.product_possible[:, words][here.product]
        for masks, classes in zip(law.day_masks, here.days, strict=True):
            live &= masks[:, words][classes]
        refused = live & denied[here.answer_number]
        place, word = np.nonzero(refused)
        bits = words[word] * 64 + lowest_bit(refused[place, word])
        program = law.program_of_word[words[word]]
        speaking = rule[some[place], program]
        before = ((speaking < 0) | (bits < speaking)) & (gave_way[some[place], program] < 0)
        instead: dict[tuple[int, int], int] = {}
        for at, number, first in zip(place[before].tolist(), program[before].tolist(), bits[before].tolist(), strict=True):
            instead.setdefault((at, number), first)
        for number in np.unique(law.program_of_word[words]).tolist():
            speaking = rule[some, number]
            column = np.searchsorted(words, np.maximum(speaking, 0) // 64)
            asks = np.flatnonzero((speaking >= 0) & (gave_way[some, number] < 0) & (words[np.minimum(column, len(words) - 1)] == speaking // 64))
            met = (granted[here.answer_number[asks], column[asks]] >> (speaking[asks] % 64).astype(np.uint64)) & np.uint64(1)
            for at in asks[met == 1].tolist():
                instead.setdefault((at, number), -1)
        for (at, number), bit in instead.items():
            found.setdefault(int(some[at]), []).append(Presumption(number, name, bit))

    def _answered(self, name: str, patterns: Patterns) -> tuple[Words, Words]:
        """Of each row of answers the rules that the assumed value meets, and those that it alone refuses [rows, words of the fact]."""
        tests, masks = self._tests[name], self._law.test_masks[:, self._words[name]]
        granted, denied = np.zeros((2, len(patterns.answers), masks.shape[1]), np.uint64)
        for number in np.unique(patterns.answer_number).tolist():
            answers = patterns.answers[number]
            refused = answers == FALSE
            denied[number] = np.bitwise_or.reduce(masks[tests[refused[tests]]], axis=0, initial=np.uint64(0))
            granted[number] = np.bitwise_or.reduce(masks[tests[answers[tests] == TRUE]], axis=0, initial=np.uint64(0))
            refused[tests] = False
            denied[number] &= ~np.bitwise_or.reduce(masks[refused], axis=0, initial=np.uint64(0))
        return granted, denied
