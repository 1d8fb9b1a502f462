"""Laws made from another for the tests: with other spells, with what is not held filled in, with a valuation
of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import tariffcalc as tc
from tariffcalc.compiler.rulebook import compile_rulebook
from tariffcalc.law.duty import Duty, Term
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.schedule import TariffLine
from tariffcalc.law.selection import read_products
from tariffcalc.law.valuation import ExchangeRate, TariffValue, Valuation
from tariffcalc.tariff import Tariff


def changed(tariff: tc.Tariff, book: Rulebook) -> tc.Tariff:
    """The tariff of another rulebook."""
    return Tariff(compile_rulebook(book), lambda: book, tariff.folder)


def with_spells(book: Rulebook, rewrite: Callable[[Spell], tuple[Spell, ...]]) -> Rulebook:
    """The rulebook with every spell rewritten."""

    def of(measure: Measure) -> Measure:
        history = tuple(piece for spell in measure.history for piece in rewrite(spell))
        return measure.model_copy(update={"history": history})

    programs = {
        name: program.model_copy(update={"measures": tuple(map(of, program.measures))})
        for name, program in book.programs.items()
    }
    return replace(book, programs=programs)


def filled(book: Rulebook, seed: int) -> Rulebook:
    """The rulebook with an invented duty wherever a duty is not held, so that what is charged on it comes to
    an amount."""
    chance = Random(seed)

    def of_spell(spell: Spell) -> tuple[Spell, ...]:
        return (spell if spell.duty.held else spell.model_copy(update={"duty": _invented(chance)}),)

    def of_line(row: TariffLine) -> TariffLine:
        return (
            row
            if not row.general or parse_duty(row.general, book.duty_grammar).held
            else row._replace(general=f"{_percentage(chance)}%")
        )

    book = with_spells(book.settled(), of_spell)
    held = {
        name: program.model_copy(update={"status": "complete"}) for name, program in book.programs.items()
    }
    return replace(book, programs=held, schedule=tuple(map(of_line, book.schedule)))


def _percentage(chance: Random) -> Decimal:
    return Decimal(chance.randrange(1, 4000)).scaleb(-chance.choice((1, 2)))


def _invented(chance: Random) -> Duty:
    """A percentage, an amount for a quantity, the sum of both, or one of them at least and at most
    the other."""
    percentage, amount = (
        Term(rate=_percentage(chance) / 100, of="base"),
        Term(rate=_percentage(chance), of="quantity kg"),
    )
    terms = chance.choice([(percentage,), (percentage,), (amount,), (percentage, amount)])
    bounds: dict[str, Any] = {
        name: (amount,) for name in ("at_least", "at_most") if amount not in terms and chance.random() < 0.1
    }
    text = f"invented {[(term.rate, term.of) for term in terms]} {sorted(bounds)} {amount.rate}"
    return Duty(text=text, terms=terms, **bounds)


def with_valuation(book: Rulebook, seed: int) -> Rulebook:
    """The rulebook with an invented law of valuation: each cost included, excluded or unnamed; shares,
    ceilings, rates, tariff values."""
    chance = Random(seed)
    act = next(iter(book.acts))
    law: dict[str, Any] = {
        "title": "Invented",
        "includes": [],
        "excludes": [],
        "rate_of": {"day": chance.choice(["entered", "exported"]), "by": [act]},
    }
    for cost in ("foreign_inland_freight", "freight", "insurance", "additions", "costs_after_importation"):
        rule: dict[str, Any] = {"cost": cost, "by": [act]}
        where = chance.choice(["includes", "includes", "excludes", ""])
        if where == "includes" and cost != "costs_after_importation":
            sums = chance.sample(
                ["fob", "fob + insurance", "fob + freight", "fob + freight + insurance"], chance.randrange(4)
            )
            rule["not_ascertainable"] = [
                {"share": f"{_percentage(chance)}%", "of": of, "by": [act]} for of in sums if cost not in of
            ]
            if chance.random() < 0.5:
                rule["at_most"] = {
                    "share": f"{chance.choice((5, 10, 20))}%",
                    "of": "fob",
                    "transport": chance.choice(["air", "rail"]),
                    "by": [act],
                }
            law["includes"].append(rule)
        elif where == "excludes":
            law["excludes"].append(rule)
    if chance.random() < 0.6:
        law["rounded_to"] = {"step": chance.choice(["0.01", "0.05", "1", "10"]), "by": [act]}
    held = book.territory.held
    cuts = sorted(chance.sample(range(held.on_or_after, held.before), 6))
    rates = [
        ExchangeRate("EUR", chance.choice((1, 100)), _percentage(chance), start, end, (act,), "P")
        for start, end in pairwise(cuts)
    ]
    codes = sorted({row.code for row in book.schedule})
    values = [
        TariffValue(
            goods,
            read_products(chance.choice(codes)),
            _percentage(chance),
            chance.choice(["EUR", "USD", book.territory.currency]),
            unit,
            start,
            end,
            (act,),
            "P",
        )
        for goods in ("plums", "pears")
        for unit, start, end in (("10 g", cuts[0], cuts[3]), ("kg", cuts[3], cuts[5]))
    ]
    currencies = {code: code for code in ("EUR", "USD", "JPY", book.territory.currency)}
    valuation = Valuation.model_validate(law)
    return replace(
        book,
        valuation=valuation,
        exchange_rates=tuple(rates),
        tariff_values=tuple(values),
        currencies=currencies,
    )
