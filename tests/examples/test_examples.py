"""Every example runs, as a user would run it: scripts and their tests in a new interpreter, notebooks from a
fresh kernel."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("[0-9]*.py"))
TESTED = sorted(path.name for path in EXAMPLES.glob("test_*.py"))
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))
REFRESH = "after a change of law or of a picture: python tests/examples/refresh.py"


@functools.cache
def _printed_by(name: str) -> str:
    """What a script prints that runs in a folder of its own, with no warning."""
    with TemporaryDirectory() as folder:
        return _run("-W", "error", str(EXAMPLES / name), folder=Path(folder))


def _run(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_runs(name: str) -> None:
    """A script runs in any folder, with no warning, and prints something."""
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) <= 40
    assert len(_printed_by(name)) > 100


def test_the_note_of_the_shipment() -> None:
    """The first example: 1,650 of column 1, 1,000 afloat at 10%, 2,500 for Russian oil; fees of 12.50 and
    34.64."""
    note = _printed_by(SCRIPTS[0])
    assert "duty 5150.00, fees 47.14, total 5197.14 USD" in note
    assert "9903.01.25" in note and "9903.01.84" in note


@pytest.mark.parametrize("name", TESTED)
def test_tested_example_passes(name: str, tmp_path: Path) -> None:
    """An example with its own tests passes under pytest, without this repository's settings."""
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) <= 50
    _run(
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(EXAMPLES / name),
        folder=tmp_path,
    )


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.filterwarnings("ignore")  # what the kernel's own libraries deprecate
def test_notebook_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook runs from a fresh kernel, is kept with outputs, small, and prints what is kept."""
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    from refresh import run_notebook

    path = EXAMPLES / name
    assert path.stat().st_size < 300_000
    kept = nbformat.read(path, as_version=4)
    assert all(
        cell.outputs
        for cell in kept.cells
        if cell.cell_type == "code" and not cell.source.startswith("import")
    ), REFRESH
    assert _printed(run_notebook(path)) == _printed(kept), REFRESH


def _printed(notebook: Any) -> list[str]:
    """What the cells show as text: streams, each whole however it came, and results that are not pictures."""
    found: list[str] = []
    for cell in notebook.cells:
        in_stream = False
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if output["output_type"] == "stream" and in_stream:
                found[-1] += output["text"]
            elif output["output_type"] == "stream":
                found.append(output["text"])
            elif "image/png" not in data:
                found.append(data.get("text/plain", ""))
            in_stream = output["output_type"] == "stream"
    return found


def test_every_example_is_listed() -> None:
    """The page of the examples names every file of the folder."""
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in EXAMPLES.iterdir() if path.is_file() and path.name != "README.md"]
    assert not [name for name in files if f"`{name}`" not in page]
    assert os.path.isfile(EXAMPLES / "us_imports_from_india_2024.csv")
