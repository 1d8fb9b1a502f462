"""The oracle: the law applied a second time, to one line at a time, in exact fractions.

It reads the same models as the engine (a ``Rulebook``) and shares none of its code: no arrays, no classes of
products or days, no masks. Every question of law is a small function here, answered with True, False or None,
where None is "in doubt": a fact that decides is not declared. It is slow on purpose, and caches only what
depends on the law alone.

Readings adopted where the seeds' README leaves room:

* a program has one *law day*: the day of admission where one is declared and the program is dated by it,
  otherwise the day of entry; measures, groups, lists, preferences and the schedule are all read as of that
  day;
* a code of eight digits stands for all ten-digit lines below it that day, and for whatever else a list names
  below it; a ten-digit code that no schedule holds any more takes the rates of its eight-digit line, and is
  still itself on lists;
* a duty of the special column that names no indicator is offered to none; of a line without value every share
  is nothing;
* a measure whose duty is "none" displaces what it displaces whether or not its own program gives way to a
  third;
* a posting that comes to nothing is "none due", whatever the duty; a measure whose duty is "none" has
  nothing to give way with, and comes to nothing though what the program is charged on is in doubt;
* a program of whose base contents leave nothing gave way; its heading is that of one of the rules that took
  them;
* a content that two stacking rules take out is taken out once, and a base never falls below nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any

from oracle_bounds import refuse_what_cannot_be, rest_of_value, said_by_others
from oracle_numbers import Numbers
from oracle_value import Refused, customs_value, half_up

from tariffcalc.law.condition import PREFERENCE, Condition
from tariffcalc.law.duty import Duty, Sum
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Base, Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.schedule import TariffLine
from tariffcalc.law.selection import Member, NamedSet, Selection
from tariffcalc.law.special_column import SpecialRate, parse_special
from tariffcalc.units import UNITS

Answer = bool | None
Subject = tuple[Measure, Spell]


class InDoubt(Exception):
    """Something the duty depends on is not declared, not held or unknown."""


class CodeUnknown(Refused):
    """The schedule has no such code on that day."""


@dataclass(frozen=True)
class Declared:
    """One line as declared; moments as in ``tariffcalc.windows``, amounts in currency, quantities by
    canonical unit.

    ``value`` is the price where ``value_basis`` names a trade term; it and ``costs`` are in ``currency``
    (that of the territory where it is None).
    """

    commodity: str
    origin: str
    value: Decimal
    entered: int
    loaded: int | None = None
    exported: int | None = None
    admitted: int | None = None
    claims: tuple[str, ...] = ()
    quantity: Mapping[str, Decimal] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    currency: str | None = None
    value_basis: str | None = None
    exchange_rate: Decimal | None = None
    tariff_goods: str | None = None
    costs: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Posting:
    """What one program says of one line."""

    outcome: str
    amount: Decimal | None
    measure: str = ""
    heading: str = ""


UNKNOWN = "unknown"
MOST_ORACLES, MOST_ANSWERS = 4, 300_000  # kept


def both(answers: Iterable[Answer]) -> Answer:
    """All of them, in three values."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def negation(answer: Answer) -> Answer:
    return None if answer is None else not answer


class Oracle:
    """A rulebook, with caches of answers that depend on the law alone."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book.settled()
        self.programs = self.book.programs
        self.rows: dict[str, list[TariffLine]] = {}
        self.below: dict[str, list[str]] = {}
        for row in self.book.schedule:
            self.rows.setdefault(row.code, []).append(row)
        for code in self.rows:
            if len(code) == 10:
                self.below.setdefault(code[:8], []).append(code)
        self.numbers = Numbers(self.book.renumbered)
        self.spis = {row.spi for row in self.book.preferences}
        facts = self.book.facts.items()
        self.tariff_lines = {name for name, fact in facts if fact.type == "tariff_line"}
        # codes that say what was done to goods
        self.regimes = {name.replace(".", "") for name, fact in facts if fact.claim}
        self.displaces = {name: displacements(program) for name, program in self.programs.items()}
        selections = [measure.products for program in book.programs.values() for measure in program.measures]
        self.named = {member.item for each in book.lists.values() for member in each.members}
        self.named |= {
            item for selection in selections for item in (*selection.items, *selection.except_items)
        }
        self.list_heads = {name: _by_chapter(named) for name, named in self.book.lists.items()}
        self.gives_way: dict[str, list[StackingEntry]] = {}
        for rule in self.book.stacking:
            self.gives_way.setdefault(rule.program, []).append(rule)
        self._on_day: dict[tuple[str, str, int], list[Subject]] = {}
        self._by_chapter: dict[tuple[str, str], list[Subject]] = {}
        self._named_chapters: dict[str, set[str]] = {}
        self._areas: dict[tuple[str, str, int], bool] = {}
        self._scope: dict[tuple[str, str, str, int], list[Subject]] = {}
        self._product: dict[tuple[str, str, int], Answer] = {}
        self._rates: dict[tuple[str, int], TariffLine | None] = {}
        self._allowed: dict[tuple[str, str, int], bool] = {}

    def rounded(self, amount: Fraction) -> Decimal:
        """What an exact amount comes to, to the multiple of the minor unit that the territory rounds postings
        to."""
        territory = self.book.territory
        step = Fraction(territory.round_to, territory.minor_units)
        return Decimal(half_up(amount / step) * territory.round_to) / territory.minor_units

    # --- the schedule ----------------------------------------------------------------------------

    def row(self, code: str, day: int) -> TariffLine | None:
        """The row of exactly this code that is in force that day."""
        found = [row for row in self.rows.get(code, ()) if row.start <= day < row.end]
        assert len(found) <= 1, f"{code} stands twice in the schedule of one day"
        return found[0] if found else None

    def line_code(self, code: str, day: int) -> str:
        """The code to apply: itself, or its eight-digit line once statistical lines are no longer held."""
        if self.row(code, day):
            return code
        late = day >= self.book.territory.statistical_lines_held_before
        if late and len(code) > 8 and code not in self.rows and self.row(code[:8], day):
            return code[:8]
        raise CodeUnknown(code)

    def rates(self, code: str, day: int) -> TariffLine | None:
        """The row whose rates hold for a code: its own, or the nearest above that has any."""
        key = code, day
        if key not in self._rates:
            rows = (self.row(code[:length], day) for length in range(len(code), 1, -1))
            self._rates[key] = next(
                (row for row in rows if row and (row.general or row.special or row.column2)), None
            )
        return self._rates[key]

    def special_rate(self, code: str, day: int, spi: str | None) -> Duty | None:
        """The duty of the special column for one indicator."""
        row = self.rates(code, day)
        grammar = self.book.duty_grammar
        rates: Sequence[SpecialRate] = parse_special(row.special, grammar) if row and spi else ()
        return next((rate.duty for rate in rates if spi in rate.spi), None)

    def allowed(self, spi: str, origin: str, day: int) -> bool:
        """Whether an origin may claim a special program that day."""
        from tariffcalc.law.selection import read_area

        key = spi, origin, day
        if key not in self._allowed:
            rows = [row for row in self.book.preferences if row.spi == spi and row.start <= day < row.end]
            self._allowed[key] = any(self.in_area(read_area(row.origins), origin, day) for row in rows)
        return self._allowed[key]

    # --- sets ------------------------------------------------------------------------------------

    def in_area(self, area: Selection, origin: str, day: int) -> bool:
        def within(items: Iterable[str], names: Iterable[str]) -> bool:
            return origin in items or any(
                member.item == origin and member.start <= day < member.end
                for name in names
                for member in self.book.groups[name].members
            )

        taken = area.everything or within(area.items, area.named)
        return taken and not within(area.except_items, area.except_named)

    def in_products(self, products: Selection, code: str, day: int) -> Answer:
        """Whether goods of a code are in a set of products; None where only some of its ten-digit
        lines are."""
        if products.everything and not products.except_items and not products.except_named:
            return True
        key = products.text, code, day
        if key not in self._product:
            _make_room(self._product)
            answers = {self._holds(products, leaf, day) for leaf in self._leaves(products, code, day)}
            self._product[key] = answers.pop() if len(answers) == 1 else None
        return self._product[key]

    def _leaves(self, products: Selection, code: str, day: int) -> set[str]:
        """The ten-digit lines a code stands for."""
        if len(code) >= 10:
            if code in self.rows or code in self.named:
                return {code}
            code = code[:8]  # ten digits nobody knows: goods of any ten-digit line under the eight
        held = {each for each in self.below.get(code, ()) if self.row(each, day)} or {code}
        rows = [Member(item) for item in (*products.items, *products.except_items)]
        rows += [
            member
            for name in products.names
            for member in self.list_heads[name].get(code[:2], ())
            if member.start <= day < member.end
        ]
        longer = [each for each in rows if each.item.startswith(code) and len(each.item) > len(code)]
        return held | {each.item for each in longer if not self.numbers.gone(each.item, each.start, day)}

    def _holds(self, products: Selection, code: str, day: int) -> Answer:
        def named(items: Iterable[str], names: Iterable[str], excepted: bool) -> Answer:
            heads = [self.list_heads[name].get(head, ()) for name in names for head in (code[:2], "")]
            rows = [
                member
                for members in heads
                for member in members
                if member.start <= day < member.end and member.excepted is excepted
            ]
            return self.numbers.names([*map(Member, items), *rows], code, day)

        taken = True if products.everything else named(products.items, products.named, False)
        left_out = [
            named((), products.named, True),
            named(products.except_items, products.except_named, False),
        ]
        return both([taken, *map(negation, left_out)])

    def scope(self, program: Program, code: str, origin: str, day: int) -> list[Subject]:
        """The spells of a program for an origin and law day, without those that name no goods of the chapter
        of a code."""
        key = program.program, code[:2], origin, day
        if key not in self._scope:
            _make_room(self._scope)
            in_force = self._in_force(program, code[:2], day)
            self._scope[key] = [each for each in in_force if self._of_area(each[0].origin, origin, day)]
        return self._scope[key]

    def _in_force(self, program: Program, chapter: str, day: int) -> list[Subject]:
        """The spells of a program on a day that may be about goods of a chapter, whatever the origin."""
        key = program.program, chapter, day
        if key not in self._on_day:
            spells = self._of_chapter(program, chapter)
            self._on_day[key] = [(measure, spell) for measure, spell in spells if day in spell.entered]
        return self._on_day[key]

    def _of_chapter(self, program: Program, chapter: str) -> list[Subject]:
        key = program.program, chapter
        if key not in self._by_chapter:
            measures = [
                measure
                for measure in program.measures
                if measure.products.everything or chapter in self._chapters(measure.products)
            ]
            self._by_chapter[key] = [(measure, spell) for measure in measures for spell in measure.history]
        return self._by_chapter[key]

    def _chapters(self, products: Selection) -> set[str]:
        """The chapters of the codes that a set of products names, exceptions left alone."""
        if products.text not in self._named_chapters:
            items = [
                *products.items,
                *(member.item for name in products.named for member in self.book.lists[name].members),
            ]
            assert all(len(item) >= 2 for item in items), products.text
            self._named_chapters[products.text] = {item[:2] for item in items}
        return self._named_chapters[products.text]

    def _of_area(self, area: Selection, origin: str, day: int) -> bool:
        key = area.text, origin, day
        if key not in self._areas:
            self._areas[key] = self.in_area(area, origin, day)
        return self._areas[key]


def _make_room(answers: dict[Any, Any]) -> None:
    """Forget the answers kept where they are too many for a long run."""
    if len(answers) > MOST_ANSWERS:
        answers.clear()


def _by_chapter(named: NamedSet) -> dict[str, list[Any]]:
    heads: dict[str, list[Any]] = {}
    for member in named.members:
        heads.setdefault(member.item[:2], []).append(member)
    return heads


def displacements(program: Program) -> dict[str, frozenset[str]]:
    """For each measure of a program, every measure it displaces, directly or through others."""
    groups: dict[str, set[str]] = {}
    for measure in program.measures:
        groups.setdefault(measure.id, set()).add(measure.id)
        if measure.group:
            groups.setdefault(measure.group, set()).add(measure.id)
    direct = {  # a measure that names its own group means the others of it
        measure.id: set().union(*(groups.get(name, set()) for name in measure.instead_of)) - {measure.id}
        for measure in program.measures
    }
    found = {}
    for name in direct:
        reached: set[str] = set()
        ahead = list(direct[name])
        while ahead:
            each = ahead.pop()
            if each not in reached:
                reached.add(each)
                ahead += direct[each]
        found[name] = frozenset(reached)
    return found


class OneLine:
    """One declared line under a law, with what its programs said so far."""

    def __init__(self, oracle: Oracle, line: Declared) -> None:
        self.oracle, self.line = oracle, line
        self.loaded = line.entered if line.loaded is None else line.loaded
        self.exported = self.loaded if line.exported is None else line.exported
        if line.commodity[:8] in oracle.regimes:
            raise CodeUnknown(line.commodity)
        if line.origin in {part.origin for part in oracle.book.territory.inside}:
            raise Refused("nothing is imported from inside the customs territory")
        # goods keep this number on other days
        declared = oracle.line_code(line.commodity, self._schedule_day())
        self.codes = dict.fromkeys(map(self.law_day, oracle.programs.values()), declared)
        for name in oracle.tariff_lines & line.facts.keys():
            given = line.facts[name]
            if given[:8] in oracle.regimes or not oracle.row(given, self._schedule_day()):
                raise CodeUnknown(given)
        self.value = customs_value(oracle.book, line, self.exported)
        claimed = [claim for claim in line.claims if claim in oracle.spis]
        assert len(claimed) <= 1, "a line claims one special program"
        self.spi = claimed[0] if claimed else None
        self.shipment: Sequence[OneLine] = [self]
        self._spoken: dict[str, Subject | None] = {}
        self._said: dict[str, Posting | None] = {}
        self._bases: dict[str, Fraction] = {}

    @property
    def admitted_or_entered(self) -> int:
        return self.line.entered if self.line.admitted is None else self.line.admitted

    def _schedule_day(self) -> int:
        """The day on which the schedule is read: that which dates column 1."""
        return self.law_day(self.oracle.programs[self.oracle.book.territory.column_1])

    def law_day(self, program: Program) -> int:
        return self.admitted_or_entered if program.dated_by == "admission" else self.line.entered

    def goods(self) -> str:
        """The code of the goods."""
        return self.line.commodity

    def in_products(self, products: Selection, day: int) -> Answer:
        """Whether the goods are in a set of products."""
        return self.oracle.in_products(products, self.goods(), day)

    # --- facts and conditions --------------------------------------------------------------------

    def fact(self, name: str) -> Any:
        """A fact as declared, derived or assumed by law; raises InDoubt otherwise.  Numbers as fractions,
        flags as bool."""
        fact = self.oracle.book.facts[name]
        if fact.type == "flag" and name in self.line.claims:
            return True
        if fact.implied_by and self.oracle._holds(fact.implied_by, self.goods(), self.admitted_or_entered):
            return True
        given = self.line.facts.get(name)
        if given is not None:
            return given if fact.type in ("flag", "choice", "tariff_line") else Fraction(given)
        known = said_by_others(self, fact)
        if known is not None:
            return known[0]
        for reading in fact.readings:
            if self.oracle._holds(reading.products, self.line.commodity, self.admitted_or_entered):
                return (
                    reading.says == "yes"
                    if fact.type == "flag"
                    else reading.says
                    if fact.type == "choice"
                    else Fraction(reading.says)
                )
        if fact.share_of:
            part, whole = (
                self.amount(each if each == "value" or " " in each else f"fact {each}")
                for each in fact.share_of
            )
            return part / whole if whole else Fraction(0)
        if fact.product_of:
            first, second = (
                self.amount(each if " " in each or each == "value" else f"fact {each}")
                for each in fact.product_of
            )
            return first * second
        if fact.assumed == "unknown":
            raise InDoubt(name)
        if fact.assumed == "value":
            return rest_of_value(self, fact)
        if fact.type == "flag":
            return fact.assumed == "yes"
        return (
            fact.assumed
            if fact.type == "choice"
            else Fraction(fact.assumed.removesuffix("%")) / (100 if "%" in fact.assumed else 1)
        )

    def holds(self, condition: Condition, day: int) -> Answer:
        """Whether a condition holds; one that counts only "if declared" holds where nothing is declared."""
        try:
            answer = self._plainly(condition, day)
        except InDoubt:
            return True if condition.if_declared else None
        return not answer if condition.negated else answer

    def _plainly(self, condition: Condition, day: int) -> bool:
        name, number = condition.fact, condition.number
        if condition.operator == "true" and name == PREFERENCE:
            return self.preferred(day)
        if condition.operator == "claim" and name in self.oracle.spis:
            return self.spi == name and self.oracle.allowed(name, self.line.origin, day)
        if condition.operator == "asserted":
            return self.spi == name
        given = self.fact(name)
        if condition.operator in ("true", "claim"):
            return bool(given)
        if condition.operator == "in":
            return given in condition.choices
        limit = Fraction(number or 0)
        return bool(
            {">=": given >= limit, "<=": given <= limit, ">": given > limit, "<": given < limit}[
                condition.operator
            ]
        )

    def preferred(self, day: int) -> bool:
        """Whether the special program claimed is offered by the tariff line and may be claimed for the
        origin."""
        if self.spi is None or not self.oracle.allowed(self.spi, self.line.origin, day):
            return False
        return self.oracle.special_rate(self.codes[day], day, self.spi) is not None

    # --- the measure that applies -----------------------------------------------------------------

    def candidate(self, program: Program, measure: Measure, spell: Spell) -> Answer:
        day = self.law_day(program)
        if program.ceased and spell.entered.before <= program.ceased.before <= self.line.entered:
            return False
        if self.loaded not in spell.loaded or self.exported not in spell.exported:
            return False
        of_product = self.in_products(measure.products, day)
        if of_product is False:
            return False
        return both(chain([of_product], (self.holds(condition, day) for condition in measure.requires)))

    def has_postings(self, name: str) -> Subject | None:
        """The measure of a program that applies, or None; raises InDoubt where that cannot be said."""
        if name not in self._spoken:
            self._spoken[name] = self._speaks(name)
        return self._spoken[name]

    def _speaks(self, name: str) -> Subject | None:
        program, displaces = self.oracle.programs[name], self.oracle.displaces[name]
        scope = self.oracle.scope(program, self.line.commodity, self.line.origin, self.law_day(program))
        answers = [(subject, self.candidate(program, *subject)) for subject in scope]
        definite = [subject for subject, answer in answers if answer]
        doubtful = [subject for subject, answer in answers if answer is None]
        left = [
            subject
            for subject in definite
            if not any(subject[0].id in displaces[other.id] for other, _ in definite)
        ]
        assert len(left) <= 1 or not definite, (
            f"{name}: {[each[0].id for each in left]} meet and are not ordered"
        )
        assert left or not definite, f"{name}: a circle of measures"
        if not left:
            if doubtful:
                raise InDoubt(name)
            return None
        speaker = left[0]
        for measure, _ in doubtful:
            if measure.id not in displaces[speaker[0].id]:
                raise InDoubt(f"{name}: {measure.id}")
        return speaker

    # --- amounts ---------------------------------------------------------------------------------

    def amount(self, of: str, base: Fraction | None = None) -> Fraction:
        """A measured amount by its name; raises InDoubt where it is not declared."""
        kind, _, name = of.partition(" ")
        if of == "base":
            assert base is not None
            return base
        if of == "value":
            return Fraction(self.value)
        if kind == "quantity":
            wanted = UNITS[name]
            for unit_name, quantity in self.line.quantity.items():
                if UNITS[unit_name].dimension == wanted.dimension:
                    return Fraction(quantity) * UNITS[unit_name].factor / wanted.factor
            raise InDoubt(of)
        if kind == "fact":
            return Fraction(self.fact(name))
        assert kind == "charged", of
        posting = self.posting(name)
        if posting is None:
            return Fraction(0)
        if posting.amount is None:
            raise InDoubt(of)
        return self._on_part(posting.amount, self._bases.get(name), base)

    def _on_part(self, charged: Decimal, whole: Fraction | None, base: Fraction | None) -> Fraction:
        """What another program charged, on the part of the line that this one is charged on, to the cent.

        Where United States content is split off, the summary has two lines: column 1 of the line that bears
        the additional duty is that on its part.
        """
        if base is None or not whole or whole == base:
            return Fraction(charged)
        minor = self.oracle.book.territory.minor_units
        return Fraction(half_up(Fraction(charged) * minor * base / whole), minor)

    def total(self, terms: Sum, base: Fraction | None = None) -> Fraction:
        return sum((Fraction(term.rate) * self.amount(term.of, base) for term in terms), Fraction(0))

    def base(self, program: Program) -> Fraction:
        """What a program is charged on, before anything gives way."""
        return self.total(self.chosen(program).base)

    def chosen(self, program: Program) -> Base:
        """The first base of a program whose conditions hold."""
        for base in program.charged_on:
            answer = both(self.holds(condition, self.law_day(program)) for condition in base.when)
            if answer is None:
                raise InDoubt(f"base of {program.program}")
            if answer:
                return base
        raise InDoubt(f"no base of {program.program} holds")

    def duty_of(self, program: Program, spell: Spell) -> Duty:
        """The duty of a spell, looked up where the schedule gives it."""
        column = spell.duty.scheduled
        if column is None:
            return spell.duty
        day = self.law_day(program)
        code = self.codes[day]
        if (
            column == "special"
            and (duty := self.oracle.special_rate(code, day, spell.duty.spi or self.spi)) is not None
        ):
            pass
        elif column == "special" and not spell.duty.spi:
            duty = None
        else:
            column = "general" if spell.duty.spi else column
            row = self.oracle.rates(code, day)
            text = getattr(row, column) if row else ""
            duty = parse_duty(text, self.oracle.book.duty_grammar) if text else None
        if duty is None:
            raise InDoubt(f"no rate in the column {column}")
        return self.lent(duty, column) or duty if duty.borrowed else duty

    def lent(self, duty: Duty, column: str) -> Duty | None:
        """The duty of the tariff line that is declared to decide one, if it can be taken over."""
        (amount,) = duty.amounts()
        decides = self.oracle.book.facts[amount.removeprefix("fact ")].duty_of
        if not decides or decides not in self.line.facts or amount.removeprefix("fact ") in self.line.facts:
            return None
        day, code = self._schedule_day(), self.line.facts[decides]
        row = self.oracle.rates(code, day)
        if row is None or not self.oracle.row(code, day):
            return None
        found = self.oracle.special_rate(code, day, self.spi) if column == "special" else None
        text = row.column2 if column == "column2" else row.general
        if found is None and text:
            found = parse_duty(text, self.oracle.book.duty_grammar)
        if found is not None and duty.borrowed == "rate" and not found.is_none:
            plain = (
                not (found.at_least or found.at_most)
                and all(term.of == "base" for term in found.terms)
                and found.held
            )
            return found if plain else None
        return found

    def nothing_due(self, program: Program, spell: Spell) -> bool:
        """Whether the duty is "none" or free, whatever the line amounts to."""
        try:
            return self.duty_of(program, spell).is_none
        except InDoubt:
            return False

    # --- stacking --------------------------------------------------------------------------------

    def meets(self, rule: StackingEntry) -> Answer:
        """Whether a rule of stacking finds the other program speaking, with a measure that counts, and
        charged itself."""
        if self.law_day(self.oracle.programs[rule.program]) not in rule.entered:
            return False
        if rule.of:
            own = self.has_postings(rule.program)
            if own is None or not {own[0].id, own[0].group} & set(rule.of):
                return False
        try:
            other = self.has_postings(rule.to)
        except InDoubt:
            return None
        if other is None:
            return False
        measure, spell = other
        if rule.measures and not {measure.id, measure.group} & set(rule.measures):
            return False
        if not rule.measures and spell.duty.is_none:
            return False
        gone = False if spell.duty.is_none else self.gives_way(rule.to)[0]
        if gone is None or gone:
            return negation(gone)
        if not spell.duty.held or self.oracle.programs[rule.to].status == "absent":
            return None
        return True

    def gives_way(self, name: str) -> tuple[Answer, str]:
        """Whether a program gives way on the whole line, and the heading declared for it."""
        answer: Answer = False
        for rule in self.oracle.gives_way.get(name, ()):
            if not rule.content:
                met = self.meets(rule)
                if met:
                    return True, rule.heading
                if met is None:
                    answer = None
        return answer, ""

    def content_given_up(self, name: str) -> Fraction:
        contents = set()
        for rule in self.oracle.gives_way.get(name, ()):
            if rule.content:
                met = self.meets(rule)
                if met is None:
                    raise InDoubt(f"{name}: {rule.to}")
                if met:
                    contents.add(rule.content)
        return sum((self.amount(f"fact {content}") for content in contents), Fraction(0))

    # --- postings --------------------------------------------------------------------------------

    def subject(self, name: str) -> tuple[Subject | None, Posting | None, Fraction]:
        """What a program has to charge: its measure, or the posting already decided, and the exact base."""
        program = self.oracle.programs[name]
        try:
            spoken = self.has_postings(name)
        except InDoubt:
            return None, Posting(UNKNOWN, None), Fraction(0)
        if spoken is None:
            return None, None, Fraction(0)
        measure, spell = spoken
        unknown = Posting(UNKNOWN, None, measure.id, measure.heading)
        none_due = Posting("none due", Decimal(0), measure.id, measure.heading)
        if spell.duty.is_none:
            return spoken, none_due, Fraction(0)
        way, heading = self.gives_way(name)
        if way:
            return (
                spoken,
                Posting("gave way", Decimal(0), measure.id, heading or measure.heading),
                Fraction(0),
            )
        if way is None or not spell.duty.held or program.status == "absent":
            return spoken, unknown, Fraction(0)
        # free by the schedule: looked up only where the program is charged at all
        if self.nothing_due(program, spell):
            return spoken, none_due, Fraction(0)
        try:
            return spoken, None, max(Fraction(0), self.base(program) - self.content_given_up(name))
        except InDoubt:
            return spoken, unknown, Fraction(0)

    def exact(self, program: Program, spell: Spell, base: Fraction) -> Fraction:
        """What a spell charges on a base; where the base says so, that part of the duty of the whole line
        that the base is of its value."""
        duty = self.duty_of(program, spell)
        if not duty.held:
            raise InDoubt("not held")
        whole = Fraction(self.value)
        if self.chosen(program).in_proportion:
            on_the_whole = self.charged(duty, whole)
            return on_the_whole * base / whole if whole else Fraction(0)
        return self.charged(duty, base)

    def charged(self, duty: Duty, base: Fraction) -> Fraction:
        amount = self.total(duty.terms, base)
        if duty.at_least is not None:
            amount = max(amount, self.total(duty.at_least, base))
        if duty.at_most is not None:
            amount = min(amount, self.total(duty.at_most, base))
        return amount

    def posting(self, name: str) -> Posting | None:
        """The posting of a program charged line by line; None where it says nothing."""
        if name not in self._said:
            self._said[name] = self._posting(name)
        return self._said[name]

    def postings(self) -> dict[str, Posting]:
        """The postings of the line by program, without fees charged on the whole shipment."""
        said = {
            name: self.posting(name)
            for name, program in self.oracle.programs.items()
            if program.per == "line"
        }
        return {name: posting for name, posting in said.items() if posting is not None}

    def _posting(self, name: str) -> Posting | None:
        program = self.oracle.programs[name]
        spoken, decided, base = self.subject(name)
        if spoken is None or decided is not None:
            return decided
        measure, spell = spoken
        self._bases[name] = base
        try:
            amount = self.oracle.rounded(self.exact(program, spell, base))
        except InDoubt:
            return Posting(UNKNOWN, None, measure.id, measure.heading)
        if not amount and not base:
            given_up = [
                rule for rule in self.oracle.gives_way.get(name, ()) if rule.content and self.meets(rule)
            ]
            if given_up:
                return Posting("gave way", amount, measure.id, given_up[0].heading or measure.heading)
        if amount:
            return Posting("charged", amount, measure.id, measure.heading)
        return Posting("none due", amount, measure.id, measure.nothing_due_under or measure.heading)


_ORACLES: dict[int, tuple[Rulebook, Oracle]] = {}


def oracle_of(book: Rulebook) -> Oracle:
    """The oracle of a rulebook, made once for the last few of them."""
    if id(book) not in _ORACLES:
        if len(_ORACLES) >= MOST_ORACLES:
            del _ORACLES[next(iter(_ORACLES))]
        _ORACLES[id(book)] = book, Oracle(book)
    return _ORACLES[id(book)][1]


def assess_line(book: Rulebook, line: Declared) -> dict[str, Posting]:
    """The postings of one line by program, without fees charged on the whole shipment.

    Raises
    ------
    Refused
        The schedule of the day has no such code, or the customs value cannot be known.
    """
    one = OneLine(oracle_of(book), line)
    refuse_what_cannot_be(one)
    return one.postings()


@dataclass(frozen=True)
class ShipmentFee:
    """A fee on a whole shipment: its amount (None where unknown), and the exact part of each line before
    limits."""

    amount: Decimal | None
    parts: Mapping[int, Fraction]
    postings: Mapping[int, Posting]


def assess_shipment(
    book: Rulebook, lines: Sequence[Declared]
) -> tuple[list[dict[str, Posting]], dict[str, ShipmentFee]]:
    """The postings of each line, and the fees on the shipment by program.

    The limits of a fee hold for the lines under one spell: goods of one shipment under different provisions
    do not share a limit.
    """
    oracle = oracle_of(book)
    ones = [OneLine(oracle, line) for line in lines]
    for one in ones:
        one.shipment = ones
    for one in ones:
        refuse_what_cannot_be(one, ones)
    fees = {}
    for name, program in oracle.programs.items():
        if program.per != "shipment":
            continue
        under: dict[int, list[int]] = {}
        spells: dict[int, Spell] = {}
        parts: dict[int, Fraction] = {}
        postings: dict[int, Posting] = {}
        known = True
        for number, one in enumerate(ones):
            spoken, decided, base = one.subject(name)
            if decided is not None:
                postings[number] = decided
                known = known and decided.amount is not None
            elif spoken is not None:
                measure, spell = spoken
                postings[number] = Posting("charged", None, measure.id, measure.heading)
                try:
                    parts[number] = one.exact(program, spell, base)
                except InDoubt:
                    known = False
                    postings[number] = Posting(UNKNOWN, None, measure.id, measure.heading)
                under.setdefault(id(spell), []).append(number)
                spells[id(spell)] = spell
        amount = Decimal(0)
        for key, numbers in under.items():
            exact = sum((parts.get(number, Fraction(0)) for number in numbers), Fraction(0))
            fee, spell = oracle.rounded(exact), spells[key]
            fee = fee if spell.shipment_at_least is None else max(fee, spell.shipment_at_least)
            amount += fee if spell.shipment_at_most is None else min(fee, spell.shipment_at_most)
        if postings:
            fees[name] = ShipmentFee(amount if known else None, parts, postings)
    return [one.postings() for one in ones], fees
