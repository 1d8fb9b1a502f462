"""The sweep: one row for the law and one for each scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from tariffcalc.comparison import Comparison
from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.compiler.amended import amended_law
from tariffcalc.declaration import Lines
from tariffcalc.declaration.problems import Problems
from tariffcalc.engine.amounts.extremes import UNBOUNDED
from tariffcalc.engine.kernel import assess
from tariffcalc.engine.sums import total_of
from tariffcalc.estimate import Estimate
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.scenario import Scenario
from tariffcalc.shipment import Shipment
from tariffcalc.sweeps.changed_rules import Law, reads_alike
from tariffcalc.sweeps.grid import Grid
from tariffcalc.sweeps.named import LAW, amended_book, named_scenarios
from tariffcalc.sweeps.touched import touched_lines

if TYPE_CHECKING:
    import pandas as pd

_NOT_CONCERNED = "concerns none of these goods, origins and days"
_CHANGES_NOTHING = "changes no amount that is known"


class Known(NamedTuple):
    """What is known of some lines: duty and value of those whose duty is known [minor units], and how many
    are not; of these the least and the most that the duty can come to, and of how many nothing bounds it."""

    duty: int
    value: int
    unknown: int
    least: int = 0
    most: int = 0
    unbounded: int = 0

    @classmethod
    def of(cls, estimate: Estimate[Any], bands: bool) -> Known:
        """Of the lines of an estimate that could be read."""
        ledger, lines = estimate.parts
        duty, unknown = ledger.total("duty")
        known = cls(
            total_of(duty[~unknown]), total_of(lines.columns.value[~unknown]), int(np.count_nonzero(unknown))
        )
        if not bands:
            return known
        _, found = ledger.bands
        bounded = found.most != UNBOUNDED
        return known._replace(
            least=known.duty + total_of(found.least),
            most=known.duty + total_of(found.most[bounded]),
            unbounded=int(np.count_nonzero(~bounded)),
        )


class Row(NamedTuple):
    """What a scenario comes to."""

    known: Known
    change: int
    touched: int
    note: str


class Sweep:
    """The lines as they were read, and what they owe under the law."""

    def __init__(self, law: Law, given: Any, codes_of_other_years: bool, bands: bool) -> None:
        self._law, self._given, self._other_years, self.bands = law, given, codes_of_other_years, bands
        self.before: Estimate[Any] = Estimate.of(
            law.law,
            given,
            False,
            None if isinstance(given, Shipment) else "keep",
            codes_of_other_years,
            "programs",
        )
        self.law = Known.of(self.before, bands)
        self._part: tuple[Ints, Estimate[Any], Known] | None = None  # the lines touched last

    @property
    def refused(self) -> int:
        """How many rows could not be read under the law."""
        return len(self.before) - len(self.before.parts[1].rows)

    def under(self, scenario: Scenario) -> Row:
        """What the lines come to under a scenario; its law is not kept."""
        book, note = amended_book(scenario, self._law.book)
        if book is self._law.book:
            return Row(self.law, 0, 0, note)
        after = Law(amended_law(*self._law, book), book)
        row = self._row(after)
        after.law.memo.clear()  # a law and what was worked out from it hold each other
        return row._replace(note="; ".join(filter(None, (note, row.note))))

    def _row(self, after: Law) -> Row:
        """What an amended law comes to."""
        if not reads_alike(self._law.law, after.law):
            return self._read_again(after)
        columns = self.before.parts[1].columns
        some = touched_lines(self._law, after, columns)
        if some is not None and not len(some):
            return Row(self.law, 0, 0, _NOT_CONCERNED)
        some = np.arange(len(columns)) if some is None else some
        some, before, known = self._under_the_law(some)
        lines = before.parts[1]
        changed = Estimate[Any](
            after.law, assess(after.law, lines.columns, False, "programs"), lines, None, "programs"
        )
        here = Known.of(changed, self.bands)
        total = Known(*(all_ - old + new for all_, old, new in zip(self.law, known, here, strict=True)))
        return _row(total, Comparison(before, changed))

    def _under_the_law(self, some: Ints) -> tuple[Ints, Estimate[Any], Known]:
        """Some lines under the law: many scenarios touch the same ones."""
        if self._part is None or not np.array_equal(self._part[0], some):
            ledger, lines = self.before.parts
            if len(some) == len(lines.columns):
                part = Estimate[Any](self._law.law, ledger, _apart(lines.columns), None, "programs")
            else:
                taken = _apart(_taken(lines.columns, some))
                again = assess(self._law.law, taken.columns, False, "programs")
                part = Estimate[Any](self._law.law, again, taken, None, "programs")
            self._part = some, part, Known.of(part, self.bands)
        return self._part

    def _read_again(self, after: Law) -> Row:
        """An amended law that reads lines otherwise: everything is read and computed again."""
        changed: Estimate[Any] = Estimate.of(
            after.law, self._given, False, "keep", self._other_years, "programs", True
        )
        known = Known.of(changed, self.bands)
        more = len(changed) - len(changed.parts[1].rows) - self.refused
        comparison = Comparison(self.before, changed, may_differ=("claims", "facts"))
        return _row(known._replace(unknown=known.unknown + more), comparison)


def _row(known: Known, comparison: Comparison) -> Row:
    change = int(comparison.change.scaleb(len(str(comparison.before.law.minor_units)) - 1))
    touched = comparison.touched_lines
    return Row(known, change, touched, "" if touched else _CHANGES_NOTHING)


def _taken(columns: Columns, some: Ints) -> Columns:
    """Some lines, which are whole shipments."""
    taken = columns.take(some)
    if not len(columns.shipment):
        return taken
    return replace(
        taken,
        shipment=columns.shipment[some],
        incomplete=np.flatnonzero(np.isin(some, columns.incomplete)),
    )


def _apart(columns: Columns) -> Lines:
    return Lines(columns, np.arange(len(columns)), Problems(len(columns)))


class Amendable(Protocol):
    """A tariff: its law, and the scenarios it reads."""

    law: CompiledLaw

    @property
    def rulebook(self) -> Rulebook:
        """The law as models."""

    def scenario(self, given: Any) -> Scenario:
        """A scenario by object, mapping, name or path."""


def sweep(
    tariff: Amendable,
    imports: Any,
    scenarios: Any,
    codes_of_other_years: bool = False,
    certain_only: bool = False,
    bands: bool = False,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """What some lines owe under the law and under each of many scenarios: a row for each, the law first.

    Only the lines that a scenario may change are computed again.  Fees are left out.

    Parameters
    ----------
    imports : Shipment, or pandas, polars or Arrow table
        The lines, as ``Tariff.estimate`` takes them.
    scenarios
        A mapping of names to scenarios, such as ``grid`` makes, or a list; a scenario is whatever
        ``Tariff.amend`` takes.
    codes_of_other_years, certain_only
        As in ``Tariff.estimate``; ``Tariff.sweep`` gives the law of which only what is certain counts.
    bands : bool
        Whether to give the least and the most that the duty of all lines can come to, whatever is declared.
    progress
        A function that receives the share that is done, after every scenario.

    Returns
    -------
    DataFrame
        ``scenario`` (its name), the values of a grid, ``duty`` and ``value`` of the lines whose duty is
        known, ``effective_rate`` (duty over value), ``change`` (the sum of all known differences from the
        law, program by program, as ``compare`` gives it), ``touched_lines`` (on which a known amount
        differs), ``unknown_lines``, with bands ``duty_least`` and ``duty_most`` (empty where nothing bounds
        the duty of a line, or a row could not be read), and ``note``: that a scenario touches none of the
        lines, or that a change of it is law already.

    Raises
    ------
    ScenarioError
        For no scenario, two of one name, and a change that names nothing.

    Examples
    --------
    T-shirts of India, 16.5% in column 1, and the reciprocal duty of India:

    >>> from tariffcalc import Line, Scenario, Shipment, load
    >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
    >>> shirts, india = Shipment(entered="2026-02-10", lines=(line,)), "us.ieepa.reciprocal/india-august"
    >>> rates = {f"at {rate}": Scenario(rate).set_duty(india, rate) for rate in ("18%", "20%")}
    >>> load("us").sweep(shirts, rates)[["scenario", "duty", "change"]].values.tolist()
    [['law', 4150.0, 0.0], ['at 18%', 3450.0, -700.0], ['at 20%', 3650.0, -500.0]]
    """
    named = named_scenarios(scenarios, tariff.scenario)
    lines = Sweep(Law(tariff.law, tariff.rulebook), imports, codes_of_other_years, bands)
    rows = [Row(lines.law, 0, 0, "")]
    for number, each in enumerate(named.values(), start=1):
        rows.append(lines.under(each))
        if progress is not None:
            progress(number / len(named))
    return _table(lines, named, rows)


def _table(sweep: Sweep, scenarios: Mapping[str, Scenario], rows: list[Row]) -> pd.DataFrame:
    import pandas as pd

    money = sweep.before.law.minor_units
    made_of = scenarios.values_of if isinstance(scenarios, Grid) else {}
    names = next(iter(made_of.values()), {})
    return pd.DataFrame(
        {
            "scenario": [LAW, *scenarios],
            **{name: [None, *(each[name] for each in made_of.values())] for name in names},
            "duty": [row.known.duty / money for row in rows],
            "change": [row.change / money for row in rows],
            "effective_rate": [
                row.known.duty / row.known.value if row.known.value else np.nan for row in rows
            ],
            "value": [row.known.value / money for row in rows],
            "touched_lines": [row.touched for row in rows],
            "unknown_lines": [row.known.unknown + sweep.refused for row in rows],
            **(_bands(sweep, [row.known for row in rows]) if sweep.bands else {}),
            "note": [row.note for row in rows],
        }
    )


def _bands(sweep: Sweep, rows: list[Known]) -> dict[str, list[float]]:
    money = sweep.before.law.minor_units
    return {
        "duty_least": [row.least / money for row in rows],
        "duty_most": [np.nan if row.unbounded or sweep.refused else row.most / money for row in rows],
    }
