"""What is known of lines that leave facts out: the engine against the oracle, which makes every declaration
that could be made, one by one.

The lines are such as the law asks something of.  Their quantities are declared, so that what remains unknown
is unknown for want of a fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from fact_patterns import DUTY, FactPatterns
from oracle import Declared
from test_oracle import compare

import tariffcalc as tc


def lines(patterns: FactPatterns, number: int) -> Iterator[Declared]:
    """Lines aimed at a measure, with some of their facts left out, and some with eight digits only."""
    chance = patterns.random.random
    for _ in range(number):
        line = patterns._aimed(*patterns.random.choice(patterns.aims)) if chance() < 0.8 else patterns.line()
        share = patterns.random.choice((0.3, 0.6, 1))
        facts = {name: given for name, given in line.facts.items() if chance() >= share}
        code = line.commodity[:8] if chance() < 0.3 else line.commodity
        units = {name: given or Decimal("12.5") for name, given in line.quantity.items()}
        yield patterns._without_what_cannot_be(
            replace(line, commodity=code, facts=facts, quantity=units, admitted=None)
        )


def compare_left_out(tariff: tc.Tariff, seed: int, number: int) -> None:
    seen = compare(tariff, lines(FactPatterns(tariff.rulebook, seed), number))
    known, unknown = seen[f"{DUTY} total"], seen[f"{DUTY} unknown"]
    print(
        f"{number} lines: the duty of {known} is known, of {unknown} not; {seen['either']} postings are the"
        " same whatever is declared"
    )
    assert seen["either"] > number / 200 and unknown > number / 50, seen


@pytest.mark.parametrize("territory", ["us", "india"])
def test_facts_left_out(territory: str, request: pytest.FixtureRequest) -> None:
    """A few hundred lines of each territory."""
    compare_left_out(request.getfixturevalue(territory), 60, 250)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(4))
def test_facts_left_out_at_full_size(us: tc.Tariff, seed: int) -> None:
    """Twenty thousand lines in four runs."""
    compare_left_out(us, seed, 5000)
