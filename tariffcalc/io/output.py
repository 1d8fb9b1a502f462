"""Rows that are written to a file: CSV, Parquet or Excel, whole or not at all, with the rows that could not
be assessed beside them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tariffcalc.errors import ShipmentError
from tariffcalc.io.csv_text import plain_text, without_coded_views, without_formulas
from tariffcalc.io.problem_files import name_of_problems
from tariffcalc.io.targets import Targets

if TYPE_CHECKING:
    from tariffcalc.compiled.law import CompiledLaw

MOST_ROWS = (1 << 20) - 1  # of a sheet of Excel, below its header
LINES, SUMMARY, PROBLEMS = "lines", "summary", "problems"


class Writer:
    """Writes batches to a CSV, Parquet or Excel file, which appears under its name only when it is complete.

    Rows that could not be assessed go to NAME.problems.csv or NAME.problems.parquet, in a workbook to the
    sheet *problems*; ``problems_file`` is the file beside, if there is one.  A context: left by an error, it
    leaves nothing behind.

    Parameters
    ----------
    path
        The file to write; its ending says of what kind.
    inputs
        The files that are read ("-" for standard input), which are not to be replaced.
    law
        The law whose columns are written; it says which of them are amounts and which are days.
    for_spreadsheets
        Whether text of a CSV file that a spreadsheet would take for a formula gets a ' before it.  A workbook
        never holds formulas.

    Raises
    ------
    ShipmentError
        For a name of no known kind, in no folder, of an input, or beside which a file of another kind has the
        name of the file of problems.
    """

    def __init__(
        self,
        path: str,
        inputs: Sequence[str | Path] = (),
        law: CompiledLaw | None = None,
        for_spreadsheets: bool = False,
    ) -> None:
        self.path = Path(path)
        self.problems_file: Path | None = None
        self._kind = self.path.suffix.casefold()
        if self._kind not in (".csv", ".parquet", ".xlsx"):
            raise ShipmentError(f"{path}: write to a file that ends in .csv, .parquet or .xlsx")
        if self._kind == ".xlsx" and find_spec("openpyxl") is None:
            raise ShipmentError(f"{path}: Excel files need openpyxl: pip install 'tariffcalc[excel]'")
        if for_spreadsheets and self._kind == ".parquet":
            raise ShipmentError(f"{path}: only text of a .csv file is marked for spreadsheets")
        self._beside = None if self._kind == ".xlsx" else name_of_problems(self.path)
        self._targets = Targets([self.path, *([self._beside] if self._beside else [])], inputs)
        self._law, self._for_spreadsheets = law, for_spreadsheets
        self._tables: dict[str, list[pa.Table]] = {LINES: [], SUMMARY: [], PROBLEMS: []}
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Writer:
        self._targets.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            try:
                self._close()
            finally:
                self._targets.__exit__()

    def write(self, table: pa.Table) -> None:
        """Append a batch; every batch has the same columns."""
        self._append(LINES, table)

    def write_problems(self, table: pa.Table) -> None:
        """Append rows that could not be assessed, and why; a workbook has a sheet of them also where there
        are none."""
        if table.num_rows or self._kind == ".xlsx":
            self._append(PROBLEMS, table)

    def write_summary(self, table: pa.Table) -> None:
        """The totals, for a workbook; other files hold none."""
        if self._kind == ".xlsx":
            self._append(SUMMARY, table)

    def _append(self, sheet: str, table: pa.Table) -> None:
        if self._kind == ".xlsx":
            self._tables[sheet].append(table)
            if sum(each.num_rows for each in self._tables[sheet]) > MOST_ROWS:
                raise ShipmentError(
                    f"{self.path}: the sheet {sheet} would have more than {MOST_ROWS:,} rows: write .csv or"
                    " .parquet"
                )
            return
        if self._kind == ".csv":
            table = plain_text(table)
            table = without_formulas(table) if self._for_spreadsheets else table
        else:
            table = without_coded_views(table)
        if sheet not in self._writers:
            name = self._beside if sheet == PROBLEMS and self._beside else self.path
            self._writers[sheet] = _writer(self._targets.part(name), self._kind, table.schema)
        self._writers[sheet].write_table(table)

    def _close(self) -> None:
        while self._writers:
            self._writers.popitem()[1].close()

    def _finish(self) -> None:
        """Give the complete files their names; a file of problems of an earlier run is taken away."""
        if PROBLEMS in self._writers:
            self.problems_file = self._beside
        if self._kind == ".xlsx":
            from tariffcalc.io.workbook import formats_of, write_workbook

            sheets = {name: pa.concat_tables(tables) for name, tables in self._tables.items() if tables}
            write_workbook(
                self._targets.part(self.path), sheets, formats_of(self._law) if self._law else {}, self.path
            )
        self._close()
        if self._beside is not None and self.problems_file is None:
            self._beside.unlink(missing_ok=True)
        self._targets.complete()


def _writer(path: Path, kind: str, schema: pa.Schema) -> Any:
    return (
        pq.ParquetWriter(str(path), schema, write_page_checksum=True)
        if kind == ".parquet"
        else pa_csv.CSVWriter(str(path), schema)
    )
