"""Worked cases as the seeds write them: a shipment, where it comes from, and what each program must say of
it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from tariffcalc.declaration.arguments import Declaration
from tariffcalc.errors import Finding, SeedError, ShipmentError
from tariffcalc.reading.entries import shown_path
from tariffcalc.reading.yaml_text import read_yaml
from tariffcalc.shipment import Line, Shipment

Amount = Decimal | Literal["unknown"]


class ExpectedPosting(BaseModel):
    """What one program must say of one line, counted from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: PositiveInt = 1
    program: str
    heading: str | None = None
    amount: Amount | None = None
    outcome: Literal["charged", "none due", "gave way", "unknown"] | None = None


class ExpectedNote(BaseModel):
    """A note that a line must have, by its code, and what its advice names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: PositiveInt = 1
    code: str
    names: str = ""


class Expected(BaseModel):
    """What a case must come to; only what it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duty: Amount | None = None
    fees: Amount | None = None
    total: Amount | None = None
    postings: tuple[ExpectedPosting, ...] = ()
    silent: tuple[str, ...] = ()
    customs_value: tuple[Decimal, ...] = ()
    refused: tuple[str, ...] = ()
    noted: tuple[ExpectedNote, ...] = ()


class _FromFile(Declaration):
    """What is read from a file: mistakes are findings, key by key with their places, and not one sentence
    about a call."""

    def __init__(self, **given: Any) -> None:
        BaseModel.__init__(self, **given)


class CaseLine(_FromFile, Line):
    """A line of a case."""


class Case(_FromFile, Shipment):
    """A shipment whose duty an official text, or arithmetic from one, gives."""

    lines: tuple[CaseLine, ...] = Field(min_length=1)
    case: str
    title: str
    source: str
    arithmetic: str
    decided_by: str = ""
    known_on: str | None = None
    doubt: str = ""
    note: str = ""
    expect: Expected


def wrong_cases(folder: Path) -> Iterator[Finding]:
    """What is wrong with the cases of a territory, each with file and line."""
    for path in sorted(folder.glob("cases/*.yaml")):
        document = read_yaml(path, shown_path(path, folder))
        for number, entry in enumerate(document.data or ()):
            try:
                document.read(Case, entry, (number,))
            except SeedError as error:
                yield from error.findings
            except ShipmentError as error:
                yield document.finding("S001", str(error), (number,))
