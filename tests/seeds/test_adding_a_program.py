"""The next program is one file: a fictitious duty with its own act, fact and place in the stacking order, in
a copy of the US law."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.errors import SeedError

PROGRAM = """
program: us.s999.umbrellas
title: Section 999 umbrellas
authority: An invented act of 2031
charged_on: customs value
reviewed: {through: 2026-11-01, against: the invented act}
drawback:
  - {entered: {on_or_after: 2026-09-01}, eligible: no, by: ACT-999}
acts:
  - {id: ACT-999, kind: statute, title: An act about umbrellas, known: 2026-08-01, citation: 1 Stat. 999}
facts:
  - {fact: opens_by_itself, type: flag, claim: yes, meaning: The umbrella opens by itself., assumed: no}
stacking:
  - {program: us.s301.forced-labor, to: us.s999.umbrellas, heading: 9903.99.03, by: ACT-999}
measures:
  - id: umbrellas
    heading: 9903.99.01
    products: 6601
    history:
      - {entered: {on_or_after: 2026-09-01}, duty: 3¢/no + 20%, by: ACT-999}
  - id: automatic
    heading: 9903.99.02
    products: 6601
    requires: opens_by_itself
    instead_of: umbrellas
    history:
      - {entered: {on_or_after: 2026-09-01}, duty: none, by: ACT-999}
"""


@pytest.fixture
def with_umbrellas(us: tc.Tariff, tmp_path: Path) -> tc.Tariff:
    """The law of the United States and one more file."""
    return tc.load(_folder(us, tmp_path, PROGRAM))


def _folder(us: tc.Tariff, tmp_path: Path, program: str) -> Path:
    folder = tmp_path / "us"
    (folder / "programs").mkdir(parents=True)
    for shared in ("geography.csv", "groups.yaml"):
        (tmp_path / shared).symlink_to(us.folder.parent / shared)
    for path in us.folder.iterdir():
        if path.name != "programs":
            (folder / path.name).symlink_to(path)
    for path in (us.folder / "programs").iterdir():
        (folder / "programs" / path.name).symlink_to(path)
    (folder / "programs" / "s999-umbrellas.yaml").write_text(program, encoding="utf-8")
    return folder


def test_the_new_program_is_charged_and_others_give_way(us: tc.Tariff, with_umbrellas: tc.Tariff) -> None:
    """Forty umbrellas worth 1,000 (6601.10.00.00, 6.5%): 0.03 x 40 + 200; what opens by itself owes forced
    labor again."""
    shown = {}
    for claims in ((), ("opens_by_itself",)):
        line = tc.Line(
            commodity="6601.10.00.00", origin="IN", value="1000", quantity={"no": 40}, claims=claims
        )
        with pytest.warns(tc.errors.CoverageWarning):
            e = with_umbrellas.estimate(tc.Shipment(entered="2026-11-20", lines=[line]))
        shown[claims] = {
            row["program"]: (row["outcome"], row["heading"], row["amount"])
            for row in e.ledger.to_dict("records")
        }
        without = us.estimate(
            tc.Shipment(entered="2026-08-31", lines=[line.model_copy(update={"claims": ()})])
        )
        assert "us.s999.umbrellas" not in set(without.ledger.program)
    owing, free = shown[()], shown["opens_by_itself",]
    assert owing["us.column-1"][2] == free["us.column-1"][2] == Decimal("65.00")
    assert owing["us.s999.umbrellas"] == ("charged", "9903.99.01", Decimal("201.20"))
    assert owing["us.s301.forced-labor"] == ("gave way", "9903.99.03", Decimal("0.00"))
    assert free["us.s999.umbrellas"] == ("none due", "9903.99.02", Decimal("0.00"))
    assert free["us.s301.forced-labor"] == ("charged", "9903.05.44", Decimal("100.00"))


def test_it_is_known_only_from_its_act(us: tc.Tariff, tmp_path: Path) -> None:
    early = tc.load(_folder(us, tmp_path, PROGRAM), known_on="2026-07-31")
    line = tc.Line(commodity="6601.10.00.00", origin="IN", value="1000", quantity={"no": 40})
    with pytest.warns(tc.errors.CoverageWarning):
        e = early.estimate(tc.Shipment(entered="2026-09-20", lines=[line]))
    assert "us.s999.umbrellas" not in set(e.ledger.program)


def test_a_mistake_in_a_section_names_file_and_line(us: tc.Tariff, tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"s999-umbrellas.yaml:10: .*knid"):
        tc.load(_folder(us, tmp_path, PROGRAM.replace("kind: statute, ", "knid: statute, ")))
