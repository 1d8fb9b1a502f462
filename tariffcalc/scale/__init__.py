"""Entry points for data larger than one table: streams of Arrow batches, datasets of files, DuckDB, Dask,
Spark.

Each runs the same kernel on batches of rows and gives the same cents as one ``estimate`` of all rows at once.
None cuts a shipment in two, and none drops a row: what cannot be assessed keeps an unknown duty.

The modules ``scale.duckdb``, ``scale.dask`` and ``scale.spark`` (of ``scale.backends``) are imported when
first used; each needs its extra (``pip install 'tariffcalc[duckdb]'``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tariffcalc.scale.dataset import DatasetTotal, estimate_dataset
    from tariffcalc.scale.stream import estimate_batches

_HOME = {"estimate_batches": "stream", "estimate_dataset": "dataset", "DatasetTotal": "dataset"}
_DOORS = ("dask", "duckdb", "spark")

__all__ = ["DatasetTotal", "estimate_batches", "estimate_dataset"]


def __getattr__(name: str) -> Any:
    if name in _DOORS:
        return import_module(f"tariffcalc.scale.backends.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'tariffcalc.scale' has no attribute {name!r}")
    return getattr(import_module(f"tariffcalc.scale.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME, *_DOORS])
