"""What a contributor mistypes is refused on loading, with what is meant: nothing of the law falls away
without a word."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tariffcalc as tc

FIXTURE = Path(__file__).parents[1] / "law_fixture"


@pytest.fixture
def land(tmp_path: Path) -> Path:
    """A copy of the invented land."""
    shutil.copytree(FIXTURE, tmp_path / "seeds")
    return tmp_path / "seeds" / "land"


def test_an_act_that_is_not_there_is_no_act_that_is_not_known_yet(land: Path) -> None:
    """A spell of an act that nobody wrote down would never count: its duty would be nothing."""
    path = land / "programs" / "surcharge.yaml"
    text = path.read_text(encoding="utf-8")
    act = next(iter(tc.load(land).programs["land.surcharge"].measures[0].history)).by[0]
    assert act in text
    path.write_text(text.replace(act, f"{act}X"), encoding="utf-8")
    with pytest.raises(
        tc.SeedError,
        match=rf"D002 land\.surcharge/\S+: the act '{act}X' is not in the table of acts: is '{act}' meant\?",
    ):
        tc.load(land)


def test_a_misspelt_key_names_the_key(land: Path) -> None:
    path = land / "programs" / "surcharge.yaml"
    text = path.read_text(encoding="utf-8")
    assert "\ntitle:" in text
    path.write_text(text.replace("\ntitle:", "\ntitel:"), encoding="utf-8")
    with pytest.raises(tc.SeedError) as wrong:
        tc.load(land)
    said = [finding.message for finding in wrong.value.findings]
    assert "titel: no such key here; is 'title' meant?" in said


def test_a_misspelt_key_within_an_entry_names_the_key_too(land: Path) -> None:
    """A row of a history, and its window of days."""
    path = land / "programs" / "surcharge.yaml"
    text = path.read_text(encoding="utf-8")
    assert "on_or_after:" in text and "duty:" in text
    path.write_text(text.replace("on_or_after:", "on_or_afer:").replace("duty:", "dutty:"), encoding="utf-8")
    with pytest.raises(tc.SeedError) as wrong:
        tc.load(land)
    said = " ".join(finding.message for finding in wrong.value.findings)
    assert (
        "dutty: no such key here; is 'duty' meant?" in said
        and "on_or_afer: no such key here; is 'on_or_after' meant?" in said
    )
