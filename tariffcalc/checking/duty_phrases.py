"""The rule about the phrases of duty texts: what a phrase means is measured under the law that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tariffcalc.checking.places import finding_in
from tariffcalc.errors import Finding
from tariffcalc.law.duty_phrases import AMOUNT, MISPRINT, DutyPhrase
from tariffcalc.law.rulebook import Rulebook

FILE = "duty-phrases.csv"


def d023_a_phrase_means_what_is_measured(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D023: a phrase names a fact or a program that is in the seeds: money where it is the base of a
    percentage or the duty itself, a number where it is counted."""
    for phrase in book.duty_phrases:
        for amount in phrase.means if phrase.kind != MISPRINT else ():
            wrong = _wrong(book, phrase, amount)
            if wrong:
                cells = {"kind": phrase.kind, "phrase": phrase.phrase}
                message = f"{phrase.kind} {phrase.phrase!r}: {wrong}"
                yield finding_in("D023", message, folder / FILE, folder, cells)


def _wrong(book: Rulebook, phrase: DutyPhrase, amount: str) -> str:
    """What is wrong with an amount that a phrase means; empty where nothing is."""
    kind, _, name = amount.partition(" ")
    is_count = kind == "quantity"
    if kind == "charged" and name not in book.programs:
        return f"there is no program {name!r}"
    if kind == "fact":
        fact = book.facts.get(name)
        if fact is None:
            return f"the fact {name!r} is not in the registry of facts: write it under facts/"
        if fact.type not in ("money", "number"):
            return f"the fact {name} is a {fact.type}: a duty is charged on money or on a number"
        is_count = fact.type == "number"
    if is_count != (phrase.kind == AMOUNT):
        return f"{amount} is {'a quantity' if is_count else 'money'}: expected {_expected(phrase)}"
    return ""


def _expected(phrase: DutyPhrase) -> str:
    return "a quantity" if phrase.kind == AMOUNT else "money"
