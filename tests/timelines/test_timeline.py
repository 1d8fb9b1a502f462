"""Histories of chosen products and origins are what was approved, so that a change of law shows in the
difference.

Approve a change with ``python tests/timelines/approve.py`` after checking it by hand (see
``tests/timelines``).
"""

from __future__ import annotations

from pathlib import Path

import history
import pytest

import tariffcalc as tc

FILES = history.files()


def test_there_are_histories() -> None:
    """A dozen and more, each with a hand check."""
    assert len(FILES) >= 12
    assert not [path.name for path in FILES if "# Hand check:" not in history.read(path)[0]]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_history_is_as_approved(us: tc.Tariff, path: Path) -> None:
    """The history under the law held is the approved one."""
    head, kept = history.read(path)
    assert history.render(us, head).splitlines() == kept.splitlines(), (
        f"check the law by hand, then: python tests/timelines/approve.py {path.stem}"
    )


def test_a_row_begins_where_the_answer_changes(us: tc.Tariff) -> None:
    """Neighboring rows differ, days ascend, and any day asked for alone has the answer of the row it falls
    in."""
    table = us.timeline(commodity="6109.10.00.12", origin="IN")
    assert table["from"].is_monotonic_increasing and table["from"].is_unique
    same = table.drop(columns="from").astype(str)
    assert not (same.to_numpy()[1:] == same.to_numpy()[:-1]).all(axis=1).any()
    alone = us.timeline(commodity="6109.10.00.12", origin="IN", days=["2025-12-24"])
    assert alone["duty"].iloc[0] == table.loc[table["from"] <= "2025-12-24", "duty"].iloc[-1]


def test_facts_reach_the_timeline(us: tc.Tariff) -> None:
    """Goods on the water keep the old rate: 10% instead of 25% to October 4, 2025."""
    day = ["2025-10-04", "2025-10-05"]
    table = us.timeline(
        commodity="7113.19.50", origin="IN", days=day, loaded="2025-08-06", transport="vessel"
    )
    assert list(table["us.ieepa.reciprocal"]) == [1000, 2500]


def test_a_season_is_in_the_timeline(us: tc.Tariff) -> None:
    """0713.60.60 is for pigeon peas entered from May 1 to August 31: the other days belong on another line,
    and rows begin where a season does."""
    table = us.timeline("0713.60.60", "IN", quantity_kg="1000")
    words = "entered from May 1 to August 31"
    inside = [("05-01" <= day[5:] <= "08-31") for day in table["from"]]
    assert table["outside"].tolist() == ["" if each else words for each in inside]
    assert {"2025-05-01", "2025-09-01", "2026-05-01", "2026-09-01"} <= set(table["from"])
    one = us.timeline("0713.60.60", "IN", days=["2025-09-01"])
    assert one["outside"].tolist() == [words]
    assert not us.timeline("6109.10.00.12", "IN")["outside"].any()


def test_a_value_bracket_is_in_the_timeline(us: tc.Tariff) -> None:
    """6402.19.50 is for shoes valued over $3 and not over $6.50 a pair: 200 pairs for 10,000 are $50
    a pair."""
    days = ["2025-09-01"]
    assert "6.50" in us.timeline("6402.19.50", "IN", days=days, quantity_prs="200")["outside"][0]
    assert us.timeline("6402.19.50", "IN", days=days, quantity_prs="2000")["outside"].tolist() == [""]
