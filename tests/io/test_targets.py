"""Files that are written: no file of the user's is lost, none is under its name before it is whole, and two
runs never write to one name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc import cli
from tariffcalc.errors import ShipmentError, TariffError
from tariffcalc.io.output import Writer
from tariffcalc.io.targets import Targets, write_whole
from tariffcalc.scale import estimate_dataset

# the second is no tariff line
LINES = "commodity,origin,entered,value\n6109.10.00.12,IN,2025-09-01,1000\n6109.10.00.99,IN,2025-09-01,5\n"
KINDS = ("csv", "parquet", "xlsx")


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> str:
    """What a command refuses, or nothing."""
    monkeypatch.setattr(sys, "argv", ["tariffcalc", *map(str, words)])
    try:
        cli.main()
    except SystemExit as stop:
        return str(stop.code)
    return ""


def put(path: Path) -> Path:
    """The lines as a file of whatever kind its name says."""
    table = pa_csv.read_csv(
        pa.BufferReader(LINES.encode()),
        convert_options=pa_csv.ConvertOptions(column_types={"entered": pa.string()}),
    )
    if path.suffix == ".csv":
        path.write_text(LINES, encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        table.to_pandas().to_excel(path, index=False)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


# name of the input, name of the output
OVER_ITSELF = [
    ("in.csv", "in.csv"), ("in.parquet", "in.parquet"), ("in.xlsx", "in.xlsx"),
    ("in.problems.csv", "in.csv"), ("in.problems.parquet", "in.parquet"),
]  # fmt: skip
OTHERS = [
    ("in.part.csv", "in.csv"),
    ("in.part.parquet", "in.parquet"),
    ("in.part.xlsx", "in.xlsx"),
    ("in.problems.part.csv", "in.csv"),
]


@pytest.mark.parametrize(("source", "target"), OVER_ITSELF)
def test_no_output_replaces_the_input(
    source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / source)
    (tmp_path / "link.csv").symlink_to(tmp_path / source)
    before = contents(tmp_path)
    scenario = ("--scenario", "india-at-18-percent")
    for words in (
        ("estimate", tmp_path / source),
        *([("compare", tmp_path / source, *scenario)] if source == "in.csv" else []),
    ):
        refused = run(monkeypatch, *words, "-o", tmp_path / target)
        assert "would replace the input" in refused or "a file of yours has that name" in refused
        assert "\n" not in refused
        assert contents(tmp_path) == before


@pytest.mark.parametrize(("source", "target"), OTHERS)
def test_an_input_of_any_other_name_is_left_alone(
    source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / source)
    before = contents(tmp_path)
    assert run(monkeypatch, "estimate", tmp_path / source, "-o", tmp_path / target) == ""
    after = contents(tmp_path)
    assert after[target]
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_the_user_beside_the_target_stay(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = put(tmp_path / "lines.csv")
    own = [
        f"out.part.{kind}",
        f".out.{kind}.part",
        f"out.{kind}.tmp",
        f"out.problems.part.{kind}",
        f".out.{kind}.tariffcalc-mine",
    ]
    for name in own:
        (tmp_path / name).write_text("mine", encoding="utf-8")
    assert run(monkeypatch, "estimate", source, "-o", tmp_path / f"out.{kind}") == ""
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in own] == ["mine"] * len(own)
    beside = set() if kind == "xlsx" else {f"out.problems.{kind}"}
    assert set(contents(tmp_path)) == {*own, "lines.csv", f"out.{kind}"} | beside


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_of_the_user_with_the_name_of_the_file_of_problems(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no file of problems, so that an earlier run has not written it: the run is refused before it
    begins."""
    source, own = put(tmp_path / "lines.csv"), tmp_path / f"out.problems.{kind}"
    for content in (b"my notes\n", b"", b"row,file\n"):
        own.write_bytes(content)
        refused = run(monkeypatch, "estimate", source, "-o", tmp_path / f"out.{kind}")
        assert f"would be written to {own}, and a file of yours has that name" in refused
        assert own.read_bytes() == content
        assert not (tmp_path / f"out.{kind}").exists()
    own.unlink()
    for _ in range(2):  # the file of problems of an earlier run is replaced
        assert run(monkeypatch, "estimate", source, "-o", tmp_path / f"out.{kind}") == ""
        assert own.exists()


def test_standard_input_that_is_the_target(tmp_path: Path, repository: Path) -> None:
    path = put(tmp_path / "lines.csv")
    with path.open("rb") as stream:
        words = [sys.executable, "-m", "tariffcalc", "estimate", "-", "-o", str(path)]
        done = subprocess.run(
            words, stdin=stream, capture_output=True, text=True, cwd=repository, check=False
        )
    assert (done.returncode, done.stderr) == (
        1,
        f"error: {path}: the output would replace the input; give another name\n",
    )
    assert path.read_text(encoding="utf-8") == LINES


def test_a_folder_of_the_user_with_the_name_of_the_unfinished_parts(us: tc.Tariff, tmp_path: Path) -> None:
    source, folder = put(tmp_path / "lines.parquet"), tmp_path / ".out.parquet.partial"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TariffError, match=r"holds 'letter.txt', which is no part of an unfinished run"):
        estimate_dataset(us, source, tmp_path / "out.parquet")
    assert (folder / "letter.txt").read_text(encoding="utf-8") == "mine"
    (folder / "letter.txt").unlink()
    rows = put(folder / "00000000.rows.parquet")
    with pytest.raises(ShipmentError, match="is among the unfinished parts"):
        estimate_dataset(us, rows, tmp_path / "out.parquet")
    assert rows.exists()


def test_what_else_is_written_is_whole_and_spares_its_input(tmp_path: Path) -> None:
    from tariffcalc.ingest.chapter_text import chapters_to_table

    chapter = tmp_path / "chapter.txt"
    chapter.write_text("1001 99 10   Wheat      kg.   40%\n", encoding="utf-8")
    with pytest.raises(ShipmentError, match="would replace the input"):
        chapters_to_table([chapter], chapter, "my book")
    assert chapter.read_text(encoding="utf-8").startswith("1001")
    scenario = tmp_path / "mine.yaml"
    tc.Scenario("mine").write(scenario)
    write_whole(scenario, "other")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_link_stays_a_link_and_a_file_keeps_the_rights_of_a_new_one(us: tc.Tariff, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "out.csv"
    link.symlink_to(tmp_path / "folder" / "real.csv")
    with Writer(str(link)) as writer:
        writer.write(pa.table({"a": [1]}))
    assert link.is_symlink()
    plain = tmp_path / "plain"
    plain.write_text("", encoding="utf-8")
    assert (tmp_path / "folder" / "real.csv").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_run_is_refused_while_the_first_is_at_work(
    us: tc.Tariff, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever makes the target, and also where one run's file of problems is the other's target."""
    source, target = put(tmp_path / "lines.csv"), tmp_path / f"out.{kind}"
    refusal = f"error: another run is writing to {target}: wait for it to end, or give another name"
    with Writer(str(target)) as first:
        first.write(pa.table({"a": [1]}))
        assert run(monkeypatch, "estimate", source, "-o", target) == refusal
        if kind == "csv":
            assert (
                run(monkeypatch, "compare", source, "--scenario", "india-at-18-percent", "-o", target)
                == refusal
            )
        with pytest.raises(TariffError, match="another run is writing"):
            us.panel(origins=["IN"], entered=["2025-09-01"], to=target)
        if kind != "xlsx":
            assert "another run is writing" in run(
                monkeypatch, "estimate", source, "-o", tmp_path / f"out.problems.{kind}"
            )
    assert set(contents(tmp_path)) == {"lines.csv", target.name}
    assert run(monkeypatch, "estimate", source, "-o", target) == ""


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path, repository: Path) -> None:
    target = tmp_path / "out.csv"
    killed = f"""
import os, pyarrow as pa
from tariffcalc.io.output import Writer
with Writer({str(target)!r}) as writer:
    writer.write(pa.table({{"a": [1]}}))
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", killed], cwd=repository, check=False)
    assert len(contents(tmp_path)) == 3  # two locks and the half file
    with Writer(str(target)) as writer:
        writer.write(pa.table({"a": [2]}))
    assert list(contents(tmp_path)) == ["out.csv"]


def test_a_name_as_long_as_the_disk_allows(tmp_path: Path) -> None:
    target = tmp_path / ("ä" * 120 + ".csv")
    with Writer(str(target.with_name("x" * 242 + ".csv"))) as writer:
        writer.write(pa.table({"a": [1]}))
    with Targets([target]) as targets:
        targets.part(target).write_text("a", encoding="utf-8")
        targets.complete()
    assert len(os.listdir(tmp_path)) == 2


# --- pairs of runs
# ------------------------------------------------------------------------------------------------------------

PAIR = """
import sys, warnings
warnings.simplefilter("ignore")
import tariffcalc as tc
from tariffcalc import cli
tc.load("us")
from tariffcalc.scale import dataset, stream
sys.stdout.write("ready\\n"); sys.stdout.flush()
for words in sys.stdin:
    sys.argv = ["tariffcalc", *words.split("\\t")]
    sys.argv[-1] = sys.argv[-1].strip()
    try:
        cli.main()
    except SystemExit as stop:
        print("status", stop.code, flush=True)
    else:
        print("status 0", flush=True)
"""


class Worker:
    """A process that runs the commands it is given."""

    def __init__(self, repository: Path) -> None:
        words = [sys.executable, "-c", PAIR]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=repository
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._given, self._said = self._process.stdin, self._process.stdout
        assert self._said.readline() == "ready\n"

    def begin(self, *words: object) -> None:
        self._given.write("\t".join(map(str, words)) + "\n")
        self._given.flush()

    def end(self) -> str:
        while not (line := self._said.readline()).startswith("status "):
            assert line, "the worker has ended"
        return line.removeprefix("status ").strip()

    def close(self) -> None:
        self._given.close()
        self._process.wait()
        self._said.close()


def values_of(path: Path) -> list[float]:
    if path.suffix == ".csv":
        return list(pa_csv.read_csv(path)["value"].to_pylist())
    if path.suffix == ".parquet":
        return list(map(float, pq.read_table(path)["value"].to_pylist()))
    header, *rows = openpyxl.load_workbook(path)["lines"].iter_rows(values_only=True)
    return [float(row[header.index("value")]) for row in rows]


def pairs_of_runs(kind: str, pairs: int, rows: int, tmp_path: Path, repository: Path) -> tuple[int, int]:
    """Pairs of runs of different lines to one target: how many runs were whole, how many refused."""
    head, row = "commodity,origin,entered,value\n", "6109.10.00.12,IN,2025-09-01,{}\n"
    for number, value in ((0, 11), (1, 22)):
        (tmp_path / f"in-{number}.csv").write_text(
            head + row.format(value) * rows + "6109.10.00.99,IN,2025-09-01,5\n" * number, encoding="utf-8"
        )
    workers = [Worker(repository), Worker(repository)]
    whole = refused = 0
    try:
        for pair in range(pairs):
            target = tmp_path / f"{pair}.{kind}"
            order = (0, 1) if pair % 2 else (1, 0)
            for number in order:
                workers[number].begin("estimate", tmp_path / f"in-{number}.csv", "-o", target, "--no-fees")
            ended = [worker.end() for worker in workers]
            good = [number for number, status in enumerate(ended) if status == "0"]
            for status in ended:
                assert status == "0" or status.startswith("error: another run is writing to "), status
            assert good, ended
            found = values_of(target)
            assert found in ([11.0] * rows, [22.0] * rows + [5.0]), (kind, pair, len(found))
            if len(good) == 1:
                assert found[0] == (11, 22)[good[0]]
            whole, refused = whole + len(good), refused + 2 - len(good)
            assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    finally:
        for worker in workers:
            worker.close()
    return whole, refused


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_pairs_of_runs(kind: str, tmp_path: Path, repository: Path) -> None:
    whole, refused = pairs_of_runs(kind, 2, 500, tmp_path, repository)
    assert whole + refused == 4
    assert whole >= 2


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_pairs_of_runs(kind: str, tmp_path: Path, repository: Path) -> None:
    whole, refused = pairs_of_runs(kind, 20, 20_000, tmp_path, repository)
    print(f"{kind}: 20 pairs, {whole} runs whole, {refused} refused")
