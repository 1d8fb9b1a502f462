"""The tariff of a territory: the law loaded, estimated with, amended, and asked for its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiler.kept_law import AmendedBook, no_rulebook, sent_book
from tariffcalc.errors import ScenarioError
from tariffcalc.moments import NEVER, show_moment
from tariffcalc.over_time import OverTime

# a law that is kept compiled is loaded without what reads it, compiles it and estimates with it
if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.engine.ledger.chunk import Keep
    from tariffcalc.estimate import Estimate
    from tariffcalc.law.program import Program
    from tariffcalc.law.rulebook import Rulebook
    from tariffcalc.scenario import Scenario
    from tariffcalc.shipment import Shipment

FrameT = TypeVar("FrameT")
_FEW = 3  # changes told by a tariff that shows itself


class Tariff(OverTime):
    """One territory's law, ready to use; frozen, and safe to share between threads.

    Made by ``load``; ``amend`` makes another.
    """

    def __init__(self, law: CompiledLaw, book: Callable[[], Rulebook], folder: Path) -> None:
        self.law, self._book, self.folder = law, book, folder

    def __reduce__(self) -> tuple[Any, ...]:
        """A tariff travels by reference: to what is kept of its law on this machine, or with the compiled law
        itself where it is not kept."""
        return Tariff, (self.law, sent_book(self._book), self.folder.absolute())

    @cached_property
    def rulebook(self) -> Rulebook:
        """The law as models: programs, measures, acts, lists."""
        return self._book()

    @property
    def programs(self) -> dict[str, Program]:
        """The programs by id."""
        return self.rulebook.programs

    @overload
    def estimate(
        self, given: Shipment, fees: bool = True, on_problem: str | None = None,
        codes_of_other_years: bool = False, keep: Keep | None = None, certain_only: bool = False,
    ) -> Estimate[pd.DataFrame]: ...  # fmt: skip

    @overload
    def estimate(
        self, given: FrameT, fees: bool = True, on_problem: str | None = None,
        codes_of_other_years: bool = False, keep: Keep | None = None, certain_only: bool = False,
    ) -> Estimate[FrameT]: ...  # fmt: skip

    def estimate(
        self, given: Any, fees: bool = True, on_problem: str | None = None,
        codes_of_other_years: bool = False, keep: Keep | None = None, certain_only: bool = False,
    ) -> Estimate[Any]:  # fmt: skip
        """What some lines owe under this law.

        Parameters
        ----------
        given : Shipment, or pandas, polars or Arrow table
            A table has the columns ``commodity``, ``origin``, ``entered``, ``value`` [currency], and may have
            ``loaded``, ``exported``, ``admitted``, ``transport``, ``shipment``, ``claims``
            ("S|civil_aircraft"), ``quantity_kg``, ``quantity_doz``, ..., and any registered fact by its name.
        fees : bool
            Whether fees are assessed too.  Totals of many entries are not entries: leave fees out for them.
        on_problem : "raise" or "keep", optional
            "keep" (the default for tables): rows that cannot be assessed keep an unknown duty and are listed
            in ``problems``.  "raise": they are an error. Without it a Shipment that cannot be read is an
            error, and one whose duty is unknown is not.
        codes_of_other_years : bool
            Take a ten-digit code that is not in force on its day for its eight-digit line, with a note: for
            trade statistics of one year under the law of another.  Where a list distinguishes its ten-digit
            lines, what depends on it is unknown.
        keep : "totals", "programs" or "postings", optional
            What is held in memory for each line: duty and fees (22 bytes); the amount of every program too
            (the default for tables); or everything a posting shows (the default for a Shipment).  What is not
            held is worked out again when it is asked for; ``frame`` has a column per program unless totals
            are kept.
        certain_only : bool
            Leave a duty (or fee) unknown where any part of it rests on a text in doubt, tagged U or UM;
            ``problems`` says which (see ``certain``).

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
        from tariffcalc.estimate import Estimate

        law = self.certain().law if certain_only else self.law
        return Estimate.of(law, given, fees, on_problem, codes_of_other_years, keep)

    def certain(self) -> Tariff:
        """The same law, of which only what is certain counts: what rests on a rule, a list, an act or a rate
        tagged U or UM is unknown.

        Every view of it (estimates, timelines, panels, comparisons) leaves such amounts unknown and says
        which text is in doubt.  What is known from a secondary source only (S) counts.

        Examples
        --------
        Aluminum smelted in Russia: the note does not say that the surcharge of section 122 is not added, the
        order does.

        >>> from tariffcalc import Line, Shipment, load
        >>> smelted = {"aluminum_smelted_in": "RU"}
        >>> line = Line(commodity="7606.12.30.45", origin="TR", value="10000", facts=smelted)
        >>> shipment = Shipment(entered="2026-05-04", transport="air", lines=(line,))
        >>> load("us").estimate(shipment).duty, load("us").certain().estimate(shipment).duty
        (Decimal('20300.00'), None)
        """
        return self._certain

    @cached_property
    def _certain(self) -> Tariff:
        law = replace(self.law, certain_only=True)
        kept = self.law.memo.find("kept as")
        certain = Tariff(kept.held(law) if kept else law, self._book, self.folder)
        if "rulebook" in vars(self):  # read already
            certain.rulebook = self.rulebook
        return certain

    def amend(self, *scenarios: Scenario | str | Path | Mapping[str, Any]) -> Tariff:
        """The law as it would be under scenarios: objects, mappings, names of ready ones, or files.

        Several are combined (see ``Scenario.combine``).  Raises ScenarioError for a scenario that names
        nothing or changes nothing, and for two that contradict each other.

        Examples
        --------
        >>> from tariffcalc import Line, Shipment, load
        >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
        >>> shipment = Shipment(entered="2026-02-10", lines=(line,))
        >>> load("us").amend("india-at-18-percent").estimate(shipment).duty
        Decimal('3450.00')
        """
        if not scenarios:
            raise ScenarioError("amend needs a scenario: give one, the name of a ready one, or a file")
        from tariffcalc.scenario import Scenario

        found = [self.scenario(given) for given in scenarios]
        return _amended(self, (found[0] if len(found) == 1 else Scenario.combine(*found),))

    @property
    def changes(self) -> tuple[str, ...]:
        """What was amended, in words: each change with its scenario; empty for the law as it is.

        Examples
        --------
        >>> from tariffcalc import load
        >>> for change in load("us").amend("india-at-18-percent").changes:
        ...     print(change)
        India at the announced 18%: set duty us.ieepa.reciprocal/india-august: 18%, on or after 2026-02-07
        """
        return self.law.changes_in_words

    @property
    def fingerprint(self) -> str:
        """A digest of what the law says: the same for the same law however it came about, another for any
        other."""
        return fingerprint(self.law)

    def sweep(self, imports: Any, scenarios: Any, **options: Any) -> pd.DataFrame:
        """What lines owe under the law and each of many scenarios: a row for each (see ``sweeps.sweep``)."""
        from tariffcalc.sweeps.sweep import sweep

        return sweep(self.certain() if options.get("certain_only") else self, imports, scenarios, **options)

    def scenario(self, given: Scenario | str | Path | Mapping[str, Any]) -> Scenario:
        """A scenario by object, mapping, ready name or path; raises ScenarioError with the near misses of a
        name."""
        from tariffcalc.ready import named_scenario
        from tariffcalc.scenario import Scenario

        if isinstance(given, Scenario):
            return given
        if isinstance(given, Mapping):
            return Scenario.of(given)
        return named_scenario(given, self.folder) if self._book is not no_rulebook else no_rulebook()

    def facts(self, words: str = "") -> pd.DataFrame:
        """What can be declared of a line, as a table: name, kind, what is taken when it is not declared,
        programs that ask, meaning.

        Examples
        --------
        >>> from tariffcalc import load
        >>> load("us").facts("copper_value")["not declared"].tolist()
        ['the customs value']
        """
        from tariffcalc.views.facts import table_of_facts

        return table_of_facts(self.rulebook, words)

    def __repr__(self) -> str:
        law = self.law
        known = f", as known on {show_moment(law.known_on)}" if law.known_on < NEVER else ""
        return (
            f"<Tariff of {law.title}: {len(law.programs)} programs, {int(law.codes.own.sum()):,}"
            f" codes{known}{self._amended_by()}>"
        )

    def _amended_by(self) -> str:
        """The chain of scenarios and their first changes, behind the name of the law."""
        if not self.law.changes:
            return ""
        told = [words.partition(": ")[2] for words in self.law.changes_in_words]
        more = f"; and {len(told) - _FEW} more" if len(told) > _FEW else ""
        return f", amended by {', '.join(map(repr, self.law.changes))} ({'; '.join(told[:_FEW])}{more})"


@lru_cache(maxsize=4)  # the same law is often asked for again, line by line or cell by cell
def _amended(tariff: Tariff, scenarios: tuple[Scenario, ...]) -> Tariff:
    from tariffcalc.compiler.amended import amended_law

    book = tariff.rulebook
    for scenario in scenarios:
        book = scenario.apply(book)
    law = amended_law(tariff.law, tariff.rulebook, book)
    amended = Tariff(law, AmendedBook(tariff._book, scenarios), tariff.folder)
    amended.rulebook = book
    return amended
