"""Seeds as text: no guessed types, no key twice, every finding with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tariffcalc.errors import SeedError
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.reading.programs import program_of, read_base
from tariffcalc.reading.yaml_text import read_yaml


def written(folder: Path, text: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_is_guessed(tmp_path: Path) -> None:
    """What YAML takes for a boolean, a float and a sexagesimal number stays as written."""
    data = read_yaml(
        written(tmp_path, "origin: NO\ncode: 8471.30\ntime: 12:01\nday: 2026-02-24\nrate: 010\nnone: null\n")
    ).data
    assert data == {
        "origin": "NO",
        "code": "8471.30",
        "time": "12:01",
        "day": "2026-02-24",
        "rate": "010",
        "none": "null",
    }


def test_a_key_stands_once(tmp_path: Path) -> None:
    with pytest.raises(SeedError) as raised:
        read_yaml(written(tmp_path, "duty: 10%\nheading: 1\nduty: 25%\n"))
    (finding,) = raised.value.findings
    assert (finding.code, finding.line) == ("S003", 3)
    assert "'duty'" in finding.message


def test_bad_yaml_says_where(tmp_path: Path) -> None:
    with pytest.raises(SeedError) as raised:
        read_yaml(written(tmp_path, "a: 1\nb: [1,\n"))
    assert raised.value.findings[0].code == "S002"
    assert raised.value.findings[0].line >= 2


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        data = read_yaml(path).data
    except SeedError:
        return
    assert data is None or isinstance(data, str | list | dict)


PROGRAM = """
program: x.y
title: T
authority: A
charged_on: customs value
reviewed: {{through: 2026-01-01, against: text}}
measures:
  - id: one
    origin: any
    history:
      - entered: {{on_or_after: 2025-01-01}}
        duty: 10%
        by: ACT
  - id: two
{second}
"""


@pytest.mark.parametrize(
    ("second", "code", "line", "word"),
    [
        # uncited
        ("    history:\n      - entered: {on_or_after: 2025-01-01}\n        duty: 10%\n", "S001", 15, "by"),
        (
            (
                "    history:\n      - entered: {on_or_after: 2025-01-01}\n        duty: 10 persent\n       "
                " by: ACT\n"
            ),
            "S010",
            16,
            "10 persent",
        ),
        (
            "    history:\n      - entered: {on_or_after: 2025-02-30}\n        duty: 10%\n        by: ACT\n",
            "S001",
            15,
            "2025-02-30",
        ),
        (
            (
                "    history:\n      - entered: {on_or_after: 2025-02-02, before: 2025-02-01}\n        duty:"
                " 10%\n        by: ACT\n"
            ),
            "S001",
            15,
            "empty",
        ),
        ("    origin: India\n    history: []\n", "S001", 14, "India"),
        ("    orgin: IN\n    history: []\n", "S001", 14, "orgin"),
        ("    requires: weight below 15\n    history: []\n", "S001", 14, "not a condition"),
    ],
)
def test_findings_name_the_line(tmp_path: Path, second: str, code: str, line: int, word: str) -> None:
    with pytest.raises(SeedError) as raised:
        document = read_yaml(written(tmp_path, PROGRAM.format(second=second)))
        program_of(document, document.data, DutyGrammar(including="x.column-1"))
    found = [finding for finding in raised.value.findings if finding.code == code and word in str(finding)]
    assert found, raised.value
    assert abs(found[0].line - line) <= 1, found[0]


def test_bases() -> None:
    terms = [
        (str(term.rate), term.of) for term in read_base("us_content_value - 40% of value + charged in.bcd")
    ]
    assert terms == [("1", "fact us_content_value"), ("-0.4", "value"), ("1", "charged in.bcd")]
    with pytest.raises(ValueError, match="not a base"):
        read_base("value minus something")
