"""A posting replayed from its own words gives its amount: the duty's text read by the small reader below, its
base, and what the line declares.

The reader knows percentages, amounts by quantity, sums, least and most, and the floor "to N% including ...";
texts it does not know are counted and left.  What is measured (quantities, facts, what other programs
charged) is taken from the oracle.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from fact_patterns import FactPatterns, as_frame
from numpy.typing import NDArray
from oracle import Declared, InDoubt, OneLine, oracle_of
from oracle_value import half_up

import tariffcalc as tc
from tariffcalc.engine.ledger.ledger import CHARGED, NONE_DUE, Posting
from tariffcalc.engine.ledger.posting_texts import PostingTexts
from tariffcalc.errors import CoverageWarning, UnknownUnit
from tariffcalc.units import unit

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
NUMBER = r"(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)"
PERCENT = re.compile(NUMBER + r"(?P<third> 1/3)? ?%(?: of (?P<of>value|base|(?:fact|charged) \S+))?")
MONEY = re.compile(
    r"(?:[$₹] ?|Rs\.? ?)?" + NUMBER + r"(?P<cents>¢)?(?: ?/ ?| per | )(?P<unit>each|[a-zA-Z0-9.]+)"
)
BOUNDS = re.compile(r",? (?:but )?(?:and )?(at least|not less than|at most|nor more than|not more than) ")
LINES = 700


class Unread(Exception):
    """A text that the reader does not know."""


def charged(text: str, one: OneLine, base: Fraction) -> Fraction:
    """What a duty text comes to on a line."""
    plain = re.sub(r"\s*\+\s*(?=[$₹.\d])", " + ", " ".join(text.split()))
    if plain in ("Free", "none", ""):
        return Fraction(0)
    floor = re.fullmatch(r"to ([\d.]+)% including (.+)", plain)
    if floor:
        other = floor[2] if "." in floor[2] else one.oracle.book.territory.column_1
        return max(Fraction(0), Fraction(floor[1]) / 100 * base - one.amount(f"charged {other}", base))
    first, *bounds = BOUNDS.split(plain)
    amount = total(first, one, base)
    for word, limit in zip(bounds[::2], bounds[1::2], strict=True):
        amount = (max if word in ("at least", "not less than") else min)(amount, total(limit, one, base))
    return amount


def total(text: str, one: OneLine, base: Fraction) -> Fraction:
    """A sum of pieces."""
    first, *rest = re.split(r" ([+-]) ", text)
    amount = piece(first, one, base)
    for sign, each in zip(rest[::2], rest[1::2], strict=True):
        amount += piece(each, one, base) * (1 if sign == "+" else -1)
    return amount


def piece(text: str, one: OneLine, base: Fraction) -> Fraction:
    """A percentage of something, or an amount for a quantity."""
    if text in ("none", "0"):
        return Fraction(0)
    if share := PERCENT.fullmatch(text):
        rate = Fraction(share["number"].replace(",", "")) + (Fraction(1, 3) if share["third"] else 0)
        return rate / 100 * (base if share["of"] in (None, "base") else one.amount(share["of"]))
    if money := MONEY.fullmatch(text):
        try:
            name = unit("no" if money["unit"] == "each" else money["unit"]).name
        except UnknownUnit:
            raise Unread(text) from None
        return (
            Fraction(money["number"].replace(",", ""))
            / (100 if money["cents"] else 1)
            * one.amount(f"quantity {name}")
        )
    raise Unread(text)


def replayed(tariff: tc.Tariff, posting: Posting, one: OneLine, base: Fraction) -> int:
    """The amount of a posting from its own words [minor units]."""
    territory = tariff.rulebook.territory
    program = tariff.rulebook.programs[posting.program]
    whole = Fraction(one.value)
    # that part of the duty of the whole line that the base is of its value
    if one.chosen(program).in_proportion and whole:
        amount = charged(posting.duty_text, one, whole) * base / whole
    else:
        amount = charged(posting.duty_text, one, base)
    minor = half_up(amount * territory.minor_units / territory.round_to) * territory.round_to
    assert posting.rule is not None
    if program.per == "shipment":
        minor = max(minor, posting.rule.shipment_at_least or 0)
        minor = min(
            minor, posting.rule.shipment_at_most if posting.rule.shipment_at_most is not None else minor
        )
    return minor


def replay(tariff: tc.Tariff, lines: list[Declared]) -> tuple[Counter[str], list[str]]:
    """How many postings were replayed and left, and those whose words do not give their amount."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(as_frame(lines))
    ledger, good = estimate.parts
    seen: Counter[str] = Counter()
    wrong = []
    for place, row in enumerate(good.rows):
        one = OneLine(oracle_of(tariff.rulebook), lines[row])
        for posting in ledger.postings(place):
            if posting.outcome not in (CHARGED, NONE_DUE) or posting.base is None or posting.amount is None:
                continue
            # the base of a posting is told to the cent
            half = Fraction(1, 2 * tariff.law.minor_units) if "%" in posting.base_text else Fraction(0)
            base = Fraction(estimate.money(posting.base))
            try:
                least, most = (replayed(tariff, posting, one, base + side) for side in (-half, half))
            except (Unread, InDoubt):
                seen["left"] += 1
                continue
            seen["replayed"] += 1
            seen["charged"] += posting.amount > 0
            if not least <= posting.amount <= most:
                wrong.append(
                    f"{posting.program} {posting.duty_text!r} on {posting.base}: {posting.amount}, replayed"
                    f" {least}: {lines[row]}"
                )
    return seen, wrong


@pytest.mark.parametrize("law", ["us", "in", LAND], ids=["us", "in", "land"])
def test_a_posting_replayed_from_its_own_words_gives_its_amount(law: str | Path) -> None:
    """Drawn lines of each territory: nearly every posting can be replayed, and gives its amount to
    the cent."""
    tariff = tc.load(law)
    seen, wrong = replay(tariff, list(FactPatterns(tariff.rulebook, seed=404).lines(LINES)))
    assert not wrong, "\n".join(wrong[:5])
    assert seen["charged"] > 150 and seen["left"] < seen["replayed"] / 8, seen


def test_a_text_of_the_wrong_column_is_seen(us: tc.Tariff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The property can fail: a posting of column 1 that tells the text of column 2 does not give its
    amount."""

    def of_column_2(texts: PostingTexts) -> NDArray[np.int64]:
        number = texts.law.rule_duty[texts._of.rule].astype(np.int64)
        scheduled = np.flatnonzero(texts._scheduled)
        rows = texts.lines.segment[texts.postings.line[scheduled]]
        number[scheduled] = texts.law.segments.column2[rows]
        return number

    monkeypatch.setattr(PostingTexts, "duty_number", property(of_column_2))
    _, wrong = replay(us, list(FactPatterns(us.rulebook, seed=404).lines(150)))
    assert len(wrong) > 10
