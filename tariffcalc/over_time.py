"""A law over time: what a line owes from day to day, what changed it, and every tariff line on many days."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tariffcalc.compiled.law import CompiledLaw

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.law.rulebook import Rulebook


class OverTime(ABC):
    """The questions about days that a tariff answers."""

    law: CompiledLaw

    @property
    @abstractmethod
    def rulebook(self) -> Rulebook:
        """The law as models: programs, measures, acts, lists."""

    def timeline(self, commodity: str, origin: str, **facts: Any) -> pd.DataFrame:
        """What a line of this product and origin owes over time (see ``tariffcalc.panel.timeline``)."""
        from tariffcalc.panel.timeline import timeline

        return timeline(self.law, commodity, origin, **facts)

    def what_changed(
        self, commodity: str, origin: str, from_: Any, to: Any, value: Any = 10_000, **facts: Any
    ) -> pd.DataFrame:
        """Which provisions changed what a line owes between two days, with their acts.

        Parameters
        ----------
        commodity, origin, value
            As for ``timeline``.
        from_, to
            The days compared; the rows are of days after ``from_``, through ``to``.
        **facts
            What is declared of the line on every day, as for ``timeline``.

        Returns
        -------
        DataFrame
            A row per day and program of which the amount moves: ``day``, ``program``, ``measure_before`` and
            ``measure_after``, ``duty_before`` and ``duty_after`` in words, ``rate_change`` [share of the
            customs value; empty where unknown], ``acts``, ``assumed`` (facts that the amounts assume).

        Examples
        --------
        >>> from tariffcalc import load
        >>> changed = load("us").what_changed("6109.10.00.12", "IN", "2025-08-01", "2025-12-31")
        >>> changed[["day", "program", "duty_before", "duty_after", "acts"]]
                  day               program duty_before duty_after      acts
        0  2025-08-07   us.ieepa.reciprocal         10%        25%  EO-14326
        1  2025-08-27  us.ieepa.russian-oil        none        25%  EO-14329
        """
        from tariffcalc.panel.what_changed import what_changed

        return what_changed(self.law, self.rulebook, commodity, origin, from_, to, value, **facts)

    def panel(
        self,
        origins: str | Sequence[str],
        entered: Sequence[Any] | None = None,
        by: str = "day",
        **options: Any,
    ) -> Any:
        """Every tariff line in force, for some origins: day by day, or spell by spell.

        The tariff lines are the finest in force: ten digits where there are any.

        Parameters
        ----------
        origins
            A list of origins, or "all" for every origin the law knows.
        entered
            Days of entry, for a row per day, tariff line and origin (in this order).
        by : "day" or "change"
            "change": a row for each commodity, origin and spell of days ``on_or_after`` .. ``before`` over
            which the duty, and the amount of every program, stays the same.  Neighbouring rows differ, and
            the rows cover exactly the days on which the line is in force.
        value
            Customs value of every line [currency]; 10,000 if it is left out.
        on_or_after, before
            The window of a panel by change; by default all days held.  Law that comes after the last review
            of a program is not foreseen: see ``coverage``.
        to : path
            A file to write (.parquet, .csv, .xlsx), in bounded memory; the answer is then the number of rows.
            All origins over all days are some tens of millions of rows even by change: write them to Parquet.
        as_arrow : bool
            An Arrow table instead of a pandas table.
        progress
            A function that receives the share that is done, after every part written to a file.
        **facts
            What is declared of every line: ``claims``, ``transport``, ``loaded``, ``exported``, ``admitted``,
            ``quantity_kg``, any registered fact. In a panel by change no spell begins before those days.

        Returns
        -------
        DataFrame
            ``commodity``, ``origin`` and ``entered`` (as categories; by change the dates ``on_or_after`` and
            ``before`` instead of ``entered``), ``assumed`` (the facts that the amounts assume), ``value``,
            ``duty``, ``effective_rate``, and a column per program that says anything of any line [currency;
            empty where unknown]. ``outside`` is the season or the value bracket of the line that the day, or
            the value of one unit, lies outside: such goods belong on another line.  By change, ``season`` is
            the season of the line, whatever the days.

        Raises
        ------
        ShipmentError
            For whatever an estimate would refuse, an origin or a day asked for twice, and a day on which no
            tariff line is held.

        Examples
        --------
        The day before the country rates of August 2025, and the day itself:

        >>> from tariffcalc import load
        >>> table = load("us").panel(origins=["IN", "VN"], entered=["2025-08-06", "2025-08-07"])
        >>> shirts = table[table["commodity"] == "6109100012"]
        >>> columns = ["origin", "entered", "duty", "us.ieepa.reciprocal"]
        >>> shirts[columns].to_string(index=False).splitlines()
        ['origin    entered   duty  us.ieepa.reciprocal',
         '    IN 2025-08-06 2650.0               1000.0',
         '    VN 2025-08-06 2650.0               1000.0',
         '    IN 2025-08-07 4150.0               2500.0',
         '    VN 2025-08-07 3650.0               2000.0']
        """
        from tariffcalc.panel import panel

        return panel(self.law, origins, entered, by, **options)
