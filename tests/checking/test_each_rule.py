"""Each rule about the seeds by its number: the invented land breaks it once, and the finding has the file and
the line of the entry; without the break, and without the rule, nothing is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tariffcalc.checking import check, rules

LAND = Path(__file__).parents[1] / "law_fixture"
WHOLE = yaml.safe_load((Path(__file__).parent / "whole.yaml").read_text(encoding="utf-8"))
# the rules that ``check`` alone applies; others refuse the seeds on loading
NAMED = {each.__name__[:4].upper() for each in rules.RULES} - {"D002"}
BREAKS = yaml.safe_load((Path(__file__).parent / "breaks.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented land with one entry of every kind, on which only the form of its headings is found."""
    home = tmp_path_factory.mktemp("seeds")
    shutil.copytree(LAND, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, text in WHOLE.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    assert {finding.code for finding in check(home / "land")} == {"D009"}
    return home


@pytest.mark.parametrize("broken", BREAKS, ids=[f"{each['rule']} {each['after'][:30]!r}" for each in BREAKS])
def test_a_rule_finds_what_breaks_it(
    home: Path, broken: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, rule, words = home / "land" / broken["file"], broken["rule"], broken["words"]
    text = path.read_text(encoding="utf-8")
    assert text.count(broken["before"]) == 1, text.count(broken["before"])
    try:
        path.write_text(text.replace(broken["before"], broken["after"]), encoding="utf-8")
        found = check(home / "land")
        without = tuple(each for each in rules.RULES if not each.__name__.startswith(rule.lower()))
        monkeypatch.setattr(rules, "RULES", without)
        left = [each for each in check(home / "land") if each.code == rule] if rule in NAMED else []
        (finding,) = [each for each in found if each.code in (rule, "S001") and words in each.message]
        assert finding.line, finding
        named = (home / finding.file, home / "land" / finding.file, path)
        place = next(each for each in named if each.is_file() and each.name == Path(finding.file).name)
        line = place.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    finally:
        path.write_text(text, encoding="utf-8")
    assert broken["named"] in line, (str(finding), line)
    assert not left


def test_every_rule_is_broken_once() -> None:
    """Rule D011 has tests of its own (tests/seeds/test_headings.py)."""
    numbers = {each.__name__[:4].upper() for each in rules.RULES}
    assert numbers - {"D011"} == {each["rule"] for each in BREAKS if each["rule"].startswith("D")}
