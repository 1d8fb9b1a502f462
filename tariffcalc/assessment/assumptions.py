"""What was assumed of facts that are not declared, in words, and of which lines.

An assumption is noted where another declaration is possible and could change the amount.  Where a bound of the fact allows no other declaration, the
law leaves no choice, and nothing is noted.
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


class Assumption(NamedTuple):
    """A measure that applies, or does not, because a fact is not declared otherwise, or is charged on a content taken for the whole value, or turns
    on a fact that was read from the words of the code."""

    message: str
    supply: str
    fact: str
    outcomes: NDArray[np.bool_]  # that rest on it
    others: tuple[str, ...] = ()  # contents that share the value with the fact
    with_others: bool = False  # whether it is about lines that declare one of them, or about lines that declare none
    codes: NDArray[np.bool_] | None = None  # those it was assumed for; None: all
    settled: NDArray[np.bool_] | None = None  # the lines on which the law allows no other declaration; None: there are none

    def lines(self, ledger: Ledger) -> NDArray[np.int64]:
        """The lines for which it was assumed: those that do not declare the fact."""
        return self.among(ledger, ledger.tally.lines_of(self.outcomes))

    def among(self, ledger: Ledger, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of lines that all have one of its outcomes, those for which it was assumed."""
        if self.codes is not None:
            lines = lines[self.codes[ledger.lines.code[lines]]]
        if self.settled is not None:
            lines = lines[~self.settled[lines]]
        lines = lines[~_declare(ledger, self.fact, lines)]
        others = [_declare(ledger, name, lines) for name in self.others if name in ledger.lines.facts]
        return lines[np.logical_or.reduce(others) == self.with_others] if others else lines[:0] if self.with_others else lines

    def count(self, ledger: Ledger) -> int:
        """How many lines those are."""
        some = self.with_others or self.codes is not None or bool(ledger.lines.facts.keys() & {self.fact, *self.others})
        if self.settled is not None and not some:
            return ledger.tally.count_of(self.outcomes) - int(np.count_nonzero(self.outcomes[ledger.outcome] & self.settled))
        return len(self.lines(ledger)) if some else ledger.tally.count_of(self.outcomes)

    def shown(self, law: CompiledLaw, ledger: Ledger) -> str:
        """The message, with the amounts that were taken where they are what the other contents leave."""
        if not self.with_others:
            return self.message
        taken = rest_of_value(law.facts[self.fact], ledger.lines)[self.lines(ledger)] / law.minor_units
        amounts = f"{taken[0]:,.2f}" if len(np.unique(taken)) == 1 else f"{taken.min():,.2f} to {taken.max():,.2f}, {taken.sum():,.2f} in all"
        return f"{self.message}: {amounts}"


def _declare(ledger: Ledger, name: str, lines: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some lines declare a fact."""
    column = ledger.lines.facts.get(name)
    return np.zeros(len(lines), bool) if column is None else np.ones(len(lines), bool) if column.declared is None else column.declared[lines]


def assumptions(law: CompiledLaw, ledger: Ledger) -> Iterator[Assumption]:
    """What was assumed of facts that some lines do not declare; not of lines on which the law allows no other declaration."""
    settled: dict[tuple[str, tuple[int, ...]], NDArray[np.bool_] | None] = {}
    for assumed, tests in _assumptions(law, ledger):
        fact = law.facts[assumed.fact]
        otherwise = fact.name, values_otherwise(fact, tests)
        if otherwise not in settled:
            settled[otherwise] = cannot_be(law, ledger.lines, fact, otherwise[1])
        assumed = assumed._replace(settled=settled[otherwise])
        if assumed.settled is None or assumed.count(ledger):
            yield assumed


def _assumptions(law: CompiledLaw, ledger: Ledger) -> Iterator[tuple[Assumption, list[Test]]]:
    """What was assumed, each with the conditions on the fact that another declaration must meet to make a difference."""
    for program in filter(ledger.speaks, range(len(law.programs))):
        title = law.programs[program].title
        for bit, outcomes in ledger.tally.rules_met(program):
            rule = law.rules[bit]
            assert rule is not None
            for test in (law.tests[number] for number in law.tests_of_rule[bit]):
                if test.if_declared:
                    taken = test.text.removesuffix(" if declared")
                    message = f"{title}: {test.fact} is not declared; {taken} is assumed, so {shown_rule(rule)} applies"
                    yield Assumption(message, f"set {test.fact} if it is otherwise.", test.fact, outcomes), []
            for fact in _contents(law, bit):
                by, others = acts_shown(law, law.facts[fact].by), law.facts[fact].rest_of
                message = f"{title}: {fact} is not declared, so {shown_rule(rule)} is charged on the whole value{by}"
                yield Assumption(message, f"set {fact}.", fact, outcomes, others), []
                if any(other in ledger.lines.facts for other in others):
                    message = f"{title}: {fact} is not declared, so {shown_rule(rule)} is charged on what the other contents leave of the value{by}"
                    yield Assumption(message, f"set {fact}.", fact, outcomes, others, with_others=True), []
    for presumption, outcomes in ledger.tally.presumptions():
        if ledger.speaks(presumption.program):
            tests = [law.tests[number] for number in law.tests_of_rule[presumption.instead]] if presumption.instead >= 0 else []
            tests = [test for test in tests if test.fact == presumption.fact]
            yield Assumption(_presumed(law, presumption, tests), f"set {presumption.fact}.", presumption.fact, outcomes), tests
    yield from ((each, []) for each in _readings(law, ledger))


def _readings(law: CompiledLaw, ledger: Ledger) -> Iterator[Assumption]:
    """The facts that were read from the words of codes, for the lines on which a program that asks them applies."""
    for name, fact in law.facts.items():
        if fact.reading is None:
            continue
        asking = {rule.program for bit in law.rules_asking(name) if (rule := law.rules[bit]) is not None}
        met = [outcomes for program in sorted(asking) if ledger.speaks(program) for _, outcomes in ledger.tally.rules_met(program)]
        if not met:
            continue
        for number, reading in enumerate(fact.readings):
            tag = "" if reading.tag == "P" else f" [{reading.tag}]"
            message = f'{name} is not declared; {reading.says} is read from the words of the code, "{reading.words}"{tag}'
            supply = f"set {name} if the goods are otherwise."
            assumed = Assumption(message, supply, name, np.logical_or.reduce(met), codes=fact.reading == number)
            if assumed.count(ledger):
                yield assumed


class AssumedFacts:
    """The facts assumed of lines, as text: ``texts`` by number, which begins with nothing assumed and grows as more lines are asked about."""

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
        texts = ["; ".join(name for place, name in enumerate(names) if word >> place & 1) for word in distinct.tolist()]
        for text in texts:
            if text not in self._numbers:
                self._numbers[text] = len(self.texts)
                self.texts.append(text)
        return np.array([self._numbers[text] for text in texts], np.int16)[of_line.reshape(-1)]


def _presumed(law: CompiledLaw, presumption: Presumption, tests: list[Test]) -> str:
    """The words for a fact that is assumed, and what may apply if it is declared otherwise; ``tests`` are the conditions on it of that measure."""
    fact = law.facts[presumption.fact]
    rule = law.rules[presumption.instead] if presumption.instead >= 0 else None
    values = values_otherwise(fact, tests)
    if_it_is = f"If it is {fact_shown(law, fact, values[0])}" if len(values) == 1 else "If it is something else"
    otherwise = f"{shown_rule(rule)} may apply" if rule else "another measure, or none, may apply"
    assumed = f"{fact.name} is not declared; {assumed_shown(fact)} is assumed{acts_shown(law, fact.by)}"
    return f"{law.programs[presumption.program].title}: {assumed}. {if_it_is}, {otherwise}"


def assumed_shown(fact: FactInfo) -> str:
    """What the law assumes of a fact, a share in per cent."""
    return f"{fact.assumed / 10_000:g}%" if fact.type == "share" and fact.assumed is not None else fact.assumed_text


def _contents(law: CompiledLaw, bit: int) -> list[str]:
    """The facts that a rule's duty is charged on and that are the whole value where nobody declares them."""
    exact = law.duties.exact[law.rule_duty[bit]] if law.rule_duty[bit] >= 0 else None
    named = {amount.name for amount in exact.amounts() if amount.kind == MONEY_FACT} if exact else set()
    return sorted(name for name in named if law.facts[name].whole_value)
