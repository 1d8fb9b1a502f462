"""The law that is loaded is what the files say now: every edit, move and new file counts, and nothing else is
read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.compiler import seeds_key as keys
from tariffcalc.compiler.seeds_key import seeds_key
from tariffcalc.reading.folder import read_folder
from tariffcalc.reading.seed_files import seed_files

WHEAT = tc.Shipment(
    entered="2025-01-10", lines=(tc.Line(commodity="1001.00.00.10", origin="CC", value="1000"),)
)


def customs(folder: Path) -> Decimal:
    """The duty of column 1 on wheat worth 1,000."""
    ledger = tc.load(folder).estimate(WHEAT).ledger
    return Decimal(ledger[ledger.program == "land.customs"].amount.iloc[0])


def edited(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_an_edit_below_a_folder_of_cases_counts(laws: Path, land_seeds: Path) -> None:
    """10% of 1,000, edited to 36%."""
    assert "cases" in land_seeds.parts
    assert customs(land_seeds) == 100
    edited(land_seeds / "schedule" / "chapter-10.csv", "10%", "36%")
    assert customs(land_seeds) == 360


def test_an_edit_of_the_same_size_and_time_counts(laws: Path, land_seeds: Path) -> None:
    """The time of the file's content set back to what it was."""
    assert customs(land_seeds) == 100
    path = land_seeds / "schedule" / "chapter-10.csv"
    held = path.stat()
    edited(path, "10%", "36%")
    os.utime(path, ns=(held.st_atime_ns, held.st_mtime_ns))
    assert path.stat().st_size == held.st_size
    assert customs(land_seeds) == 360


def test_an_edit_within_the_grain_of_the_clock_counts(
    laws: Path, land_seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk whose clock stands still: what was changed a moment ago is read again, whatever the
    times say."""
    monkeypatch.setattr(keys, "_stamp", lambda stat: [stat.st_size, 2**62, 2**62, 0])
    monkeypatch.setattr(keys, "_RUNNING", {each.name: keys._stamp(each.stat) for each in keys._sources()})
    assert customs(land_seeds) == 100
    assert list(laws.glob("*.law"))
    edited(land_seeds / "schedule" / "chapter-10.csv", "10%", "36%")
    assert customs(land_seeds) == 360


def test_a_file_that_is_moved_out_is_no_law_any_more(laws: Path, land_seeds: Path) -> None:
    before = tc.load(land_seeds)
    assert "land.harbour" in before.programs
    (land_seeds / "programs" / "repealed").mkdir()
    (land_seeds / "programs" / "harbour.yaml").rename(land_seeds / "programs" / "repealed" / "harbour.yaml")
    assert "land.harbour" not in tc.load(land_seeds).programs
    (land_seeds / "programs" / "repealed" / "harbour.yaml").rename(land_seeds / "programs" / "harbour.yaml")
    assert "land.harbour" in tc.load(land_seeds).programs


@pytest.mark.parametrize("name", ["geography.csv", "groups.yaml"])
def test_an_edit_of_what_all_territories_share_counts(laws: Path, land_seeds: Path, name: str) -> None:
    before = seeds_key(land_seeds)
    path = land_seeds.parent / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert seeds_key(land_seeds) != before


def test_the_key_is_the_same_wherever_the_folder_is(laws: Path, land_seeds: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "moved" / "land"
    shutil.copytree(land_seeds.parent, moved.parent)
    assert seeds_key(moved) == seeds_key(land_seeds)
    assert read_folder(moved) == read_folder(land_seeds)
    # by which findings cite
    assert seeds_key(moved.rename(moved.parent / "another")) != seeds_key(land_seeds)


def test_what_lies_beside_is_neither_read_nor_counted(laws: Path, land_seeds: Path) -> None:
    """A large neighbour, one that may not be read, one that is a link to nowhere, and files that are
    no law."""
    before = seeds_key(land_seeds)
    with (land_seeds.parent / "trade.csv").open("wb") as stream:
        stream.truncate(3 << 30)
    (land_seeds.parent / "closed.yaml").write_text("x")
    (land_seeds.parent / "closed.yaml").chmod(0)
    (land_seeds.parent / "nowhere.csv").symlink_to(land_seeds / "nowhere")
    (land_seeds / "notes.yaml").write_text("not: law")
    (land_seeds / "scenarios").mkdir()
    (land_seeds / "scenarios" / "more.yaml").write_text("scenario: x")
    assert seeds_key(land_seeds) == before
    assert customs(land_seeds) == 100
    assert not any("trade" in each.name or "closed" in each.name for each in seed_files(land_seeds))


OPENED = """
import json, sys
opened = set()


def hook(event, given):
    if event == "open" and str(given[0]).endswith((".yaml", ".csv")):
        opened.add(str(given[0]))


sys.addaudithook(hook)
from pathlib import Path
from tariffcalc.reading.folder import read_folder
read_folder(Path(sys.argv[1]))
print(json.dumps(sorted(str(Path(path).resolve()) for path in opened)))
print(json.dumps(sorted(name for name in sys.modules if name.startswith("tariffcalc."))))
"""


@pytest.mark.parametrize("which", ["us", "in", "land"])
def test_the_key_is_of_exactly_the_files_that_are_read(
    which: str, land_seeds: Path, repository: Path
) -> None:
    folder = land_seeds if which == "land" else repository / "seeds" / which
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(folder)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    opened = json.loads(done.stdout.splitlines()[0])
    assert opened == sorted({str(Path(each.path).resolve()) for each in seed_files(folder)})


COMPILED = """
import json, sys
import tariffcalc as tc
tc.load(sys.argv[1])
print(json.dumps(sorted(name for name in sys.modules if name.startswith("tariffcalc."))))
"""


def test_the_key_is_of_all_code_that_reads_and_compiles(
    laws: Path, land_seeds: Path, repository: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILED, str(land_seeds)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    parts = {".".join(name.split(".")[1:-1]) for name in json.loads(done.stdout)}
    assert parts <= set(keys.SOURCES)


def test_code_that_changed_since_it_was_imported_keeps_nothing(
    laws: Path, land_seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code that runs is half the old and half the new: what it compiles is no law of either."""
    monkeypatch.setattr(keys, "_RUNNING", {**keys._RUNNING, "code/compiler/rulebook.py": [0, 0, 0, 0]})
    assert customs(land_seeds) == 100
    assert not laws.exists()


def test_seeds_that_change_while_they_are_compiled_are_not_kept(
    laws: Path, land_seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key was taken before the edit, the law read after it: under that key it would come back once the
    edit is undone."""
    from tariffcalc.reading import folder

    read = folder.read_folder

    def edit_first(path: Path) -> object:
        edited(path / "schedule" / "chapter-10.csv", "10%", "36%")
        return read(path)

    monkeypatch.setattr(folder, "read_folder", edit_first)
    assert customs(land_seeds) == 360
    monkeypatch.setattr(folder, "read_folder", read)
    edited(land_seeds / "schedule" / "chapter-10.csv", "36%", "10%")
    assert customs(land_seeds) == 100
