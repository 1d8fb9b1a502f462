"""Parquet files joined by their bytes: every reader finds in the whole what it finds in the parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tariffcalc.errors import EngineError
from tariffcalc.io.parquet_join import join_parquet


def part(first: int, size: int) -> pa.Table:
    rows = range(first, first + size)
    return pa.table(
        {
            "number": pa.array(rows, pa.int64()),
            "float": pa.array([row / 7 for row in rows], pa.float64()),
            "text": pa.array([None if row % 5 == 0 else f"text {row % 11}" for row in rows], pa.string()),
            "coded": pa.array([f"word {row % 3}" for row in rows], pa.string()).dictionary_encode(),
            "money": pa.array(rows, pa.int64()).cast(pa.decimal128(30, 2)),
            "flag": pa.array([row % 2 == 0 for row in rows], pa.bool_()),
            "several": pa.array([[row] * (row % 4) for row in rows], pa.list_(pa.int64())),
            "empty": pa.nulls(size, pa.string()),
        }
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"write_page_index": True},
        {"compression": "zstd", "write_page_checksum": True},
        {"data_page_version": "2.0"},
    ],
)
@pytest.mark.parametrize("sizes", [(10,), (700, 1, 350), (200, 0, 90), tuple([3] * 40)])
def test_the_whole_holds_the_parts(tmp_path: Path, sizes: tuple[int, ...], options: dict[str, Any]) -> None:
    tables, paths, first = [], [], 0
    for number, size in enumerate(sizes):
        tables.append(part(first, size))
        paths.append(tmp_path / f"{number}.parquet")
        pq.write_table(tables[-1], paths[-1], row_group_size=100, **options)
        first += size
    target = tmp_path / "whole.parquet"
    join_parquet(paths, target)
    whole = pa.concat_tables(tables)
    assert pq.ParquetFile(target, page_checksum_verification=True).read().equals(whole)
    assert pq.read_table(target, filters=[("number", ">", first // 2)]).num_rows == max(
        first - first // 2 - 1, 0
    )
    groups = pq.read_metadata(target)
    assert not any(
        groups.row_group(group).column(0).has_offset_index for group in range(groups.num_row_groups)
    )  # it would name places in the parts
    frame = pl.read_parquet(target)
    assert frame["number"].to_list() == list(range(first))
    assert frame["money"].sum() == sum(range(first))
    assert target.stat().st_size < sum(path.stat().st_size for path in paths) + 64


def test_duckdb_reads_the_whole(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    for number in range(3):
        pq.write_table(
            part(number * 500, 500), tmp_path / f"{number}.parquet", row_group_size=200, write_page_index=True
        )
    join_parquet([tmp_path / f"{number}.parquet" for number in range(3)], tmp_path / "whole.parquet")
    found = duckdb.sql(
        f"SELECT count(*), sum(number), min(text) FROM '{tmp_path}/whole.parquet' WHERE number >= 499"
    ).fetchall()
    assert found == [(1001, sum(range(499, 1500)), "text 0")]


def test_parts_that_differ_are_refused(tmp_path: Path) -> None:
    pq.write_table(part(0, 5), tmp_path / "0.parquet")
    pq.write_table(part(5, 5).drop_columns(["flag"]), tmp_path / "1.parquet")
    with pytest.raises(EngineError, match="has other columns than"):
        join_parquet([tmp_path / "0.parquet", tmp_path / "1.parquet"], tmp_path / "whole.parquet")


def test_a_part_that_is_torn_is_refused(tmp_path: Path) -> None:
    pq.write_table(part(0, 500), tmp_path / "0.parquet")
    (tmp_path / "0.parquet").write_bytes((tmp_path / "0.parquet").read_bytes()[:-5])
    with pytest.raises(EngineError, match="no Parquet file"):
        join_parquet([tmp_path / "0.parquet"], tmp_path / "whole.parquet")
