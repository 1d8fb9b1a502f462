"""What goes wrong under load: torn row groups, a full disk, wrong types far down; told with file, row group
and row, and nothing else lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.errors import ShipmentError
from tariffcalc.io import files
from tariffcalc.scale import estimate_dataset

pytestmark = pytest.mark.usefixtures("small_pieces")


def tear(path: Path, group: int) -> None:
    """Overwrite the first column chunk of a row group."""
    chunk = pq.read_metadata(path).row_group(group).column(0)
    at = chunk.dictionary_page_offset or chunk.data_page_offset
    with path.open("r+b") as stream:
        stream.seek(at)
        stream.write(b"\xff" * chunk.total_compressed_size)


@pytest.fixture
def torn(lines: pa.Table, tmp_path: Path) -> Path:
    """Two files of six row groups of 50 rows each; group 1 of the second (rows 351 to 400) is torn."""
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(lines.slice(0, 300), folder / "a.parquet", row_group_size=50)
    pq.write_table(lines.slice(300), folder / "b.parquet", row_group_size=50)
    tear(folder / "b.parquet", 1)
    return folder


def test_a_torn_row_group_is_told_with_file_and_rows(us: tc.Tariff, torn: Path, tmp_path: Path) -> None:
    with pytest.raises(ShipmentError) as caught:
        estimate_dataset(us, torn, tmp_path / "out.parquet")
    message = str(caught.value)
    assert message.startswith(
        f"{torn / 'b.parquet'}: row group 1 (of 0 to 5), rows 351 to 400 of the whole, cannot be read: "
    )
    assert "keep_going=True" in message
    assert "rows are finished and kept in" in message
    assert "\n" not in message
    assert not (tmp_path / "out.parquet").exists()


def test_the_others_are_intact_when_asked_to_keep_going(
    us: tc.Tariff, lines: pa.Table, torn: Path, tmp_path: Path
) -> None:
    with pytest.raises(ShipmentError):
        estimate_dataset(us, torn, tmp_path / "out.parquet", keep="programs")
    total = estimate_dataset(
        us, torn, tmp_path / "out.parquet", keep="programs", keep_going=True, resume=True
    )
    found = pq.read_table(total.target)
    whole = us.estimate(lines).frame
    left = [*range(350), *range(400, 600)]
    assert found["value"].to_pylist() == lines["value"].take(left).to_pylist()
    assert found["duty"].to_pylist() == whole["duty"].take(left).to_pylist()
    # the fees of a shipment that may have lines in the gap are unknown: those of the shipments that stand at
    # its edges, and no others
    names = lines["shipment"].to_pylist()
    edge = {row for row in left if names[row] in (names[349], names[400])}
    assert len(edge) >= 2
    for name in ("fees", "total", "us.mpf"):
        wanted = whole[name].to_pylist()
        assert found[name].to_pylist() == [None if row in edge else wanted[row] for row in left], name
    assert (total.rows, total.unknown) == (600, 50 + whole["duty"].take(left).null_count)
    (unread,) = total.unread
    assert unread.startswith(f"{torn / 'b.parquet'}: row group 1 (of 0 to 5), rows 351 to 400")
    assert total.problems[(unread, "correct the file and run again")] == 50
    problems = pq.read_table(tmp_path / "out.problems.parquet").to_pylist()
    assert [
        (each["row_from_1"], each["file"], each["message"])
        for each in problems if each["severity"] == "unread"
    ] == [
        (351, str(torn / "b.parquet"), unread)
    ]  # fmt: skip
    assert {
        each["row_from_1"] - 1
        for each in problems
        if each["code"] == "incomplete-shipment" and "could not be read" in each["supply"]
    } == edge


def test_a_gap_that_was_told_is_told_once_when_gone_on_with(
    us: tc.Tariff, torn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tariffcalc.scale.checkpoint import Checkpoint

    join = Checkpoint.join

    def no_join(self: Checkpoint) -> None:
        raise OSError(28, "No space left on device")

    (torn / "c.parquet").write_bytes(b"PAR1 no longer")
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "join", no_join)
        with pytest.raises(
            OSError,
            match=r"No space left on device; the first 600 rows are finished and kept in .*resume=True",
        ):
            estimate_dataset(us, torn, tmp_path / "out.parquet", keep_going=True)
    assert Checkpoint.join is join
    total = estimate_dataset(us, torn, tmp_path / "out.parquet", keep_going=True, resume=True)
    assert len(total.unread) == 2
    assert total.rows == 600
    assert "c.parquet cannot be read" in total.unread[1]


def test_a_wrong_type_far_down_is_told_with_file_group_and_row(
    us: tc.Tariff, lines: pa.Table, tmp_path: Path
) -> None:
    """The row is counted through all files, however many came before."""
    numbers = lines.set_column(3, "value", lines["value"].cast(pa.float64()))
    texts = lines["value"].to_pylist()
    texts[477] = "twelve"
    late = lines.set_column(3, "value", pa.array(texts)).slice(300)
    pq.write_table(numbers.slice(0, 300), tmp_path / "a.parquet", row_group_size=50)
    pq.write_table(late, tmp_path / "b.parquet", row_group_size=50)
    source = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    message = (
        r"b\.parquet: row group 3 \(of 0 to 5\): row 478: the column 'value' is string and not double as"
        r" before, and 'twelve' cannot be read"
    )
    with pytest.raises(ShipmentError, match=message):
        estimate_dataset(us, source, tmp_path / "out.parquet")
    total = estimate_dataset(us, source, tmp_path / "out.parquet", keep_going=True)
    left = [*range(450), *range(500, 600)]
    assert (
        pq.read_table(total.target)["duty"].to_pylist()
        == us.estimate(numbers).frame["duty"].take(left).to_pylist()
    )
    assert len(total.unread) == 1


def test_a_bad_value_far_down_is_told_with_file_and_row(
    us: tc.Tariff, lines: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 2048)
    row = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-04-09", "value": "100"}
    table = pa.Table.from_pylist([row] * 700 + [row | {"value": "1OO"}] + [row] * 99)
    pa_csv.write_csv(table.slice(0, 500), tmp_path / "a.csv")
    pa_csv.write_csv(table.slice(500), tmp_path / "b.csv")
    source = [tmp_path / "a.csv", tmp_path / "b.csv"]
    with pytest.raises(ShipmentError, match=r"b\.csv: row 701: .*'1OO'"):
        estimate_dataset(us, source, tmp_path / "out.parquet", fees=False, on_problem="raise")
    total = estimate_dataset(us, source, tmp_path / "out.parquet", fees=False)
    assert pq.read_table(total.target)["duty"].to_pylist() == [42.5] * 700 + [None] + [42.5] * 99
    (problem,) = pq.read_table(tmp_path / "out.problems.parquet").to_pylist()
    assert (problem["row_from_1"], problem["file"], problem["severity"]) == (
        701,
        str(tmp_path / "b.csv"),
        "refused",
    )


def test_text_that_breaks_off_is_told_and_what_stood_before_is_kept(
    us: tc.Tariff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_BYTES", 2048)
    head, row = "commodity,origin,entered,value\n", "6109.10.00.12,IN,2025-04-09,100\n"
    (tmp_path / "a.csv").write_text(head + row * 300 + "6109.10\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(head + row * 10, encoding="utf-8")
    source = [tmp_path / "a.csv", tmp_path / "b.csv"]
    with pytest.raises(ShipmentError, match=r"a\.csv \(after row 2\d\d\): a row has 1 cells, the header 4"):
        estimate_dataset(us, source, tmp_path / "out.parquet")
    total = estimate_dataset(us, source, tmp_path / "out.parquet", keep_going=True)
    assert 200 < total.rows <= 310
    assert total.unread[0].endswith("what follows in the file is not read")


def test_nothing_that_can_be_read_is_an_error_all_the_same(us: tc.Tariff, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    for keep_going in (True, False):
        with pytest.raises(ShipmentError, match=r"a\.parquet cannot be read"):
            estimate_dataset(us, tmp_path / "a.parquet", tmp_path / "out.parquet", keep_going=keep_going)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


# --- a full disk
# ------------------------------------------------------------------------------------------------------------

LIMITED = """
import resource, sys
import tariffcalc as tc
from tariffcalc.io import batches
from tariffcalc.scale import estimate_dataset, source
batches.MOST_ROWS, batches.FEWEST_ROWS, source.MOST_ROWS = 60, 40, 60
us = tc.load("us")
if sys.argv[3] != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    estimate_dataset(us, sys.argv[1], sys.argv[2], resume=True)
except OSError as error:
    sys.exit(f"{error.errno} {error}")
"""


def run_limited(repository: Path, source: Path, target: Path, most_bytes: int = 0) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, source, target, str(most_bytes)],
        capture_output=True,
        text=True,
        cwd=repository,
    )
    return done.returncode, done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kilobytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_file_that_may_not_grow_ends_the_run_and_loses_nothing(
    us: tc.Tariff, lines: pa.Table, tmp_path: Path, repository: Path
) -> None:
    source, target = tmp_path / "lines.parquet", tmp_path / "out.parquet"
    wide = lines.append_column(
        "note", pa.array([os.urandom(20 if row < 300 else 900).hex() for row in range(600)])
    )
    pq.write_table(wide, source, row_group_size=50)
    status, message = run_limited(repository, source, target, 40_000)
    assert status == 1
    assert "File too large" in message
    assert "rows are finished and kept in" in message
    assert "Traceback" not in message
    assert not target.exists()
    finished = len(list(tmp_path.glob(".out.parquet.partial/*.json"))) - 1
    assert finished >= 4
    assert run_limited(repository, source, target) == (0, "")
    found = pq.read_table(target)
    assert found["note"].equals(wide["note"])
    assert found["total"].to_pylist() == us.estimate(lines).frame["total"].to_pylist()


def test_a_full_disk_ends_the_run_and_loses_nothing(
    us: tc.Tariff, lines: pa.Table, small_disk: Path, tmp_path: Path, repository: Path
) -> None:
    source, target = tmp_path / "lines.parquet", small_disk / "out.parquet"
    pq.write_table(lines, source, row_group_size=50)
    (small_disk / "other.bin").write_bytes(b"x" * 60_000)
    status, message = run_limited(repository, source, target)
    assert status == 1
    assert "No space left on device" in message
    assert "rows are finished and kept in" in message
    assert not target.exists()
    (small_disk / "other.bin").unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    assert run_limited(repository, source, target) == (0, "")
    assert pq.read_table(target)["total"].to_pylist() == us.estimate(lines).frame["total"].to_pylist()
