"""A program file as a Program: short forms spelt out, duties and bases read, tables opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tariffcalc.errors import Finding, SeedError, TariffError
from tariffcalc.law.duty import Term
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.measure import Measure
from tariffcalc.law.number import read_percentage
from tariffcalc.law.program import Base, Program
from tariffcalc.reading.entries import with_lists
from tariffcalc.reading.tables import acts_of, read_rows
from tariffcalc.reading.yaml_text import Document, Place

_SPELL_KEYS = (
    "entered",
    "loaded",
    "exported",
    "duty",
    "by",
    "ended_by",
    "shipment_at_least",
    "shipment_at_most",
    "tag",
)
OPTIONAL_COLUMNS = (
    "ended_by",
    "withdrawn_by",
    "title",
    "products",
    "requires",
    "nothing_due_under",
    "tag",
    "note",
)
TABLE_COLUMNS = ("id", "heading", "origin", "duty", "on_or_after", "before", "by")
_BASE_TERM = re.compile(r"^(?:(?P<percent>[\d.]+)% of )?(?P<name>value|charged [\w.-]+|\w+)$")


def program_of(
    document: Document, data: dict[str, Any], grammar: DutyGrammar, path: Path | None = None
) -> Program:
    """A program from its data; its duties are read with the grammar of the territory."""
    findings: list[Finding] = []
    given = {key: with_lists(value) for key, value in data.items()}  # of a mapping among them, ceased
    readers: dict[str, Callable[[Any, Place], list[Any]]] = {
        "measures": lambda entry, place: _measures_of(document, entry, grammar, path, place),
        "charged_on": _bases_of(document),
    }
    for key, read in readers.items():
        entries = data.get(key) or ()
        entries = [entries] if isinstance(entries, str) else entries
        found: list[Any] = []
        for index, entry in enumerate(entries):
            try:
                found += read(entry, (key, index))
            except SeedError as error:
                findings += error.findings
        if found or key in data:
            given[key] = found
    try:
        if "drawback" in data:
            given["drawback"] = [with_lists(entry) for entry in data["drawback"]]
        program = document.read(Program, {**given, "file": document.file})
    except SeedError as error:
        findings += [finding for finding in error.findings if not (findings and _is_empty(finding))]
    if findings:
        raise SeedError(findings)
    return program


def _is_empty(finding: Finding) -> bool:
    """Whether a list was found empty, perhaps because none of its entries could be read."""
    return "at least 1 item" in finding.message


def _measures_of(
    document: Document, entry: Any, grammar: DutyGrammar, path: Path | None, place: Place
) -> list[Measure]:
    """The measure of an entry, or those of a table that it names."""
    if isinstance(entry, dict) and "table" in entry:
        return [
            read_measure(rows, each, grammar, place)
            for each, rows in _table_entries(document, entry, path, place)
        ]
    return [read_measure(document, entry, grammar, place)]


def _bases_of(document: Document) -> Callable[[Any, Place], list[Base]]:
    def read(entry: Any, place: Place) -> list[Base]:
        given = with_lists({"base": entry} if isinstance(entry, str) else entry)
        if isinstance(given, dict) and isinstance(given.get("base"), str):
            try:
                given = {**given, "text": given["base"], "base": read_base(given["base"])}
            except ValueError as error:
                raise SeedError([document.finding("S009", str(error), place)]) from None
        elif isinstance(given, dict):
            given = {**given, "text": ""}  # that the base is missing says enough
        return [document.read(Base, document.placed(given, place), place)]

    return read


def read_measure(document: Document, entry: Any, grammar: DutyGrammar, place: Place) -> Measure:
    """A measure: spells with duties read, names as lists, its place remembered; raises SeedError with all
    that is wrong in it."""
    return document.read(Measure, measure_data(document, entry, grammar, place), place)


def measure_data(document: Document, entry: Any, grammar: DutyGrammar, place: Place) -> Any:
    """A measure as the model wants it; what is no mapping, or lacks a key, is left for the model to find."""
    entry = with_lists(entry)
    if not isinstance(entry, dict) or not isinstance(entry.get("history", []), list):
        return entry
    findings = []
    history = []
    for number, spell in enumerate(entry.get("history", ())):
        spell_place: Place = (*place, "history", number)
        spell = with_lists(spell)
        try:
            if isinstance(spell, dict) and isinstance(spell.get("duty"), str):
                spell["duty"] = parse_duty(spell["duty"], grammar)
        except TariffError as error:
            findings.append(
                document.finding("S010", f"duty {spell.get('duty')!r}: {error}", (*spell_place, "duty"))
            )
        history.append(spell)
    if findings:
        raise SeedError(findings)
    own = {"history": history} if "history" in entry else {}
    return document.placed({**entry, **own}, place)


def _table_entries(
    document: Document, entry: dict[str, Any], path: Path | None, place: Place
) -> Iterator[tuple[dict[str, Any], Document]]:
    """The measures of a table, each with its lines in the table: one measure for each id, one spell for each
    row; what the entry says besides holds for all.

    In an ``ordered`` table each measure is instead of all those above it.
    """
    name, ordered = entry["table"], entry.get("ordered") == "yes"
    if path is None:
        raise SeedError([document.finding("S011", "a table needs a file beside the program", place)])
    file = path.with_name(f"{path.stem}.{name}.csv")
    if not file.is_file():
        raise SeedError([document.finding("S007", f"the table {file.name} is not there", place)])
    entry = with_lists(entry)
    common = {key: value for key, value in entry.items() if key not in ("table", "ordered", *_SPELL_KEYS)}
    shared_spell = {key: value for key, value in entry.items() if key in _SPELL_KEYS}
    found: dict[str, dict[str, Any]] = {}
    places: dict[str, Document] = {}
    above: list[str] = []
    for line, row in read_rows(file, TABLE_COLUMNS, ("id", "origin", "duty", "by"), OPTIONAL_COLUMNS):
        spell: dict[str, Any] = {
            **shared_spell,
            "entered": {key: row[key] for key in ("on_or_after", "before") if row[key]},
            "duty": row["duty"],
            "by": list(acts_of(row["by"])),
            "ended_by": list(acts_of(row.get("ended_by"))),
            "withdrawn_by": list(acts_of(row.get("withdrawn_by"))),
        }
        spell |= {key: row[key] for key in ("tag", "note") if row.get(key)}
        measure = found.setdefault(
            row["id"],
            {
                "group": name,
                **common,
                "id": row["id"],
                "heading": row["heading"],
                "origin": row["origin"],
                "history": [],
            },
        )
        measure |= {key: row[key] for key in ("title", "nothing_due_under", "products") if row.get(key)}
        if row.get("requires"):
            measure["requires"] = [condition.strip() for condition in row["requires"].split(";")]
        if ordered and row["id"] not in above:
            measure["instead_of"] = [*common.get("instead_of", ()), *above[-1:]]
            above.append(row["id"])
        rows = places.setdefault(row["id"], Document(None, _beside(document.file, file), {place: line}))
        rows.lines[(*place, "history", len(measure["history"]))] = line
        measure["history"].append(spell)
    yield from ((measure, places[name]) for name, measure in found.items())


def _beside(shown: str, file: Path) -> str:
    """A file as findings cite it, beside another one."""
    return f"{shown.rpartition('/')[0]}/{file.name}".removeprefix("/")


def read_base(text: str) -> tuple[Term, ...]:
    """A base: a signed sum of named amounts.

    >>> [(str(term.rate), term.of) for term in read_base("value - us_content_value")]
    [('1', 'value'), ('-1', 'fact us_content_value')]
    """
    pieces = re.split(r"\s([+-])\s", "value" if text.strip() == "customs value" else text.strip())
    terms = []
    for sign, part in zip(["+", *pieces[1::2]], pieces[::2], strict=True):
        match = _BASE_TERM.match(part.strip())
        if match is None:
            raise ValueError(
                f"{text!r} is not a base: write amounts joined by + and -, such as 'value - us_content_value'"
            )
        name = match["name"]
        amount = name if name == "value" or name.startswith("charged ") else f"fact {name}"
        rate = read_percentage(match["percent"] or "100")
        terms.append(Term(rate=-rate if sign == "-" else rate, of=amount))
    return tuple(terms)
