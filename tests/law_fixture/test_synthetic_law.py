"""Every kind of rule on an invented territory, against amounts worked out by hand.

The law of the folder ``land`` exists to be small: each test states what one kind of rule must come to, with
the arithmetic beside it, and so does not move when real law does.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning, SeedError, ShipmentError
from tariffcalc.moments import parse_moment

LAND = Path(__file__).parent / "land"
Outcome = tuple[str, str | None, str]


@pytest.fixture(scope="module")
def land() -> tc.Tariff:
    return tc.load(LAND)


def line(
    commodity: str, origin: str, value: str = "1000", kg: str | None = None, claims: str = "", **facts: str
) -> tc.Line:
    quantity = {} if kg is None else {"kg": kg}
    return tc.Line(
        commodity=commodity,
        origin=origin,
        value=value,
        quantity=quantity,
        claims=tuple(claims.split()),
        facts=facts,
    )


def says(tariff: tc.Tariff, program: str, entered: str, one: tc.Line, **shipment: Any) -> Outcome | None:
    """Outcome, amount and heading of one program on a shipment of one line."""
    ledger = tariff.estimate(tc.Shipment(entered=entered, lines=[one], **shipment)).ledger
    rows = ledger[ledger.program == f"land.{program}"].to_dict("records")
    assert len(rows) <= 1
    if not rows:
        return None
    amount = rows[0]["amount"]
    return rows[0]["outcome"], None if amount is None else f"{amount:.2f}", rows[0]["heading"]


# --- duties the schedule says line by line ------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        # 10% of 1,000.05 = 100.005: half a cent up
        (line("1001.00.00.10", "CC", "1000.05"), ("charged", "100.01")),
        (line("1001.00.00.10", "CC", "1000.04"), ("charged", "100.00")),  # 100.004: less than half is dropped
        (line("1001.00.00", "SS"), ("charged", "350.00")),  # column 2, by a dated group
        (line("1002.00.00", "CC", kg="333"), ("charged", "4.66")),  # 1.4 cents x 333 = 466.2 cents
        (line("1002.00.00", "CC"), ("unknown", None)),  # no quantity
        (line("1003.00.00", "CC", kg="4000"), ("charged", "110.00")),  # 60 + 50
        (line("1003.00.00", "DD", kg="4000", claims="FT"), ("charged", "10.00")),  # 1%, specially
        (line("1004.00.00", "CC", "100", kg="100"), ("charged", "5.00")),  # 5% of 100, above 2 cents x 100
        (line("1004.00.00", "CC", "100", kg="400"), ("charged", "8.00")),  # at least 2 cents x 400
        (line("1004.00.00", "CC", "100", kg="1000"), ("charged", "10.00")),  # at most 10%
        (line("1006.00.00", "CC"), ("unknown", None)),  # another line decides
        (line("1006.00.00", "CC", borrowed_duty="12.345"), ("charged", "12.35")),
        # 10%, of the line declared
        (line("1006.00.00", "CC", borrowed_line="1001.00.00.10"), ("charged", "100.00")),
        # 60 + 50, on the quantity of the goods
        (line("1006.00.00", "CC", kg="4000", borrowed_line="1003.00.00"), ("charged", "110.00")),
        (line("1006.00.00", "CC", borrowed_line="1003.00.00"), ("unknown", None)),  # no quantity
        # a line that borrows itself decides nothing
        (line("1006.00.00", "CC", borrowed_line="1006.00.00"), ("unknown", None)),
        (line("1006.00.00", "SS"), ("none due", "0.00")),
        # 20 - 0.0002 x 4,500
        (line("1007.00.00", "CC", kg="1000", sugar_degrees="4.5"), ("charged", "19.10")),
        # not less than 1 cent
        (line("1007.00.00", "CC", kg="1000", sugar_degrees="60"), ("charged", "10.00")),
        (line("1007.00.00", "CC", kg="1000"), ("unknown", None)),
    ],
)
def test_schedule(land: tc.Tariff, declared: tc.Line, expected: tuple[str, str | None]) -> None:
    """Ad valorem, specific, compound, bounded, borrowed duties and rounding."""
    said = says(land, "customs", "2025-01-10", declared)
    assert said is not None
    assert said[:2] == expected


def test_unit_of_the_same_dimension(land: tc.Tariff) -> None:
    """Tonnes count as kilograms: 1.4 cents x 2,500 = 35.00."""
    one = tc.Line(commodity="10020000", origin="CC", value="1", quantity={"t": "2.5"})
    assert says(land, "customs", "2025-01-10", one) == ("charged", "35.00", "")


@pytest.mark.parametrize(
    ("claims", "origin", "entered", "amount"),
    [
        ("FT", "DD", "2025-01-10", "0.00"),
        ("", "DD", "2025-01-10", "100.00"),  # not claimed
        ("FT", "CC", "2025-01-10", "100.00"),  # not for this origin
        ("FT", "AA", "2025-08-31", "0.00"),  # a friend to the end of August
        ("FT", "AA", "2025-09-01 00:00", "0.00"),  # and in the first minute of September
        ("FT", "AA", "2025-09-01", "100.00"),
        ("OL", "DD", "2025-01-10", "100.00"),  # lapsed, though printed
    ],
)
def test_preference(land: tc.Tariff, claims: str, origin: str, entered: str, amount: str) -> None:
    """A special rate needs the claim, the line, the origin and the day."""
    said = says(land, "customs", entered, line("1001.00.00.10", origin, claims=claims))
    assert said is not None
    assert said[1] == amount


def test_rate_of_the_line_above(land: tc.Tariff) -> None:
    """A ten-digit line has its own rate (2%) to the end of June and that of its eight-digit line
    (4%) after."""
    of_ten_digits = line("1005.00.00.10", "CC")
    assert says(land, "customs", "2025-06-30", of_ten_digits) == ("charged", "20.00", "")
    assert says(land, "customs", "2025-07-01", of_ten_digits) == ("charged", "40.00", "")
    assert says(land, "customs", "2025-06-30", line("1005.00.00.20", "CC")) == ("charged", "40.00", "")


# --- windows, origins, precedence, products -----------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "origin", "expected"),
    [
        ("2025-02-01 00:00", "CC", None),
        ("2025-02-01", "CC", ("charged", "100.00", "R.01")),
        ("2025-02-28", "CC", ("charged", "100.00", "R.01")),
        ("2025-03-01 00:00", "CC", ("charged", "100.00", "R.01")),
        ("2025-03-01", "CC", ("charged", "250.00", "R.06")),  # the partner's measure instead of the baseline
        ("2026-01-31", "CC", ("charged", "250.00", "R.06")),
        ("2026-02-01 00:00", "CC", None),  # ended at midnight
        ("2025-03-01", "AA", None),
        ("2025-03-01", "SS", None),
        ("2025-03-01", "DD", ("charged", "100.00", "R.01")),
    ],
)
def test_windows_and_origins(land: tc.Tariff, entered: str, origin: str, expected: Outcome | None) -> None:
    """The first day counts, the last minute too; areas and exceptions."""
    assert says(land, "reciprocal", entered, line("1001.00.00.10", origin)) == expected


@pytest.mark.parametrize(
    ("entered", "loaded", "transport", "heading"),
    [
        ("2025-03-31", "2025-02-28", "vessel", "R.04"),
        ("2025-03-31", "2025-02-28", None, "R.04"),  # only if another mode is declared it does not hold
        ("2025-03-31", "2025-02-28", "air", "R.06"),
        ("2025-03-31", "2025-03-01 00:00", "vessel", "R.04"),
        ("2025-03-31", "2025-03-01", "vessel", "R.06"),
        ("2025-04-01", "2025-02-28", "vessel", "R.06"),
        ("2025-03-31", None, "vessel", "R.06"),  # not declared: loaded when entered
    ],
)
def test_goods_afloat(
    land: tc.Tariff, entered: str, loaded: str | None, transport: str | None, heading: str
) -> None:
    """A window on the day of loading beside that of entry."""
    said = says(land, "reciprocal", entered, line("1001.00.00.10", "CC"), loaded=loaded, transport=transport)
    assert said is not None
    assert said[2] == heading


@pytest.mark.parametrize(
    ("commodity", "entered", "heading"),
    [
        ("1002.00.00", "2025-03-01", "R.05"),
        ("1003.00.00", "2025-05-31", "R.06"),
        ("1003.00.00", "2025-06-01", "R.05"),  # four digits, dated
        ("1003.00.00", "2025-07-01", "R.06"),
        ("1004.00.00", "2025-07-31", "R.05"),
        ("1004.00.00", "2025-08-01", "R.06"),  # taken out of the longer entry
        ("1005.00.00.10", "2025-03-01", "R.05"),
        ("1005.00.00.20", "2025-03-01", "R.06"),
        ("7301.00.00", "2025-03-01", "R.06"),  # the exception takes back what the set takes
    ],
)
def test_product_list(land: tc.Tariff, commodity: str, entered: str, heading: str) -> None:
    """Prefixes, dated rows, exceptions and ten-digit entries."""
    said = says(land, "reciprocal", entered, line(commodity, "CC", kg="1"))
    assert said is not None
    assert said[2] == heading
    assert said[0] == ("none due" if heading == "R.05" else "charged")


def test_eight_digits_where_the_list_has_ten(land: tc.Tariff) -> None:
    """Of 1005.00.00 only one of two ten-digit lines is on the list: in doubt, hence unknown, and so is the
    total."""
    estimate = land.estimate(tc.Shipment(entered="2025-03-01", lines=[line("1005.00.00", "CC")]))
    said = says(land, "reciprocal", "2025-03-01", line("1005.00.00", "CC"))
    assert said is not None
    assert said[:2] == ("unknown", None)
    assert estimate.duty is None
    assert "code-too-short" in set(estimate.problems.code)


@pytest.mark.parametrize(
    ("commodity", "entered", "expected"),
    [
        # named on the list, though in no schedule held
        ("1001.00.00.30", "2026-07-01", ("charged", "30.00")),
        # ten digits nobody knows may be some of what is on the list
        ("1001.00.00.40", "2026-07-01", ("unknown", None)),
        ("1001.00.00.10", "2026-07-01", None),
        ("1001.00.00", "2026-07-01", ("unknown", None)),  # some of it is on the list
        ("1001.00.00", "2026-06-30", None),
    ],
)
def test_ten_digits_later_than_the_schedule(
    land: tc.Tariff, commodity: str, entered: str, expected: object
) -> None:
    """A list may name a ten-digit line that the held schedule has not: it has the rates of eight digits, and
    is on the list."""
    said = says(land, "late", entered, line(commodity, "CC"))
    assert (said and said[:2]) == expected


def test_admission_fixes_the_law(land: tc.Tariff) -> None:
    """Admitted in February: the baseline, though entered in March; but the fee is that of the day of
    entry."""
    one = line("1001.00.00.10", "CC")
    assert says(land, "reciprocal", "2025-03-10", one, admitted="2025-02-20") == ("charged", "100.00", "R.01")
    assert says(land, "fee", "2025-10-10", one, admitted="2025-02-20") == ("charged", "30.00", "")


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
def test_known_on() -> None:
    """Before order 2 was known the reciprocal duty had no end; before order 1 there was none."""
    one = line("1001.00.00.10", "CC")
    assert says(tc.load(LAND, known_on="2026-01-19"), "reciprocal", "2026-02-01", one) == (
        "charged",
        "250.00",
        "R.06",
    )
    assert says(tc.load(LAND, known_on="2026-01-20"), "reciprocal", "2026-02-01", one) is None
    assert says(tc.load(LAND, known_on="2025-01-14"), "reciprocal", "2025-03-01", one) is None


# --- floors and bases ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (line("1001.00.00.10", "BB"), ("charged", "50.00", "R.02")),  # 150 less 100
        (line("1003.00.00", "BB", kg="4000"), ("charged", "40.00", "R.02")),  # 150 less 60 less 50
        (line("1003.00.00", "BB", kg="10000"), ("none due", "0.00", "R.03")),  # column 1 is 200 already
        (line("1003.00.00", "BB"), ("unknown", None, "R.02")),  # column 1 unknown
        # 90 less 60% of 100
        (line("1001.00.00.10", "BB", home_content_value="400"), ("charged", "30.00", "R.02")),
    ],
)
def test_floor(land: tc.Tariff, declared: tc.Line, expected: Outcome) -> None:
    """To 15% including column 1, specific column 1 duties too."""
    assert says(land, "reciprocal", "2025-03-01", declared) == expected


@pytest.mark.parametrize(
    ("claims", "facts", "expected"),
    [
        ("", {"home_content_value": "199.99"}, ("charged", "250.00")),
        ("", {"home_content_value": "200"}, ("charged", "200.00")),  # 25% of 800
        ("", {"home_content_value": "1000"}, ("none due", "0.00")),
        ("repair", {"processing_value": "100"}, ("charged", "25.00")),
        ("repair", {}, ("unknown", None)),
        # bases in order
        ("repair", {"processing_value": "100", "home_content_value": "900"}, ("charged", "25.00")),
    ],
)
def test_bases(land: tc.Tariff, claims: str, facts: dict[str, str], expected: tuple[str, str | None]) -> None:
    """The first base whose conditions hold: the 20% share of home content, and repairs."""
    said = says(land, "reciprocal", "2025-03-01", line("1001.00.00.10", "CC", claims=claims, **facts))
    assert said is not None
    assert said[:2] == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        # 1.4 cents x 500 = 7.00, of which 250 of 1,000
        (line("1002.00.00", "CC", kg="500", claims="repair", processing_value="250"), "1.75"),
        (line("1002.00.00", "CC", kg="500", claims="repair", processing_value="0"), "0.00"),
        (line("1002.00.00", "CC", kg="500", claims="repair", processing_value="1000"), "7.00"),
        # (60 + 50) / 4
        (line("1003.00.00", "CC", kg="4000", claims="repair", processing_value="250"), "27.50"),
        # 1% of 250
        (line("1003.00.00", "DD", kg="4000", claims="FT repair", processing_value="250"), "2.50"),
        # (1.5 + 15) / 3 = 5.5 cents: up, rounded once
        (line("1003.00.00", "CC", "3", kg="1", claims="repair", processing_value="1"), "0.06"),
        # at least 8.00 on the whole, then half
        (line("1004.00.00", "CC", "100", kg="400", claims="repair", processing_value="50"), "4.00"),
        # at most 10.00 on the whole, then half
        (line("1004.00.00", "CC", "100", kg="900", claims="repair", processing_value="50"), "5.00"),
        (line("1002.00.00", "CC", "0", kg="500", claims="repair", processing_value="0"), "0.00"),
        # 33.335: a percentage is the same either way
        (line("1001.00.00.10", "CC", claims="repair", processing_value="333.35"), "33.34"),
    ],
)
def test_in_proportion(land: tc.Tariff, declared: tc.Line, expected: str) -> None:
    """The duty on the whole value and all quantities, of which that part is due that the base is of the
    value."""
    said = says(land, "customs", "2025-03-01", declared)
    assert said is not None
    assert said[1] == expected


def test_floor_includes_what_column_1_charges_in_proportion(land: tc.Tariff) -> None:
    """15% of 250 is 37.50; column 1 charges 27.50 of it, and 10.00 is left."""
    one = line("1003.00.00", "BB", kg="4000", claims="repair", processing_value="250")
    assert says(land, "customs", "2025-03-01", one) == ("charged", "27.50", "")
    assert says(land, "reciprocal", "2025-03-01", one) == ("charged", "10.00", "R.02")


def test_great_amounts_in_proportion(land: tc.Tariff) -> None:
    """(2,000,000,000 x 5% + 1,500,000,000 kg x 1.5 cents) x 1,999,999,999.99 / 2,000,000,000 is
    122,499,999.9993875."""
    one = line(
        "1003.00.00", "CC", "2000000000", kg="1500000000", claims="repair", processing_value="1999999999.99"
    )
    assert says(land, "customs", "2025-03-01", one) == ("charged", "122500000.00", "")
    one = line("1003.00.00", "CC", "2000000000", kg="1500000000", claims="repair", processing_value="1.01")
    assert says(land, "customs", "2025-03-01", one) == ("charged", "0.06", "")


def test_amounts_of_other_programs(land: tc.Tariff) -> None:
    """A surcharge on duties and a tax on value plus duties, each of the rounded amounts before it."""
    e = land.estimate(tc.Shipment(entered="2025-03-10", lines=[line("1001.00.00.10", "CC", "1000.05")]))
    amounts = {
        row["program"]: row["amount"] for row in e.ledger.to_dict("records") if row["amount"] is not None
    }
    assert amounts["land.customs"] == Decimal("100.01")
    assert amounts["land.reciprocal"] == Decimal("250.01")  # 250.0125
    assert amounts["land.surcharge"] == Decimal("7.00")  # 2% of 350.02 = 7.0004
    assert amounts["land.tax"] == Decimal("244.27")  # 18% of 1,357.07 = 244.2726
    assert e.duty == Decimal("601.29")


def test_tax_base_with_a_share_of_a_fact(land: tc.Tariff) -> None:
    """18% of 1,000 + 100 - 10% of 150 = 18% of 1,085, before any reciprocal duty; the surcharge of 2.00 is in
    the base too."""
    one = line("1001.00.00.10", "CC", home_content_value="150")
    assert says(land, "tax", "2025-01-10", one) == ("charged", "195.66", "T.01")  # 18% of 1,087


def test_unknown_spreads(land: tc.Tariff) -> None:
    """What is charged on an unknown amount is unknown; the duty of the line is unknown and never zero."""
    one = line("1003.00.00", "CC")
    for program in ("customs", "surcharge", "tax"):
        said = says(land, program, "2025-03-01", one)
        assert said is not None
        assert said[:2] == ("unknown", None)
    e = land.estimate(tc.Shipment(entered="2025-03-01", lines=[one]))
    assert e.duty is None
    assert e.known_duty == 0
    assert set(e.problems[e.problems.severity == "unknown"].code) == {
        "missing-quantity",
        "depends-on-unknown",
        "missing-fact",
    }


# --- stacking -----------------------------------------------------------------------------------


def test_gives_way_entirely(land: tc.Tariff) -> None:
    """A steel article: 50% under metals, nothing under the reciprocal duty."""
    one = line("7201.00.00", "CC", smelted_in="AA")
    assert says(land, "metals", "2025-03-01", one) == ("charged", "500.00", "M.01")
    assert says(land, "reciprocal", "2025-03-01", one) == ("gave way", "0.00", "R.33")


def test_gives_way_on_content(land: tc.Tariff) -> None:
    """A derivative: 50% of the steel, 25% of the rest."""
    one = line("7202.00.00", "CC", smelted_in="BB", steel_value="300")
    assert says(land, "metals", "2025-03-01", one) == ("charged", "150.00", "M.02")
    said = says(land, "reciprocal", "2025-03-01", one)
    assert said is not None
    assert said[:2] == ("charged", "175.00")
    nothing_left = line("7202.00.00", "CC", smelted_in="BB", steel_value="1000")
    said = says(land, "reciprocal", "2025-03-01", nothing_left)
    assert said is not None
    assert said[1] == "0.00"


def test_content_not_declared(land: tc.Tariff) -> None:
    """Without the value of the steel both are unknown."""
    one = line("7202.00.00", "CC", smelted_in="BB")
    for program in ("metals", "reciprocal"):
        said = says(land, program, "2025-03-01", one)
        assert said is not None
        assert said[:2] == ("unknown", None)


def test_content_not_declared_is_the_whole_value(land: tc.Tariff) -> None:
    """Where the law takes the whole value until told otherwise, all of it is charged and nothing is left for
    the other duty."""
    silent, declared, none = (
        line("7401.00.00", "CC"),
        line("7401.00.00", "CC", copper_value="300"),
        line("7401.00.00", "CC", copper_value="0"),
    )
    amounts = []
    for one in (silent, declared, none):
        copper, reciprocal = (
            says(land, "copper", "2025-06-01", one),
            says(land, "reciprocal", "2025-06-01", one),
        )
        assert copper is not None and reciprocal is not None
        amounts.append((copper[1], reciprocal[1]))
    # 50% of the copper; 25% of the rest
    assert amounts == [("500.00", "0.00"), ("150.00", "175.00"), ("0.00", "250.00")]


def test_only_some_measures_give_way(land: tc.Tariff) -> None:
    """The rate of CC gives way on the copper; the floor of BB, another measure of the same program,
    does not."""
    said = says(land, "reciprocal", "2025-06-01", line("7401.00.00", "BB", copper_value="300"))
    assert said is not None
    assert said[:2] == ("charged", "150.00")  # to 15% including column 1 (free), on all 1,000


def test_place_of_melting(land: tc.Tariff) -> None:
    """A place is one of the origins, "other" where nothing is declared."""
    assert says(land, "copper", "2025-06-01", line("7401.00.00", "DD", melted_in="SS")) == (
        "charged",
        "2000.00",
        "C.02",
    )
    assert says(land, "copper", "2025-06-01", line("7401.00.00", "DD", melted_in="AA")) == (
        "charged",
        "500.00",
        "C.01",
    )
    with pytest.raises(ShipmentError, match="melted_in"):
        says(land, "copper", "2025-06-01", line("7401.00.00", "DD", melted_in="Atlantis"))


def test_who_gives_way_turns_on_a_day(land: tc.Tariff) -> None:
    """In March the surcharge and the tax give way to copper, in April copper to the surcharge, afterwards
    none to the other."""
    one = line("7401.00.00", "CC", copper_value="0.00", melted_in="SS")
    outcomes = {}
    for day in ("2025-03-31", "2025-04-01", "2025-05-01"):
        outcomes[day] = tuple(
            (says(land, program, day, one) or ("",))[0] for program in ("copper", "surcharge", "tax")
        )
    assert outcomes == {
        "2025-03-31": ("charged", "gave way", "gave way"),
        "2025-04-01": ("gave way", "charged", "charged"),
        "2025-05-01": ("charged", "charged", "charged"),
    }


def test_a_rate_the_importer_declares(land: tc.Tariff) -> None:
    """10.17% of 1,234.57 is 125.555769; without a rate nothing is posted."""
    assert says(
        land, "deposit", "2025-06-01", line("1001.00.00.10", "CC", "1234.57", deposit_rate="0.1017")
    ) == ("charged", "125.56", "")
    assert says(land, "deposit", "2025-06-01", line("1001.00.00.10", "CC")) is None


def test_what_has_ceased_ceases_for_goods_in_zones_too(land: tc.Tariff) -> None:
    """The deposit ended for entries from 2026-03-01, by an order known on 2026-01-20: a day of admission
    before does not keep it alive."""
    one = line("1001.00.00.10", "CC", "1000", deposit_rate="0.1")
    assert says(land, "deposit", "2026-02-28", one, admitted="2025-06-01") == ("charged", "100.00", "")
    assert says(land, "deposit", "2026-03-01", one, admitted="2025-06-01") is None
    with pytest.warns(CoverageWarning, match="known on"):
        said = says(tc.load(LAND, known_on="2026-01-19"), "deposit", "2026-03-01", one, admitted="2025-06-01")
    assert said == ("charged", "100.00", "")


def test_drawback_is_dated(land: tc.Tariff) -> None:
    copper = land.programs["land.copper"]
    days = [copper.drawback_on(parse_moment(day)) for day in ("2025-08-31", "2025-09-01")]
    assert [each.eligible if each else None for each in days] == ["no", "manufacturing"]
    assert land.programs["land.tax"].drawback_on(parse_moment("2025-09-01")) is None


def test_nothing_is_due_whatever_the_base(land: tc.Tariff) -> None:
    """The value of a repair is not declared: an exemption still comes to nothing, and what gives way still
    does."""
    exempt = line("1002.00.00", "CC", kg="1", claims="repair")
    assert says(land, "reciprocal", "2025-03-01", exempt) == ("none due", "0.00", "R.05")
    steel = line("7201.00.00", "CC", claims="repair", smelted_in="AA")
    assert says(land, "reciprocal", "2025-03-01", steel) == ("gave way", "0.00", "R.33")


def test_exemption_does_not_wait_for_what_it_would_give_way_to(land: tc.Tariff) -> None:
    """Where the metal was smelted decides the metals duty; the exempt line owes no reciprocal duty in any
    case."""
    one = line("7202.00.10", "CC")
    said = says(land, "metals", "2025-05-01", one)
    assert said is not None
    assert said[:2] == ("unknown", None)
    assert says(land, "reciprocal", "2025-05-01", one) == ("none due", "0.00", "R.05")


def test_base_is_never_less_than_nothing(land: tc.Tariff) -> None:
    """Steel worth more than the repair leaves nothing to charge, not a refund."""
    one = line(
        "7202.00.00", "CC", claims="repair", processing_value="100", smelted_in="BB", steel_value="300"
    )
    said = says(land, "reciprocal", "2025-03-01", one)
    assert said is not None
    assert said[1] == "0.00"


def test_base_is_not_rounded(land: tc.Tariff) -> None:
    """18% of 8,301,432.17 - 166,028.643 = 1,464,372.63486: only the posting is rounded."""
    one = line("7301.00.00", "CC", "8301432.17", home_content_value="1660286.43")
    assert says(land, "tax", "2025-01-01", one) == ("charged", "1464372.63", "T.01")


def test_choice_not_declared(land: tc.Tariff) -> None:
    """Where the metal was smelted decides between 50% and 200%, and the law assumes nothing."""
    said = says(land, "metals", "2025-03-01", line("7201.00.00", "CC"))
    assert said is not None
    assert said[:2] == ("unknown", None)
    assert says(land, "metals", "2025-03-01", line("7201.00.00", "CC", smelted_in="SS")) == (
        "charged",
        "2000.00",
        "M.03",
    )


def test_duty_not_held(land: tc.Tariff) -> None:
    """The safeguard is not held: unknown; the reciprocal duty is unknown from the day on which it gives way
    to it."""
    one = line("7301.00.00", "CC")
    said = says(land, "safeguard", "2025-04-30", one)
    assert said is not None
    assert said[:2] == ("unknown", None)
    assert says(land, "reciprocal", "2025-04-30", one) == ("charged", "250.00", "R.06")
    said = says(land, "reciprocal", "2025-05-01", one)
    assert said is not None
    assert said[:2] == ("unknown", None)


# --- fees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "values", "fee"),
    [
        ("2025-02-01", ["100"], "20.00"),  # at least
        ("2025-10-01 00:00", ["100"], "20.00"),
        ("2025-10-01", ["100"], "30.00"),
        ("2025-02-01", ["10000", "5000", "2"], "75.01"),  # 0.5% of 15,002, rounded once
        ("2025-02-01", ["10000", "5000", "30000"], "100.00"),  # at most
        ("2025-02-01", ["0"], "20.00"),
    ],
)
def test_fee_on_the_shipment(land: tc.Tariff, entered: str, values: list[str], fee: str) -> None:
    """Summed, rounded once, held between its limits, shared out to the cent."""
    lines = [line("1001.00.00.10", "AA", value) for value in values]
    e = land.estimate(tc.Shipment(entered=entered, lines=lines, transport="air"))
    assert e.fees == Decimal(fee)
    shares = e.ledger[e.ledger.program == "land.fee"].amount
    assert sum(shares) == Decimal(fee)
    total = sum(map(Decimal, values))
    for value, share in zip(values, shares, strict=True):
        assert not total or abs(share - Decimal(fee) * Decimal(value) / total) < Decimal("0.01")


def test_fee_exempt_line(land: tc.Tariff) -> None:
    """A line under the agreement bears no part; a shipment of such lines alone owes not even the least."""
    free = line("1001.00.00.10", "DD", "90000", claims="FT")
    e = land.estimate(
        tc.Shipment(entered="2025-02-01", lines=[free, line("1001.00.00.10", "DD", "8000")], transport="air")
    )
    assert e.fees == Decimal("40.00")
    alone = land.estimate(tc.Shipment(entered="2025-02-01", lines=[free], transport="air"))
    assert alone.fees == 0


def test_claim_is_allowed_on_the_day_that_dates_the_program(land: tc.Tariff) -> None:
    """AA may claim FT to the end of August 2025; the fee is dated by entry, so admission on the last day of
    August does not free it: at least 20."""
    goods = line("7202.00.00", "AA", "22.62", claims="FT")
    days = {"entered": "2025-09-01", "transport": "air"}
    assert land.estimate(tc.Shipment(**days, admitted="2025-08-31", lines=[goods])).fees == Decimal("20.00")
    assert land.estimate(tc.Shipment(entered="2025-08-31", transport="air", lines=[goods])).fees == 0


def test_base_that_turns_on_a_quantity(tmp_path: Path) -> None:
    """A quantity alone decides what is charged on: 100 of 1 kg pays 10% of the value; of 10,000 kg, of the
    processing, which nobody declares."""
    fact = (
        "facts:\n  - {fact: value_per_kg, type: share, meaning: The value of a kilogram., share_of: [value,"
        " quantity kg]}\ncharged_on:\n"
    )
    first = "  - {base: processing_value, when: value_per_kg < 1, by: ORDER-1}\n"
    folder = edited(tmp_path, "reciprocal", lambda text: text.replace("charged_on:\n", fact + first))
    law = tc.load(folder)
    dear = says(law, "reciprocal", "2025-02-10", line("1001.00.00.10", "DD", "100", kg="1"))
    cheap = says(law, "reciprocal", "2025-02-10", line("1001.00.00.10", "DD", "100", kg="10000"))
    assert dear is not None and dear[:2] == ("charged", "10.00")
    assert cheap is not None and cheap[:2] == ("unknown", None)


def test_fee_per_line(land: tc.Tariff) -> None:
    """0.125% by vessel; unknown where the mode is not declared; nothing by air."""
    one = line("1001.00.00.10", "CC", "10004")
    assert says(land, "harbour", "2025-02-01", one, transport="vessel") == ("charged", "12.51", "")  # 12.505
    said = says(land, "harbour", "2025-02-01", one)
    assert said is not None
    assert said[:2] == ("unknown", None)
    assert says(land, "harbour", "2025-02-01", one, transport="air") is None


# --- law that contradicts itself ----------------------------------------------------------------

Edit = Callable[[str], str]


def edited(tmp_path: Path, program: str, edit: Edit) -> Path:
    """A copy of the invented territory with one program rewritten."""
    shutil.copytree(LAND.parent, tmp_path / "law", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = tmp_path / "law" / "land" / "programs" / f"{program}.yaml"
    before = path.read_text(encoding="utf-8")
    after = edit(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    return tmp_path / "law" / "land"


@pytest.mark.parametrize(
    ("program", "finding", "edit"),
    [
        (
            "reciprocal",
            "C006",
            lambda text: text.replace("heading: R.01\n", "heading: R.01\n    instead_of: exempt\n"),
        ),
        (
            "reciprocal",
            "C007",
            lambda text: text.replace("    instead_of: [baseline, partners, afloat]\n", ""),
        ),
        (
            "metals",
            "C007",
            lambda text: text.replace("instead_of: [articles, derivatives]", "instead_of: articles"),
        ),
        ("customs", "C001", lambda text: text.replace("{base: value}", "{base: value + charged land.tax}")),
    ],
    ids=["circle of measures", "unordered", "unordered in part", "circle of programs"],
)
def test_contradictions(tmp_path: Path, program: str, finding: str, edit: Edit) -> None:
    """Circles, and measures that can meet unordered, are refused when the law is loaded."""
    with pytest.raises(SeedError) as caught:
        tc.load(edited(tmp_path, program, edit))
    assert finding in {each.code for each in caught.value.findings}


def test_a_fee_on_a_shipment_is_in_proportion_to_nothing(tmp_path: Path) -> None:
    """``in_proportion`` reduces the duty of a line; a program per shipment cannot have it."""
    text = "charged_on: [{base: value, in_proportion: yes}]"
    with pytest.raises(SeedError, match="a program charged per shipment cannot have it"):
        tc.load(edited(tmp_path, "fee", lambda before: before.replace("charged_on: customs value", text)))


def test_measures_that_never_meet_need_no_order(tmp_path: Path) -> None:
    """Beta and gamma are of different origins; without the group's order over the baseline they would meet
    it."""
    folder = edited(tmp_path, "reciprocal", lambda text: text.replace("any except AA, area shunned", "DD"))
    tariff = tc.load(folder)
    assert says(tariff, "reciprocal", "2025-03-01", line("1001.00.00.10", "CC")) == (
        "charged",
        "250.00",
        "R.06",
    )
    assert says(tariff, "reciprocal", "2025-02-28", line("1001.00.00.10", "CC")) is None
