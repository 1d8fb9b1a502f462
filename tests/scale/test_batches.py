"""How runs of rows are cut: every row once and in order, no shipment in two pieces, the edges of gaps set
apart."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tariffcalc.errors import ShipmentError
from tariffcalc.io import batches
from tariffcalc.io.batches import Rows, SeenShipments, Unread, numbered, sized, whole_shipments

runs = st.lists(st.tuples(st.sampled_from([None, "", "named"]), st.integers(1, 12)), min_size=1, max_size=12)
cuts = st.lists(st.integers(0, 40), max_size=6)


def table(names: list[str | None]) -> pa.Table:
    return pa.table({"shipment": pa.array(names, pa.string()), "place": range(len(names))})


@given(runs, cuts)
def test_no_row_is_lost_and_no_shipment_cut(runs: list[tuple[str | None, int]], cuts: list[int]) -> None:
    names = [
        f"{name} {number}" if name else name for number, (name, size) in enumerate(runs) for _ in range(size)
    ]
    whole = table(names)
    edges = sorted({0, len(names), *(min(cut, len(names)) for cut in cuts)})
    given = numbered(whole.slice(start, end - start) for start, end in itertools.pairwise(edges))
    found = list(whole_shipments(given))
    assert all(isinstance(piece, Rows) and not piece.cut for piece in found)
    assert pa.concat_tables([piece.table for piece in found]).equals(whole)
    assert [piece.first for piece in found] == [piece.table["place"][0].as_py() for piece in found]
    named = [{name for name in piece.table["shipment"].to_pylist() if name} for piece in found]
    assert sum(map(len, named)) == len(set().union(*named))


@given(st.lists(st.integers(0, 300), max_size=20))
def test_pieces_are_of_a_good_size(sizes: list[int]) -> None:
    fewest, most = batches.FEWEST_ROWS, batches.MOST_ROWS
    batches.FEWEST_ROWS, batches.MOST_ROWS = 40, 100
    try:
        found = list(sized(numbered(pa.table({"a": range(size)}) for size in sizes)))
    finally:
        batches.FEWEST_ROWS, batches.MOST_ROWS = fewest, most
    assert all(isinstance(piece, Rows) and 1 <= piece.table.num_rows <= 100 for piece in found)
    assert sum(piece.end - piece.first for piece in found) == sum(sizes)
    assert all(before.end == after.first for before, after in itertools.pairwise(found))
    assert len(found) <= 2 * sum(sizes) / 40 + 2 * len(sizes) + 1


def test_shipments_at_the_edge_of_a_gap_are_set_apart() -> None:
    before, after = table(["a", "b", "b"]), table(["c", "c", "d", "d"])
    found = list(whole_shipments([Rows(0, before), Unread(3, 5, "torn"), Rows(8, after)]))
    assert [(piece.first, piece.end, getattr(piece, "cut", None)) for piece in found] == [
        (0, 1, False), (1, 3, True), (3, 8, None), (8, 10, True), (10, 12, False)
    ]  # fmt: skip
    one = list(
        whole_shipments(
            [
                Unread(0, 1, ""),
                Rows(1, table(["a"])),
                Rows(2, table(["a"])),
                Unread(3, 1, ""),
                Unread(4, 1, ""),
                Rows(5, after),
            ]
        )
    )
    assert [(piece.first, piece.end) for piece in one if getattr(piece, "cut", False)] == [(1, 3), (5, 7)]
    alone = list(whole_shipments([Rows(0, table([None, None])), Unread(2, 1, ""), Rows(3, table(["", "e"]))]))
    # a row without a shipment is one of its own
    assert not any(getattr(piece, "cut", False) for piece in alone)


def test_rows_without_shipments_pass_as_they_are() -> None:
    given = [Rows(0, pa.table({"a": [1, 2]})), Unread(2, 1, "torn"), Rows(3, pa.table({"a": [3]}))]
    assert list(whole_shipments(given)) == given


@given(st.lists(st.lists(st.text(max_size=3), max_size=9), max_size=30))
def test_passed_remembers_every_name(batches: list[list[str]]) -> None:
    passed, seen = SeenShipments(), set()
    for names in batches:
        again = passed.add(pa.chunked_array([pa.array(names, pa.string())]))
        assert (again is not None) == bool(seen & set(names))
        assert again is None or again in seen & set(names)
        seen |= set(names)


def test_shipments_of_any_type() -> None:
    for kind in (pa.int64(), pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        names = (
            pa.array(["1", "2", "2", "3"]).cast(pa.int64())
            if kind == pa.int64()
            else pa.array(["1", "2", "2", "3"]).cast(kind)
        )
        whole = pa.table({"shipment": names})
        found = list(whole_shipments(numbered(whole.slice(row, 1) for row in range(4))))
        assert [[piece.first, piece.end] for piece in found] == [[0, 1], [1, 3], [3, 4]], kind
        with pytest.raises(ShipmentError, match="rows of shipment '2' are not next to each other"):
            list(whole_shipments(numbered([whole, pa.table({"shipment": names.slice(1, 1)})])))
