"""Lines whose day or value contradicts the words of their code: told at every entry point, with the line they
belong to, and assessed all the same.

The lines of one division share out every day or every value among themselves.  So, whatever the day or the
value of one unit, exactly one of them is right; the others must say so, and name it.
"""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import tariffcalc as tc
from tariffcalc.cli import app
from tariffcalc.errors import SeedError, TariffError

CODE = "contradicts-description"
LAND = Path(__file__).parents[1] / "law_fixture" / "land"


def told(estimate: tc.Estimate) -> list[tuple[int, str, str]]:
    """Row, message and advice of every note of this kind."""
    found = estimate.problems
    assert set(found[found["code"] == CODE]["severity"]) <= {"note"}
    return list(found[found["code"] == CODE][["row", "message", "supply"]].itertuples(index=False, name=None))


def lines(*rows: tuple[str, str, Any, float | None], unit: str = "prs", origin: str = "VN") -> pd.DataFrame:
    """Lines of code, day, value and quantity."""
    names = ["commodity", "entered", "value", f"quantity_{unit}"]
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]).assign(origin=origin)


def one(
    tariff: tc.Tariff, code: str, day: str, value: Any, quantity: float | None, unit: str = "prs"
) -> list[tuple[int, str, str]]:
    return told(
        tariff.estimate(
            lines(
                (code, day, value, quantity), unit=unit, origin="US" if tariff.law.territory == "in" else "VN"
            ),
            fees=False,
        )
    )


# --- the two inputs of the texts, at every entry point ------------------------------------------

PEAS = (
    "0713.60.60",
    "2025-09-01",
    8160,
    1000.0,
)  # "entered for consumption during the period from May 1 to August 31"
SHOES = (
    "6402.19.50",
    "2025-03-10",
    5000,
    100.0,
)  # "Valued over $3 but not over $6.50/pair", at 50 dollars a pair


def _shipment(us: tc.Tariff, row: tuple[str, str, Any, float], unit: str) -> tc.Estimate:
    code, day, value, quantity = row
    return us.estimate(
        tc.Shipment(
            entered=day,
            lines=[tc.Line(commodity=code, origin="IN", value=str(value), quantity={unit: quantity})],
        )
    )


@pytest.mark.parametrize(
    "row",
    [(PEAS, "kg", "0713.60.80", "2025-09-01"), (SHOES, "prs", "6402.19.90", "50.00 USD a pair")],
    ids=["peas", "shoes"],
)
def test_the_line_it_belongs_to_is_named_at_every_entry_point(
    us: tc.Tariff, tmp_path: Path, row: tuple[Any, str, str, str]
) -> None:
    line, unit, belongs, why = row
    frame = lines(line, unit=unit, origin="IN")
    csv, parquet = tmp_path / "lines.csv", tmp_path / "lines.parquet"
    frame.to_csv(csv, index=False)
    frame.to_parquet(parquet)
    for table in (
        frame,
        pl.from_pandas(frame),
        pa.Table.from_pandas(frame),
        pd.read_csv(csv, dtype={"commodity": str}),
    ):
        ((place, message, supply),) = told(us.estimate(table))
        assert (
            place == 0
            and message.startswith(f"{line[0]} is for goods ")
            and why in message
            and supply.endswith(belongs)
        ), (message, supply)
    assert [each[2] for each in told(_shipment(us, line, unit))] == [supply]
    for path in (csv, parquet):
        result = CliRunner().invoke(
            app, ["estimate", str(path), "--output", str(tmp_path / f"out{path.suffix}")]
        )
        assert belongs in result.output + "".join(
            p.read_text(errors="replace") for p in tmp_path.glob("*.problems.csv")
        ), result.output


def test_the_line_is_assessed_as_declared(us: tc.Tariff) -> None:
    """0713.60.60 is 0.8 cents/kg and 0713.60.80 1.5: on 1,000 kg the code declared is 8.00, whatever
    its day."""
    for day, contradicts in (("2025-08-31", False), ("2025-09-01", True)):
        estimate = us.estimate(lines(("0713.60.60", day, 8160, 1000.0), unit="kg", origin="IN"), fees=False)
        assert bool(told(estimate)) is contradicts
        assert estimate.ledger.query("program == 'us.column-1'").amount.tolist() == [Decimal("8.00")]


# --- bounds, to the cent ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "quantity", "unit", "right"),
    [
        ("6402.19.50", "300.00", 100, "prs", False),  # 3.00 is not over 3
        ("6402.19.50", "300.01", 100, "prs", True),
        ("6402.19.50", "650.00", 100, "prs", True),  # 6.50 is not over 6.50
        ("6402.19.50", "650.01", 100, "prs", False),
        ("6402.19.50.31", "650.01", 100, "prs", False),  # ten digits are under the words of their eight
        ("0207.25.20", "87.99", 100, "kg", True),  # less than 88 cents/kg
        ("0207.25.20", "88.00", 100, "kg", False),
        ("0207.25.40", "88.00", 100, "kg", True),
        ("0207.25.40", "880.00", 1, "t", True),  # a ton is 1,000 kg
        ("0207.25.40", "879.99", 1, "t", False),
        ("8213.00.30", "1.75", 12, "no", True),  # not over 1.75/dozen
        ("8213.00.30", "1.76", 12, "no", False),
        # each valued 23 cents or more but not more than 76
        ("2402.10.80.50", "760.00", 1, "thousands", True),
        ("2402.10.80.50", "760.01", 1, "thousands", False),
        ("9303.30.80", "50.00", 1, "no", False),  # "Other" beside "valued over $25 but not over $50 each"
        ("9303.30.80", "25.00", 1, "no", True),
        ("9303.30.80", "50.01", 1, "no", True),
        # exact where 64 bits would not be: just over 3
        ("7013.37.50", "3000000000.00", 999999999, "no", True),
        ("7013.37.50", "3000000000.00", 1000000000, "no", False),
    ],
)
def test_bounds(us: tc.Tariff, code: str, value: str, quantity: float, unit: str, right: bool) -> None:
    assert bool(one(us, code, "2025-03-10", value, quantity, unit)) is not right


@pytest.mark.parametrize(
    ("code", "value", "quantity", "unit"),
    [
        ("6402.19.50", "5000", None, "prs"),
        ("6402.19.50", "5000", 0, "prs"),
        ("6402.19.50", "5000", 100, "kg"),
        ("9101.29.40", "5000", 1, "no"),
    ],
    ids=["no quantity", "no pair", "another unit", "the value of the movement alone"],
)
def test_nothing_is_said_where_the_unit_value_is_not_known(
    us: tc.Tariff, code: str, value: str, quantity: float | None, unit: str
) -> None:
    assert not one(us, code, "2025-03-10", value, quantity, unit)


def test_many_lines_are_told_together_by_the_line_they_belong_to(us: tc.Tariff) -> None:
    found = told(
        us.estimate(
            lines(
                *[("6402.19.50", "2025-03-10", value, 100.0) for value in (100, 200, 400, 1000, 5000, 9000)]
            ),
            fees=False,
        )
    )
    assert {(row, supply[-10:]) for row, _, supply in found} == {
        (0, "6402.19.30"), (1, "6402.19.30"), (3, "6402.19.70"), (4, "6402.19.90"), (5, "6402.19.90"),
    }  # fmt: skip
    assert {message.partition("; ")[2] for row, message, _ in found if row > 3} == {
        "the line is valued at 50.00 to 90.00 USD a pair"
    }


# --- the lines of a division share out all values and all days -----------------------------------

PRICES = [
    "6402.19.30 6402.19.50 6402.19.70 6402.19.90",
    "7013.37.10 7013.37.20 7013.37.50 7013.37.60",
    "9507.30.20 9507.30.40 9507.30.60",
]
SEASONS = [
    "0702.00.20 0702.00.40 0702.00.60", "0707.00.20 0707.00.40 0707.00.50 0707.00.60",
    "0805.40.40 0805.40.60 0805.40.80",
    "0806.10.20 0806.10.40 0806.10.60", "0808.30.20 0808.30.40", "0809.40.20 0809.40.40",
    "0710.80.40 0710.80.45 0710.80.50",
]  # fmt: skip


@given(division=st.sampled_from(PRICES), cents=st.integers(1, 200_000), number=st.integers(1, 100))
def test_every_value_has_one_line(us: tc.Tariff, division: str, cents: int, number: int) -> None:
    codes = division.split()
    rows = [(code, "2025-03-10", Decimal(cents).scaleb(-2), float(number)) for code in codes]
    _one_is_right(us, codes, lines(*rows, unit="prs" if codes[0].startswith("64") else "no"))


@given(division=st.sampled_from(SEASONS), day=st.integers(0, 500))
def test_every_day_has_one_line(us: tc.Tariff, division: str, day: int) -> None:
    codes, entered = division.split(), str(date(2025, 1, 2) + timedelta(days=day))
    _one_is_right(us, codes, lines(*[(code, entered, 1000, None) for code in codes]))


def _one_is_right(us: tc.Tariff, codes: list[str], table: pd.DataFrame) -> None:
    found = told(us.estimate(table, fees=False))
    (right,) = set(range(len(codes))) - {row for row, _, _ in found}
    assert len(found) == len(codes) - 1
    for _, _, supply in found:
        assert codes[right] in supply, (codes[right], supply)


def test_the_search_for_many_lines_misses_none(us: tc.Tariff) -> None:
    """At a bound, just below and just above it, among lines that lie far inside."""
    codes = [
        "6402.19.30",
        "6402.19.50",
        "6402.19.70",
        "6402.19.90",
        "9303.30.40",
        "9303.30.80",
        "0207.25.20",
        "0207.25.40",
    ]
    cents = [
        1,
        87,
        88,
        89,
        299,
        300,
        301,
        649,
        650,
        651,
        1199,
        1200,
        1201,
        2499,
        2500,
        2501,
        4999,
        5000,
        5001,
    ]
    rows = [
        {"commodity": code, "entered": "2025-03-10", "value": Decimal(cent), "origin": "VN"}
        for code in codes
        for cent in cents
    ]
    table = pd.DataFrame(rows).assign(quantity_prs=100, quantity_no=100, quantity_kg=100)
    alone = [place for place in range(len(table)) if told(us.estimate(table.iloc[[place]], fees=False))]
    assert [row for row, _, _ in sorted(told(us.estimate(table, fees=False)))] == alone
    assert 0 < len(alone) < len(table)


# --- which day ----------------------------------------------------------------------------------


def test_a_withdrawal_may_be_of_any_day(us: tc.Tariff) -> None:
    """0713.60.80: "entered for consumption outside the above stated period, or if withdrawn for consumption
    at any time"."""
    assert not one(us, "0713.60.80", "2025-07-01", 1000, 100.0, "kg")


def test_goods_admitted_to_a_zone_are_told_where_neither_day_is_of_the_season(us: tc.Tariff) -> None:
    """0808.30.20, April 1 to June 30."""
    days = [("2025-05-01", "2025-07-10", 0), ("2025-03-01", "2025-05-10", 0), ("2025-03-01", "2025-07-10", 1)]
    table = lines(*[("0808.30.20", entered, 1000, None) for _, entered, _ in days]).assign(
        admitted=[day for day, _, _ in days]
    )
    assert [row for row, _, _ in told(us.estimate(table, fees=False))] == [
        row for row, each in enumerate(days) if each[2]
    ]


def test_the_end_of_february(us: tc.Tariff) -> None:
    """0707.00.20: December 1 to the last day of the following February."""
    assert not one(us, "0707.00.20", "2025-02-28", 1000, None)
    assert one(us, "0707.00.20", "2025-03-01", 1000, None)


# --- India, an invented land, days of knowledge, mistakes ----------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "right"),
    [
        ("9608.10.19", "92500", False),
        ("9608.10.19", "92499", True),
        ("9608.10.11", "92499", False),
        ("9608.10.11", "92500", True),
    ],
)
def test_an_indian_bracket_in_dollars(india: tc.Tariff, code: str, value: str, right: bool) -> None:
    """Pens of "US $ 100 and above c.i.f. per unit": with 92.50 rupees a dollar from 2026-03-06, ten of them
    are 92,500 rupees."""
    assert bool(one(india, code, "2026-03-10", value, 10, "no")) is not right


def _land(folder: Path, rows: str) -> Path:
    shutil.copytree(LAND, folder / "land")
    for name in ("geography.csv", "groups.yaml"):
        shutil.copy(LAND.parent / name, folder)
    header = "code,from,until,unit,limit,currency,place,words,by,ended_by\n"
    (folder / "land" / "schedule" / "limits.csv").write_text(header + rows, encoding="utf-8")
    return folder / "land"


@pytest.mark.filterwarnings("ignore::tariffcalc.errors.CoverageWarning")
def test_dated_limits_and_days_of_knowledge(tmp_path: Path) -> None:
    rows = (
        '10010000,2025-01-01,2026-02-01,kg,not over 2,,1,"cheap",BOOK,ORDER-2\n10010000,2026-02-01,,kg,not'
        ' over 3,,1,"cheap",ORDER-2,\n10020000,2025-01-01,,kg,over 2,,1,"dear",BOOK,\n'
    )
    folder = _land(tmp_path, rows)
    land, before = tc.load(folder), tc.load(folder, known_on="2026-01-01")

    def broken(tariff: tc.Tariff, code: str, day: str, value: int) -> bool:
        return bool(
            told(tariff.estimate(lines((code, day, value, 100.0), unit="kg", origin="CC"), fees=False))
        )

    assert broken(land, "1001.00.00", "2026-01-31", 250) and not broken(land, "1001.00.00", "2026-02-01", 250)
    assert broken(before, "1001.00.00", "2026-02-01", 250)  # the order was not known
    assert not broken(land, "1002.00.00", "2025-03-01", 250) and broken(land, "1002.00.00", "2025-03-01", 100)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("10010000,,,kg,cheap,,1,words,BOOK,", "limit of value"),
        ("10010000,,,stone,over 3,,1,words,BOOK,", "stone"),
        ("10010000,,,day,May,,1,words,BOOK,", "season"),
        ("10010001,,,kg,over 3,,1,words,BOOK,", "no line of the schedule"),
        ("10010000,,,kg,over 3,XYZ,1,words,BOOK,", "XYZ"),
        ("10010000,,,kg,over 3,,1,words,NO-ACT,", "NO-ACT"),
        ("10010000,,,kg,over 3,,1,words,BOOK,\n10010000,,,kg,over 4,,1,words,BOOK,", "two limits"),
    ],
)
def test_a_wrong_table_is_found(tmp_path: Path, row: str, message: str) -> None:
    folder = _land(tmp_path, row + "\n")
    try:
        findings = " ".join(map(str, tc.check(folder)))
    except (SeedError, TariffError) as error:
        findings = str(error)
    assert message in findings
