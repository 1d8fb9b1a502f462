"""What is kept between runs: never another law, never a traceback, never what somebody else put there, and
not for ever."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.compiled.stored_law import packed_law, unpacked_law
from tariffcalc.compiler import cache as kept
from tariffcalc.errors import StoredError

ours_alone = pytest.mark.skipif(os.name == "nt", reason="owner and mode of files are POSIX")


def law_file(laws: Path) -> Path:
    (found,) = laws.glob("*.law")
    return found


def test_what_is_kept_is_the_same_law_and_rulebook(laws: Path, land_seeds: Path) -> None:
    made, again = tc.load(land_seeds), tc.load(land_seeds)
    assert fingerprint(made.law) == fingerprint(again.law)
    assert made.rulebook == again.rulebook
    assert {path.suffix for path in laws.iterdir()} == {".law", ".book", ".json"}


@pytest.mark.parametrize("which", ["us", "india"])
def test_stored_and_read_again_a_law_and_its_rulebook_say_the_same(
    which: str, request: pytest.FixtureRequest
) -> None:
    from tariffcalc.law.stored_book import packed_book, unpacked_book
    from tariffcalc.reading.folder import read_folder

    tariff = request.getfixturevalue(which)
    assert fingerprint(unpacked_law(b"".join(packed_law(tariff.law)))) == fingerprint(tariff.law)
    read = read_folder(tariff.folder)
    stored = unpacked_book(b"".join(packed_book(read)))
    assert stored == read
    assert [each.model_dump_json() for each in stored.programs.values()] == [
        each.model_dump_json() for each in read.programs.values()
    ]


def flipped(stored: bytes, bit: int) -> bytes:
    changed = bytearray(stored)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def drawn_bits(stored: bytes, many: int) -> list[int]:
    """Every bit of the head, and others drawn over the whole."""
    draw = random.Random(12)
    return [*range(64 * 8), *(draw.randrange(len(stored) * 8) for _ in range(many - 64 * 8))]


def test_no_flipped_bit_is_another_law(laws: Path, land_seeds: Path) -> None:
    """1,000 single bits over a kept law: each is seen, and none is a traceback."""
    tc.load(land_seeds)
    whole = law_file(laws).read_bytes()
    name = law_file(laws).name
    unpacked_law(whole, name)
    for bit in drawn_bits(whole, 1000):
        with pytest.raises(StoredError):
            unpacked_law(flipped(whole, bit), name)


def test_a_law_under_the_name_of_another_is_made_again(laws: Path, land_seeds: Path) -> None:
    """A file that is whole, of the user, and of the seeds as they were before."""
    tc.load(land_seeds)
    before = law_file(laws).read_bytes()
    (land_seeds / "programs" / "harbour.yaml").unlink()
    key = fingerprint(tc.load(land_seeds).law)
    for path in laws.glob("*.law"):
        path.write_bytes(before)
    assert fingerprint(tc.load(land_seeds).law) == key


@pytest.mark.nightly
def test_no_flipped_bit_is_another_law_at_full_size(us: tc.Tariff) -> None:
    """1,000 single bits over the kept law of the United States."""
    whole = b"".join(packed_law(us.law))
    for bit in drawn_bits(whole, 1000):
        with pytest.raises(StoredError):
            unpacked_law(flipped(whole, bit))


def test_a_damaged_file_is_made_again(laws: Path, land_seeds: Path) -> None:
    """Each kind of damage once, through ``load``: bits, a file cut short, one that is longer, nothing, and
    other text."""
    key = fingerprint(tc.load(land_seeds).law)
    whole = law_file(laws).read_bytes()
    damaged = [flipped(whole, bit) for bit in (0, 1000, len(whole) * 4, len(whole) * 8 - 1)]
    for content in (*damaged, whole[: len(whole) // 2], whole + b"x", b"", b"no law"):
        law_file(laws).write_bytes(content)
        assert fingerprint(tc.load(land_seeds).law) == key
        assert law_file(laws).read_bytes() == whole


def test_damage_to_what_is_remembered_of_the_files_changes_no_law(laws: Path, land_seeds: Path) -> None:
    tc.load(land_seeds)
    (remembered,) = laws.glob("*.json")
    whole = remembered.read_bytes()
    draw = random.Random(9)
    key = fingerprint(tc.load(land_seeds).law)
    for bit in [draw.randrange(len(whole) * 8) for _ in range(12)]:
        remembered.write_bytes(flipped(whole, bit))
        assert fingerprint(tc.load(land_seeds).law) == key


class Planted:
    """A pickle that leaves a file behind where it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_under_the_right_name_is_not_executed(laws: Path, land_seeds: Path, tmp_path: Path) -> None:
    key = fingerprint(tc.load(land_seeds).law)
    for path in list(laws.iterdir()):
        path.write_bytes(pickle.dumps(Planted(tmp_path / "executed")))
        path.with_suffix(".pickle").write_bytes(path.read_bytes())
    tariff = tc.load(land_seeds)
    assert fingerprint(tariff.law) == key
    assert tariff.rulebook.programs
    assert not (tmp_path / "executed").exists()


@ours_alone
@pytest.mark.parametrize("mode", [0o644, 0o620, 0o602, 0o666])
def test_a_file_that_others_may_open_is_made_again(laws: Path, land_seeds: Path, mode: int) -> None:
    tc.load(land_seeds)
    law_file(laws).chmod(mode)
    assert kept.read_kept(law_file(laws).name) is None
    tc.load(land_seeds)
    assert law_file(laws).stat().st_mode & 0o777 == 0o600


@ours_alone
def test_the_folder_is_of_the_user_alone(laws: Path, land_seeds: Path) -> None:
    tc.load(land_seeds)
    assert laws.stat().st_mode & 0o777 == 0o700
    (laws / "planted.law").write_bytes(b"law")
    (laws / "planted.law").chmod(0o600)
    laws.chmod(0o777)
    assert kept.read_kept("planted.law") is None
    tc.load(land_seeds)
    assert laws.stat().st_mode & 0o777 == 0o700
    assert not (laws / "planted.law").exists()


@ours_alone
def test_what_another_user_owns_is_not_read(laws: Path, land_seeds: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    key = fingerprint(tc.load(land_seeds).law)
    path = law_file(laws)
    os.chown(path, 65534, 65534)
    assert kept.read_kept(path.name) is None
    assert fingerprint(tc.load(land_seeds).law) == key
    assert law_file(laws).stat().st_uid == 0
    os.chown(laws, 65534, 65534)
    before = law_file(laws).stat().st_mtime_ns
    assert kept.read_kept(path.name) is None
    assert fingerprint(tc.load(land_seeds).law) == key
    assert law_file(laws).stat().st_mtime_ns == before  # nothing is written there either


@ours_alone
def test_a_link_is_not_followed(laws: Path, land_seeds: Path, tmp_path: Path) -> None:
    tc.load(land_seeds)
    path = law_file(laws)
    path.replace(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert kept.read_kept(path.name) is None
    tc.load(land_seeds)
    assert not path.is_symlink()


def test_a_cache_that_cannot_be_written_is_done_without(
    land_seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TARIFFCALC_CACHE", str(tmp_path / "file"))
    assert tc.load(land_seeds).law.programs


def test_the_newest_few_are_kept(laws: Path) -> None:
    for number in range(30):
        kept.write_kept(f"{number:02}.law", [b"law"])
        os.utime(laws / f"{number:02}.law", ns=(number, number)) if number < 20 else None
    assert len(list(laws.glob("*.law"))) == kept.MOST[kept.LAW]
    assert (laws / "29.law").exists()


def test_what_is_read_stays_and_what_is_not_goes(laws: Path) -> None:
    kept.write_kept("used.law", [b"law"])
    os.utime(laws / "used.law", ns=(0, 0))
    for batch in "abc":
        for number in range(kept.MOST[kept.LAW] - 1):
            kept.write_kept(f"{batch}{number}.law", [b"law"])
        assert kept.read_kept("used.law") is not None


def test_a_time_that_cannot_be_set_hides_nothing(laws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that may be read only."""
    kept.write_kept("used.law", [b"law"])

    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "utime", read_only)
    found = kept.read_kept("used.law")
    assert found is not None
    assert bytes(found) == b"law"


@ours_alone
def test_unfinished_files_of_killed_processes_go(laws: Path, repository: Path) -> None:
    """A process is killed while it writes; the next that writes removes what it left, and leaves that of the
    living."""
    killed = "write_kept('a.law', (os.kill(os.getpid(), signal.SIGKILL) for _ in range(1)))"
    code = f"import os, signal\nfrom tariffcalc.compiler.cache import write_kept\n{killed}"
    killed = subprocess.run([sys.executable, "-c", code], cwd=repository, check=False)
    assert killed.returncode < 0
    assert len(list(laws.glob("*.part"))) == 1
    living = laws / f"{os.getpid()}-living.part"
    living.write_bytes(b"")
    kept.write_kept("b.law", [b"law"])
    assert list(laws.glob("*.part")) == [living]
    os.utime(living, (0, 0))
    kept.write_kept("b.law", [b"law"])
    assert not list(laws.glob("*.part"))
