"""The README's examples of large data run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tariffcalc as tc


@pytest.mark.filterwarnings("ignore")
def test_the_examples_run(us: tc.Tariff, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed")
    pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    section = (repository / "README.md").read_text(encoding="utf-8").split("## Large data")[1].split("\n## ")[0]
    first, second = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (tmp_path / "examples").symlink_to(repository / "examples")
    monkeypatch.chdir(tmp_path)
    names = {"tc": tc, "us": us}
    monkeypatch.setattr("builtins.print", lambda *given: None)
    exec(first, names)
    assert names["total"].rows > 1000  # type: ignore[attr-defined]
    exec(second, names)
    assert (tmp_path / "large.parquet").exists()
