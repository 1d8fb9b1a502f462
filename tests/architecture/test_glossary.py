"""Every word that a user meets stands in the glossary: parameters, columns, keys of the seeds; and the
glossary has no word that nobody meets."""

from __future__ import annotations

import csv
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel

import tariffcalc as tc
from tariffcalc.checking.cases import Case, Expected, ExpectedNote, ExpectedPosting
from tariffcalc.declaration.columns import OPTIONAL, REQUIRED
from tariffcalc.reading.coverage import Covered, Doubt
from tariffcalc.reading.where import seeds_folder

ROOT = Path(__file__).parents[2]
MODELS = ("act", "bound", "fact", "measure", "program", "territory", "valuation")
NOT_WRITTEN = {
    "text",
    "terms",
    "operator",
    "negated",
    "if_declared",
    "borrowed",
    "items",
    "named",
    "except_items",
    "except_named",
    "everything",
}


@pytest.fixture(scope="module")
def glossary() -> set[str]:
    """The words of all tables of the page; those of customs without marks."""
    cells = [
        line.split("|")[1]
        for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    return {word for cell in cells for word in (re.findall(r"`([^`]+)`", cell) or [cell.strip()])}


def parameters() -> set[str]:
    """The parameters of every public function and method."""
    found: set[str] = set()
    for name in tc.__all__:
        public = getattr(tc, name)
        is_class = inspect.isclass(public)
        made_by = [] if is_class and issubclass(public, BaseModel) else ["__init__"]
        members = (
            [
                getattr(public, key)
                for key in (*dir(public), *made_by)
                if not key.startswith("_") or key in made_by
            ]
            if is_class
            else [public]
        )
        for each in members:
            function = getattr(each, "__func__", each)
            if inspect.isfunction(function) and function.__module__.startswith("tariffcalc"):
                found |= {
                    key for key in inspect.signature(function).parameters if not key.startswith("_")
                } - {"self", "cls"}
    return found


def keys_of_seeds() -> set[str]:
    """The keys of every entry that the seeds hold, and of the cases; the columns of their tables."""
    found: set[str] = set()
    for module in MODELS:
        for each in vars(importlib.import_module(f"tariffcalc.law.{module}")).values():
            if (
                inspect.isclass(each)
                and issubclass(each, BaseModel)
                and each.__module__ == f"tariffcalc.law.{module}"
            ):
                found |= {field.alias or name for name, field in each.model_fields.items()}
    for entry in (Case, Expected, ExpectedPosting, ExpectedNote, Covered, Doubt):
        found |= {field.alias or name for name, field in entry.model_fields.items()}
    folder = seeds_folder()
    of_schedule = ("limits.csv", "chapter-01.csv", "editions.csv", "renumbered.csv")
    for path in (
        *folder.glob("*.csv"),
        *folder.glob("*/*.csv"),
        *(folder / "us" / "schedule" / name for name in of_schedule),
    ):
        with path.open(encoding="utf-8", newline="") as file:
            found |= set(next(csv.reader(file)))
    return found - NOT_WRITTEN


def columns(us: tc.Tariff) -> set[str]:
    """The columns that are read, and those of results."""
    row = {
        "commodity": "6109.10.00.12",
        "origin": "IN",
        "entered": "2026-03-10",
        "value": "10000",
        "transport": "air",
    }
    e = us.estimate(pd.DataFrame([row]))
    tables: list[Any] = [e.frame, e.ledger, e.problems, e.valuation, e.credit, e.entry_summary, us.facts()]
    tables += [us.what_changed("6109.10.00.12", "IN", "2025-08-01", "2025-12-31")]
    return {
        *REQUIRED,
        *OPTIONAL,
        *(name for table in tables for name in table.columns if not name.startswith("us.")),
    }


def test_every_parameter_is_in_the_glossary(glossary: set[str]) -> None:
    assert not sorted(parameters() - glossary)


def test_every_key_of_the_seeds_is_in_the_glossary(glossary: set[str]) -> None:
    assert not sorted(keys_of_seeds() - glossary)


def test_every_column_is_in_the_glossary(glossary: set[str], us: tc.Tariff) -> None:
    assert not sorted(columns(us) - glossary)


def test_no_name_of_the_glossary_is_idle(glossary: set[str], us: tc.Tariff) -> None:
    """A name in code marks is a parameter, a key or a column."""
    marked = set(
        re.findall(r"^\| `([^`]+)`", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.M)
    )
    assert not sorted(marked - parameters() - keys_of_seeds() - columns(us) - set(tc.Line.model_fields))
