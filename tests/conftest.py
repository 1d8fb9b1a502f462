"""Fixtures: the bundled law, loaded once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings

import tariffcalc as tc
from tariffcalc.compiler import cache

# The same examples on every run, and no race against a busy machine's clock.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled law of the tests is kept with the tests, not with the user."""
    os.environ.setdefault("TARIFFCALC_CACHE", str(tmp_path_factory.getbasetemp().parent / "tariffcalc-cache"))
    cache.MOST[cache.BOOK] = 60  # the many edited lands must not push out the bundled law


@pytest.fixture(scope="session")
def us() -> tc.Tariff:
    """The bundled law of the United States."""
    return tc.load("us")


@pytest.fixture(scope="session")
def india() -> tc.Tariff:
    """The bundled law of India."""
    return tc.load("in")


@pytest.fixture(scope="session", params=["us", "india"])
def tariff(request: pytest.FixtureRequest) -> tc.Tariff:
    """The bundled law of each territory in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official files; skips where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("the folder of official files (../shared) is not there")
    return SHARED


@pytest.fixture
def laws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of compiled law of one test alone, not yet there."""
    monkeypatch.setenv("TARIFFCALC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "laws"


@pytest.fixture
def land_seeds(tmp_path: Path) -> Path:
    """The seeds of the invented land in a folder that may be edited, below a folder of cases."""
    fixture, folder = REPOSITORY / "tests" / "law_fixture", tmp_path / "cases" / "land"
    shutil.copytree(fixture / "land", folder)
    for name in ("geography.csv", "groups.yaml"):
        shutil.copy(fixture / name, folder.parent / name)
    return folder


# the law as it was known on a day is a law of its own, which takes seconds: the cases of one day in so many
IN_EACH_RUN = 3


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Leave the cases of most such days to the night, unless cases are asked for by name (``-k``)."""
    if config.option.keyword:
        return
    cases = [
        (item, item.callspec.params)
        for item in items
        if isinstance(item, pytest.Function) and item.originalname == "test_case"
    ]
    laws = sorted(
        {
            (given["territory"], str(given["case"]["known_on"]))
            for _, given in cases
            if "known_on" in given["case"]
        }
    )
    each_run = set(laws[::IN_EACH_RUN])
    for item, given in cases:
        known_on = given["case"].get("known_on")
        if known_on is not None and (given["territory"], str(known_on)) not in each_run:
            item.add_marker(pytest.mark.nightly)
