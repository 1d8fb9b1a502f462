"""Assumptions that set a number: facts that are not declared, and without whose assumed value another measure
could apply.

What the law gives only to those who assert it is no assumption where nobody asserts it; a fact says so
(``asserted``), and claims are of that kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.answers import FALSE, TRUE
from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.bitset import Bitset, lowest_bit
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.patterns.classify import Patterns

_NOTHING = -2  # in place of a rule: the fact is not assumed


class Presumption(NamedTuple):
    """A fact assumed for a program, and the rule that could apply if it were declared otherwise (-1: the rule
    that applies would not)."""

    program: int
    fact: str
    instead: int


class Presumed:
    """The assumptions of patterns, as sets that have numbers."""

    def __init__(self, law: CompiledLaw) -> None:
        self._law = law
        self.sets: list[tuple[Presumption, ...]] = []
        self._numbers: dict[tuple[Presumption, ...], int] = {}
        self._found: dict[bytes, int] = {}  # the number of a set by its rules in all columns
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

    def of(self, patterns: Patterns, rule: Small, stacked_out: Small) -> Small:
        """The number of the assumptions of each pattern, -1 for none; ``rule`` and ``stacked_out`` [patterns,
        programs] are what was found of it."""
        columns: list[tuple[int, str, Small]] = []
        for name in self._tests:
            columns += (
                (program, name, column)
                for program, column in self._of_fact(name, patterns, rule, stacked_out)
            )
        numbers = np.full(len(patterns), -1, np.int32)
        if columns:
            instead = np.stack([column for _, _, column in columns], axis=1)
            some = np.flatnonzero((instead != _NOTHING).any(axis=1))
            for place, row in zip(some.tolist(), np.ascontiguousarray(instead[some]), strict=True):
                key = row.tobytes()
                if key not in self._found:
                    found = (
                        Presumption(program, name, int(bit))
                        for (program, name, _), bit in zip(columns, row, strict=True)
                        if bit != _NOTHING
                    )
                    self._found[key] = self._number(tuple(sorted(found)))
                numbers[place] = self._found[key]
        return numbers

    def _number(self, together: tuple[Presumption, ...]) -> int:
        number = self._numbers.setdefault(together, len(self.sets))
        if number == len(self.sets):
            self.sets.append(together)
        return number

    def _of_fact(
        self, name: str, patterns: Patterns, rule: Small, stacked_out: Small
    ) -> Iterator[tuple[int, Small]]:
        """Per program that asks for a fact, the rule that could apply instead [patterns]; ``_NOTHING`` where
        the fact is not assumed."""
        law, words = self._law, self._words[name]
        programs = np.unique(law.program_of_word[words])
        columns = np.full((len(programs), len(patterns)), _NOTHING, np.int32)
        some = np.flatnonzero(self._products[name][patterns.product])
        if len(some):
            here = patterns.take(some)
            granted, denied = self._answered(name, patterns)
            live = law.origin_mask[:, words][here.origin] & law.product_possible[:, words][here.product]
            for masks, classes in zip(law.day_masks, here.days, strict=True):
                live &= masks[:, words][classes]
            speaking, charged = rule[some], stacked_out[some] < 0
            for row, number in enumerate(programs.tolist()):
                of_program = speaking[:, number]
                column = np.searchsorted(words, np.maximum(of_program, 0) // 64)
                asks = np.flatnonzero(
                    (of_program >= 0)
                    & charged[:, number]
                    & (words[np.minimum(column, len(words) - 1)] == of_program // 64)
                )
                met = (
                    granted[here.answer_number[asks], column[asks]]
                    >> (of_program[asks] % 64).astype(np.uint64)
                ) & np.uint64(1)
                columns[row, some[asks[met == 1]]] = -1
            refused = live & denied[here.answer_number]
            place, word = np.nonzero(refused)
            bits = words[word] * 64 + lowest_bit(refused[place, word])
            program = law.program_of_word[words[word]]
            before = np.flatnonzero(
                ((speaking[place, program] < 0) | (bits < speaking[place, program])) & charged[place, program]
            )[::-1]
            # of several the first, which is written last
            columns[np.searchsorted(programs, program[before]), some[place[before]]] = bits[before]
        yield from zip(programs.tolist(), columns, strict=True)

    def _answered(self, name: str, patterns: Patterns) -> tuple[Bitset, Bitset]:
        """Of each row of answers the rules that the assumed value meets, and those that it alone refuses
        [rows, words of the fact]."""
        tests, masks = self._tests[name], self._law.test_masks[:, self._words[name]]
        granted, denied = np.zeros((2, len(patterns.answers), masks.shape[1]), np.uint64)
        for number in np.unique(patterns.answer_number).tolist():
            answers = patterns.answers[number]
            refused = answers == FALSE
            denied[number] = np.bitwise_or.reduce(masks[tests[refused[tests]]], axis=0, initial=np.uint64(0))
            granted[number] = np.bitwise_or.reduce(
                masks[tests[answers[tests] == TRUE]], axis=0, initial=np.uint64(0)
            )
            refused[tests] = False
            denied[number] &= ~np.bitwise_or.reduce(masks[refused], axis=0, initial=np.uint64(0))
        return granted, denied
