"""Every heading of subchapters III and IV of chapter 99 that an edition since 2025 prints is computed, or
listed with the reason why not."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc.reading.coverage import REASONS, declared_headings, headings, read_headings

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
HEADING = re.compile(r"990[34]\.\d\d\.\d\d")


def printed() -> Iterator[str]:
    """Headings of the chapter 99 rows of all editions held, of the state of August 2026 and of what was new
    after it."""
    for path in sorted((SHARED / "ch99").glob("ch99_20*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            yield from (row["htsno"] for row in csv.DictReader(stream))
    for path in (
        SHARED / "rev15" / "ch99_overlay_headings_rev15.csv",
        SHARED / "lists" / "after_rev15" / "ch99_new_headings_rev11_to_rev21.csv",
    ):
        with path.open(encoding="utf-8", newline="") as stream:
            yield from (row["heading"] for row in csv.DictReader(stream))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the official editions are not beside the project")
def test_the_table_names_every_heading_printed(us: tc.Tariff) -> None:
    found = {heading.strip() for heading in printed() if HEADING.fullmatch(heading.strip())}
    assert len(found) > 1_300
    assert found - {row.heading for row in read_headings(us.folder)} == set()


def test_each_is_computed_or_has_one_of_the_reasons(us: tc.Tariff) -> None:
    """The check itself is rule D011; here that the table is not idle, and that a heading out of either would
    be found."""
    declared = declared_headings(us.rulebook)
    rows = read_headings(us.folder)
    assert [row.heading for row in rows if bool(row.reason) == (row.heading in declared)] == []
    assert {row.reason for row in rows} <= {"", *REASONS}
    counts = Counter(bool(row.reason) for row in rows)
    assert counts[False] > 800
    assert counts[True] > 400


def test_the_table_says_what_computes_a_heading() -> None:
    table = headings("us").set_index("heading")
    assert table.loc["9903.01.33", "computed by"].startswith("us.ieepa.reciprocal gives way to ")
    assert table.loc["9903.88.16", "not computed"] in REASONS
    assert table["computed by"].eq("").equals(table["not computed"].ne(""))
