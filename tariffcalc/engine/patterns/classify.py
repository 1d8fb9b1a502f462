"""Lines into fact patterns: every line whose goods, days and answers to conditions agree shares one pattern,
whose outcome is worked out once.

A pattern is told by three numbers: the class of the goods (product and origin together), the classes of the
four days, and the answers.  Nearly all lines declare nothing beyond what they must and answer every condition
alike; only the others are asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.answers import FALSE, holds
from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import NO_SHIPMENTS, Columns, FactColumn
from tariffcalc.engine.patterns.conditions import answer, claims_allowed, offered, share_answers

_ORDINARY = 10**12  # minor units
# a key space up to this size, or a few times the rows, is counted in a table; a larger one is sorted
_SMALL = 1 << 12

Answers = NDArray[np.int8]


@dataclass(frozen=True)
class Patterns:
    """P fact patterns: classes of product, origin and the four days; and the number of their answers, each a
    row [numbers, conditions or words]."""

    product: Ints
    origin: Ints
    days: tuple[Ints, ...]
    answer_number: Ints
    answers: Answers
    surely: Bitset
    possibly: Bitset

    def __len__(self) -> int:
        return len(self.product)

    def take(self, some: Ints) -> Patterns:
        """Some of the patterns."""
        days = tuple(classes[some] for classes in self.days)
        return replace(
            self,
            product=self.product[some],
            origin=self.origin[some],
            days=days,
            answer_number=self.answer_number[some],
        )


def goods_pairs(law: CompiledLaw, lines: Columns) -> Ints:
    """The classes of product and origin of each line, as one number."""
    pairs: Ints = np.take(law.product_class, lines.code, mode="clip")
    pairs *= len(law.origin_mask)
    pairs += np.take(law.origin_class, lines.origin, mode="clip")
    return pairs


class Plain(NamedTuple):
    """What lines of ordinary value that declare nothing beyond what they must have in common."""

    answers: Answers  # to every condition
    # the codes that answer a fact, or that a local condition concerns: their lines are not plain
    asking_codes: Bools
    quantities: frozenset[str]  # the dimensions that other conditions than local ones ask for
    # the conditions on facts that are the whole value until declared, one of each kind, and the answer
    of_value: tuple[tuple[Test, bool], ...]
    code: int  # of one such line

    @classmethod
    def of(cls, law: CompiledLaw) -> Plain:
        """Ask one such line."""
        asking = np.logical_or.reduce(
            [law.local_products[law.product_class], *(answers >= 0 for _, answers in law.facts_of_codes)]
        )
        code = int(np.argmin(asking))
        line = _line(code, _ORDINARY)
        answers = np.zeros(len(law.tests), np.int8)
        dimensions: set[str] = set()
        of_value: dict[tuple[str, tuple[int, int], int], tuple[Test, bool]] = {}
        for number, test in enumerate(law.tests):
            if number not in law.local_tests:
                answers[number] = _one_answer(test, law, line)
            fact = law.facts.get(test.fact)
            if fact is not None and fact.share_of is not None and number not in law.local_tests:
                dimensions |= {
                    part.removeprefix("quantity ") for part in fact.share_of if part.startswith("quantity ")
                }
                # it turns on the value alone, so every line is asked
                asking |= _one_answer(test, law, _line(code, 1)) != answers[number]
            if fact is not None and fact.whole_value:
                of_value.setdefault(
                    (test.operator, test.number, fact.scale), (test, bool(holds(test, fact, line.value)[0]))
                )
        return cls(answers, asking, frozenset(dimensions), tuple(of_value.values()), int(np.argmin(asking)))

    def declaring(self, facts: dict[str, int]) -> Columns:
        """One such line, but for some facts that it declares."""
        return replace(
            _line(self.code, _ORDINARY),
            facts={name: FactColumn(np.array([value])) for name, value in facts.items()},
        )


def _one_answer(test: Test, law: CompiledLaw, line: Columns) -> int:
    return int(np.reshape(answer(test, law, line, None), -1)[0])


def _line(code: int, value: int) -> Columns:
    """One line that declares nothing."""
    zero = np.zeros(1, np.int64)
    return Columns(
        np.array([code]), zero, zero, (zero, zero, zero, zero), np.array([value]), zero - 1, NO_SHIPMENTS
    )


def lines_to_ask(law: CompiledLaw, plain: Plain, lines: Columns, apart: frozenset[str]) -> Ints:
    """The lines that may answer some condition otherwise than a line that declares nothing; ``apart`` are
    facts that do not count."""
    ask: Bools = np.take(plain.asking_codes, lines.code, mode="clip")
    ask |= lines.spi >= 0
    for name in lines.facts.keys() - apart:
        column, assumed = lines.facts[name], law.facts[name].assumed
        declared = True if column.declared is None else column.declared
        ask |= declared if assumed is None else declared & (column.values != assumed)
    for dimension in plain.quantities & lines.quantities.keys():
        known = lines.quantities[dimension].declared
        ask |= True if known is None else known
    for test, met in plain.of_value:
        ask |= holds(test, law.facts[test.fact], lines.value) != met
    return np.flatnonzero(ask)


def answer_rows(law: CompiledLaw, plain: Plain, lines: Columns) -> tuple[Ints, Answers]:
    """The answers of some lines to every condition: the number of the row of each line, and the distinct rows
    [numbers, conditions].

    Lines that claim alike and declare the same yes, no and choices are asked once for all of them; what is
    measured is asked line by line.
    """
    alike, first = _alike(law, lines)
    rows = np.tile(plain.answers, (len(first), 1))
    one_of_each = lines.take(first)
    allowed = claims_allowed(law, one_of_each)
    measured: dict[int, Answers] = {}
    for number in _to_answer(law, lines):
        if _is_measured(law, law.tests[number]):
            given = answer(law.tests[number], law, lines, None)
            measured[number] = np.full(len(lines), given, np.int8) if isinstance(given, int) else given
        else:
            rows[:, number] = answer(law.tests[number], law, one_of_each, allowed)
    places, local = _local_answers(law, lines)
    parts: list[NDArray[Any]] = [alike, *measured.values()]
    if local:
        local_number = np.zeros(len(lines), np.int64)
        local_number[places] = group([*local.values()], len(places))[0] + 1
        parts.append(local_number)
    of_line, first = group(parts, len(lines))
    rows = rows[alike[first]]
    for number, given in measured.items():
        rows[:, number] = given[first]
    some, place = np.flatnonzero(np.isin(first, places)), np.searchsorted(places, first)
    for number, given in local.items():
        rows[some, number] = given[place[some]]
    return of_line, rows


def _alike(law: CompiledLaw, lines: Columns) -> tuple[Ints, Ints]:
    """Lines that answer every condition alike that measures nothing, as one number; and one line of each."""
    allowed = claims_allowed(law, lines)
    parts: list[NDArray[Any]] = [] if allowed is None else [lines.spi, offered(law, lines), *allowed]
    for name, column in lines.facts.items():
        if law.facts[name].type in ("flag", "choice"):
            parts.append(
                column.values if column.declared is None else np.where(column.declared, column.values, -1)
            )
    parts += [answers[lines.code] for _, answers in law.facts_of_codes]
    return group(parts, len(lines))


def _is_measured(law: CompiledLaw, test: Test) -> bool:
    """Whether a condition compares an amount, which every line has of its own."""
    return test.fact in law.facts and law.facts[test.fact].type not in ("flag", "choice")


def _to_answer(law: CompiledLaw, lines: Columns) -> Iterator[int]:
    """The conditions that these lines may answer otherwise than a line that declares nothing, without the
    local ones."""
    yield from law.tests_always_asked
    of_code = {name for name, answers in law.facts_of_codes if (answers[lines.code] >= 0).any()}
    for fact in dict.fromkeys([*lines.facts, *of_code]):
        yield from law.tests_of_fact.get(fact, ())


def _local_answers(law: CompiledLaw, lines: Columns) -> tuple[Ints, dict[int, Answers]]:
    """The lines that local conditions concern, and their answers; each is asked only of the products it
    concerns: no rule asks the others."""
    product = law.product_class[lines.code]
    places = np.flatnonzero(law.local_products[product])
    if not len(places):
        return places, {}
    here, product = lines.take(places), product[places]
    answers = {}
    for together in law.local_together:
        given = share_answers([law.tests[number] for number in together], law, here)
        for number, row in zip(together, given, strict=True):
            concerned = law.products_of_local[number][product]
            if concerned.any():
                answers[number] = np.where(concerned, row, np.int8(FALSE))
    return places, answers


def group(components: list[NDArray[Any]], size: int) -> tuple[Ints, Ints]:
    """Number the distinct rows of some columns of small integers: the number of each row, and one row of each
    number."""
    if size == 1:
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    key = np.zeros(size, np.int64)
    space = 1
    for component in components:
        low, high = int(component.min(initial=0)), int(component.max(initial=0))
        width = high - low + 1
        if width == 1:
            continue
        if space * width > max(_SMALL, 4 * size):
            key, first = _number(key, space)
            space = len(first)
        key *= width
        key += component
        key -= low
        space *= width
    return _number(key, space)


def _number(key: Ints, space: int) -> tuple[Ints, Ints]:
    if space > max(_SMALL, 4 * len(key)):
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        return inverse.reshape(-1).astype(np.int64), first.astype(np.int64)
    present = np.zeros(space, bool)
    present[key] = True
    numbers = np.cumsum(present) - 1
    of_row = numbers[key]
    row = np.zeros(int(numbers[-1]) + 1, np.int64)
    row[of_row] = np.arange(len(key))
    return of_row, row
