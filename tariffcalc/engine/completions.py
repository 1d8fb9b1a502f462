"""What may become of a pattern in which facts that are not declared decide: every outcome that some declaration leads to.

A pattern is *undecided* where a measure applies only under a fact that is not declared, or only to some of the ten-digit lines under the code.
It is completed question by question: a fact takes, one after another, a value for each way in which the conditions at stake can turn out, until
every duty is decided.  The questions form a graph: a *node* is either a question with a node for each answer, or an outcome.  Nodes that no rule
distinguishes are one, so that a law has a few thousand of them, however many patterns it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Bools, Ints
from tariffcalc.engine.classify import Answers, Patterns
from tariffcalc.engine.conditions import FALSE, TRUE, UNKNOWN, compared, holds, turned_answers
from tariffcalc.engine.fact_table import FactInfo
from tariffcalc.engine.rule_table import CompiledLaw, Test, Words
from tariffcalc.engine.select import Selected, select
from tariffcalc.engine.stack import Stacked, stack

TEN_DIGITS = ""  # asked in place of a fact: the last two digits of the code
_MOST_NODES = 1 << 20

Store = Callable[[Selected, Stacked, Ints], Ints]


class Question(NamedTuple):
    """A fact that is not declared (or ``TEN_DIGITS``), and the node that each of its answers leads to."""

    asks: str
    answers: tuple[int, ...]


class Completions:
    """The questions asked under one law so far; not for two threads at once.

    ``store`` keeps the outcomes of some decided patterns and answers with their numbers.
    """

    def __init__(self, law: CompiledLaw, store: Store) -> None:
        self.law = law
        self._store = store
        self._nodes: list[Question | int] = []  # an outcome by its number
        self._numbers: dict[bytes, int] = {}
        self._outcomes: dict[int, frozenset[int]] = {}
        self._values: dict[str, tuple[Ints, Answers]] = {}
        self._ways: dict[tuple[str, bytes], list[int]] = {}
        self._concerned: dict[bytes, tuple[Ints, Ints]] = {}
        self._duties = np.array([number for number, program in enumerate(law.programs) if program.kind == "duty"], np.int64)
        self._bases_of_programs = np.zeros((len(law.programs), len(law.tests)), bool)
        for number, program in enumerate(law.programs):
            self._bases_of_programs[number, [test for base in program.bases for test in base.conditions]] = True
        self._of_bases: Bools = np.any(self._bases_of_programs, axis=0)
        self._entries = np.array([(entry.program, entry.to) for entry in law.yieldings], np.int64).reshape(-1, 2)

    def of(self, patterns: Patterns) -> Ints:
        """The node of each of some patterns."""
        roots, fresh = self._number(patterns)
        while len(fresh):
            patterns = patterns.take(fresh)
            selected = select(self.law, patterns)
            stacked = stack(self.law, patterns, selected)
            numbers = len(self._nodes) - len(fresh) + np.arange(len(fresh))
            questions = [self._question(patterns, selected, stacked, place) for place in range(len(patterns))]
            decided = np.array([place for place, asks in enumerate(questions) if asks is None], np.int64)
            for place, outcome in zip(decided.tolist(), self._store(selected, stacked, decided).tolist(), strict=True):
                self._nodes[numbers[place]] = outcome
            parts = [(place, asks, self._answered(patterns, place, asks)) for place, asks in enumerate(questions) if asks is not None]
            if not parts:
                break
            patterns = _joined(self.law, [part for _, _, part in parts])
            below, fresh = self._number(patterns)
            for place, asks, part in parts:
                self._nodes[numbers[place]] = Question(asks, tuple(dict.fromkeys(below[: len(part)].tolist())))
                below = below[len(part) :]
        return roots

    @property
    def full(self) -> bool:
        """Whether a new run should start afresh."""
        return len(self._nodes) > _MOST_NODES

    def outcomes(self, node: int) -> frozenset[int]:
        """The outcomes that a node leads to."""
        if node not in self._outcomes:
            found = self._nodes[node]
            self._outcomes[node] = (
                frozenset().union(*(self.outcomes(each) for each in found.answers)) if isinstance(found, Question) else frozenset((found,))
            )
        return self._outcomes[node]

    def deciding(self, node: int, charge: Ints, outcomes: Ints) -> tuple[str, ...]:
        """The facts of which the answers make a difference to what is charged under the outcomes that a node leads to."""
        charged = dict(zip(outcomes.tolist(), charge.tolist(), strict=True))
        found: dict[str, None] = {}
        met: set[int] = set()

        def visit(number: int) -> None:
            question = self._nodes[number]
            if number in met or not isinstance(question, Question):
                return
            met.add(number)
            if len({frozenset(charged[outcome] for outcome in self.outcomes(each)) for each in question.answers}) > 1:
                found.setdefault(question.asks)
            for each in question.answers:
                visit(each)

        visit(node)
        return tuple(found)

    # --- questions -----------------------------------------------------------------------------------------------------------------

    def _question(self, patterns: Patterns, selected: Selected, stacked: Stacked, place: int) -> str | None:
        """The fact to ask of an undecided pattern next; None where every duty is decided, or no declaration would decide it."""
        answers = patterns.answers[patterns.answer_number[place]]
        for number in self._duties.tolist():
            doubt = selected.doubt[place, number]
            if doubt >= 0:
                unknown = [test for test in self.law.tests_of_rule[doubt] if answers[test] == UNKNOWN]
                if unknown:
                    return str(self.law.tests[unknown[0]].fact)
                return TEN_DIGITS if int(patterns.product[place]) in self.law.divided else None
            if selected.rule[place, number] >= 0 and selected.base[place, number] == -1 and stacked.gave_way[place, number] < 0:
                return self._of_base(number, answers)
        return None

    def _of_base(self, program: int, answers: NDArray[np.int8]) -> str | None:
        """The fact that decides what a program is charged on."""
        for base in self.law.programs[program].bases:
            given = answers[list(base.conditions)].tolist()
            if FALSE not in given and UNKNOWN in given:
                return str(self.law.tests[base.conditions[given.index(UNKNOWN)]].fact)
        return None

    def _answered(self, patterns: Patterns, place: int, asks: str) -> Patterns:
        """A pattern once for each answer to a question."""
        law, one = self.law, patterns.take(np.array([place]))
        answers = patterns.answers[patterns.answer_number[place]]
        if asks == TEN_DIGITS:
            day, cuts = int(one.days[law.schedule_axis][0]), law.day_cuts[law.schedule_axis]
            choices = law.divided[int(one.product[0])].choices(int(cuts[day - 1]) if day else int(cuts[0]) - 1)
            rows = np.stack([self._by_code(answers, code) for _, code in choices])
            return _of_rows(law, one, rows, np.array([product for product, _ in choices], np.int64))
        tests, values = self._values_of(asks)
        possible, _ = _at_stake(law, one)
        concerned = np.asarray((law.test_masks[tests] & possible).any(axis=1)) | self._of_bases[tests]
        ways = values[self._distinct(asks, values, concerned)]
        rows = np.tile(answers, (len(ways), 1))
        open_still = answers[tests] == UNKNOWN
        rows[:, tests[open_still]] = ways[:, open_still]
        return _of_rows(law, one, rows, None)

    def _distinct(self, name: str, values: Answers, concerned: Bools) -> list[int]:
        """One way of each that the concerned conditions tell apart."""
        key = name, concerned.tobytes()
        if key not in self._ways:
            self._ways[key] = [*{way.tobytes(): place for place, way in enumerate(np.ascontiguousarray(values[:, concerned]))}.values()]
        return self._ways[key]

    def _by_code(self, answers: NDArray[np.int8], code: int) -> NDArray[np.int8]:
        """The answers with those that a ten-digit code gives: what it implies, and what its words say where nothing is declared."""
        said = answers.copy()
        for number, test in enumerate(self.law.tests if code >= 0 else ()):
            fact = self.law.facts.get(test.fact)
            if fact is None:
                continue
            if fact.implied is not None and fact.implied[code]:
                said[number] = turned_answers(test)[TRUE]
            elif fact.read is not None and fact.read[code] >= 0 and said[number] == UNKNOWN:
                said[number] = turned_answers(test)[int(holds(test, fact, fact.read[code : code + 1])[0])]
        return said

    def _values_of(self, name: str) -> tuple[Ints, Answers]:
        """The conditions on a fact, and the ways in which they can turn out together [ways, conditions]."""
        if name not in self._values:
            tests = [(number, test) for number, test in enumerate(self.law.tests) if test.fact == name]
            fact = self.law.facts[name]
            ways = [[turned_answers(test)[int(met(test))] for _, test in tests] for met in _ways(fact, [test for _, test in tests])]
            self._values[name] = np.array([number for number, _ in tests]), np.unique(np.array(ways, np.int8), axis=0)
        return self._values[name]

    # --- nodes ---------------------------------------------------------------------------------------------------------------------

    def _number(self, patterns: Patterns) -> tuple[Ints, Ints]:
        """The node of each pattern, and the patterns whose nodes are new, in the order of their numbers."""
        law = self.law
        possible, definite = _at_stake(law, patterns)
        in_force = [entry.day_classes[patterns.days[entry.axis]] for entry in law.yieldings]
        stacking = np.stack(in_force, axis=1) if in_force else np.zeros((len(patterns), 0), bool)
        numbers, fresh = np.empty(len(patterns), np.int64), []
        for place in range(len(patterns)):
            stake = possible[place].tobytes()
            if stake not in self._concerned:
                self._concerned[stake] = self._concerned_by(possible[place])
            tests, entries = self._concerned[stake]
            parts = [
                stake,
                definite[place].tobytes(),
                patterns.answers[patterns.answer_number[place], tests].tobytes(),
                stacking[place, entries].tobytes(),
            ]
            product = int(patterns.product[place])
            parts += [b"%d.%d" % (product, patterns.days[law.schedule_axis][place])] if product in law.divided else []
            key = blake2b(b"|".join(parts), digest_size=16).digest()
            number = self._numbers.setdefault(key, len(self._nodes))
            if number == len(self._nodes):
                self._nodes.append(-1)
                fresh.append(place)
            numbers[place] = number
        return numbers, np.array(fresh, np.int64)

    def _concerned_by(self, possible: Words) -> tuple[Ints, Ints]:
        """The conditions and the stacking entries that concern the rules at stake."""
        law = self.law
        programs = np.bincount(law.program_of_word[possible != 0], minlength=len(law.programs)) > 0
        tests = np.asarray((law.test_masks & possible).any(axis=1)) | (self._bases_of_programs & programs[:, None]).any(axis=0)
        met = programs[self._entries]
        return np.flatnonzero(tests), np.flatnonzero(met[:, 0] & met[:, 1])


def _ways(fact: FactInfo, tests: list[Test]) -> Iterator[Callable[[Test], bool]]:
    """Every value that a fact can take, as far as some conditions tell values apart: whether a condition is met by it, before negation."""
    if fact.type == "flag":
        yield from (lambda test, value=value: value for value in (False, True))
    elif fact.type == "choice":
        yield from (lambda test, value=value: value in test.choices for value in range(len(fact.choices)))
    else:
        edges = sorted({Fraction(*test.number) for test in tests})
        between = [(low + high) / 2 for low, high in pairwise(edges)]
        below = [edges[0] / 2] if edges[0] > 0 else []
        yield from (lambda test, value=value: compared(test, value) for value in (*below, *edges, *between, edges[-1] + 1))


def _at_stake(law: CompiledLaw, patterns: Patterns) -> tuple[Words, Words]:
    """The rules that possibly, and surely, apply to each pattern [patterns, words]."""
    live = law.origin_mask[patterns.origin]
    for masks, classes in zip(law.day_masks, patterns.days, strict=True):
        live &= masks[classes]
    possible = live & law.product_possible[patterns.product] & patterns.possibly[patterns.answer_number]
    return possible, possible & law.product_definite[patterns.product] & patterns.surely[patterns.answer_number]


def _of_rows(law: CompiledLaw, one: Patterns, rows: Answers, product: Ints | None) -> Patterns:
    """One pattern with other rows of answers, and perhaps other classes of products."""
    many = one.take(np.zeros(len(rows), np.int64))
    surely, possibly = admitted(law, rows)
    product = many.product if product is None else product
    return replace(many, product=product, answer_number=np.arange(len(rows)), answers=rows, surely=surely, possibly=possibly)


def admitted(law: CompiledLaw, answers: Answers) -> tuple[Words, Words]:
    """The rules that rows of answers to all conditions surely, and possibly, admit [rows, words]."""
    surely = np.empty((len(answers), law.words), np.uint64)
    possibly = np.empty_like(surely)
    for place, row in enumerate(answers):
        surely[place] = ~np.bitwise_or.reduce(law.test_masks[row != TRUE], axis=0, initial=np.uint64(0))
        possibly[place] = ~np.bitwise_or.reduce(law.test_masks[row == FALSE], axis=0, initial=np.uint64(0))
    return surely, possibly


def _joined(law: CompiledLaw, parts: list[Patterns]) -> Patterns:
    """Patterns one after another."""
    starts = np.cumsum([0, *(len(part.answers) for part in parts[:-1])])
    days = tuple(np.concatenate(classes) for classes in zip(*(part.days for part in parts), strict=True))
    numbers = [part.answer_number + start for part, start in zip(parts, starts, strict=True)]
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in ("product", "origin", "answers", "surely", "possibly"))
    product, origin, answers, surely, possibly = columns
    return Patterns(product, origin, days, np.concatenate(numbers), answers, surely, possibly)
