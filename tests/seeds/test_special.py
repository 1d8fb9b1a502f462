"""Every program knows the exemption for low-value shipments, and every duty that on mail: one that is added
must be named in both orders."""

from __future__ import annotations

import tariffcalc as tc

OWN = {"us.low-value", "us.postal"}
BY_CASE = {"us.antidumping", "us.countervailing"}  # goods under an order have neither regime
LATER = {"us.russian-energy"}  # from 2026-10-18; both regimes ended before


def giving_way_to(us: tc.Tariff, program: str) -> set[str]:
    return {entry.program for entry in us.rulebook.stacking if entry.to == program}


def test_everything_gives_way_to_low_value(us: tc.Tariff) -> None:
    assert giving_way_to(us, "us.low-value") == set(us.programs) - {"us.low-value"} - BY_CASE - LATER


def test_everything_gives_way_to_mail(us: tc.Tariff) -> None:
    assert giving_way_to(us, "us.postal") == set(us.programs) - OWN - BY_CASE - LATER


def test_mail_by_value_and_by_item_name_the_same_origins(us: tc.Tariff) -> None:
    """The amount by the item follows from the rate of the country: below 16%, to 25%, above."""
    measures = us.programs["us.postal"].measures
    by_value = {measure.id: measure for measure in measures if measure.group == "countries"}
    by_item = {
        measure.id.removesuffix("-specific"): measure for measure in measures if measure.group == "items"
    }
    assert set(by_value) == set(by_item)
    for name, measure in by_item.items():
        assert measure.origin == by_value[name].origin
        for spell in measure.history:
            for rate in by_value[name].history:
                if rate.entered.overlap(spell.entered):
                    percent = float(rate.duty.text.removesuffix("%"))
                    amount = "$80" if percent < 16 else "$160" if percent <= 25 else "$200"
                    assert spell.duty.text.startswith(amount + " "), (name, spell)
