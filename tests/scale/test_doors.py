"""DuckDB, Dask and Spark owe to the cent what one process owes, under amended and earlier law too, and ship
the law once."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.scale.broadcast import SerializedLaw

TOTALS = ["duty", "fees", "total", "effective_rate"]


@pytest.fixture
def early(lines: pa.Table) -> pa.Table:
    """The lines entered before 2026-02-01, so that law as known then covers them."""
    return lines.filter(pa.compute.less(lines["entered"], pa.scalar("2026-02-01").cast(pa.date32())))


@pytest.fixture(scope="module")
def laws(us: tc.Tariff) -> list[tc.Tariff]:
    """The law as it is, amended, and as it was known."""
    return [us, us.amend("india-at-18-percent"), tc.load("us", known_on="2026-02-01")]


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame, names: list[str]) -> None:
    for name in names:
        one, other = found[name].tolist(), wanted[name].tolist()
        assert [None if a != a else a for a in one] == [None if b != b else b for b in other], name


# --- DuckDB
# ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def duck(early: pa.Table) -> Any:
    connection = pytest.importorskip(
        "duckdb", reason="DuckDB is not installed: pip install 'tariffcalc[duckdb]'"
    ).connect()
    connection.register("given", early)
    connection.execute("CREATE TABLE lines AS SELECT * FROM given")
    return connection


def test_duckdb_relation_in_and_out(
    laws: list[tc.Tariff], duck: Any, early: pa.Table, tmp_path: Path
) -> None:
    for tariff in laws:
        out = tc.scale.duckdb.estimate(tariff, duck.sql("SELECT * FROM lines"), duck, keep="programs")
        wanted = tariff.estimate(early).frame.to_pandas()
        assert_same(out.df(), wanted, ["commodity", *TOTALS, "us.mpf", "us.column-1"])
    out.create("finished")
    assert duck.sql("SELECT count(*), count(duty) FROM finished").fetchall() == [
        (early.num_rows, int(wanted["duty"].notna().sum()))
    ]
    out.to_parquet(str(tmp_path / "out.parquet"))
    assert_same(pq.read_table(tmp_path / "out.parquet").to_pandas(), wanted, TOTALS)


def test_duckdb_query_in(us: tc.Tariff, duck: Any, early: pa.Table) -> None:
    out = tc.scale.duckdb.estimate(us, "SELECT * FROM lines WHERE origin = 'IN'", duck, fees=False)
    wanted = us.estimate(early.filter(pa.compute.equal(early["origin"], "IN")), fees=False).known_duty
    assert round(out.sum("duty").fetchall()[0][0], 2) == float(wanted)
    assert out.columns == [*early.column_names, "duty", "effective_rate"]
    postings = tc.scale.duckdb.estimate(us, "SELECT * FROM lines", duck, keep="postings")
    assert len(postings.filter("outcome <> 'refused'").fetchall()) == len(us.estimate(early).ledger)
    with pytest.raises(Exception, match="are not next to each other"):
        tc.scale.duckdb.estimate(
            us, "SELECT * FROM lines UNION ALL (SELECT * FROM lines LIMIT 1)", duck
        ).fetchall()


def test_duckdb_streams(us: tc.Tariff, duck: Any) -> None:
    """A relation is not worked out before it is read, nor further than it is."""
    import tracemalloc

    row = (
        "SELECT '6109.10.00.12' commodity, 'IN' origin, DATE '2025-04-09' entered, 100 AS value FROM"
        " range(100000000000)"
    )
    tracemalloc.start()
    out = tc.scale.duckdb.estimate(us, row, duck, fees=False)
    assert out.columns[-2:] == ["duty", "effective_rate"]
    reader = out.to_arrow_reader(1000)
    assert reader.read_next_batch()["duty"][0].as_py() == 42.5
    assert tracemalloc.get_traced_memory()[1] < 300_000_000
    tracemalloc.stop()
    reader.close()


# --- Dask
# ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes on this machine."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed: pip install 'tariffcalc[dask]'"
    )
    pytest.importorskip("dask.dataframe")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
            ) as made,
            distributed.Client(made),
        ):
            yield made


def dask_frame(lines: pa.Table, parts: int) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(
        lines.to_pandas().assign(place=range(lines.num_rows)).set_index("place"), npartitions=parts
    )


@pytest.mark.filterwarnings("ignore")
def test_dask_on_processes(laws: list[tc.Tariff], cluster: Any, early: pa.Table) -> None:
    frame = dask_frame(early, 5)
    for tariff in laws:
        out = tc.scale.dask.estimate(tariff, frame, keep="programs")
        found = out.compute()
        assert found.columns.tolist() == out.columns.tolist()
        assert [str(kind) for kind in found.dtypes] == [str(kind) for kind in out.dtypes]
        assert found.index.name == "place"
        assert_same(
            found.sort_index(),
            tariff.estimate(early).frame.to_pandas(),
            ["commodity", *TOTALS, "us.mpf", "us.column-1"],
        )


@pytest.mark.filterwarnings("ignore")
def test_dask_keeps_rows_where_they_are_without_shipments(
    us: tc.Tariff, cluster: Any, early: pa.Table
) -> None:
    frame = dask_frame(early.drop_columns(["shipment"]), 3)
    out = tc.scale.dask.estimate(us, frame)
    assert out.divisions == frame.divisions
    assert_same(out.compute(), us.estimate(early.drop_columns(["shipment"])).frame.to_pandas(), TOTALS)
    none = tc.scale.dask.estimate(us, frame[frame["value"] == "nothing"])
    assert none.compute().columns.tolist() == out.columns.tolist()
    taken = frame.rename(columns={"claims": "duty"})
    assert tc.scale.dask.estimate(us, taken, fees=False).compute().columns.tolist()[-3:] == [
        "given_duty",
        "duty",
        "effective_rate",
    ]


@pytest.mark.filterwarnings("ignore")
def test_dask_ships_the_law_once_to_each_worker(us: tc.Tariff, cluster: Any, early: pa.Table) -> None:
    from distributed import get_client

    out = tc.scale.dask.estimate(us, dask_frame(early, 20))
    graph = out.optimize().dask
    packed = len(SerializedLaw.of(us.law).packed)
    assert packed < len(pickle.dumps(dict(graph))) < packed + 400_000  # in twenty tasks, once
    from tariffcalc.scale import broadcast

    client = get_client()
    before = client.run(lambda: [broadcast._held.clear(), len(broadcast._held)][1])
    assert set(before.values()) == {0}
    out.compute()
    assert set(client.run(lambda: len(broadcast._held)).values()) <= {0, 1}


@pytest.mark.filterwarnings("ignore")
def test_dask_survives_the_death_of_a_worker(us: tc.Tariff, cluster: Any, early: pa.Table) -> None:
    from distributed import get_client

    client = get_client()

    def slowly(part: pd.DataFrame) -> pd.DataFrame:
        time.sleep(0.2)
        return part

    frame = dask_frame(early, 24)
    future = client.compute(tc.scale.dask.estimate(us, frame.map_partitions(slowly, meta=frame._meta)))
    time.sleep(0.8)
    assert not future.done()
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
    found = future.result(timeout=120)
    assert_same(found.sort_index(), us.estimate(early).frame.to_pandas(), TOTALS)


def test_dask_without_a_cluster(us: tc.Tariff, early: pa.Table) -> None:
    pytest.importorskip("dask.dataframe", reason="Dask is not installed: pip install 'tariffcalc[dask]'")
    out = tc.scale.dask.estimate(us, dask_frame(early, 3), fees=False)
    assert_same(
        out.compute(scheduler="threads"),
        us.estimate(early, fees=False).frame.to_pandas(),
        ["duty", "effective_rate"],
    )
    with pytest.raises(ValueError, match="keep is 'postings': give 'totals' or 'programs'"):
        tc.scale.dask.estimate(us, dask_frame(early, 3), keep="postings")


# --- Spark
# ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spark(repository: Path) -> Iterator[Any]:
    """Spark in this machine's Java, two worker processes, each task tried up to three times."""
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed: pip install 'tariffcalc[spark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, which is not there")
    patch = pytest.MonkeyPatch()
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    patch.setenv("PYTHONPATH", str(repository))
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "OFF",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        builder = sql.SparkSession.builder.master("local[2,3]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()
    patch.undo()


def spark_frame(spark: Any, lines: pa.Table) -> Any:
    kinds = ", ".join(
        f"{name}"
        f" {'date' if name == 'entered' else 'bigint' if name in ('quantity_kg', 'place') else 'string'}"
        for name in lines.column_names
    )
    return spark.createDataFrame([tuple(row.values()) for row in lines.to_pylist()], kinds)


@pytest.mark.filterwarnings("ignore")
def test_spark_on_worker_processes(us: tc.Tariff, laws: list[tc.Tariff], spark: Any, early: pa.Table) -> None:
    frame = spark_frame(spark, early.append_column("place", pa.array(range(early.num_rows))))
    for tariff in laws:
        out = tc.scale.spark.estimate(tariff, frame.repartition(5), keep="programs")
        rows = sorted((row.asDict() for row in out.collect()), key=lambda row: row["place"])
        assert_same(
            pd.DataFrame(rows),
            tariff.estimate(early).frame.to_pandas(),
            ["commodity", *TOTALS, "us.mpf", "us.column-1"],
        )
    names = [field.name for field in out.schema.fields]
    assert names[: len(early.column_names)] == early.column_names
    assert names[len(early.column_names) + 1 :][:4] == TOTALS
    taken = tc.scale.spark.estimate(us, frame.withColumnRenamed("claims", "duty"), fees=False)
    assert taken.columns[-4:] == ["given_duty", "place", "duty", "effective_rate"]
    assert taken.count() == early.num_rows


@pytest.mark.filterwarnings("ignore")
def test_spark_tries_again_when_a_worker_dies(
    us: tc.Tariff, spark: Any, early: pa.Table, tmp_path: Path
) -> None:
    died = tmp_path / "died"

    def die_once(batches: Any) -> Any:
        if not died.exists():
            died.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        yield from batches

    frame = spark_frame(spark, early.drop_columns(["shipment"])).repartition(3)
    frame = frame.mapInArrow(die_once, frame.schema)
    total = tc.scale.spark.estimate(us, frame, fees=False).agg({"duty": "sum"}).collect()[0][0]
    assert died.exists()
    assert round(total, 2) == float(us.estimate(early, fees=False).known_duty)


def test_a_door_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for door, module, extra in (
        ("duckdb", "duckdb", "duckdb"),
        ("dask", "dask", "dask"),
        ("spark", "pyspark.sql", "spark"),
    ):
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.delitem(sys.modules, f"tariffcalc.scale.backends.{door}", raising=False)
        with pytest.raises(ImportError, match=rf"pip install 'tariffcalc\[{extra}\]'"):
            import_module(f"tariffcalc.scale.backends.{door}")


def test_there_is_no_other_door() -> None:
    with pytest.raises(AttributeError, match="no attribute 'ray'"):
        tc.scale.ray  # noqa: B018
