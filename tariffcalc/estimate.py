"""An estimate: the computed ledger of one or many lines, and the views of it that callers read.

Money leaves as ``Decimal`` for totals and postings, and as currency amounts in float columns of tables, where an unknown amount is empty.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.assumptions import assumptions
from tariffcalc.assessment.coverage import check_facts, warn_of_coverage
from tariffcalc.assessment.doubt import doubt_notes
from tariffcalc.assessment.reasons import agreed_notes, posting_words, unknown_problems
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration import Lines, declare
from tariffcalc.declaration.columns import coded
from tariffcalc.declaration.names import unused_columns, warn_of_unused
from tariffcalc.declaration.problems import Problem, Problems, problem_table, show_problems
from tariffcalc.declaration.row_names import own_index, with_index
from tariffcalc.engine.kernel import assess
from tariffcalc.engine.ledger.chunk import Keep
from tariffcalc.engine.ledger.currency import Rows, program_column, sum_column
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.sums import total_of
from tariffcalc.engine.threads import each_in_parallel
from tariffcalc.errors import ShipmentError
from tariffcalc.shipment import Shipment, instead_of

if TYPE_CHECKING:
    import pandas as pd

LEDGER_COLUMNS: dict[str, type] = {
    "row": int, "program": str, "measure": str, "heading": str, "outcome": str, "amount": Decimal, "base": Decimal, "duty": str, "acts": str,
    "tag": str, "drawback": str, "reason": str,
}  # fmt: skip


class Estimate:
    """The duty of some lines under one law.

    Attributes
    ----------
    duty, fees, total : Decimal or None
        Sums over all lines [currency]; None where any line is unknown: ``lacking`` says why, ``known_duty`` and ``known_fees`` what is known.
    unused_columns : dict of str to str
        The columns of the table that nothing reads, each with the column or fact it may be meant for (empty: none known).
    """

    def __init__(self, law: CompiledLaw, ledger: Ledger, lines: Lines, given: Any, keep: Keep, unused_columns: dict[str, str] | None = None) -> None:
        self.unused_columns = unused_columns or {}
        self.law, self._ledger, self._lines, self._given, self._keep = law, ledger, lines, given, keep
        self._declared, self._fees = lines.problems, ledger.fees

    def __len__(self) -> int:
        return self._declared.size

    def __reduce__(self) -> tuple[Any, ...]:
        """An estimate travels as its law, by reference, and its checked lines, which are assessed again where it arrives."""
        lines = self._lines._replace(asserted=dict(self._lines.asserted))
        return _assessed_again, (self.law, lines, self._given, self._keep, self._fees, self.unused_columns)

    # --- totals ------------------------------------------------------------------------------------------------------------------

    @property
    def duty(self) -> Decimal | None:
        """The duty of all lines [currency]; None where it is unknown for any."""
        return self._sum("duty")

    @property
    def fees(self) -> Decimal | None:
        """The fees of all lines [currency]; None where they are unknown for any."""
        return self._sum("fee")

    @property
    def total(self) -> Decimal | None:
        """Duty and fees."""
        duty, fees = self.duty, self.fees
        return None if duty is None or fees is None else duty + fees

    @property
    def net_of_credit(self) -> Decimal | None:
        """The duty an importer in business bears once creditable taxes are taken back [currency]; None where it is unknown for any line."""
        from tariffcalc.views.credit import net_of_credit

        return net_of_credit(self)

    @property
    def known_duty(self) -> Decimal:
        """The duty of the lines whose duty is known."""
        amount, unknown = self._ledger.total("duty")
        return self.money(total_of(amount[~unknown]))

    @property
    def known_fees(self) -> Decimal:
        """The fees that are known, also on lines of which another fee is not."""
        return self.money(total_of(self._ledger.total("fee")[0]) if self._fees else 0)

    def lacking(self, of: str = "total") -> list[str]:
        """Why ``duty``, ``fees`` or ``total`` is unknown: a sentence for each reason, with what to declare; empty where it is known."""
        from tariffcalc.views.lacking import lacking

        return lacking(self, of)

    @property
    def known_value(self) -> Decimal:
        """The customs value of the lines whose duty is known."""
        unknown = self._ledger.total("duty")[1]
        return self.money(total_of(self._lines.columns.value[~unknown]))

    @property
    def unknown_lines(self) -> int:
        """How many lines have no known duty."""
        return len(self) - len(self._lines.rows) + int(self._ledger.total("duty")[1].sum())

    def _sum(self, kind: str) -> Decimal | None:
        if kind == "fee" and not self._fees:
            return None
        amount, unknown = self._ledger.total(kind)
        complete = len(self._lines.rows) == len(self) and not unknown.any()
        return self.money(total_of(amount)) if complete else None

    def money(self, minor: int) -> Decimal:
        """An amount in minor units as currency."""
        return Decimal(minor).scaleb(-(len(str(self.law.minor_units)) - 1))

    # --- tables ------------------------------------------------------------------------------------------------------------------

    @cached_property
    def frame(self) -> Any:
        """The input, row for row, with ``duty``, ``fees``, ``total``, ``effective_rate`` and (unless totals were kept) a column per program.

        Of the same kind as the input (pandas, polars, Arrow); pandas for a Shipment.  Amounts are in the currency of the territory; an amount that
        is unknown is empty, a program that does not apply to a line is 0.  ``certainty`` is the tag of the least certain text the duty rests on.
        """
        from tariffcalc.declaration.frames import certainty_column, with_columns

        added: dict[str, Any] = self.columns()
        first = {name: added.pop(name) for name in ("duty", "fees", "total", "effective_rate") if name in added}
        return with_columns(self._table(), first | {"certainty": certainty_column(self._ledger, self._lines.rows, len(self))} | added)

    def columns(self, programs: bool | None = None) -> dict[str, NDArray[np.float64]]:
        """The added columns of ``frame`` as arrays, over all rows of the input; ``programs`` says whether there is a column for each of them."""
        ledger, rows = self._ledger, Rows(self._lines.rows, np.flatnonzero(self._declared.bad))
        writers = {name: partial(sum_column, ledger, name) for name in (("duty", "fees", "total") if self._fees else ("duty",))}
        if self._keep != "totals" if programs is None else programs:
            spoken = ((number, program.name) for number, program in enumerate(self.law.programs) if ledger.speaks(number))
            writers |= {name: partial(program_column, ledger, number) for number, name in spoken}
        added = dict(zip(writers, each_in_parallel(lambda write: write(rows), writers.values(), len(ledger)), strict=True))
        totals = {name: added.pop(name) for name in ("duty", "fees", "total") if name in added}
        return totals | {"effective_rate": self._rate(totals["duty"])} | added

    def _rate(self, duty: NDArray[np.float64]) -> NDArray[np.float64]:
        """Duty over value on each row, empty where either is unknown or nothing."""
        value = np.full(len(self), np.nan)
        value[self._lines.rows] = self._lines.columns.value
        value /= self.law.minor_units
        value[value == 0] = np.nan
        return np.asarray(duty / value)

    def _table(self) -> Any:
        if not isinstance(self._given, Shipment):
            return self._given
        import pandas as pd

        declared = self._given.declared()
        declared.pop("shipment")
        return pd.DataFrame(declared)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """One row per posting: row, program, measure, heading, outcome, amount, base, duty, acts, tag, drawback, reason.

        ``tag`` is that of the least certain text it rests on: P read in its source, P* in a copy, S secondary source, U uncertain, UM from memory.
        ``drawback`` says of an amount whether it can be drawn back when the goods are exported (yes, no, manufacturing, unknown; empty: not held).
        For tables of many lines prefer ``frame``; the ledger of a million lines has several million rows.
        """
        import pandas as pd

        rows = []
        for line in range(len(self._ledger)):
            for posting in self._ledger.postings(line):
                rows.append(
                    {
                        "row": int(self._lines.rows[line]),
                        "program": posting.program,
                        "measure": posting.measure,
                        "heading": posting.heading,
                        "outcome": posting.outcome,
                        "amount": None if posting.amount is None else self.money(posting.amount),
                        "base": None if posting.base is None else self.money(posting.base),
                        "duty": posting.duty_text,
                        "acts": " ".join(posting.acts),
                        "tag": posting.tag,
                        "drawback": self._ledger.drawback(line, posting.program) if posting.amount else "",
                        "reason": "" if posting.reason is None else posting_words(self._ledger, posting)[1],
                    }
                )
        return with_index(pd.DataFrame(rows, columns=list(LEDGER_COLUMNS)), self._given)

    @cached_property
    def entry_summary(self) -> pd.DataFrame:
        """The numbers to declare for each line in the order of filing: row, order, number, program, value, duty."""
        from tariffcalc.views.entry_summary import entry_summary

        return with_index(entry_summary(self), self._given)

    @cached_property
    def valuation(self) -> pd.DataFrame:
        """How each customs value came about: value, basis, currency, costs, what was assumed, rate (see ``display/valuation.py``)."""
        from tariffcalc.views.explain.valuation import table_of_values

        return with_index(table_of_values(self), self._given)

    @cached_property
    def credit(self) -> pd.DataFrame:
        """Row for row the duty, what an importer in business takes back of it, and what remains (see ``credit.py``)."""
        from tariffcalc.views.credit import table_of_credit

        return with_index(table_of_credit(self), self._given)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """One row per problem and input row: row (from 0; the table's own index beside it), severity, code, message, supply.

        ``refused``: the row could not be read; ``unknown``: its duty or a fee could not be computed; ``note``: it was, on an assumption.
        """
        found = {"refused": self._declared.refused, "unknown": self._unknown, "note": self.noted}
        return with_index(problem_table(found), self._given)

    @cached_property
    def _unknown(self) -> list[Any]:
        return unknown_problems(self.law, self._ledger, self._lines.rows)

    def raise_refused(self) -> None:
        """Raise ShipmentError if any row could not be read."""
        self._declared.raise_refused()

    def raise_problems(self) -> None:
        """Raise ShipmentError if any row could not be assessed."""
        found = [*self._declared.refused, *self._unknown]
        if found:
            raise ShipmentError(show_problems(found, index=self._declared.index), found)

    # --- words -------------------------------------------------------------------------------------------------------------------

    def explain(self, row: int | None = None, full: bool = False) -> str:
        """Postings in words: heading, base, duty, amount, acts, and the measures that do not apply; ``full`` names every one of those.

        ``row`` picks one row of the input (from 0); otherwise all rows are explained, which is meant for a shipment of a few lines.
        """
        from tariffcalc.views.explain.explain import explain_estimate

        return explain_estimate(self, row, full)

    def summary(self) -> str:
        """Totals, effective rate and what could not be assessed, in a few lines."""
        from tariffcalc.views.totals import RunningTotal

        return RunningTotal.of(self).text()

    def __repr__(self) -> str:
        from tariffcalc.views.lacking import in_one_line

        fees = f", {in_one_line(self, 'fees')}" if self._fees else ", fees not assessed"
        return f"<Estimate of {len(self):,} line{'' if len(self) == 1 else 's'}: {in_one_line(self, 'duty')}{fees}>"

    # --- what the views of other modules read ------------------------------------------------------------------------------------

    @property
    def parts(self) -> tuple[Ledger, Lines]:
        """The ledger of ids, and the lines it was computed from (for views)."""
        return self._ledger, self._lines

    @property
    def noted(self) -> list[Problem]:
        """Assumptions made for rows that were assessed."""
        law, ledger, rows = self.law, self._ledger, self._lines.rows
        return [*self._declared.noted, *self._assumed, *agreed_notes(law, ledger, rows), *doubt_notes(law, ledger, rows), *self.without_effect]

    @cached_property
    def without_effect(self) -> list[Problem]:
        """Claims and facts that change nothing on the lines that assert them, with the reason."""
        from tariffcalc.assessment.no_effect import without_effect

        return without_effect(self.law, self._ledger, self._lines)

    @cached_property
    def _assumed(self) -> list[Problem]:
        found = ((each, self._lines.rows[each.lines(self._ledger)]) for each in assumptions(self.law, self._ledger))
        return [Problem(rows, "assumed", each.shown(self.law, self._ledger), each.supply) for each, rows in found if len(rows)]

    @property
    def given(self) -> Any:
        """What was estimated."""
        return self._given


def _assessed_again(law: CompiledLaw, lines: Lines, given: Any, keep: Keep, fees: bool, unused_columns: dict[str, str]) -> Estimate:
    return Estimate(law, assess(law, lines.columns, fees, keep), lines, given, keep, unused_columns)


def estimate(
    law: CompiledLaw,
    given: Any,
    fees: bool = True,
    on_problem: str | None = None,
    codes_of_other_years: bool = False,
    keep: Keep | None = None,
    columns_told: bool = False,
) -> Estimate:
    """Estimate a Shipment or a table under a compiled law (see ``Tariff.estimate``).

    ``columns_told``: whoever cut a stream into tables has warned of its unused columns already.
    """
    if on_problem not in (None, "raise", "keep"):
        raise ValueError(f"on_problem is {on_problem!r}: give 'raise' or 'keep'")
    if keep not in (None, *get_args(Keep)):
        raise ValueError(f"keep is {keep!r}: give one of {', '.join(map(repr, get_args(Keep)))}")
    keep = keep or ("postings" if isinstance(given, Shipment) else "programs")
    unused: dict[str, str] = {}
    if isinstance(given, Shipment):
        raw = given.declared()
        check_facts(law, raw)
        declared: Any = {name: coded(values) for name, values in raw.items()}
        size = len(given.lines)
    else:
        from tariffcalc.declaration.frames import collected, declared_columns, is_table

        given = collected(given)
        if not is_table(given):
            raise ShipmentError(f"cannot estimate a {type(given).__name__}: {instead_of(given)}")
        declared, size, names = declared_columns(given, law)
        unused = unused_columns(law, names)
        if unused and not columns_told:
            warn_of_unused(law, names, unused, stacklevel=3)
    problems = Problems(size, own_index(given))
    lines = declare(law, declared, size, problems, codes_of_other_years)
    if on_problem == "raise" or (on_problem is None and isinstance(given, Shipment)):
        problems.raise_refused()
    result = Estimate(law, assess(law, lines.columns, fees, keep), lines, given, keep, unused)
    warn_of_coverage(law, lines, result.parts[0])
    if on_problem == "raise":
        result.raise_problems()
    return result
