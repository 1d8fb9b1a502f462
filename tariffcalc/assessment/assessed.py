"""One run: the ledger of some lines under one law, and the sums and problems that every view of it reads."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property, partial
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.assumptions import assumptions
from tariffcalc.assessment.coverage import check_facts, warn_of_coverage
from tariffcalc.assessment.doubt import doubt_notes
from tariffcalc.assessment.reasons import agreed_notes, unknown_problems
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration import Lines, declare
from tariffcalc.declaration.columns import coded
from tariffcalc.declaration.names import unused_columns, warn_of_unused
from tariffcalc.declaration.problems import Problem, Problems, show_problems
from tariffcalc.declaration.row_names import own_index
from tariffcalc.engine.amounts.extremes import UNBOUNDED
from tariffcalc.engine.kernel import assess
from tariffcalc.engine.ledger.amount_columns import Rows, program_column, sum_column
from tariffcalc.engine.ledger.chunk import Keep
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.sums import total_of
from tariffcalc.engine.threads import each_in_parallel
from tariffcalc.errors import OptionError, ShipmentError
from tariffcalc.shipment import Shipment, instead_of


class Assessed:
    """The lines of a Shipment or a table assessed under one law.

    Attributes
    ----------
    duty, fees, total : Decimal or None
        Sums over all lines [currency]; None where any line is unknown: ``known_duty`` and ``known_fees`` say
        what is known.
    unused_columns : dict of str to str
        The columns of the table that nothing reads, each with the column or fact it may be meant for (empty:
        none known).
    """

    def __init__(
        self,
        law: CompiledLaw,
        ledger: Ledger,
        lines: Lines,
        given: Any,
        keep: Keep,
        unused_columns: dict[str, str] | None = None,
    ) -> None:
        self.unused_columns = unused_columns or {}
        self.law, self._ledger, self._lines, self._given, self._keep = law, ledger, lines, given, keep
        self._declared, self._fees = lines.problems, ledger.fees

    @classmethod
    def of(
        cls,
        law: CompiledLaw,
        given: Any,
        fees: bool = True,
        on_problem: str | None = None,
        codes_of_other_years: bool = False,
        keep: Keep | None = None,
        columns_warned_of: bool = False,
    ) -> Self:
        """Assess a Shipment or a table under a compiled law (see ``Tariff.estimate``).

        ``columns_warned_of``: whoever cut a stream into tables has warned of its unused columns already.
        """
        if on_problem not in (None, "raise", "keep"):
            raise OptionError(f"on_problem is {on_problem!r}: give 'raise' or 'keep'")
        if keep not in (None, *get_args(Keep)):
            raise OptionError(f"keep is {keep!r}: give one of {', '.join(map(repr, get_args(Keep)))}")
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
            if unused and not columns_warned_of:
                warn_of_unused(law, names, unused, stacklevel=3)
        problems = Problems(size, own_index(given))
        lines = declare(law, declared, size, problems, codes_of_other_years)
        if on_problem == "raise" or (on_problem is None and isinstance(given, Shipment)):
            problems.raise_refused()
        assessed = cls(law, assess(law, lines.columns, fees, keep), lines, given, keep, unused)
        warn_of_coverage(law, lines, assessed._ledger)
        if on_problem == "raise":
            assessed.raise_problems()
        return assessed

    def __len__(self) -> int:
        return self._declared.size

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
    def known_duty(self) -> Decimal:
        """The duty of the lines whose duty is known."""
        amount, unknown = self._ledger.total("duty")
        return self.money(total_of(amount[~unknown]))

    @property
    def duty_least(self) -> Decimal:
        """The least that the duty of the lines that could be read can come to, whatever is declared."""
        _, bands = self._ledger.bands
        return self.known_duty + self.money(total_of(bands.least))

    @property
    def duty_most(self) -> Decimal | None:
        """The most that the duty of all lines can come to, whatever is declared; None where nothing bounds
        that of any line, or one could not be read."""
        _, bands = self._ledger.bands
        if (bands.most == UNBOUNDED).any() or len(self._lines.rows) < len(self):
            return None
        return self.known_duty + self.money(total_of(bands.most))

    @property
    def known_fees(self) -> Decimal:
        """The fees that are known, also on lines of which another fee is not."""
        return self.money(total_of(self._ledger.total("fee")[0]) if self._fees else 0)

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

    def columns(self, programs: bool | None = None) -> dict[str, NDArray[np.float64]]:
        """The added columns of ``frame`` as arrays, over all rows of the input; ``programs`` says whether
        there is a column for each of them."""
        ledger, rows = self._ledger, Rows(self._lines.rows, np.flatnonzero(self._declared.bad))
        writers = {
            name: partial(sum_column, ledger, name)
            for name in (("duty", "fees", "total") if self._fees else ("duty",))
        }
        if self._keep != "totals" if programs is None else programs:
            with_postings = (
                (number, program.name)
                for number, program in enumerate(self.law.programs)
                if ledger.has_postings(number)
            )
            writers |= {name: partial(program_column, ledger, number) for number, name in with_postings}
        added = dict(
            zip(
                writers,
                each_in_parallel(lambda write: write(rows), writers.values(), len(ledger)),
                strict=True,
            )
        )
        totals = {name: added.pop(name) for name in ("duty", "fees", "total") if name in added}
        return totals | {"effective_rate": self._rate(totals["duty"])} | added

    def _rate(self, duty: NDArray[np.float64]) -> NDArray[np.float64]:
        """Duty over value on each row, empty where either is unknown or nothing."""
        value = np.full(len(self), np.nan)
        value[self._lines.rows] = self._lines.columns.value
        value /= self.law.minor_units
        value[value == 0] = np.nan
        return np.asarray(duty / value)

    @property
    def problems_by_severity(self) -> dict[str, list[Problem]]:
        """The problems by severity: rows that were ``refused``, what is ``unknown``, and each ``note`` of
        rows that were assessed."""
        return {"refused": self._declared.refused, "unknown": self._unknown, "note": self.noted}

    @cached_property
    def _unknown(self) -> list[Problem]:
        return unknown_problems(self.law, self._ledger, self._lines.rows)

    def raise_refused(self) -> None:
        """Raise ShipmentError if any row could not be read."""
        self._declared.raise_refused()

    def raise_problems(self) -> None:
        """Raise ShipmentError if any row could not be assessed."""
        found = [*self._declared.refused, *self._unknown]
        if found:
            raise ShipmentError(show_problems(found, index=self._declared.index), found)

    @property
    def parts(self) -> tuple[Ledger, Lines]:
        """The ledger of ids, and the lines it was computed from (for views)."""
        return self._ledger, self._lines

    @property
    def noted(self) -> list[Problem]:
        """Assumptions made for rows that were assessed."""
        law, ledger, rows = self.law, self._ledger, self._lines.rows
        return [
            *self._declared.noted,
            *self._assumed,
            *agreed_notes(law, ledger, rows),
            *doubt_notes(law, ledger, rows),
            *self.without_effect,
        ]

    @cached_property
    def without_effect(self) -> list[Problem]:
        """Claims and facts that change nothing on the lines that assert them, with the reason."""
        from tariffcalc.assessment.no_effect import without_effect

        return without_effect(self.law, self._ledger, self._lines)

    @cached_property
    def _assumed(self) -> list[Problem]:
        found = (
            (each, self._lines.rows[each.lines(self._ledger)]) for each in assumptions(self.law, self._ledger)
        )
        return [
            Problem(rows, "assumed", each.shown(self.law, self._ledger), each.supply)
            for each, rows in found
            if len(rows)
        ]

    @property
    def given(self) -> Any:
        """What was estimated."""
        return self._given
