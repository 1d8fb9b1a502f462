"""Numbers that become others: what law says of a number goes with its goods, on every list and measure, and a
number is refused on days of others.

The law of the first tests is the invented one with a chapter of renumbered lines; what each number owes is
worked out by hand from the table below.
"""

from __future__ import annotations

import csv
import shutil
import warnings
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from fact_patterns import FactPatterns
from test_oracle import compare

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning, ScenarioError, SeedError
from tariffcalc.moments import parse_moment

HERE = Path(__file__).parents[1]
LAND = HERE / "law_fixture" / "land"
SEEDS = HERE.parent / "seeds"
FIRST, SECOND = "2025-07-01", "2025-10-01"

# Of 2001.00.00: 10 is split; 20 gets a new number; 30 and 40 are merged, as are 50 and 60; 70 becomes 71, and
# its number is given to the goods of 80.
# Three months later 11 is split again, and 35 gets a new number.
BECAME = [
    ("10", "11", FIRST), ("10", "12", FIRST), ("20", "21", FIRST), ("30", "35", FIRST), ("40", "35", FIRST),
    ("50", "45", FIRST), ("60", "45", FIRST),
    ("70", "71", FIRST), ("80", "70", FIRST), ("11", "13", SECOND), ("11", "14", SECOND),
    ("35", "36", SECOND),
]  # fmt: skip
LEVIED = ["10", "20", "30", "50", "60", "70"]  # the list names these, in the numbers of before the first day
# by day: what is charged, and what cannot be known because only some of the goods come of a listed number
OWED = {
    "2025-06-30": (["10", "20", "30", "50", "60", "70"], [], ["40", "80"]),
    FIRST: (["11", "12", "21", "45", "71"], ["35"], ["70"]),
    SECOND: (["12", "13", "14", "21", "45", "71"], ["36"], ["70"]),
}
# programs that look at the day of entry
ZONE = {"by-entry": "list levied", "but-entry": "2002 except 2002.00.00.10", "anew": "list anew"}
PROGRAM = """
program: land.{name}
title: Levy
authority: The book of duties
charged_on: customs value
reviewed: {{through: 2027-01-01, against: Book 1}}
measures:
  - id: levy
    products: {products}
    history:
      - {{entered: {{on_or_after: 2025-01-01}}, duty: 10%, by: BOOK}}
"""


def _lines() -> list[str]:
    days: dict[str, tuple[str, str]] = {old: ("2025-01-01", day) for old, _, day in BECAME if day == FIRST}
    days |= {
        new: (day, next((end for old, _, end in BECAME if old == new and end > day), ""))
        for _, new, day in BECAME
    }
    rows = [
        f"20010000{code},{start},{end},Renumbered,kg,,,,BOOK,{'BOOK' if end else ''}"
        for code, (start, end) in sorted(days.items())
        if code != "70"
    ]
    rows += [
        "2001000070,2025-01-01,2025-07-01,Seventy,kg,,,,BOOK,BOOK",
        "2001000070,2025-07-01,,Once eighty,kg,,,,BOOK,",
    ]
    rows += [
        "2002000010,2025-01-01,2025-07-01,Spared,kg,,,,BOOK,BOOK",
        "2002000011,2025-07-01,,Spared,kg,,,,BOOK,",
        "2002000020,2025-01-01,,Other,kg,,,,BOOK,",
    ]
    eights = [f"{code},2025-01-01,,Whole,kg,Free,,Free,BOOK," for code in ("20010000", "20020000")]
    return sorted([*rows, *eights])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented law with a chapter of renumbered lines, a list of old numbers, one with an exception, and
    a measure that names numbers itself."""
    seeds = tmp_path_factory.mktemp("seeds")
    for shared in ("geography.csv", "groups.yaml"):
        shutil.copy(LAND.parent / shared, seeds / shared)
    land = seeds / "land"
    shutil.copytree(LAND, land)
    head = "code,from,until,label,units,general,special,column2,by,ended_by"
    (land / "schedule" / "chapter-20.csv").write_text("\n".join([head, *_lines()]) + "\n")
    table = [f"2001.00.00.{old},2001.00.00.{new},{day},BOOK" for old, new, day in BECAME] + [
        f"2002.00.00.10,2002.00.00.11,{FIRST},BOOK"
    ]
    (land / "schedule" / "renumbered.csv").write_text("\n".join(["old,new,on_or_after,by", *table]) + "\n")
    (land / "lists" / "levied.csv").write_text(
        "\n".join(["code,by", *(f"2001.00.00.{code},BOOK" for code in LEVIED)]) + "\n"
    )
    (land / "lists" / "mostly.csv").write_text("code,by,except\n2002,BOOK,\n2002.00.00.10,BOOK,yes\n")
    (land / "lists" / "later.csv").write_text(f"code,from,by\n2001.00.00.70,{FIRST},BOOK\n")
    direct = ", ".join(f"2001.00.00.{code}" for code in LEVIED)
    products = {
        "levy": "list levied",
        "mostly": "list mostly",
        "later": "list later",
        "direct": direct,
        "except": "2002 except 2002.00.00.10",
    }
    for name, goods in products.items():
        (land / "programs" / f"{name}.yaml").write_text(PROGRAM.format(name=name, products=goods))
    for name, goods in ZONE.items():
        text = PROGRAM.format(name=name, products=goods)
        (land / "programs" / f"{name}.yaml").write_text(
            text.replace("charged_on", "dated_by: entry\ncharged_on", 1)
        )
    anew = [("12", FIRST), ("21", FIRST), ("35", FIRST), ("11", SECOND)]
    (land / "lists" / "anew.csv").write_text(
        "\n".join(["code,from,by", *(f"2001.00.00.{code},{day},BOOK" for code, day in anew)]) + "\n"
    )
    return land


@pytest.fixture(scope="module")
def land(folder: Path) -> tc.Tariff:
    return tc.load(folder)


def owed(
    law: tc.Tariff, codes: list[str], day: str, program: str, admitted: str | None = None
) -> list[Decimal | None]:
    """What a program charges on 1,000 of each code; None where that is unknown."""
    lines = [tc.Line(commodity=code, origin="AA", value="1000") for code in codes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = law.estimate(tc.Shipment(entered=day, admitted=admitted, lines=lines))
    said = [
        {posting.program: posting.amount for posting in estimate.parts[0].postings(place)}
        for place in range(len(codes))
    ]
    return [None if each.get(program, 0) is None else estimate.money(each.get(program, 0)) for each in said]


@pytest.mark.parametrize("program", ["land.levy", "land.direct"])
@pytest.mark.parametrize("day", list(OWED))
def test_the_goods_keep_what_the_list_says_of_their_old_number(
    land: tc.Tariff, day: str, program: str
) -> None:
    charged, unknown, free = OWED[day]
    codes = [f"2001.00.00.{each}" for each in (*charged, *unknown, *free)]
    assert owed(land, codes, day, program) == [Decimal(100)] * len(charged) + [None] * len(unknown) + [
        Decimal(0)
    ] * len(free)


@pytest.mark.parametrize("program", ["land.mostly", "land.except"])
def test_an_exception_goes_with_its_goods(land: tc.Tariff, program: str) -> None:
    assert owed(land, ["2002.00.00.10", "2002.00.00.20"], "2025-06-30", program) == [0, 100]
    assert owed(land, ["2002.00.00.11", "2002.00.00.20"], FIRST, program) == [0, 100]


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_goods_admitted_to_a_zone_keep_their_number_and_what_lists_say_of_it(
    land: tc.Tariff, day: str
) -> None:
    """Of a program that looks at the day of entry; 40 is not named, though of 35, which it became with 30,
    some goods are."""
    codes = [f"2001.00.00.{each}" for each in ("10", "20", "30", "50", "60", "40")]
    assert owed(land, codes, day, "land.by-entry", admitted="2025-06-30") == [100] * 5 + [0]
    assert owed(land, ["2001.00.00.35"], SECOND, "land.by-entry", admitted=FIRST) == [None]
    assert owed(land, ["2002.00.00.10", "2002.00.00.20"], day, "land.but-entry", admitted="2025-06-30") == [
        0,
        100,
    ]
    assert owed(land, ["2001.00.00.11"], SECOND, "land.by-entry", admitted=FIRST) == [100]


def test_a_list_printed_anew_names_a_number_of_before_as_far_as_all_its_successors(land: tc.Tariff) -> None:
    """The list names 12, 21 and 35 from the first day, and 11 from the second, when that has become 13 and
    14."""
    codes = [f"2001.00.00.{each}" for each in ("10", "20", "30", "40", "50")]
    assert owed(land, codes, FIRST, "land.anew", admitted="2025-06-30") == [None, 100, 100, 100, 0]


def test_a_row_written_on_the_day_names_the_goods_of_that_day(land: tc.Tariff) -> None:
    assert owed(land, ["2001.00.00.70", "2001.00.00.80"], "2025-06-30", "land.later") == [0, 0]
    assert owed(land, ["2001.00.00.70", "2001.00.00.71"], FIRST, "land.later") == [100, 0]


def test_a_panel_of_the_day_says_the_same(land: tc.Tariff) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        panel = land.panel(origins=["AA"], entered=[FIRST]).query("commodity.str.startswith('2001')")
    rates = dict(zip(panel["commodity"].str[-2:], panel["land.levy"] / panel["value"], strict=True))
    assert {code: rates[code] for code in ("11", "12", "21", "45", "71", "70")} == {
        "11": 0.1,
        "12": 0.1,
        "21": 0.1,
        "45": 0.1,
        "71": 0.1,
        "70": 0.0,
    }
    assert pd.isna(rates["35"])


def test_a_number_is_refused_on_days_of_others_and_those_are_named(land: tc.Tariff) -> None:
    def advice(code: str, day: str) -> tuple[str, str]:
        table = pd.DataFrame(
            {"commodity": [f"2001.00.00.{code}"], "origin": ["AA"], "entered": [day], "value": [1]}
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CoverageWarning)
            problems = land.estimate(table).problems
        return problems["code"][0], problems["supply"][0]

    assert advice("10", "2025-12-01") == (
        "code-not-valid-then",
        "its goods have one of the numbers 2001.00.00.12, 2001.00.00.13 or 2001.00.00.14 on that day"
    )  # fmt: skip
    assert advice("20", FIRST) == (
        "code-not-valid-then",
        "its goods have the number 2001.00.00.21 on that day",
    )
    assert advice("36", "2025-06-30") == (
        "code-not-valid-then",
        "its goods have one of the numbers 2001.00.00.30 or 2001.00.00.40 on that day",
    )
    assert advice("36", FIRST) == (
        "code-not-valid-then",
        "its goods have the number 2001.00.00.35 on that day",
    )


def test_a_successor_is_taken_off_a_list_and_a_retired_number_is_not_put_on_one(land: tc.Tariff) -> None:
    shorter = land.amend(
        tc.Scenario("less").remove_from_list("levied", ["2001.00.00.12"], on_or_after="2025-08-01")
    )
    assert owed(shorter, ["2001.00.00.12", "2001.00.00.11"], "2025-08-01", "land.levy") == [0, 100]
    assert owed(shorter, ["2001.00.00.12", "2001.00.00.11"], "2025-07-31", "land.levy") == [100, 100]
    with pytest.raises(
        ScenarioError,
        match=r"covers no tariff line on or after 2025-08-01; its goods have the numbers 2001\.00\.00\.1[12]",
    ):
        land.amend(tc.Scenario("more").add_to_list("later", ["2001.00.00.10"], on_or_after="2025-08-01"))


def test_the_oracle_follows_the_goods_back(land: tc.Tariff) -> None:
    patterns = FactPatterns(land.rulebook, seed=7)
    codes = [line.split(",")[0] for line in _lines()]
    days = [parse_moment(day) + step for day in (FIRST, SECOND) for step in (-3, 0, 3)]
    lines = [patterns._at_random(day, code) for code in codes for day in days]
    before = parse_moment("2025-06-30")
    lines += [
        replace(line, admitted=before, loaded=None, exported=None)
        for line in lines
        if line.entered >= parse_moment(FIRST)
    ]
    seen = compare(land, iter(lines))
    assert seen["charged"] > 150 and seen["unknown"] > 15


def test_the_oracle_agrees_on_the_renumbered_lines_of_the_united_states(us: tc.Tariff) -> None:
    with (SEEDS / "us" / "schedule" / "renumbered.csv").open(encoding="utf-8", newline="") as stream:
        codes = sorted(
            {
                row[name].replace(".", "")[:length]
                for row in csv.DictReader(stream)
                for name in ("old", "new")
                for length in (8, 10)
            }
        )
    days = [
        parse_moment(day)
        for day in (
            "2026-01-31",
            "2026-02-01",
            "2026-03-20",
            "2026-06-30",
            "2026-07-01",
            "2026-08-15",
            "2026-10-05",
        )
    ]
    patterns = FactPatterns(us.rulebook, seed=484)
    listed = [
        code
        for code in codes
        if code.startswith(
            ("3004", "29", "8413", "8415", "847", "8507", "8541", "870", "9401", "3926", "2106")
        )
    ]
    drawn = [*listed, *Random(484).sample(codes, 60)]
    lines = [patterns._at_random(day, code) for code in drawn for day in days]
    late = parse_moment("2026-09-01")
    lines += [
        replace(line, entered=late, admitted=line.entered, loaded=None, exported=None)
        for line in lines[::3]
        if line.entered < late
    ]
    seen = compare(us, iter(lines))
    assert seen["charged"] > 500


def test_certain_only_leaves_what_rests_on_the_reading_unknown(us: tc.Tariff) -> None:
    """8413.91.90.59 is on the list only as the successor of 8413.91.90.96; 8413.91.90.31 never was."""
    lines = [tc.Line(commodity=f"8413.91.90.{each}", origin="IN", value="10000") for each in ("59", "31")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        plain, certain = (
            us.estimate(tc.Shipment(entered="2026-08-15", lines=lines), certain_only=only)
            for only in (False, True)
        )
    assert plain.duty == 3500
    assert [
        posting.amount is None
        for posting in certain.parts[0].postings(0)
        if posting.program == "us.s232.metals"
    ] == [True]
    doubt = plain.problems.query("code == 'uncertain' and row == 0")["message"].tolist()
    assert any("names the number of before July 1 2026" in message for message in doubt)


def test_a_number_that_a_list_prints_for_other_goods_is_in_doubt(us: tc.Tariff) -> None:
    """3004.90.92.25 stood for other cardiovascular medicaments when note 40(c) was written; argatroban has it
    since July 1, 2026."""
    patented = {"pharmaceutical_article": "patented", "annex_iii_company": True}
    lines = [
        tc.Line(commodity=f"3004.90.92.{each}", origin="IN", value="10000", facts=patented)
        for each in ("25", "19")
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        plain = us.estimate(tc.Shipment(entered="2026-08-15", lines=lines))
        certain = us.estimate(tc.Shipment(entered="2026-08-15", lines=lines), certain_only=True)
    assert plain.duty == 0
    said = [
        {posting.program: (posting.amount, posting.tag) for posting in each.parts[0].postings(0)}
        for each in (plain, certain)
    ]
    assert [each["us.s232.pharmaceuticals"] for each in said] == [(0, "U"), (None, "U")]
    assert "us.s232.pharmaceuticals" not in {posting.program for posting in plain.parts[0].postings(1)}


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (
            "2001.00.00.90,2001.00.00.12,2025-07-01,BOOK",
            "2001.00.00.90 is no tariff line the day before 2025-07-01",
        ),
        ("2001.00.00.20,2001.00.00.99,2025-07-01,BOOK", "2001.00.00.99 is no tariff line from 2025-07-01 on"),
        ("2001.00.00.12,2001.00.00.21,2026-07-01,BOOK", "2001.00.00.12 is still a tariff line"),
        ("2001.00.00.20,2001.00.00.21,2025-07-01,NOBODY", "NOBODY"),
        ("2001.00.00.20,,2025-07-01,BOOK", "'new' is empty"),
        ("2001.00.00.20,2001.00.00.21,soon,BOOK", "soon"),
    ],
)
def test_a_wrong_row_of_the_table_is_found(folder: Path, tmp_path: Path, row: str, wrong: str) -> None:
    shutil.copytree(folder.parent, tmp_path / "seeds")
    with (tmp_path / "seeds" / "land" / "schedule" / "renumbered.csv").open("a", encoding="utf-8") as stream:
        stream.write(row + "\n")
    try:
        found = [str(finding) for finding in tc.check(tmp_path / "seeds" / "land")]
    except SeedError as error:
        found = [str(error)]
    assert any(wrong in finding and "renumbered" in finding for finding in found), found
