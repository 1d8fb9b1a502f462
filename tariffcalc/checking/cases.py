"""Worked cases as the seeds write them: a shipment, where it comes from, and what each program must say of
it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from tariffcalc.declaration.arguments import Declaration
from tariffcalc.errors import Finding, SeedError, ShipmentError
from tariffcalc.law.near import meant
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import parse_moment, show_moment
from tariffcalc.reading.coverage import declared_headings
from tariffcalc.reading.entries import shown_path
from tariffcalc.reading.yaml_text import Document, read_yaml
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


class Read(NamedTuple):
    """One entry of a file of cases: the case, or what is wrong with it."""

    document: Document
    number: int
    case: Case | None
    wrong: tuple[Finding, ...]

    def finding(self, message: str, *place: str | int) -> Finding:
        """A finding about a part of the case."""
        return self.document.finding("D020", message, (self.number, *place))


def read_cases(folder: Path) -> Iterator[Read]:
    """The cases of a territory."""
    for path in sorted(folder.glob("cases/*.yaml")):
        yield from _read_file(path, folder, path.stat().st_mtime_ns, path.stat().st_size)


@lru_cache(maxsize=64)
def _read_file(path: Path, folder: Path, *_: int) -> tuple[Read, ...]:
    """The cases of a file; read once for all rules as long as it is not written again."""
    document = read_yaml(path, shown_path(path, folder))
    return tuple(_read(document, number, entry) for number, entry in enumerate(document.data or ()))


def _read(document: Document, number: int, entry: Any) -> Read:
    try:
        return Read(document, number, document.read(Case, entry, (number,)), ())
    except SeedError as error:
        return Read(document, number, None, error.findings)
    except ShipmentError as error:
        return Read(document, number, None, (document.finding("S001", str(error), (number,)),))


def d015_cases_are_whole(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D015: a worked case has every key it needs, and no other."""
    for read in read_cases(folder):
        yield from read.wrong


def d020_cases_name_what_is_there(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D020: the programs, headings, lines, facts and claims that a case names are there, and law is held on
    its day; what a case of a refusal declares may be wrong."""
    names = _Names(book)
    for read in read_cases(folder):
        if read.case is not None:
            yield from _wrong_expectations(read, read.case, names)
            if not read.case.expect.refused:
                yield from _wrong_declarations(read, read.case, names)


class _Names:
    """What a case can name."""

    def __init__(self, book: Rulebook) -> None:
        self.held = book.territory.held
        self.programs, self.headings = set(book.programs), set(declared_headings(book))
        self.facts = {name for name, fact in book.facts.items() if not fact.is_derived}
        self.claims = {name for name, fact in book.facts.items() if fact.type == "flag"}
        self.claims |= {row.spi for row in book.preferences} | set(book.spi_names)


def _wrong_expectations(read: Read, case: Case, names: _Names) -> Iterator[Finding]:
    for number, posting in enumerate(case.expect.postings):
        place = ("expect", "postings", number)
        if posting.program not in names.programs:
            message = f"{posting.program!r} is no program{meant(posting.program, names.programs)}"
            yield read.finding(message, *place, "program")
        if posting.heading and posting.heading not in names.headings:
            near = meant(posting.heading, names.headings)
            message = f"the heading {posting.heading} is declared by no measure{near}"
            yield read.finding(message, *place, "heading")
    lines = {"postings": [each.line for each in case.expect.postings]}
    lines["noted"] = [each.line for each in case.expect.noted]
    for key, named in lines.items():
        for number, line in enumerate(named):
            if line > len(case.lines):
                message = f"there is no line {line}: the case has {len(case.lines)}, counted from 1"
                yield read.finding(message, "expect", key, number)
    for number, name in enumerate(case.expect.silent):
        if name not in names.programs:
            yield read.finding(
                f"{name!r} is no program{meant(name, names.programs)}", "expect", "silent", number
            )


def _wrong_declarations(read: Read, case: Case, names: _Names) -> Iterator[Finding]:
    declared = [
        (("facts",), case.facts),
        *((("lines", n, "facts"), x.facts) for n, x in enumerate(case.lines)),
    ]
    for place, facts in declared:
        for name in facts:
            if name not in names.facts:
                yield read.finding(f"{name!r} is no fact{meant(name, names.facts)}", *place, name)
    for number, line in enumerate(case.lines):
        for claim in line.claims:
            if claim not in names.claims:
                message = f"{claim!r} is no claim{meant(claim, names.claims)}"
                yield read.finding(message, "lines", number, "claims")
    for key in ("admitted", "entered"):
        given = getattr(case, key, None)
        try:
            day = parse_moment(given) if given is not None else None
        except ValueError as error:
            yield read.finding(f"{key}: {error}", key)
            continue
        if day is not None and day not in names.held:
            yield read.finding(f"{key} {show_moment(day)}: law is held {names.held}", key)
