"""The findings of reading and of compiling by their numbers: a mistake in one file of the invented land is
found under its number, with the file."""

from __future__ import annotations

from pathlib import Path

import pytest

import tariffcalc as tc

RECIPROCAL, LIST, CHAPTER = "programs/reciprocal.yaml", "lists/late.csv", "schedule/chapter-10.csv"
EXEMPT = "    products: list exempt, 7301 except 7301.00.00\n    instead_of: [baseline, partners, afloat]\n"


@pytest.mark.parametrize(
    ("number", "file", "text", "instead"),
    [
        pytest.param("S004", LIST, "code,from", "line,from", id="S004 a column of a list is missing"),
        pytest.param("S004", CHAPTER, "code,from", "line,from", id="S004 a column of the schedule"),
        pytest.param("S005", LIST, ",BOOK,,", ",BOOK,,,", id="S005 a row of a list is too long"),
        pytest.param("S005", CHAPTER, "kg,10%,", "kg,10%,,", id="S005 a row of the schedule is too long"),
        pytest.param("S006", LIST, "2026-07-01", "2026-17-01", id="S006 a day that is none"),
        pytest.param("S007", RECIPROCAL, "table: partners", "table: partner", id="S007 a table is not there"),
        pytest.param("S009", RECIPROCAL, "{base: value}", "{base: half of it}", id="S009 a base is none"),
        pytest.param("S014", LIST, "1001.00.00.30", "", id="S014 the code of a list is empty"),
        pytest.param("S014", CHAPTER, "\n10010000,", "\n,", id="S014 the code of the schedule is empty"),
        pytest.param("C005", RECIPROCAL, "id: afloat", "id: baseline", id="C005 a measure is written twice"),
        pytest.param(
            "C006", RECIPROCAL, "area shunned\n", "area shunned\n    instead_of: exempt\n", id="C006 a circle"
        ),
        pytest.param(
            "C007", RECIPROCAL, EXEMPT, EXEMPT.replace("[baseline, partners, afloat]", "[baseline]"),
            id="C007 two measures meet",
        ),
        pytest.param(
            "C009", RECIPROCAL, "instead_of: baseline", "instead_of: basis", id="C009 instead of nothing"
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_found_under_its_number(
    land_seeds: Path, number: str, file: str, text: str, instead: str
) -> None:
    path = land_seeds / file
    whole = path.read_text(encoding="utf-8")
    assert text in whole and number not in {finding.code for finding in tc.check(land_seeds)}
    path.write_text(whole.replace(text, instead, 1), encoding="utf-8")
    found = [finding for finding in tc.check(land_seeds) if finding.code == number]
    # a table of the program has its rows, so that a finding of one of them is in that file
    assert found and all(path.stem in (finding.file or "") for finding in found), found


def test_many_findings_are_shown_in_part(land_seeds: Path) -> None:
    """An act that nobody wrote down is named at many places of the land: each is a finding, and the text of
    the error says how many it leaves out."""
    acts = land_seeds / "acts.yaml"
    text = acts.read_text(encoding="utf-8").replace("id: ORDER-1,", "id: ORDER-9,")
    acts.write_text(text, encoding="utf-8")
    with pytest.raises(tc.errors.SeedError) as raised:
        tc.load(land_seeds)
    findings, shown = raised.value.findings, str(raised.value).splitlines()
    assert len(findings) > 9 and len(raised.value.frame) == len(findings)
    assert shown[-1] == f"... and {len(findings) - 8} more findings (``frame`` has them all)"
    assert shown[:-1] == [str(each) for each in findings[:8]]
