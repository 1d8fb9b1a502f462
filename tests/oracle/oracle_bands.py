"""The oracle on the least and the most that a duty can come to: every declaration of what decides, and of
every amount that is not declared several values from its least to its most.

An amount is at least nothing, and at most what its bounds leave beside what else is declared; without a bound
two great values show whether the duty rises without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from oracle import Declared, Oracle, oracle_of
from oracle_declarations import TEN_DIGITS, Amounts, Asking, ten_digit_choices, values_of

from tariffcalc.law.fact import Fact
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.units import UNITS

Band = tuple[Decimal, Decimal | None]  # without a most where nothing bounds it
GREAT = (Decimal(10) ** 9, Decimal(2) * Decimal(10) ** 9)
CENT = Decimal("0.01")


class TooMany(Exception):
    """More declarations than can be tried one by one."""


def band_of(book: Rulebook, line: Declared, at_most: int = 4000) -> Band:
    """The least and the most of the duty of a line; raises TooMany beyond a number of declarations."""
    return _Trying(oracle_of(book), at_most).band(line, None, {}, ())


class _Trying:
    def __init__(self, oracle: Oracle, left: int) -> None:
        self.oracle, self.left = oracle, left

    def band(
        self, line: Declared, ten_digits: str | None, settled: Amounts, supplied: tuple[str, ...]
    ) -> Band:
        self.left -= 1
        if self.left < 0:
            raise TooMany
        one = Asking(self.oracle, line, ten_digits)
        amounts = one.duties() | settled
        settled = {name: amount for name, amount in amounts.items() if amount is not None}
        known = sum((amount for amount in settled.values() if amount is not None), Decimal(0))
        if len(settled) == len(amounts):
            return known, known
        if one.asked:
            asked = next(iter(one.asked))
            if asked == TEN_DIGITS:
                codes = ten_digit_choices(self.oracle, line.commodity, one.admitted_or_entered)
                return _around(self.band(line, code, settled, supplied) for code in codes)
            values = values_of(self.oracle.book, self.oracle.book.facts[asked])
            return _around(
                self.band(replace(line, facts={**line.facts, asked: value}), ten_digits, settled, supplied)
                for value in values
            )
        lacking = [of for of in (source(one, of) for of in one.lacking) if of not in supplied]
        if lacking:
            return self.over(one, line, ten_digits, settled, lacking[0], supplied)
        return known, None  # the law does not say

    def over(
        self,
        one: Asking,
        line: Declared,
        ten_digits: str | None,
        settled: Amounts,
        of: str,
        supplied: tuple[str, ...],
    ) -> Band:
        """The band over the values of one amount."""
        most = most_of(one, of)
        values = GREAT if most is None else (half_way(most), most)
        found = [
            self.band(with_amount(line, of, value), ten_digits, settled, (*supplied, of))
            for value in (least_of(one, of), Decimal(1), *values)
            if most is None or value <= most
        ]
        least, greatest = _around(found)
        rises = most is None and found[-1][1] != found[-2][1]
        return least, None if rises else greatest


def _around(bands: Iterator[Band] | list[Band]) -> Band:
    every = list(bands)
    mosts = [most for _, most in every]
    return min(least for least, _ in every), None if None in mosts else max(
        filter(None, mosts), default=Decimal(0)
    )


def half_way(most: Decimal) -> Decimal:
    return (most / 2).quantize(CENT)


def source(one: Asking, of: str) -> str:
    """The amount to declare for one that is worked out from others."""
    kind, _, name = of.partition(" ")
    fact = one.oracle.book.facts.get(name) if kind == "fact" else None
    for part in (fact.product_of or fact.share_of or ()) if fact else ():
        whole = part if part == "value" or " " in part else f"fact {part}"
        if whole != "value" and not declares(one.line, whole):
            return source(one, whole)
    return of


def declares(line: Declared, of: str) -> bool:
    kind, _, name = of.partition(" ")
    if kind == "fact":
        return name in line.facts
    return any(UNITS[given].dimension == UNITS[name].dimension for given in line.quantity)


def with_amount(line: Declared, of: str, value: Decimal) -> Declared:
    kind, _, name = of.partition(" ")
    if kind == "quantity":
        return replace(line, quantity={**line.quantity, name: value})
    return replace(line, facts={**line.facts, name: Fraction(value)})


def least_of(one: Asking, of: str) -> Decimal:
    """What an amount is at least."""
    kind, _, name = of.partition(" ")
    bounds = one.oracle.book.facts[name].bounds or () if kind == "fact" else ()
    return max((Decimal(str(bound.least)) for bound in bounds if bound.least is not None), default=Decimal(0))


def most_of(one: Asking, of: str) -> Decimal | None:
    """What an amount is at most beside what else is declared; None where nothing bounds it."""
    kind, _, name = of.partition(" ")
    if kind == "quantity":
        return None
    fact: Fact = one.oracle.book.facts[name]
    limits = []
    for bound in fact.bounds or ():
        if not all(one.holds(condition, one.line.entered) is True for condition in bound.when):
            continue
        others = [
            other.fact
            for other in one.oracle.book.facts.values()
            if other is not fact
            and bound.shared
            and bound.shared in {each.shared for each in other.bounds or ()}
        ]
        taken = sum(
            (Decimal(str(float(one.line.facts[each]))) for each in others if each in one.line.facts),
            Decimal(0),
        )
        if bound.most is not None:
            limits.append(Decimal(str(bound.most)) - taken)
        if bound.within == "value" and fact.type == "money":
            limits.append(Decimal(one.value) - taken)
        elif bound.within and bound.within != "value" and declares(one.line, bound.within):
            limits.append(Decimal(str(float(one.amount(bound.within)))) - taken)
    return max(Decimal(0), min(limits)) if limits else None
