"""Days after the last day read: what the law held expects is told where it concerns the goods, at every entry
point, and nowhere else."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import tariffcalc as tc
from tariffcalc.assessment.pending import law_read
from tariffcalc.cli import app
from tariffcalc.compiler.rulebook import compile_rulebook
from tariffcalc.errors import CoverageWarning
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import parse_moment

CODE = "pending-law"
LAND = Path(__file__).parents[1] / "law_fixture" / "land"


def notes(law: tc.Tariff, rows: list[tuple[str, str, str]], **more: object) -> list[tuple[int, str]]:
    """Row and message of every note about a change after the last day read; rows are code, origin and day."""
    table = pd.DataFrame(rows, columns=["commodity", "origin", "entered"]).assign(
        value=10000, quantity_kg=10, quantity_no=1, **more
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        problems = law.estimate(table, fees=False).problems
    return list(problems[problems["code"] == CODE][["row", "message"]].itertuples(index=False, name=None))


BAGS = "3923.21.00.95"


def test_the_end_of_an_exclusion_is_told_of_the_goods_it_excluded(us: tc.Tariff) -> None:
    rows = [
        (BAGS, "CN", "2026-11-09"),
        (BAGS, "CN", "2026-11-10"),
        (BAGS, "VN", "2026-11-10"),
        ("6109.10.00.12", "CN", "2026-11-10"),
    ]
    ((row, message),) = notes(us, rows)
    assert row == 1
    assert (
        message
        == 'Section 301 China: 9903.88.69 "Excluded, a whole statistical number" ends on 2026-11-10, by a'
        " text read by 2026-10-09; an extension or a later change was not seen"
    )


def test_a_claim_that_is_not_made_is_not_concerned(us: tc.Tariff) -> None:
    rows = [("8413.91.90.59", "CN", "2026-11-10")] * 2
    assert [row for row, _ in notes(us, rows, claims=["china_exclusion", None])] == [0]


def test_steps_that_texts_set_for_later_days_are_told(us: tc.Tariff) -> None:
    rows = [
        ("9403.40.90.60", "VN", "2026-12-31"),
        ("9403.40.90.60", "VN", "2027-01-01"),
        ("3818.00.00.40", "VN", "2026-12-04"),
    ]
    found = notes(us, rows)
    assert [
        (row, "changes on 2027-01-01" in message, "begins on 2026-12-04" in message)
        for row, message in found if "minimum" not in message
    ] == [
        (1, True, False), (2, False, True)
    ]  # fmt: skip


def test_a_preference_that_ends_after_the_last_day_read(us: tc.Tariff) -> None:
    """AGOA (P.L. 119-75) runs through December 31, 2026; wine of South Africa, and of Argentina, which never
    could claim it."""
    table = pd.DataFrame(
        {
            "commodity": "2204.21.20.00",
            "origin": ["ZA", "ZA", "AR"],
            "entered": ["2026-12-31", "2027-01-02", "2027-01-02"],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        problems = us.estimate(table.assign(value=100, quantity_liter=10, claims="D"), fees=False).problems
    refused = problems[problems["code"] == "claim-refused"]
    assert refused["row"].tolist() == [1, 2] or refused["row"].tolist() == [2, 1]
    told = dict(zip(refused["row"], refused["message"], strict=True))
    assert told[1].endswith(
        "on that day: it ends on 2027-01-01 by a text read by 2026-10-09; a renewal was not seen"
    )
    assert told[2].endswith("on that day")


def test_what_a_measure_requires_and_the_line_does_not_say_is_not_told(india: tc.Tariff) -> None:
    """Exemptions of India that end in 2028 and ask for a serial number that the line does not declare."""
    assert notes(india, [("8471.30.10", "US", "2028-06-01"), ("2208.30.11", "US", "2028-06-01")]) == []


def test_what_is_in_doubt_by_its_tag_is_not_told_twice(us: tc.Tariff) -> None:
    """Chassis of China from November 10, 2026: the spell is tagged U and says why."""
    rows = [("8716.39.00.90", "CN", "2026-11-10")]
    assert not [
        message for _, message in notes(us, rows, intermodal_chassis="yes") if "cranes and chassis" in message
    ]


def test_a_duty_that_nobody_saw_leaves_only_certain_answers_unknown(us: tc.Tariff) -> None:
    lines = [
        tc.Line(commodity="0902.10.10.15", origin=origin, value="1000", quantity={"kg": "10"})
        for origin in ("IN", "VN")
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        before, after = (
            us.estimate(tc.Shipment(entered=day, lines=lines), certain_only=True)
            for day in ("2026-10-17", "2026-10-18")
        )
    assert before.frame["duty"].isna().tolist() == [False, False]
    assert after.frame["duty"].isna().tolist() == [True, False]


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_and_the_command_line_tell_it(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(
        {
            "commodity": [BAGS] * 2,
            "origin": ["CN", "VN"],
            "entered": ["2026-11-10"] * 2,
            "value": [10000, 10000],
        }
    )
    path = tmp_path / f"lines.{suffix}"
    table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    result = CliRunner().invoke(app, ["estimate", str(path), "--output", str(tmp_path / f"out.{suffix}")])
    assert result.exit_code == 0, result.output
    assert "ends on 2026-11-10, by a text read by 2026-10-09" in " ".join(result.output.split())


def test_coverage_has_one_line_of_what_was_read_and_expected() -> None:
    output = CliRunner().invoke(app, ["coverage"]).output
    (line,) = [each for each in output.splitlines() if each.startswith("law read to")]
    assert line.startswith(
        "law read to 2026-10-09; expected since: 2026-10-18 Duties on the largest importers of Russian oil or"
        " gas; 2026-11-10 "
    )
    assert "2026-12-04 Section 232 polysilicon derivatives" in line and "2027-01-01 " in line


def _read_until(book: Rulebook, day: str) -> Rulebook:
    moment = parse_moment(day)
    programs = {
        name: program.model_copy(update={"reviewed": program.reviewed.model_copy(update={"through": moment})})
        for name, program in book.programs.items()
    }
    return replace(book, programs=programs)


def test_on_the_invented_law() -> None:
    """Read through 2025-05-01: the goods of 1003 are on the list of the reciprocal exemptions only in June
    2025, by a text read before."""
    law = compile_rulebook(_read_until(tc.load(LAND).rulebook, "2025-05-01"))
    assert law_read(law).startswith("law read to 2025-05-01; expected since: ")
    whole = compile_rulebook(_read_until(tc.load(LAND).rulebook, "2030-01-01"))
    assert law_read(whole) == "law read to 2030-01-01"


def test_every_program_says_against_which_text_it_was_reviewed(us: tc.Tariff) -> None:
    for name, program in us.programs.items():
        assert program.reviewed.through == parse_moment("2026-10-09"), name
        assert any(
            word in program.reviewed.against
            for word in ("HTS", "CFR", "statute", "Public Law", "Proclamation", "act")
        ), name
