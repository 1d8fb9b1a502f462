"""The same estimate on the workers of other engines: Dask, DuckDB, Spark."""
