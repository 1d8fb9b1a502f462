"""What was assumed of facts that are not declared, in words, and of which lines.

An assumption is noted where another declaration is possible and could change the amount.  Where a bound of
the fact allows no other declaration, the law leaves no choice, and nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.reasons import shown_rule
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.duties import MONEY_FACT
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration.alternatives import cannot_be, values_otherwise
from tariffcalc.declaration.wording import acts_shown, fact_shown
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.outcomes.presumed import Presumption
from tariffcalc.engine.patterns.conditions import rest_of_value


class Concerned(NamedTuple):
    """The lines about which something is assumed."""

    lines: NDArray[np.bool_] | None  # None: all
    counts: NDArray[np.int64]  # [outcomes] how many of them have each outcome


class Assumption(NamedTuple):
    """A measure that applies, or does not, because a fact is not declared otherwise, or is charged on a
    content taken for the whole value, or turns on a fact that was read from the words of the code.

    It is about lines that do not declare the fact and on which the law allows another declaration; ``among``
    are those lines, whatever their outcome.
    """

    message: str
    supply: str
    fact: str
    outcomes: NDArray[np.bool_]  # that rest on it
    among: Concerned
    # whether the fact is what other contents, which the lines declare, leave of the value
    with_others: bool = False

    @property
    def line_count(self) -> int:
        """The number of lines."""
        return int(self.among.counts[self.outcomes].sum())

    def lines(self, ledger: Ledger) -> NDArray[np.int64]:
        """The lines, in order."""
        return self._concerned(ledger.outcome_totals.lines_of(self.outcomes))

    def first_lines(self, ledger: Ledger, most: int) -> NDArray[np.int64]:
        """The first of the lines, in order."""
        return ledger.outcome_totals.first_lines(self.outcomes, most, self._concerned)

    def _concerned(self, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        return lines if self.among.lines is None else lines[self.among.lines[lines]]

    def shown(self, law: CompiledLaw, ledger: Ledger) -> str:
        """The message, with the amounts that were taken where they are what the other contents leave."""
        if not self.with_others:
            return self.message
        taken = rest_of_value(law.facts[self.fact], ledger.lines)[self.lines(ledger)] / law.minor_units
        amounts = (
            f"{taken[0]:,.2f}"
            if len(np.unique(taken)) == 1
            else f"{taken.min():,.2f} to {taken.max():,.2f}, {taken.sum():,.2f} in all"
        )
        return f"{self.message}: {amounts}"


class _Lines:
    """The lines about which a fact can be assumed; looked for once, since many measures turn on one fact."""

    def __init__(self, law: CompiledLaw, ledger: Ledger) -> None:
        self._law, self._ledger = law, ledger
        self._found: dict[tuple[object, ...], Concerned] = {}
        self._settled: dict[tuple[object, ...], NDArray[np.bool_] | None] = {}

    def of(
        self,
        fact: FactInfo,
        otherwise: tuple[int, ...],
        with_others: bool | None = None,
        reading: int | None = None,
    ) -> Concerned:
        """The lines that do not declare a fact and on which it can be one of the other values (see
        ``cannot_be``).

        ``with_others``: only those that declare another content that shares the value with the fact (False:
        only the others).  ``reading``: only those of whose code the fact was read in this way.
        """
        key = fact.name, otherwise, with_others, reading
        if key not in self._found:
            conditions = list(self._conditions(fact, otherwise, with_others, reading))
            lines = np.logical_and.reduce(conditions) if conditions else None
            self._found[key] = Concerned(lines, self._ledger.outcome_totals.counts_among(lines))
        return self._found[key]

    def _conditions(
        self, fact: FactInfo, otherwise: tuple[int, ...], with_others: bool | None, reading: int | None
    ) -> Iterator[NDArray[np.bool_]]:
        lines = self._ledger.lines
        if fact.name in lines.facts:
            yield ~self._declare(fact.name)
        others = [self._declare(name) for name in fact.rest_of if name in lines.facts]
        if with_others is not None and (others or with_others):
            yield np.logical_or.reduce([np.zeros(len(lines), bool), *others]) == with_others
        if reading is not None and fact.reading is not None:
            yield (fact.reading == reading)[lines.code]
        settled = self._cannot_be(fact, otherwise)
        if settled is not None:
            yield ~settled

    def _declare(self, name: str) -> NDArray[np.bool_]:
        declared = self._ledger.lines.facts[name].declared
        return np.ones(len(self._ledger), bool) if declared is None else declared

    def _cannot_be(self, fact: FactInfo, otherwise: tuple[int, ...]) -> NDArray[np.bool_] | None:
        key = fact.name, otherwise
        if key not in self._settled:
            self._settled[key] = cannot_be(self._law, self._ledger.lines, fact, otherwise)
        return self._settled[key]


def assumptions(law: CompiledLaw, ledger: Ledger) -> Iterator[Assumption]:
    """What was assumed of facts that some lines do not declare; not of lines on which the law allows no other
    declaration."""
    return (each for each in _assumptions(law, ledger, _Lines(law, ledger)) if each.line_count)


def _assumptions(law: CompiledLaw, ledger: Ledger, lines: _Lines) -> Iterator[Assumption]:
    """What was assumed, also where no line is concerned."""
    for program in filter(ledger.has_postings, range(len(law.programs))):
        title = law.programs[program].title
        for bit, outcomes in ledger.outcome_totals.rules_met(program):
            rule = law.rules[bit]
            assert rule is not None
            for test in (law.tests[number] for number in law.tests_of_rule[bit]):
                if test.if_declared:
                    taken = test.text.removesuffix(" if declared")
                    message = (
                        f"{title}: {test.fact} is not declared; {taken} is assumed, so {shown_rule(rule)}"
                        " applies"
                    )
                    among = lines.of(law.facts[test.fact], values_otherwise(law.facts[test.fact], []))
                    yield Assumption(
                        message, f"set {test.fact} if it is otherwise.", test.fact, outcomes, among
                    )
            for fact in (law.facts[name] for name in _contents(law, bit)):
                by, supply = acts_shown(law, fact.by), f"set {fact.name}."
                otherwise = values_otherwise(fact, [])
                message = (
                    f"{title}: {fact.name} is not declared, so {shown_rule(rule)} is charged on the whole"
                    f" value{by}"
                )
                yield Assumption(
                    message, supply, fact.name, outcomes, lines.of(fact, otherwise, with_others=False)
                )
                if any(other in ledger.lines.facts for other in fact.rest_of):
                    message = (
                        f"{title}: {fact.name} is not declared, so {shown_rule(rule)} is charged on what the"
                        f" other contents leave of the value{by}"
                    )
                    yield Assumption(
                        message,
                        supply,
                        fact.name,
                        outcomes,
                        lines.of(fact, otherwise, with_others=True),
                        with_others=True,
                    )
    for presumption, outcomes in ledger.outcome_totals.presumptions():
        if ledger.has_postings(presumption.program):
            fact = law.facts[presumption.fact]
            tests = (
                [law.tests[number] for number in law.tests_of_rule[presumption.instead]]
                if presumption.instead >= 0
                else []
            )
            tests = [test for test in tests if test.fact == presumption.fact]
            among = lines.of(fact, values_otherwise(fact, tests))
            yield Assumption(
                _presumed(law, presumption, tests),
                f"set {presumption.fact}.",
                presumption.fact,
                outcomes,
                among,
            )
    yield from _readings(law, ledger, lines)


def _readings(law: CompiledLaw, ledger: Ledger, lines: _Lines) -> Iterator[Assumption]:
    """The facts that were read from the words of codes, for the lines on which a program that asks them
    applies."""
    for name, fact in law.facts.items():
        if fact.reading is None:
            continue
        asking = {rule.program for bit in law.rules_asking(name) if (rule := law.rules[bit]) is not None}
        met = [
            outcomes
            for program in sorted(asking)
            if ledger.has_postings(program)
            for _, outcomes in ledger.outcome_totals.rules_met(program)
        ]
        for number, reading in enumerate(fact.readings) if met else ():
            tag = "" if reading.tag == "P" else f" [{reading.tag}]"
            message = (
                f"{name} is not declared; {reading.says} is read from the words of the code,"
                f' "{reading.words}"{tag}'
            )
            supply = f"set {name} if the goods are otherwise."
            among = lines.of(fact, values_otherwise(fact, []), reading=number)
            yield Assumption(message, supply, name, np.logical_or.reduce(met), among)


class AssumedFacts:
    """The facts assumed of lines, as text: ``texts`` by number, which begins with nothing assumed and grows
    as more lines are asked about."""

    def __init__(self) -> None:
        self.texts = [""]
        self._numbers = {"": 0}

    def of(self, ledger: Ledger) -> NDArray[np.int16]:
        """The number of the text of each line."""
        assumed = list(assumptions(ledger.law, ledger))
        names = sorted({each.fact for each in assumed})
        bits = np.zeros(len(ledger), np.int64)
        for each in assumed:
            bits[each.lines(ledger)] |= 1 << names.index(each.fact)
        distinct, of_line = np.unique(bits, return_inverse=True)
        texts = [
            "; ".join(name for place, name in enumerate(names) if word >> place & 1)
            for word in distinct.tolist()
        ]
        for text in texts:
            if text not in self._numbers:
                self._numbers[text] = len(self.texts)
                self.texts.append(text)
        return np.array([self._numbers[text] for text in texts], np.int16)[of_line.reshape(-1)]


def _presumed(law: CompiledLaw, presumption: Presumption, tests: list[Test]) -> str:
    """The words for a fact that is assumed, and what may apply if it is declared otherwise; ``tests`` are the
    conditions on it of that measure."""
    fact = law.facts[presumption.fact]
    rule = law.rules[presumption.instead] if presumption.instead >= 0 else None
    values = values_otherwise(fact, tests)
    if_it_is = (
        f"If it is {fact_shown(law, fact, values[0])}" if len(values) == 1 else "If it is something else"
    )
    otherwise = f"{shown_rule(rule)} may apply" if rule else "another measure, or none, may apply"
    assumed = f"{fact.name} is not declared; {assumed_shown(fact)} is assumed{acts_shown(law, fact.by)}"
    return f"{law.programs[presumption.program].title}: {assumed}. {if_it_is}, {otherwise}"


def assumed_shown(fact: FactInfo) -> str:
    """What the law assumes of a fact, a share in per cent."""
    return (
        f"{fact.assumed / 10_000:g}%"
        if fact.type == "share" and fact.assumed is not None
        else fact.assumed_text
    )


def _contents(law: CompiledLaw, bit: int) -> list[str]:
    """The facts that a rule's duty is charged on and that are the whole value where nobody declares them."""
    exact = law.duties.exact[law.rule_duty[bit]] if law.rule_duty[bit] >= 0 else None
    named = {amount.name for amount in exact.amounts() if amount.kind == MONEY_FACT} if exact else set()
    return sorted(name for name in named if law.facts[name].whole_value)
