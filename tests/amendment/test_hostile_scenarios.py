"""Scenario files from anywhere: whatever stands in them is a scenario or one sentence with its place, soon
and in little memory."""

from __future__ import annotations

import os
import random
import tracemalloc
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.errors import ScenarioError, SeedError
from tariffcalc.scenario import Scenario

LONGEST = 2100  # characters of a refusal
HEAD = "scenario: x\nchanges:\n"


def laughs() -> str:
    """Ten values, ten times ten, and so on: ten thousand million of them once written out."""
    steps = "".join(
        f"{each}: &{each} [{','.join([f'*{before}'] * 10)}]\n"
        for before, each in zip("abcdefghi", "bcdefghij", strict=True)
    )
    return "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + steps + "scenario: x\nchanges: *j\n"


def set_duty(duty: str) -> str:
    return f"{HEAD}- {{set_duty: us.s122/surcharge, duty: {duty}}}\n"


def with_measure(text: str) -> str:
    return f"{HEAD}- add_measure: us.s122\n  measure:\n    id: x\n    {text}\n"


NINES = "9" * 20
HISTORY = "history: [{entered: {}, duty: 5%}]"
PIECES = ["", "[", "]", "{", "}", ": ", "- ", "&a ", "*a", "!!int ", "\n", "\t", "'", "é", "\0", NINES]
REFUSED = {
    "billion laughs": (
        laughs(), r"x.yaml:\d+: S015 aliases \(\*NAME\) refer to more than 10,000 values: write",
    ),
    "a list in itself": (
        "scenario: x\nchanges: &a [*a]\n", r"x.yaml:2: S015 a value holds itself by an alias",
    ),
    "a mapping in itself": (
        "scenario: x\nchanges: &a {b: *a}\n", r"x.yaml:2: S015 a value holds itself by an alias",
    ),
    "a deep list": (
        f"scenario: x\nchanges: {'[' * 60}{']' * 60}\n",
        r"x.yaml:2: S015 values lie in one another more than 32 deep",
    ),
    "a very deep list": (
        f"scenario: x\nchanges: {'[' * 50_000}{']' * 50_000}\n",
        r"x.yaml:2: S002 not YAML: exceeded maximum nesting depth",
    ),
    "a list for a duty": (set_duty("[18%]"), r"x.yaml:3: set_duty: duty: expected a text, got a list"),
    "a mapping for the changes": (
        "scenario: x\nchanges: {set_duty: a}\n",
        r"x.yaml:2: changes: expected a list of changes, got a mapping",
    ),
    "a key that is a list": (
        "? [a, b]\n: 1\nscenario: x\n", r"x.yaml:1: S002 not YAML of law: a key is a text",
    ),
    "a tag of Python": (
        "scenario: x\nchanges: !!python/object/apply:os.mkdir [made]\n", r"x.yaml:2: expected a change",
    ),
    "nines": (
        set_duty(f"{NINES}%"),
        rf"x.yaml:3: set_duty: duty: '{NINES}' is too great: expected at most 4 digits before the decimal"
        r" point",
    ),
    "nines of money": (
        set_duty(f"${NINES}/kg"),
        rf"x.yaml:3: set_duty: duty: '{NINES}' is too great: expected at most 6 digits before",
    ),
    "nines after the point": (
        set_duty(f"0.{NINES}%"),
        rf"x.yaml:3: set_duty: duty: '0.{NINES}' is too long: expected at most 12 digits after",
    ),
    "nines up to which": (
        set_duty(f"to {NINES}% including us.column-1"), r"x.yaml:3: set_duty: duty: .* is too great",
    ),
    "nines of a bound": (set_duty(f"5% at most {NINES}¢/kg"), r"x.yaml:3: set_duty: duty: .* is too great"),
    "five thousand nines": (
        set_duty(f"{'9' * 5000}%"),
        r"x.yaml:3: set_duty: duty: the duty '9{77}...' has 5,001 characters: expected at",
    ),
    "nines of a condition": (
        with_measure(f"requires: copper_value > {NINES}\n    {HISTORY}"),
        r"x.yaml:6: .*requires: .* is too great",
    ),
    "no number in a condition": (
        with_measure(f"requires: copper_value > 1.2.3\n    {HISTORY}"),
        r"x.yaml:6: .*requires: '1.2.3' is not a number",
    ),
    "nines of a fee": (
        with_measure(f"history: [{{entered: {{}}, duty: 5%, shipment_at_least: {NINES}}}]"),
        r"x.yaml:6: add_measure: measure.history\[1\].shipment_at_least: .* is too great",
    ),
    "nines of a base": (
        f"{HEAD}- add_program: us.x\n"
        f"  data: {{program: us.x, charged_on: '{NINES}% of value', measures: [{{id: a, history: []}}]}}\n",
        r"x.yaml:4: add_program: data.charged_on\[1\].base: .* is too great",
    ),
    "a file of 3 MB": (
        set_duty("x" * 3_000_000), r"x.yaml has 3,000,0\d\d bytes: expected at most 2,000,000",
    ),
    "a long key": (
        f"scenario: x\n? {'k' * 500_000}\n: 1\nchanges: []\n",
        r"x.yaml:2: a scenario: 'k+ \.\.\. .*\(keys: scenario, title",
    ),
    "many changes that are none": (
        HEAD + "- x\n" * 100_000,
        r"x.yaml:3: expected a change, a mapping with one of the verbs .*; got 'x'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", REFUSED)
def test_one_sentence_with_its_place(which: str, tmp_path: Path) -> None:
    text, expected = REFUSED[which]
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ScenarioError, SeedError), match=expected) as raised:
        Scenario.read(path)
    assert len(str(raised.value)) < LONGEST
    assert "\n" not in str(raised.value)
    assert not Path("made").exists()


def test_a_wide_file_of_deep_values_takes_little_memory(tmp_path: Path) -> None:
    """The place of every value is remembered: a hundred thousand of them, each thirty deep,
    must not take gigabytes."""
    path = tmp_path / "x.yaml"
    path.write_text(f"scenario: x\nchanges: {'[' * 29}{'a,' * 100_000}{']' * 29}\n")
    tracemalloc.start()
    with pytest.raises(ScenarioError):
        Scenario.read(path)
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ScenarioError, match="is not a file"):
            Scenario.read(path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        Scenario.read(tmp_path / "nothing")


def test_a_few_aliases_are_written_out(tmp_path: Path) -> None:
    """As a writer of YAML makes them of a text that stands twice."""
    path = tmp_path / "x.yaml"
    path.write_text(
        f"{HEAD}- {{end: us.s122, before: &day 2026-04-01}}\n- {{end: us.s201.solar, before: *day}}\n"
    )
    assert {change.written()["before"] for change in Scenario.read(path).changes} == {"2026-04-01"}


def test_what_is_written_has_no_aliases(tmp_path: Path) -> None:
    """The same texts and lists in two changes are written twice."""
    codes = ["6109.10", "6109.90"]
    scenario = tc.Scenario("x", by=("A", "A")).add_to_list("l", codes).add_to_list("l", codes)
    scenario.write(tmp_path / "x.yaml")
    assert "&" not in (tmp_path / "x.yaml").read_text()
    assert Scenario.read(tmp_path / "x.yaml").changes == scenario.changes


@pytest.mark.parametrize("seed", range(4))
def test_damaged_scenarios_are_read_or_refused(us: tc.Tariff, seed: int, tmp_path: Path) -> None:
    """The ready scenarios with pieces cut, doubled, moved and replaced, 400 times each."""
    draw = random.Random(seed)
    path = tmp_path / "x.yaml"
    for ready in sorted((us.folder / "scenarios").glob("*.yaml"))[seed::4]:
        text = ready.read_text(encoding="utf-8")
        for _ in range(400):
            damaged = text
            for _ in range(draw.randint(1, 4)):
                start = draw.randrange(len(damaged) + 1)
                end = min(len(damaged), start + draw.choice([0, 1, 2, 10, 50]))
                piece = draw.choice(
                    [
                        "",
                        damaged[start:end] * 2,
                        "[",
                        "]",
                        "{",
                        "}",
                        ": ",
                        "- ",
                        "&a ",
                        "*a",
                        "!!int ",
                        "\n",
                        "\t",
                        "'",
                        "é",
                        "\0",
                        NINES,
                    ]
                )
                damaged = damaged[:start] + piece + damaged[end:]
            path.write_text(damaged, encoding="utf-8")
            try:
                Scenario.read(path)
            except (ScenarioError, SeedError) as error:
                assert len(str(error)) < LONGEST
