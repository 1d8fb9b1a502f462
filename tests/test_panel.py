"""Panels: dense, every finest line of the day; mistakes are errors, not empty cells."""

from __future__ import annotations

import pytest

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning


def test_panel_is_dense_and_right(us: tc.Tariff) -> None:
    table = us.panel(origins=["IN", "VN"], entered=["2025-08-06", "2025-08-07"])
    lines = [len(finest_lines(us, day)) for day in ("2025-08-06", "2025-08-07")]
    assert len(table) == 2 * sum(lines)
    shirts = table[table["commodity"] == "6109100012"].set_index(["origin", "entered"])["us.ieepa.reciprocal"]
    # 10% of 10,000 the day before the country rates; then 25% for India (9903.02.26) and 20% for Vietnam (9903.02.69)
    assert shirts.to_dict() == {("IN", "2025-08-06"): 1000, ("VN", "2025-08-06"): 1000, ("IN", "2025-08-07"): 2500, ("VN", "2025-08-07"): 2000}


def test_finest_lines(us: tc.Tariff) -> None:
    codes = finest_lines(us, "2025-08-06")
    assert "6109100012" in codes and "61091000" not in codes
    assert all(code.isdigit() and len(code) in (8, 10) for code in codes)
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("origins", "entered", "words"),
    [(["Inda"], ["2025-08-06"], "Inda"), ("IN", ["2025-08-06"], "list"), (["IN"], "2025-08-06", "list"), (["IN"], ["2024-08-06"], "2024-08-06")],
)
def test_mistakes_are_errors(us: tc.Tariff, origins: list[str], entered: list[str], words: str) -> None:
    with pytest.raises((tc.TariffError, ValueError), match=words):
        us.panel(origins=origins, entered=entered)


def test_timeline_refuses_what_it_would_not_read(us: tc.Tariff) -> None:
    for facts in ({"foo": 3000}, {"quantity": {"kg": 1}}):
        with pytest.raises(tc.TariffError):
            us.timeline("6109.10.00.12", "IN", **facts)
    with pytest.raises(tc.TariffError, match="near misses"):
        us.timeline("6109.10.07", "IN")


def test_law_before_anything_was_known() -> None:
    with pytest.raises(tc.TariffError, match="give a later day"):
        tc.load("us", known_on="2020-01-01")


@pytest.mark.filterwarnings("error::tariffcalc.errors.CoverageWarning")
def test_entry_after_the_day_of_knowledge_is_warned_of() -> None:
    one = tc.Shipment(entered="2025-07-10", lines=(tc.Line(commodity="6109.10.00.12", origin="IN", value="10000"),))
    with pytest.warns(CoverageWarning, match="known on"):
        tc.load("us", known_on="2025-05-29").estimate(one)
