"""The verbs that work on duties in force, by hand: what each comes to on some goods, and that what it does
not name stays as it was."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import tariffcalc as tc
from tariffcalc import Scenario, where
from tariffcalc.errors import ScenarioError

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
RECIPROCAL = "us.ieepa.reciprocal"
INDIA = f"{RECIPROCAL}/india-august"
SHIRTS, SWEATERS = "6109.10.00.12", "6110.20.20.79"  # 16.5% both


def duty(tariff: tc.Tariff, entered: str, origin: str = "IN", commodity: str = SHIRTS) -> Decimal | None:
    """Of goods worth 10,000."""
    line = tc.Line(commodity=commodity, origin=origin, value="10000", quantity={"kg": 1000})
    return tariff.estimate(tc.Shipment(entered=entered, lines=(line,))).duty


@pytest.mark.parametrize(
    ("scenario", "entered", "origin", "expected"),
    [
        # section 122: 10% of 10,000 beside 1,650
        (Scenario("x").suspend("us.s122", "2026-03-01", "2026-04-01"), "2026-02-28", "IN", "2650"),
        (Scenario("x").suspend("us.s122", "2026-03-01", "2026-04-01"), "2026-03-01", "IN", "1650"),
        (Scenario("x").suspend("us.s122", "2026-03-01", "2026-04-01"), "2026-04-01", "IN", "2650"),
        (
            Scenario("x").suspend(where(program="us.s122", origin="IN"), "2026-03-01"),
            "2026-06-01",
            "IN",
            "1650",
        ),
        (
            Scenario("x").suspend(where(program="us.s122", origin="IN"), "2026-03-01"),
            "2026-06-01",
            "VN",
            "2650",
        ),
        # the 25% on India suspended is nothing; removed, the 10% that it displaces applies
        (Scenario("x").suspend(INDIA, "2026-01-01"), "2026-02-10", "IN", "1650"),
        (Scenario("x").remove(INDIA), "2026-02-10", "IN", "2650"),
        (Scenario("x").remove(RECIPROCAL), "2026-02-10", "IN", "1650"),
        # the 10% of all origins, taken away for shirts of India alone
        (
            Scenario("x").remove(where(measure="baseline", program=RECIPROCAL, origin="IN")),
            "2025-06-10",
            "IN",
            "1650",
        ),
        (
            Scenario("x").remove(where(measure="baseline", program=RECIPROCAL, origin="IN")),
            "2025-06-10",
            "VN",
            "2650",
        ),
        # 25% from September 6, thirty days after August 7; before, the 10% (and 25% from August 27)
        (Scenario("x").delay(INDIA, days=30), "2025-08-20", "IN", "2650"),
        (Scenario("x").delay(INDIA, days=30), "2025-09-05", "IN", "5150"),
        (Scenario("x").delay(INDIA, days=30), "2025-09-06", "IN", "6650"),
        (Scenario("x").delay(INDIA, to="2025-09-06"), "2025-09-05", "IN", "5150"),
        # 10% + 5%; 10% x 150%; 25% x 50%; at most 15%; at least 15%
        (Scenario("x").raise_by("us.s122", "5%"), "2026-03-10", "IN", "3150"),
        (Scenario("x").raise_by("us.s122", "5% + 10¢/kg"), "2026-03-10", "IN", "3250"),
        (Scenario("x").scale("us.s122", "1.5", before="2026-03-11"), "2026-03-10", "IN", "3150"),
        (Scenario("x").scale("us.s122", "1.5", before="2026-03-10"), "2026-03-10", "IN", "2650"),
        (Scenario("x").scale(where(program="us.ieepa.*", origin="IN"), "50%"), "2026-02-10", "IN", "2900"),
        (Scenario("x").scale(where(program="us.ieepa.*", origin="IN"), "50%"), "2025-09-10", "IN", "4150"),
        (Scenario("x").cap(RECIPROCAL, "15%"), "2026-02-10", "IN", "3150"),
        (Scenario("x").cap(RECIPROCAL, "10¢/kg"), "2026-02-10", "IN", "1750"),
        (Scenario("x").cap(RECIPROCAL, "22%"), "2026-02-10", "VN", "3650"),
        (Scenario("x").floor("us.s122", "15%", origin="VN"), "2026-03-10", "VN", "3150"),
        (Scenario("x").floor("us.s122", "15%", origin="VN"), "2026-03-10", "IN", "2650"),
        (Scenario("x").floor("us.s122", "$2/kg"), "2026-03-10", "IN", "3650"),
        # a narrowed measure is still the measure: the later change reaches both parts
        (
            Scenario("x")
            .set_duty("us.s122/surcharge", "30%", origin="VN")
            .set_duty("us.s122/surcharge", "5%"),
            "2026-03-10",
            "VN",
            "2150",
        ),
        (Scenario("x").set_duty("us.s122", "15%", origin="VN"), "2026-03-10", "VN", "3150"),
        (Scenario("x").set_duty(where(program="us.s122", chapter="61"), "1%"), "2026-03-10", "VN", "1750"),
        (Scenario("x").end(where(program="us.s122", origin="IN"), "2026-03-10"), "2026-03-10", "IN", "1650"),
        (Scenario("x").end(where(program="us.s122", origin="IN"), "2026-03-10"), "2026-03-10", "VN", "2650"),
    ],
)
def test_by_hand(us: tc.Tariff, scenario: Scenario, entered: str, origin: str, expected: str) -> None:
    """Shirts worth 10,000 and of 1,000 kg; column 1 is 1,650."""
    assert duty(us.amend(scenario), entered, origin) == Decimal(expected)


@pytest.mark.parametrize(
    ("commodity", "origin", "expected"),
    [(SHIRTS, "IN", "1650"), (SWEATERS, "IN", "2650"), (SHIRTS, "VN", "2650")],
)
def test_exempt_is_for_its_goods_and_origins(
    us: tc.Tariff, commodity: str, origin: str, expected: str
) -> None:
    for scenario in (
        Scenario("x").exempt("us.s122", products="6109", origin="IN"),
        Scenario("x").exempt(where(program="us.s122", products="6109"), origin="IN"),
        Scenario("x").exempt(where(program="us.s122", products="6109", chapter="61", origin="IN")),
        Scenario("x").remove(where(program="us.s122", products="6109", origin="IN")),
    ):
        assert duty(us.amend(scenario), "2026-03-10", origin, commodity) == Decimal(expected)


def posted(
    tariff: tc.Tariff, program: str, commodity: str, origin: str, entered: str = "2025-06-10"
) -> Decimal:
    """What a program charges on goods worth 10,000, of 1,000 kg."""
    facts = {"smelted_in": "BB"} if commodity.startswith("72") else {}
    line = tc.Line(commodity=commodity, origin=origin, value="10000", quantity={"kg": 1000}, facts=facts)
    ledger = tariff.estimate(tc.Shipment(entered=entered, lines=(line,)), fees=False).ledger
    found = ledger.loc[ledger["program"] == program, "amount"]
    assert found.notna().all()
    return Decimal(str(found.sum()))


def test_extended_for_some_origins(us: tc.Tariff) -> None:
    """The surcharge of section 122 ends before July 24, 2026; for goods of India it runs on."""
    alt = us.amend(Scenario("x").extend(where(program="us.s122", origin="IN", measure="surcharge")))
    found = {origin: posted(alt, "us.s122", SHIRTS, origin, "2026-07-24") for origin in ("IN", "VN")}
    assert found == {"IN": 1000, "VN": 0}


@pytest.mark.parametrize(
    ("scenario", "commodity", "origin", "expected"),
    [
        # "to 15% including column 1" on goods of 10%: 500; half of it, at most 2%, at least 7% of 10,000
        (None, "1001.00.00.10", "BB", 500),
        (Scenario("x").scale("land.reciprocal", "50%"), "1001.00.00.10", "BB", 250),
        (Scenario("x").cap("land.reciprocal/beta", "2%"), "1001.00.00.10", "BB", 200),
        (Scenario("x").cap("land.reciprocal/beta", "6%"), "1001.00.00.10", "BB", 500),
        (Scenario("x").floor("land.reciprocal/beta", "7%"), "1001.00.00.10", "BB", 700),
        (Scenario("x").floor("land.reciprocal/beta", "4%"), "1001.00.00.10", "BB", 500),
        # the 25% on CC, suspended for chapter 10 alone; the 10% on all others stays
        (
            Scenario("x").suspend(where(program="land.reciprocal", origin="CC", chapter="10"), "2025-06-01"),
            "1001.00.00.10",
            "CC",
            0,
        ),
        (
            Scenario("x").suspend(where(program="land.reciprocal", origin="CC", chapter="10"), "2025-06-01"),
            "1001.00.00.10",
            "DD",
            1000,
        ),
        # a list: goods on the list of steel pay 50%; of them those of one origin a tenth
        (
            Scenario("x").scale(where(program="land.metals", origin="BB", list="steel"), "10%"),
            "7201.00.00",
            "BB",
            0,
        ),
    ],
)
def test_by_hand_in_the_invented_land(
    scenario: Scenario | None, commodity: str, origin: str, expected: int
) -> None:
    """What the reciprocal duty comes to; it gives way to the duty on metals whatever that charges."""
    land = tc.load(LAND)
    amended = land.amend(scenario) if scenario else land
    assert posted(amended, "land.reciprocal", commodity, origin) == expected
    if commodity.startswith("72"):
        assert posted(amended, "land.metals", commodity, origin) == 500
        assert posted(amended, "land.metals", commodity, "CC") == 5000


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario("x").cap("us.s122", "10%"), "capping it at 10% on any day changes nothing (in force: 10%"),
        (Scenario("x").floor("us.s122", "10%"), "setting a floor of 10% on any day changes nothing"),
        (Scenario("x").scale("us.s122", "1"), "multiplying it by 1 on any day changes nothing"),
        (Scenario("x").raise_by("us.s122", "none"), "raising it by none on any day changes nothing"),
        (Scenario("x").suspend("us.s122", "2027-01-01"), "changes nothing"),
        (Scenario("x").delay("us.s122", to="2026-01-01"), "delaying it to 2026-01-01 changes nothing"),
        (Scenario("x").delay("us.s122/surcharge", to="2027-01-01"), "would never be in force"),
        (Scenario("x").exempt(INDIA, origin="VN"), "narrowing it to VN changes nothing"),
        (
            Scenario("x").raise_by("us.column-1/general", "1%"),
            "us.column-1/general charges 'as scheduled: general': the schedule",
        ),
        (Scenario("x").cap("us.s122", "5% at least 1¢/kg"), "has limits of its own: expected a rate"),
        (Scenario("x").cap("us.s123", "5%"), "is 'us.s122' meant?"),
        (
            Scenario("x").cap(where(program="us.iepa.*"), "5%"),
            "no program fits 'us.iepa.*'; is 'us.ieepa.*' meant?",
        ),
        (Scenario("x").cap(where(measure="india-agust"), "5%"), "is 'india-august' meant?"),
        (Scenario("x").cap(where(heading="9903.01.2x"), "5%"), "no heading fits '9903.01.2x'; "),
        (
            Scenario("x").cap(where(origin="IN", program="us.s301.china"), "5%"),
            "reaches those origins and goods",
        ),
        (Scenario("x").cap(where(origin="XQ"), "5%"), "'XQ' is not an origin"),
        (Scenario("x").cap(where(list="anex-ii"), "5%"), "there is no list 'anex-ii'; is 'annex-ii' meant?"),
        (Scenario("x").cap(where(chapter="77"), "5%"), "77 covers no tariff line"),
    ],
)
def test_what_changes_nothing_or_cannot_be_worked_out_is_refused(
    us: tc.Tariff, scenario: Scenario, words: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        us.amend(scenario)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"scenario 'x', change 1: {scenario.changes[0].verb} ")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"suspend": "us.s122"}, "'on_or_after' is missing"),
        ({"exempt": "us.s122"}, "an exemption is for some goods: give products or origin, or use suspend"),
        ({"delay": "us.s122"}, "give either the day to which it is delayed (to), or the number of days"),
        ({"delay": "us.s122", "to": "2026-03-01", "days": 3}, "give either the day"),
        ({"delay": "us.s122", "days": "a week"}, "expected a whole number of days, got 'a week'"),
        ({"scale": "us.s122", "factor": 0.5}, "expected a factor as text, '1.5' or a percentage"),
        ({"scale": "us.s122", "factor": "-1"}, "expected a factor of nothing or more"),
        ({"cap": "us.s122", "at_most": 15}, "write '15%' if that is meant"),
        ({"cap": {"orgin": "IN"}, "at_most": "15%"}, "cap: cap: 'orgin' is no key here; is 'origin' meant?"),
        ({"cap": {}, "at_most": "15%"}, "a selection of measures says which: give program"),
        ({"cap": ["us.s122"], "at_most": "15%"}, "expected a text, got a list"),
        ({"remove": {"program": 3}}, "remove: remove.program: expected a list of texts, got the number 3"),
    ],
)
def test_a_wrong_form_is_refused(given: dict[str, object], words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario.of({"scenario": "x", "changes": [given]})
    assert words in str(caught.value)


def test_a_misspelt_key_of_a_selection_has_its_line(us: tc.Tariff, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("scenario: x\nchanges:\n- cap:\n    program: us.s122\n    orgin: IN\n  at_most: 15%\n")
    with pytest.raises(ScenarioError, match=r"w\.yaml:5: cap: cap: 'orgin' is no key here"):
        us.amend(path)


def test_a_misspelt_verb_is_an_error_with_the_one_meant() -> None:
    with pytest.raises(AttributeError, match=r"a scenario has no 'susspend'; is 'suspend' meant\?"):
        Scenario("x").susspend("us.s122")


def test_a_selection_shows_what_it_selects(us: tc.Tariff) -> None:
    chosen = where(program="us.s122", origin="IN", chapter="61")
    assert repr(chosen) == "where(program='us.s122', origin='IN', chapter='61')"
    table = chosen.measures(us).set_index("measure")
    assert table.loc["surcharge", "narrowed_to"] == "IN; 61"
    assert table.loc["surcharge", "duty"] == "10% on or after 2026-02-24 and before 2026-07-24"
    assert where(program=RECIPROCAL, measure="india-august").measures(us)["narrowed_to"].tolist() == [""]
    assert where(program=RECIPROCAL, measure="india-august", origin="IN").measures(us)[
        "narrowed_to"
    ].tolist() == [""]
    with pytest.raises(ScenarioError, match="nothing is selected"):
        where(program="us.x*").measures(us)
    for wrong, words in (
        ({}, "says which"),
        ({"origin": "India"}, "where: origin: 'India' is not a two-letter"),
    ):
        with pytest.raises(ScenarioError, match=words):
            where(**wrong)


def test_programs_give_way_and_are_charged_together(us: tc.Tariff) -> None:
    """A car of South Africa, 10,000: 2.5% and 25% under section 232, to which the reciprocal duty (10%)
    gives way. Shirts of China pay 7.5% under section 301, and 16.5%, beside the duty of section 122."""
    car = tc.Line(commodity="8703.23.01.60", origin="ZA", value="10000")
    cars = tc.Shipment(entered="2025-07-10", lines=(car,))
    both = Scenario("x").stack_on(RECIPROCAL, on="us.s232.autos", on_or_after="2025-07-10")
    assert us.estimate(cars).duty == Decimal("2750.00")
    assert us.amend(both).estimate(cars).duty == Decimal("3750.00")
    again = both.yield_to(RECIPROCAL, to="us.s232.autos/vehicles")
    assert us.amend(again).estimate(cars).duty == Decimal("2750.00")
    one = us.amend(Scenario("x").yield_to("us.s301.china", to="us.s122", before="2026-04-01"))
    for entered, charged in (("2026-03-31", 0), ("2026-04-01", 750)):
        assert posted(us, "us.s301.china", SHIRTS, "CN", entered) == 750
        assert posted(one, "us.s301.china", SHIRTS, "CN", entered) == charged
        assert posted(one, "us.s122", SHIRTS, "CN", entered) == 1000


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (
            Scenario("x").yield_to(RECIPROCAL, to="us.s232.autos/vehicles", on_or_after="2025-05-01"),
            "already: that changes",
        ),
        (Scenario("x").yield_to(RECIPROCAL, to=RECIPROCAL), "cannot give way to itself"),
        (Scenario("x").yield_to(RECIPROCAL, to="us.s232.auto"), "is 'us.s232.autos' meant?"),
        (
            Scenario("x").stack_on("us.s122", on=RECIPROCAL),
            "us.s122 does not give way to us.ieepa.reciprocal",
        ),
        (Scenario("x").stack_on("us.s232.autos", on="us.hmf"), "that changes nothing"),
    ],
)
def test_a_change_of_the_order_that_changes_nothing_is_refused(
    us: tc.Tariff, scenario: Scenario, words: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        us.amend(scenario)
    assert words in str(caught.value)


def test_undone_is_as_before(us: tc.Tariff) -> None:
    """Halved and doubled, and suspended and set again: every duty is what it was."""
    for entered, origin in (
        ("2025-06-10", "IN"),
        ("2026-02-10", "IN"),
        ("2026-02-10", "DE"),
        ("2026-02-10", "CN"),
    ):
        twice = Scenario("x").scale(RECIPROCAL, "50%").scale(RECIPROCAL, "2")
        assert duty(us.amend(twice), entered, origin) == duty(us, entered, origin)
    name = "us.s122/surcharge"
    again = Scenario("x").suspend(name, "2026-03-01").set_duty(name, "10%")
    assert duty(us.amend(again), "2026-03-10") == duty(us, "2026-03-10")


def test_more_is_never_less(us: tc.Tariff) -> None:
    """The higher the rate of a verb, the higher the duty, on days and origins of every era."""
    facts = [("2025-06-10", "IN"), ("2026-02-10", "VN"), ("2026-02-10", "JP"), ("2026-02-10", "CH")]
    baseline = where(program=RECIPROCAL, measure="baseline")
    drawn = (
        ("raise_by", baseline, ("1%", "5%", "30%")),
        ("cap", RECIPROCAL, ("1%", "5%", "12%")),
        ("floor", RECIPROCAL, ("11%", "30%", "60%")),
    )
    for verb, what, rates in drawn:
        amended = [us.amend(getattr(Scenario("x"), verb)(what, rate)) for rate in rates]
        for entered, origin in facts:
            found = [duty(each, entered, origin) for each in amended]
            assert None not in found
            assert found == sorted(found), (verb, entered, origin)  # type: ignore[type-var]
