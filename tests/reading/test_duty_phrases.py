"""A territory's own phrases of duty texts, end to end on the invented land: in its schedule, its programs, a
scenario and a table of one's own rates; and what is wrong with a phrase."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.errors import ScenarioError, SeedError
from tariffcalc.ingest.rates_table import lay_over

HULL = (
    "- {fact: hull_value, type: money, meaning: Value of the hull., assumed: unknown, bounds: none}\n"
    "- {fact: dry_kg, type: number, unit: kg, meaning: Dry weight., assumed: unknown, bounds: none}\n"
)
OWN = "share,on the hull,fact hull_value,,,\namount,weighed dry,fact dry_kg,kg,,\n"
BOAT = "1002.00.00"
DUTY = "7% on the hull + 20¢/t weighed dry"


def edited(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def added(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def port(land_seeds: Path) -> Path:
    """The invented land with two phrases of its own, and a line whose duty is written with them."""
    added(land_seeds / "facts.yaml", HULL)
    added(land_seeds / "duty-phrases.csv", OWN)
    edited(land_seeds / "schedule" / "chapter-10.csv", "Specific,kg,1.4¢/kg,", f"Specific,kg,{DUTY},")
    return land_seeds


def customs(tariff: tc.Tariff, commodity: str = BOAT, **facts: str) -> Decimal | None:
    """The duty of column 1 on goods worth 1,000 of an origin without preference."""
    line = tc.Line(commodity=commodity, origin="CC", value="1000", quantity={"kg": "50"}, facts=facts)
    ledger = tariff.estimate(tc.Shipment(entered="2025-01-10", lines=(line,))).ledger
    (amount,) = ledger[ledger.program == "land.customs"].amount
    return amount


def test_the_schedule_is_read_with_the_territorys_phrases(port: Path) -> None:
    """7% of 400 is 28; 20 cents for a ton are 0.02 cents for a kilogram, 5.00 for 25,000 of them."""
    tariff = tc.load(port)
    assert customs(tariff, hull_value="400", dry_kg="25000") == Decimal("33.00")
    assert customs(tariff, hull_value="400") is None


def test_a_program_is_read_with_the_territorys_phrases(port: Path) -> None:
    """12% of 400."""
    edited(
        port / "programs" / "customs.yaml",
        '{on_or_after: 2025-01-01}, duty: "as scheduled: general"',
        "{on_or_after: 2025-01-01}, duty: 12% on the hull",
    )
    assert customs(tc.load(port), hull_value="400") == Decimal("48.00")


def test_a_scenario_is_read_with_the_territorys_phrases(port: Path) -> None:
    """30% of 400; a phrase of no territory is refused where the scenario is applied, with its place."""
    tariff = tc.load(port)
    other = tc.Scenario("Hulls").set_duty("land.customs/general", "30% on the hull")
    assert customs(tariff.amend(other), hull_value="400") == Decimal("120.00")
    unknown = tc.Scenario("Masts").set_duty("land.customs/general", "30% on the mast")
    with pytest.raises(ScenarioError, match=r"'Masts', change 1: set_duty .*'on the mast' is no phrase"):
        tariff.amend(unknown)


def test_a_table_of_own_rates_is_read_with_the_territorys_phrases(port: Path, tmp_path: Path) -> None:
    """3% of 400."""
    edited(port / "schedule" / "chapter-10.csv", DUTY, "not held")
    table = tmp_path / "rates.csv"
    table.write_text(f"commodity,duty,by\n{BOAT},3% on the hull,my book\n", encoding="utf-8")
    laid = lay_over(port, table, tmp_path / "mine")
    assert customs(tc.load(laid.folder), hull_value="400") == Decimal("12.00")
    table.write_text(f"commodity,duty,by\n{BOAT},3% on the mast,my book\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"rates\.csv:2: .*'on the mast' is no phrase"):
        lay_over(port, table, tmp_path / "other")


def test_an_edit_of_the_phrases_is_another_law(port: Path) -> None:
    """The hull is from now on the whole value: 7% of 1,000."""
    assert customs(tc.load(port), hull_value="400", dry_kg="0") == Decimal("28.00")
    edited(port / "duty-phrases.csv", "on the hull,fact hull_value", "on the hull,value")
    assert customs(tc.load(port), dry_kg="0") == Decimal("70.00")


def without_phrase(folder: Path) -> None:
    edited(folder / "duty-phrases.csv", "share,on the hull,fact hull_value,,,\n", "")


def in_a_program(folder: Path) -> None:
    edited(folder / "programs" / "tax.yaml", "duty: 18%", "duty: 1% on the mast")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_phrase, r"tariff line 1002\.00\.00: .*'on the hull' is no phrase of the territory"),
        (in_a_program, r"programs/tax\.yaml:\d+: S010 .*'on the mast' is no phrase of the territory"),
    ],
)
def test_a_phrase_that_is_nowhere_is_refused_with_its_place(
    port: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(port)
    with pytest.raises(SeedError, match=said):
        tc.load(port)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("share,on the mast,fact mast_value,,,", "the fact 'mast_value' is not in the registry of facts"),
        ("share,on the mast,fact dry_kg,,,", "fact dry_kg is a quantity: expected money"),
        ("share,on the mast,charged land.nothing,,,", "there is no program 'land.nothing'"),
        ("amount,of mast,fact hull_value,kg,,", "fact hull_value is money: expected a quantity"),
        ("at most,and no more than the mast,fact mast_value,,,", "the fact 'mast_value' is not in"),
        ("sentence,As the mast ...,fact mast_value,,duty,", "the fact 'mast_value' is not in"),
        ("sentence,As the mast ...,fact transport,,,", "the fact transport is a choice"),
    ],
)
def test_check_finds_a_phrase_that_means_nothing_measured(port: Path, row: str, said: str) -> None:
    added(port / "duty-phrases.csv", f"{row}\n")
    (found,) = [finding for finding in tc.check(port) if finding.code == "D023"]
    assert said in found.message
    assert (found.file, found.line) == ("land/duty-phrases.csv", 6)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("part,on the mast,value,,,", "'part' is no kind of phrase"),
        ("share,on the mast,mast_value,,,", "'mast_value' is no amount of a line"),
        ("amount,of mast,quantity stone,kg,,", "'stone' is not a unit of quantity"),
        ("amount,of mast,value | base,kg,,", "is several amounts"),
        ("share,on the mast,value,kg,,", "has no unit"),
        ("share,on the mast,value,,duty,", "'duty' is nothing that another line lends"),
        ("share,on the hull,value,,,", "'on the hull' is written twice"),
        ("share,,value,,,", "the cell of 'phrase' is empty"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_finding_with_its_line(port: Path, row: str, said: str) -> None:
    added(port / "duty-phrases.csv", f"{row}\n")
    found = tc.check(port)
    assert any(said in each.message and each.file == "duty-phrases.csv" and each.line == 6 for each in found)
