"""Datasets to one file: equal to one table of all rows, whole or absent, and a run that was cut off goes on
where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.errors import ShipmentError, TariffError
from tariffcalc.io import files
from tariffcalc.scale import checkpoint, dataset, estimate_dataset, problem_rows
from tariffcalc.views.totals import EstimateTotals

pytestmark = pytest.mark.usefixtures("small_pieces")


@pytest.fixture
def source(lines: pa.Table, tmp_path: Path) -> Path:
    """The lines as a Parquet file of twelve row groups."""
    path = tmp_path / "lines.parquet"
    pq.write_table(lines, path, row_group_size=50)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_same_totals(found: EstimateTotals, wanted: EstimateTotals) -> None:
    # programs stand in the order in which they first speak
    assert sorted(found.text(99).splitlines()) == sorted(wanted.text(99).splitlines())
    one, other = found.as_dict(), wanted.as_dict()
    for part in (one, other):
        part["programs"] = {
            name: each
            for name, each in part["programs"].items()
            if each != {"amount": "0.00", "unknown_rows": 0}
        }
        for kind in ("problems", "fee_problems", "notes"):
            part[kind] = sorted(part[kind], key=json.dumps)
    assert one == other


@pytest.mark.parametrize("kind", ["file", "folder", "list", "csv", "mixed"])
def test_a_dataset_owes_what_one_table_owes(
    us: tc.Tariff, lines: pa.Table, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 4096)
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    halves = lines.slice(0, 311), lines.slice(311)
    paths = [folder / "a.parquet", folder / "b" / "c.parquet"]
    for half, path in zip(halves, paths, strict=True):
        pq.write_table(half, path, row_group_size=70)
    (folder / "_notes.csv").write_text("no rows of the dataset")
    (folder / ".hidden.parquet").write_text("nor this")
    pa_csv.write_csv(lines, tmp_path / "lines.csv")
    text = lines.slice(311).cast(pa.schema([(name, pa.string()) for name in lines.column_names]))
    pq.write_table(text, tmp_path / "text.parquet")
    pa_csv.write_csv(lines.slice(0, 311), tmp_path / "first.csv")
    given: dict[str, object] = {
        "file": paths[0], "folder": folder, "list": [str(path) for path in paths],
        "csv": str(tmp_path / "lines.csv"),
        "mixed": [tmp_path / "first.csv", tmp_path / "text.parquet"],
    }  # fmt: skip
    target = tmp_path / "out.parquet"
    total = estimate_dataset(us, given[kind], target, keep="programs")  # type: ignore[arg-type]
    whole = us.estimate(halves[0] if kind == "file" else lines)
    found = pq.read_table(target)
    for name in ("duty", "fees", "total", "effective_rate", "us.mpf", "us.ieepa.reciprocal"):
        assert found[name].to_pylist() == whole.frame[name].to_pylist(), name
    assert found["commodity"].to_pylist() == whole.frame["commodity"].to_pylist()
    assert_same_totals(total, EstimateTotals.of(whole))
    problems = whole.problems[whole.problems["severity"] != "note"]
    listed = pq.read_table(tmp_path / "out.problems.parquet").to_pandas().astype(object)
    listed["row"] = listed.pop("row_from_1") - 1  # files count from 1, the tables of Python from 0
    assert sorted(
        zip(*(listed[name] for name in ("row", "severity", "code", "message", "supply")), strict=True)
    ) == sorted(
        zip(*(problems[name] for name in ("row", "severity", "code", "message", "supply")), strict=True)
    )
    if kind == "list":
        assert [Path(file).name for file in listed["file"]] == [
            "a.parquet" if row < 311 else "c.parquet" for row in listed["row"]
        ]
    assert not (tmp_path / ".out.parquet.partial").exists()
    assert total.unread == []


def test_postings_to_a_file(us: tc.Tariff, lines: pa.Table, source: Path, tmp_path: Path) -> None:
    total = estimate_dataset(us, source, tmp_path / "out.parquet", keep="postings", fees=False)
    found = pq.read_table(total.target).to_pandas()
    known = us.estimate(lines, fees=False).frame["duty"].is_valid().to_pylist()
    assert (
        sum(
            amount for amount, row in zip(found["amount"], found["row_from_1"] - 1, strict=True) if known[row]
        )
        == total.duty
    )
    assert set(found["row_from_1"]) == set(range(1, 601))


def test_no_problems_no_file_of_problems(us: tc.Tariff, tmp_path: Path) -> None:
    table = pa.table({"commodity": ["6109.10.00.12"] * 3, "value": [100, 200, 300]})
    pq.write_table(table, tmp_path / "in.parquet")
    pq.write_table(problem_rows.SCHEMA.empty_table(), tmp_path / "out.problems.parquet")  # of an earlier run
    total = estimate_dataset(
        us,
        tmp_path / "in.parquet",
        tmp_path / "out.parquet",
        fees=False,
        constants={"entered": "2025-04-09", "origin": "IN"},
    )
    # 16.5% and the 26% of that day
    assert (total.rows, total.unknown, total.duty) == (3, 0, Decimal("255.00"))
    assert total.problems_file is None
    assert names(tmp_path) == ["in.parquet", "out.parquet"]
    assert pq.read_table(tmp_path / "out.parquet")["duty"].to_pylist() == [42.5, 85.0, 127.5]


def test_types_that_differ_a_little_are_brought_together(us: tc.Tariff, tmp_path: Path) -> None:
    base = {"commodity": ["6109.10.00.12"], "origin": ["IN"], "entered": ["2025-04-09"]}
    pq.write_table(
        pa.table(base | {"value": pa.array([100], pa.int32()), "note": pa.nulls(1)}), tmp_path / "a.parquet"
    )
    pq.write_table(pa.table({"note": ["x"], "value": [200.5]} | base), tmp_path / "b.parquet")
    estimate_dataset(
        us, [tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "out.parquet", fees=False
    )
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["value"].to_pylist() == [100.0, 200.5]
    assert found["note"].to_pylist() == [None, "x"]
    assert found["duty"].to_pylist() == [42.5, 85.21]  # 33.08 and 52.13, each rounded


@pytest.mark.parametrize(
    "text",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
)
def test_columns_come_out_as_the_types_they_went_in(
    us: tc.Tariff, lines: pa.Table, tmp_path: Path, text: pa.DataType
) -> None:
    typed = lines.slice(0, 200)
    for name in ("commodity", "origin", "claims", "shipment"):
        coded = (
            typed[name].dictionary_encode()
            if pa.types.is_dictionary(text) and name != "shipment"
            else typed[name]
        )
        typed = typed.set_column(
            typed.column_names.index(name), name, coded.cast(text if name != "shipment" else pa.string())
        )
    pq.write_table(typed, tmp_path / "in.parquet", row_group_size=70)
    estimate_dataset(us, tmp_path / "in.parquet", tmp_path / "out.parquet", fees=False)
    given, found = pq.read_table(tmp_path / "in.parquet"), pq.read_table(tmp_path / "out.parquet")
    assert found.schema.types[: len(given.schema)] == given.schema.types
    assert found.select(given.column_names).to_pylist() == lines.slice(0, 200).to_pylist()
    statistics = pq.read_metadata(tmp_path / "out.parquet").row_group(0)
    # readers pass over row groups by the amounts
    assert statistics.column(found.column_names.index("duty")).statistics.has_min_max


# --- cut off, and gone on with
# ------------------------------------------------------------------------------------------------------

SLOW = """
import sys, time
import tariffcalc as tc
from tariffcalc.io import batches
from tariffcalc.scale import estimate_dataset, checkpoint, source
batches.MOST_ROWS, batches.FEWEST_ROWS, source.MOST_ROWS = 60, 40, 60
finish = checkpoint.Checkpoint.finish
def slow_finish(*given):
    finish(*given)
    time.sleep(0.3)
checkpoint.Checkpoint.finish = slow_finish
estimate_dataset(tc.load("us"), sys.argv[1], sys.argv[2], keep="programs")
"""


def killed(repository: Path, source: Path, target: Path, parts: int) -> None:
    """A run in a process of its own, killed when it has finished some parts."""
    run = subprocess.Popen([sys.executable, "-c", SLOW, str(source), str(target)], cwd=repository)
    finished = target.parent / f".{target.name}.partial"
    end = time.monotonic() + 120
    while run.poll() is None and len(list(finished.glob("0*.json"))) < parts and time.monotonic() < end:
        time.sleep(0.01)
    assert run.poll() is None, "it ended before it was killed"
    os.kill(run.pid, signal.SIGKILL)
    run.wait()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_killed_run_goes_on(
    us: tc.Tariff, lines: pa.Table, source: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    target = source.with_name("out.parquet")
    if kind == "csv":
        source = source.with_suffix(".csv")
        pa_csv.write_csv(lines, source)
    killed(repository, source, target, 4)
    assert not target.exists()
    folder = source.with_name(".out.parquet.partial")
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("0*.rows.parquet")}
    assert 4 <= len(before) < 12
    done = [path.stem for path in sorted(folder.glob("0*.json"))]
    made = []
    work = dataset._write_part
    monkeypatch.setattr(dataset, "_write_part", lambda *given: made.append(given[3]) or work(*given))
    total = estimate_dataset(us, source, target, keep="programs", resume=True)
    gap = next(number for number in range(99) if f"{number:08}" not in done)
    assert sorted(made) == list(range(gap, max(made) + 1))  # nothing that was finished was worked out again
    assert gap >= 3
    whole = us.estimate(lines)
    for name in ("duty", "total", "us.mpf"):
        assert pq.read_table(target)[name].to_pylist() == whole.frame[name].to_pylist()
    assert_same_totals(total, EstimateTotals.of(whole))
    assert not folder.exists()


def test_without_resume_a_run_begins_anew(
    us: tc.Tariff, source: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = source.with_name("out.parquet")
    killed(repository, source, target, 2)
    made = []
    work = dataset._write_part
    monkeypatch.setattr(dataset, "_write_part", lambda *given: made.append(given[3]) or work(*given))
    assert estimate_dataset(us, source, target, keep="programs").rows == 600
    assert min(made) == 0


def stopped(us: tc.Tariff, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that an error of ours stops after three parts."""
    finish = checkpoint.Checkpoint.finish

    def fails(self: checkpoint.Checkpoint, number: int, *given: object) -> None:
        if number == 3:
            raise RuntimeError("out of luck")
        finish(self, number, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "finish", fails)
        with pytest.raises(
            RuntimeError,
            match=(
                r"out of luck; the first \d+ rows are finished and kept in .*\.out\.parquet\.partial:"
                r" resume=True"
            ),
        ):
            estimate_dataset(us, source, target)


def test_what_was_finished_is_kept_and_a_part_that_was_damaged_is_made_again(
    us: tc.Tariff, lines: pa.Table, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = source.with_name("out.parquet")
    stopped(us, source, target, monkeypatch)
    assert names(source.parent) == [".out.parquet.partial", "lines.parquet"]
    with (source.parent / ".out.parquet.partial" / "00000001.rows.parquet").open("ab") as stream:
        stream.write(b"?")
    with pytest.warns(
        UserWarning,
        match=r"00000001\.rows\.parquet is damaged: its rows, and those of later parts, are worked out again",
    ):
        assert estimate_dataset(us, source, target, resume=True).rows == 600
    assert pq.read_table(target)["total"].to_pylist() == us.estimate(lines).frame["total"].to_pylist()


def test_parts_of_another_run_are_refused(
    us: tc.Tariff, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = source.with_name("out.parquet")
    stopped(us, source, target, monkeypatch)
    amended = us.amend("india-at-18-percent")
    with pytest.raises(
        TariffError, match=r"out\.parquet\.partial is of a run with another law: it cannot be resumed"
    ):
        estimate_dataset(amended, source, target, resume=True)
    with pytest.raises(TariffError, match="another set of options: "):
        estimate_dataset(us, source, target, fees=False, resume=True)
    os.utime(source, (1, 1))
    with pytest.raises(TariffError, match="another law and another set of options and another source: "):
        estimate_dataset(amended, source, target, fees=False, resume=True)
    assert (source.parent / ".out.parquet.partial" / "00000000.json").exists()
    assert estimate_dataset(us, source, target).rows == 600


def test_two_runs_do_not_write_to_one_target(us: tc.Tariff, source: Path) -> None:
    target = source.with_name("out.parquet")
    with checkpoint.Checkpoint(target, {}, False), pytest.raises(TariffError, match="another run is writing"):
        estimate_dataset(us, source, target)
    assert estimate_dataset(us, source, target).rows == 600


def test_resume_with_shipments_far_apart_is_still_an_error(
    us: tc.Tariff, lines: pa.Table, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipments of the finished parts are known to the run that goes on."""
    mixed = pa.concat_tables([lines, lines.slice(0, 1)])
    pq.write_table(mixed, source, row_group_size=50)
    target = source.with_name("out.parquet")
    stopped(us, source, target, monkeypatch)
    with pytest.raises(ShipmentError, match="rows of shipment 'entry 0' are not next to each other"):
        estimate_dataset(us, source, target, resume=True)


@pytest.mark.parametrize(
    ("source_name", "target_name", "words"),
    [
        ("lines.parquet", "out.csv", "write to a file that ends in .parquet"),
        ("lines.parquet", "lines.parquet", "would replace the input"),
        ("lines.parquet", "nowhere/out.parquet", "there is no folder"),
        ("absent.parquet", "out.parquet", "absent.parquet is not there"),
        ("empty", "out.parquet", "there is no file to read"),
        ("lines.doc", "out.parquet", "a file of a dataset ends in"),
        ("none.parquet", "out.parquet", "the source is empty"),
    ],
)
def test_what_cannot_be_is_told_at_once(
    us: tc.Tariff, source: Path, source_name: str, target_name: str, words: str
) -> None:
    (source.parent / "empty").mkdir()
    (source.parent / "lines.doc").write_text("")
    pq.write_table(pq.read_table(source).slice(0, 0), source.with_name("none.parquet"))
    before = names(source.parent)
    with pytest.raises(ShipmentError, match=words):
        estimate_dataset(us, source.with_name(source_name), source.parent / target_name)
    assert names(source.parent) == before


def test_totals_told_and_read_back_are_the_same(us: tc.Tariff, lines: pa.Table) -> None:
    total = EstimateTotals.of(us.estimate(lines))
    read = EstimateTotals.from_state(json.loads(json.dumps(total.state())))
    assert read == total
    halves = EstimateTotals.of(us.estimate(lines.slice(0, 200)))
    for first, part in ((200, lines.slice(200, 150)), (350, lines.slice(350))):
        halves.merge(EstimateTotals.of(us.estimate(part), first))
    one_after_another = EstimateTotals()
    for first, part in ((0, lines.slice(0, 200)), (200, lines.slice(200, 150)), (350, lines.slice(350))):
        one_after_another.add(us.estimate(part), first)
    assert halves == one_after_another


def test_the_bar_is_shown_when_asked(us: tc.Tariff, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    estimate_dataset(us, source, source.with_name("out.parquet"))
    assert capsys.readouterr().err == ""
    estimate_dataset(us, source, source.with_name("out.parquet"), progress=True)
    assert "rows" in capsys.readouterr().err


def test_the_command_line_goes_on_with_resume(
    us: tc.Tariff, lines: pa.Table, source: Path, repository: Path
) -> None:
    target = source.with_name("out.parquet")
    killed(repository, source, target, 2)
    words = [sys.executable, "-m", "tariffcalc", "estimate", str(source), "-o", str(target)]
    done = subprocess.run([*words, "--resume"], capture_output=True, text=True, cwd=repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("600 lines, ")
    assert (
        "Rows that could not be assessed, or of which a claim had no effect, and why:"
        f" {target.with_name('out.problems.parquet')}" in done.stdout
    )
    assert pd.read_parquet(target)["total"].sum() == pytest.approx(
        sum(filter(None, us.estimate(lines).frame["total"].to_pylist()))
    )
    refused = subprocess.run(
        [*words[:-1], str(target.with_suffix(".csv")), "--resume"],
        capture_output=True,
        text=True,
        cwd=repository,
    )
    assert (refused.returncode, refused.stderr) == (
        1,
        "error: --resume and --keep-going need a file or folder to read and -o NAME.parquet\n",
    )
