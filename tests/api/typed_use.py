"""What the type checker knows of results: the checker reads this file beside the package, nobody runs it."""

from typing import assert_type

import pandas as pd
import polars as pl
import pyarrow as pa

import tariffcalc as tc


def kinds_of_tables(
    us: tc.Tariff, shipment: tc.Shipment, of_pandas: pd.DataFrame, of_polars: pl.DataFrame, of_arrow: pa.Table
) -> None:
    """A table of results is of the kind that was given; of a shipment it is one of pandas."""
    assert_type(us.estimate(shipment), tc.Estimate[pd.DataFrame])
    assert_type(us.estimate(of_pandas).frame, pd.DataFrame)
    assert_type(us.estimate(of_polars, fees=False).frame, pl.DataFrame)
    assert_type(us.estimate(of_polars).problems, pd.DataFrame)
    assert_type(us.facts("steel"), pd.DataFrame)
    assert_type(us.timeline("6109.10.00.12", "IN"), pd.DataFrame)
    assert_type(tc.compare(us.estimate(of_pandas), us.estimate(of_polars)).by("chapter"), pd.DataFrame)
