"""Each rule about the seeds by its number: the invented land breaks it once, and the finding has the file and
the line of the entry; without the break, and without the rule, nothing is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tariffcalc.checking import check, rules

LAND = Path(__file__).parents[1] / "law_fixture"
WHOLE = {  # what the invented land lacks
    "land/coverage/all.yaml": "".join(
        f"- program: land.{name}\n  state: {'absent' if name == 'safeguard' else 'complete'}\n  from: {day}\n  reviewed_through: 2027-01-01\n"
        for name, day in {
            "copper": "2025-01-01", "customs": "2025-01-01", "deposit": "2025-01-01", "fee": "2025-01-01",
            "harbour": "2025-01-01", "late": "2025-01-01", "metals": "2025-02-01", "reciprocal": "2025-02-01",
            "safeguard": "2025-01-01", "surcharge": "2025-01-01", "tax": "2025-01-01",
        }.items()
    ),
    "land/cases/one.yaml": """\
- case: A1
  title: Ten per cent
  source: Book 1
  arithmetic: 1,000 x 10% = 100
  entered: 2025-03-15
  lines:
    - {commodity: 1001.00.00, origin: CC, value: 1000, claims: [repair], facts: {steel_value: 10}}
  expect:
    postings:
      - {line: 1, program: land.reciprocal, heading: R.06}
    silent: [land.tax]
    noted:
      - {line: 1, code: assumed}
- case: A2
  title: Refused
  source: Book 1
  arithmetic: none
  entered: 2024-03-15
  lines: [{commodity: 1001.00.00, origin: CC, value: 1000, claims: [repare], facts: {stele_value: 10}}]
  expect: {refused: [day]}
""",
    "land/schedule/limits.csv": "code,from,until,unit,limit,currency,place,words,by,ended_by\n10010000,,,day,05-01 to 08-31,,,,BOOK,\n",
    "land/schedule/renumbered.csv": "old,new,on_or_after,by,tag,note\n",
    "land/schedule/second-source.csv": "products,on_or_after,before,says,by,note\n1001,2025-01-01,,10%,BOOK,\n",
    "land/exchange-rates.csv": "currency,units,rate,on_or_after,before,by\nEUR,1,2.5,2025-01-01,2025-07-01,BOOK\n",
    "land/tariff-values.csv": "goods,products,amount,currency,unit,on_or_after,before,by\nplums,10060000,3,EUR,kg,2025-01-01,2025-07-01,BOOK\n",
    "land/schedule/acts.yaml": "- {id: COPY, kind: copy, title: A copy, known: 2020-01-01, citation: Copy, tag: S}\n",
    "land/scenarios/one.yaml": "# What if.\nscenario: one\nchanges: [{set_duty: land.surcharge, duty: 3%}]\n",
    "currencies.csv": "code,name\nEUR,Euro\nLND,Land\n",
}  # fmt: skip
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
        places = (home / finding.file, home / "land" / finding.file)
        place = next(each for each in places if each.is_file())
        line = place.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    finally:
        path.write_text(text, encoding="utf-8")
    assert broken["named"] in line, (str(finding), line)
    assert not left


def test_every_rule_is_broken_once() -> None:
    """Rule D011 has tests of its own (tests/seeds/test_headings.py)."""
    numbers = {each.__name__[:4].upper() for each in rules.RULES}
    assert numbers - {"D011"} == {each["rule"] for each in BREAKS if each["rule"].startswith("D")}
