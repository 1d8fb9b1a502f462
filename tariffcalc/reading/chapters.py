"""Names of the chapters of the Harmonized System."""

from __future__ import annotations

from functools import cache

from tariffcalc.reading.tables import read_rows
from tariffcalc.reading.where import seeds_folder


@cache
def chapter_names() -> dict[str, str]:
    """Short names of the chapters of the Harmonized System."""
    return {
        row["code"]: row["name"] for _, row in read_rows(seeds_folder() / "chapters.csv", ("code", "name"))
    }
