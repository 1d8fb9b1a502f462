"""The compiled law: rules as bits, and for every class of every axis the bits of the rules it admits.

A *rule* is one spell of one measure over one state of its product list and area.  All rules stand on one long
row of bits; each program owns a run of whole 64-bit words, and inside the run the rule that takes precedence
stands first.  The rule that applies to a line is then the first bit left after AND-ing the masks of the
line's classes and conditions: no rule is ever visited.

Two rows are kept: *definite* (the rule surely applies) and *possible* (it applies, or a missing fact
decides).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import CodeAxis, Ints
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.divided_line import DividedLine
from tariffcalc.compiled.duties import NONE_DUE, PLAIN, DutyTable
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.limits import LimitTable
from tariffcalc.compiled.memo import Memo
from tariffcalc.compiled.programs import ProgramInfo, Rule, StackingRule
from tariffcalc.compiled.segments import Segments
from tariffcalc.compiled.valuation import ValuationTable
from tariffcalc.stored.frozen import NOT_STORED, Frozen

LAW_DAY, ENTRY_DAY, LOADED, EXPORTED = range(4)
DAY_AXES = ("law_day", "entered", "loaded", "exported")


@dataclass(frozen=True, repr=False)
class CompiledLaw(Frozen):
    """One rulebook as arrays; frozen and shared by every estimate (safe to use from threads)."""

    territory: str
    title: str
    schedule_name: str  # what importers call the schedule
    currency: str
    minor_units: int
    round_to: int  # amounts are multiples of this many minor units
    column_1: int
    schedule_axis: int  # the kind of day on which the schedule is read: that which dates column 1
    held: tuple[int, int]
    statistical_lines_held_before: int
    known_on: int
    changes: tuple[str, ...]  # titles of the scenarios that amend it
    changes_in_words: tuple[str, ...]
    filing_order: tuple[str, ...]
    programs: tuple[ProgramInfo, ...]
    rules: tuple[Rule | None, ...]  # by bit
    rule_duty: Ints  # by bit
    rule_scheduled: NDArray[np.int8]  # by bit: 0 own duty, 1 general, 2 special, 3 column2
    rule_spi: Ints  # by bit: the special program whose rate it is, -1 that of the claim
    duties: DutyTable
    codes: CodeAxis
    code_index: dict[str, int]
    product_class: Ints
    product_definite: Bitset
    product_possible: Bitset
    divided: dict[int, DividedLine]  # by product class
    origins: tuple[str, ...]
    origin_names: dict[str, tuple[str, ...]]
    groups: frozenset[str]  # names of groups of origins, folded
    # names of parts of the customs territory itself, folded, and why nothing is imported from there
    inside: dict[str, str]
    origin_class: Ints
    origin_mask: Bitset
    day_cuts: tuple[Ints, ...]
    day_masks: tuple[Bitset, ...]
    tests: tuple[Test, ...]
    test_masks: Bitset  # [tests, words] the rules that require the test
    stacking_rules: tuple[StackingRule, ...]
    segments: Segments
    spis: tuple[str, ...]
    spi_cuts: Ints
    spi_allowed: NDArray[np.bool_]  # [special programs + 1, origins, classes]
    # special program, [codes] goods that claim it under lines of their own, those lines
    spi_under: tuple[tuple[int, NDArray[np.bool_], str], ...]
    facts: dict[str, FactInfo]
    acts: dict[str, tuple[str, str, str]]  # title, citation, tag
    valuation: ValuationTable
    limits: LimitTable
    renumbered: tuple[tuple[str, str, int], ...] = ()  # old number, new number, the day [moment]
    # names of agreements, with the special program that each is
    spi_names: dict[str, str] = field(default_factory=dict)
    program_index: dict[str, int] = field(default_factory=dict)
    certain_only: bool = False  # whether what rests on a text in doubt is unknown
    memo: Memo = field(init=False, compare=False, default_factory=Memo, metadata=NOT_STORED)

    def __repr__(self) -> str:
        return f"<CompiledLaw of {self.title}: {len(self.programs)} programs, {len(self.rules):,} rules>"

    @cached_property
    def program_of_word(self) -> Ints:
        """The program whose rules each word holds."""
        return np.repeat(
            np.arange(len(self.programs)),
            [program.words.stop - program.words.start for program in self.programs],
        )

    @cached_property
    def regimes(self) -> dict[str, str]:
        """The claims that are named by the number of the provision they are made under, by the digits of that
        number."""
        names = (name for name, fact in self.facts.items() if fact.claim and name.replace(".", "").isdigit())
        return {name.replace(".", ""): name for name in names}

    @cached_property
    def tests_of_rule(self) -> list[list[int]]:
        """The conditions that each rule requires, by bit."""
        required: list[list[int]] = [[] for _ in self.rules]
        bytes_of_masks = np.ascontiguousarray(self.test_masks).astype("<u8").view(np.uint8)
        truth = np.unpackbits(bytes_of_masks, axis=1, bitorder="little")[:, : len(required)]
        for number, bit in zip(*(each.tolist() for each in np.nonzero(truth)), strict=True):
            required[bit].append(number)
        return required

    def rules_naming(self, program: int, code: int) -> list[int]:
        """The rules of a program, on whatever day, that single out the goods of a code [bits]: they cover it,
        and do not cover all goods."""
        words = self.programs[program].words
        everything = np.bitwise_and.reduce(self.product_definite[:, words], axis=0)
        named = self.product_possible[self.product_class[code], words] & ~everything
        bits = np.flatnonzero(np.unpackbits(named.astype("<u8").view(np.uint8), bitorder="little"))
        return [words.start * 64 + bit for bit in bits.tolist()]

    @cached_property
    def _rules_of_fact(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for bit, numbers in enumerate(self.tests_of_rule):
            for name in {self.tests[number].fact for number in numbers}:
                found.setdefault(name, []).append(bit)
        return found

    def rules_asking(self, fact: str) -> list[int]:
        """The rules that require a condition on a fact, by bit."""
        return self._rules_of_fact.get(fact, [])

    @cached_property
    def local_tests(self) -> frozenset[int]:
        """The conditions on a share that no base asks: they concern only lines whose product a rule with such
        a condition covers."""
        of_bases = {test for program in self.programs for base in program.bases for test in base.conditions}
        shares = {name for name, fact in self.facts.items() if fact.share_of is not None}
        return frozenset(
            number for number, test in enumerate(self.tests) if test.fact in shares and number not in of_bases
        )

    @cached_property
    def answers_undeclared(self) -> dict[int, int]:
        """The answer to each condition where nothing is declared and no line is concerned by a local one."""
        local = dict.fromkeys(sorted(self.local_tests), 0)
        return local | {
            number: test.undeclared
            for number, test in enumerate(self.tests)
            if test.undeclared is not None and number not in local
        }

    @cached_property
    def tests_of_fact(self) -> dict[str, tuple[int, ...]]:
        """The conditions on each fact that have an answer where it is not declared."""
        found: dict[str, tuple[int, ...]] = {}
        for number in sorted(self.answers_undeclared.keys() - self.local_tests):
            found[self.tests[number].fact] = (*found.get(self.tests[number].fact, ()), number)
        return found

    @cached_property
    def facts_of_codes(self) -> tuple[tuple[str, NDArray[Any]], ...]:
        """The facts that some commodity codes answer by themselves, with the answer of each code
        (-1: none)."""
        implied = [
            (name, fact.implied.astype(np.int8) * 2 - 1)
            for name, fact in self.facts.items()
            if fact.implied is not None
        ]
        return (*implied, *((name, fact.read) for name, fact in self.facts.items() if fact.read is not None))

    @cached_property
    def bounded_facts(self) -> tuple[str, ...]:
        """The facts whose declarations have a bound."""
        return tuple(name for name, fact in self.facts.items() if fact.bounds)

    @cached_property
    def known_facts(self) -> tuple[str, ...]:
        """The facts that other declarations may settle."""
        return tuple(
            name
            for name, fact in self.facts.items()
            if fact.known_from or fact.sum_of or fact.value_of_one or fact.sum_of_lines
        )

    @cached_property
    def code_sets_of_facts(self) -> tuple[NDArray[Any], ...]:
        """By code, all on which it depends what is known of a fact: what the code answers, and whether a part
        counts for it."""
        answers = [answers for _, answers in self.facts_of_codes]
        parts = [
            codes
            for fact in self.facts.values()
            for part in fact.sum_of
            for codes in (*part.surely, *part.perhaps)
        ]
        goods = [fact.value_of_one.goods for fact in self.facts.values() if fact.value_of_one]
        return (*answers, *parts, *goods)

    @cached_property
    def tests_always_asked(self) -> tuple[int, ...]:
        """The conditions whose answer takes more than to know that nothing is declared."""
        return tuple(number for number in range(len(self.tests)) if number not in self.answers_undeclared)

    @cached_property
    def local_together(self) -> tuple[tuple[int, ...], ...]:
        """The local conditions, those on one share together."""
        together: dict[str, tuple[int, ...]] = {}
        for number in sorted(self.local_tests):
            together[self.tests[number].fact] = (*together.get(self.tests[number].fact, ()), number)
        return tuple(together.values())

    @cached_property
    def products_of_local(self) -> dict[int, NDArray[np.bool_]]:
        """For each local condition the product classes it concerns."""
        return {
            number: np.asarray((self.product_possible & self.test_masks[number]).any(axis=1))
            for number in sorted(self.local_tests)
        }

    @cached_property
    def local_products(self) -> NDArray[np.bool_]:
        """The product classes that some local condition concerns."""
        return np.asarray(
            np.logical_or.reduce(
                [np.zeros(len(self.product_possible), bool), *self.products_of_local.values()]
            )
        )

    @cached_property
    def general_rate(self) -> Ints:
        """What the general column of each row of the schedule charges [millionths of the value]; -1 where it
        is no such rate."""
        general = self.segments.general
        kind = self.duties.kind[general]
        return np.where(
            (general >= 0) & (kind == PLAIN),
            self.duties.ppm[general],
            np.where((general >= 0) & (kind == NONE_DUE), 0, -1),
        )

    @cached_property
    def highest_rate(self) -> int:
        """The highest rate of a duty that is a percentage [millionths]."""
        return int(self.duties.ppm.max(initial=0))

    @property
    def words(self) -> int:
        """The width of the row of rules [64-bit words]."""
        return int(self.product_definite.shape[1])
