"""The oracle on what is not declared: a line is assessed under every declaration that could be made of it.

A program whose amount is unknown on the line as declared, and the same under every declaration, is known; so
is the duty of the line where only its sum is the same.  Declarations are real ones here: a flag says yes or
no, a choice each of its choices, a number every limit the law has for it and a value on either side, a code
of eight digits each of the ten-digit lines below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from oracle import UNKNOWN, Answer, Declared, InDoubt, OneLine, Oracle, Posting, Subject, oracle_of

from tariffcalc.law.condition import Condition
from tariffcalc.law.fact import Fact
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection

EITHER = "either"  # an outcome: the amount is the same whatever is declared
EVERY_PROGRAM = "every program"
TEN_DIGITS = "ten digits"
Amounts = dict[str, Decimal | None]


class Asking(OneLine):
    """A line that notes what the law asks and the line does not say."""

    def __init__(self, oracle: Oracle, line: Declared, ten_digits: str | None = None) -> None:
        super().__init__(oracle, line)
        self.ten_digits = ten_digits
        self.asked: dict[str, None] = {}
        self.lacking: dict[str, None] = {}  # amounts that are measured and not declared

    def amount(self, of: str, base: Fraction | None = None) -> Fraction:
        try:
            return super().amount(of, base)
        except InDoubt:
            if of.partition(" ")[0] in ("fact", "quantity"):
                self.lacking.setdefault(of)
            raise

    def goods(self) -> str:
        return self.ten_digits or self.line.commodity

    def in_products(self, products: Selection, day: int) -> Answer:
        if self.ten_digits is not None:
            return self.oracle._holds(products, self.ten_digits, day)
        return super().in_products(products, day)

    def _speaks(self, name: str) -> Subject | None:
        """The measure that applies; where that is in doubt, only what decides it is asked."""
        self._candidates: list[tuple[str, Answer, dict[str, None]]] = []
        try:
            return super()._speaks(name)
        except InDoubt:
            displaced = self.oracle.displaces[name]
            surely = [measure for measure, answer, _ in self._candidates if answer]
            for measure, answer, asked in self._candidates:
                if answer is None and not any(measure in displaced[sure] for sure in surely):
                    self.asked |= asked
            raise

    def candidate(self, program: Program, measure: Measure, spell: Spell) -> Answer:
        asked_before, self.asked = self.asked, {}
        answer = super().candidate(program, measure, spell)
        # of a number that took goods of several nothing more can be asked
        whole = len(self.goods()) == 10 and self.goods() in self.oracle.rows
        in_doubt = answer is None and self.in_products(measure.products, self.law_day(program)) is None
        if in_doubt and not whole and program.kind == "duty":
            self.asked.setdefault(TEN_DIGITS)
        self._candidates.append((measure.id, answer, self.asked))
        self.asked = asked_before
        return answer

    def holds(self, condition: Condition, day: int) -> Answer:
        answer = super().holds(condition, day)
        # and not one by which one fact follows from another
        if answer is None and condition.text in conditions_of(self.oracle.book):
            self.asked.setdefault(condition.fact)
        return answer

    def duties(self) -> Amounts:
        """What every duty charges; None where it is unknown."""
        names = [name for name, program in self.oracle.programs.items() if program.kind == "duty"]
        return {name: posting.amount for name in names if (posting := self.posting(name)) is not None}


_CONDITIONS: dict[int, tuple[Rulebook, dict[str, Condition]]] = {}


def conditions_of(book: Rulebook) -> dict[str, Condition]:
    """Every condition of a measure or a base of a law by its text."""
    if id(book) not in _CONDITIONS:
        programs = book.programs.values()
        bases = [condition for program in programs for base in program.charged_on for condition in base.when]
        measures = [
            condition
            for program in programs
            for measure in program.measures
            for condition in measure.requires
        ]
        _CONDITIONS[id(book)] = book, {condition.text: condition for condition in (*bases, *measures)}
    return _CONDITIONS[id(book)][1]


def values_of(book: Rulebook, fact: Fact) -> list[Any]:
    """Values of a fact among which every condition on it turns out in every way it can."""
    if fact.type == "flag":
        return [True, False]
    if fact.type == "choice":
        return list(fact.choices)
    edges = sorted(
        {
            Fraction(each.number)
            for each in conditions_of(book).values()
            if each.fact == fact.fact and each.number is not None
        }
    )
    between = [(low + high) / 2 for low, high in pairwise(edges)]
    return [*([edges[0] / 2] if edges[0] > 0 else []), *edges, *between, edges[-1] + 1]


def ten_digit_choices(oracle: Oracle, code: str, day: int) -> list[str]:
    """What goods of an eight-digit code may be: the ten-digit lines in force, and whatever else a list names
    below the code that day."""
    eight = code[:8]
    held = {each for each in oracle.below.get(eight, ()) if oracle.row(each, day)} or {eight}
    for named in oracle.book.lists.values():
        longer = [
            m
            for m in named.members
            if len(m.item) > 8 and m.item.startswith(eight) and m.start <= day < m.end
        ]
        held |= {m.item for m in longer if not oracle.numbers.gone(m.item, m.start, day)}
    for program in oracle.programs.values():
        for measure in program.measures:
            held |= {
                item
                for item in (*measure.products.items, *measure.products.except_items)
                if len(item) > 8 and item.startswith(eight)
            }
    return sorted(held)


def declarations(
    oracle: Oracle, line: Declared, ten_digits: str | None = None, settled: Amounts | None = None
) -> Iterator[Amounts]:
    """What the duties of a line come to under every declaration of what it leaves out and the law asks.

    What is known without asking further stays so: a condition that counts only "if declared" is not asked for
    the sake of another program.
    """
    one = Asking(oracle, line, ten_digits)
    amounts = one.duties() | (settled or {})
    settled = {name: amount for name, amount in amounts.items() if amount is not None}
    asked = list(one.asked) if None in amounts.values() else []
    if not asked:
        yield amounts
        return
    name = asked[0]
    if name == TEN_DIGITS:
        for code in ten_digit_choices(oracle, line.commodity, one.admitted_or_entered):
            yield from declarations(oracle, line, code, settled)
        return
    for value in values_of(oracle.book, oracle.book.facts[name]):
        yield from declarations(oracle, replace(line, facts={**line.facts, name: value}), ten_digits, settled)


def decided(book: Rulebook, line: Declared, said: dict[str, Posting]) -> tuple[dict[str, Posting], Posting]:
    """The postings of a line with those known that no declaration changes, and the duty of the line likewise.

    The measure of that duty tells whether every program is known.
    """
    oracle = oracle_of(book)
    duties = {name: posting for name, posting in said.items() if book.programs[name].kind == "duty"}
    unknown = [name for name, posting in duties.items() if posting.outcome == UNKNOWN]
    if not unknown:
        return said, Posting(
            "total",
            sum((posting.amount or Decimal(0) for posting in duties.values()), Decimal(0)),
            EVERY_PROGRAM,
        )
    alike, total = agreed(oracle, line, unknown)
    known = {name: Posting(EITHER, amount) for name, amount in alike.items()}
    return said | known, Posting(
        UNKNOWN if total is None else "total", total, EVERY_PROGRAM if len(alike) == len(unknown) else ""
    )


def agreed(oracle: Oracle, line: Declared, programs: list[str]) -> tuple[dict[str, Decimal], Decimal | None]:
    """Which of some programs charge the same under every declaration, and the duty of the line if that is the
    same."""
    found: dict[str, set[Decimal | None]] = {name: set() for name in programs}
    totals: set[Decimal | None] = set()
    for amounts in declarations(oracle, line):
        for name in programs:
            found[name].add(amounts.get(name, Decimal(0)))
        totals.add(
            None
            if None in amounts.values()
            else sum((each or Decimal(0) for each in amounts.values()), Decimal(0))
        )
        if all(_only(each) is None for each in (*found.values(), totals)):
            break  # nothing can be known any more
    return {name: amount for name, each in found.items() if (amount := _only(each)) is not None}, _only(
        totals
    )


def _only(amounts: set[Decimal | None]) -> Decimal | None:
    return next(iter(amounts)) if len(amounts) == 1 else None
