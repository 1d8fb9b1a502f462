"""A stream of Arrow batches estimated one after another, in order and in bounded memory.

The caller's thread reads and hands on; the threads of a small pool compute.  No more pieces are in flight
than there are threads, and one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.declaration.frames import arrow_table, collected, is_table
from tariffcalc.declaration.names import unused_columns, warn_of_unused
from tariffcalc.declaration.problems import show_problems
from tariffcalc.engine.threads import CORES, pool_of
from tariffcalc.errors import OptionError, ShipmentError
from tariffcalc.io.batches import Rows, numbered, sized, whole_shipments
from tariffcalc.io.schema import cast_to_schema
from tariffcalc.scale.output_columns import OutputColumns
from tariffcalc.tariff import Tariff

Item = TypeVar("Item")
Result = TypeVar("Result")


class Finished(NamedTuple):
    """Rows, their estimate, and what is kept of it."""

    rows: Rows
    estimate: Assessed
    table: pa.Table


@dataclass(frozen=True)
class Estimator:
    """How pieces of rows are estimated: the tariff and the options of its ``estimate``, and what is kept.

    Raises OptionError for an option that is not offered.
    """

    tariff: Tariff
    keep: str = "totals"
    fees: bool = True
    on_problem: str = "keep"
    codes_of_other_years: bool = False
    # whoever cut the source into streams has warned of its unused columns already
    columns_warned_of: bool = False

    def __post_init__(self) -> None:
        if self.on_problem not in ("keep", "raise"):
            raise OptionError(f"on_problem is {self.on_problem!r}: give 'raise' or 'keep'")
        _ = self.kept

    @property
    def kept(self) -> OutputColumns:
        """What is kept of each piece."""
        return OutputColumns(self.tariff.law, self.keep, self.fees)

    def warn_of_columns(self, names: Sequence[str], stacklevel: int = 2) -> None:
        """Warn of the columns of a source that nothing reads and that may decide money; once, not with every
        piece of it."""
        if not self.columns_warned_of:
            warn_of_unused(self.tariff.law, names, unused_columns(self.tariff.law, names), stacklevel + 1)

    def finish(self, rows: Rows) -> Finished:
        """The rows estimated; the fees of a shipment whose lines are not all at hand stay unknown."""
        estimate = Assessed.of(
            self.tariff.law,
            rows.table,
            self.fees and not rows.cut,
            "keep",
            self.codes_of_other_years,
            columns_warned_of=True,
        )
        if self.on_problem == "raise":
            _raise_problems(estimate, rows.first)
        return Finished(rows, estimate, self.kept.table(rows.table, estimate, rows.first))


def _raise_problems(estimate: Assessed, first: int) -> None:
    """Raise ShipmentError if any row could not be assessed; rows are counted through the whole run."""
    try:
        estimate.raise_problems()
    except ShipmentError as error:
        problems = [problem._replace(rows=problem.rows + first) for problem in error.problems]
        raise ShipmentError(show_problems(problems), problems) from None


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int = CORES
) -> Iterator[Result]:
    """The function of each item, in order, worked out by some threads while the caller reads the next items
    and uses the last results; a single item by the caller, who may use all cores for it."""
    rest = iter(items)
    first = list(islice(rest, 2))
    if threads == 1 or len(first) < 2:
        yield from map(function, chain(first, rest))
        return
    waiting: deque[Future[Result]] = deque()
    with pool_of(threads) as pool:
        try:
            for item in chain(first, rest):
                waiting.append(pool.submit(function, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def estimate_batches(
    tariff: Tariff,
    batches: Any,
    *,
    fees: bool = True,
    keep: str = "totals",
    on_problem: str = "keep",
    codes_of_other_years: bool = False,
) -> Iterator[pa.RecordBatch]:
    """What the lines of a stream of batches owe: finished batches, one after another, in the order of the
    rows and in bounded memory.

    Parameters
    ----------
    tariff : Tariff
        The law.
    batches : iterable of Arrow tables, or anything with the Arrow C stream interface
        Record batches, tables, or frames that give themselves as Arrow (polars, pandas); or a record batch
        reader, a DuckDB relation and the like. All have the columns of the first one, in any order.  The rows
        of a shipment must be next to each other.
    fees : bool
        Whether fees are assessed too.
    keep : "totals", "programs" or "postings"
        "totals": the rows with ``duty``, ``fees``, ``total`` [currency] and ``effective_rate`` (a share).
        "programs": also a column for every program of the law, 0 where it does not apply and empty where it
        is unknown.  "postings": instead of the rows, one row per posting: row (from 0,
        through all batches), program, measure, heading, outcome, amount, base, duty, acts; a row that cannot
        be read has the outcome "refused".
    on_problem : "keep" or "raise"
        "keep": rows that cannot be assessed have no duty.  "raise": they are an error.
    codes_of_other_years : bool
        See ``Tariff.estimate``.

    Yields
    ------
    pyarrow.RecordBatch
        All with the same columns.  Small batches are put together, large ones cut; no shipment is cut in two.

    Raises
    ------
    ShipmentError
        For batches that cannot be read, and for rows as ``on_problem`` says; rows are counted through all
        batches.

    Examples
    --------
    >>> import pyarrow as pa, tariffcalc as tc
    >>> line = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-04-09"}
    >>> table = pa.Table.from_pylist([line | {"value": 10000}, line | {"value": 20000}])
    >>> batches = iter(table.to_batches(max_chunksize=1))
    >>> for batch in tc.scale.estimate_batches(tc.load("us"), batches, fees=False):
    ...     print(batch["duty"].to_pylist())
    [4250.0, 8500.0]
    """
    return estimate_stream(Estimator(tariff, keep, fees, on_problem, codes_of_other_years), batches)


def estimate_stream(estimator: Estimator, batches: Any, threads: int = CORES) -> Iterator[pa.RecordBatch]:
    """The finished batches of a stream (see ``estimate_batches``)."""
    for finished in finish_all(estimator, _tables(batches), threads):
        yield from finished.table.combine_chunks().to_batches()


def finish_all(estimator: Estimator, tables: Iterable[pa.Table], threads: int = CORES) -> Iterator[Finished]:
    """Tables as finished pieces, in order."""
    pieces = whole_shipments(sized(_alike(estimator, numbered(tables))))
    return in_order(lambda piece: estimator.finish(piece), pieces, threads)  # type: ignore[arg-type]


def _tables(batches: Any) -> Iterator[pa.Table]:
    batches = collected(batches)
    if is_table(batches) and not isinstance(batches, pa.Table | pa.RecordBatch):
        batches = [batches]
    elif hasattr(batches, "__arrow_c_stream__"):
        batches = pa.RecordBatchReader.from_stream(batches)
    for batch in batches:
        yield (
            batch
            if isinstance(batch, pa.Table)
            else pa.Table.from_batches([batch])
            if isinstance(batch, pa.RecordBatch)
            else _arrow(batch)
        )


def _arrow(batch: Any) -> pa.Table:
    try:
        return arrow_table(collected(batch))
    except (pa.ArrowException, NotImplementedError, TypeError, ValueError) as error:
        raise ShipmentError(
            f"a batch that is a {type(batch).__name__} cannot be read as Arrow:"
            f" {' '.join(str(error).split())}"
        ) from None


def _alike(estimator: Estimator, pieces: Iterable[Rows]) -> Iterator[Rows]:
    """Pieces with the columns of the first one; what nothing reads of them is reported here, before any of
    them is estimated."""
    schema: pa.Schema | None = None
    for rows in pieces:
        if schema is None:
            schema = rows.table.schema.remove_metadata()
            estimator.warn_of_columns(schema.names)
        yield rows._replace(table=cast_to_schema(rows.table, schema, rows.first))
