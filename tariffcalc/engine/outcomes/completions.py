"""What may become of a pattern in which facts that are not declared decide: every outcome that some
declaration leads to.

A pattern is *undecided* where a measure applies only under a fact that is not declared, or only to some of
the ten-digit lines under the code. It is completed question by question: a fact takes, one after another, a
value for each way in which the conditions at stake can turn out, until every duty is decided.  The questions
form a graph: a *node* is either a question with a node for each answer, or an outcome.  Nodes that no rule
distinguishes are one, so that a law has a few thousand of them, however many patterns it meets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.answers import FALSE, TRUE, UNKNOWN
from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.outcomes.questions import TEN_DIGITS, Question, Questions
from tariffcalc.engine.outcomes.select import Selected, select
from tariffcalc.engine.outcomes.stack import Stacked, stack
from tariffcalc.engine.outcomes.ways import Ways, answers_of_code
from tariffcalc.engine.patterns.classify import Answers, Patterns

_MOST_NODES = 1 << 20

Store = Callable[[Patterns, Selected, Stacked, Ints], Ints]


class Stakes(NamedTuple):
    """The rules of duties that possibly, and surely, apply to each pattern, as far as no rule before them
    surely does [patterns, words]."""

    possible: Bitset
    definite: Bitset

    def take(self, some: Ints) -> Stakes:
        """Those of some patterns."""
        return Stakes(self.possible[some], self.definite[some])


class Completions:
    """The questions asked under one law so far; not for two threads at once.

    ``store`` keeps the outcomes of some decided patterns and answers with their numbers.
    """

    def __init__(self, law: CompiledLaw, store: Store) -> None:
        self.law = law
        self._store = store
        self.questions = Questions()
        self._nodes: list[Question | int] = []  # as they were met; an outcome by its number
        self._numbers: dict[bytes, int] = {}  # of these nodes
        self._reduced: dict[int, int] = {}  # the node among ``questions`` of a node as it was met
        self._ways = Ways(law)
        self._duties = np.array(
            [number for number, program in enumerate(law.programs) if program.kind == "duty"], np.int64
        )
        # the rules of duties
        self._of_duties = np.where(np.isin(law.program_of_word, self._duties), ~np.uint64(0), np.uint64(0))
        # words that go on with the program of the word before
        self._same_program = np.flatnonzero(np.diff(law.program_of_word) == 0) + 1
        self._bases_of_programs = np.zeros((len(law.programs), len(law.tests)), bool)
        for number, program in enumerate(law.programs):
            self._bases_of_programs[number, [test for base in program.bases for test in base.conditions]] = (
                True
            )
        self._entries = np.array(
            [(entry.program, entry.to) for entry in law.stacking_rules], np.int64
        ).reshape(-1, 2)

    def of(self, patterns: Patterns) -> Ints:
        """The node among ``questions`` of each of some patterns."""
        stakes = self._at_stake(patterns)
        roots, fresh = self._number(patterns, stakes)
        while len(fresh):
            patterns, stakes = patterns.take(fresh), stakes.take(fresh)
            selected = select(self.law, patterns)
            stacked = stack(self.law, patterns, selected)
            numbers = len(self._nodes) - len(fresh) + np.arange(len(fresh))
            questions = [self._question(patterns, selected, stacked, place) for place in range(len(patterns))]
            decided = np.array([place for place, asks in enumerate(questions) if asks is None], np.int64)
            for place, outcome in zip(
                decided.tolist(), self._store(patterns, selected, stacked, decided).tolist(), strict=True
            ):
                self._nodes[numbers[place]] = outcome
            asked = [(place, asks) for place, asks in enumerate(questions) if asks is not None]
            if not asked:
                break
            concerned, _ = self._concerned(stakes)
            answered = [self._answered(patterns, concerned[place], place, asks) for place, asks in asked]
            patterns = self._completed(patterns, [place for place, _ in asked], answered)
            stakes = self._at_stake(patterns)
            below, fresh = self._number(patterns, stakes)
            for (place, asks), (rows, _) in zip(asked, answered, strict=True):
                self._nodes[numbers[place]] = Question(
                    asks, tuple(dict.fromkeys(below[: len(rows)].tolist()))
                )
                below = below[len(rows) :]
        return np.array([self._reduce(root) for root in roots.tolist()], np.int64)

    @property
    def full(self) -> bool:
        """Whether a new run should start afresh."""
        return len(self._nodes) > _MOST_NODES

    def _reduce(self, met: int) -> int:
        """The node among ``questions`` of a node as it was met."""
        if met not in self._reduced:
            node = self._nodes[met]
            if isinstance(node, Question):
                node = Question(node.asks, tuple(self._reduce(each) for each in node.answers))
            self._reduced[met] = self.questions.number(node)
        return self._reduced[met]

    # --- questions
    # --------------------------------------------------------------------------------------------------------

    def _question(self, patterns: Patterns, selected: Selected, stacked: Stacked, place: int) -> str | None:
        """The fact to ask of an undecided pattern next; None where every duty is decided, or no declaration
        would decide it."""
        answers = patterns.answers[patterns.answer_number[place]]
        for number in self._duties.tolist():
            doubt = selected.doubt[place, number]
            if doubt >= 0:
                unknown = [test for test in self.law.tests_of_rule[doubt] if answers[test] == UNKNOWN]
                if unknown:
                    return str(self.law.tests[unknown[0]].fact)
                return TEN_DIGITS if int(patterns.product[place]) in self.law.divided else None
            if (
                selected.rule[place, number] >= 0
                and selected.base[place, number] == -1
                and stacked.stacked_out[place, number] < 0
            ):
                return self._of_base(number, answers)
        return None

    def _of_base(self, program: int, answers: NDArray[np.int8]) -> str | None:
        """The fact that decides what a program is charged on."""
        for base in self.law.programs[program].bases:
            given = answers[list(base.conditions)].tolist()
            if FALSE not in given and UNKNOWN in given:
                return str(self.law.tests[base.conditions[given.index(UNKNOWN)]].fact)
        return None

    def _answered(self, patterns: Patterns, concerned: Bools, place: int, asks: str) -> tuple[Answers, Ints]:
        """A pattern once for each answer to a question: its answers to all conditions [patterns, conditions],
        and its class of products."""
        law = self.law
        answers, product = patterns.answers[patterns.answer_number[place]], int(patterns.product[place])
        if asks == TEN_DIGITS:
            day, cuts = int(patterns.days[law.schedule_axis][place]), law.day_cuts[law.schedule_axis]
            choices = law.divided[product].choices(int(cuts[day - 1]) if day else int(cuts[0]) - 1)
            return np.stack([answers_of_code(law, answers, code) for _, code in choices]), np.array(
                [product for product, _ in choices], np.int64
            )
        tests, values = self._ways.of(asks)
        ways = values[self._ways.distinct(asks, values, concerned[tests])]
        rows = np.tile(answers, (len(ways), 1))
        open_still = answers[tests] == UNKNOWN
        rows[:, tests[open_still]] = ways[:, open_still]
        return rows, np.full(len(rows), product, np.int64)

    def _completed(
        self, patterns: Patterns, places: list[int], answered: list[tuple[Answers, Ints]]
    ) -> Patterns:
        """Some patterns, each once for each answer to its question, one after another."""
        many = patterns.take(np.repeat(places, [len(rows) for rows, _ in answered]))
        every = np.concatenate([rows for rows, _ in answered])
        numbers: dict[bytes, int] = {}
        number = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in every], np.int64)
        answers = every[np.unique(number, return_index=True)[1]]
        surely, possibly = admitted(self.law, answers)
        product = np.concatenate([product for _, product in answered])
        return replace(
            many, product=product, answer_number=number, answers=answers, surely=surely, possibly=possibly
        )

    # --- nodes
    # --------------------------------------------------------------------------------------------------------

    def _number(self, patterns: Patterns, stakes: Stakes) -> tuple[Ints, Ints]:
        """The node of each pattern, and the patterns whose nodes are new, in the order of their numbers."""
        law, (possible, definite) = self.law, stakes
        by_product = np.asarray((possible & ~law.product_definite[patterns.product]).any(axis=1))
        goods = np.where(by_product & np.isin(patterns.product, [*law.divided]), patterns.product, -1)
        day = np.where(goods >= 0, patterns.days[law.schedule_axis], -1)
        tests, entries = self._concerned(stakes)
        answers = np.where(tests, patterns.answers[patterns.answer_number], np.int8(-1))
        in_force = [entry.day_classes[patterns.days[entry.axis]] for entry in law.stacking_rules]
        stacking = entries & np.stack(in_force, axis=1) if in_force else entries
        numbers, fresh = np.empty(len(patterns), np.int64), []
        parts = (possible, definite, answers, stacking, np.stack([goods, day], axis=1))
        columns = np.hstack(
            [np.ascontiguousarray(part).view(np.uint8).reshape(len(patterns), -1) for part in parts]
        )
        for place, column in enumerate(columns):
            number = self._numbers.setdefault(
                blake2b(column.tobytes(), digest_size=16).digest(), len(self._nodes)
            )
            if number == len(self._nodes):
                self._nodes.append(-1)
                fresh.append(place)
            numbers[place] = number
        return numbers, np.array(fresh, np.int64)

    def _at_stake(self, patterns: Patterns) -> Stakes:
        """The rules at stake under each pattern."""
        law = self.law
        live = law.origin_mask[patterns.origin] & self._of_duties
        for masks, classes in zip(law.day_masks, patterns.days, strict=True):
            live &= masks[classes]
        possible = live & law.product_possible[patterns.product] & patterns.possibly[patterns.answer_number]
        definite: Bitset = (
            possible & law.product_definite[patterns.product] & patterns.surely[patterns.answer_number]
        )
        first: Bitset = definite & (~definite + np.uint64(1))
        # the rules up to the first sure one; all where there is none
        open_still: Bitset = first | (first - np.uint64(1))
        for word in self._same_program.tolist():
            open_still[:, word] &= np.where(
                (first[:, word - 1] != 0) | (open_still[:, word - 1] == 0), np.uint64(0), ~np.uint64(0)
            )
        return Stakes(possible & open_still, first & open_still)

    def _concerned(self, stakes: Stakes) -> tuple[Bools, Bools]:
        """The conditions and the stacking entries that concern the rules at stake [patterns, conditions] and
        [patterns, entries]."""
        law, size = self.law, len(stakes.possible)
        open_still, tests = stakes.possible & ~stakes.definite, np.zeros((size, len(law.tests)), bool)
        for word in np.flatnonzero(open_still.any(axis=0)).tolist():
            tests |= (open_still[:, word, None] & law.test_masks[:, word]) != 0
        programs = np.zeros((size, len(law.programs)), bool)
        for word in np.flatnonzero(stakes.possible.any(axis=0)).tolist():
            programs[:, law.program_of_word[word]] |= stakes.possible[:, word] != 0
        for program in np.flatnonzero(programs.any(axis=0)).tolist():
            tests |= programs[:, program, None] & self._bases_of_programs[program]
        return tests, programs[:, self._entries[:, 0]] & programs[:, self._entries[:, 1]]


def admitted(law: CompiledLaw, answers: Answers) -> tuple[Bitset, Bitset]:
    """The rules that rows of answers to all conditions surely, and possibly, admit [rows, words]."""
    surely = np.empty((len(answers), law.words), np.uint64)
    possibly = np.empty_like(surely)
    for place, row in enumerate(answers):
        surely[place] = ~np.bitwise_or.reduce(law.test_masks[row != TRUE], axis=0, initial=np.uint64(0))
        possibly[place] = ~np.bitwise_or.reduce(law.test_masks[row == FALSE], axis=0, initial=np.uint64(0))
    return surely, possibly
