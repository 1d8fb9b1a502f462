"""The ways in which the conditions on a fact can turn out together, whatever is declared of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.answers import TRUE, UNKNOWN, compared, holds, turned_answers
from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.patterns.classify import Answers


class Ways:
    """The ways of the facts of one law that were asked for so far."""

    def __init__(self, law: CompiledLaw) -> None:
        self.law = law
        self._values: dict[str, tuple[Ints, Answers]] = {}
        self._distinct: dict[tuple[str, bytes], list[int]] = {}

    def of(self, name: str) -> tuple[Ints, Answers]:
        """The conditions on a fact, and the ways in which they can turn out together [ways, conditions]."""
        if name not in self._values:
            tests = [(number, test) for number, test in enumerate(self.law.tests) if test.fact == name]
            fact = self.law.facts[name]
            self._values[name] = (
                np.array([number for number, _ in tests]),
                _turned(fact.type, len(fact.choices), tuple(test for _, test in tests)),
            )
        return self._values[name]

    def distinct(self, name: str, values: Answers, concerned: Bools) -> list[int]:
        """One way of each that the conditions concerned distinguish."""
        key = name, concerned.tobytes()
        if key not in self._distinct:
            self._distinct[key] = [
                *{
                    way.tobytes(): place
                    for place, way in enumerate(np.ascontiguousarray(values[:, concerned]))
                }.values()
            ]
        return self._distinct[key]


@lru_cache(maxsize=1024)  # laws that amend each other ask the same conditions
def _turned(kind: str, choices: int, tests: tuple[Test, ...]) -> Answers:
    """The ways in which some conditions on a fact of a kind can turn out together [ways, conditions]."""
    ways = [
        [turned_answers(test)[int(met(test))] for test in tests] for met in _ways_of(kind, choices, tests)
    ]
    found = np.unique(np.array(ways, np.int8), axis=0)
    found.flags.writeable = False
    return found


def answers_of_code(law: CompiledLaw, answers: NDArray[np.int8], code: int) -> NDArray[np.int8]:
    """The answers with those that a ten-digit code gives: what it implies, and what its words mean where
    nothing is declared."""
    said = answers.copy()
    for number, test in enumerate(law.tests if code >= 0 else ()):
        fact = law.facts.get(test.fact)
        if fact is None:
            continue
        if fact.implied is not None and fact.implied[code]:
            said[number] = turned_answers(test)[TRUE]
        elif fact.read is not None and fact.read[code] >= 0 and said[number] == UNKNOWN:
            said[number] = turned_answers(test)[int(holds(test, fact, fact.read[code : code + 1])[0])]
    return said


def _ways_of(kind: str, choices: int, tests: tuple[Test, ...]) -> Iterator[Callable[[Test], bool]]:
    """Every value that a fact can take, as far as some conditions distinguish values: whether a condition is
    met by it, before negation."""
    if kind == "flag":
        yield from (lambda test, value=value: value for value in (False, True))
    elif kind == "choice":
        yield from (lambda test, value=value: value in test.choices for value in range(choices))
    else:
        edges = sorted({Fraction(*test.number) for test in tests})
        between = [(low + high) / 2 for low, high in pairwise(edges)]
        below = [edges[0] / 2] if edges[0] > 0 else []
        yield from (
            lambda test, value=value: compared(test, value)
            for value in (*below, *edges, *between, edges[-1] + 1)
        )
