"""The command line: every command on files of every kind, output whole or absent, one clear line for bad
input."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc import cli
from tariffcalc.errors import ShipmentError
from tariffcalc.io import files, output

ROWS = """commodity,origin,entered,value,quantity_kg,note
6109.10.00.12,IN,2025-09-01,1000,,first
0402.10.10.00,DE,2025-09-01,100,50,second
6109.10.00.99,IN,2025-09-01,5,,unknown code
6109.10.00.12,NA,2025-09-01,7.50,,Namibia is no empty cell
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], us: tc.Tariff) -> Run:
    """Run a command in this process: its status, what it printed, and its messages."""

    def run_command(*words: object, given: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tariffcalc", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        status: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        if isinstance(status, str):  # what the interpreter prints for a text, with status 1
            return 1, printed.out, printed.err + status + "\n"
        return int(str(status or 0)), printed.out, printed.err

    return run_command


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def as_kind(lines: Path, kind: str) -> Path:
    path = lines.with_name(f"lines.{kind}")
    frame = pd.read_csv(lines, dtype=str, keep_default_na=False, na_values=[""])
    if kind == "csv.gz":
        path.write_bytes(gzip.compress(lines.read_bytes()))
    elif kind == "parquet":
        frame.assign(value=frame["value"].astype(float), entered=pd.to_datetime(frame["entered"])).to_parquet(
            path
        )
    elif kind == "xlsx":
        frame.assign(value=frame["value"].astype(float), entered=pd.to_datetime(frame["entered"])).to_excel(
            path, index=False
        )
    elif kind == "tsv":
        path.write_text(ROWS.replace(",", "\t"), encoding="utf-8")
    elif kind == "txt":
        path.write_bytes(b"\xef\xbb\xbf" + ROWS.replace(",", ";").replace("\n", "\r\n").encode())
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "xlsx", "tsv", "txt"])
def test_estimate_reads_every_kind_of_file(run: Run, lines: Path, kind: str) -> None:
    status, out, err = run("estimate", as_kind(lines, kind), "--json", "--no-fees")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert (found["rows"], found["unknown_rows"], found["value"]) == (4, 1, "1107.50")
    # India 1,000 x (16.5% + 25% + 25%) = 665.00; milk powder of Germany to 15% including 3.3¢/kg = 15.00;
    # Namibia 7.50 x 16.5% = 1.24 and x 15% = 1.13
    assert found["duty"] == "682.37"
    (problem,) = found["problems"]
    assert problem["message"].startswith("6109.10.00.99 is not a tariff line")


def test_estimate_reads_standard_input(run: Run, lines: Path) -> None:
    piped = run("estimate", "-", "--no-fees", given=ROWS.encode())
    assert piped == run("estimate", lines, "--no-fees")
    assert piped[1].startswith(
        "4 lines, customs value 1,107.50 USD.\nDuty of the 3 lines whose duty is known: "
    )
    assert "The duty of 1 line is unknown." in piped[1]


def test_what_fees_lack_is_not_what_duty_lacks(run: Run, lines: Path) -> None:
    found = json.loads(run("estimate", lines, "--json")[1])
    assert [each["rows"] for each in found["problems"]] == [1]
    assert [each["supply"] for each in found["fee_problems"]] == [
        "Set transport to vessel, air, truck, rail, mail or other."
    ]
    assert found["unknown_rows"] == 1


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_estimate_writes_every_row(run: Run, lines: Path, tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"out.{kind}"
    assert run("estimate", lines, "-o", output, "--no-fees")[0] == 0
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}[kind]
    found = read(output)
    assert found["note"].tolist() == ["first", "second", "unknown code", "Namibia is no empty cell"]
    assert found["duty"].round(2).isna().tolist() == [False, False, True, False]
    assert found["duty"].iloc[0] == 665.0
    beside = [] if kind == "xlsx" else [f"out.problems.{kind}"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["lines.csv", output.name, *beside])


def test_batches_of_one_file_have_the_same_columns(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    days = ["2025-01-15", "2025-09-01", "2026-03-01"]  # under different programs
    rows = [f"6109.10.00.12,IN,{days[row * 3 // 3000]},{row}.00,{row // 7}\n" for row in range(3000)]
    path, output = tmp_path / "many.csv", tmp_path / "out.parquet"
    path.write_text("commodity,origin,entered,value,shipment\n" + "".join(rows), encoding="utf-8")
    assert len(list(files.read_batches(str(path)))) > 10
    assert run("estimate", path, "-o", output)[0] == 0
    found = pq.read_table(output)
    whole = tc.load("us").estimate(files.read_table(str(path))).frame
    for name in ("duty", "us.mpf", "us.ieepa.reciprocal"):
        assert found[name].to_pylist() == whole[name].to_pylist()
    assert found.num_rows == 3000


def test_memory_is_bounded_by_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 1 << 14)
    read = 0

    class Lazy(io.RawIOBase):
        """A file of some megabytes that is made as it is read."""

        def readable(self) -> bool:
            return True

        def readinto(self, into: object) -> int:
            nonlocal read
            block = (
                b"commodity,origin,entered,value\n" if not read else b""
            ) + b"6109.10.00.12,IN,2025-09-01,1000\n" * 100
            if read > 16_000_000:
                return 0
            view = memoryview(into)  # type: ignore[arg-type]
            size = min(len(view), len(block)) if read else 31
            view[:size] = block[:size]
            read += size
            return size

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Lazy(), 3300)))
    batches = files.read_batches("-")
    next(batches)
    assert read < 2_000_000  # some blocks are read ahead
    assert sum(batch.num_rows for batch in batches) > 0
    assert read > 16_000_000


def test_a_shipment_is_never_cut_by_a_batch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 256)
    path = tmp_path / "shipments.csv"
    numbers = [number for number in range(40) for _ in range(number % 9 + 1)]
    path.write_text("shipment,value\n" + "".join(f"{number},1\n" for number in numbers), encoding="utf-8")
    seen: list[str] = []
    for batch in files.read_batches(str(path)):
        here = list(dict.fromkeys(batch["shipment"].to_pylist()))
        assert not set(here) & set(seen)
        seen += here
    assert seen == [str(number) for number in range(40)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty: expected a header and rows"),
        ("header.csv", b"commodity,origin,entered,value\n", "a header and no rows"),
        (
            "ragged.csv",
            b"commodity,origin,entered,value\n61091000,IN,2025-09-01\n",
            "a row has 3 cells, the header 4",
        ),
        (
            "comma.csv",
            b"commodity,origin,entered,value\n61091000,IN,2025-09-01,1,000\n",
            "quote cells that hold a ','",
        ),
        (
            "latin.csv",
            b"commodity,origin,entered,value,note\n61091000,IN,2025-09-01,1,caf\xe9\n",
            "not UTF-8",
        ),
        ("utf16.csv", "commodity,origin,entered,value\n".encode("utf-16"), "not UTF-8"),
        (
            "twice.csv",
            b"commodity,origin,entered,value,value\n61091000,IN,2025-09-01,1,1\n",
            "'value' is there twice",
        ),
        (
            "names.csv",
            b"Commodity,origin,entered,value\n61091000,IN,2025-09-01,1\n",
            "is 'Commodity' meant for 'commodity'",
        ),
        (
            "unit.csv",
            b"commodity,origin,entered,value,quantity_stone\n61091000,IN,2025-09-01,1,1\n",
            "'stone' is not a unit",
        ),
        ("no.parquet", b"PAR0", "no.parquet"),
        ("no.xlsx", b"PK", "not an Excel workbook"),
        ("no.csv.gz", b"\x1f\x8bnothing", "no.csv.gz"),
        ("lines.docx", b"", "a file ends in .csv"),
        ("absent.csv", None, "is not there"),
    ],
)
@pytest.mark.parametrize("command", ["estimate", "compare"])
def test_a_bad_file_is_one_clear_line_and_no_output(
    run: Run, tmp_path: Path, name: str, content: bytes | None, words: str, command: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    more = ["--scenario", "india-at-18-percent"] if command == "compare" else []
    status, out, err = run(command, tmp_path / name, "-o", tmp_path / "out.csv", *more)
    assert (status, out) == (1, "")
    assert err.startswith("error: ")
    assert words in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != name] == []


def test_an_error_in_a_later_batch_leaves_no_output(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    path = tmp_path / "late.csv"
    row = "6109.10.00.12,IN,2025-09-01,1000\n"
    path.write_text("commodity,origin,entered,value\n" + row * 1000 + "6109.10.00.12,IN\n", encoding="utf-8")
    for name in ("out.csv", "out.parquet", "out.xlsx"):
        status, _, err = run("estimate", path, "-o", tmp_path / name)
        assert status == 1
        assert "(after row " in err
        assert [each.name for each in tmp_path.iterdir()] == ["late.csv"]


def test_strict_counts_rows_through_the_whole_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    path = tmp_path / "strict.csv"
    row = "6109.10.00.12,IN,2025-09-01,1000\n"
    path.write_text(
        "commodity,origin,entered,value\n" + row * 1000 + "6109.10.00.12,Korea,2025-09-01,1\n" + row,
        encoding="utf-8",
    )
    status, _, err = run("estimate", path, "--strict", "--no-fees", "-o", tmp_path / "out.csv")
    assert status == 1
    assert err == "error: row 1,001: ambiguous-origin: 'Korea' may be KP or KR; give the two-letter code\n"
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["estimate", "LINES", "-o", "out.doc"], "write to a file that ends in"),
        (["estimate", "LINES", "-o", "/nowhere/out.csv"], "there is no folder"),
        (["estimate", "LINES", "--territory", "atlantis"], "atlantis"),
        (["estimate", "LINES", "--known-on", "soon"], "'soon' is not a day"),
        (["estimate", "LINES", "--scenario", "nope"], "ready are india-at-18-percent"),
        (["compare", "LINES"], "needs --scenario"),
        (["explain", "LINES", "--row", "9"], "there is no row 9"),
        (["explain", "LINES", "--row", "0"], "there is no row 0"),
        (["explain", "6109.10.00.12"], "needs --origin and --entered"),
        (
            ["explain", "6109.10.00.12", "--origin", "IN", "--entered", "2025-02-30"],
            "'2025-02-30' is not a day",
        ),
        (
            ["explain", "6109.10.00.12", "--origin", "IN", "--entered", "2025-09-01", "--quantity", "9kg"],
            "write NAME=VALUE",
        ),
        (["timeline", "7799.10.01", "--origin", "IN"], "not a tariff line"),
        (["timeline", "6109.10.00", "--origin", "Korea"], "KP or KR"),
        (["panel", "--entered", "2025-09-06", "-o", "out.csv"], "no origin is asked for"),
        (["panel", "--origins", "IN", "-o", "out.csv"], "give the days of entry"),
        (
            ["panel", "--origin", "IN", "--entered", "2025-13-06", "-o", "out.csv"],
            "'2025-13-06' is not a day",
        ),
        (["panel", "--origin", "Korea", "--entered", "2025-09-06", "-o", "out.csv"], "KP or KR"),
    ],
)
def test_a_bad_request_is_one_clear_line(
    run: Run, lines: Path, words: list[str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, err = run(*(lines if word == "LINES" else word for word in words))
    assert status == 1
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["lines.csv"]


def test_an_unknown_command_or_option_is_status_2(run: Run) -> None:
    assert run("estimat")[0] == 2
    assert run("estimate", "x.csv", "--no-such-option")[0] == 2
    assert run("estimate")[0] == 2


COMMANDS = [
    "estimate",
    "compare",
    "explain",
    "timeline",
    "what-changed",
    "panel",
    "check",
    "coverage",
    "measures",
    "facts",
    "update",
    "demo",
]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_of_every_command(run: Run, command: str) -> None:
    status, out, err = run(*filter(None, [command]), "--help")
    assert (status, err) == (0, "")
    assert "Usage: tariffcalc" in out


def test_compare_says_what_changes_and_writes_both_duties(run: Run, tmp_path: Path) -> None:
    path, output = tmp_path / "lines.csv", tmp_path / "out.csv"
    path.write_text("commodity,value\n6109.10.00.12,1000\n4202.21.60.00,500\n", encoding="utf-8")
    words = [
        "compare",
        path,
        "--scenario",
        "india-at-18-percent",
        "--entered",
        "2026-02-10",
        "--origin",
        "IN",
    ]
    status, out, _ = run(*words, "-o", output)
    assert status == 0
    assert "Duty falls by 105.00 USD on 2 of 2 lines." in out
    found = pd.read_csv(output)
    assert (found["duty_in_scenario"] - found["duty"]).round(2).tolist() == [-70.0, -35.0]
    status, out, _ = run(*words, "--json", "--by", "commodity")
    assert status == 0
    assert json.loads(out)["change"] == "-105.00"
    assert [row["change"] for row in json.loads(out)["by"]["commodity"]] == [-70.0, -35.0]
    assert json.loads(out)["scenarios"] == ["India at the announced 18%"]


def test_compare_under_two_scenarios_says_that_both_apply(run: Run, tmp_path: Path) -> None:
    """T-shirts of India, 1,000: 25% becomes 18%, 70 less, and a levy of 1% makes 10 more."""
    path, levy = tmp_path / "lines.csv", tmp_path / "levy.yaml"
    path.write_text("commodity,value\n6109.10.00.12,1000\n", encoding="utf-8")
    measures = "[{id: levy, history: [{entered: {on_or_after: 2026-01-01}, duty: 1%}]}]"
    levy.write_text(
        f"scenario: a levy\nchanges:\n- add_program: us.levy\n  data: {{measures: {measures}}}\n",
        encoding="utf-8",
    )
    words = ["compare", path, "--entered", "2026-02-10", "--origin", "IN"]
    status, out, _ = run(*words, "--scenario", "india-at-18-percent", "--scenario", levy)
    assert status == 0
    assert (
        "United States: the law compared with the law amended by India at the announced 18%, then by a levy"
        in out
    )
    assert "Duty falls by 60.00 USD on 1 of 1 line." in out
    status, _, err = run(*words, "--scenario", "india-at-18-percent", "--scenario", "india-at-18-percent")
    assert status == 1
    assert "two of the scenarios have the title 'India at the announced 18%'" in err
    levy.write_text(levy.read_text().replace("add_program", "add_programme"), encoding="utf-8")
    status, _, err = run(*words, "--scenario", levy)
    assert status == 1
    assert err.startswith("error: levy.yaml:3: 'add_programme' is no verb; is 'add_program' meant? (verbs: ")
    assert "set_duty, extend, end, add_measure, add_program, add_to_list, remove_from_list, " in err
    status, _, err = run(*words, "--scenario", "india-at-18-percnt")
    assert status == 1
    assert "is 'india-at-18-percent' meant?" in err


def test_every_day_of_a_line_can_be_said(run: Run) -> None:
    """The day of admission to a zone dates some programs; a day of export after the day of entry is
    refused."""
    plain = (
        "explain",
        "6109.10.00.12",
        "--origin",
        "IN",
        "--entered",
        "2026-05-20",
        "--transport",
        "air",
        "--full",
    )
    status, text, _ = run(*plain, "--admitted", "2025-09-20", "--exported", "2025-09-01")
    assert (
        status == 0
        and "In force on 2025-09-20, but" in text
        and "In force on 2026-05-20, but" in text
        and "full=True" not in text
    )
    status, _, error = run(*plain, "--exported", "2026-06-01")
    assert status == 1 and "exported" in error


def test_explain_a_code_and_a_row_of_a_file(run: Run, lines: Path) -> None:
    status, of_code, _ = run(
        "explain",
        "6109.10.00.12",
        "--origin",
        "IN",
        "--entered",
        "2025-09-01",
        "--value",
        "1000",
        "--transport",
        "vessel",
    )
    assert status == 0
    assert "9903.01.84" in of_code
    status, of_row, _ = run("explain", lines, "--row", 3)
    assert status == 0
    assert "not assessed" in of_row


def test_timeline_prints_a_table_or_json(run: Run) -> None:
    status, out, err = run("timeline", "6109.10.00", "--origin", "IN")
    assert (status, err) == (0, "")
    assert "66.50%" in out
    status, out, _ = run("timeline", "6109.10.00", "--origin", "IN", "--json")
    assert status == 0
    assert json.loads(out)[0]["from"] == "2025-01-01"


def test_panel_writes_every_line(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "panel.parquet"
    status, out, _ = run("panel", "--origin", "IN", "--entered", "2025-09-06", "-o", output)
    assert status == 0
    found = pq.read_table(output)
    assert found.num_rows > 10_000
    assert f"{found.num_rows:,} rows" in out
    assert set(found["origin"].to_pylist()) == {"IN"}


def test_panel_by_change_with_facts(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "panel.csv"
    window = ["--by", "change", "--on-or-after", "2025-08-01", "--before", "2025-08-10"]
    status, out, err = run(
        "panel",
        "--origins",
        "IN,VN",
        *window,
        "--fact",
        "steel_value=0",
        "--quantity",
        "doz=5",
        "--value",
        "200",
        "-o",
        output,
    )
    assert (status, err) == (0, "")
    found = pd.read_csv(output, dtype={"commodity": str, "season": str})
    assert f"{len(found):,} rows" in out
    shirts = found[(found["commodity"] == "6109100012") & (found["origin"] == "VN")]
    # 16.5%, and 10% to August 6, 2025, then 20%
    assert shirts[["on_or_after", "before", "duty"]].to_numpy().tolist() == [
        ["2025-08-01", "2025-08-07", 53.0],
        ["2025-08-07", "2025-08-10", 73.0],
    ]


def test_warnings_are_told_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    path = tmp_path / "late.csv"
    rows = [f"6109.10.00.12,IN,2028-{row // 100 + 1:02}-01,1000,air\n" for row in range(1000)]
    path.write_text("commodity,origin,entered,value,transprot\n" + "".join(rows), encoding="utf-8")
    status, _, err = run("estimate", path)
    assert status == 0
    warned = [line for line in err.splitlines() if line.startswith("warning: ")]
    assert len(warned) == 2
    assert "rename it to 'transport'" in warned[0]
    assert warned[1].startswith("warning: Law is held through 2026-10-09")


def test_the_installed_command_reads_a_pipe_and_may_be_cut_off(lines: Path) -> None:
    command = [sys.executable, "-c", "from tariffcalc.cli import main; main()", "estimate", "-", "--no-fees"]
    done = subprocess.run(command, input=ROWS.encode(), capture_output=True, check=True)
    assert done.stdout.startswith(b"4 lines, ")
    assert b"Traceback" not in done.stderr
    cut = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert cut.stdin is not None and cut.stdout is not None and cut.stderr is not None
    cut.stdout.close()
    cut.stdin.write(ROWS.encode())
    cut.stdin.close()
    with cut.stderr as messages:
        assert messages.read() == b""
    cut.wait()


def test_a_writer_left_by_an_error_keeps_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("older", encoding="utf-8")
    with pytest.raises(RuntimeError), output.Writer(str(path)) as writer:
        writer.write(pa.table({"a": [1]}))
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "older"
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]
    with output.Writer(str(path)) as writer:
        writer.write(pa.table({"a": [1]}))
    assert path.read_text(encoding="utf-8") == '"a"\n1\n'


def test_excel_keeps_days_zeros_and_namibia(tmp_path: Path) -> None:
    path = tmp_path / "lines.xlsx"
    frame = pd.DataFrame(
        {
            "commodity": [101210010],
            "origin": ["NA"],
            "entered": [pd.Timestamp("2026-02-24")],
            "value": [12.5],
            "x": [None],
        }
    )
    frame.to_excel(path, index=False)
    assert files.read_table(str(path)).to_pylist() == [
        {"commodity": "0101210010", "origin": "NA", "entered": "2026-02-24", "value": "12.5", "x": None}
    ]  # fmt: skip


def test_coverage_in_short_and_in_full(run: Run) -> None:
    status, out, _ = run("coverage")
    assert status == 0
    assert re.search(r"us\.s122 +complete +2026-02-24", out)
    assert re.search(r"us\.s232\.drones +partial", out)
    status, out, _ = run("coverage", "us.s122")
    assert status == 0
    assert "tags: P primary text read" in out
    status, _, err = run("coverage", "us.s123")
    assert status != 0
    assert "us.s122" in err
    status, out, _ = run("coverage", "--json")
    assert status == 0
    assert {row["program"] for row in json.loads(out)} >= {"us.column-1", "us.mpf"}


def test_facts_are_what_can_be_declared(run: Run) -> None:
    status, out, _ = run("facts", "us.s232.autos", "--json")
    assert status == 0
    rows = {row["name"]: row for row in json.loads(out)}
    assert rows["passenger_vehicle_part"]["not declared"] == "unknown (nothing is assumed)"
    assert rows["over_25_years_old"]["kind"] == "claim"
    assert "steel_value" not in rows
    assert run("facts", "steel_value")[1].count("us.s232.steel") == 1
    status, _, err = run("facts", "umbrella")
    assert (status, err) == (
        1,
        (
            "error: no claim or fact of us has 'umbrella' in its name, its meaning or a program that asks for"
            " it\n"
        ),
    )


def test_measures_are_what_scenarios_name(run: Run) -> None:
    status, out, _ = run("measures", "us.s122")
    assert status == 0
    assert re.search(r"surcharge +9903\.03\.01 +any +10%", out)
    assert run("measures", "us.nothing")[0] != 0


def test_check_says_there_is_nothing_to_say(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a territory it is the United States; that there are no findings is tried with the seeds."""
    checked: list[str] = []
    monkeypatch.setattr("tariffcalc.checking.check", lambda folder: checked.append(folder) or [])
    assert run("check")[:2] == (0, "no findings\n")
    assert checked == ["us"]


def test_findings_are_a_status(run: Run) -> None:
    """A script that checks seeds sees that something is wrong."""
    land = str(Path(__file__).parents[1] / "law_fixture" / "land")
    status, said = run("check", land)[:2]
    assert status == 1 and said.splitlines()[-1].endswith(" findings")


def test_version(run: Run) -> None:
    status, out, _ = run("--version")
    assert status == 0
    assert re.match(r"tariffcalc \d+\.\d+", out)


def test_output_never_replaces_the_input(run: Run, lines: Path) -> None:
    before = lines.read_bytes()
    status, _, err = run("estimate", lines, "-o", lines)
    assert status != 0
    assert "would replace the input" in err
    assert lines.read_bytes() == before


def test_timeline_takes_claims_and_facts(run: Run) -> None:
    status, plain, _ = run("timeline", "6109.10.00.12", "--origin", "KR", "--json")
    claimed = run("timeline", "6109.10.00.12", "--origin", "KR", "--claim", "KR", "--json")[1]
    assert status == 0
    assert json.loads(plain)[0]["us.column-1"] == 1650.0  # 16.5% of 10,000
    assert json.loads(claimed)[0]["us.column-1"] == 0.0  # Free (KR)
    assert run("timeline", "6109.10.00.12", "--origin", "KR", "--fact", "no_such_fact=1")[0] != 0


def test_rows_of_a_shipment_far_apart_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two fees for one entry would be wrong without a word."""
    monkeypatch.setattr(files, "BATCH_BYTES", 64)
    path = tmp_path / "shipments.csv"
    path.write_text(
        "shipment,value\n" + "".join(f"{number},1\n" for number in [*range(200), 3]), encoding="utf-8"
    )
    with pytest.raises(ShipmentError, match="sort the rows by shipment"):
        list(files.read_batches(str(path)))


def test_bilateral_as_json_and_its_mistakes(run: Run) -> None:
    """One product of two territories: the table as JSON with unknown as null; mistakes are one clear line."""
    status, out, _ = run("bilateral", "6109.10", "--entered", "2026-02-10", "--json")
    (row,) = json.loads(out)
    assert status == 0 and row["us_duty"] == 0.415 and row["in_duty"] is None
    for words, expected in (
        (("6109.10",), "give --entered"),
        (("--entered", "2026-02-10"), "give a product"),
        (("6109.10", "6110.20", "--history"), "--history needs one product"),
        (
            ("6109.10", "--entered", "2026-02-10", "--scenario", "india-at-18-percent"),
            "write TERRITORY=SCENARIO",
        ),
        (("6109.10", "--entered", "2026-02-10", "--fact", "engine_cc=1"), "write TERRITORY:NAME=VALUE"),
    ):
        status, out, err = run("bilateral", *words)
        assert status == 1 and not out and expected in err


def test_files_of_india_say_what_remains_after_credit(run: Run, tmp_path: Path) -> None:
    """The ten invented imports: motorcycles at FOB 42,000 x 1.21125 x 96.80 = 4,924,458 rupees, 30% and a
    tenth of it remain."""
    example = Path(__file__).resolve().parents[2] / "examples" / "india_imports_sample.csv"
    output = tmp_path / "out.csv"
    status, out, _ = run("estimate", example, "--territory", "in", "-o", output)
    assert status == 0 and "After credit of Integrated tax on imports (IGST)" in out
    motorcycles = pd.read_csv(output).iloc[2]
    assert (motorcycles["in.bcd"], motorcycles["in.sws"], motorcycles["net_of_credit"]) == (
        1_477_337,
        147_734,
        1_625_071,
    )
