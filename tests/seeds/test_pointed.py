"""Lines whose special column points to headings of chapter 98 or 99: every heading printed there is held,
with the rate printed in its edition."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

import tariffcalc as tc
from tariffcalc.law.duty_phrases import PLAIN
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.special_column import parse_special
from tariffcalc.moments import parse_moment

# 9822.09.22 to .24: the rate of 9901.00.50, which depends on the origin of the alcohol
LEFT = {("PA", "22071060"), ("PA", "22072000")}
ORIGINS = {
    "AU": "AU",
    "CO": "CO",
    "IL": "IL",
    "JP": "JP",
    "MA": "MA",
    "PA": "PA",
    "PE": "PE",
    "P+": "CR",
    "S+": "CA",
}


@pytest.fixture(scope="module")
def us() -> tc.Tariff:
    return tc.load("us")


def pointing_lines(us: tc.Tariff, day: str) -> list[tuple[str, str, str]]:
    """Special program, line and the text that points, of the rows in force on a day."""
    moment = parse_moment(day)
    rows = [row for row in us.rulebook.schedule if row.start <= moment < row.end and "See 9" in row.special]
    return [
        (spi, row.code, rate.duty.text)
        for row in rows
        for rate in parse_special(row.special, us.rulebook.duty_grammar)
        if rate.duty.text.startswith("See 9")
        for spi in rate.spi
    ]


def asked_of(row: Any) -> list[str]:
    """The facts that a problem of column 1 asks for."""
    of_column_1 = row.message.startswith("Column 1 and column 2 rates of duty: ")
    return re.findall(r"(?:depends on|Set) (\w+)", f"{row.message} {row.supply}") if of_column_1 else []


@pytest.mark.parametrize("day", ["2025-03-20", "2026-03-20"])
def test_each_line_that_points_comes_to_an_amount(us: tc.Tariff, day: str) -> None:
    """Within and above the quota; without a word on it, the problem asks for it and for no amount of
    money."""
    lines = [each for each in pointing_lines(us, day) if each[:2] not in LEFT]
    assert len(lines) > 750
    units = {"kg": "1000", "liter": "1000"}
    facts = {"agreement_safeguard": "no", "automotive_air_conditioner": "no", "drained_weight_kg": "10"}

    def estimate(more: dict[str, str]) -> tc.Estimate:
        known = [
            tc.Line(
                commodity=code, origin=ORIGINS[spi], value="1000", claims=[spi], quantity=units, facts=more
            )
            for spi, code, _ in lines
        ]
        return us.estimate(tc.Shipment(entered=day, lines=known), fees=False)

    for quota in ("in_quota", "over_quota"):
        asked = {
            name for row in estimate(facts | {"quota": quota}).problems.itertuples() for name in asked_of(row)
        }
        assert "quota" not in asked and "borrowed_duty" not in asked
    asked = Counter(name for row in estimate({}).problems.itertuples() for name in asked_of(row))
    assert asked["quota"] > 600 or day > "2026"
    assert not asked["borrowed_duty"]


@pytest.mark.parametrize("day", ["2025-03-20", "2026-03-20"])
def test_rates_of_chapter_98_are_those_of_the_schedule(us: tc.Tariff, day: str) -> None:
    """The headings of 9822 and 9823 are lines of the schedule as well: the measure charges what the line
    prints."""
    moment = parse_moment(day)
    printed = {
        row.code: row.special
        for row in us.rulebook.schedule
        if row.start <= moment < row.end and row.code[:4] in ("9822", "9823")
    }
    measures = [
        each
        for each in us.rulebook.programs["us.column-1"].measures
        if each.group == "pointed" and each.heading[:4] in ("9822", "9823")
    ]
    assert len(measures) > 210
    for measure in measures:
        special = printed[measure.heading.replace(".", "")]
        rates = {rate.duty.terms for rate in parse_special(special, us.rulebook.duty_grammar)}
        spells = [spell for spell in measure.history if moment in spell.entered]
        assert {spell.duty.terms for spell in spells} == rates, measure.heading
    assert parse_duty("none", PLAIN).terms == parse_duty("Free", PLAIN).terms
