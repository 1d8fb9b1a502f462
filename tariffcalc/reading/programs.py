"""A program file as a Program: short forms spelt out, duties and bases read, tables opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from tariffcalc.errors import Finding, SeedError, TariffError
from tariffcalc.law.duty import Term
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.program import Program
from tariffcalc.reading.entries import with_lists
from tariffcalc.reading.tables import acts_of, read_rows
from tariffcalc.reading.yaml_text import Document, Place

_SPELL_KEYS = ("entered", "loaded", "exported", "duty", "by", "ended_by", "shipment_at_least", "shipment_at_most", "tag")
_BASE_TERM = re.compile(r"^(?:(?P<percent>[\d.]+)% of )?(?P<name>value|charged [\w.-]+|\w+)$")


def program_of(document: Document, data: dict[str, Any], column_1: str, path: Path | None = None) -> Program:
    """A program from its data; ``column_1`` is the program that "including column 1" means."""
    findings: list[Finding] = []
    measures: list[dict[str, Any]] = []
    for index, entry in enumerate(data.get("measures", ())):
        place: Place = ("measures", index)
        try:
            entries = _table_entries(document, entry, path, place) if "table" in entry else [entry]
            measures += [measure_data(document, each, column_1, place) for each in entries]
        except SeedError as error:
            findings += error.findings
    bases = []
    for index, entry in enumerate(data.get("charged_on") or ()) if not isinstance(data.get("charged_on"), str) else [(0, data["charged_on"])]:
        entry = with_lists({"base": entry} if isinstance(entry, str) else entry)
        try:
            bases.append({**entry, "text": entry["base"], "base": read_base(entry["base"])})
        except ValueError as error:
            findings.append(document.finding("S009", str(error), ("charged_on", index)))
    if findings:
        raise SeedError(findings)
    drawback = [with_lists(entry) for entry in data.get("drawback") or ()]
    data = {key: with_lists(value) for key, value in data.items()}  # of a mapping among them, ceased
    return document.read(Program, {**data, "measures": measures, "charged_on": bases, "drawback": drawback, "file": document.file})


def measure_data(document: Document, entry: dict[str, Any], column_1: str, place: Place) -> dict[str, Any]:
    """A measure as the model wants it: spells with duties read, names as lists, its place remembered."""
    entry = with_lists(entry)
    findings = []
    history = []
    for number, spell in enumerate(entry.get("history", ())):
        spell_place: Place = (*place, "history", number)
        spell = with_lists(spell)
        try:
            spell["duty"] = parse_duty(spell.get("duty", ""), including=column_1)
            for limit in ("shipment_at_least", "shipment_at_most"):
                if limit in spell:
                    spell[limit] = Decimal(spell[limit])
        except (TariffError, InvalidOperation) as error:
            findings.append(document.finding("S010", f"duty {spell.get('duty')!r}: {error}", (*spell_place, "duty")))
        history.append(spell)
    if findings:
        raise SeedError(findings)
    return {**entry, "history": history, "file": document.file, "line": document.line(place)}


def _table_entries(document: Document, entry: dict[str, Any], path: Path | None, place: Place) -> Iterator[dict[str, Any]]:
    """The measures of a table: one for each id, one spell for each row; what the entry says besides holds for all.

    In an ``ordered`` table each measure is instead of all that stand above it.
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
    above: list[str] = []
    for _, row in read_rows(file, ("id", "heading", "origin", "duty", "on_or_after", "before", "by")):
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
            {"group": name, **common, "id": row["id"], "heading": row["heading"], "origin": row["origin"], "history": []},
        )
        measure |= {key: row[key] for key in ("title", "nothing_due_under", "products") if row.get(key)}
        if row.get("requires"):
            measure["requires"] = [condition.strip() for condition in row["requires"].split(";")]
        if ordered and row["id"] not in above:
            measure["instead_of"] = [*common.get("instead_of", ()), *above[-1:]]
            above.append(row["id"])
        measure["history"].append(spell)
    yield from found.values()


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
            raise ValueError(f"{text!r} is not a base: write amounts joined by + and -, such as 'value - us_content_value'")
        name = match["name"]
        amount = name if name == "value" or name.startswith("charged ") else f"fact {name}"
        rate = Decimal(match["percent"] or 100) / 100
        terms.append(Term(rate=-rate if sign == "-" else rate, of=amount))
    return tuple(terms)
