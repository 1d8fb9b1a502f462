"""Files that are written: a workbook's sheets and cells, problems beside a CSV file, rows counted from 1."""

from __future__ import annotations

import csv
import io
import sys
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc import cli
from tariffcalc.errors import ShipmentError
from tariffcalc.io import files, output

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
# The sixth row is no tariff line; cotton seed oil is charged by the kilogram, and the fourth row gives no
# quantity.
ROWS = """commodity,origin,entered,value,quantity_kg,invoice,mark,count,steel_value,shipped,ratio
0402.10.10.00,DE,2025-09-01,100,50,00017,=1+1,1,,2025-08-01,0.5
0402101000,DE,2025-09-01,100.50,50.25,18,+49 30 1,2,,2025-08-02,1.25
6109.10.00.12,IN,2025-09-01,1000,,19,-x,3,,2025-08-03,12345678901234567890
0402.10.10.00,DE,2025-09-01,100,,20,@here,4,,2025-08-04,2
7326.90.86.88,CA,2025-09-01,1000,,21,a\x01b,5,300,2025-08-05,3
6109.10.00.99,IN,2025-09-01,5,,22,plain,6,,2025-08-06,4
"""


def run(monkeypatch: pytest.MonkeyPatch, *words: object, given: bytes = b"") -> None:
    monkeypatch.setattr(sys, "argv", ["tariffcalc", *map(str, words)])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    cli.main()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def book(lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> openpyxl.Workbook:
    run(monkeypatch, "estimate", lines, "-o", tmp_path / "out.xlsx", "--no-fees")
    return openpyxl.load_workbook(tmp_path / "out.xlsx")


def column(sheet: openpyxl.worksheet.worksheet.Worksheet, name: str) -> list[openpyxl.cell.Cell]:
    place = [cell.value for cell in sheet[1]].index(name)
    return [row[place] for row in sheet.iter_rows(min_row=2)]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_sheets_have_frozen_filtered_headers_and_wide_columns(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["lines", "summary", "problems"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.bold for cell in sheet[1])
        for cell in sheet[1]:
            width = sheet.column_dimensions[cell.column_letter].width
            texts = (row[cell.column - 1].value for row in sheet.iter_rows())
            longest = max(len(text) for text in texts if isinstance(text, str))
            assert 60 >= width > min(longest, 59)


def test_numbers_and_days_are_numbers_and_days(book: openpyxl.Workbook) -> None:
    sheet = book["lines"]
    assert [cell.value for cell in column(sheet, "value")] == [100, 100.5, 1000, 100, 1000, 5]
    assert {cell.number_format for cell in column(sheet, "value")} == {"#,##0.00"}
    assert [cell.value for cell in column(sheet, "quantity_kg")] == [50, 50.25, None, None, None, None]
    # a column the law does not know
    assert [cell.value for cell in column(sheet, "count")] == [1, 2, 3, 4, 5, 6]
    assert column(sheet, "entered")[0].value == datetime(2025, 9, 1)
    assert column(sheet, "shipped")[5].value == datetime(2025, 8, 6)
    for name in ("entered", "shipped"):
        assert {cell.number_format for cell in column(sheet, name)} == {"yyyy-mm-dd"}
    # 1,000 x (16.5% + 25% + 25%) = 665.00; milk powder of Germany to 15% including 3.3 cents per kg = 15.00;
    # an unknown code has no duty
    duty = column(sheet, "duty")
    assert (duty[2].value, duty[0].value, duty[5].value, duty[3].value) == (665, 15, None, None)
    assert column(sheet, "effective_rate")[2].value == 0.665
    assert column(sheet, "effective_rate")[2].number_format == "0.00%"
    assert column(sheet, "us.ieepa.reciprocal")[2].value == 250
    assert column(sheet, "us.ieepa.reciprocal")[2].number_format == "#,##0.00"


def test_text_stays_text(book: openpyxl.Workbook) -> None:
    sheet = book["lines"]
    assert [cell.value for cell in column(sheet, "commodity")][:3] == [
        "0402.10.10.00",
        "0402101000",
        "6109.10.00.12",
    ]
    # one of them has a leading zero
    assert [cell.value for cell in column(sheet, "invoice")] == ["00017", "18", "19", "20", "21", "22"]
    # more digits than Excel keeps: the column stays as it was
    assert column(sheet, "ratio")[2].value == "12345678901234567890"
    marks = column(sheet, "mark")
    assert [cell.value for cell in marks] == ["=1+1", "+49 30 1", "-x", "@here", "a\ufffdb", "plain"]
    assert {cell.data_type for cell in marks} == {"s"}
    assert [cell.quotePrefix for cell in marks] == [True, True, True, True, False, False]


def test_problems_name_the_row_from_1(book: openpyxl.Workbook, lines: Path) -> None:
    sheet = book["problems"]
    assert [cell.value for cell in sheet[1]] == [
        "row_from_1",
        "file",
        "severity",
        "code",
        "message",
        "supply",
    ]
    told = {(row[0].value, row[3].value) for row in sheet.iter_rows(min_row=2)}
    assert {(4, "missing-quantity"), (6, "unknown-commodity")} <= told
    assert {row[1].value for row in sheet.iter_rows(min_row=2)} == {str(lines)}


def test_the_summary_adds_up(book: openpyxl.Workbook) -> None:
    rows = {row[0]: row[1:] for row in book["summary"].iter_rows(min_row=2, values_only=True)}
    total = rows["Duty, rows of known duty"]
    parts = [row[0] for item, row in rows.items() if item.startswith("Of this duty: ")]
    assert total[0] == pytest.approx(sum(parts))
    assert total[0] == pytest.approx(sum(cell.value or 0 for cell in column(book["lines"], "duty")))
    assert (total[1], total[2], total[3]) == ("USD", 4, 2)


def test_a_workbook_without_problems_has_an_empty_sheet_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = b"commodity,origin,entered,value\n6109.10.00.12,IN,2025-09-01,1000\n"
    run(monkeypatch, "estimate", "-", "-o", tmp_path / "out.xlsx", "--no-fees", given=given)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["lines", "summary", "problems"]
    assert book["problems"].max_row == 1


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_problems_are_written_beside(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output, beside = tmp_path / f"out.{kind}", tmp_path / f"out.problems.{kind}"
    run(monkeypatch, "estimate", "-", "-o", output, "--no-fees", given=ROWS.encode())
    read = rows_of(beside) if kind == "csv" else pq.read_table(beside).to_pylist()
    assert {(int(row["row_from_1"]), row["code"]) for row in read} >= {
        (4, "missing-quantity"),
        (6, "unknown-commodity"),
    }
    assert str(beside) in capsys.readouterr().out
    # a run without problems takes the file of an earlier run away
    good = b"commodity,origin,entered,value\n6109.10.00.12,IN,2025-09-01,1000\n"
    run(monkeypatch, "estimate", "-", "-o", output, "--no-fees", given=good)
    assert [path.name for path in tmp_path.iterdir()] == [output.name]
    assert str(beside) not in capsys.readouterr().out


def test_problems_are_counted_through_the_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    monkeypatch.setattr("tariffcalc.io.batches.FEWEST_ROWS", 100)
    row = "6109.10.00.12,IN,2025-09-01,1000\n"
    given = "commodity,origin,entered,value\n" + row * 1000 + "6109.10.00.12,Korea,2025-09-01,1\n" + row * 500
    run(monkeypatch, "estimate", "-", "-o", tmp_path / "out.csv", "--no-fees", given=given.encode())
    (problem,) = rows_of(tmp_path / "out.problems.csv")
    assert (problem["row_from_1"], problem["code"]) == ("1001", "ambiguous-origin")


def test_an_error_leaves_neither_file(tmp_path: Path) -> None:
    for kind in ("csv", "parquet", "xlsx"):
        with pytest.raises(RuntimeError), output.Writer(str(tmp_path / f"out.{kind}")) as writer:
            writer.write(pa.table({"a": [1]}))
            writer.write_problems(pa.table({"a": [1]}))
            raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MOST_ROWS", 10)
    table = pa.table({"a": list(range(11))})
    with (
        pytest.raises(ShipmentError, match="the sheet lines would have more than 10 rows"),
        output.Writer(str(tmp_path / "out.xlsx")) as writer,
    ):
        writer.write(table)


def test_compare_and_panel_write_workbooks_too(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "compared.csv"
    path.write_text(
        "commodity,origin,entered,value\n6109.10.00.12,IN,2026-02-10,1000\n6109.10.00.99,IN,2026-02-10,5\n",
        encoding="utf-8",
    )
    run(monkeypatch, "compare", path, "--scenario", "india-at-18-percent", "-o", tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["lines", "summary", "problems"]
    # 1,000 x (16.5% + 25%) = 415.00, and at 18% 345.00
    assert [column(book["lines"], name)[0].value for name in ("duty", "duty_in_scenario")] == [415, 345]
    assert [row[0].value for row in book["problems"].iter_rows(min_row=2)] == [2]
    window = {"on_or_after": "2025-08-01", "before": "2025-08-10"}
    tc.load(LAND).panel(origins=["CC"], by="change", **window, to=tmp_path / "panel.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "panel.xlsx", read_only=True)["lines"]
    header, first, *_ = (list(row) for row in sheet.iter_rows(max_row=2))
    named = dict(zip([cell.value for cell in header], first, strict=True))
    assert named["commodity"].data_type == "s"
    assert named["effective_rate"].number_format == "0.00%"


# --- formulas, and cells that a workbook cannot hold
# ----------------------------------------------------------------------------------

FORMULAS = ["=cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1"]


def test_formulas_stay_text_in_every_column_of_a_workbook(tmp_path: Path) -> None:
    """Also in columns of numbers and days, and in the names of columns."""
    names = ["note", "value", "entered", "duty", "=1+1"]
    with output.Writer(str(tmp_path / "out.xlsx"), law=tc.load("us").law) as writer:
        writer.write(pa.table([FORMULAS] * 5, names=names))
    cells = [
        cell for row in openpyxl.load_workbook(tmp_path / "out.xlsx")["lines"].iter_rows() for cell in row
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells][5::5] == FORMULAS


def test_a_csv_file_for_spreadsheets(lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table(
        {"note": [*FORMULAS, "-5", "+1.5e3", "plain", None], "=x": list(range(len(FORMULAS) + 4))}
    )
    for marked in (False, True):
        with output.Writer(str(tmp_path / "out.csv"), for_spreadsheets=marked) as writer:
            writer.write(table)
        read = rows_of(tmp_path / "out.csv")
        mark = "'" if marked else ""
        assert [row["note"] for row in read] == [
            *(mark + each for each in FORMULAS),
            "-5",
            "+1.5e3",
            "plain",
            "",
        ]
        assert f"{mark}=x" in read[0]
    run(monkeypatch, "estimate", lines, "-o", tmp_path / "out.csv", "--no-fees", "--for-spreadsheets")
    assert [row["mark"] for row in rows_of(tmp_path / "out.csv")][:4] == [
        "'=1+1",
        "'+49 30 1",
        "'-x",
        "'@here",
    ]
    with pytest.raises(SystemExit, match=r"--for-spreadsheets needs -o NAME\.csv"):
        run(monkeypatch, "estimate", lines, "-o", tmp_path / "out.parquet", "--for-spreadsheets")


@pytest.mark.parametrize(
    ("cell", "words"),
    [("x" * 32_768, "has 32,768 characters"), ("\U0001f600" * 16_384, "has 32,768 characters")],
)
def test_a_cell_longer_than_excel_holds_is_refused(cell: str, words: str, tmp_path: Path) -> None:
    path = str(tmp_path / "a.xlsx")
    with (
        pytest.raises(ShipmentError, match=f"the sheet lines, row 2, column 'note': a cell {words}"),
        output.Writer(path) as writer,
    ):
        writer.write(pa.table({"note": [cell[1:-1], cell]}))
    assert not list(tmp_path.iterdir())


def test_control_characters_give_a_workbook_that_opens(tmp_path: Path) -> None:
    text = "".join(map(chr, range(32))) + "\ufffe\uffff\x7f"
    with output.Writer(str(tmp_path / "out.xlsx")) as writer:
        writer.write(pa.table({"note": [text], text: ["a"], "bytes": [b"\x00\x01"]}))
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["lines"].max_row == 2
