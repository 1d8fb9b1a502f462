"""Seasons and value brackets read from descriptions: by hand, from editions made by hand, and counted against
the words of an official edition."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tariffcalc.ingest.line_limits import limit_of
from tariffcalc.ingest.usitc_json import ingest
from tariffcalc.law.line_limit import outside, read_limit, show_limit

REPOSITORY = Path(__file__).parents[2]
LIMITS = REPOSITORY / "seeds" / "us" / "schedule" / "limits.csv"
EDITION = REPOSITORY.parent / "shared" / "data" / "hts" / "hts_2026_rev_10.json.gz"

# Descriptions of the HTSUS, and what they say read by eye: unit and limit; None where they set no limit of
# day or of unit value.
SAID = [
    ("Valued over $3 but not over $6.50/pair", ("prs", "over 3, not over 6.50")),
    ("Valued over $3 but not over $6.50/pair:", ("prs", "over 3, not over 6.50")),
    ("Valued not over 80¢/gross", ("gross", "not over 0.80")),
    ("Valued over 80 cents but not over $1.35 per gross", ("gross", "over 0.80, not over 1.35")),
    ("Valued less than 88¢/kg", ("kg", "under 0.88")),
    ("Valued 88¢ or more per kg", ("kg", "at least 0.88")),
    ("Each valued 15¢ or over but less than 23¢", ("no", "at least 0.15, under 0.23")),
    ("Other, each valued 23¢ or more but not more than 76¢", ("no", "at least 0.23, not over 0.76")),
    ("Valued $1,000 or over but under $3,000 each", ("no", "at least 1000, under 3000")),
    ("Other, valued under $3,025 each", ("no", "under 3025")),
    ("Valued over $3 per proof liter", ("pf_liter", "over 3")),
    ("Valued not over $2.38/liter", ("liter", "not over 2.38")),
    ("Valued not over $18 per dozen pieces or parts", ("doz", "not over 18")),
    ("Valued not over $40 per piece", ("no", "not over 40")),
    ("Valued not over 33 cents per meter:", ("m", "not over 0.33")),
    ("Valued over $500:", ("no", "over 500")),
    ("Containing 30 percent or more by weight of silk or silk waste, valued over $33/kg (410)",
     ("kg", "over 33")),
    ("Hand-woven tapestries fit only for use as wall hangings and valued over $215 per square meter",
     ("m2", "over 215")),
    ("Valued under 25¢ each, not over 25.9 cm in overall length", ("no", "under 0.25")),
    ("If entered for consumption during the period from May 1 to August 31, inclusive, in any year",
     ("day", "05-01 to 08-31")),
    ("If entered during the period from December 1 in any year to the last day of the following February,"
     " inclusive", ("day", "12-01 to 02-29")),
    ("If entered during the period from May 1 to June 30, inclusive, or the period from September 1 to"
     " November 30, inclusive, in any year",
     ("day", "05-01 to 06-30; 09-01 to 11-30")),
    ("If entered during the month of October", ("day", "10-01 to 10-31")),
    ("Lima beans, if entered during the period from November 1 in any year to the following May 31,"
     " inclusive", ("day", "11-01 to 05-31")),
    ("With movement valued over $15 each", None),
    ("Valued not over $100 each, excluding the value of the case", None),
    ("Smoked sardines, valued $1 or more per kg in tin-plate containers, or $1.10 or more per kg in other"
     " containers", None),
    ("Cups valued over $29 per dozen; saucers valued over $18.75 per dozen", None),
    ("Any sample, valued not over $1 each, or marked, torn, perforated", None),
    ("Straps, bands or bracelets entered with watches of subheading 9101.11.40", None),
    ("Of a Brix value not exceeding 20", None),
    ("Other", None),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), SAID, ids=lambda each: str(each)[:40])
def test_descriptions_read_by_eye(words: str, expected: tuple[str, str] | None) -> None:
    found = limit_of(words)
    assert (found and (found.unit, show_limit(found.spans, found.unit))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "over 25, not over 50",
        "under 0.15",
        "at least 0.15, under 0.23",
        "not over 3",
        "over 3",
        "not over 25; over 50",
    ],
)
def test_the_rest_of_the_rest_is_the_bracket(text: str) -> None:
    spans = read_limit(text, "no")
    assert show_limit(spans, "no") == text
    assert outside(outside(spans)) == spans


@pytest.mark.parametrize(
    ("season", "rest"),
    [
        ("05-01 to 08-31", "09-01 to 04-30"),
        ("11-15 to 02-29", "03-01 to 11-14"),
        ("01-01 to 05-31", "06-01 to 12-31"),
        ("03-01 to 07-14; 09-01 to 11-14", "07-15 to 08-31; 11-15 to 02-29"),
    ],
)
def test_the_rest_of_a_season(season: str, rest: str) -> None:
    assert show_limit(outside(read_limit(season, "day")), "day") == rest
    assert show_limit(outside(read_limit(rest, "day")), "day") == season


@pytest.mark.parametrize("text", ["over three", "3 to 5", "over 5, not over 3", "over 3 but not over 5"])
def test_a_bracket_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit of value|no value"):
        read_limit(text, "no")


@pytest.mark.parametrize("text", ["05-01", "05-01 to 13-01", "02-30 to 03-01", "May 1 to June 1"])
def test_a_season_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="season"):
        read_limit(text, "day")


def _row(htsno: str, indent: int, description: str, *rates: str) -> dict[str, Any]:
    general, special, other = rates or ("", "", "")
    return {
        "htsno": htsno,
        "indent": str(indent),
        "description": description,
        "units": [],
        "general": general,
        "special": special,
        "other": other,
    }


DUTY = ("5%", "", "10%")


def _ingested(folder: Path, *editions: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    sources = folder / "editions"
    sources.mkdir()
    listed = ["edition,effective,published,source,note"]
    for number, rows in enumerate(editions, start=1):
        (sources / f"hts_2025_rev_{number}.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))
        listed.append(f"2025_rev_{number},2025-0{number}-01,2025-0{number}-01,edition,")
    (folder / "editions.csv").write_text("\n".join(listed) + "\n", encoding="utf-8")
    ingest(sources, folder)
    with (folder / "limits.csv").open(encoding="utf-8", newline="") as stream:
        return [
            tuple(row[name] for name in ("code", "from", "until", "unit", "limit", "place"))
            for row in csv.DictReader(stream)
        ]


BICYCLES = _row("8712", 0, "Bicycles:")


def test_a_limit_reaches_the_lines_below_it_and_other_takes_the_rest(tmp_path: Path) -> None:
    rows = [
        BICYCLES,
        _row("", 1, "Valued over $3 each:"),
        _row("8712.00.11", 2, "Valued over $3 but not over $5 each", *DUTY),
        _row("8712.00.12", 2, "Valued over $5 each", *DUTY),
        _row("8712.00.12.10", 3, "Red"),
        _row("8712.00.12.20", 3, "Blue, valued over $9 each"),
        _row("8712.00.20", 1, "Other", *DUTY),
    ]
    assert _ingested(tmp_path, rows) == [
        ("87120011", "2025-01-01", "", "no", "over 3, not over 5", "1.1"),
        ("87120012", "2025-01-01", "", "no", "over 5", "1.2"),
        ("8712001220", "2025-01-01", "", "no", "over 9", "1.2.2"),
        ("87120020", "2025-01-01", "", "no", "not over 3", "2"),
    ]


def test_other_takes_anything_where_the_words_before_it_say_more_than_the_value(tmp_path: Path) -> None:
    rows = [
        BICYCLES,
        _row("8712.00.10", 1, "Red, valued over $3 each", *DUTY),
        _row("8712.00.20", 1, "Other", *DUTY),
    ]
    assert [each[4] for each in _ingested(tmp_path, rows)] == ["over 3", ""]


def test_a_changed_bracket_makes_a_new_row_and_new_wording_none(tmp_path: Path) -> None:
    first = [
        BICYCLES,
        _row("8712.00.10", 1, "Valued over $3 each", *DUTY),
        _row("8712.00.20", 1, "Valued not over $3 each", *DUTY),
    ]
    second = [
        BICYCLES,
        _row("", 1, "Of steel:"),
        _row("8712.00.10", 2, "Valued over <i>$3</i> each :", *DUTY),
        _row("8712.00.20", 2, "Valued not over $4 each", *DUTY),
    ]
    assert _ingested(tmp_path, first, second) == [
        ("87120010", "2025-01-01", "", "no", "over 3", "1.1"),
        ("87120020", "2025-01-01", "2025-02-01", "no", "not over 3", "2"),
        ("87120020", "2025-02-01", "", "no", "not over 4", "1.2"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def committed() -> dict[tuple[str, str], str]:
    """Unit and limit by code, of the rows without an end."""
    with LIMITS.open(encoding="utf-8", newline="") as stream:
        return {
            (row["code"], row["unit"]): row["limit"] for row in csv.DictReader(stream) if not row["until"]
        }


# Read by eye in 2026 revision 10, the texts above a line and its neighbors included.
BY_EYE = [
    ("07136060", "day", "05-01 to 08-31"), ("07136080", "day", ""), ("08054060", "day", "10-01 to 10-31"),
    ("08054080", "day", "11-01 to 07-31"),
    ("08061060", "day", "07-01 to 02-14"), ("07070050", "day", "05-01 to 06-30; 09-01 to 11-30"),
    ("07041040", "day", "10-16 to 06-04"),
    ("64021950", "prs", "over 3, not over 6.50"), ("64021990", "prs", "over 12"),
    ("70133750", "no", "over 3, not over 5"),
    ("7117190500", "no", None), ("71171905", "no", "not over 0.08"), ("71171905", "m", "not over 0.33"),
    ("93033080", "no", "not over 25; over 50"),
    ("8458190090", "no", "at least 3025"), ("2402108080", "no", "over 0.76"),
    ("8903110015", "no", "over 500"), ("98100010", "m2", "over 161"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "unit", "limit"), BY_EYE)
def test_committed_limits_read_by_eye(
    committed: dict[tuple[str, str], str], code: str, unit: str, limit: str | None
) -> None:
    assert committed.get((code, unit)) == limit


# Lines of 2026 revision 10 that speak of a value in money and set no bracket of the value of one unit, by
# what they say instead.
NO_BRACKET = {
    "the value of the movement alone": ("910", "movement valued"),
    "the value without the case": ("9202902000", "excluding the value"),
    "a value for each kind of vessel, or of a whole pattern": ("691", "cups valued|in any pattern"),
    "one value in tins and another in other containers": ("1604131000", "or \\$1.10 or more"),
    "a value for one of three kinds of articles": ("8714996000", "; and bicycle handlebar"),
    "a value, or marked or torn": ("98110060", "or marked, torn"),
    "the goods of a traveler in the aggregate": ("98", "valued in the aggregate"),
}
_MONEY = re.compile(r"(\$\s?[0-9]|[0-9] ?¢|[0-9] cents)")
_MONTH = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def _printed() -> Iterator[tuple[str, str]]:
    """Digits and description of every row of chapters 1 to 98; a row without a number takes that of the first
    line below it."""
    waiting: list[str] = []
    for row in json.loads(gzip.decompress(EDITION.read_bytes())):
        code = re.sub(r"<[^>]*>|[^0-9]", "", row["htsno"] or "")
        waiting.append(re.sub(r"<[^>]*>", "", row["description"] or ""))
        if len(code) < 8 and (not code or waiting[-1].endswith(":")):
            continue
        yield from ((code, words) for words in waiting if not code.startswith("99"))
        waiting = []


@pytest.mark.skipif(not EDITION.is_file(), reason="the official editions are not beside the repository")
def test_every_line_that_speaks_of_a_value_is_held_or_accounted_for(
    committed: dict[tuple[str, str], str],
) -> None:
    """A plain search for "valued" and an amount of money, which shares nothing with the reading of limits."""
    valued = {
        (code, words)
        for code, words in _printed()
        if re.search(r"\bvalued\b", words, re.IGNORECASE) and _MONEY.search(words)
    }
    held = {code for code, unit in committed if unit != "day"}
    reasons: dict[str, int] = {}
    missed = []
    for code, words in valued:
        if code in held or code[:8] in held:
            continue
        why = [
            reason
            for reason, (digits, saying) in NO_BRACKET.items()
            if code.startswith(digits) and re.search(saying, words, re.IGNORECASE)
        ]
        missed += [] if why else [(code, words)]
        reasons |= {each: reasons.get(each, 0) + 1 for each in why}
    assert not missed
    assert set(reasons) == set(NO_BRACKET), reasons
    assert len(valued) > 250


@pytest.mark.skipif(not EDITION.is_file(), reason="the official editions are not beside the repository")
def test_every_line_that_speaks_of_a_season_is_held(committed: dict[tuple[str, str], str]) -> None:
    """A plain search for "entered" and the name of a month in chapters 7 and 8, and for "any other time"."""
    held = {code for code, unit in committed if unit == "day"}
    seasonal = {
        code
        for code, words in _printed()
        if re.search(r"\bentered\b", words) and _MONTH.search(words) and code[:2] < "98"
    }
    seasonal |= {
        code
        for code, words in _printed()
        if "entered at any other time" in words or "outside the above stated period" in words
    }
    assert {code[:8] for code in seasonal} <= held
    assert len({code[:8] for code in seasonal}) > 60
