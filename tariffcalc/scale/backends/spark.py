"""Spark in and out: a Spark frame of lines, estimated as Arrow batches by the Python workers.

The compiled law is a broadcast: Spark brings it once to each machine, and every worker process unpacks it
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from tariffcalc.declaration.names import unused_columns, warn_of_unused
from tariffcalc.scale.output_columns import OutputColumns
from tariffcalc.scale.stream import Estimator, estimate_stream
from tariffcalc.tariff import Tariff

try:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DoubleType, StructField, StructType
except ImportError:
    raise ImportError(
        "scale.spark needs Spark: pip install 'tariffcalc[spark]', and Java 17 or newer"
    ) from None

from tariffcalc.scale.broadcast import SerializedLaw

KEEP = ("totals", "programs")


def estimate(
    tariff: Tariff,
    frame: DataFrame,
    *,
    fees: bool = True,
    keep: str = "totals",
    codes_of_other_years: bool = False,
) -> DataFrame:
    """What the lines of a Spark frame owe: the same frame with its added columns.

    Parameters
    ----------
    tariff : Tariff
        The law, amended or not.
    frame : pyspark.sql.DataFrame
        With the columns of ``Tariff.estimate``, in a session that has a Spark context.  With fees and a
        column ``shipment``, the rows of a shipment are brought together in one partition.
    fees, codes_of_other_years
        See ``Tariff.estimate``.
    keep : "totals" or "programs"
        See ``estimate_batches``.

    Returns
    -------
    pyspark.sql.DataFrame
        Rows that cannot be assessed have no duty; ``tariff.estimate`` of those rows says why.

    Notes
    -----
    The workers' Python (``PYSPARK_PYTHON``) needs tariffcalc installed.
    """
    kept = OutputColumns(tariff.law, keep, fees, KEEP)
    names = kept.added_to(pa.table({name: pa.nulls(0) for name in frame.columns})).column_names
    fields = [
        StructField(name, field.dataType, field.nullable, field.metadata)
        for name, field in zip(names, frame.schema.fields, strict=False)
    ]
    added = [StructField(name, DoubleType()) for name in kept.names]
    warn_of_unused(tariff.law, frame.columns, unused_columns(tariff.law, frame.columns))
    if fees and "shipment" in frame.columns:
        frame = frame.repartition("shipment").sortWithinPartitions("shipment")
    law = frame.sparkSession.sparkContext.broadcast(SerializedLaw.of(tariff.law))
    work = partial(_estimate_partition, law, fees, keep, codes_of_other_years)
    return frame.mapInArrow(work, StructType([*fields, *added]))


def _estimate_partition(
    law: Any, fees: bool, keep: str, codes_of_other_years: bool, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The batches of one partition, on a worker; Spark starts a worker for each core, so that one thread is
    enough."""
    estimator = Estimator(
        law.value.tariff(), keep, fees, "keep", codes_of_other_years, columns_warned_of=True
    )
    return estimate_stream(estimator, batches, threads=1)
