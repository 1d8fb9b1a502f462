"""A what-if with its tests, to copy and change: ``pytest examples/test_what_if_india_18.py``.

The 18% for India was announced in February 2026 and never became law; the reciprocal duty stayed at 25% until
it ended on 2026-02-24.
"""

from decimal import Decimal

import pytest

import tariffcalc as tc

US = tc.load("us")
WHAT_IF = US.amend(
    tc.Scenario("India at 18%").set_duty("us.ieepa.reciprocal/india-august", "18%", on_or_after="2026-02-07")
)


def duty(tariff: tc.Tariff, entered: str, origin: str = "IN") -> Decimal | None:
    """The duty of cotton T-shirts worth 10,000 USD."""
    return tariff.estimate(
        tc.Shipment(entered=entered, lines=[tc.Line(commodity="6109.10.00.12", origin=origin, value="10000")])
    ).duty


def test_by_hand() -> None:
    """Column 1 is 16.5%, 1,650; to it 25% adds 2,500, and 18% would add 1,800."""
    assert duty(US, "2026-02-10") == Decimal("4150.00")
    assert duty(WHAT_IF, "2026-02-10") == Decimal("3450.00")


@pytest.mark.parametrize(
    ("entered", "origin"), [("2026-02-06", "IN"), ("2026-02-24", "IN"), ("2026-02-10", "BD")]
)
def test_nothing_else_changes(entered: str, origin: str) -> None:
    """Neither the days before and after, nor other origins."""
    assert duty(WHAT_IF, entered, origin) == duty(US, entered, origin)


def test_a_change_that_names_nothing_is_an_error() -> None:
    """A misspelt measure is refused and does not pass as a change of nothing."""
    with pytest.raises(tc.TariffError):
        US.amend(tc.Scenario("misspelt").set_duty("us.ieepa.reciprocal/india-agust", "18%"))
