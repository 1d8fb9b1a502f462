"""Part of what turns the law into arrays: conditions on facts by number, each checked against the
registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from tariffcalc.compiled.answers import assumed_answer, turned_answers
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import LAW_DAY
from tariffcalc.errors import SeedError
from tariffcalc.law.condition import PREFERENCE, Condition
from tariffcalc.law.fact import Fact
from tariffcalc.law.near import meant

_SHOWN = 12  # choices of a fact; origins are two hundred


class TestNumbers:
    """Gives every distinct condition a number."""

    def __init__(self, facts: dict[str, Fact], spis: Sequence[str]) -> None:
        self._facts, self._spis = facts, spis
        self._numbers: dict[tuple[str, int], int] = {}
        self.tests: list[Test] = []

    def number(self, condition: Condition, axis: int) -> int:
        """The number of a condition of a program dated by a kind of day; raises SeedError for a fact or claim
        nobody registered."""
        if not self._is_of_preference(condition):
            axis = LAW_DAY  # the day does not matter to it
        key = condition.text, axis
        if key not in self._numbers:
            test = self.test(condition, axis)
            self._numbers[key] = len(self.tests)
            self.tests.append(test)
        return self._numbers[key]

    def test(self, condition: Condition, axis: int = LAW_DAY) -> Test:
        """A condition as the engine asks it, without a number; raises SeedError for a fact or claim nobody
        registered."""
        self._check(condition)
        fact = self._facts.get(condition.fact)
        number = (
            Fraction(*condition.number.as_integer_ratio()) if condition.number is not None else Fraction(0)
        )
        choices = tuple(fact.choices.index(choice) for choice in condition.choices) if fact else ()
        parts = (number.numerator, number.denominator)
        flags = condition.negated, condition.if_declared
        return Test(
            condition.text, condition.fact, condition.operator, parts, choices, *flags, axis, undeclared=None
        )

    def _is_of_preference(self, condition: Condition) -> bool:
        return condition.fact == PREFERENCE or (
            condition.operator in ("claim", "asserted") and condition.fact in self._spis
        )

    def _check(self, condition: Condition) -> None:
        if self._is_of_preference(condition):
            return
        fact = self._facts.get(condition.fact)
        if fact is None:
            raise SeedError(
                f"condition {condition.text!r}: {condition.fact!r} is neither a registered fact nor a special"
                f" program{meant(condition.fact, self._known(condition))}"
            )
        fits = {"true": ("flag",), "claim": ("flag",), "in": ("choice",)}.get(
            condition.operator, ("money", "number", "share")
        )
        if fact.type not in fits:
            raise SeedError(f"condition {condition.text!r}: {condition.fact} is a {fact.type}")
        for choice in condition.choices:
            if choice not in fact.choices:
                raise SeedError(
                    f"condition {condition.text!r}: {choice!r} is not one of"
                    f" {_some(fact.choices)}{meant(choice, fact.choices)}"
                )

    def _known(self, condition: Condition) -> list[str]:
        """The names that the condition could ask for."""
        claims = [*self._spis, *(fact.fact for fact in self._facts.values() if fact.claim)]
        return claims if condition.operator in ("claim", "asserted") else [*self._facts, PREFERENCE]


def _some(choices: Sequence[str]) -> str:
    more = f" and {len(choices) - _SHOWN} more" if len(choices) > _SHOWN else ""
    return ", ".join(choices[:_SHOWN]) + more


def with_answers(tests: Iterable[Test], facts: dict[str, FactInfo], spis: Sequence[str]) -> Iterator[Test]:
    """The tests with the answer each has where its fact is not declared."""
    for test in tests:
        fact = facts.get(test.fact)
        if fact is None or test.fact in spis or fact.share_of is not None or fact.whole_value:
            yield test
        else:
            yield test._replace(undeclared=turned_answers(test)[assumed_answer(test, fact)])
