"""Columns of every type, rows of any size: what cannot be read costs its row only, and sums are exact however
large."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.engine.sums import exact_sums_by, sums_by, total_of
from tariffcalc.io.output import Writer
from tariffcalc.scale import estimate_batches, estimate_dataset
from tariffcalc.scale.backends import duckdb as of_duckdb
from tariffcalc.views.totals import EstimateTotals
from tariffcalc.views.totals_table import totals_table

LINES = pa.table(
    {
        "commodity": ["6109.10.00.12"] * 2,
        "origin": ["IN"] * 2,
        "entered": ["2025-09-01"] * 2,
        "value": [1000.0, 1000.0],
    }
)
DUTY = 665.0  # 16.5% + 25% + 25% of 1,000

# every type of Arrow, with two values
TYPES = {
    "null": pa.nulls(2), "view": pa.array(["a", "b"], pa.string_view()), "list": pa.array([[1], [2]]),
    "record": pa.array([{"a": 1}, {"a": 2}]),
    "decimal": pa.array([Decimal("1.10"), None]),
    "wide decimal": pa.array([Decimal("1.10"), None], pa.decimal256(50, 2)),
    "bytes": pa.array([b"\xff", b"b"]), "view of bytes": pa.array([b"\xff", b"b"], pa.binary_view()),
    "moment": pa.array([datetime(2025, 1, 1)] * 2),
    "moment of a zone": pa.array([datetime(2025, 1, 1)] * 2, pa.timestamp("us", "UTC")),
    "while": pa.array([timedelta(1)] * 2),
    "hour": pa.array([time(1)] * 2),
    "half": pa.array(np.array([1.5, 2.5], np.float16)),
    "map": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
    "some bytes": pa.array([b"ab", b"cd"], pa.binary(2)), "coded": pa.array(["a", "b"]).dictionary_encode(),
    "coded views": pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", "b"], pa.string_view())),
    "large": pa.array(["a", "b"], pa.large_string()), "truth": pa.array([True, None]),
    "coded numbers": pa.array([1, 2]).dictionary_encode(),
    "unsigned": pa.array([2**63, 1], pa.uint64()),
    "far day": pa.array([2**30, 1], pa.int32()).cast(pa.date32()),
    "day": pa.array([date(2025, 1, 1)] * 2),
}  # fmt: skip
COLUMNS = (
    "shipment",
    "claims",
    "loaded",
    "transport",
    "quantity_kg",
    "value",
    "commodity",
    "origin",
    "entered",
    "currency",
    "note",
)


def with_column(name: str, column: Any) -> pa.Table:
    if name in LINES.column_names:
        return LINES.set_column(LINES.column_names.index(name), name, column)
    return LINES.append_column(name, column)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", TYPES)
def test_a_column_of_any_type_in_every_way_in(us: tc.Tariff, kind: str, tmp_path: Path) -> None:
    """No way in ends in a traceback; all of them give the same duty.  A column that nothing reads, or that is
    empty, changes nothing."""
    for name in COLUMNS:
        table = with_column(name, TYPES[kind])
        wanted = us.estimate(table, fees=False).frame["duty"].to_pylist()
        if name == "note" or (kind == "null" and name not in LINES.column_names):
            assert wanted == [DUTY, DUTY], name
        found = [
            row
            for batch in estimate_batches(us, table.to_batches(), fees=False)
            for row in batch["duty"].to_pylist()
        ]
        assert found == wanted, (name, "batches")
        if kind == "coded views":  # which no Parquet file holds
            continue
        pq.write_table(table, tmp_path / "in.parquet")
        total = estimate_dataset(us, tmp_path / "in.parquet", tmp_path / "out.parquet", fees=False)
        assert pq.read_table(total.target)["duty"].to_pylist() == wanted, (name, "dataset")


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_of_any_type_is_written(kind: str, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx", "parquet"):
        for marked in (False, True) if ending == "csv" else (False,):
            with Writer(str(tmp_path / f"out.{ending}"), for_spreadsheets=marked) as writer:
                writer.write(with_column("note", TYPES[kind]))
        assert (tmp_path / f"out.{ending}").stat().st_size > 100


def test_an_empty_column_of_shipments_out_of_duckdb(us: tc.Tariff) -> None:
    assert duckdb.from_arrow(LINES).aggregate("count(*)").fetchall() == [(2,)]
    query = (
        "SELECT *, NULL AS shipment FROM (VALUES ('6109.10.00.12', 'IN', DATE '2025-09-01', 1000))"
        " t(commodity, origin, entered, value)"
    )
    assert of_duckdb.estimate(us, query, fees=False).project("duty").fetchall() == [(DUTY,)]


OF_POLARS = {
    "whole numbers of 128 bits": pl.Series([1, 2], dtype=pl.Int128),
    "choices": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
    "categories": pl.Series(["a", "b"], dtype=pl.Categorical), "lists": pl.Series([[1], [2]]),
    "records": pl.Series([{"a": 1}, {"a": 2}]),
    "arrays": pl.Series([[1, 2]] * 2, dtype=pl.Array(pl.Int64, 2)), "nothing": pl.Series([None, None]),
    "objects": pl.Series([1, "x"], dtype=pl.Object),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", OF_POLARS)
def test_a_column_of_any_type_of_polars(us: tc.Tariff, kind: str) -> None:
    lines = pl.from_arrow(LINES)
    assert isinstance(lines, pl.DataFrame)
    for name in COLUMNS:
        table = lines.with_columns(OF_POLARS[kind].alias(name))
        wanted = us.estimate(table, fees=False).frame["duty"].to_list()
        found = [
            row for batch in estimate_batches(us, table, fees=False) for row in batch["duty"].to_pylist()
        ]
        assert found == wanted, name


def test_whole_numbers_of_128_bits_are_exact(us: tc.Tariff) -> None:
    table = pl.DataFrame(
        {
            "commodity": "6109.10.00.12",
            "origin": "IN",
            "entered": "2025-09-01",
            "value": pl.Series([1000, 10**30], dtype=pl.Int128),
        }
    )
    estimate = us.estimate(table, fees=False)
    assert estimate.frame["duty"].to_list() == [DUTY, None]
    assert estimate.problems["code"].to_list()[0] == "too-large"
    assert estimate.frame["value"].dtype == pl.Int128  # the column comes back as it was


def test_a_lazy_frame_is_collected_with_a_word(us: tc.Tariff) -> None:
    lazy = pl.from_arrow(LINES).lazy()  # type: ignore[union-attr]
    with pytest.warns(UserWarning, match="the LazyFrame is collected"):
        estimate = us.estimate(lazy, fees=False)
    assert isinstance(estimate.frame, pl.DataFrame)
    assert estimate.frame["duty"].to_list() == [DUTY, DUTY]
    with pytest.warns(UserWarning, match="the LazyFrame is collected"):
        assert [batch["duty"].to_pylist() for batch in estimate_batches(us, lazy, fees=False)] == [
            [DUTY, DUTY]
        ]


# --- rows of any size
# ------------------------------------------------------------------------------------------------------------

LAND = {"us": ("6109.10.00.12", "IN", "2025-09-01"), "india": ("1001.99.10", "US", "2026-03-02")}


@pytest.mark.parametrize("land", LAND)
def test_an_absurd_row_costs_itself_only(land: str, request: pytest.FixtureRequest) -> None:
    """Every number that can be declared, as large as may be: the rows beside it owe what they owe, and
    nothing is below 0."""
    tariff: tc.Tariff = request.getfixturevalue(land)
    row = dict(zip(("commodity", "origin", "entered"), LAND[land], strict=True)) | {"value": "1000"}
    facts = tariff.law.facts.values()
    names = [
        fact.name
        for fact in facts
        if fact.type in ("number", "share", "money") and not (fact.share_of or fact.product_of)
    ]
    names += ["freight", "insurance", "additions", "exchange_rate", "value", "quantity_kg", "quantity_no"]
    rates = [fact.name for fact in facts if fact.type == "share" and fact.name.endswith("_rate")]
    wanted = tariff.estimate(pd.DataFrame([row] * 2)).frame["duty"].tolist()
    for name in names:
        for amount in ("1e12", "1e15", "3e10"):
            wrong = row | {"value": "1e8"} | {name: "100000000000000%" if name in rates else amount}
            wrong |= {"currency": "EUR"} if name == "exchange_rate" else {}
            found = tariff.estimate(pd.DataFrame([row, wrong, row]).astype(object)).frame
            assert np.array_equal(found["duty"].to_numpy()[::2], wanted, equal_nan=True), name
            assert not (found.select_dtypes("float").to_numpy() < 0).any(), name


def test_a_rate_that_gives_more_than_can_be_held_is_refused(us: tc.Tariff) -> None:
    """1e12 times a value of 1e8 is 1e20, beyond what a line can owe."""
    row = {
        "commodity": "6109.10.00.12",
        "origin": "IN",
        "entered": "2025-09-01",
        "value": "1e8",
        "antidumping_rate": "100000000000000%",
    }
    (problem,) = (
        us.estimate(pd.DataFrame([row]), fees=False).problems.query("severity == 'refused'").itertuples()
    )
    assert (problem.code, problem.supply) == ("too-large", "check antidumping_rate and value")


def test_a_quantity_that_a_high_rate_could_not_be_held_on_is_refused(us: tc.Tariff) -> None:
    """At $999,999 a kilogram 1e8 kg owe 9.99999e13; on 1e12 kg it would be 1e18 dollars, beyond what a line
    can owe: that row alone is refused."""
    dear = us.amend(
        tc.Scenario("dear").set_duty("us.s122/surcharge", "$999,999/kg", on_or_after="2026-03-01")
    )
    row = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2026-03-10", "value": "1000"}
    table = pd.DataFrame([row | {"quantity_kg": kg} for kg in ("1e8", "999999999999", "5")])
    estimate = dear.estimate(table, fees=False, on_problem="keep")
    assert (
        estimate.frame["us.s122"].tolist()[::2] == [99_999_900_000_000, 4_999_995]
        and estimate.frame["us.s122"].isna().tolist()[1]
    )
    assert estimate.problems.query("severity == 'refused'")[["row", "code"]].values.tolist() == [
        [1, "too-large"]
    ]


def test_sums_beyond_64_bits_are_exact(us: tc.Tariff) -> None:
    """24,000 lines of 4e12 are 9.6e16, in cents more than 64 bits hold; the duty of 66.5% is 6.384e16, that
    of each line 2.66e12."""
    table = pd.DataFrame(
        {"commodity": ["6109.10.00.12"] * 24_000, "origin": "IN", "entered": "2025-09-01", "value": 4e12}
    )
    estimate = us.estimate(table, fees=False)
    assert estimate.known_value == Decimal("9.6e16")
    assert estimate.known_duty == Decimal("6.384e16")
    total = EstimateTotals.of(estimate)
    assert (total.value, total.duty) == (Decimal("9.6e16"), Decimal("6.384e16"))
    # of the 66.5%: 16.5% in column 1, and twice 25%
    assert {name: total.programs[name] for name in ("us.column-1", "us.ieepa.reciprocal")} == {
        "us.column-1": 1_584 * 10**15, "us.ieepa.reciprocal": 24 * 10**17,
    }  # fmt: skip
    assert totals_table(total)["amount"].to_pylist()[0] == 9.6e16
    more = us.estimate(pd.concat([table] * 3, ignore_index=True), fees=False)
    assert (more.known_value, more.known_duty) == (Decimal("2.88e17"), Decimal("1.9152e17"))
    assert EstimateTotals.of(more).programs["us.ieepa.reciprocal"] == 72 * 10**17
    # by chapter the sums are floats, which do not wrap
    assert tc.compare(estimate, estimate).by("chapter")["value"].tolist() == [9.6e16]


def test_the_fee_of_a_shipment_beyond_64_bits(us: tc.Tariff) -> None:
    """24,000 lines of 4e12 in one shipment: the merchandise processing fee is its most, and the limit of
    value of a claim is passed."""
    table = pd.DataFrame(
        {
            "commodity": ["6109.10.00.12"] * 24_000,
            "origin": "IN",
            "entered": "2025-09-01",
            "value": 4e12,
            "shipment": "one",
        }
    )
    frame = us.estimate(table.assign(transport="air")).frame
    assert frame["us.mpf"].sum() == pytest.approx(634.62)  # of fiscal year 2025: 32.71 to 634.62
    assert (frame["us.mpf"] >= 0).all()


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_sums(dtype: Any) -> None:
    chance = random.Random(3)
    amounts = np.array([chance.randrange(-(2**62), 2**62) for _ in range(1000)], dtype)
    groups = np.array([chance.randrange(7) for _ in range(1000)])
    wanted = [
        sum(int(amount) for amount, group in zip(amounts, groups, strict=True) if group == each)
        for each in range(7)
    ]
    assert total_of(amounts) == sum(wanted)
    assert exact_sums_by(groups, amounts, 7).tolist() == wanted
    assert sums_by(groups, np.abs(amounts), 7).tolist() == [2**62] * 7
    assert total_of(amounts[:0]) == 0


# --- spelling, and the order of rows
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["ß", "ﬁ", "ﬆ", "ſs", "İN", "ıN"])
def test_no_letter_stands_for_two(us: tc.Tariff, origin: str) -> None:
    """The small letters of ß are ss; South Sudan is not meant."""
    table = pd.DataFrame(
        {"commodity": ["6109.10.00.12"], "origin": origin, "entered": "2025-09-01", "value": 1000}
    )
    problems = us.estimate(table, fees=False).problems
    assert problems["code"].to_list()[0] == "unknown-origin"
    for name in ("currency", "transport", "value_basis"):
        wrong = table.assign(origin="IN", **{name: origin.replace("N", "NR")})
        assert set(us.estimate(wrong, fees=False).problems["severity"]) >= {"refused"}, name


def test_shares_of_a_fee_do_not_depend_on_the_order_of_the_rows(us: tc.Tariff) -> None:
    """Lines of equal value and other codes too: each line keeps its cents wherever its row is."""
    chance = random.Random(11)
    codes = ["6109.10.00.12", "8471.30.01.00", "4202.21.60.00", "7208.51.00.30"]
    rows = [
        {"commodity": chance.choice(codes), "origin": chance.choice(["IN", "CN"]), "entered": "2025-09-01",
         "value": chance.choice([7, 10, 10, 33]),
         "shipment": f"{number // 7}", "transport": "air", "quantity_kg": chance.choice([1, 2]),
         "line": number}
        for number in range(210)
    ]  # fmt: skip
    keys = ["shipment", "commodity", "origin", "value", "quantity_kg", "us.mpf"]

    def shares(table: pd.DataFrame) -> list[tuple[Any, ...]]:
        frame = us.estimate(table).frame
        assert frame["us.mpf"].notna().all()
        return sorted(frame[keys].itertuples(index=False, name=None))

    table = pd.DataFrame(rows)
    wanted = shares(table)
    for seed in range(5):
        assert shares(table.sample(frac=1, random_state=seed).reset_index(drop=True)) == wanted
