"""Run the notebooks of ``examples/`` from a fresh kernel and keep their outputs:
``python tests/examples/refresh.py``.

Meant for after a change of law or of a picture; the test compares what a fresh run prints with what is kept.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run_notebook(path: Path) -> Any:
    """The notebook with the outputs of a fresh run, in the folder of the examples."""
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of the run
    return notebook


if __name__ == "__main__":
    for each in sorted(EXAMPLES.glob("*.ipynb")):
        nbformat.write(run_notebook(each), each)
        print(f"{each.name}: {each.stat().st_size / 1000:.0f} kB")
