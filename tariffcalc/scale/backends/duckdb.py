"""DuckDB in and out: a query or relation of lines, estimated as it streams through, is a relation again.

Rows go through as Arrow batches: neither the lines nor the result is ever held whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from tariffcalc.io.batches import MOST_ROWS
from tariffcalc.scale.stream import Estimator, estimate_stream
from tariffcalc.tariff import Tariff

try:
    import duckdb
except ImportError:
    raise ImportError("scale.duckdb needs DuckDB: pip install 'tariffcalc[duckdb]'") from None


class _Estimated:
    """A stream of finished batches for whoever asks for Arrow; estimated anew each time it is read, and not
    before."""

    def __init__(self, estimator: Estimator, source: duckdb.DuckDBPyRelation) -> None:
        self._estimator, self._source = estimator, source
        self._schema = estimator.kept.schema(source.limit(0).to_arrow_table().schema)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return pa.RecordBatchReader.from_batches(self._schema, self._batches()).__arrow_c_stream__(
            requested_schema
        )

    def _batches(self) -> Iterator[pa.RecordBatch]:
        yield from estimate_stream(self._estimator, self._source.to_arrow_reader(MOST_ROWS))


def estimate(
    tariff: Tariff,
    source: duckdb.DuckDBPyRelation | str,
    connection: duckdb.DuckDBPyConnection | None = None,
    *,
    fees: bool = True,
    keep: str = "totals",
    on_problem: str = "keep",
    codes_of_other_years: bool = False,
) -> duckdb.DuckDBPyRelation:
    """What the lines of a query owe, as a relation.

    Parameters
    ----------
    tariff : Tariff
        The law.
    source : DuckDBPyRelation or str
        A relation, or SQL.  The rows of a shipment must be next to each other: ``ORDER BY shipment``.
    connection : DuckDBPyConnection, optional
        The connection that the source belongs to; DuckDB's own if left out.
    fees, keep, on_problem, codes_of_other_years
        See ``estimate_batches``.

    Returns
    -------
    DuckDBPyRelation
        On a cursor of the connection, since DuckDB does not run a query inside another of the same cursor:
        write it (``to_parquet``, ``create``) or ask it further questions by its methods.  It is estimated
        anew each time it is read.

    Examples
    --------
    >>> import duckdb, tariffcalc as tc
    >>> lines = '''
    ...     SELECT '6109.10.00.12' commodity, 'IN' origin, DATE '2025-04-09' entered, 10000 * i AS value
    ...     FROM range(1, 3) t(i)'''
    >>> tc.scale.duckdb.estimate(tc.load("us"), lines, fees=False).sum("duty").fetchall()
    [(12750.0,)]
    """
    base = connection if connection is not None else duckdb.default_connection()
    relation = base.cursor().sql(source) if isinstance(source, str) else source
    estimator = Estimator(tariff, keep, fees, on_problem, codes_of_other_years)
    return base.cursor().from_arrow(_Estimated(estimator, relation))
