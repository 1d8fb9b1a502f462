"""Streams of batches: what they owe is what one table of all their rows owes, in the same order, whatever the
batches."""

from __future__ import annotations

from collections.abc import Iterator
from threading import current_thread
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import tariffcalc as tc
from tariffcalc.errors import ShipmentError
from tariffcalc.scale import estimate_batches
from tariffcalc.scale.stream import in_order

pytestmark = pytest.mark.usefixtures("small_pieces")


def programs_of(us: tc.Tariff, fees: bool = True) -> list[str]:
    return [program.name for program in us.law.programs if fees or program.kind == "duty"]


def test_batches_owe_what_one_table_owes(us: tc.Tariff, lines: pa.Table) -> None:
    whole = us.estimate(lines).frame
    for size in (1, 7, 250, 600):
        found = pa.Table.from_batches(
            estimate_batches(us, iter(lines.to_batches(max_chunksize=size)), keep="programs")
        )
        assert found.column_names[: lines.num_columns] == lines.column_names
        for name in [*lines.column_names, "duty", "fees", "total", "effective_rate"]:
            assert found[name].to_pylist() == whole[name].to_pylist(), (size, name)
        for name in programs_of(us):
            if name in whole.column_names:
                assert found[name].to_pylist() == whole[name].to_pylist(), (size, name)
            else:  # silent on every line: nothing where the line was read, unknown where it was not
                refused = {
                    problem["row"]
                    for problem in us.estimate(lines).problems.to_dict("records")
                    if problem["severity"] == "refused"
                }
                assert found[name].to_pylist() == [None if row in refused else 0.0 for row in range(600)]


@pytest.mark.parametrize("fees", [True, False])
@pytest.mark.parametrize("keep", ["totals", "programs", "postings"])
def test_every_batch_has_the_same_columns(us: tc.Tariff, lines: pa.Table, keep: str, fees: bool) -> None:
    batches = list(estimate_batches(us, lines, keep=keep, fees=fees))
    assert len(batches) > 5
    assert all(batch.schema == batches[0].schema for batch in batches)
    totals = ["duty", "fees", "total", "effective_rate"] if fees else ["duty", "effective_rate"]
    added = {"totals": totals, "programs": [*totals, *programs_of(us, fees)]}
    if keep in added:
        assert batches[0].schema.names == lines.column_names + added[keep]
    else:
        names = [
            "row",
            "program",
            "measure",
            "heading",
            "outcome",
            "amount",
            "base",
            "duty",
            "acts",
            "tag",
            "drawback",
            "reason",
        ]
        assert batches[0].schema.names == names


def test_postings_add_up_and_no_row_is_lost(us: tc.Tariff, lines: pa.Table) -> None:
    found = pa.Table.from_batches(estimate_batches(us, lines, keep="postings")).to_pandas()
    estimate = us.estimate(lines)
    ledger = estimate.ledger
    read = found[found["outcome"] != "refused"].reset_index(drop=True)
    assert len(read) == len(ledger)
    for name in ("row", "program", "measure", "heading", "outcome", "duty", "acts"):
        assert read[name].tolist() == ledger[name].tolist(), name
    for name in ("amount", "base"):
        assert [None if value != value else value for value in read[name]] == [
            None if value != value else value for value in ledger[name]
        ]
    assert found["row"].is_monotonic_increasing
    assert set(found["row"]) == set(range(600))
    problems = estimate.problems
    assert set(found.loc[found["outcome"] == "refused", "row"]) == set(
        problems.loc[problems["severity"] == "refused", "row"]
    )


@pytest.mark.parametrize("kind", ["reader", "polars", "pandas", "tables", "batches"])
def test_anything_that_gives_itself_as_arrow(us: tc.Tariff, lines: pa.Table, kind: str) -> None:
    parts = [lines.slice(0, 301), lines.slice(301)]
    given: Any = {
        "reader": lambda: pa.RecordBatchReader.from_batches(
            lines.schema, iter(lines.to_batches(max_chunksize=90))
        ),
        "polars": lambda: pl.from_arrow(lines),
        "pandas": lambda: [part.to_pandas() for part in parts],
        "tables": lambda: parts,
        "batches": lambda: (batch for part in parts for batch in part.to_batches()),
    }[kind]()
    found = pa.Table.from_batches(estimate_batches(us, given))
    assert found["total"].to_pylist() == us.estimate(lines).frame["total"].to_pylist()


def test_the_stream_is_read_no_further_than_needed(us: tc.Tariff, lines: pa.Table) -> None:
    read = 0

    def endless() -> Iterator[pa.RecordBatch]:
        nonlocal read
        while True:
            read += 1
            yield lines.drop_columns(["shipment"]).to_batches()[0].slice(0, 60)

    stream = estimate_batches(us, endless())
    for _ in range(3):
        next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert read <= 16


def test_rows_of_a_shipment_far_apart_are_an_error(us: tc.Tariff, lines: pa.Table) -> None:
    mixed = lines.take(np.r_[0:400, 0, 400:600])
    with pytest.raises(ShipmentError, match="rows of shipment 'entry 0' are not next to each other"):
        list(estimate_batches(us, mixed))


def test_a_bad_row_is_told_by_its_number_in_the_whole(us: tc.Tariff, lines: pa.Table) -> None:
    good = (
        us.estimate(lines, fees=False)
        .frame.filter(pa.compute.is_valid(us.estimate(lines, fees=False).frame["duty"]))
        .select(lines.column_names)
    )
    bad = (
        good.slice(0, 1)
        .set_column(3, "value", pa.array(["12,50"]))
        .set_column(4, "shipment", pa.array(["the bad one"]))
    )
    given = pa.concat_tables([good.slice(0, 333), bad, good.slice(333)]).drop_columns(["shipment"])
    with pytest.raises(ShipmentError, match=r"^row 334: .*'12,50'") as caught:
        list(estimate_batches(us, given, fees=False, on_problem="raise"))
    assert caught.value.problems[0].rows.tolist() == [333]
    assert pa.Table.from_batches(estimate_batches(us, given, fees=False))["duty"].null_count == 1


def test_a_batch_of_another_type_is_told_by_its_row(us: tc.Tariff, lines: pa.Table) -> None:
    numbers = lines.set_column(3, "value", pa.compute.cast(lines["value"], pa.float64()))
    values = numbers["value"].slice(400).cast(pa.string()).to_pylist()
    values[57] = "twelve"
    late = numbers.slice(400).set_column(3, "value", pa.array(values))
    with pytest.raises(
        ShipmentError,
        match=(
            r"^row 458: the column 'value' is string and not double as before, and 'twelve' cannot be read as"
            r" that"
        ),
    ):
        list(estimate_batches(us, [numbers.slice(0, 400), late]))
    values[57] = "12"  # a number in text is a number
    found = pa.Table.from_batches(
        estimate_batches(
            us, [numbers.slice(0, 400), numbers.slice(400).set_column(3, "value", pa.array(values))]
        )
    )
    assert found["value"][457].as_py() == 12.0
    with pytest.raises(ShipmentError, match="row 401: the column 'origin' is missing"):
        list(estimate_batches(us, [numbers.slice(0, 400), numbers.slice(400).drop_columns(["origin"])]))
    with pytest.raises(ShipmentError, match="row 401: the column 'port' is new"):
        list(
            estimate_batches(
                us, [numbers.slice(0, 400), numbers.slice(400).append_column("port", pa.nulls(200))]
            )
        )


def test_bad_options_are_told_before_anything_is_read(us: tc.Tariff) -> None:
    with pytest.raises(ValueError, match="keep is 'all': give 'totals' or 'programs' or 'postings'"):
        estimate_batches(us, iter(()), keep="all")
    with pytest.raises(ValueError, match="on_problem is 'drop'"):
        estimate_batches(us, iter(()), on_problem="drop")
    assert list(estimate_batches(us, iter(()))) == []


def test_results_come_in_order_and_errors_in_their_place() -> None:
    threads = set()

    def twice(number: int) -> int:
        threads.add(current_thread().name)
        if number == 30:
            raise ZeroDivisionError
        return number * 2

    found = []
    with pytest.raises(ZeroDivisionError):
        for each in in_order(twice, range(100), 3):
            found.append(each)
    assert found == [2 * number for number in range(30)]
    assert threads and all(name.startswith("tariffcalc") for name in threads)
