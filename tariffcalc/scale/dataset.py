"""A dataset of files estimated to one Parquet file, in bounded memory, on all cores, and so that a run that
is cut off can go on.

Parts of the source are read in turn by one thread; the threads of a pool estimate them and write them to a
hidden folder beside the target.  At the end the parts are joined into one file, which is a copy of bytes and
no second encoding, and the file takes its name in one step: under the final name there is never anything but
the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.declaration.problems import Problem
from tariffcalc.errors import ShipmentError
from tariffcalc.io.batches import Piece, Rows, SeenShipments, Unread, sized, whole_shipments
from tariffcalc.io.files import InputRows
from tariffcalc.io.progress import progress as progress_bar
from tariffcalc.scale.checkpoint import Checkpoint
from tariffcalc.scale.problem_rows import UNKNOWN, UNREAD, counted_from_1, problems_of
from tariffcalc.scale.source import Given, Source
from tariffcalc.scale.stream import Estimator, in_order
from tariffcalc.tariff import Tariff
from tariffcalc.views.totals import EstimateTotals

_INCOMPLETE = (
    (
        "the fee is one amount for a whole shipment, and lines of the shipment may be among the rows that"
        " could not be read"
    ),
    "correct the rows that could not be read",
)
_UNREAD_SUPPLY = "correct the file and run again"


@dataclass
class DatasetTotal(EstimateTotals):
    """What a dataset came to: the totals of a ``EstimateTotals``, and where they were written.

    Attributes
    ----------
    target : Path
        Every row with its duty (or every posting).
    problems_file : Path or None
        A row for each problem of a row that could not be assessed: row_from_1 (through all files), file,
        severity, code, message, supply.
    unread : list of str
        What could not be read at all, with file, row group and rows; its rows are counted as unknown and are
        in no output.
    counted : InputRows
        How many rows the files hold, counted apart from what was read; the two are compared.
    """

    target: Path = field(default_factory=Path)
    problems_file: Path | None = None
    unread: list[str] = field(default_factory=list)
    counted: InputRows = field(default_factory=InputRows)


def estimate_dataset(
    tariff: Tariff,
    source: Given,
    target: str | Path,
    *,
    fees: bool = True,
    keep: str = "totals",
    on_problem: str = "keep",
    codes_of_other_years: bool = False,
    constants: Mapping[str, str] | None = None,
    keep_going: bool = False,
    resume: bool = False,
    progress: bool | None = None,
) -> DatasetTotal:
    """What the lines of a dataset owe, to one Parquet file.

    Parameters
    ----------
    tariff : Tariff
        The law.
    source : path, or list of paths
        Parquet or CSV files (also .csv.gz, .xlsx), or folders of them, read in the order of their names.  The
        rows of a shipment must be next to each other.
    target : path
        A name that ends in .parquet.  Problems are written to NAME.problems.parquet, unfinished parts in the
        hidden folder .NAME.parquet.partial.
    fees, keep, on_problem, codes_of_other_years
        See ``estimate_batches``.  Postings name the row in the column ``row_from_1``.
    constants : mapping, optional
        Columns with one value for every row, where the files have no such column:
        ``{"entered": "2025-09-01"}``.
    keep_going : bool
        Leave out row groups that cannot be read, and list them in ``unread`` and in the file of problems;
        otherwise they are an error.
    resume : bool
        Go on from the parts that a run of the same law, options and source has finished; without it they are
        thrown away.
    progress : bool, optional
        Whether to show a bar on standard error; by default where that is a terminal.

    Returns
    -------
    DatasetTotal
        Rows, value, duty [currency], unknown rows, problems.

    Raises
    ------
    ShipmentError
        For files that cannot be read, and for rows as ``on_problem`` says: with file, row group and row,
        counted from 1 through all files.
    TariffError
        Where ``resume`` finds parts of another law, other options or a source that has changed, or another
        run is at work on the same target.
    OSError
        Where the target cannot be written, for example on a full disk; what is finished is kept for
        ``resume``.

    Examples
    --------
    >>> import tempfile, pyarrow as pa, pyarrow.parquet as pq, tariffcalc as tc
    >>> folder = tempfile.mkdtemp()
    >>> line = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-04-09"}
    >>> table = pa.Table.from_pylist([line | {"value": 10000}, line | {"value": 20000}])
    >>> pq.write_table(table, f"{folder}/lines.parquet")
    >>> lines, target = f"{folder}/lines.parquet", f"{folder}/duty.parquet"
    >>> total = tc.scale.estimate_dataset(tc.load("us"), lines, target, fees=False)
    >>> total.rows, total.duty, pq.read_table(total.target)["duty"].to_pylist()
    (2, Decimal('12750.00'), [4250.0, 8500.0])
    """
    estimator = Estimator(tariff, keep, fees, on_problem, codes_of_other_years)
    return finish_dataset(estimator, source, Path(target), constants or {}, keep_going, resume, progress)


def finish_dataset(
    estimator: Estimator,
    source: Given,
    target: Path,
    constants: Mapping[str, str],
    keep_going: bool,
    resume: bool,
    progress: bool | None = None,
) -> DatasetTotal:
    """A dataset estimated to one file (see ``estimate_dataset``)."""
    files = Source(source, constants, keep_going)
    _check_target(target)
    options = [
        estimator.keep,
        estimator.fees,
        estimator.on_problem,
        estimator.codes_of_other_years,
        dict(constants),
    ]
    manifest = {
        "law": fingerprint(estimator.tariff.law),
        "set of options": options,
        "source": files.fingerprint(),
    }
    total = DatasetTotal(target=target)
    with (
        Checkpoint(target, manifest, resume, files.files) as partial,
        progress_bar("estimated", files.rows, progress) as advance,
    ):
        passed, told = SeenShipments(), set(partial.notes)
        pieces = (
            each
            for each in files.pieces(partial.start, passed)
            if not (isinstance(each, Unread) and each.message in told)
        )
        whole = whole_shipments(sized(_columns_warned_of(estimator, pieces)), passed)
        advance(partial.start)
        for rows in in_order(
            lambda each: _write_part(estimator, files, partial, *each), enumerate(whole, partial.count)
        ):
            advance(rows)
        files.check_unchanged()
        partial.add_up(total)
        total.unread, total.counted = partial.notes, files.count
        if not total.unread:
            files.count.check(total.rows, str(source))
        total.problems_file = partial.join()
    return total


def _columns_warned_of(estimator: Estimator, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces; the columns of the first rows that nothing reads are reported before any of them is
    estimated."""
    told = False
    for piece in pieces:
        if not told and isinstance(piece, Rows):
            estimator.warn_of_columns(piece.table.column_names)
            told = True
        yield piece


def _check_target(target: Path) -> None:
    if target.suffix.casefold() != ".parquet":
        raise ShipmentError(f"{target}: write to a file that ends in .parquet")


def _write_part(estimator: Estimator, files: Source, partial: Checkpoint, number: int, piece: Piece) -> int:
    """Estimate and write one piece; how many rows it has."""
    if isinstance(piece, Unread):
        total = EstimateTotals(rows=piece.size, unknown=piece.size)
        total.lacking(piece.message, _UNREAD_SUPPLY, piece.size)
        problem = Problem(np.zeros(1, np.int64), UNREAD, piece.message, _UNREAD_SUPPLY)
        partial.finish(
            number,
            piece.end,
            total,
            None,
            files.problem_table([(UNREAD, problem)], piece.first),
            piece.message,
        )
        return piece.size
    try:
        finished = estimator.finish(piece)
    except ShipmentError as error:
        raise ShipmentError(f"{files.file_of(piece.first)}: {error}", error.problems) from None
    total = EstimateTotals.of(finished.estimate, piece.first)
    told = problems_of(finished.estimate) if total.problems or total.fee_problems or total.notes else []
    size = int(piece.table.num_rows)
    if piece.cut and estimator.fees:
        total.lacking(*_INCOMPLETE, size, of_fees=True)
        told.append((UNKNOWN, Problem(np.arange(size), "incomplete-shipment", *_INCOMPLETE)))
    rows = finished.table, estimator.kept.schema(files.schema)
    if estimator.keep == "postings":
        rows = counted_from_1(rows[0]), counted_from_1(rows[1].empty_table()).schema
    partial.finish(number, piece.end, total, rows, files.problem_table(told, piece.first) if told else None)
    return size
