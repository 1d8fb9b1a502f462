"""Every kind of valuation on an invented territory, against amounts worked out by hand, and against a slow
calculation row by row.

The law of the folder ``land`` gets a valuation of its own in a copy, so that no other test moves.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.errors import SeedError

HERE = Path(__file__).parent
LAW = """
title: The value at the border
includes:
  - {cost: foreign_inland_freight, by: BOOK}
  - cost: freight
    by: BOOK
    not_ascertainable:
      - {share: 15%, of: fob, by: BOOK}
      - {share: 12%, of: fob + insurance, by: ORDER-1}
    at_most: {share: 10%, of: fob, transport: rail, by: ORDER-1}
  - cost: insurance
    by: BOOK
    not_ascertainable:
      - {share: 2.5%, of: fob, by: BOOK}
      - {share: 2%, of: fob + freight, by: BOOK}
  - {cost: additions, by: BOOK}
excludes:
  - {cost: costs_after_importation, by: BOOK}
rate_of: {day: exported, by: BOOK}
rounded_to: {step: 1, by: BOOK}
"""
RATES = """currency,units,rate,on_or_after,before,by
EUR,1,2.5,2025-03-01,2025-04-01,BOOK
EUR,1,2.75,2025-04-01,2025-05-01,ORDER-1
JPY,100,1.3,2025-03-01,,BOOK
"""
TARIFF_VALUES = """goods,products,amount,currency,unit,on_or_after,before,by
plums,1001.00.00.10,300,EUR,10 kg,2025-03-01,2025-04-01,BOOK
damsons,1001.00.00.10,500,EUR,10 kg,2025-03-10,2025-04-01,BOOK
pears,1002,7,LND,kg,2025-03-01,,BOOK
"""
CURRENCIES = "code,name\nEUR,Euro\nJPY,Yen\nUSD,US Dollar\nGBP,Pound Sterling\nLND,Land Pound\n"
Made = Callable[..., tc.Tariff]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The land with a valuation law, rates and tariff values of the test's own."""

    def make(
        law: str = LAW, rates: str = RATES, tariff_values: str = "", known_on: str | None = None
    ) -> tc.Tariff:
        shutil.rmtree(tmp_path / "law", ignore_errors=True)
        shutil.copytree(HERE, tmp_path / "law", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        land = tmp_path / "law" / "land"
        (tmp_path / "law" / "currencies.csv").write_text(CURRENCIES)
        (land / "exchange-rates.csv").write_text(rates)
        if law:
            (land / "valuation.yaml").write_text(law)
        if tariff_values:
            (land / "tariff-values.csv").write_text(tariff_values)
        return tc.load(land, known_on=known_on)

    return make


def valued(
    tariff: tc.Tariff,
    entered: str = "2025-03-15",
    transport: str | None = "vessel",
    exported: str | None = None,
    **line: Any,
) -> str:
    """The customs value of one line, or the codes of what refused it."""
    one = tc.Line(**{"commodity": "1003.00.00", "origin": "CC", "value": "1000", **line})
    estimate = tariff.estimate(
        tc.Shipment(entered=entered, exported=exported, transport=transport, lines=[one]), on_problem="keep"
    )
    refused = estimate.problems[estimate.problems["severity"] == "refused"]["code"]
    return " ".join(refused) or str(estimate.valuation["customs_value"][0])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({}, "1000.00"),
        ({"value": "1000.55"}, "1000.55"),  # a customs value is not rounded again
        ({"value_basis": "FOB"}, "1175.00"),  # + 15% + 2.5%
        ({"value_basis": "fob", "value": "999"}, "1174.00"),  # 1,173.825: to the whole unit
        # 20.50: half up
        ({"value_basis": "FOB", "value": "20", "freight": "0.3", "insurance": "0.2"}, "21.00"),
        ({"value_basis": "FOB", "freight": "200"}, "1225.00"),  # 2.5% of fob
        ({"value_basis": "FOB", "freight": "200", "transport": "rail"}, "1125.00"),  # at most 10% of fob
        ({"value_basis": "FOB", "freight": "200", "insurance": "0", "transport": "rail"}, "1100.00"),
        ({"value_basis": "FOB", "freight": "200", "transport": None}, "missing-transport"),
        # the ceiling does not matter
        ({"value_basis": "FOB", "freight": "100", "transport": None}, "1125.00"),
        ({"value_basis": "FOB", "additions": "50"}, "1225.00"),
        ({"value_basis": "CFR"}, "1020.00"),  # 2% of fob and freight
        ({"value_basis": "C&F", "freight": "200"}, "1020.00"),  # 2.5% of 800
        ({"value_basis": "CFR", "freight": "200", "transport": "rail"}, "900.00"),  # 800 + 80 + 20
        ({"value_basis": "C&I"}, "1120.00"),  # 12% of fob and insurance
        ({"value_basis": "C&I", "insurance": "200"}, "1120.00"),  # 800 + 200 + 15% of 800
        ({"value_basis": "CIF"}, "1000.00"),
        # 700 + 70 + 100
        ({"value_basis": "CIF", "freight": "200", "insurance": "100", "transport": "rail"}, "870.00"),
        ({"value_basis": "CIP", "costs_after_importation": "100"}, "900.00"),
        ({"value_basis": "EXW"}, "missing-foreign-inland-freight"),
        ({"value_basis": "EXW", "foreign_inland_freight": "0"}, "1175.00"),
        ({"value_basis": "EXW", "value": "900", "foreign_inland_freight": "100"}, "1175.00"),
        ({"value_basis": "FCA"}, "1175.00"),
        ({"value_basis": "FCA", "value": "900", "foreign_inland_freight": "100"}, "1175.00"),
        ({"value_basis": "DDP"}, "missing-costs-after-importation"),
        ({"value_basis": "DDP", "costs_after_importation": "250"}, "750.00"),
        ({"value_basis": "DAP", "costs_after_importation": "1001"}, "costs-exceed-price"),
        ({"value_basis": "CFR", "freight": "1001"}, "costs-exceed-price"),
        ({"value_basis": "customs value", "freight": "200"}, "1000.00"),
        ({"freight": "200"}, "missing-value-basis"),
        ({"value_basis": "FOB", "freight": "-1"}, "negative"),
        ({"value_basis": "FOB", "freight": "dear"}, "not-a-number"),
    ],
)
def test_price(made: Made, line: dict[str, Any], expected: str) -> None:
    """What each trade term holds, what is added and taken out, shares, the ceiling, and rounding."""
    transport = line.pop("transport", "vessel")
    assert valued(made(), transport=transport, **line) == expected


TWO_CEILINGS = """
title: A ceiling for each of two modes
includes:
  - {cost: freight, by: BOOK, at_most: {share: 10%, of: fob, transport: rail, by: BOOK}}
  - {cost: insurance, by: BOOK, at_most: {share: 5%, of: fob, transport: air, by: BOOK}}
rate_of: {day: entered, by: BOOK}
"""


@pytest.mark.parametrize(
    ("transport", "expected"),
    [("vessel", "1300.00"), ("rail", "1200.00"), ("air", "1250.00"), (None, "missing-transport")],
)
def test_a_ceiling_is_of_one_mode(made: Made, transport: str | None, expected: str) -> None:
    """FOB 1,000, freight 200 and insurance 100: at most 100 of the freight by rail, at most 50 of the
    insurance by air."""
    found = valued(made(TWO_CEILINGS), transport=transport, value_basis="FOB", freight="200", insurance="100")
    assert set(found.split()) == {expected}


OF_WHAT_IS_NOT_TOLD = """
title: A share of a sum that may not be known
includes:
  - {cost: freight, by: BOOK, not_ascertainable: [{share: 20%, of: fob + insurance, by: BOOK}]}
excludes:
  - {cost: foreign_inland_freight, by: BOOK}
rate_of: {day: entered, by: BOOK}
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"insurance": "100"}, "1220.00"),  # 20% of 1,100, added to the price
        ({}, "missing-freight"),
        # 20% of 1,150
        ({"value_basis": "EXW", "insurance": "100", "foreign_inland_freight": "50"}, "1230.00"),
        ({"value_basis": "EXW", "insurance": "100"}, "missing-freight"),
    ],
)
def test_a_sum_that_is_not_told(made: Made, line: dict[str, str], expected: str) -> None:
    """A cost the law needs refuses the line where no share of a known sum stands for it, whatever else is
    missing: a price FCA of 1,000."""
    assert valued(made(OF_WHAT_IS_NOT_TOLD), **{"value_basis": "FCA", **line}) == expected


@pytest.mark.parametrize(
    ("entered", "exported", "line", "expected"),
    [
        ("2025-04-10", "2025-03-31", {"currency": "EUR"}, "2500.00"),  # the day of export
        ("2025-04-10", "2025-04-01", {"currency": "eur"}, "2750.00"),
        ("2025-04-10", None, {"currency": "EUR"}, "2750.00"),  # no day of export: that of entry, noted
        ("2025-05-10", "2025-05-01", {"currency": "EUR"}, "no-exchange-rate"),
        ("2025-03-10", "2025-02-28", {"currency": "EUR"}, "no-exchange-rate"),
        ("2025-05-10", "2025-05-01", {"currency": "EUR", "exchange_rate": "2.8"}, "2800.00"),
        ("2025-04-10", "2025-04-01", {"currency": "EUR", "exchange_rate": "2.8"}, "2800.00"),
        ("2025-04-10", "2025-04-01", {"currency": "JPY", "value": "10000"}, "130.00"),  # 1.3 for a hundred
        ("2025-04-10", "2025-04-01", {"currency": "USD"}, "no-exchange-rate"),
        (
            "2025-04-10",
            "2025-04-01",
            {"currency": "EUR", "value": "1000.10", "value_basis": "FOB", "freight": "0", "insurance": "0"},
            "2750.00",
        ),
        ("2025-04-10", "2025-04-01", {"currency": "LND", "exchange_rate": "1"}, "1000.00"),
        ("2025-04-10", "2025-04-01", {"exchange_rate": "2"}, "rate-of-own-currency"),
        ("2025-04-10", "2025-04-01", {"currency": "EUR", "exchange_rate": "0"}, "not-a-rate"),
        ("2025-04-10", "2025-04-01", {"currency": "EURO"}, "unknown-currency"),
        (
            "2025-04-10",
            "2025-04-01",
            {"currency": "EUR", "value": "400000000000", "exchange_rate": "100000"},
            "too-large",
        ),
    ],
)
def test_exchange(
    made: Made, entered: str, exported: str | None, line: dict[str, Any], expected: str
) -> None:
    """The rate of the day of export, declared rates, and what refuses a currency."""
    assert valued(made(), entered, exported=exported, **line) == expected


@pytest.mark.parametrize(
    ("entered", "line", "expected"),
    [
        ("2025-03-05", {"commodity": "1001.00.00.10", "quantity": {"kg": 25}}, "1875.00"),  # 2.5 x 300 x 2.5
        (
            "2025-03-05",
            {
                "commodity": "1001.00.00.10",
                "quantity": {"t": "0.025"},
                "currency": "EUR",
                "value_basis": "FOB",
            },
            "1875.00",
        ),
        (
            "2025-03-05",
            {"commodity": "1001.00.00.10", "quantity": {"kg": 25}, "currency": "EUR", "exchange_rate": "3"},
            "2250.00",
        ),
        ("2025-03-05", {"commodity": "1001.00.00.10"}, "missing-quantity"),
        ("2025-03-10", {"commodity": "1001.00.00.10", "quantity": {"kg": 25}}, "which-tariff-value"),
        (
            "2025-03-10",
            {"commodity": "1001.00.00.10", "quantity": {"kg": 25}, "tariff_goods": "Damsons"},
            "3125.00",
        ),
        (
            "2025-03-09",
            {"commodity": "1001.00.00.10", "quantity": {"kg": 25}, "tariff_goods": "damsons"},
            "no-tariff-value",
        ),
        ("2025-03-10", {"commodity": "1001.00.00.10", "tariff_goods": "apples"}, "unknown-tariff-goods"),
        ("2025-03-10", {"commodity": "1001.00.00.10", "tariff_goods": "none"}, "1000.00"),
        ("2025-03-10", {"commodity": "1001.00.00.10", "value_basis": "customs value"}, "1000.00"),
        ("2025-04-01", {"commodity": "1001.00.00.10", "quantity": {"kg": 25}}, "no-tariff-value"),
        # another line of the same eight digits
        ("2025-03-10", {"commodity": "1001.00.00.20", "quantity": {"kg": 25}}, "1000.00"),
        ("2025-03-10", {"commodity": "1002.00.00", "quantity": {"g": 1500}}, "11.00"),  # 10.5, half up
    ],
)
def test_tariff_value(made: Made, entered: str, line: dict[str, Any], expected: str) -> None:
    """Goods whose value the government fixes for a quantity."""
    assert valued(made(tariff_values=TARIFF_VALUES), entered, **line) == expected


def test_known_on(made: Made) -> None:
    """A rate notified later is not known earlier: ORDER-1 is of 2025-01-15."""
    line = {"currency": "EUR", "entered": "2025-04-10", "exported": "2025-04-01"}
    assert valued(made(), **line) == "2750.00"
    assert valued(made(known_on="2025-01-14"), **line) == "no-exchange-rate"


def test_no_valuation_law(made: Made) -> None:
    """Without a law of valuation a customs value in any currency can be declared, and no price."""
    land = made(law="", rates="currency,units,rate,on_or_after,before,by\n")
    assert valued(land, currency="EUR", exchange_rate="2") == "2000.00"
    assert valued(land, value_basis="FOB") == "no-valuation-law"


@pytest.mark.parametrize(
    ("law", "rates", "tariff_values", "message"),
    [
        (LAW.replace("15%", "fifteen"), RATES, "", "write it as a percentage"),
        (LAW.replace("of: fob,", "of: freight,", 1), RATES, "", "of fob"),
        (
            LAW.replace("{cost: additions, by: BOOK}", "{cost: additions}"),
            RATES,
            "",
            "the key 'by' is missing",
        ),
        (LAW.replace("cost: additions", "cost: insurance"), RATES, "", "insurance is named twice"),
        (LAW.replace("step: 1,", "step: 0.001,"), RATES, "", "cannot be rounded to 0.001"),
        (
            LAW,
            RATES.replace("2025-04-01,2025-05-01", "2025-03-31,2025-05-01"),
            "",
            "EUR has two exchange rates on 2025-03-31",
        ),
        (LAW, RATES.replace("JPY", "LND"), "", "needs no exchange rate"),
        (LAW, RATES.replace("2.75", "-2.75"), "", "is not above nothing"),
        (LAW, RATES.replace("1.3,", "dear,"), "", "'dear' is not a number"),
        (LAW, RATES.replace(",ORDER-1", ","), "", "the cell of 'by' is empty"),
        (LAW, RATES, TARIFF_VALUES.replace("10 kg", "10 stone"), "'stone' is not a unit"),
        (LAW, RATES, TARIFF_VALUES.replace("1002,", "list late,"), "codes of its goods one by one"),
    ],
)
def test_wrong_seeds(made: Made, law: str, rates: str, tariff_values: str, message: str) -> None:
    """Mistakes in the files are told with their place."""
    with pytest.raises(SeedError, match=message):
        made(law, rates, tariff_values)


def test_citations_are_checked(made: Made, tmp_path: Path) -> None:
    with pytest.raises(SeedError):
        made(
            LAW.replace("ORDER-1}", "ORDER-9}"),
            RATES.replace("ORDER-1", "ORDER-8"),
            TARIFF_VALUES.replace(",BOOK\npears", ",ORDER-7\npears"),
        )
    found = " ".join(str(each) for each in tc.check(tmp_path / "law" / "land"))
    assert all(f"the act 'ORDER-{number}' is not in the table" in found for number in (7, 8, 9))


# --- many rows against a slow calculation, one row at a time, in fractions
# ----------------------------------------------------

SIDES = {  # which of freight and insurance a price holds
    "FOB": (False, False), "FCA": (False, False), "FAS": (False, False), "EXW": (False, False),
    "C&I": (False, True), "CFR": (True, False),
    "CPT": (True, False), "CIF": (True, True), "CIP": (True, True), "DAP": (True, True), "DDP": (True, True),
}  # fmt: skip
HIDDEN = ("freight", "insurance")
COSTS = {
    "freight": 6,
    "insurance": 30,
    "foreign_inland_freight": 20,
    "costs_after_importation": 5,
    "additions": 9,
}  # how large, at most: 1/n of the price


def slowly(row: dict[str, Any]) -> Decimal | None:
    """The customs value of a row by the law above, read literally; None where it cannot be known."""
    known = {
        name: Fraction(row[name])
        for name in (*HIDDEN, "foreign_inland_freight", "costs_after_importation", "additions")
        if row[name]
    }
    basis, price = row["value_basis"], Fraction(row["value"])
    if basis in ("DAP", "DDP"):
        if "costs_after_importation" not in known:
            return None
        price -= known["costs_after_importation"]
    elif basis in ("CPT", "CIP"):
        price -= known.get("costs_after_importation", Fraction(0))
    if basis == "EXW" and "foreign_inland_freight" not in known:
        return None
    if basis in ("EXW", "FCA", "FAS"):
        price += known.get("foreign_inland_freight", Fraction(0))
    holds_freight, holds_insurance = SIDES[basis]
    held = [name for name, holds in zip(HIDDEN, (holds_freight, holds_insurance), strict=True) if holds]
    fob = price - sum(known[name] for name in held) if all(name in known for name in held) else None
    if fob is not None and fob < 0:
        return None
    freight, insurance = known.get("freight"), known.get("insurance")
    if freight is not None and fob is not None and freight > fob / 10:
        if not row["transport"]:
            return None
        if row["transport"] == "rail":
            price -= (freight - fob / 10) if holds_freight else 0
            freight = fob / 10
    price_of_goods = Fraction(row["value"]) - (
        known.get("costs_after_importation", 0) if basis in ("CPT", "CIP", "DAP", "DDP") else 0
    )
    if not holds_freight:
        if freight is None:
            freight = fob * Fraction(15, 100) if fob is not None else price_of_goods * Fraction(12, 100)
        price += freight
    if not holds_insurance:
        if insurance is None:
            insurance = fob * Fraction(25, 1000) if fob is not None else price_of_goods * Fraction(2, 100)
        price += insurance
    price += known.get("additions", Fraction(0))
    if price < 0:
        return None
    exact = price * Fraction(row["exchange_rate"])
    return Decimal((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)).quantize(
        Decimal("0.01")
    )


def random_rows(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)

    def amount(most: int) -> str:
        return (
            f"{chance.randrange(1, most * 10**4) / 10**4:.4f}"
            if chance.random() < 0.7
            else str(chance.randrange(1, most))
        )

    rows = []
    for _ in range(count):
        size = chance.choice([10, 1000, 10**6, 10**10])
        rows.append(
            {
                "commodity": "1003.00.00", "origin": "CC", "entered": "2025-03-15", "currency": "GBP",
                "value_basis": chance.choice(list(SIDES)),
                "value": amount(size), "transport": chance.choice(["rail", "vessel", None]),
                "exchange_rate": f"{chance.randrange(1, 10**7) / 10**5:.5f}",
                **{
                    name: amount(max(size // part, 2)) if chance.random() < 0.5 else None
                    for name, part in COSTS.items()
                },
            }
        )  # fmt: skip
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_against_a_slow_calculation(made: Made, seed: int) -> None:
    """Thousands of random rows, each exact to the unit or refused for the same reason it cannot be known."""
    rows = random_rows(3000, seed)
    land = made()
    estimate = land.estimate(pd.DataFrame(rows), fees=False)
    values = dict(zip(estimate.valuation["row"], estimate.valuation["customs_value"], strict=True))
    expected = {number: value for number, row in enumerate(rows) if (value := slowly(row)) is not None}
    assert values == expected
    assert 500 < len(expected) < len(rows) - 500


def test_rows_do_not_depend_on_each_other(made: Made) -> None:
    """The order of rows and the size of their neighbours change nothing."""
    rows = random_rows(400, 9)
    land = made()
    together = land.estimate(pd.DataFrame(rows), fees=False).valuation.set_index("row")["customs_value"]
    backwards = land.estimate(pd.DataFrame(rows[::-1]), fees=False).valuation.set_index("row")[
        "customs_value"
    ]
    assert {len(rows) - 1 - row: value for row, value in backwards.items()} == together.to_dict()
    small = [row for row in rows if float(row["value"]) < 1000]
    alone = land.estimate(pd.DataFrame(small), fees=False).valuation["customs_value"].tolist()
    assert alone == [
        together[number]
        for number, row in enumerate(rows)
        if float(row["value"]) < 1000 and number in together.index
    ]


def test_explain_and_table(made: Made) -> None:
    """The explanation and the table say how the value came about, with the act behind each step."""
    line = tc.Line(
        commodity="1003.00.00", origin="CC", value="1000", currency="EUR", value_basis="FOB", freight="200"
    )
    estimate = made().estimate(
        tc.Shipment(entered="2025-03-15", exported="2025-03-02", transport="rail", lines=[line])
    )
    text = estimate.explain()
    for words in (
        "price FOB 1,000.00 EUR",
        "freight 100.00 of 200.00, at most 10% of FOB by rail, by ORDER-1 (Order 1)",
        "insurance 25.00 added: 2.5% of FOB, not ascertainable, by BOOK (Book 1)",
        "at 2.5 LND for one EUR, notified by BOOK (Book 1), of 2025-03-02",
        "customs value 2,813.00",  # 1,125 x 2.5 = 2,812.50
    ):
        assert words in text
    row = estimate.valuation.iloc[0]
    assert (row["freight"], row["insurance"], row["assumed"]) == (
        Decimal(100),
        Decimal(25),
        "insurance 2.5% of FOB",
    )
    assert (row["exchange_rate"], row["rate_from"], row["customs_value"]) == (
        Decimal("2.5"),
        "BOOK",
        Decimal("2813.00"),
    )


def test_notes(made: Made) -> None:
    """A declared rate that is not the notified one, a day of export that is not declared, and a tariff value
    are noted."""

    def noted(tariff: tc.Tariff, **line: Any) -> list[str]:
        one = tc.Line(
            **{"commodity": "1003.00.00", "origin": "CC", "value": "1000", "currency": "EUR", **line}
        )
        problems = tariff.estimate(tc.Shipment(entered="2025-03-05", lines=[one])).problems
        return problems[problems["severity"] == "note"]["code"].tolist()

    assert noted(made(), exchange_rate="2.6") == ["rate-differs"]
    assert noted(made(), exchange_rate="2.50") == []
    assert noted(made()) == ["rate-day-assumed"]
    assert "tariff-value" in noted(
        made(tariff_values=TARIFF_VALUES), commodity="1001.00.00.10", quantity={"kg": 1}
    )


def test_invoice_fields_are_for_every_line(made: Made) -> None:
    """Currency, basis and rate of the shipment hold for lines that do not give their own."""
    lines = [
        tc.Line(commodity="1003.00.00", origin="CC", value="100", freight="10", insurance="0"),
        tc.Line(commodity="1003.00.00", origin="CC", value="100", value_basis="CIF", exchange_rate="3"),
        tc.Line(
            commodity="1003.00.00",
            origin="CC",
            value="100",
            currency="LND",
            value_basis="customs value",
            exchange_rate="1",
        ),
    ]
    shipment = tc.Shipment(
        entered="2025-03-15", currency="GBP", value_basis="FOB", exchange_rate="2", lines=lines
    )
    assert made().estimate(shipment).valuation["customs_value"].tolist() == [
        Decimal("220.00"),
        Decimal("300.00"),
        Decimal("100.00"),
    ]
