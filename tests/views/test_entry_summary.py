"""The numbers on an entry summary, in the order customs asks for (CSMS 65829726, CSMS 66027027)."""

from __future__ import annotations

from decimal import Decimal

import tariffcalc as tc


def test_order_of_headings_and_their_duties(us: tc.Tariff) -> None:
    """Two in-transit windows of autumn 2025: 25% under 9903.01.84, 10% under 9903.01.25, 16.5% under the
    code, each on 10,000."""
    lines = [tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")]
    e = us.estimate(tc.Shipment(entered="2025-09-20", loaded="2025-08-05", transport="vessel", lines=lines))
    rows = e.entry_summary.to_dict("records")
    assert [(row["order"], row["number"], row["value"], row["duty"]) for row in rows] == [
        (1, "9903.01.84", Decimal("10000.00"), Decimal("2500.00")),
        (2, "9903.01.25", Decimal("10000.00"), Decimal("1000.00")),
        (3, "6109.10.00.12", Decimal("10000.00"), Decimal("1650.00")),
    ]
    assert sum(row["duty"] for row in rows) == e.duty
    assert "To declare, in this order: 9903.01.84, 9903.01.25, 6109.10.00.12" in e.explain()


def test_the_part_that_is_not_charged_has_a_number_of_its_own(us: tc.Tariff) -> None:
    """United States content of 250 in 1,000 (note 2(v)(xvii)): 25% falls on 750; 9903.01.34 is declared for
    the rest."""
    lines = [tc.Line(commodity="6109.10.00.12", origin="IN", value="1000", facts={"us_content_value": "250"})]
    e = us.estimate(tc.Shipment(entered="2025-08-15", lines=lines))
    rows = {row["number"]: row for row in e.entry_summary.to_dict("records")}
    assert (rows["9903.02.26"]["value"], rows["9903.02.26"]["duty"]) == (Decimal("750.00"), Decimal("187.50"))
    assert (rows["9903.01.34"]["value"], rows["9903.01.34"]["duty"]) == (Decimal("250.00"), Decimal("0.00"))


def test_a_heading_beside_another_stands_for_its_part(us: tc.Tariff) -> None:
    """Note 16(j): United States content up to 40% of the value is declared under 9903.82.21, all else under
    9903.82.20 at 25%."""
    for content, charged, free in (("3000", "7000.00", "3000.00"), ("5000", "6000.00", "4000.00")):
        line = tc.Line(
            commodity="8427.20.80.90",
            origin="MX",
            value="10000",
            claims=("S",),
            facts={"us_content_value": content},
        )
        e = us.estimate(tc.Shipment(entered="2026-06-10", lines=(line,)))
        rows = {row["number"]: (row["value"], row["duty"]) for row in e.entry_summary.to_dict("records")}
        assert rows["9903.82.20"] == (Decimal(charged), Decimal(charged) / 4)
        assert rows["9903.82.21"] == (Decimal(free), Decimal("0.00"))
        assert (
            f"{Decimal(free):,} of the value, us_content_value, is declared under 9903.82.21 as well, where"
            " nothing is due" in e.explain()
        )


def test_a_heading_for_the_same_value_stands_beside_that_of_the_list(us: tc.Tariff) -> None:
    """A set whose rate is that of an article on list 1: 25% under 9903.88.01; 9903.88.21, which prints the
    rate of the subheading, adds nothing."""
    line = tc.Line(
        commodity="8206.00.00.00",
        origin="CN",
        value="10000",
        facts={"derived_rate_list": "list_1", "borrowed_duty": "100"},
    )
    rows = us.estimate(tc.Shipment(entered="2025-01-10", lines=(line,))).entry_summary.to_dict("records")
    assert [(row["number"], row["value"], row["duty"]) for row in rows][:2] == [
        ("9903.88.01", Decimal("10000.00"), Decimal("2500.00")),
        ("9903.88.21", Decimal("10000.00"), Decimal("0.00")),
    ]


def test_every_program_with_headings_has_its_place(us: tc.Tariff) -> None:
    """The order names every duty program whose measures have headings."""
    ordered = set(us.rulebook.territory.filing_order)
    duties = (program for program in us.programs.values() if program.kind == "duty")
    headed = {
        program.program
        for program in duties
        if any(measure.heading.startswith("99") for measure in program.measures)
    }
    assert headed - ordered - {us.rulebook.territory.column_1} == set()


def test_a_duty_that_gives_way_is_not_declared(us: tc.Tariff) -> None:
    """Steel of Canada in March 2025 owes the border duty and not that of section 232 (EO 14289, section
    3(b)): 9903.81.87 would say that it does."""
    line = tc.Line(commodity="7208.10.15.00", origin="CA", value="1000")
    e = us.estimate(tc.Shipment(entered="2025-03-20", transport="truck", lines=[line]))
    outcome = e.ledger.set_index("program")["outcome"]
    assert outcome["us.s232.steel"] == "gave way" and outcome["us.ieepa.fentanyl"] == "charged"
    assert e.entry_summary["number"].tolist() == ["9903.01.10", "7208.10.15.00"]
