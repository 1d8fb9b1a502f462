"""The least and the most of duties that are unknown: the engine against the oracle, which tries every
declaration that could be made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from fact_patterns import FactPatterns, as_frame
from oracle import Declared
from oracle_bands import TooMany, band_of

import tariffcalc as tc
from tariffcalc.engine.amounts.extremes import UNBOUNDED
from tariffcalc.errors import CoverageWarning


def lines(patterns: FactPatterns, number: int) -> Iterator[Declared]:
    """Lines aimed at a measure, with some of their facts and quantities left out, and some with eight digits
    only."""
    chance = patterns.random.random
    for _ in range(number):
        line = patterns._aimed(*patterns.random.choice(patterns.aims)) if chance() < 0.8 else patterns.line()
        share = patterns.random.choice((0.3, 0.6, 1))
        facts = {name: given for name, given in line.facts.items() if chance() >= share}
        quantity = {name: given for name, given in line.quantity.items() if chance() >= share / 2}
        code = line.commodity[:8] if chance() < 0.3 else line.commodity
        line = replace(line, commodity=code, facts=facts, quantity=quantity, admitted=None)
        yield patterns._without_what_cannot_be(line)


def compare_bands(tariff: tc.Tariff, drawn: list[Declared]) -> dict[str, int]:
    """Fail where the engine and the oracle differ; return how many bands of each kind were compared."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(as_frame(drawn), fees=False, on_problem="keep")
    ledger, read = estimate.parts
    places, bands = ledger.bands
    seen = {"bounded": 0, "unbounded": 0, "too many": 0}
    for place, least, most in zip(places.tolist(), bands.least.tolist(), bands.most.tolist(), strict=True):
        line = drawn[int(read.rows[place])]
        try:
            expected = band_of(tariff.rulebook, line)
        except TooMany:
            seen["too many"] += 1
            continue
        found = estimate.money(least), None if most == UNBOUNDED else estimate.money(most)
        assert found == expected, (found, expected, as_frame([line]).dropna(axis=1).to_dict("records")[0])
        seen["unbounded" if most == UNBOUNDED else "bounded"] += 1
    assert np.all(bands.least <= bands.most)
    return seen


@pytest.mark.parametrize("territory", ["us", "india"])
def test_bands(territory: str, request: pytest.FixtureRequest) -> None:
    """Some hundred lines of each territory."""
    tariff = request.getfixturevalue(territory)
    seen = compare_bands(tariff, list(lines(FactPatterns(tariff.rulebook, 61), 160)))
    assert seen["bounded"] > 8 and seen["unbounded"] > 10 and seen["too many"] < 20, seen


@pytest.mark.nightly
@pytest.mark.parametrize("territory", ["us", "india"])
@pytest.mark.parametrize("seed", range(4))
def test_bands_at_full_size(territory: str, seed: int, request: pytest.FixtureRequest) -> None:
    """Twenty thousand lines of the two territories in eight runs."""
    tariff = request.getfixturevalue(territory)
    compare_bands(tariff, list(lines(FactPatterns(tariff.rulebook, 100 + seed), 2500)))
