"""Part of the door between law and arrays: conditions by number, each checked against the registry of facts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tariffcalc.engine.rule_table import Test
from tariffcalc.errors import SeedError
from tariffcalc.law.condition import PREFERENCE, Condition
from tariffcalc.law.fact import Fact


class TestNumbers:
    """Gives every distinct condition a number."""

    def __init__(self, facts: dict[str, Fact], spis: Sequence[str]) -> None:
        self._facts, self._spis = facts, spis
        self._numbers: dict[str, int] = {}
        self.tests: list[Test] = []

    def number(self, condition: Condition) -> int:
        """The number of a condition; raises SeedError for a fact or claim nobody registered."""
        if condition.text not in self._numbers:
            self._check(condition)
            fact = self._facts.get(condition.fact)
            number = Fraction(*condition.number.as_integer_ratio()) if condition.number is not None else Fraction(0)
            choices = tuple(fact.choices.index(choice) for choice in condition.choices) if fact else ()
            self._numbers[condition.text] = len(self.tests)
            parts = (number.numerator, number.denominator)
            flags = condition.negated, condition.if_declared
            self.tests.append(Test(condition.text, condition.fact, condition.operator, parts, choices, *flags, undeclared=None))
        return self._numbers[condition.text]

    def _check(self, condition: Condition) -> None:
        if condition.fact == PREFERENCE or (condition.operator == "claim" and condition.fact in self._spis):
            return
        fact = self._facts.get(condition.fact)
        if fact is None:
            raise SeedError(f"condition {condition.text!r}: {condition.fact!r} is neither a registered fact nor a special program")
        fits = {"true": ("flag",), "claim": ("flag",), "in": ("choice",)}.get(condition.operator, ("money", "number", "share"))
        if fact.type not in fits:
            raise SeedError(f"condition {condition.text!r}: {condition.fact} is a {fact.type}")
        for choice in condition.choices:
            if choice not in fact.choices:
                raise SeedError(f"condition {condition.text!r}: {choice!r} is not one of {', '.join(fact.choices)}")
