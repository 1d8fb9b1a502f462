"""A cache of the test's own, and the invented land in a folder that may be edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

LAND = Path(__file__).resolve().parent.parent / "law_fixture"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of compiled law, not yet there."""
    monkeypatch.setenv("TARIFFCALC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "laws"


@pytest.fixture
def land(tmp_path: Path) -> Path:
    """The seeds of the invented land, below a folder of cases."""
    folder = tmp_path / "cases" / "land"
    shutil.copytree(LAND / "land", folder)
    for name in ("geography.csv", "groups.yaml"):
        shutil.copy(LAND / name, folder.parent / name)
    return folder
