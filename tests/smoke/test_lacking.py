"""Why a total is unknown is said wherever the total is, and what is unknown does not hide the rest."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from smoke_lines import SHIPMENTS, TERRITORIES
from smoke_owed import shows

import tariffcalc as tc


def shirt(**shipment: object) -> tc.Shipment:
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")
    return tc.Shipment(entered="2025-09-20", loaded="2025-08-05", lines=(line,), **shipment)


def test_transport_is_missing(us: tc.Tariff) -> None:
    """Duty 5,150: 16.5%, 10% afloat and 25%; 0.3464% = 34.64 whatever the transport; 0.125% = 12.50 on a
    vessel (19 CFR 24.23, 24.24)."""
    without, aboard = us.estimate(shirt()), us.estimate(shirt(transport="vessel"))
    assert (without.duty, without.fees, without.total) == (Decimal("5150.00"), None, None)
    assert without.known_fees == Decimal("34.64") and aboard.known_fees == aboard.fees == Decimal("47.14")
    (why,) = without.lacking()
    assert (
        "Harbor maintenance fee" in why
        and "transport" in why
        and without.lacking("fees") == [why]
        and without.lacking("duty") == []
    )
    assert aboard.lacking() == []
    shown = repr(without)
    assert f"duty {without.duty:,} USD" in shown and "fees unknown, known 34.64 USD" in shown and why in shown
    assert "fees 47.14 USD" in repr(aboard)
    text = without.summary()
    assert (
        "Fees, without those that are unknown: 34.64 USD" in text
        and "Harbor maintenance fee" in text
        and "transport" in text
    )
    told = " ".join(without.explain().split())
    assert "Fees unknown" in told and "Fees, as far as known 34.64" in told and "transport" in told


def test_fees_that_are_not_assessed(us: tc.Tariff) -> None:
    """A total without fees is none, and says so."""
    lines = pd.DataFrame(
        {"commodity": ["6109.10.00.12"], "origin": ["IN"], "entered": ["2025-09-20"], "value": [10000]}
    )
    estimate = us.estimate(lines, fees=False)
    assert (
        estimate.total is None
        and "fees are not assessed" in estimate.lacking()[0]
        and "fees not assessed" in repr(estimate)
    )
    with pytest.raises(ValueError, match="'duties' is no total of an estimate: give 'duty', 'fees', 'total'"):
        estimate.lacking("duties")


@shows("Estimate.lacking", "Estimate.known_fees")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("territory", TERRITORIES)
def test_a_total_is_unknown_if_and_only_if_something_lacks(territory: str) -> None:
    """On every shipment of the smoke matrix; known fees are the sum of the known postings."""
    tariff = tc.load(TERRITORIES[territory])
    fees = {name for name, program in tariff.programs.items() if program.kind == "fee"}
    for shipment in SHIPMENTS[territory]:
        estimate = tariff.estimate(shipment, on_problem="keep")
        for name in ("duty", "fees", "total"):
            assert (getattr(estimate, name) is None) == bool(estimate.lacking(name)), name
        known = [
            each
            for each in estimate.ledger[estimate.ledger["program"].isin(fees)]["amount"]
            if each is not None and each == each
        ]
        assert estimate.known_fees == sum(known, Decimal(0))
