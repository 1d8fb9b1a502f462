"""India: the tables against the official texts where they are beside the project, and what must hold of the
seeds in any case."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.law.measure import Measure
from tariffcalc.moments import parse_moment

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "law" / "india"
MONTHS = {"February": 2, "March": 3, "April": 4, "May": 5}
VEHICLES = {"315", "316", "317", "328", "329"}  # measures with facts of their own, and no claim of a serial


@pytest.fixture(scope="module")
def india() -> tc.Tariff:
    return tc.load("in")


def of_serial(india: tc.Tariff, serial: str) -> list[Measure]:
    """The measures of the basic duty that one serial of Table I makes."""
    name = re.compile(rf"45-2025-I-{serial}(?:-[a-z][a-z-]*)?$")
    return [measure for measure in india.programs["in.bcd"].measures if name.match(measure.id)]


def test_no_findings() -> None:
    assert tc.check("in") == []


def test_every_tariff_line_is_there(india: tc.Tariff) -> None:
    """12,476 lines of the ITC(HS) of 2022, 42 of the letter of 2026, two beside them, and twenty-nine that
    are left of lines split that day; 9806."""
    assert len({line.code for line in india.rulebook.schedule}) == 12_476 + 42 + 2 + 4 + 25 + 1
    new = {
        line.code
        for line in india.rulebook.schedule
        if line.start == parse_moment("2026-05-01") and line.by == "FB-2026"
    }
    first = {line.code for line in india.rulebook.schedule if line.start < parse_moment("2026-05-01")}
    assert len(new - first) == 44


@pytest.mark.parametrize(("table", "last"), [("I", 440), ("II", 81), ("III", 17)])
def test_every_serial_of_the_notification_can_be_claimed(india: tc.Tariff, table: str, last: int) -> None:
    """Tables I, II and III of 45/2025-Customs run to 440, 81 and 17."""
    claimed = {
        choice.split("-")[1]
        for choice in india.rulebook.facts["exemption_serial"].choices
        if choice.startswith(f"{table}-")
    }
    wanted = {str(number) for number in range(1, last + 1)} - (VEHICLES if table == "I" else set())
    assert wanted - claimed == set()
    inserted = (
        {"84A", "110A", "110B", "111A", "226A", "227A", "227B", "278A", "334A", "335A"}
        if table == "I"
        else set()
    )
    assert claimed - wanted == inserted


def end(measure: Measure) -> int:
    """The first day on which nothing of a measure is left, but for spells taken back."""
    return max(spell.entered.before for spell in measure.history if not spell.withdrawn_by)


def day(text: str) -> int:
    found = re.fullmatch(r"(\d+)\w\w (?:day of )?(\w+), (\d{4})", text)
    assert found, text
    return parse_moment(f"{found[3]}-{MONTHS[found[2]]:02d}-{int(found[1]):02d}")


def amending_text() -> str:
    """The part of 02/2026-Customs on Table I, in one line."""
    text = " ".join((TEXTS / "cus0226.txt").read_text(encoding="utf-8").split())
    return text[text.index("in TABLE I, -") : text.index("II. ", text.index("in TABLE I, -"))]


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the official texts are not beside the project")
def test_serials_omitted_by_the_amending_notification(india: tc.Tariff) -> None:
    """Each ends on the day the text gives, or on the day after publication where it gives none."""
    found = re.findall(
        r"\(\d+\) S\. No\. (\w+) and the entries relating thereto shall be omitted(?: with effect from the"
        r" ([\w ]+, \d{4}))?",
        amending_text(),
    )
    assert len(found) > 80
    wrong = []
    for serial, since in found:
        ends = day(since) if since else parse_moment("2026-02-02")
        wrong += [(measure.id, ends) for measure in of_serial(india, serial) if end(measure) != ends]
        assert of_serial(india, serial), serial
    assert wrong == []


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the official texts are not beside the project")
def test_serials_extended_by_the_amending_notification(india: tc.Tariff) -> None:
    """Where 31st March, 2026 became 31st March, 2028, the last day is the latter; on what was known before,
    the former."""
    change = (
        "for the figures, letters and word “31st March, 2026”, the figures, letters and word “31st March,"
        " 2028”"
    )
    pattern = rf"against S\. No\. (\w+),[- ]+(?:\(a\) )?in column \(3\), in the proviso, {change}"
    found = re.findall(pattern, amending_text())
    assert len(found) > 80
    before = tc.load("in", known_on="2026-01-15")
    wrong = []
    for serial in found:
        ends = {end(measure) for measure in of_serial(india, serial)}
        # their condition changed: another measure goes on
        ended = {parse_moment("2026-02-02")} if serial in ("140", "142") else set()
        wrong += [(serial, ends)] if ends != {parse_moment("2028-04-01")} | ended else []
        known = [measure for measure in of_serial(before, serial) if measure.history]
        wrong += [
            measure.id
            for measure in known
            if max(spell.entered.before for spell in measure.history) != parse_moment("2026-04-01")
        ]
    assert wrong == []


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the official texts are not beside the project")
def test_rates_of_the_letter_of_2026(india: tc.Tariff) -> None:
    """Each tariff item of annexure III stands in the schedule with the rate the letter prints, from the day
    it names."""
    text = " ".join((TEXTS / "dojstru1.txt").read_text(encoding="utf-8").split())
    table = text[
        text.index("NEW TARIFF LINES HAVE BEEN CREATED") : text.index(
            "AMENDMENTS TO CUSTOMS ACT, 1962", text.index("NEW TARIFF LINES HAVE BEEN CREATED")
        )
    ]
    entries = re.findall(r"dated 2[34]\.\d\d\.20\d\d\] ((?:\d{4}(?: \d\d){2},? )+)([\d.]+%|Nil)", table)
    assert len(entries) > 25
    held = {
        line.code: line.general
        for line in india.rulebook.schedule
        if line.start == parse_moment("2026-05-01")
    }
    for items, rate in entries:
        for item in re.findall(r"\d{4} \d\d \d\d", items):
            assert held[item.replace(" ", "")] == ("Free" if rate == "Nil" else rate), item


def test_announcements_are_not_computed(india: tc.Tariff) -> None:
    """What was promised to the United States is an announcement and a scenario; no spell is for its goods but
    those of 2019 to 2023."""
    program = india.programs["in.bcd"]
    assert {entry["announced"] for entry in program.announced_only if entry["origin"] == "US"} == {
        "2026-02-06"
    }
    own = [
        measure
        for program in india.programs.values()
        for measure in program.measures
        if "US" in measure.origin.items
    ]
    assert {spell.entered.before for measure in own for spell in measure.history} == {
        parse_moment("2023-09-06")
    }


def test_the_scenario_of_the_framework_changes_what_it_says(india: tc.Tariff) -> None:
    """Apples within the quota at 20% instead of 15% and 35%; almonds of another origin as before."""
    promised = india.amend("us-framework-as-promised")
    apples = tc.Line(
        commodity="0808.10.00", origin="US", value="100000", facts={"tariff_rate_quota": "in_quota"}
    )
    other = tc.Line(
        commodity="0808.10.00", origin="NZ", value="100000", facts={"tariff_rate_quota": "in_quota"}
    )
    for line, before, after in ((apples, 50_000, 20_000), (other, 50_000, 50_000)):
        shipment = tc.Shipment(entered="2026-05-10", lines=(line,))
        assert india.estimate(shipment).duty == before
        assert promised.estimate(shipment).duty == after


def test_an_unknown_duty_says_where_it_stands(india: tc.Tariff) -> None:
    mangoes = tc.Line(commodity="0804.50.21", origin="US", value="100000")  # nil if fresh, 5% if dried
    coat = tc.Line(commodity="6201.20.10", origin="US", value="100000", quantity={"no": 10})
    estimate = india.estimate(tc.Shipment(entered="2026-05-10", lines=(coat, mangoes)))
    assert estimate.duty is None
    supply = " ".join(estimate.problems["supply"])
    assert (
        "look up First Schedule, chapter 62: 20%, or an amount in rupees for each unit where that is more;"
        " the amount is not held" in supply
    )
    assert "notification 9/2025-Integrated Tax (Rate)" in supply


def test_lines_whose_rate_is_not_held_are_told_apart(india: tc.Tariff) -> None:
    """Two unknown lines of a table each name the chapter of their own."""
    import pandas as pd

    table = pd.DataFrame(
        {
            "commodity": ["8112.39.00", "9808.92.99", "8112.39.00"],
            "origin": "US",
            "entered": "2026-05-10",
            "value": "1000",
        }
    )
    problems = india.estimate(table).problems
    basic = problems[problems["message"].str.startswith("Basic customs duty")].set_index("row")["supply"]
    assert {row: text.rsplit(" ", 1)[1] for row, text in basic.items()} == {0: "81", 1: "98", 2: "81"}


def test_what_an_importer_takes_back(india: tc.Tariff) -> None:
    assert {name for name, program in india.programs.items() if program.creditable} == {
        "in.igst",
        "in.compensation-cess",
    }


def test_exemptions_stand_in_order_of_their_rates(india: tc.Tariff) -> None:
    """Of two entries that apply, the one of the lower rate is charged: the last of an ordered table goes
    first."""
    order = [measure for measure in india.programs["in.bcd"].measures if measure.group == "exemptions"]
    for above, below in pairwise(order):
        assert above.id in below.instead_of
    ad_valorem = [
        float(text.removesuffix("%"))
        for measure in order
        if (text := measure.history[-1].duty.text).endswith("%") and "not" not in text
    ]
    falling = [measure for measure, later in pairwise(ad_valorem) if later > measure]
    assert len(falling) <= 1  # gold and silver, whose rate rose in 2026


def test_no_line_stands_in_two_schedules_of_the_integrated_tax(india: tc.Tariff) -> None:
    """Of 12,520 lines each is in one list of codes at most; those in none are told apart by words or have a
    measure of their own."""
    found: dict[str, list[str]] = {line.code: [] for line in india.rulebook.schedule}
    for name in (
        name
        for name in india.rulebook.lists
        if name.startswith("igst-") and not name.startswith("igst-2017-")
    ):
        members = india.rulebook.lists[name].members
        kept, out = (
            tuple(each.item for each in members if each.excepted is excepted) for excepted in (False, True)
        )
        for code, names in found.items():
            if code.startswith(kept) and not code.startswith(out or ("x",)):
                names.append(name)
    assert [code for code, names in found.items() if len(names) > 1] == []
    assert 900 < sum(not names for names in found.values()) < 1000
    assert found["84821020"] == ["igst-schedule-2"]  # Schedule II, serial 467
    # electronic toys, serial 616; the other toys of 9503 are of Schedule I
    assert found["95030091"] == ["igst-schedule-2"]
    assert found["95030099"] == ["igst-schedule-1"]


def test_no_line_stands_in_two_lists_of_the_integrated_tax_before(india: tc.Tariff) -> None:
    """Of 12,477 lines before 22 September 2025 each is in one list at most: 11,608 with one rate, 869 with
    several and in none."""
    first = {line.code for line in india.rulebook.schedule if line.start < parse_moment("2025-09-22")}
    found = dict.fromkeys(first, 0)
    for name in (name for name in india.rulebook.lists if name.startswith("igst-2017-")):
        kept = tuple(member.item for member in india.rulebook.lists[name].members)
        for code in first:
            found[code] += code.startswith(kept)
    assert max(found.values()) == 1
    outside = tuple(
        item
        for measure in india.programs["in.igst"].measures
        if measure.id in ("potable-alcohol", "outside-fuels")
        for item in measure.products.items
    )
    assert sum(not count and not code.startswith(outside) for code, count in found.items()) == 869


@pytest.mark.parametrize("day", ["2025-01-15", "2025-06-01", "2025-10-30", "2026-02-01", "2026-09-30"])
def test_the_law_as_known_on_a_day_stands_by_itself(day: str) -> None:
    """Later acts unknown, no two measures meet unordered and no spell lacks an end that another needs."""
    assert tc.load("in", known_on=day).law.programs
