"""The approved table of shares, one day of it in every run and all of it by night."""

from __future__ import annotations

import pytest
from shares import DAYS, KEPT, render

import tariffcalc as tc

APPROVE = "check the difference against the law, then: python tests/panel/shares.py"


def test_one_day_is_as_approved(us: tc.Tariff) -> None:
    day = "2026-02-23"
    kept = [row for row in KEPT.read_text(encoding="utf-8").splitlines() if row.startswith(("day,", day))]
    assert len(kept) > 5
    assert render(us, [day]).splitlines() == kept, APPROVE


@pytest.mark.nightly
def test_all_days_are_as_approved(us: tc.Tariff) -> None:
    assert render(us, DAYS).splitlines() == KEPT.read_text(encoding="utf-8").splitlines(), APPROVE
