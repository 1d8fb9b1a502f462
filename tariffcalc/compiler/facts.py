"""Part of what turns the law into arrays: the registry of facts, with what bounds each fact and what else
settles it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.facts import (
    BoundInfo,
    ConsequenceInfo,
    FactInfo,
    PartInfo,
    ReadingInfo,
    UnitValueInfo,
)
from tariffcalc.compiled.law import LAW_DAY
from tariffcalc.compiler.conditions import TestNumbers
from tariffcalc.compiler.places import Compiling
from tariffcalc.compiler.rows import day_axis
from tariffcalc.compiler.sets import SetTruth
from tariffcalc.errors import SeedError
from tariffcalc.law.bound import Bound, Consequence, Part, UnitValue
from tariffcalc.law.fact import WHOLE_VALUE, Fact
from tariffcalc.law.near import meant
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection
from tariffcalc.moments import ALWAYS, NEVER
from tariffcalc.units import unit


def compile_facts(book: Rulebook, truth: SetTruth, numbers: TestNumbers) -> dict[str, FactInfo]:
    """The facts of a rulebook by name; raises SeedError for a bound that names what is not there."""
    registry = _Registry(book, truth, numbers)
    found, compiling = {}, Compiling("C013")
    for name, fact in book.facts.items():
        with compiling.entry(fact, f"the fact {name}"):
            found[name] = registry.fact(fact)
    compiling.done()
    return found


class _Registry:
    """What compiling one fact needs of the others and of the law."""

    def __init__(self, book: Rulebook, truth: SetTruth, numbers: TestNumbers) -> None:
        self._facts, self._minor_units, self._truth, self._numbers = (
            book.facts,
            book.territory.minor_units,
            truth,
            numbers,
        )
        self._programs = tuple(book.programs.values())
        self._spis = tuple(dict.fromkeys(row.spi for row in book.preferences))
        self._sharing: dict[str, list[str]] = {}
        for fact in book.facts.values():
            for bound in fact.bounds or ():
                if bound.shared:
                    self._sharing.setdefault(bound.shared, []).append(fact.fact)

    def fact(self, fact: Fact) -> FactInfo:
        """A fact as the engine sees it."""
        whole_value = fact.assumed == WHOLE_VALUE
        assumed = None if whole_value or fact.assumed == "unknown" else self._number(fact, fact.assumed)
        implied = (
            self._truth.products(self._truth.key(fact.implied_by, "list", ALWAYS))[0]
            if fact.implied_by
            else None
        )
        bounds = tuple(self._bound(fact, bound) for bound in fact.bounds or ())
        rest_of = dict.fromkeys(
            name for bound in bounds if whole_value and bound.within == "value" for name in bound.sharing
        )
        info = FactInfo(
            fact.fact, fact.type, fact.unit, self._scale(fact), fact.choices, assumed, whole_value,
            fact.assumed, fact.by,
            fact.share_of, fact.product_of, fact.duty_of, fact.claim, fact.asserted, implied, tuple(rest_of),
            bounds,
            tuple(self._consequence(fact, each) for each in fact.known_from),
            tuple(self._part(fact, each) for each in fact.sum_of),
            self._value_of_one(fact.value_of_one) if fact.value_of_one else None, bool(fact.sum_of_lines),
            question=fact.asked,
        )  # fmt: skip
        return self._with_readings(info, fact) if fact.readings else info

    def _with_readings(self, info: FactInfo, fact: Fact) -> FactInfo:
        """The fact with the answers that the words of codes give; raises SeedError for a code that two
        readings answer."""
        covered = [
            self._truth.products(self._truth.key(reading.products, "list", ALWAYS))[0]
            for reading in fact.readings
        ]
        if (np.sum(covered, axis=0) > 1).any():
            raise SeedError("two readings answer one commodity code")
        reading = np.full(len(covered[0]), -1, np.int16)
        read = np.full(len(covered[0]), -1, np.int64)
        for number, (each, codes) in enumerate(zip(fact.readings, covered, strict=True)):
            reading[codes], read[codes] = number, self._number(fact, each.says)
        readings = tuple(ReadingInfo(each.says, each.words, each.by, each.tag) for each in fact.readings)
        return info._replace(read=read, readings=readings, reading=reading)

    def _scale(self, fact: Fact) -> int:
        return self._minor_units if fact.type == "money" else MILLION

    def _number(self, fact: Fact, text: str) -> int:
        """The value of a fact as an integer: yes is 1, a choice its position, amounts in the scale of the
        fact."""
        if fact.type == "flag":
            return int(text == "yes")
        if fact.type == "choice":
            return fact.choices.index(text)
        number = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        return int(number * self._scale(fact))

    def _bound(self, fact: Fact, bound: Bound) -> BoundInfo:
        for name in filter(
            None,
            (
                bound.measured,
                *(
                    each.removeprefix("fact ")
                    for each in (bound.within, bound.holds)
                    if each.startswith("fact ")
                ),
            ),
        ):
            if name not in self._facts:
                raise SeedError(
                    f"a bound names {name!r}, which is no registered fact{meant(name, self._facts)}"
                )
        least, most = (
            None if limit is None else int(Fraction(limit) * self._scale(fact))
            for limit in (bound.least, bound.most)
        )
        at_most = (
            None if bound.value_at_most is None else int(Decimal(bound.value_at_most) * self._minor_units)
        )
        not_with, when = (
            tuple(self._numbers.test(each) for each in conditions)
            for conditions in (bound.not_with, bound.when)
        )
        goods = self._goods(bound.products)[1] if bound.products else None
        sharing = tuple(name for name in self._sharing.get(bound.shared, ()) if name != fact.fact)
        return BoundInfo(
            least, most, _amount(bound.within), _amount(bound.holds), sharing, at_most, bound.of,
            bound.measured, not_with, goods,
            bound.products.text if bound.products else "", when, bound.by, bound.note,
        )  # fmt: skip

    def _consequence(self, fact: Fact, given: Consequence) -> ConsequenceInfo:
        where = self._numbers.test(given.where)
        spi = self._spis.index(where.fact) if where.operator == "claim" and where.fact in self._spis else -1
        return ConsequenceInfo(where, spi, self._number(fact, given.then), given.by)

    def _part(self, fact: Fact, part: Part) -> PartInfo:
        if part.fact not in self._facts:
            raise SeedError(
                f"a sum names {part.fact!r}, which is no registered fact{meant(part.fact, self._facts)}"
            )
        cuts, members = self._by_day(part.products)
        surely, perhaps = (np.stack(each) for each in zip(*members, strict=True))
        return PartInfo(part.fact, asking_axis(self._programs, fact.fact), cuts, surely, perhaps)

    def _by_day(self, products: Selection) -> tuple[Ints, list[tuple[Bools, Bools]]]:
        """The days on which a set of products changes, and between them the codes that are surely, and
        perhaps, in it."""
        days = [start for start, _ in self._truth.states(products, "list", (ALWAYS, NEVER))]
        return np.array(days[1:], np.int64), [
            self._truth.products(self._truth.key(products, "list", day)) for day in days
        ]

    def _goods(self, products: Selection) -> tuple[Bools, Bools]:
        """The codes that are surely, and perhaps, among some products on any day."""
        surely, perhaps = zip(*self._by_day(products)[1], strict=True)
        return np.logical_or.reduce(surely), np.logical_or.reduce(perhaps)

    def _value_of_one(self, given: UnitValue) -> UnitValueInfo:
        measure = unit(given.unit)
        units = measure.factor.numerator, measure.factor.denominator
        return UnitValueInfo(
            measure.dimension, measure.name, units, given.currency, self._goods(given.products)[1]
        )


def asking_axis(programs: Iterable[Program], name: str) -> int:
    """The kind of day that dates the programs whose measures ask for a fact; the day of the law where these
    are of both kinds."""
    asking = {
        day_axis(each)
        for each in programs
        if any(test.fact == name for measure in each.measures for test in measure.requires)
    }
    return asking.pop() if len(asking) == 1 else LAW_DAY


def _amount(of: str) -> str:
    """An amount by the name of its dimension, where it is a quantity."""
    kind, _, name = of.partition(" ")
    if kind != "quantity":
        return of.removeprefix("fact ")
    if unit(name).factor != 1:
        raise SeedError(f"a bound counts in {name}: write the base unit, {unit(name).dimension}")
    return f"quantity {unit(name).dimension}"
