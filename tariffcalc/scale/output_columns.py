"""What is kept of the estimate of a piece of rows: totals, a column per program, or one row per posting; the
same columns in every piece."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration.frames import with_columns
from tariffcalc.errors import OptionError
from tariffcalc.scale.problem_rows import REFUSED, refused_by
from tariffcalc.views.credit import creditable_programs, table_of_credit
from tariffcalc.views.postings import LEDGER_COLUMNS, table_of_postings

KEEP = ("totals", "programs", "postings")


@dataclass(frozen=True)
class OutputColumns:
    """The columns that are added to rows, or replace them, under one law.

    Raises OptionError for a ``keep`` that is none of those offered.
    """

    law: CompiledLaw
    keep: str
    fees: bool
    offered: tuple[str, ...] = KEEP

    def __post_init__(self) -> None:
        if self.keep not in self.offered:
            raise OptionError(f"keep is {self.keep!r}: give {' or '.join(map(repr, self.offered))}")

    @property
    def names(self) -> list[str]:
        """The added columns [currency; the effective rate is a share]."""
        totals = ["duty", "fees", "total", "effective_rate"] if self.fees else ["duty", "effective_rate"]
        totals += ["net_of_credit"] if creditable_programs(self.law) else []
        programs = [program.name for program in self.law.programs if self.fees or program.kind == "duty"]
        return totals + (programs if self.keep == "programs" else [])

    def columns(self, estimate: Assessed) -> dict[str, NDArray[np.float64]]:
        """The added columns over all rows: 0 for a program that does not apply, empty where the amount is
        unknown.

        An estimate without fees leaves the fees unknown.
        """
        found = estimate.columns(programs=self.keep == "programs")
        if creditable_programs(self.law):
            found["net_of_credit"] = table_of_credit(estimate)["net_of_credit"].to_numpy()
        unknown = np.full(len(estimate), np.nan)
        silent = unknown.copy()
        silent[estimate.parts[1].rows] = 0
        not_assessed = (
            set()
            if "fees" in found
            else {"fees", "total", *(each.name for each in self.law.programs if each.kind == "fee")}
        )
        return {name: found.get(name, unknown if name in not_assessed else silent) for name in self.names}

    def table(self, given: pa.Table, estimate: Assessed, first: int = 0) -> pa.Table:
        """The rows with their added columns, or the postings of the rows, numbered from ``first``."""
        return (
            self._postings(estimate, first)
            if self.keep == "postings"
            else with_columns(given, self.columns(estimate))
        )

    def added_to(self, given: Any) -> Any:
        """A table without rows, of whatever kind, with the added columns."""
        return with_columns(given, {name: np.zeros(0) for name in self.names})

    def schema(self, given: pa.Schema) -> pa.Schema:
        """The columns of what ``table`` makes of rows with the given columns."""
        return self._posting_schema if self.keep == "postings" else self.added_to(given.empty_table()).schema

    @property
    def _posting_schema(self) -> pa.Schema:
        kinds = {
            int: pa.int64(),
            str: pa.string(),
            Decimal: pa.decimal128(20, len(str(self.law.minor_units)) - 1),
        }
        return pa.schema({name: kinds[kind] for name, kind in LEDGER_COLUMNS.items()})

    def _postings(self, estimate: Assessed, first: int) -> pa.Table:
        """One row per posting; a row of the input that was refused has one that says so, since it has no
        posting."""
        schema = self._posting_schema
        ledger = table_of_postings(estimate)
        table = pa.Table.from_arrays(
            [pa.array(ledger[field.name].tolist(), field.type) for field in schema], schema=schema
        )
        problems = refused_by(estimate)
        if problems:
            refused = np.unique(np.concatenate([problem.rows for problem in problems]))
            empty = {"row": pa.array(refused), "outcome": pa.array([REFUSED] * len(refused))}
            arrays = [empty.get(field.name, pa.nulls(len(refused), field.type)) for field in schema]
            table = pa.concat_tables([table, pa.Table.from_arrays(arrays, schema=schema)])
            table = table.take(np.argsort(table["row"].to_numpy(), kind="stable"))
        return table.set_column(0, schema.field(0), pa.array(table["row"].to_numpy() + first))
