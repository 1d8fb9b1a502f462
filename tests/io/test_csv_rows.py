"""No row of a file is swallowed: rows are counted apart from the parser, and what opens a cell and never
closes it is an error with its row."""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tariffcalc as tc
from tariffcalc import cli
from tariffcalc.errors import ShipmentError
from tariffcalc.io import files
from tariffcalc.io.csv_rows import RowCount
from tariffcalc.io.files import InputRows, read_batches, read_table
from tariffcalc.scale import estimate_dataset

HEAD = "commodity,origin,entered,value,note\n"
ROW = "6109.10.00.12,IN,2025-09-01,10,x\n"
NAMES = ["commodity", "origin", "entered", "value", "note"]


def noted(note: str) -> str:
    return ROW.replace(",x", f",{note}")


@pytest.fixture
def put(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "lines.csv"


SWALLOWED = [
    (
        "to the end",
        ROW * 4 + noted('"5 inch pipe') + ROW * 995,
        r"row 5: a quotation mark is opened and never closed: '\"5 inch pipe",
    ),
    ("the first cell", ROW * 4 + '"' + ROW + ROW * 9, "row 5: a quotation mark is opened and never closed"),
    (
        "to another of its kind",
        ROW * 4 + noted('"5 inch pipe') + ROW * 3 + noted('"6 inch pipe') + ROW,
        "row 5: a cell holds what looks",
    ),
    (
        "to the end of a text",
        ROW * 4 + noted('"5 inch pipe') + ROW * 3 + noted('pipe of 6"') + ROW,
        "row 5: a cell holds what looks",
    ),
    (
        "one row only",
        ROW * 4 + noted('"5 inch pipe') + noted('pipe of 6"') + ROW,
        "row 5: a cell holds what looks",
    ),
    (
        "torn text",
        ROW * 4 + noted('"5 inch\npipe"x') + ROW,
        "row 5: a quotation mark is not closed on its line",
    ),
    (
        "after blank lines",
        ROW * 4 + "\n   \n" + noted('"5 inch pipe') + ROW,
        "row 5: a quotation mark is opened and never closed",
    ),
]


@pytest.mark.parametrize(
    ("text", "words"), [each[1:] for each in SWALLOWED], ids=[each[0] for each in SWALLOWED]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_mark_that_is_not_closed_is_an_error_with_its_row(
    text: str, words: str, end: str, put: Path, us: tc.Tariff
) -> None:
    put.write_text((HEAD + text).replace("\n", end), encoding="utf-8", newline="")
    with pytest.raises(ShipmentError, match=words) as caught:
        read_table(str(put))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    with pytest.raises(ShipmentError, match=words):
        estimate_dataset(us, put, put.with_name("out.parquet"))


def test_a_mark_that_is_not_closed_in_a_file_of_many_blocks(
    put: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 MB behind the mark: more than one row may have, so that it is told before the end."""
    put.write_text(HEAD + ROW * 9 + noted('"5 inch pipe') + ROW * 600_000, encoding="utf-8")
    with pytest.raises(
        ShipmentError, match=r"row 10: a quotation mark is not closed, or the row is longer than 8 MB"
    ):
        read_table(str(put))
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    put.write_text(HEAD + ROW * 5_000 + noted('"5 inch pipe') + ROW * 50, encoding="utf-8")
    with pytest.raises(ShipmentError, match=r"row 5,001: a quotation mark is opened and never closed"):
        read_table(str(put))


SOUND = [
    ("an inch in a text", noted('5" pipe') * 3, 3, 0),
    ("marks written twice", noted('"5"" pipe"') * 3 + noted('""""') + noted('""'), 5, 0),
    ("text behind a mark", noted('"a"b') + noted('"a" ') + ROW, 3, 0),
    ("no end of line", ROW * 3 + ROW.strip(), 4, 0),
    ("blank lines", ROW + "\n\n   \n\t\n" + ROW + "  ", 2, 5),
    ("empty cells", ROW + ",,,,\n" + ROW, 3, 0),
]


@pytest.mark.parametrize(
    ("text", "rows", "blank"), [each[1:] for each in SOUND], ids=[each[0] for each in SOUND]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_is_sound_is_read_and_counted(text: str, rows: int, blank: int, end: str, put: Path) -> None:
    put.write_text((HEAD + text).replace("\n", end), encoding="utf-8", newline="")
    count = InputRows()
    table = pa.concat_tables(read_batches(str(put), count))
    assert (table.num_rows, count) == (rows, InputRows(rows, blank))
    assert table.column_names == NAMES


def test_a_cell_of_several_lines_is_warned_of(put: Path) -> None:
    put.write_text(HEAD + ROW + noted('"Main St 4\nBerlin\n\nDE"') + ROW * 2, encoding="utf-8")
    with pytest.warns(
        UserWarning,
        match=(
            r"lines\.csv: a cell goes over several lines in row 2 \(4 lines\): check that its quotation marks"
        ),
    ):
        table = read_table(str(put))
    assert table["note"].to_pylist() == ["x", "Main St 4\nBerlin\n\nDE", "x", "x"]


HEADERS = [
    (b"x" * 5_000_000, "the first line is longer than 1 MB"),
    (b'commodity,"origin\n' + b"6109.10.00.12,IN\n" * 9, "the first line is no header"),
    (b"commodity,value, value \n1,2,3\n", "the column 'value' is there twice"),
    (b"commodity," + b"v" * 300_000 + b"\n1,2\n", "the first line is no header"),
]


@pytest.mark.parametrize(("text", "words"), HEADERS, ids=[each[1] for each in HEADERS])
def test_a_first_line_that_is_no_header(text: bytes, words: str, put: Path) -> None:
    put.write_bytes(text)
    with pytest.raises(ShipmentError, match=words) as caught:
        read_table(str(put))
    assert len(str(caught.value)) < 500


def test_a_header_over_two_lines_and_with_marks(put: Path) -> None:
    put.write_text('\ufeffcommodity,"origin",entered,value,"no\nte"\n' + ROW * 2, encoding="utf-8")
    assert read_table(str(put)).column_names == ["commodity", "origin", "entered", "value", "no\nte"]


def test_a_parser_that_loses_a_row_is_found_out(put: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put.write_text(HEAD + ROW * 9, encoding="utf-8")
    opened = files.pa_csv.open_csv
    monkeypatch.setattr(
        files.pa_csv,
        "open_csv",
        lambda *given, **options: [each.slice(1) for each in opened(*given, **options)],
    )
    with pytest.raises(ShipmentError, match=r"9 rows were counted and 8 were read"):
        read_table(str(put))


CELLS = st.text(alphabet='ab6, "\n\r\t;€', max_size=6)


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12),
    size=st.integers(1, 40),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_well_written_rows_are_counted_in_pieces_of_any_size(
    rows: list[list[str]], size: int, end: str
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    data = stream.getvalue().encode()
    count = RowCount(",", ["a", "b", "c"])
    count._columns = 99  # no line within a cell is taken for a row
    for start in range(0, len(data), size):
        count.add(data[start : start + size])
    count.add(b"")
    count.add(b"")
    assert count.fault == ""
    assert (count.rows, count.blank_lines) == (len(rows), 0)
    several = [number for number, row in enumerate(rows, 1) for cell in row if "\n" in cell or "\r" in cell]
    assert [row for row, _ in count.long_cells] == several


def test_random_marks_are_counted_as_the_parser_counts_them(put: Path) -> None:
    """Two thousand small files with marks anywhere: as many rows as the parser reads, or an error, and never
    fewer rows without one."""
    chance = random.Random(7)
    agreed = refused = 0
    for _ in range(2_000):
        lines = [
            "".join(chance.choice('6a,,"" ') for _ in range(chance.randrange(0, 12)))
            for _ in range(chance.randrange(1, 8))
        ]
        data = "\n".join(["commodity,b,c", *lines]).encode()
        count = InputRows()
        put.write_bytes(data)
        try:
            rows = sum(table.num_rows for table in files.read_pieces(str(put), count))
        except ShipmentError:
            refused += 1
            continue
        except UserWarning:  # of a cell of several lines
            continue
        agreed += 1
        assert rows == count.rows == sum(bool(line.strip()) for line in lines)
    assert agreed > 20
    assert refused > 20


# --- other kinds of files, and what a user sees
# -------------------------------------------------------------------------------------


def sheet_of(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


GOOD = ["6109.10.00.12", "IN", "2025-09-01", 10]


def test_a_header_that_is_there_twice_in_a_sheet(tmp_path: Path) -> None:
    path = sheet_of(
        tmp_path / "in.xlsx", [["commodity", "origin", "entered", "value", " value "], [*GOOD, 99]]
    )
    with pytest.raises(ShipmentError, match=r"in\.xlsx: the column 'value' is there twice: keep one of them"):
        read_table(str(path))


def test_rows_of_a_sheet(tmp_path: Path) -> None:
    """A blank row between others stays, so that rows keep their numbers; those at the end are none; a column
    without a name is kept."""
    rows = [
        ["commodity", "origin", "entered", "value", None],
        [*GOOD, "x"],
        [None] * 5,
        ["  ", None, None, " ", None],
        [*GOOD],
        [None] * 5,
    ]
    table = read_table(str(sheet_of(tmp_path / "in.xlsx", rows)))
    assert table["value"].to_pylist() == ["10", None, " ", "10"]
    assert table.column_names[4] == "Unnamed: 4"


def test_the_count_is_in_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(HEAD + ROW * 3 + "\n\n" + ROW, encoding="utf-8")
    for more in (
        (),
        ("-o", tmp_path / "out.csv"),
        ("-o", tmp_path / "out.parquet"),
        ("-o", tmp_path / "out.xlsx"),
    ):
        monkeypatch.setattr(sys, "argv", ["tariffcalc", "estimate", str(path), "--no-fees", *map(str, more)])
        cli.main()
        assert (
            "Rows counted in the input: 4 (2 blank lines are no row); all were read.\n"
            in capsys.readouterr().out
        )
    monkeypatch.setattr(sys, "argv", ["tariffcalc", "estimate", str(path), "--no-fees", "--json"])
    cli.main()
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["rows_counted"], found["blank_lines"]) == (4, 4, 2)
