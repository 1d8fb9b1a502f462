"""What a duty was measured on, in words: its base and what that holds, quantities, facts and other duties."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from tariffcalc.compiled.duties import BASE, MONEY_FACT, NUMBER_FACT, QUANTITY, VALUE
from tariffcalc.compiled.duties import CHARGED as CHARGED_BY
from tariffcalc.compiled.programs import BaseChoice
from tariffcalc.engine.ledger.ledger import Posting
from tariffcalc.engine.patterns.conditions import fact_values

if TYPE_CHECKING:
    from tariffcalc.assessment.assessed import Assessed


def made_up_of(estimate: Assessed, place: int, posting: Posting) -> str:
    """What the base holds: the value and the duties it is charged on besides, each with its amount; the words
    of the law for any other base."""
    ledger, lines = estimate.parts
    law = estimate.law
    choice = _base_of(estimate, posting)
    parts = []
    for numerator, denominator, amount in choice.amounts:
        if numerator != denominator or amount.kind not in (VALUE, CHARGED_BY):
            return posting.base_text
        if amount.kind == VALUE:
            parts.append(f"customs value {shown_amount(estimate, int(lines.columns.value[place]))}")
            continue
        other = ledger.posting(place, law.program_index[amount.name])
        if other and other.amount:
            parts.append(
                f"{law.programs[law.program_index[amount.name]].title} {shown_amount(estimate, other.amount)}"
            )
    return " + ".join(parts)


def _base_of(estimate: Assessed, posting: Posting) -> BaseChoice:
    """What the program of a posting was charged on, as the law words it."""
    law = estimate.law
    return next(
        each
        for each in law.programs[law.program_index[posting.program]].bases
        if each.text == posting.base_text
    )


def in_proportion(estimate: Assessed, place: int, posting: Posting) -> bool:
    """Whether the duty is more than a percentage, and due in the proportion of its base to the
    customs value."""
    return (
        _base_of(estimate, posting).in_proportion
        and estimate.parts[0].exact_duty(place, posting.program) is not None
    )


def share_of_fact(estimate: Assessed, place: int, posting: Posting) -> str:
    """A percentage of a declared amount with that amount; empty for any other duty, and where an upper limit
    makes the duty less."""
    found = re.fullmatch(r"([\d.]+)% of fact (\w+)(, at most [^,]*)?", posting.duty_text)
    amount = found and _fact(estimate, place, found[2])
    if (
        not found
        or amount is None
        or abs(Decimal(found[1]) * amount / 100 - (posting.amount or 0)) > estimate.law.round_to
    ):
        return ""
    return f"{found[1]}% of the {found[2].replace('_', ' ')} {shown_amount(estimate, amount)}"


def measured_on(estimate: Assessed, place: int, posting: Posting) -> str:
    """What the duty was measured on: the base of a percentage; the quantities, facts and other duties of any
    other."""
    ledger, lines = estimate.parts
    exact = ledger.exact_duty(place, posting.program)
    base = "" if posting.base is None else shown_amount(estimate, posting.base)
    if in_proportion(estimate, place, posting):
        base = shown_amount(estimate, int(lines.columns.value[place]))
    if exact is None:
        return f" of {base}" if base else ""
    parts = []
    for amount in exact.amounts():
        if amount.kind in (BASE, VALUE):
            parts.append(base)
        elif amount.kind == CHARGED_BY:
            other = ledger.posting(place, estimate.law.program_index[amount.name])
            parts.append(
                f"{amount.name} having charged {shown_amount(estimate, other.amount or 0) if other else 0}"
            )
        elif amount.kind == QUANTITY and amount.name in lines.columns.quantities:
            parts.append(f"{_number(lines.columns.quantities[amount.name].values[place])} {amount.name}")
        elif (
            amount.kind in (MONEY_FACT, NUMBER_FACT)
            and (value := _fact(estimate, place, amount.name)) is not None
        ):
            shown = shown_amount(estimate, value) if amount.kind == MONEY_FACT else _number(value)
            parts.append(f"{amount.name} {shown}")
    return f" on {', '.join(parts)}" if parts else ""


def _fact(estimate: Assessed, place: int, name: str) -> int | None:
    """What a fact is on a line, declared, assumed or worked out; None where it is not known."""
    values, known = fact_values(estimate.law, estimate.parts[1].columns, name)
    return None if values is None or (known is not None and not known[place]) else int(values[place])


def _number(millionths: int) -> str:
    return f"{Decimal(int(millionths)).scaleb(-6).normalize():,f}"


def shown_amount(estimate: Assessed, minor: int) -> str:
    return f"{estimate.money(minor):,}"
