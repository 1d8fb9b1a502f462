"""An estimate: the computed ledger of one or many lines, and the views of it that callers read.

Money leaves as ``Decimal`` for totals and postings, and as currency amounts in float columns of tables, where
an unknown amount is empty.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.law_words import law_in_words
from tariffcalc.declaration import Lines
from tariffcalc.declaration.problems import problem_table
from tariffcalc.declaration.row_names import with_index
from tariffcalc.engine.kernel import assess
from tariffcalc.engine.ledger.chunk import Keep
from tariffcalc.shipment import Shipment

if TYPE_CHECKING:
    import pandas as pd


FrameT = TypeVar("FrameT")


class Estimate(Assessed, Generic[FrameT]):
    """The duty of some lines under one law; its type says which kind of table was given (of a Shipment:
    pandas).

    Attributes
    ----------
    duty, fees, total : Decimal or None
        Sums over all lines [currency]; None where any line is unknown: ``lacking`` says why, ``known_duty``
        and ``known_fees`` what is known.
    unused_columns : dict of str to str
        The columns of the table that nothing reads, each with the column or fact it may be meant for (empty:
        none known).
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """An estimate travels as its law, by reference, and its checked lines, which are assessed again where
        it arrives."""
        lines = self._lines._replace(asserted=dict(self._lines.asserted))
        return _assessed_again, (self.law, lines, self._given, self._keep, self._fees, self.unused_columns)

    # --- totals
    # --------------------------------------------------------------------------------------------------------

    @property
    def net_of_credit(self) -> Decimal | None:
        """The duty an importer in business bears once creditable taxes are taken back [currency]; None where
        it is unknown for any line."""
        from tariffcalc.views.credit import net_of_credit

        return net_of_credit(self)

    def lacking(self, of: str = "total") -> list[str]:
        """Why ``duty``, ``fees`` or ``total`` is unknown: a sentence for each reason, with what to declare;
        empty where it is known."""
        from tariffcalc.views.lacking import lacking

        return lacking(self, of)

    # --- tables
    # --------------------------------------------------------------------------------------------------------

    @cached_property
    def frame(self) -> FrameT:
        """The input, row for row, with ``duty``, ``fees``, ``total``, ``effective_rate`` and (unless totals
        were kept) a column per program.

        Of the same kind as the input (pandas, polars, Arrow); pandas for a Shipment.  Amounts are in the
        currency of the territory; an amount that is unknown is empty, a program that does not apply to a line
        is 0.  ``certainty`` is the tag of the least certain text the duty rests on.  The ``attrs`` of a
        pandas table hold the ``law`` in words, with the scenarios that amend it.
        """
        from tariffcalc.declaration.frames import certainty_column, with_columns

        added: dict[str, Any] = self.columns()
        first = {
            name: added.pop(name) for name in ("duty", "fees", "total", "effective_rate") if name in added
        }
        frame: FrameT = with_columns(
            self._table(),
            first | {"certainty": certainty_column(self._ledger, self._lines.rows, len(self))} | added,
        )
        if hasattr(frame, "attrs"):
            frame.attrs["law"] = law_in_words(self.law)
        return frame

    @property
    def fingerprint(self) -> str:
        """The digest of the law that the estimate rests on (see ``Tariff.fingerprint``)."""
        return fingerprint(self.law)

    def _table(self) -> Any:
        if not isinstance(self._given, Shipment):
            return self._given
        import pandas as pd

        declared = self._given.declared()
        declared.pop("shipment")
        return pd.DataFrame(declared)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """One row per posting: row, program, measure, heading, outcome, amount, base, duty, acts, tag,
        drawback, reason.

        ``tag`` is that of the least certain text it rests on: P read in its source, P* in a copy, S secondary
        source, U uncertain, UM from memory. ``drawback`` says of an amount whether it can be drawn back when
        the goods are exported (yes, no, manufacturing, unknown; empty: not held). For tables of many lines
        prefer ``frame``; the ledger of a million lines has several million rows.
        """
        from tariffcalc.views.postings import table_of_postings

        return with_index(table_of_postings(self), self._given)

    @cached_property
    def entry_summary(self) -> pd.DataFrame:
        """The numbers to declare for each line in the order of filing: row, order, number, program, value,
        duty."""
        from tariffcalc.views.entry_summary import entry_summary

        return with_index(entry_summary(self), self._given)

    @cached_property
    def valuation(self) -> pd.DataFrame:
        """How each customs value came about: value, basis, currency, costs, what was assumed, rate (see
        ``views/explain/valuation.py``)."""
        from tariffcalc.views.explain.valuation import table_of_values

        return with_index(table_of_values(self), self._given)

    @cached_property
    def credit(self) -> pd.DataFrame:
        """Row for row the duty, what an importer in business takes back of it, and what remains (see
        ``views/credit.py``)."""
        from tariffcalc.views.credit import table_of_credit

        return with_index(table_of_credit(self), self._given)

    @cached_property
    def bands(self) -> pd.DataFrame:
        """The least and the most that each unknown duty can come to, whatever is declared: row, duty_least,
        duty_most (empty where nothing bounds it), moved_by (what moves it most), question, supply."""
        from tariffcalc.views.bands import table_of_bands

        return with_index(table_of_bands(self), self._given)

    def with_bands(self) -> FrameT:
        """``frame`` with ``duty_least``, ``duty_most`` and ``moved_by`` of every row (see ``bands``)."""
        from tariffcalc.declaration.frames import with_columns
        from tariffcalc.views.bands import band_columns

        frame: FrameT = with_columns(self.frame, band_columns(self))
        return frame

    @cached_property
    def problems(self) -> pd.DataFrame:
        """One row per problem and input row: row (from 0; the table's own index beside it), severity, code,
        message, supply; of an unknown duty also its band (see ``bands``).

        ``refused``: the row could not be read; ``unknown``: its duty or a fee could not be computed;
        ``note``: it was, on an assumption.
        """
        from tariffcalc.views.bands import with_bands

        return with_index(with_bands(self, problem_table(self.problems_by_severity)), self._given)

    # --- words
    # --------------------------------------------------------------------------------------------------------

    def explain(self, row: int | None = None, full: bool = False) -> str:
        """Postings in words: heading, base, duty, amount, acts, and the measures that do not apply; ``full``
        names every one of those.

        ``row`` picks one row of the input (from 0); otherwise all rows are explained, which is meant for a
        shipment of a few lines.
        """
        from tariffcalc.views.explain.explain import explain_estimate

        return explain_estimate(self, row, full)

    def summary(self) -> str:
        """Totals, effective rate and what could not be assessed, in a few lines."""
        from tariffcalc.views.bands import band_of_total
        from tariffcalc.views.totals import EstimateTotals

        return EstimateTotals.of(self).text(band=band_of_total(self))

    def __repr__(self) -> str:
        from tariffcalc.views.lacking import in_one_line

        fees = f", {in_one_line(self, 'fees')}" if self._fees else ", fees not assessed"
        return (
            f"<Estimate of {len(self):,} line{'' if len(self) == 1 else 's'}:"
            f" {in_one_line(self, 'duty')}{fees}>"
        )


def _assessed_again(
    law: CompiledLaw, lines: Lines, given: Any, keep: Keep, fees: bool, unused_columns: dict[str, str]
) -> Estimate[Any]:
    return Estimate(law, assess(law, lines.columns, fees, keep), lines, given, keep, unused_columns)
