"""Dask in and out: a Dask frame of lines, estimated partition by partition where the partitions are.

The compiled law is one node of the task graph: Dask brings it once to each worker, where it is unpacked once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.declaration.frames import with_columns
from tariffcalc.declaration.names import unused_columns, warn_of_unused
from tariffcalc.scale.broadcast import SerializedLaw
from tariffcalc.scale.output_columns import OutputColumns
from tariffcalc.tariff import Tariff

try:
    import dask
    import dask.dataframe as dd
except ImportError:
    raise ImportError("scale.dask needs Dask: pip install 'tariffcalc[dask]'") from None

if TYPE_CHECKING:
    import pandas as pd

KEEP = ("totals", "programs")


def estimate(
    tariff: Tariff,
    frame: dd.DataFrame,
    *,
    fees: bool = True,
    keep: str = "totals",
    codes_of_other_years: bool = False,
) -> dd.DataFrame:
    """What the lines of a Dask frame owe: the same frame with its added columns, index kept.

    Parameters
    ----------
    tariff : Tariff
        The law, amended or not.
    frame : dask.dataframe.DataFrame
        With the columns of ``Tariff.estimate``.  With fees and a column ``shipment``, rows move between
        partitions so that no shipment is in two; otherwise rows stay where they are.
    fees, codes_of_other_years
        See ``Tariff.estimate``.
    keep : "totals" or "programs"
        See ``estimate_batches``.

    Returns
    -------
    dask.dataframe.DataFrame
        Rows that cannot be assessed have no duty; ``tariff.estimate`` of those rows says why.

    Examples
    --------
    >>> import dask.dataframe as dd, pandas as pd, tariffcalc as tc
    >>> lines = pd.DataFrame({"commodity": "6109.10.00.12", "origin": "IN", "value": [10000, 20000]})
    >>> lines["entered"] = "2025-04-09"
    >>> frame = dd.from_pandas(lines, npartitions=2)
    >>> estimated = tc.scale.dask.estimate(tc.load("us"), frame, fees=False)
    >>> estimated["duty"].compute(scheduler="sync").tolist()
    [4250.0, 8500.0]
    """
    meta = OutputColumns(tariff.law, keep, fees, KEEP).added_to(frame._meta)
    names = [str(name) for name in frame.columns]
    warn_of_unused(tariff.law, names, unused_columns(tariff.law, names))
    if fees and "shipment" in frame.columns:
        frame = frame.shuffle(on="shipment")
    law = SerializedLaw.of(tariff.law)
    node = dask.delayed(law, name=f"tariffcalc-law-{law.key}", traverse=False)
    return frame.map_partitions(_estimate_partition, node, fees, keep, codes_of_other_years, meta=meta)


def _estimate_partition(
    part: pd.DataFrame, law: SerializedLaw, fees: bool, keep: str, codes_of_other_years: bool
) -> Any:
    tariff = law.tariff()
    kept = OutputColumns(tariff.law, keep, fees, KEEP)
    if not len(part):
        return kept.added_to(part)
    return with_columns(
        part,
        kept.columns(
            Assessed.of(
                tariff.law, part, fees, codes_of_other_years=codes_of_other_years, columns_warned_of=True
            )
        ),
    )
