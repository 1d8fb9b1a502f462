"""A user's own rates: they fill what is unknown, leave what is held, carry their source and certainty, and
are refused where they mean nothing."""

from __future__ import annotations

import csv
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.errors import SeedError
from tariffcalc.ingest.chapter_text import chapters_to_table, read_chapter
from tariffcalc.ingest.rates_table import lay_over
from tariffcalc.reading.where import territory_folder

DAY = "2026-03-02"
HEAD = "commodity,program,duty,on_or_after,before,by,tag\n"


def write(folder: Path, rows: str) -> Path:
    path = folder / "rates.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """India without the rates of chapter 10: the lines are there, their duty is not held."""
    source = territory_folder("in")
    target = tmp_path_factory.mktemp("seeds") / "bare"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("cases"))
    for name in ("geography.csv", "groups.yaml", "currencies.csv"):
        shutil.copy(source.parent / name, target / name)
    chapter = target / "schedule" / "chapter-10.csv"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(re.sub(r",(?:Free|[\d.]+%),,,", ",not held: chapter 10,,,", text), encoding="utf-8")
    return target


def amounts(tariff: tc.Tariff, code: str, day: str = DAY) -> dict[str, Decimal | None]:
    line = tc.Line(commodity=code, origin="US", value="100000", quantity={"kg": "100"})
    estimate = tariff.estimate(tc.Shipment(entered=day, lines=(line,)))
    return {
        each.program: None if each.amount is None else estimate.money(each.amount)
        for each in estimate.parts[0].postings(0)
    }


def test_unknown_is_filled_and_held_stays(tmp_path: Path, bare: Path) -> None:
    """40% of 100,000 on wheat, surcharge 4,000, no integrated tax; auto parts keep their 15%; the integrated
    tax of mangoes at 5% of 133,000."""
    rates = (
        "1001,,40%,2025-01-01,2026-04-01,a tariff book,S\n8708.99.00,,1%,,,a tariff"
        " book,S\n0804.50,in.igst,5%,2025-09-22,,a notification,P\n"
    )
    before = tc.load(bare)
    assert amounts(before, "1001.99.10")["in.bcd"] is None
    assert amounts(before, "0804.50.21")["in.igst"] is None  # fresh or dried: told by words
    laid = lay_over(bare, write(tmp_path, rates), tmp_path / "mine")
    assert (laid.filled_lines, laid.filled_programs, [rate.commodity for rate in laid.idle]) == (
        5,
        1,
        ["87089900"],
    )  # heading 1001 has five lines
    mine = tc.load(laid.folder)
    assert amounts(mine, "1001.99.10") == {"in.bcd": 40000, "in.aidc": 0, "in.sws": 4000, "in.igst": 0}
    assert amounts(mine, "0804.50.21") == {"in.bcd": 30000, "in.aidc": 0, "in.sws": 3000, "in.igst": 6650}
    assert amounts(mine, "8708.99.00")["in.bcd"] == 15000
    assert amounts(mine, "1001.99.10", "2026-04-01")["in.bcd"] is None
    explained = mine.estimate(
        tc.Shipment(entered=DAY, lines=(tc.Line(commodity="1001.99.10", origin="US", value="1"),))
    ).explain()
    assert "a tariff book" in explained
    assert "secondary source" in explained


def test_the_longer_code_goes_first(tmp_path: Path, bare: Path) -> None:
    laid = lay_over(
        bare, write(tmp_path, "1001,,40%,,,book,S\n1001.99.10,,₹2/kg,,,book,S\n"), tmp_path / "mine"
    )
    mine = tc.load(laid.folder)
    assert amounts(mine, "1001.99.10")["in.bcd"] == 200
    assert amounts(mine, "1001.91.00")["in.bcd"] == 40000


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1001,,a lot,,,book,S", "cannot read 'a lot'"),
        ("wheat,,40%,,,book,S", "not a commodity code"),
        ("1001,,40%,,,,S", "'by' is empty"),
        ("1001,,40%,2026-05-01,2026-04-01,book,S", "the window is empty"),
        ("1001,,40%,,,book,sure", "no tag"),
        ("7777,,40%,,,book,S", "covers no tariff line"),
        ("1001,in.vat,40%,,,book,S", "there is no program 'in.vat'"),
        ("1001,in.aidc,40%,,,book,S", "nothing to fill"),
    ],
)
def test_a_row_that_means_nothing_is_refused(tmp_path: Path, bare: Path, row: str, said: str) -> None:
    """One clear sentence, and no folder left behind."""
    with pytest.raises(SeedError, match=said):
        lay_over(bare, write(tmp_path, row + "\n"), tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_a_folder_is_never_written_over(tmp_path: Path, bare: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(SeedError, match="already there"):
        lay_over(bare, write(tmp_path, "1001,,40%,,,book,S\n"), tmp_path / "mine")


def test_a_second_table_goes_over_the_first(tmp_path: Path, bare: Path) -> None:
    """What the first filled stays with its source; the second fills the rest with its own, in the schedule
    and in other programs."""
    first = lay_over(
        bare,
        write(tmp_path, "1001.99,,40%,,,first book,S\n0804.50,in.igst,5%,2025-09-22,,first notification,S\n"),
        tmp_path / "one",
    )
    rates = (
        "1001,,30%,,,second book,U\n1002.90.00,,25%,,,second book,U\n0805,in.igst,12%,2025-09-22,,second"
        " notification,U\n"
    )
    second = lay_over(first.folder, write(tmp_path, rates), tmp_path / "two")
    assert tc.check(second.folder) == []
    both = tc.load(second.folder)
    assert amounts(both, "1001.99.10")["in.bcd"] == 40000
    assert amounts(both, "1001.91.00")["in.bcd"] == 30000
    assert amounts(both, "1002.90.00")["in.bcd"] == 25000
    lines = [
        tc.Line(commodity=code, origin="US", value="100000")
        for code in ("1001.99.10", "1001.91.00", "0804.50.21", "0805.10.00")
    ]
    ledger = both.estimate(tc.Shipment(entered=DAY, lines=tuple(lines))).parts[0]
    cited = []
    for row, program in enumerate(("in.bcd", "in.bcd", "in.igst", "in.igst")):
        posting = next(each for each in ledger.postings(row) if each.program == program)
        cited.append([both.rulebook.acts[act].citation for act in posting.acts if act.startswith("OWN")])
    assert cited == [["first book"], ["second book"], ["first notification"], ["second notification"]]


CHAPTER = """
 Tariff Item                Description of goods                     Unit      Rate of duty
                                                                             Standard  Preferential
    (1)                            (2)                                (3)       (4)       (5)
 1001              WHEAT AND MESLIN
                   -  Durum wheat :
 1001 11 00        -- Seed                                            kg.      100%       -
 1001 19 00        -- Other                                           kg.      Free       -
                   -  Other :
 1001 99           -- Other :
 1001 99 10        --- Wheat of a kind whose description runs on
                       over a second line                             kg.      40 %       30%
 1001 99 20        --- Meslin                                         kg.      20% or Rs. 115 per kg, \
whichever is higher
 1001 99 30        --- A line without a rate
 1002              RYE
"""


def test_a_chapter_is_read_line_by_line() -> None:
    lines = list(read_chapter(CHAPTER.splitlines()))
    mixed = "20% or Rs. 115 per kg, whichever is higher"
    read = [
        ("10011100", "100%"),
        ("10011900", "Free"),
        ("10019910", "40 %"),
        ("10019920", mixed),
        ("10019930", ""),
    ]
    assert [(line.code, line.rate) for line in lines] == read
    assert lines[2].goods == "Wheat of a kind whose description runs on over a second line"


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
def test_preferential_rates_fill_the_claim_of_an_agreement(tmp_path: Path) -> None:
    """For goods of the partner that claim it, from the day it is in force: 5% instead of 15%; without a claim
    and for others the general rate."""
    table = tmp_path / "rates.csv"
    table.write_text(
        "commodity,duty,by,measure\n"
        "4202,10%,29/2026-Customs,agreement-united_kingdom\n"
        "4202.11.10,5%,29/2026-Customs,agreement-united_kingdom\n"
    )
    mine = tc.load(lay_over("in", table, tmp_path / "mine").folder)
    assert tc.check(tmp_path / "mine") == []

    def basic(code: str, origin: str, day: str, claimed: str) -> Decimal | None:
        line = tc.Line(commodity=code, origin=origin, value="100000", facts={"trade_agreement": claimed})
        estimate = mine.estimate(tc.Shipment(entered=day, lines=(line,)))
        posting = next(each for each in estimate.parts[0].postings(0) if each.program == "in.bcd")
        return None if posting.amount is None else estimate.money(posting.amount)

    assert basic("4202.11.10", "GB", "2026-07-15", "united_kingdom") == 5000
    assert basic("4202.12.10", "GB", "2026-07-15", "united_kingdom") == 10000
    assert basic("4202.11.10", "GB", "2026-07-15", "none") == 15000
    assert basic("4202.11.10", "GB", "2026-07-14", "united_kingdom") == 15000
    assert basic("4202.11.10", "US", "2026-07-15", "united_kingdom") == 15000
    assert basic("4203.10.10", "GB", "2026-07-15", "united_kingdom") is None
    table.write_text("commodity,duty,by,measure\n4202,10%,29/2026-Customs,agreement-uk\n")
    with pytest.raises(
        SeedError,
        match=r"no measure 'agreement-uk' whose duty is not held; it has .*agreement-united_kingdom",
    ):
        lay_over("in", table, tmp_path / "other")


BROKEN = """
 6104 51 00        --   Of wool                                       u         20%            -
                                                                                or Rs. 110
                                                                                per piece,
                                                                                whichever is
                                                                                higher
 6104 52 00        --   Of cotton, or of other fibres that the note   u         20% or Rs. 90  -
                        to the chapter names                                    per piece, whichever is higher
 6104 53 00        --   Of synthetic fibres                           u         20%            -
                                                                                or Rs. 110
 6104 59 10        ---  Of silk                                       KG.       *20%           -
 6104 59 20        ---  Of other fibres                               Kg        **FREE%        -
 6104 59 30        ---  Fabric                                        sq. metre 10% or Rs. 9 per sq. mtr.,
 whichever is higher
 6104 59 40        ---  With a note                                   u         20%            -
                        See the note to the chapter, or the heading
"""


def test_a_rate_that_goes_on_over_the_next_lines_is_joined_or_reported(tmp_path: Path) -> None:
    (tmp_path / "chap-61.txt").write_text(BROKEN, encoding="utf-8")
    rows, unread = chapters_to_table([tmp_path / "chap-61.txt"], tmp_path / "rates.csv", "chapter 61")
    table = {
        row["commodity"]: row["duty"]
        for row in csv.DictReader((tmp_path / "rates.csv").read_text(encoding="utf-8").splitlines())
    }
    assert table == {
        "61045100": "20% or Rs. 110 per piece, whichever is higher",
        "61045200": "20% or Rs. 90 per piece, whichever is higher",
        "61045910": "20%",
        "61045920": "none",
        "61045930": "10% or Rs. 9 per m2, whichever is higher",
        "61045940": "20%",
    }
    assert rows == 6
    assert [each.split(": ")[1][:8] for each in unread] == ["61045300"]
    assert "breaks off" in unread[0]


def test_chapters_become_a_table_and_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "chap-10.txt").write_text(CHAPTER, encoding="utf-8")
    rows, unread = chapters_to_table(
        [tmp_path / "chap-10.txt"], tmp_path / "rates.csv", "chapter 10", "2026-01-01"
    )
    assert rows == 4
    assert [each.split(": ")[1] for each in unread] == ["10019930 A line without a rate"]
    table = list(csv.DictReader((tmp_path / "rates.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["duty"] for row in table] == [
        "100%",
        "none",
        "40%",
        "20% or Rs. 115 per kg, whichever is higher",
    ]


def test_the_commands(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chapters to a table, the table over the territory, the folder used like any other."""
    from tariffcalc import cli

    def run(*words: object) -> str:
        monkeypatch.setattr("sys.argv", ["tariffcalc", *map(str, words)])
        cli.main()
        return capsys.readouterr().out

    (tmp_path / "chap-10.txt").write_text(CHAPTER, encoding="utf-8")
    said = run(
        "read-chapters", tmp_path / "chap-10.txt", "-o", tmp_path / "rates.csv", "--by", "chapter 10 of 2026"
    )
    assert said.startswith("4 rates")
    assert "not read: chap-10.txt: 10019930" in said
    assert "4 rows of the schedule" in run(
        "lay-over", tmp_path / "rates.csv", tmp_path / "mine", "--territory", bare
    )
    explained = run(
        "explain",
        "1001.99.10",
        "--territory",
        tmp_path / "mine",
        "--origin",
        "US",
        "--entered",
        DAY,
        "--value",
        "1000",
    )
    assert "chapter 10 of 2026" in explained
    assert "400.00" in explained
