"""A key that an entry of the seeds must have, and has not: ``check`` names the key, the file and the line,
whatever the entry.

The invented land, with everything it leaves out added, loses one key or filled cell after another.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from tariffcalc.checking import check
from tariffcalc.checking.cases import Case, Expected, ExpectedNote, ExpectedPosting
from tariffcalc.errors import Finding
from tariffcalc.law.act import Act
from tariffcalc.law.fact import Fact
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Base, Ceased, Creditable, Drawback, Program, Reviewed, StackingEntry
from tariffcalc.law.territory import Territory
from tariffcalc.law.valuation import Ceiling, Cost, RateDay, Rounding, Share, Valuation
from tariffcalc.reading.coverage import Covered, Doubt
from tariffcalc.reading.entries import _Group, _GroupMember
from tariffcalc.reading.yaml_text import read_yaml
from tariffcalc.shipment import Line

REPOSITORY = Path(__file__).parents[2]
FIXTURE = REPOSITORY / "tests" / "law_fixture"
ADDED = {
    "land/coverage.yaml": (
        """
- program: land.customs
  state: complete
  from: 2025-01-01
  reviewed_through: 2027-01-01
  left_out: [nothing]
  doubts: [{tag: U, doubt: Whether it exists.}]
"""
    ),
    "land/valuation.yaml": (
        """
title: Value at the border
authority: The book of duties
includes:
  - cost: freight
    by: BOOK
    not_ascertainable: [{share: 20%, of: fob, by: BOOK}]
    at_most: {share: 20%, of: fob, transport: air, by: BOOK}
excludes: [{cost: costs_after_importation, by: BOOK}]
rate_of: {day: entered, by: BOOK}
rounded_to: {step: 0.01, by: BOOK}
"""
    ),
    "land/cases/one.yaml": (
        """
- case: A1
  title: Ten per cent
  source: Book 1
  arithmetic: 1,000 x 10% = 100
  entered: 2025-03-15
  lines: [{commodity: 1001.00.00, origin: AA, value: 1000}]
  expect:
    duty: 100.00
    postings: [{line: 1, program: land.customs, amount: 100.00}]
    noted: [{line: 1, code: assumed}]
"""
    ),
    "land/programs/duty-with-credit.yaml": (
        """
program: land.credit
title: A duty taken back
authority: The book of duties
charged_on: [{base: value}]
reviewed: {through: 2027-01-01, against: Book 1}
creditable: {by: BOOK}
measures:
  - table: rates
  - id: other
    products: 7401
    instead_of: rates
    history: [{entered: {on_or_after: 2025-01-01}, duty: 1%, by: BOOK}]
"""
    ),
    "land/programs/duty-with-credit.rates.csv": (
        "id,heading,origin,duty,on_or_after,before,by\none,,AA,2%,2025-01-01,,BOOK\n"
    ),
    "land/exchange-rates.csv": (
        "currency,units,rate,on_or_after,before,by\nEUR,1,2.5,2025-01-01,2025-07-01,BOOK\n"
    ),
    "land/tariff-values.csv": (
        "goods,products,amount,currency,unit,on_or_after,before,by\n"
        "plums,10060000,3,EUR,kg,2025-01-01,2025-07-01,BOOK\n"
    ),
    "land/schedule/renumbered.csv": (
        "old,new,on_or_after,by,tag,note\n1005.00.00.30,1005.00.00.10,2025-07-01,BOOK,,\n"
    ),
    "land/headings.csv": "heading,first,last,reason,note\n9903.01.01,one,two,quota only,\n",
    "currencies.csv": "code,name\nEUR,Euro\nLND,Land\n",
}
# what each mapping of a file is: by the name of the file, and the keys on the way to it (* for any number)
PROGRAM: dict[str, type[BaseModel]] = {
    "": Program, "reviewed": Reviewed, "ceased": Ceased, "creditable": Creditable, "drawback.*": Drawback,
    "charged_on.*": Base,
    "measures.*": Measure, "measures.*.history.*": Spell,
}  # fmt: skip
ENTRIES: dict[str, dict[str, type[BaseModel]]] = {
    "acts.yaml": {"*": Act}, "facts.yaml": {"*": Fact},
    "groups.yaml": {"*": _Group, "*.members.*": _GroupMember}, "stacking": {"*": StackingEntry},
    "territory.yaml": {"": Territory}, "coverage.yaml": {"*": Covered, "*.doubts.*": Doubt},
    "programs": PROGRAM,
    "valuation.yaml": {"": Valuation, "includes.*": Cost, "includes.*.not_ascertainable.*": Share,
                       "includes.*.at_most": Ceiling, "excludes.*": Cost,
                       "rate_of": RateDay, "rounded_to": Rounding},
    "cases": {"*": Case, "*.lines.*": Line, "*.expect": Expected, "*.expect.postings.*": ExpectedPosting,
              "*.expect.noted.*": ExpectedNote},
}  # fmt: skip
FILLED = {  # the cells of tables that may not be empty
    "lists/steel.csv": ("code", "by"), "spi.csv": ("spi", "origin", "by"),
    "schedule/chapter-10.csv": ("code",),
    "programs/reciprocal.partners.csv": ("id", "origin", "duty", "by"),
    "duty-phrases.csv": ("kind", "phrase", "means"),
    "exchange-rates.csv": ("currency", "units", "rate", "by"),
    "tariff-values.csv": ("goods", "products", "amount", "currency", "unit", "by"),
    "../geography.csv": ("code", "name"),
    "../currencies.csv": ("code", "name"), "headings.csv": ("heading",),
    "schedule/renumbered.csv": ("old", "new", "on_or_after", "by"),
}  # fmt: skip
COLUMNS = {
    "headings.csv": ("heading", "first", "last", "reason", "note"),
    "programs/reciprocal.partners.csv": ("on_or_after", "before", "heading"),
}


def required(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys that an entry must have, as the seeds spell them; the text of a base is written under
    ``base``."""
    return tuple(
        field.alias or name
        for name, field in model.model_fields.items()
        if field.is_required() and (model, name) != (Base, "text")
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented land with one entry of every kind."""
    home = tmp_path_factory.mktemp("seeds")
    shutil.copytree(FIXTURE, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, text in ADDED.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text.lstrip(), encoding="utf-8")
    assert not [finding for finding in check(home / "land") if finding.code.startswith(("S", "C", "D015"))]
    return home / "land"


def entries(folder: Path) -> Iterator[tuple[Path, tuple[str | int, ...], type[BaseModel]]]:
    """The first entry of each model: its file and place."""
    seen: set[type[BaseModel]] = set()
    for path in sorted(folder.parent.rglob("*.yaml")):
        kinds = ENTRIES.get(path.name) or ENTRIES[path.parent.name]
        for place, node in nodes(read_yaml(path).data):
            model = kinds.get(".".join("*" if isinstance(step, int) else step for step in place))
            if not model or model in seen or not isinstance(node, dict) or "table" in node:
                continue
            if required(model) and not set(required(model)) - node.keys():
                seen.add(model)
                yield path, place, model
    wanted = {model for kinds in ENTRIES.values() for model in kinds.values() if required(model)}
    assert wanted == seen, wanted - seen


def nodes(data: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a document with its place."""
    yield place, data
    for step, value in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield from nodes(value, (*place, step))


def at(data: Any, place: tuple[str | int, ...]) -> Any:
    """The value at a place of a document."""
    for step in place:
        data = data[step]
    return data


@contextmanager
def written(path: Path, text: str) -> Iterator[None]:
    """A file with another text for a while."""
    before = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_required_key_that_is_missing(whole: Path) -> None:
    """Each required key of each model in turn."""
    for path, place, model in list(entries(whole)):
        for key in required(model):
            data = read_yaml(path).data
            del at(data, place)[key]
            with written(path, yaml.safe_dump(data, sort_keys=False)):
                line = read_yaml(path).line(place)
                found = [
                    finding for finding in check(whole) if f"the key {key!r} is missing" in finding.message
                ]
            assert [(Path(each.file).name, each.line) for each in found] == [(path.name, line)], (
                model,
                key,
                place,
            )


@pytest.mark.parametrize(
    "changes", [("leave out", "a word"), pytest.param(("empty", "a list"), marks=pytest.mark.nightly)]
)
def test_any_key_that_is_missing(whole: Path, changes: tuple[str, ...]) -> None:
    """Whatever key is left out of whatever entry, and whatever entry is a word, a list or nothing instead:
    findings, and no other error."""
    for path, place, model in list(entries(whole)):
        for key in model.model_fields:
            for change in changes:
                data = read_yaml(path).data
                entry = at(data, place)
                if key not in entry:
                    break
                entry[key] = {"empty": None, "a word": "nonsense", "a list": [["nonsense"]]}.get(change)
                if change == "leave out":
                    del entry[key]
                with written(path, yaml.safe_dump(data, sort_keys=False)):
                    assert all(isinstance(each, Finding) for each in check(whole)), (model, key, change)


def test_a_cell_that_is_empty_and_a_column_that_is_missing(whole: Path) -> None:
    """Each cell of a table that must be filled, and each column that must be there."""
    for name, filled in FILLED.items():
        path = whole / name
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        for column in (*filled, *COLUMNS.get(name, ())):
            if column in filled:
                changed = [
                    {**row, column: "" if number == 0 else row[column]} for number, row in enumerate(rows)
                ]
                check_table(path, changed, f"the cell of {column!r} is empty", 2, whole)
            check_table(
                path,
                [{key: cell for key, cell in row.items() if key != column} for row in rows],
                column,
                1,
                whole,
            )


def check_table(path: Path, rows: list[dict[str, str]], message: str, line: int, folder: Path) -> None:
    """Assert that a finding about a line of the changed table names what is wrong."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    with written(path, stream.getvalue()):
        found = [
            finding
            for finding in check(folder)
            if message in finding.message and Path(finding.file).name == path.name
        ]
    assert [finding.line for finding in found] == [line], (path.name, message, found)


def test_a_program_without_what_it_is_charged_on(whole: Path) -> None:
    """It was read without a word, and the estimate ended in an IndexError."""
    path = whole / "programs" / "late.yaml"
    text = path.read_text(encoding="utf-8")
    for instead in ("", "charged_on:\n", "charged_on: []\n"):
        with written(path, text.replace("charged_on: customs value\n", instead)):
            assert any("charged_on" in finding.message and finding.line for finding in check(whole)), instead


def test_required_keys_are_marked() -> None:
    """The readme of the seeds names the required keys of every entry, and no others."""
    readme = (REPOSITORY / "seeds" / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Required keys")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+) \|$", section, re.MULTILINE)
    told = {
        name: tuple(re.findall(r"`(\w+)`", keys))
        for name, keys in rows
        if keys not in ("required keys", "cells")
    }
    models = {
        model.__name__.strip("_"): required(model)
        for kinds in ENTRIES.values()
        for model in kinds.values()
        if required(model)
    }
    names = {  # what the readme calls them
        "Act": "act", "Fact": "fact", "Group": "group", "GroupMember": "member of a group",
        "StackingEntry": "entry of the stacking order",
        "Territory": "territory", "Covered": "coverage entry", "Doubt": "doubt of a coverage entry",
        "Program": "program", "Reviewed": "`reviewed`",
        "Ceased": "`ceased`", "Creditable": "`creditable`", "Drawback": "row of `drawback`",
        "Base": "row of `charged_on`", "Measure": "measure",
        "Spell": "spell (row of `history`)", "Valuation": "valuation", "Cost": "cost",
        "Share": "row of `not_ascertainable`", "Ceiling": "`at_most`",
        "RateDay": "`rate_of`", "Rounding": "`rounded_to`", "Case": "case", "Line": "line of a case",
        "ExpectedPosting": "expected posting",
        "ExpectedNote": "expected note",
    }  # fmt: skip
    tables = {
        "list": "lists/steel.csv",
        "schedule": "schedule/chapter-10.csv",
        "table of a program": "programs/reciprocal.partners.csv",
        "`duty-phrases.csv`": "duty-phrases.csv",
        "`geography.csv`": "../geography.csv",
        "`currencies.csv`": "../currencies.csv",
        "`renumbered.csv`": "schedule/renumbered.csv",
    } | {f"`{name}`": name for name in ("spi.csv", "exchange-rates.csv", "tariff-values.csv", "headings.csv")}
    assert told == {names[model]: keys for model, keys in models.items()} | {
        name: FILLED[table] for name, table in tables.items()
    }
