"""What a second text says of rates: each kind of error that a copy of a schedule makes is found, and the
seeds of India hold none."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.codes import dotted
from tariffcalc.errors import Finding
from tariffcalc.reading.where import territory_folder


def copied_to(target: Path) -> Path:
    source = territory_folder("in")
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("cases", "scenarios"))
    for name in ("geography.csv", "groups.yaml", "currencies.csv"):
        shutil.copy(source.parent / name, target.parent / name)
    return target


def plant(folder: Path, code: str, **cells: str) -> None:
    """Change cells of every row of a line."""
    path = folder / "schedule" / f"chapter-{code[:2]}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(
                [
                    cells.get(name, cell) if row[0] == code else cell
                    for name, cell in zip(header, row, strict=True)
                ]
            )


PLANTED = [
    pytest.param(
        "61061000",
        {"general": "20%"},
        "D016",
        "6106.10.00 from the beginning: the schedule holds",
        id="clothing without its amount",
    ),
    pytest.param(
        "52085290", {"general": "10%"}, "D016", "says 'part by quantity'", id="fabrics without their amount"
    ),
    pytest.param(
        "81019400",
        {"general": "5%"},
        "D016",
        "8101.94.00 from 2026-02-02: the schedule holds '5%'",
        id="a metal that is free",
    ),
    pytest.param("26131000", {"general": "2.5%"}, "D016", "2613.10.00", id="an ore that is free"),
    pytest.param("28100020", {"general": "27.5%"}, "D016", "says '7.5%'", id="a rate raised in 2018"),
    pytest.param(
        "39011010",
        {"general": "12.5%"},
        "D016",
        "one of none, 2.5%",
        id="a rate that the budget of 2025 left on nothing",
    ),
    pytest.param("03063620", {"general": "30%"}, "D016", "says '10%'", id="the rate of a neighbour"),
    pytest.param("03074220", {"general": "15%"}, "D016", "says '30%'", id="two lines exchanged"),
    pytest.param("84148020", {"general": "Free"}, "D016", "8414.80.20", id="free of a word"),
    pytest.param(
        "84148090",
        {"general": "Free", "label": "Other: free-piston"},
        "D017",
        "the rate 'Free' is also in the description",
        id="a word",
    ),
    pytest.param(
        "72027000",
        {"general": "15%", "label": "Containing 15% of it"},
        "D017",
        "the rate '15%' is also",
        id="a figure",
    ),
]


# a duty that cannot be read, an act and a list that are not there, goods without a line
MEANINGLESS = """7777,,,5%,CTA-1975,
6106,,,5%,NO-SUCH-ACT,
6106,,,a lot,CTA-1975,
list nothing,,,5%,CTA-1975,
"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What is found where every one of the errors is planted, each on a line of its own, and rows that mean
    nothing stand in the second source."""
    folder = copied_to(tmp_path_factory.mktemp("planted") / "in")
    for planted in PLANTED:
        code, cells, *_ = planted.values
        plant(folder, code, **cells)
    with (folder / "schedule" / "second-source.csv").open("a", encoding="utf-8") as stream:
        stream.write(MEANINGLESS)
    return list(tc.check(folder))


@pytest.mark.parametrize(("code", "cells", "rule", "said"), PLANTED)
def test_a_planted_error_is_found(
    findings: list[Finding], code: str, cells: dict[str, str], rule: str, said: str
) -> None:
    assert len({planted.values[0] for planted in PLANTED}) == len(PLANTED)
    found = [
        finding.message for finding in findings if finding.code == rule and dotted(code) in finding.message
    ]
    assert any(said in message for message in found), found


def test_a_row_that_means_nothing_is_found(findings: list[Finding]) -> None:
    found = [finding.message for finding in findings if finding.code == "D016"]
    for said in (
        "7777 covers no tariff line",
        "'NO-SUCH-ACT' is not in the table of acts",
        "a lot",
        "there is no list 'nothing'",
    ):
        assert any(said in message for message in found), (said, found)
