"""Single bits flipped on the disk, in the parts of an unfinished run and in Parquet files: the right numbers,
or a refusal in one sentence."""

from __future__ import annotations

import random
import shutil
import warnings
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.errors import TariffError
from tariffcalc.scale import checkpoint, estimate_dataset

pytestmark = pytest.mark.usefixtures("small_pieces")


def flip(path: Path, chance: random.Random, end: int | None = None) -> None:
    """Flip one bit of a file, among its first bytes if an end is given."""
    data = bytearray(path.read_bytes())
    place = chance.randrange(4, end or len(data))
    data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def outcome(us: tc.Tariff, source: Path, target: Path, wanted: list[float | None], resume: bool) -> str:
    """ "right" or "refused"; anything else fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimate_dataset(us, source, target, fees=False, resume=resume)
    except TariffError as error:
        assert "\n" not in str(error)
        assert not target.exists()
        return "refused"
    assert pq.read_table(target)["duty"].to_pylist() == wanted
    return "right"


@pytest.fixture
def stopped(us: tc.Tariff, lines: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source, and the parts of a run of it that was stopped."""
    folder = tmp_path / "stopped"
    folder.mkdir()
    pq.write_table(lines, folder / "lines.parquet", row_group_size=50)
    finish = checkpoint.Checkpoint.finish

    def fails(self: checkpoint.Checkpoint, number: int, *given: object) -> None:
        if number == 5:
            raise RuntimeError("out of luck")
        finish(self, number, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "finish", fails)
        with pytest.raises(RuntimeError):
            estimate_dataset(us, folder / "lines.parquet", folder / "out.parquet", fees=False)
    return folder


def flips_in_parts(us: tc.Tariff, lines: pa.Table, stopped: Path, count: int) -> Counter[str]:
    chance = random.Random(5)
    wanted = us.estimate(lines, fees=False).frame["duty"].to_pylist()
    source, target, folder = (
        stopped / "lines.parquet",
        stopped / "out.parquet",
        stopped / ".out.parquet.partial",
    )
    shutil.copytree(folder, stopped / "kept")
    found: Counter[str] = Counter()
    for _ in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        target.unlink(missing_ok=True)
        shutil.copytree(stopped / "kept", folder)
        flip(chance.choice(sorted(folder.iterdir())), chance)
        found[outcome(us, source, target, wanted, resume=True)] += 1
        if not target.exists():  # what the refusal says to do helps
            found["begun anew " + outcome(us, source, target, wanted, resume=False)] += 1
    return found


def flips_in_pages(us: tc.Tariff, lines: pa.Table, tmp_path: Path, count: int) -> Counter[str]:
    """Of files whose pages carry checksums, as those do that are written here."""
    chance = random.Random(6)
    wanted = us.estimate(lines, fees=False).frame["duty"].to_pylist()
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(lines, source, row_group_size=200, write_page_checksum=True)
    data = source.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    found: Counter[str] = Counter()
    for _ in range(count):
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        flip(source, chance, footer)
        found[outcome(us, source, target, wanted, resume=False)] += 1
        shutil.rmtree(tmp_path / ".out.parquet.partial", ignore_errors=True)
    return found


def test_a_few_flipped_bits_in_parts(us: tc.Tariff, lines: pa.Table, stopped: Path) -> None:
    found = flips_in_parts(us, lines, stopped, 25)
    assert found["right"] + found["refused"] == 25
    assert found["begun anew right"] == found["refused"]


def test_a_few_flipped_bits_in_pages(us: tc.Tariff, lines: pa.Table, tmp_path: Path) -> None:
    found = flips_in_pages(us, lines, tmp_path, 25)
    assert found["refused"] > 15


def test_what_is_written_carries_checksums_of_its_pages(
    us: tc.Tariff, lines: pa.Table, tmp_path: Path
) -> None:
    pq.write_table(lines, tmp_path / "in.parquet")
    target = estimate_dataset(us, tmp_path / "in.parquet", tmp_path / "out.parquet", fees=False).target
    chunk = pq.read_metadata(target).row_group(0).column(3)
    data = bytearray(target.read_bytes())
    data[(chunk.dictionary_page_offset or chunk.data_page_offset) + chunk.total_compressed_size - 2] ^= 1
    target.write_bytes(data)
    with pytest.raises(OSError, match=r"(?i)crc"):
        pq.ParquetFile(target, page_checksum_verification=True).read()


def test_a_broken_manifest_says_how_to_begin_anew(us: tc.Tariff, stopped: Path) -> None:
    manifest = stopped / ".out.parquet.partial" / "manifest.json"
    for broken in (b"", b"{", b"[]", b"\xff\xfe", b'{"checksum": 1, "record": 2}', b"[" * 100_000):
        manifest.write_bytes(broken)
        with pytest.raises(
            TariffError, match=r"manifest\.json is damaged.*: run without resume \(--resume\) to begin anew"
        ):
            estimate_dataset(us, stopped / "lines.parquet", stopped / "out.parquet", fees=False, resume=True)
    assert estimate_dataset(us, stopped / "lines.parquet", stopped / "out.parquet", fees=False).rows == 600


@pytest.mark.nightly
def test_a_thousand_flipped_bits(us: tc.Tariff, lines: pa.Table, stopped: Path, tmp_path: Path) -> None:
    print("parts", flips_in_parts(us, lines, stopped, 500), "pages", flips_in_pages(us, lines, tmp_path, 500))
