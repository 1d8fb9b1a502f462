"""A folder of seeds as a Rulebook: which file holds what, and the short forms a seed may use.

Every file is read before anything is refused, so that one run names all that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from tariffcalc.errors import Finding, SeedError, TariffError
from tariffcalc.law.act import Act
from tariffcalc.law.area import Member, NamedSet
from tariffcalc.law.duty import Term
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.fact import Fact
from tariffcalc.law.program import GivesWay, Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.territory import Territory
from tariffcalc.reading.tables import acts_of, read_geography, read_list, read_preferences, read_rows, read_schedule
from tariffcalc.reading.yaml_text import Document, Place, read_yaml
from tariffcalc.windows import Window

Result = TypeVar("Result")

_LISTS_OF_NAMES = ("by", "ended_by", "requires", "instead_of", "when", "measures", "of")
_SPELL_KEYS = ("entered", "loaded", "exported", "duty", "by", "ended_by", "shipment_at_least", "shipment_at_most", "tag")
_BASE_TERM = re.compile(r"^(?:(?P<percent>[\d.]+)% of )?(?P<name>value|charged [\w.-]+|\w+)$")


def read_folder(folder: Path) -> Rulebook:
    """The law of one territory; raises SeedError with every finding of every file."""
    findings: list[Finding] = []

    def attempt(read: Callable[[], Result]) -> Result | None:
        try:
            return read()
        except SeedError as error:
            findings.extend(error.findings)
        except OSError as error:
            findings.append(Finding("S007", f"the file cannot be read: {error.strerror}", str(error.filename)))
        return None

    shared = folder.parent
    territory = attempt(lambda: _read_territory(folder))
    if territory is None:
        raise SeedError(findings)
    programs: dict[str, Program] = {}
    for path in sorted((folder / "programs").glob("*.yaml")):
        program = attempt(lambda path=path: read_program(path, territory.column_1))  # type: ignore[misc]
        if program is not None:
            if program.program in programs:
                findings.append(Finding("S008", f"the program {program.program} is written in two files", path.name))
            programs[program.program] = program
    acts: dict[str, Act] = {}
    for path in _acts_files(folder):
        for act in attempt(lambda path=path: _read_all(path, Act)) or ():  # type: ignore[misc]
            if act.id in acts:
                findings.append(Finding("S012", f"the act {act.id} is written twice", _shown(path)))
            acts[act.id] = act
    facts: dict[str, Fact] = {}
    for path in sorted(folder.glob("facts*.yaml")):
        for fact in attempt(lambda path=path: _read_all(path, Fact)) or ():  # type: ignore[misc]
            if fact.fact in facts:
                findings.append(Finding("S012", f"the fact {fact.fact} is written twice", _shown(path)))
            facts[fact.fact] = fact
    stacking: list[GivesWay] = []
    for path in sorted((folder / "stacking").glob("*.yaml")):
        stacking += attempt(lambda path=path: _read_stacking(path)) or ()  # type: ignore[misc]
    groups: dict[str, NamedSet] = {}
    for path in (shared / "groups.yaml", folder / "groups.yaml"):
        if path.is_file():
            groups |= attempt(lambda path=path: read_groups(path)) or {}  # type: ignore[misc]
    lists = {}
    for path in sorted((folder / "lists").glob("*.csv")):
        named = attempt(lambda path=path: read_list(path))  # type: ignore[misc]
        if named is not None:
            lists[named.name] = named
    geography = folder / "geography.csv" if (folder / "geography.csv").is_file() else shared / "geography.csv"
    origins = attempt(lambda: read_geography(geography)) or ()
    schedule = attempt(lambda: read_schedule(folder / "schedule")) or ()
    facts = {name: fact.with_origins(origin.code for origin in origins) for name, fact in facts.items()}
    preferences = (attempt(lambda: read_preferences(folder / "spi.csv")) if (folder / "spi.csv").is_file() else ()) or ()
    if findings:
        raise SeedError(findings)
    return Rulebook(territory, acts, facts, programs, tuple(stacking), groups, lists, origins, schedule, preferences)


def _acts_files(folder: Path) -> Iterator[Path]:
    yield from (path for path in (folder / "schedule" / "acts.yaml", *sorted(folder.glob("acts*.yaml"))) if path.is_file())


def _read_territory(folder: Path) -> Territory:
    document = read_yaml(folder / "territory.yaml", _shown(folder / "territory.yaml"))
    return document.read(Territory, _with_lists(document.data))


def _shown(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _read_all(path: Path, model: type[Result]) -> tuple[Result, ...]:
    """A file that is one list of entries of one kind."""
    if not path.is_file():
        return ()
    document = read_yaml(path, _shown(path))
    findings: list[Finding] = []
    entries = []
    for index, entry in enumerate(document.data or ()):
        try:
            entries.append(document.read(model, _with_lists(entry), (index,)))  # type: ignore[type-var]
        except SeedError as error:
            findings += error.findings
    if findings:
        raise SeedError(findings)
    return tuple(entries)


def _read_stacking(path: Path) -> tuple[GivesWay, ...]:
    """One file of the stacking order; an entry that names several programs stands for one each."""
    document = read_yaml(path, _shown(path))
    findings: list[Finding] = []
    entries = []
    for index, entry in enumerate(document.data or ()):
        programs = entry.get("program") if isinstance(entry, dict) else None
        for program in programs if isinstance(programs, list) else [programs]:
            try:
                entries.append(document.read(GivesWay, {**_with_lists(entry), "program": program, "file": document.file}, (index,)))
            except SeedError as error:
                findings += error.findings
    if findings:
        raise SeedError(findings)
    return tuple(entries)


def _with_lists(entry: Any) -> Any:
    """The same mapping with single names written as lists, where a list is meant."""
    if not isinstance(entry, dict):
        return entry
    return {key: [value] if key in _LISTS_OF_NAMES and isinstance(value, str) else value for key, value in entry.items()}


def read_groups(path: Path) -> dict[str, NamedSet]:
    """Groups of origins with dated membership."""
    document = read_yaml(path, _shown(path))
    groups = {}
    for index, entry in enumerate(document.data or ()):
        members = []
        for number, row in enumerate(entry["members"]):
            given = {key: row[key] for key in ("on_or_after", "before") if key in row}
            window = document.read(Window, given, (index, "members", number))
            for origin in row["origins"].replace(",", " ").split():
                acts = acts_of(row.get("by")), acts_of(row.get("ended_by"))
                members.append(Member(origin, window.on_or_after, window.before, *acts, note=row.get("note", "")))
        groups[entry["group"]] = NamedSet(name=entry["group"], members=tuple(members), file=document.file)
    return groups


def read_program(path: Path, column_1: str) -> Program:
    """One program file, with the CSV tables it points to."""
    document = read_yaml(path, _shown(path))
    return program_of(document, document.data, column_1, path)


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
        entry = _with_lists({"base": entry} if isinstance(entry, str) else entry)
        try:
            bases.append({**entry, "text": entry["base"], "base": read_base(entry["base"])})
        except ValueError as error:
            findings.append(document.finding("S009", str(error), ("charged_on", index)))
    if findings:
        raise SeedError(findings)
    drawback = [_with_lists(entry) for entry in data.get("drawback") or ()]
    return document.read(Program, {**data, "measures": measures, "charged_on": bases, "drawback": drawback, "file": document.file})


def measure_data(document: Document, entry: dict[str, Any], column_1: str, place: Place) -> dict[str, Any]:
    """A measure as the model wants it: spells with duties read, names as lists, its place remembered."""
    entry = _with_lists(entry)
    findings = []
    history = []
    for number, spell in enumerate(entry.get("history", ())):
        spell_place: Place = (*place, "history", number)
        spell = _with_lists(spell)
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
    """The measures of a table: one for each id, one spell for each row; what the entry says besides holds for all."""
    name = entry["table"]
    if path is None:
        raise SeedError([document.finding("S011", "a table needs a file beside the program", place)])
    file = path.with_name(f"{path.stem}.{name}.csv")
    if not file.is_file():
        raise SeedError([document.finding("S007", f"the table {file.name} is not there", place)])
    common = {key: value for key, value in entry.items() if key not in ("table", *_SPELL_KEYS)}
    shared_spell = {key: value for key, value in entry.items() if key in _SPELL_KEYS}
    found: dict[str, dict[str, Any]] = {}
    for _, row in read_rows(file, ("id", "heading", "origin", "duty", "on_or_after", "before", "by")):
        spell: dict[str, Any] = {
            **shared_spell,
            "entered": {key: row[key] for key in ("on_or_after", "before") if row[key]},
            "duty": row["duty"],
            "by": list(acts_of(row["by"])),
            "ended_by": list(acts_of(row.get("ended_by"))),
        }
        spell |= {key: row[key] for key in ("tag", "note") if row.get(key)}
        measure = found.setdefault(
            row["id"],
            {"group": name, **common, "id": row["id"], "heading": row["heading"], "origin": row["origin"], "history": []},
        )
        measure |= {key: row[key] for key in ("title", "nothing_due_under") if row.get(key)}
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
