"""A folder of seeds as a Rulebook: which file holds what.

Every file is read before anything is refused, so that one run names all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from tariffcalc.errors import Finding, SeedError
from tariffcalc.law.act import Act
from tariffcalc.law.duty_phrases import DutyGrammar, grammar_of
from tariffcalc.law.fact import Fact
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import NamedSet
from tariffcalc.law.territory import Territory
from tariffcalc.reading.citations import unknown_acts
from tariffcalc.reading.entries import entries_of, read_groups, shown_path, with_lists
from tariffcalc.reading.programs import program_of
from tariffcalc.reading.tables import (
    read_duty_phrases,
    read_geography,
    read_limits,
    read_list,
    read_preferences,
    read_renumbered,
    read_schedule,
    read_spi_names,
)
from tariffcalc.reading.valuation import (
    read_currencies,
    read_exchange_rates,
    read_tariff_values,
    read_valuation,
)
from tariffcalc.reading.yaml_text import Place, read_yaml

Result = TypeVar("Result")

PHRASES = "duty-phrases.csv"
SECTIONS: dict[str, type[BaseModel]] = {"acts": Act, "facts": Fact, "stacking": StackingEntry}


def read_folder(folder: Path) -> Rulebook:
    """The law of one territory; raises SeedError with every finding of every file."""
    reader = _Reader(folder)
    territory = reader.attempt(lambda: _read_territory(folder))
    if territory is None:
        raise SeedError(reader.findings)
    for path in _files_of_entries(folder):
        section = path.parent.name if path.parent.name in SECTIONS else path.stem
        reader.attempt(partial(reader.section, path, section))
    phrases = reader.attempt(partial(read_duty_phrases, folder / PHRASES)) or ()
    grammar = grammar_of(phrases, territory.column_1)
    for path in sorted((folder / "programs").glob("*.yaml")):
        reader.attempt(partial(reader.program, path, grammar))
    groups: dict[str, NamedSet] = {}
    for path in filter(Path.is_file, (folder.parent / "groups.yaml", folder / "groups.yaml")):
        groups |= reader.attempt(partial(read_groups, path, shown_path(path, folder))) or {}
    lists = [reader.attempt(partial(read_list, path)) for path in sorted((folder / "lists").glob("*.csv"))]
    geography = (
        folder / "geography.csv" if (folder / "geography.csv").is_file() else folder.parent / "geography.csv"
    )
    origins = reader.attempt(lambda: read_geography(geography)) or ()
    schedule = reader.attempt(lambda: read_schedule(folder / "schedule")) or ()
    limits = reader.attempt(lambda: read_limits(folder / "schedule" / "limits.csv")) or ()
    renumbered = reader.attempt(lambda: read_renumbered(folder / "schedule" / "renumbered.csv")) or ()
    preferences = (
        reader.attempt(lambda: read_preferences(folder / "spi.csv")) if (folder / "spi.csv").is_file() else ()
    ) or ()
    spi_names = reader.attempt(lambda: read_spi_names(folder / "spi-names.csv")) or {}
    valuation = reader.attempt(lambda: read_valuation(folder / "valuation.yaml"))
    rates = reader.attempt(lambda: read_exchange_rates(folder / "exchange-rates.csv")) or ()
    tariff_values = reader.attempt(lambda: read_tariff_values(folder / "tariff-values.csv")) or ()
    currencies = reader.attempt(lambda: read_currencies(folder.parent / "currencies.csv")) or {}
    if reader.findings:
        raise SeedError(reader.findings)
    book = Rulebook(
        territory=territory,
        acts=reader.found["acts"],
        facts={
            name: fact.with_origins(origin.code for origin in origins)
            for name, fact in reader.found["facts"].items()
        },
        programs=reader.programs,
        stacking=tuple(reader.stacking),
        groups=groups,
        lists={each.name: each for each in lists if each is not None},
        origins=origins,
        schedule=schedule,
        preferences=preferences,
        valuation=valuation,
        exchange_rates=rates,
        tariff_values=tariff_values,
        currencies=currencies,
        spi_names=spi_names,
        limits=limits,
        renumbered=renumbered,
        duty_phrases=phrases,
    )
    if unknown := unknown_acts(book, folder):
        raise SeedError(unknown)
    return book


def read_grammar(folder: Path) -> DutyGrammar:
    """What the duty texts of a territory are read with, its other law unread; raises SeedError."""
    return grammar_of(read_duty_phrases(folder / PHRASES), _read_territory(folder).column_1)


def _files_of_entries(folder: Path) -> Iterator[Path]:
    patterns = (
        "schedule/acts.yaml",
        *(pattern for section in SECTIONS for pattern in (f"{section}.yaml", f"{section}/*.yaml")),
    )
    yield from (path for pattern in patterns for path in sorted(folder.glob(pattern)))


def _read_territory(folder: Path) -> Territory:
    document = read_yaml(folder / "territory.yaml", shown_path(folder / "territory.yaml", folder))
    return document.read(Territory, with_lists(document.data))


class _Reader:
    """What was read so far, by kind and id, and what was wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.programs: dict[str, Program] = {}
        self.found: dict[str, dict[str, Any]] = {"acts": {}, "facts": {}}
        self.stacking: list[StackingEntry] = []

    def attempt(self, read: Callable[[], Result]) -> Result | None:
        """What was read, or None with the findings kept."""
        try:
            return read()
        except SeedError as error:
            self.findings += error.findings
        except OSError as error:
            self.findings.append(
                Finding("S007", f"the file cannot be read: {error.strerror}", str(error.filename))
            )
        return None

    def section(self, path: Path, section: str, place: Place = ()) -> None:
        """The acts, facts or stacking entries of a file, or of one section of it."""
        document = read_yaml(path, shown_path(path, self.folder))
        entries = entries_of(document, SECTIONS[section], place)
        if section == "stacking":
            self.stacking += entries  # type: ignore[arg-type]
            return
        named = self.found[section]
        for index, entry in enumerate(entries):
            name = entry.id if isinstance(entry, Act) else entry.fact  # type: ignore[attr-defined]
            if name in named:
                message = f"the {section.removesuffix('s')} {name} is written twice"
                self.findings.append(document.finding("S012", message, (*place, index)))
            named[name] = entry

    def program(self, path: Path, grammar: DutyGrammar) -> None:
        """A program file: the program, and the acts, facts and stacking entries that only it needs."""
        document = read_yaml(path, shown_path(path, self.folder))
        if not isinstance(document.data, dict):
            raise SeedError(
                [document.finding("S001", "a program file is a mapping that begins with program: ID")]
            )
        for section in SECTIONS.keys() & set(document.data):
            self.attempt(partial(self.section, path, section, (section,)))
        program = program_of(
            document,
            {key: value for key, value in document.data.items() if key not in SECTIONS},
            grammar,
            path,
        )
        if program.program in self.programs:
            self.findings.append(
                document.finding(
                    "S008", f"the program {program.program} is written in two files", ("program",)
                )
            )
        self.programs[program.program] = program
