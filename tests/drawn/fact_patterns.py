"""Fact patterns for the tests: declared lines drawn from a rulebook's own codes, origins, facts and boundary
days.

Everything that could decide is varied: the days just before, on and after every day on which some law begins
or ends (and the minute before 00:01), loading before and after, claims that may and may not be made, facts
and quantities given and left out, codes of eight and ten digits.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pandas as pd
import pytest
from oracle import Declared, OneLine, Oracle, Posting
from oracle_bounds import CannotBe, refuse_what_cannot_be
from oracle_value import Refused
from price_patterns import Prices

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning
from tariffcalc.law.condition import Condition
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection
from tariffcalc.law.special_column import parse_special
from tariffcalc.law.valuation import TariffValue
from tariffcalc.moments import ALWAYS, NEVER, show_moment
from tariffcalc.units import UNITS, unit

ORIGINS = [
    "IN",
    "CN",
    "HK",
    "MO",
    "CA",
    "MX",
    "DE",
    "FR",
    "JP",
    "KR",
    "CH",
    "LI",
    "GB",
    "TW",
    "RU",
    "BY",
    "CU",
    "KP",
    "VN",
    "BR",
    "AU",
    "SG",
    "CR",
    "SV",
    "JO",
    "IL",
    "MA",
    "AR",
    "BD",
    "ID",
    "TH",
    "KH",
    "LS",
    "NP",
    "NI",
    "HT",
    "PE",
    "CL",
    "NO",
    "TR",
]
Said = dict[str, Posting]
REFUSED: Said = {"refused": Posting("refused", None)}
DUTY = "the duty of the line"  # likewise
VALUE = "customs value"  # told among the postings as if a program of this name had charged it
CENTS = (
    "0",
    "0.01",
    "0.05",
    "0.50",
    "1.00",
    "3.33",
    "10.00",
    "99.99",
    "250.00",
    "1234.56",
    "10000.00",
    "87654.30",
    "1000000.00",
)


def boundary_moments(book: Rulebook) -> tuple[list[int], list[int]]:
    """The days on which law of programs, and law of anything, begins or ends, with their neighbours; inside
    the days held."""
    windows = [
        window
        for program in book.programs.values()
        for measure in program.measures
        for spell in measure.history
        for window in (spell.entered, spell.loaded, spell.exported)
    ]
    windows += [rule.entered for rule in book.stacking]
    of_programs = {bound for window in windows for bound in (window.on_or_after, window.before)}
    members = [member for each in (*book.lists.values(), *book.groups.values()) for member in each.members]
    of_tables = {bound for member in members for bound in (member.start, member.end)}
    of_tables |= {bound for row in book.schedule for bound in (row.start, row.end)}
    of_tables |= {
        bound
        for row in (*book.preferences, *book.exchange_rates, *book.tariff_values)
        for bound in (row.start, row.end)
    }
    held = book.territory.held

    def around(bounds: set[int]) -> list[int]:
        days = {
            bound + step for bound in bounds if ALWAYS < bound < NEVER for step in (-3, -2, -1, 0, 1, 2, 3)
        }
        return sorted(day for day in days if day in held)

    return around(of_programs), around(of_tables)


class FactPatterns:
    """Lines drawn at random, by seed, from what a rulebook itself mentions."""

    def __init__(self, book: Rulebook, seed: int) -> None:
        self.book, self.random, self.oracle = book.settled(), Random(seed), Oracle(book)
        of_programs, of_tables = boundary_moments(self.book)
        held = self.book.territory.held
        spread = list(range(held.on_or_after, held.before, 61))
        self.days = (of_programs or spread, of_tables or spread, spread)
        self.prices = Prices(self.book, self.random)
        self.codes = sorted(self.oracle.rows)
        first = self.book.territory.held.on_or_after
        self.lasting = [
            code
            for code in self.codes
            if any(row.start <= first and row.end == NEVER for row in self.oracle.rows[code])
        ]
        self.below: dict[str, list[str]] = {}
        for code in self.codes:
            for length in range(2, len(code) + 1):
                self.below.setdefault(code[:length], []).append(code)
        self.listed = self._listed()
        named = {
            member.item
            for each in self.book.lists.values()
            for member in each.members
            if len(member.item) == 10
        }
        self.later_codes = sorted(
            code for code in named - self.oracle.rows.keys() if code[:8] in self.oracle.rows
        )
        known = {origin.code for origin in self.book.origins}
        self.origins = [origin for origin in ORIGINS if origin in known] or sorted(known)
        self.everywhere = sorted(known)
        self.claims = sorted(name for name, fact in self.book.facts.items() if fact.claim)
        self.stated = [
            fact
            for name, fact in self.book.facts.items()
            if not (fact.claim or fact.share_of or fact.product_of)
        ]
        measures = [
            (measure, spell)
            for program in self.book.programs.values()
            for measure in program.measures
            for spell in measure.history
        ]
        self.aims = [
            (measure, spell) for measure, spell in measures if spell.entered.overlap(self.book.territory.held)
        ]
        self.limits: dict[str, list[Decimal]] = {}
        self.singled_out: dict[str, set[str]] = {}
        for measure, _ in measures:
            for condition in measure.requires:
                self.singled_out.setdefault(condition.fact, set()).update(condition.choices)
                if condition.number is not None:
                    self.limits.setdefault(condition.fact, []).append(condition.number)

    def _listed(self) -> list[list[str]]:
        """For each product set that programs name, the codes of the schedule on it."""
        found = []
        named = {
            (measure.products.items, measure.products.named)
            for program in self.book.programs.values()
            for measure in program.measures
        }
        for items, names in sorted(named):
            heads = {*items, *(member.item for name in names for member in self.book.lists[name].members)}
            codes = {
                code for head in heads for code in self.below.get(head, (head[:8],) if len(head) > 8 else ())
            }
            if codes:
                found.append(sorted(codes))
        return found

    def lines(self, number: int) -> Iterator[Declared]:
        """So many lines."""
        for _ in range(number):
            yield self.line()

    def moment(self) -> int:
        draw = self.random.random()
        return self.random.choice(
            self.days[0] if draw < 0.75 else self.days[1] if draw < 0.95 else self.days[2]
        )

    def line(self, entered: int | None = None) -> Declared:
        """One line; ``entered`` may be given for lines of one shipment.

        Half of them are aimed at a measure: their code, origin, days and facts are such as it asks for, most
        of the time.  Some are aimed at an exchange rate or a tariff value.
        """
        draw = self.random.random()
        if entered is None and self.aims and draw < 0.5:
            line = self._aimed(*self.random.choice(self.aims))
        elif entered is None and self.prices.aims and draw < 0.65:
            line = self._aimed_at_value()
        else:
            line = self._at_random(self.moment() if entered is None else entered)
        return line if self.random.random() < 0.05 else self._without_what_cannot_be(line)

    def _without_what_cannot_be(self, line: Declared) -> Declared:
        """The line without the declarations that it would be refused for."""
        while True:
            try:
                refuse_what_cannot_be(OneLine(self.oracle, line))
            except CannotBe as found:
                name = found.fact
                line = replace(
                    line,
                    claims=tuple(claim for claim in line.claims if claim != name),
                    facts={each: given for each, given in line.facts.items() if each != name},
                    quantity={each: given for each, given in line.quantity.items() if each != name},
                )
            except (Refused, AssertionError):
                return line
            else:
                return line

    def _aimed_at_value(self) -> Declared:
        """A line that an exchange rate or a tariff value is for, most of the time."""
        entered, row = self.prices.aim()
        codes = self._codes_of(row.products) if isinstance(row, TariffValue) else []
        return self._at_random(entered, self.random.choice(codes) if codes else None, row.currency)

    def _aimed(self, measure: Measure, spell: Spell) -> Declared:
        choose, chance = self.random.choice, self.random.random
        held = spell.entered.overlap(self.book.territory.held)
        assert held is not None
        last = min(held.before, held.on_or_after + 2 * 900) - 1
        entered = choose(
            (held.on_or_after, held.on_or_after + 1, last, self.random.randint(held.on_or_after, last))
        )
        codes = self._codes_of(measure.products)
        line = self._at_random(entered, choose(codes) if codes else None)
        value = self._worth(line)
        origins = [
            origin for origin in self.everywhere if self.oracle.in_area(measure.origin, origin, entered)
        ]
        claims, facts = list(line.claims), dict(line.facts)
        loaded = line.loaded
        if spell.loaded.before < NEVER and chance() < 0.8:
            loaded = min(entered, spell.loaded.before - choose((1, 2, 0)))
        for condition in measure.requires:
            if chance() < 0.85:
                self._meet(condition, value, claims, facts)
        for of in spell.duty.amounts():
            kind, _, name = of.partition(" ")
            if (
                kind == "fact"
                and chance() < 0.7
                and name in self.book.facts
                and not self.book.facts[name].product_of
            ):
                facts[name] = (
                    self._money(value) if self.book.facts[name].type == "money" else self._number(name)
                )
        return replace(
            line,
            origin=choose(origins) if origins and chance() < 0.9 else line.origin,
            admitted=None if chance() < 0.9 else line.admitted,
            loaded=loaded,
            exported=None if loaded != line.loaded else line.exported,
            claims=tuple(claims),
            facts=self._decided_once(facts),
        )

    def _codes_of(self, products: Selection) -> list[str]:
        """Codes of the schedule in a set of products, some of which an exception may take out again."""
        heads = [
            *products.items,
            *(member.item for name in products.named for member in self.book.lists[name].members),
        ]
        if not heads:
            return []
        head = self.random.choice(heads)
        return self.below.get(head) or self.below.get(head[:8]) or []

    def _meet(self, condition: Condition, value: Decimal, claims: list[str], facts: dict[str, Any]) -> None:
        """Declare what a condition asks for."""
        name = condition.fact
        fact = self.book.facts.get(name)
        if fact is None:
            if name in self.oracle.spis:
                claims[:] = [claim for claim in claims if claim not in self.oracle.spis] + (
                    [] if condition.negated else [name]
                )
        elif fact.type == "flag":
            if fact.claim and not condition.negated:
                claims.append(name)
            elif not fact.claim:
                facts[name] = not condition.negated
        elif fact.type == "choice":
            others = [choice for choice in fact.choices if choice not in condition.choices]
            facts[name] = self.random.choice(others if condition.negated and others else condition.choices)
        elif fact.share_of:
            part, whole = fact.share_of
            if whole == "value" and condition.number is not None:
                facts[part] = (value * condition.number).quantize(Decimal("0.01"))
        elif not fact.product_of:
            facts[name] = self._number(name).quantize(Decimal("0.01" if fact.type == "money" else "0.000001"))

    def _number(self, name: str) -> Decimal:
        """A number near a limit that some condition sets for it, or any."""
        limits, most = self.limits.get(name), Decimal(1 if self.book.facts[name].type == "share" else 10**6)
        if not limits or self.random.random() < 0.2:
            return min(Decimal(self.random.randrange(0, 10**5)).scaleb(-2 if most > 1 else -5), most)
        step = Decimal(self.random.choice(("0", "0.01", "-0.01", "0.000001")))
        return min(max(Decimal(0), self.random.choice(limits) + step), most)

    def _money(self, value: Decimal) -> Decimal:
        return (value * Decimal(self.random.choice(("0", "0.1", "0.3", "0.5", "1")))).quantize(
            Decimal("0.01")
        )

    def _worth(self, line: Declared) -> Decimal:
        """The customs value of a line, where it has one; otherwise its price."""
        try:
            return OneLine(self.oracle, line).value
        except Refused:
            return line.value

    def _code(self, entered: int, law_day: int) -> str:
        choose, chance = self.random.choice, self.random.random
        codes = self.codes if chance() < 0.4 or not self.listed else choose(self.listed)
        code = choose(codes)
        for _ in range(20):
            if self.oracle.row(code, law_day) and self.oracle.row(code, entered):
                break
            code = choose(codes)
        if chance() < 0.15:
            code = code[:8]
        elif (
            self.later_codes
            and law_day >= self.book.territory.statistical_lines_held_before
            and chance() < 0.1
        ):
            code = choose(self.later_codes)
        return code

    def _at_random(self, entered: int, code: str | None = None, currency: str | None = None) -> Declared:
        """A line entered on a day; of a code, and with a value in a currency, where these are given."""
        choose, chance = self.random.choice, self.random.random
        admitted = self._earlier(entered, 0.06)
        law_day = entered if admitted is None else admitted
        code = code or self._code(entered, law_day)
        origin = choose(self.origins if chance() < 0.85 else self.everywhere)
        value = (
            Decimal(choose(CENTS))
            if chance() < 0.4
            else Decimal(self.random.randrange(1, 10 ** choose((4, 6, 9)))).scaleb(-2)
        )
        loaded = self._earlier(entered, 0.45)
        latest = entered if loaded is None else loaded
        line = Declared(
            commodity=code,
            origin=origin,
            value=value,
            entered=entered,
            loaded=loaded,
            exported=self._earlier(latest, 0.2),
            admitted=admitted,
            claims=self._claims(code, origin, law_day),
            quantity=self._quantities(code, law_day),
        )
        line = self.prices.priced(line, currency)
        return replace(line, facts=self._decided_once(line.facts | self._facts(self._worth(line))))

    def _earlier(self, day: int, chance: float) -> int | None:
        """A moment not later than a day, or none."""
        if self.random.random() >= chance:
            return None
        held = self.book.territory.held.on_or_after
        near = [each for each in self.days[0] if max(day - 2 * 120, held) <= each <= day]
        if near and self.random.random() < 0.7:
            return self.random.choice(near)
        return max(held, day - self.random.choice((0, 1, 2, 2 * 20, 2 * 45)))

    def _claims(self, code: str, origin: str, day: int) -> tuple[str, ...]:
        claims = []
        draw = self.random.random()
        if draw < 0.35:
            row = self.oracle.rates(code, day)
            rates = parse_special(row.special, self.book.duty_grammar) if row else ()
            offered = [spi for rate in rates for spi in rate.spi]
            offered = [spi for spi in offered if spi in self.oracle.spis]
            may = [spi for spi in self.oracle.spis if self.oracle.allowed(spi, origin, day)]
            both = sorted(set(offered) & set(may))
            for group, until in (
                (both, 0.24),
                (sorted(may), 0.29),
                (sorted(offered), 0.33),
                (sorted(self.oracle.spis), 1),
            ):
                if group and draw < until:
                    claims.append(self.random.choice(group))
                    break
        if self.claims and self.random.random() < 0.25:
            claims += self.random.sample(self.claims, min(len(self.claims), self.random.choice((1, 1, 2))))
        return tuple(claims)

    def _quantities(self, code: str, day: int) -> dict[str, Decimal]:
        """The units of the line and of its duties, in that unit or another of its kind, or left out."""
        row, rates = self.oracle.row(code, day), self.oracle.rates(code, day)
        names = {unit(text).name for text in (row.units if row else ()) if text not in ("X", "")}
        if rates:
            grammar = self.book.duty_grammar
            texts = [parse_duty(text, grammar) for text in (rates.general, rates.column2) if text]
            duties = [*texts, *(rate.duty for rate in parse_special(rates.special, grammar))]
            names |= {
                of.removeprefix("quantity ")
                for duty in duties
                for of in duty.amounts()
                if of.startswith("quantity ")
            }
        given: dict[str, Decimal] = {}
        dimensions = set()
        missing = self.random.choice((0.0, 0.0, 0.3))
        for name in sorted(names):
            alike = sorted(each for each, other in UNITS.items() if other.dimension == UNITS[name].dimension)
            name = name if self.random.random() < 0.8 else self.random.choice(alike)
            if self.random.random() < missing or UNITS[name].dimension in dimensions:
                continue
            dimensions.add(UNITS[name].dimension)
            quantity = Decimal(self.random.randrange(0, 10 ** self.random.choice((3, 5, 7)))).scaleb(-3)
            if Fraction(quantity) * UNITS[name].factor < Fraction(1, 1000):
                quantity = Decimal(0)  # below what the engine tells apart
            given[name] = quantity
        return given

    def _facts(self, value: Decimal) -> dict[str, Any]:
        share = self.random.choice((0.0, 0.1, 0.5, 0.9))
        given: dict[str, Any] = {}
        left = value
        for fact in self.stated:
            if self.random.random() >= share:
                continue
            if fact.type == "flag":
                given[fact.fact] = self.random.random() < 0.5
            elif fact.type == "choice":
                few = sorted(self.singled_out.get(fact.fact, ())) if len(fact.choices) > 20 else ()
                given[fact.fact] = self.random.choice(
                    few if few and self.random.random() < 0.7 else fact.choices
                )
            elif fact.type == "money":
                part = self.random.choice(("0", "0.1", "0.2", "0.5", "1"))
                amount = min(left, (value * Decimal(part)).quantize(Decimal("0.01")))
                given[fact.fact] = amount
                if "content" in fact.fact:
                    left -= amount
            elif fact.type == "tariff_line":
                given[fact.fact] = self.random.choice(
                    self.lasting if self.random.random() < 0.95 else self.codes
                )
            elif fact.type == "share":
                given[fact.fact] = Decimal(
                    self.random.choice(("0", "0.1", "0.15", "0.149", "0.2", "0.85", "1"))
                )
            else:
                given[fact.fact] = self._number(fact.fact)
        return self._decided_once(given)

    def _decided_once(self, given: dict[str, Any]) -> dict[str, Any]:
        """The facts without the amounts that are the duty of a line declared too: both are not declared."""
        return {
            name: value
            for name, value in given.items()
            if name not in self.book.facts or self.book.facts[name].duty_of not in given
        }


def as_frame(lines: Sequence[Declared]) -> pd.DataFrame:
    """Lines as the table a caller would hand in; everything as text."""
    rows = []
    for line in lines:
        row: dict[str, Any] = {
            "commodity": line.commodity,
            "origin": line.origin,
            "entered": show_moment(line.entered),
            "value": str(line.value),
            "claims": "|".join(line.claims) or None,
        }
        for name in ("loaded", "exported", "admitted"):
            moment = getattr(line, name)
            row[name] = None if moment is None else show_moment(moment)
        row |= {name: getattr(line, name) for name in ("currency", "value_basis", "tariff_goods")}
        row["exchange_rate"] = None if line.exchange_rate is None else str(line.exchange_rate)
        row |= {name: str(amount) for name, amount in line.costs.items()}
        row |= {f"quantity_{name}": str(quantity) for name, quantity in line.quantity.items()}
        row |= {
            name: ("yes" if given else "no") if isinstance(given, bool) else str(given)
            for name, given in line.facts.items()
        }
        rows.append(row)
    frame = pd.DataFrame(rows)
    # in one piece: more facts than pandas likes to see added to
    return frame.astype(object).where(frame.notna(), None).copy()


def engine_says(
    tariff: tc.Tariff, lines: Sequence[Declared], shipments: Sequence[int] | None = None
) -> list[Said]:
    """The engine's postings, line by line; each line is a shipment of its own unless ``shipments`` numbers
    them."""
    frame = as_frame(lines)
    if shipments is not None:
        frame["shipment"] = list(shipments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(frame)
    ledger, good = estimate.parts
    said: list[Said] = [REFUSED for _ in lines]
    for place, row in enumerate(good.rows):
        said[int(row)] = {
            posting.program: Posting(
                posting.outcome,
                None if posting.amount is None else estimate.money(posting.amount),
                posting.measure,
                posting.heading,
            )
            for posting in ledger.postings(place)
        }
        said[int(row)][VALUE] = Posting("valued", estimate.money(int(good.columns.value[place])))
        unknown = bool(ledger.unknown_duty[place])
        said[int(row)][DUTY] = (
            Posting("unknown", None) if unknown else Posting("total", estimate.money(int(ledger.duty[place])))
        )
    agreed = set(good.rows[ledger.agreed].tolist())
    totals, duties = (
        estimate.columns()["duty"],
        {name for name, program in tariff.programs.items() if program.kind == "duty"},
    )
    for row, each in enumerate(said):
        if row in agreed:
            continue
        amounts = (
            [posting.amount for name, posting in each.items() if name in duties]
            if each is not REFUSED
            else [None]
        )
        known = [amount for amount in amounts if amount is not None]
        expected = float("nan") if len(known) < len(amounts) else float(sum(known, Decimal(0)))
        assert totals[row] == pytest.approx(expected, rel=1e-14, abs=0.001, nan_ok=True), (
            f"the duty of row {row} is not the sum of its postings"
        )
    return said
