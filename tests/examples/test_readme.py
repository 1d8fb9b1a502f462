"""The README keeps its word: its Python runs in order and gives what its comments say; the commands about
India and about two territories run."""

from __future__ import annotations

import ast
import re
import shlex
import sys
import warnings
from pathlib import Path

import pytest

from tariffcalc import cli

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
SECTIONS = ("India", "Two territories side by side")


def blocks(kind: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    found = []
    for section in SECTIONS:
        text = README.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        found += [line for block in blocks("sh", text) for line in block.splitlines()]
    return found


def test_python_gives_what_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A comment after an expression that reads as a value is its value; what is written stands beside what is
    read."""
    for name in ("examples", "seeds"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    checked = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for block in blocks("python"):
            lines = block.splitlines()
            for node in ast.parse(block).body:
                comment = (
                    lines[node.end_lineno - 1][node.end_col_offset :].partition("#")[2].strip()
                    if node.end_lineno and node.end_col_offset
                    else ""
                )
                code = ast.get_source_segment(block, node) or ""
                if not isinstance(node, ast.Expr):
                    exec(code, namespace)
                    continue
                value = eval(code, namespace)
                if re.match(r"Decimal\(|\d", comment):
                    checked += 1
                    assert repr(value).strip("()") == comment.strip("()"), code
    assert checked >= 4
    assert {"duty.parquet", "large.parquet"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("command", commands())
def test_command_runs(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command runs in the repository and prints something."""
    words = shlex.split(command, comments=True)
    assert words[0] == "tariffcalc"
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(sys, "argv", words)
    cli.main()
    printed = capsys.readouterr()
    assert len(printed.out) > 100 and "error" not in printed.err
