"""The explanation of a line against the law's own models: which programs are in force on which day."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from fact_patterns import FactPatterns, as_frame
from oracle import Declared

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning
from tariffcalc.moments import show_moment

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
METALS_OF_2026 = "Section 232 aluminum, steel and copper"


def in_force(tariff: tc.Tariff, line: Declared) -> dict[str, str]:
    """The programs with a spell on the day that dates them, and that day, by title."""
    found = {}
    for program in tariff.rulebook.settled().programs.values():
        day = line.entered if program.dated_by == "entry" or line.admitted is None else line.admitted
        spells = [
            spell
            for measure in program.measures
            if of_some_goods(tariff, measure, day)
            for spell in measure.history
            if day in spell.entered
        ]
        if program.ceased and line.entered >= program.ceased.before:
            spells = [spell for spell in spells if spell.entered.before > program.ceased.before]
        if spells:
            found[program.title] = show_moment(day)
    return found


def of_some_goods(tariff: tc.Tariff, measure: tc.Measure, day: int) -> bool:
    """Whether a measure names any goods that day: a list may begin later than the measure."""
    members = [member for name in measure.products.named for member in tariff.rulebook.lists[name].members]
    return bool(
        measure.products.everything
        or measure.products.items
        or any(member.start <= day < member.end for member in members)
    )


def silent(text: str) -> dict[str, str]:
    """The programs that an explanation says are in force and not for the line, and the day it says."""
    sentences = re.findall(
        r"^  In force on (\S+(?: 00:00)?), but not for this line: (.*?)\.$", text, re.DOTALL | re.MULTILINE
    )
    return {title: day for day, titles in sentences for title in " ".join(titles.split()).split("; ")}


@pytest.mark.parametrize("size", [30, pytest.param(120, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("territory", ["us", "in", LAND], ids=["us", "in", "land"])
def test_in_force_and_not_for_this_line(territory: str | Path, size: int) -> None:
    """Exactly the programs in force that have no posting, each on the day that dates it: of entry, or of
    admission to a zone."""
    tariff = tc.load(territory)
    lines = list(FactPatterns(tariff.rulebook, seed=21).lines(size))
    titles = {program.program: program.title for program in tariff.programs.values()}
    admitted = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(as_frame(lines))
    spoken = estimate.ledger.groupby("row")["program"].agg(set).to_dict()
    for row, line in enumerate(lines):
        if row in spoken:
            of_postings = {titles[name] for name in spoken[row]}
            without = {
                title: day for title, day in in_force(tariff, line).items() if title not in of_postings
            }
            assert silent(estimate.explain(row, full=True)) == without, line
            admitted += line.admitted is not None
    assert admitted or territory == "in"  # where the day of entry dates every program


def test_metals_of_2026_are_not_in_force_in_2025(us: tc.Tariff) -> None:
    """A T-shirt of 2025, and one admitted to a zone in 2025 and entered in May 2026: the duties on metals of
    2026 are dated by the day of entry."""
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")
    of_2025 = us.estimate(tc.Shipment(entered="2025-09-20", transport="air", lines=(line,))).explain()
    assert METALS_OF_2026 not in " ".join(of_2025.split())
    from_zone = us.estimate(
        tc.Shipment(entered="2026-05-20", admitted="2025-09-20", transport="air", lines=(line,))
    ).explain()
    in_full = us.estimate(
        tc.Shipment(entered="2026-05-20", admitted="2025-09-20", transport="air", lines=(line,))
    ).explain(full=True)
    assert "admitted to a zone 2025-09-20, entered 2026-05-20" in from_zone
    assert silent(in_full)[METALS_OF_2026] == "2026-05-20"
    assert set(silent(in_full).values()) == {"2025-09-20", "2026-05-20"}


def postings_apart(text: str) -> dict[str, str]:
    """The text of each posting by its first line."""
    blocks = re.split(r"^  (?=\S)", text, flags=re.MULTILINE)
    return {block.splitlines()[0]: " ".join(block.split()) for block in blocks if block.strip()}


def test_a_short_explanation_counts_what_the_full_one_names(us: tc.Tariff) -> None:
    """The same amounts and reasons; each list of measures is as long as the full one says, whether named or
    counted."""
    e = us.estimate(
        tc.Shipment(
            entered="2026-03-02",
            transport="vessel",
            lines=(tc.Line(commodity="6109.10.00.12", origin="IN", value="10000"),),
        )
    )
    short, full = postings_apart(e.explain()), postings_apart(e.explain(full=True))
    assert len(e.explain()) < 0.6 * len(e.explain(full=True)) and "full=True" in e.explain()
    assert [first for first in short if first[-3:-2] == "."] == [
        first for first in full if first[-3:-2] == "."
    ]
    column_1, fee = (
        next(text for first, text in full.items() if first.startswith(title))
        for title in ("Column 1 and", "Merchandise")
    )
    not_claimed = column_1.partition("record) ")[2].partition(": not claimed")[0]
    assert f"not claimed: {len(not_claimed.split('; '))} measures" in next(
        text for first, text in short.items() if first.startswith("Column 1 and")
    )
    exempt = re.findall(r"Originating goods claimed under [^;:]*", fee)
    assert len(exempt) > 10 and f"{exempt[0]}; {exempt[1]};" in next(
        text for first, text in short.items() if first.startswith("Merchandise")
    )
