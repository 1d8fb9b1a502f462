"""The tariff of a territory: the law loaded, estimated with, amended, and asked for its history."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from tariffcalc.cache import kept, seeds_key
from tariffcalc.engine.chunk import Keep
from tariffcalc.engine.compile import compile_rulebook
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.errors import ScenarioError
from tariffcalc.estimate import Estimate, estimate
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.folder import read_folder
from tariffcalc.reading.where import territory_folder
from tariffcalc.scenario import Scenario
from tariffcalc.windows import parse_moment


class Tariff:
    """One territory's law, ready to use; frozen, and safe to share between threads.

    Made by ``load``; ``amend`` makes another.
    """

    def __init__(self, law: CompiledLaw, book: Callable[[], Rulebook], folder: Path) -> None:
        self.law, self._book, self.folder = law, book, folder

    @cached_property
    def rulebook(self) -> Rulebook:
        """The law as models: programs, measures, acts, lists."""
        return self._book()

    @property
    def programs(self) -> dict[str, Program]:
        """The programs by id."""
        return self.rulebook.programs

    def estimate(
        self, given: Any, fees: bool = True, on_problem: str | None = None, codes_of_other_years: bool = False, keep: Keep | None = None
    ) -> Estimate:
        """What some lines owe under this law.

        Parameters
        ----------
        given : Shipment, or pandas, polars or Arrow table
            A table has the columns ``commodity``, ``origin``, ``entered``, ``value`` [currency], and may have ``loaded``, ``exported``, ``admitted``,
            ``transport``, ``shipment``, ``claims`` ("S|civil_aircraft"), ``quantity_kg``, ``quantity_doz``, ..., and any registered fact by its name.
        fees : bool
            Whether fees are assessed too.  Totals of many entries are not entries: leave fees out for them.
        on_problem : "raise" or "keep", optional
            "keep" (the default for tables): rows that cannot be assessed keep an unknown duty and stand in ``problems``.  "raise": they are an error.
            Without it a Shipment that cannot be read is an error, and one whose duty is unknown is not.
        codes_of_other_years : bool
            Take a ten-digit code that is not in force on its day for its eight-digit line, with a note: for trade statistics of one year under the
            law of
            another.  Where a list tells its ten-digit lines apart, what depends on it is unknown.
        keep : "totals", "programs" or "postings", optional
            What is held in memory for each line: duty and fees (22 bytes); the amount of every program too (the default for tables); or everything a
            posting shows (the default for a Shipment).  What is not held is worked out again when it is asked for; ``frame`` has a column per program
            unless totals are kept.

        Raises
        ------
        ShipmentError
            For a table that cannot be read at all, and for rows as ``on_problem`` says.

        Examples
        --------
        T-shirts of India on the one day of the 26% (16.5% column 1 besides):

        >>> from tariffcalc import Line, Shipment, load
        >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
        >>> load("us").estimate(Shipment(entered="2025-04-09", transport="air", lines=(line,))).duty
        Decimal('4250.00')
        """
        return estimate(self.law, given, fees, on_problem, codes_of_other_years, keep)

    def amend(self, *scenarios: Scenario | str | Path | dict[str, Any]) -> Tariff:
        """The law as it would be under scenarios: objects, names of ready ones, or files.

        Raises ScenarioError for a scenario that names nothing or changes nothing.

        Examples
        --------
        >>> from tariffcalc import Line, Shipment, load
        >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
        >>> load("us").amend("india-at-18-percent").estimate(Shipment(entered="2026-02-10", lines=(line,))).duty
        Decimal('3450.00')
        """
        if not scenarios:
            raise ScenarioError("amend needs a scenario")
        book = self.rulebook
        for given in scenarios:
            book = self.scenario(given).apply(book)
        return Tariff(compile_rulebook(book), lambda: book, self.folder)

    def scenario(self, given: Scenario | str | Path | dict[str, Any]) -> Scenario:
        """A scenario by object, ready name or path; raises ScenarioError with the names there are."""
        if isinstance(given, Scenario):
            return given
        if isinstance(given, dict):
            return Scenario(given.get("title") or given["scenario"], tuple(given["changes"]), given.get("note", ""))
        ready = {path.stem: path for path in sorted((self.folder / "scenarios").glob("*.yaml"))}
        if str(given) in ready:
            return Scenario.read(ready[str(given)])
        if Path(given).is_file():
            return Scenario.read(given)
        raise ScenarioError(f"there is no scenario {str(given)!r}: ready are {', '.join(ready) or 'none'}; or give a file")

    def facts(self, words: str = "") -> Any:
        """What can be declared of a line, as a table: name, kind, what is taken when it is not declared, programs that ask, meaning.

        Examples
        --------
        >>> from tariffcalc import load
        >>> load("us").facts("copper_value")["not declared"].tolist()
        ['the customs value']
        """
        from tariffcalc.display.facts import table_of_facts

        return table_of_facts(self.rulebook, words)

    def timeline(self, commodity: str, origin: str, **facts: Any) -> Any:
        """What a line of this product and origin owes over time (see ``tariffcalc.timeline``)."""
        from tariffcalc.timeline import timeline

        return timeline(self, commodity, origin, **facts)

    def panel(self, origins: list[str], entered: list[str], **facts: Any) -> Any:
        """Every line of the schedule for some origins and days (see ``tariffcalc.timeline``)."""
        from tariffcalc.timeline import panel

        return panel(self, origins, entered, **facts)

    def __repr__(self) -> str:
        changes = f" amended by {', '.join(self.rulebook.changes)}" if "rulebook" in self.__dict__ and self.rulebook.changes else ""
        return f"<Tariff of {self.law.title}: {len(self.law.programs)} programs, {int(self.law.codes.own.sum()):,} codes{changes}>"


def load(territory: str | Path = "us", known_on: Any = None) -> Tariff:
    """The law of a territory: bundled ones by name ("us"), or any folder of the same form by path.

    Parameters
    ----------
    territory
        Name or folder.
    known_on
        A day: the law as the public knew it then.  Acts published later do not count.

    Raises
    ------
    SeedError
        With every finding, if the seeds are wrong.
    CoverageError
        If there is no such territory.

    Examples
    --------
    Goods afloat since April 3 and entered on May 27, 2025: on May 29 customs' window had closed, on May 30 it moved the end to June 16.

    >>> from tariffcalc import Line, Shipment, load
    >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
    >>> afloat = Shipment(entered="2025-05-27", loaded="2025-04-03", transport="vessel", lines=(line,))
    >>> load("us", known_on="2025-05-29").estimate(afloat).duty, load("us").estimate(afloat).duty
    (Decimal('2650.00'), Decimal('1650.00'))
    """
    folder = territory_folder(territory)
    key = seeds_key(folder)

    def book() -> Rulebook:
        read = kept(f"{key}-book", lambda: read_folder(folder))
        return read if known_on is None else read.as_known_on(parse_moment(known_on))

    suffix = "" if known_on is None else f"-{parse_moment(known_on)}"
    return Tariff(kept(f"{key}-law{suffix}", lambda: compile_rulebook(book())), book, folder)
