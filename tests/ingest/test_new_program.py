"""The skeleton of a new program is accepted as it stands, and says itself what is to be filled in."""

from __future__ import annotations

import shutil
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tariffcalc as tc
from tariffcalc.checking import check
from tariffcalc.cli import main
from tariffcalc.ingest.new_program import new_program
from tariffcalc.reading.where import seeds_folder
from tariffcalc.reading.yaml_text import read_yaml

LAND = Path(__file__).parents[1] / "law_fixture"
TERRITORIES = {"us": seeds_folder(), "in": seeds_folder(), "land": LAND}


def copied(territory: str, folder: Path) -> Path:
    """A copy of the seeds of a territory."""
    source = TERRITORIES[territory]
    for path in source.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    shutil.copytree(source / territory, folder / territory)
    return folder / territory


@pytest.mark.parametrize(
    ("territory", "name", "words", "amount"),
    [
        (
            "us",
            "us.s999.umbrellas",
            {"products": "6601", "duty": "25%", "origin": "IN, CN", "on_or_after": "2026-09-01"},
            "250.00",
        ),
        (
            "us",
            "us.s999.eu",
            {
                "duty": "25%, at least 15%",
                "origin": "area eu",
                "title": "Umbrellas: #1",
                "on_or_after": "2026-09-01",
            },
            None,
        ),
        (
            "us",
            "us.s999.few",
            {
                "products": "6601 except 6601.10",
                "origin": "any except AD, area eu",
                "on_or_after": "2026-09-01",
            },
            "100.00",
        ),
        ("in", "in.umbrellas", {"duty": "7.5%", "on_or_after": "2026-05-02"}, "75.00"),
        ("land", "land.umbrellas", {"on_or_after": "2025-04-01"}, "100.00"),
    ],
)
def test_the_skeleton_is_accepted_and_its_case_holds(
    territory: str, name: str, words: dict[str, Any], amount: str | None, tmp_path: Path
) -> None:
    """A value of 1,000: 25%, 10%, 7.5% and 10% of it; of a duty with a bound the case says only that it is
    charged."""
    folder = copied(territory, tmp_path)
    before = [str(each) for each in check(folder)]
    program, coverage, case = new_program(name, folder, **words)
    found = check(folder)
    assert [str(each) for each in found if each.code != "D022"] == before
    marked = {(Path(each.file).parts[-2:], each.line) for each in found if each.code == "D022"}
    todo = {
        (path.parts[-2:], number)
        for path in (program, coverage, case)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "TODO" in line
    }
    assert marked == todo - {(program.parts[-2:], 1)}  # which speaks of such lines
    (written,) = read_yaml(case).data
    lines = [tc.Line(**line) for line in written["lines"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tc.CoverageWarning)
        e = tc.load(folder).estimate(tc.Shipment(entered=written["entered"], lines=lines))
    posted = e.ledger.set_index("program").loc[name]
    (expected,) = written["expect"]["postings"]
    assert (
        (str(posted["amount"]) == amount == expected["amount"])
        if amount
        else (posted["outcome"] == "charged" == expected["outcome"])
    )
    if "title" in words:
        assert tc.load(folder).programs[name].title == words["title"]
    assert posted["tag"] == "U"


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A name of another territory or form, one that is there, a day and goods of which no law is held;
    nothing is written."""
    folder = copied("land", tmp_path)
    held = sorted(path for path in folder.rglob("*") if path.is_file())
    there = next(iter(tc.load(folder).programs))
    for name, words, said in (
        ("us.umbrellas", {}, "write land.NAME"),
        ("land.Umbrellas", {}, "write land.NAME"),
        ("land", {}, "write land.NAME"),
        (there, {}, "there already is"),
        ("land.umbrellas", {"on_or_after": "1999-01-01"}, "outside the law held"),
        ("land.umbrellas", {"on_or_after": "2025-04-01", "products": "99999999"}, "no line of the schedule"),
        (
            "land.umbrellas",
            {"on_or_after": "2025-04-01", "products": "list umbrellas"},
            "no line of the schedule",
        ),
    ):
        with pytest.raises(tc.OptionError, match=said):
            new_program(name, folder, **words)
    with pytest.raises(tc.DutyTextError, match="per cent of"):
        new_program("land.umbrellas", folder, duty="ten per cent of it", on_or_after="2025-04-01")
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == held


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    folder = copied("land", tmp_path)
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "cases" / "umbrellas.yaml").write_text("[]\n", encoding="utf-8")
    with pytest.raises(tc.OptionError, match="is there already"):
        new_program("land.umbrellas", folder, on_or_after="2025-04-01")
    assert not (folder / "programs" / "umbrellas.yaml").exists()


def test_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied("land", tmp_path)
    words = [
        "tariffcalc",
        "new-program",
        "land.umbrellas",
        "--territory",
        str(folder),
        "--on-or-after",
        "2025-04-01",
        "--duty",
        "3%",
    ]
    monkeypatch.setattr(sys, "argv", words)
    # the land of the tests has no coverage and headings of its own, which check finds
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().out
    assert end.value.code == 1
    assert said.count("wrote ") == 3 and "TODO" in said
    assert (
        Decimal("0.03")
        == tc.load(folder).programs["land.umbrellas"].measures[0].history[0].duty.terms[0].rate
    )
