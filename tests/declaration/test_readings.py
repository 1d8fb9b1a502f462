"""Facts that the words of a commodity code answer: against the words of the official edition, the oracle, and
declarations, which win."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from oracle import Declared
from test_oracle import differences, engine_says, oracle_says

import tariffcalc as tc
from tariffcalc.errors import SeedError
from tariffcalc.moments import parse_moment

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
DAYS = ("2025-03-10", "2025-05-10", "2025-12-10", "2026-04-20", "2026-07-28")
ORIGINS = ("IN", "JP", "MX", "MY")


def codes_read(us: tc.Tariff) -> list[tuple[str, str, str]]:
    """Fact, answer and commodity code of every line that the words of a code answer."""
    law = us.law
    return [
        (name, fact.readings[int(fact.reading[code])].says, law.codes.codes[code])
        for name, fact in law.facts.items()
        if fact.reading is not None
        for code in range(len(law.codes.codes))
        if fact.reading[code] >= 0 and law.codes.own[code]
    ]


# --- the words are those of the schedule ---------------------------------------------------------

# What a reading says no or yes by, as a text that must stand in the descriptions from the heading down to the
# code; "Other" alone is checked with its neighbors by eye.
TRACTORS = r"tractors suitable for agricultural use|tractors \(except road tractors\)"
WORDS = {
    ("passenger_vehicle_part", "yes"): (
        r"motor cars? |[Mm]otor car$|Light truck|G\.V\.W\. not exceeding 4 metric tons|8703\.40,"
        r" 8703\.50|passenger automobiles|of heading 8703"
    ),
    ("passenger_vehicle_part", "no"): (
        TRACTORS + r"|golf carts|civil aircraft|Other( >|$)|8701\.29$|heading 870[25]$"
    ),
    ("heavy_vehicle_part", "yes"): r"On-the-highway: > Other$|8701\.29$",
    ("heavy_vehicle_part", "no"): TRACTORS + r"|motorcycles|> Other$",
    (
        "kitchen_cabinet_or_vanity",
        "yes",
    ): r"of a kind used in the kitchen.*Cabinets designed for permanent installation",
    ("total_processing_performance", "0"): r"Memory modules",
    ("described_article", "yes"): r"Psyllium seed husks",
}


def test_the_words_stand_in_the_official_edition(us: tc.Tariff, shared: Path) -> None:
    chains: dict[str, str] = {}
    above: list[str] = []
    for row in json.loads(
        gzip.decompress((shared / "data" / "hts" / "hts_2026_rev_10.json.gz").read_bytes())
    ):
        del above[int(row["indent"]) :]
        above.append(re.sub(r"<[^>]*>", "", row["description"]).strip())
        chains[re.sub(r"\D", "", row["htsno"])] = " > ".join(above)
    for fact, says, code in codes_read(us):
        chain = chains.get(code) or chains.get(code + "00") or ""
        found = [text for key, text in chains.items() if key.startswith(code)]
        assert re.search(WORDS[fact, says], chain or found[0]), (fact, says, code, chain)


def test_the_codes_are_on_the_lists_that_ask(us: tc.Tariff) -> None:
    """A reading of a code that no measure asks about would be idle."""
    lists = {
        "passenger_vehicle_part": "s232-auto-parts", "heavy_vehicle_part": "s232-mhdv-parts",
        "kitchen_cabinet_or_vanity": "s232-cabinets",
        "total_processing_performance": "s232-semiconductors",
    }  # fmt: skip
    # U.S. note 52(j)(4)(ii)(A) and its like, of other partners
    measures = {"described_article": ("12119089",)}
    for fact, _, code in codes_read(us):
        named = measures.get(fact) or tuple(member.item for member in us.rulebook.lists[lists[fact]].members)
        assert code.startswith(named), (fact, code)


# --- against the oracle, declared and not --------------------------------------------------------


def test_the_engine_agrees_with_the_oracle(us: tc.Tariff) -> None:
    lines = []
    for number, (fact, _, code) in enumerate(sorted(set(codes_read(us)))):
        yes: Any = Decimal(15000) if fact == "total_processing_performance" else True
        no: Any = Decimal(0) if fact == "total_processing_performance" else False
        for place, facts in enumerate(({}, {fact: yes}, {fact: no})):
            day = parse_moment(DAYS[(number + place) % len(DAYS)])
            quantity = {unit: Decimal(7) for unit in ("kg", "no", "prs", "liter")}
            lines.append(
                Declared(code, ORIGINS[number % 4], Decimal(10000), day, quantity=quantity, facts=facts)
            )
    wrong = [
        (line, found)
        for line, said in zip(lines, engine_says(us, lines), strict=True)
        if (found := differences(oracle_says(us.rulebook, line), said))
    ]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize(
    ("code", "declared", "duty"),
    [
        # 4% + 25%; 4% + 19% reciprocal
        ("4011.10.10.70", {}, 2900), ("4011.10.10.70", {"passenger_vehicle_part": "no"}, 2300),
        ("8708.91.65.00", {}, 1900), ("8708.91.65.00", {"passenger_vehicle_part": "yes"}, 2500),
        ("8708.91.65.00", {"heavy_vehicle_part": "yes"}, 2500),
    ],
)  # fmt: skip
def test_a_declaration_wins(us: tc.Tariff, code: str, declared: dict[str, str], duty: int) -> None:
    frame = pd.DataFrame(
        [{"commodity": code, "origin": "TH", "entered": "2025-12-10", "value": 10000, **declared}]
    )
    if code.startswith("8708"):
        frame = frame.assign(steel_value=0, aluminum_value=0)
    estimate = us.estimate(frame, fees=False)
    assert estimate.duty == duty
    told = [message for message in estimate.problems["message"] if "from the words of the code" in message]
    assert all(name not in message.split()[0] for message in told for name in declared)
    assert bool(told) is (set(declared) != {"passenger_vehicle_part"} or code.startswith("8708"))


def test_many_lines_and_panels_say_the_same(us: tc.Tariff) -> None:
    codes = [
        "4011.10.10.70",
        "8708.91.65.00",
        "8507.60.00.10",
        "8708.40.11.10",
        "8507.60.00.20",
        "6109.10.00.12",
    ]
    answers = ["", "yes", "no"]
    row = {"origin": "TH", "entered": "2025-12-10", "value": 10000}
    frame = pd.DataFrame(
        [{"commodity": code, **row, "passenger_vehicle_part": answer} for code in codes for answer in answers]
        * 100
    )
    duties = us.estimate(frame, fees=False).frame["duty"]
    panels = {
        answer: us.panel(["TH"], ["2025-12-10"], **({"passenger_vehicle_part": answer} if answer else {}))
        for answer in answers
    }
    for place, (code, answer) in enumerate(
        zip(frame["commodity"][:18], frame["passenger_vehicle_part"][:18], strict=True)
    ):
        alone = us.estimate(frame.iloc[[place]], fees=False).duty
        expected = float("nan") if alone is None else float(alone)
        of_panel = panels[answer].set_index("commodity")["duty"][code.replace(".", "")]
        pd.testing.assert_series_equal(
            duties[place::18].reset_index(drop=True), pd.Series([expected] * 100), check_names=False
        )
        assert of_panel == expected or (pd.isna(of_panel) and alone is None), (code, answer)


# --- mistakes in the seeds ------------------------------------------------------------------------


def _land(folder: Path, readings: str) -> Path:
    shutil.copytree(LAND, folder / "land")
    for name in ("geography.csv", "groups.yaml"):
        shutil.copy(LAND.parent / name, folder)
    facts = folder / "land" / "facts.yaml"
    facts.write_text(
        facts.read_text(encoding="utf-8")
        + "- fact: told_by_code\n  type: flag\n  meaning: invented\n"
        + readings,
        encoding="utf-8",
    )
    return folder / "land"


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        ("  readings: [{products: 1001, says: perhaps, words: w, by: [BOOK]}]\n", "perhaps"),
        (
            (
                "  readings: [{products: 1001, says: yes, words: w, by: [BOOK]}, {products: 1001.00.00, says:"
                " no, words: w, by: [BOOK]}]\n"
            ),
            "two readings",
        ),
        ("  readings: [{products: 1001, says: yes, words: w, by: [NO-ACT]}]\n", "NO-ACT"),
    ],
)
def test_a_wrong_reading_is_found(tmp_path: Path, readings: str, message: str) -> None:
    folder = _land(tmp_path, readings)
    try:
        findings = " ".join(map(str, tc.check(folder)))
        tc.load(folder)
    except SeedError as error:
        findings = str(error)
    assert message in findings
