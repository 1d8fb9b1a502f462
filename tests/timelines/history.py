"""Approved histories: what a product of an origin owes over time, rendered as text and kept in a file beside
the hand check that vouches for it.

A file has a head, written by hand (remarks after ``#``, then ``name: value`` lines that say what is asked),
an empty line, and the history, written by ``approve.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tariffcalc as tc

FOLDER = Path(__file__).resolve().parent


def files() -> list[Path]:
    """The files of approved histories."""
    return sorted(FOLDER.glob("*.txt"))


def read(path: Path) -> tuple[str, str]:
    """The head of a file, and the history below it (empty in a new file)."""
    head, _, history = path.read_text(encoding="utf-8").partition("\n\n")
    return head.rstrip("\n"), history


def question(head: str) -> dict[str, str]:
    """What the head asks: commodity, origin, and any facts."""
    lines = [line for line in head.splitlines() if not line.startswith("#")]
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def render(us: tc.Tariff, head: str) -> str:
    """The history that a head asks for: one row per day on which the answer changes."""
    asked: dict[str, Any] = question(head)
    table = us.timeline(**asked)
    programs = [name for name in table.columns if name.startswith("us.")]
    rows = [f"{'from':<10}  {'duty':>10}  {'of value':>9}  made of"]
    for row in table.to_dict("records"):
        known = not row["unknown"]
        duty, rate = (f"{row['duty']:,.2f}", f"{row['effective_rate']:.4%}") if known else ("unknown", "")
        amounts = [
            f"{name.removeprefix('us.')} {row[name]:,.2f}"
            for name in programs
            if row[name] == row[name] and row[name]
        ]
        parts = [" + ".join(amounts) or "nothing"]
        if row["headings"]:
            parts.append(f"headings {row['headings']}")
        if not known:
            parts.append("unknown " + row["unknown"].replace("us.", ""))
        rows.append(f"{row['from']:<10}  {duty:>10}  {rate:>9}  {'; '.join(parts)}".rstrip())
    return "\n".join(rows) + "\n"
