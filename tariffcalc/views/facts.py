"""What can be declared of a line: claims and facts, what is assumed where they are not declared, and which
programs ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tariffcalc.law.fact import Fact
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook

if TYPE_CHECKING:
    import pandas as pd

_FEW = 12  # choices named one by one


def table_of_facts(book: Rulebook, words: str = "") -> pd.DataFrame:
    """One row per claim or fact: name, kind, what is taken when it is not declared, programs that ask for it,
    meaning.

    ``words`` picks those of which the name, the meaning or a program that asks contains them.  Facts worked
    out from others are left out.
    """
    import pandas as pd

    asked: dict[str, list[str]] = {}
    for name, program in book.programs.items():
        for needed in dict.fromkeys(_asked_by(program)):
            for each in _declared_for(book, needed):
                asked.setdefault(each, []).append(name)
    rows = []
    for fact in book.facts.values():
        by = ", ".join(dict.fromkeys(asked.get(fact.fact, ())))
        if (
            fact.share_of
            or fact.product_of
            or words.casefold() not in f"{fact.fact} {fact.meaning} {by}".casefold()
        ):
            continue
        taken = {"value": "the customs value", "unknown": "unknown (nothing is assumed)"}.get(
            fact.assumed, fact.assumed
        )
        rows.append(
            {
                "name": fact.fact,
                "kind": _kind(fact),
                "not declared": taken,
                "asked by": by,
                "meaning": fact.meaning,
            }
        )
    return pd.DataFrame(rows, columns=["name", "kind", "not declared", "asked by", "meaning"])


def _kind(fact: Fact) -> str:
    if fact.claim:
        return "claim"
    if not fact.choices:
        return f"{fact.type} [{fact.unit}]" if fact.unit else fact.type
    return (
        " | ".join(fact.choices)
        if len(fact.choices) <= _FEW
        else f"one of {len(fact.choices)} places or choices"
    )


def _asked_by(program: Program) -> Iterator[str]:
    """The facts that the measures and bases of a program name."""
    amounts: set[str] = set()
    for measure in program.measures:
        yield from (condition.fact for condition in measure.requires)
        for spell in measure.history:
            amounts |= spell.duty.amounts()
    for base in program.charged_on:
        yield from (condition.fact for condition in base.when)
        amounts |= {term.of for term in base.base}
    yield from (amount.removeprefix("fact ") for amount in sorted(amounts) if amount.startswith("fact "))


def _declared_for(book: Rulebook, name: str) -> list[str]:
    """The facts to declare for one to be known."""
    fact = book.facts.get(name)
    if fact is None:
        return []
    parts = [part.removeprefix("fact ") for part in fact.share_of or fact.product_of or ()]
    if not parts:
        return [name, *(part.fact for part in fact.sum_of)]
    return [each for part in parts if part in book.facts for each in _declared_for(book, part)]
