"""Questions of which the answers decide an outcome: a graph whose *nodes* are either a question, with a node
for each answer, or an outcome.

Equal nodes are one, and a question whose answers all lead to the same node is that node: so a law has a few
hundred of them, however many patterns it meets, and a node says all that may become of a pattern.
"""

from __future__ import annotations

from typing import NamedTuple

from tariffcalc.compiled.axes import Ints

TEN_DIGITS = ""  # asked in place of a fact: the last two digits of the code


class Question(NamedTuple):
    """A fact that is not declared (or ``TEN_DIGITS``), and the node that each of its answers leads to."""

    asks: str
    answers: tuple[int, ...]


class Questions:
    """The nodes under one law so far, by number; an outcome stands in place of a question where nothing is
    left to ask."""

    def __init__(self) -> None:
        self._nodes: list[Question | int] = []
        self._numbers: dict[Question | int, int] = {}
        self._outcomes: dict[int, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, number: int) -> Question | int:
        return self._nodes[number]

    def number(self, node: Question | int) -> int:
        """The number of a node; a question that every answer leaves at one node is that node."""
        if isinstance(node, Question):
            node = Question(node.asks, tuple(dict.fromkeys(node.answers)))
            if len(node.answers) == 1:
                return node.answers[0]
        number = self._numbers.setdefault(node, len(self._nodes))
        if number == len(self._nodes):
            self._nodes.append(node)
        return number

    def outcomes(self, number: int) -> frozenset[int]:
        """The outcomes that a node leads to."""
        if number not in self._outcomes:
            node = self._nodes[number]
            self._outcomes[number] = (
                frozenset().union(*(self.outcomes(each) for each in node.answers))
                if isinstance(node, Question)
                else frozenset((node,))
            )
        return self._outcomes[number]

    def below(self, number: int) -> tuple[int, ...]:
        """The nodes that a node leads to, itself among them: each before those that it leads to."""
        found: dict[int, None] = {}

        def visit(each: int) -> None:
            if each in found:
                return
            node = self._nodes[each]
            for answer in node.answers if isinstance(node, Question) else ():
                visit(answer)
            found[each] = None

        visit(number)
        return tuple(reversed(found))

    def depths(self, number: int) -> dict[int, int]:
        """By node below a node, itself among them, how many questions are asked before it at least."""
        found = {number: 0}
        for each in self.below(number):
            node = self._nodes[each]
            for answer in node.answers if isinstance(node, Question) else ():
                found[answer] = min(found.get(answer, found[each] + 1), found[each] + 1)
        return found

    def deciding(self, number: int, charge: Ints, outcomes: Ints) -> tuple[str, ...]:
        """The facts of which the answers make a difference to what is charged under the outcomes that a node
        leads to."""
        charged = dict(zip(outcomes.tolist(), charge.tolist(), strict=True))
        found: dict[str, None] = {}
        met: set[int] = set()

        def visit(each: int) -> None:
            node = self._nodes[each]
            if each in met or not isinstance(node, Question):
                return
            met.add(each)
            ways = {frozenset(charged[outcome] for outcome in self.outcomes(to)) for to in node.answers}
            if len(ways) > 1:
                found.setdefault(node.asks)
            for to in node.answers:
                visit(to)

        visit(number)
        return tuple(found)
