"""Units: every spelling of the schedule, exact sizes, and rounding by the rule."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tariffcalc as tc
from tariffcalc.errors import ShipmentError, UnknownUnit
from tariffcalc.units import MICRO, UNITS, round_half_up, unit

SCHEDULE = Path(__file__).parents[1] / "seeds" / "us" / "schedule"
PRINTED = {
    "No.": "no", "No": "no", "kg": "kg", " kg": "kg", "<u>kg</u>": "kg", "doz.": "doz", "Dz Pcs": "doz",
    "pcs": "no",
    "m²": "m2", "m2": "m2", "m<sup>2</sup>": "m2", "m3": "m3",
    'm<sup style="font-size: 9.75px;">3</sup>': "m3",
    "cm2": "cm2", "prs.": "prs", "doz. prs.": "doz_prs", "<il>doz. prs</il>.": "doz_prs", "liters": "liter",
    "pf.liters": "pf_liter", "gross": "gross", "bbl": "bbl", "thousands": "thousands", "hundreds": "hundreds",
    "kg cmsc": "cmsc_kg", "kg msc": "msc_kg", "cy kg": "clean_kg", "carat": "carat", "Cu kg": "cu_kg",
    "Pb kg": "pb_kg",
    "Zn kg": "zn_kg", "W kg": "w_kg", "W": "watt", "V2O5 kg": "v2o5_kg",
    "Cr<sub>2</sub>O<sub>3</sub> t": "cr2o3_t",
    "NH3 t": "nh3_t", "Sn t": "sn_t", "NaOH kg": "naoh_kg", "Au g": "au_g", "Pt g": "pt_g", "t": "t",
    "t adw": "adw_t",
    "t dwb": "dwb_t", "Jwls.": "jewels", "GBq": "gbq", "MWh": "mwh", "gr.lines": "gr_lines", "doses": "doses",
    "square": "square", "pack": "pack", "lin. m": "m", "Fiber m": "fiber_m", "thousand m3": "thousand_m3",
    "kg ttl sug": "total_sugars_kg", "kg amc": "amc_kg", "each": "no", "head": "no", "1,000": "thousands",
}  # fmt: skip


@pytest.mark.parametrize("spelling", PRINTED)
def test_spellings_of_the_schedule(spelling: str) -> None:
    assert unit(spelling).name == PRINTED[spelling]


def test_canonical_names_are_column_suffixes_and_read_back() -> None:
    for name, found in UNITS.items():
        assert name.isidentifier() and name == name.lower() == found.name
        assert unit(name) == found
        assert UNITS[found.dimension].factor == 1, "the base unit of a dimension bears its name"


@pytest.mark.parametrize(
    ("name", "dimension", "size"),
    [
        ("t", "kg", 1000), ("g", "kg", Fraction(1, 1000)), ("carat", "kg", Fraction(1, 5000)),
        ("doz", "no", 12),
        ("gross", "no", 144), ("thousands", "no", 1000), ("doz_prs", "prs", 12), ("prs", "prs", 1),
        ("bbl", "liter", Fraction(158_987_294_928, 10**9)), ("square", "m2", Fraction(9_290_304, 10**6)),
        ("cr2o3_t", "cr2o3_kg", 1000), ("cu_kg", "cu_kg", 1), ("pf_liter", "pf_liter", 1),
        ("au_kg", "au_g", 1000),
    ],
)  # fmt: skip
def test_exact_sizes(name: str, dimension: str, size: Fraction) -> None:
    assert (unit(name).dimension, unit(name).factor) == (dimension, size)


def test_a_barrel_is_forty_two_gallons_of_231_cubic_inches() -> None:
    cubic_inch = Fraction(254, 100) ** 3 / 1000  # in litres
    assert unit("bbl").factor == 42 * 231 * cubic_inch


def test_a_square_is_a_hundred_square_feet() -> None:
    assert unit("square").factor == 100 * Fraction(3048, 10000) ** 2


def test_micro_units() -> None:
    assert unit("doz").micro(Fraction(1, 2)) == 6 * MICRO
    assert unit("g").micro(1) == 1000
    assert unit("carat").micro(1) == 200


@pytest.mark.parametrize(("text", "offered"), [("kilogramm", "kg"), ("dozn", "doz"), ("litters", "liter")])
def test_near_misses(text: str, offered: str) -> None:
    with pytest.raises(UnknownUnit, match=rf"did you mean .*{offered}") as caught:
        unit(text)
    assert isinstance(caught.value, ShipmentError)


def test_every_unit_of_the_committed_schedule_is_canonical() -> None:
    names = set()
    for path in SCHEDULE.glob("chapter-*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                names.update(filter(None, row["units"].split("|")))
    assert names and names <= UNITS.keys()


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [
        (0, 1, 0),
        (1, 2, 1),
        (49, 100, 0),
        (149, 100, 1),
        (150, 100, 2),
        (-1, 2, -1),
        (-49, 100, 0),
        (3, -2, -2),
    ],
)
def test_half_a_cent_is_a_whole_cent(numerator: int, denominator: int, whole: int) -> None:
    assert round_half_up(numerator, denominator) == whole


@given(st.integers(-(10**24), 10**24), st.integers(1, 10**12))
def test_rounding_is_within_half_and_mirrors(numerator: int, denominator: int) -> None:
    whole = round_half_up(numerator, denominator)
    assert abs(Fraction(numerator, denominator) - whole) <= Fraction(1, 2)
    assert round_half_up(-numerator, denominator) == -whole


def test_barrels_are_not_lost_in_liters(us: tc.Tariff) -> None:
    """38 barrels at 5.25 cents are 199.5 cents; half a cent counts (19 CFR 159.3), though a barrel is no
    whole number of micro-liters."""
    line = tc.Line(commodity="2709.00.10.00", origin="VN", value="1000", quantity={"bbl": 38})
    ledger = us.estimate(tc.Shipment(entered="2025-02-24", lines=[line])).ledger.set_index("program")
    assert ledger.loc["us.column-1", "amount"] == Decimal("2.00")
