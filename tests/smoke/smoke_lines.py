"""The lines of the smoke matrix: for each territory a few shipments with claims, quantities, facts, costs,
and lines of every outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import tariffcalc as tc

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
TERRITORIES: dict[str, str | Path] = {"us": "us", "in": "in", "land": LAND}
SCENARIOS = {
    "us": tc.Scenario("India at 18%").set_duty("us.ieepa.reciprocal/india-august", "18%"),
    "in": tc.Scenario("a surcharge of a fifth").set_duty("in.sws/surcharge", "20%", on_or_after="2026-01-01"),
    "land": tc.Scenario("a baseline of a fifth").set_duty(
        tc.where(program="land.recip*", measure="baseline"), "20%"
    ),
}


def _line(
    commodity: str,
    origin: str,
    value: str,
    claims: str = "",
    quantity: dict[str, str] | None = None,
    **more: Any,
) -> tc.Line:
    """A line; names that are no field of a line are facts."""
    own = {name: more.pop(name) for name in list(more) if name in tc.Line.model_fields}
    return tc.Line(
        commodity=commodity, origin=origin, value=value, claims=tuple(claims.split()),
        quantity=quantity or {}, facts=more, **own
    )  # fmt: skip


US = (
    tc.Shipment(
        entered="2025-09-20",
        transport="vessel",
        lines=(
            _line("6109.10.00.12", "IN", "10000"),
            _line("6109.10.00.12", "IN", "10000.05", us_content_value="2500"),
            _line("6109.10.00.12", "VN", "4000.37", "9802.00.50", processing_value="333.33"),
            _line("6109.10.00.12", "IL", "777.77", "IL"),
            _line("8411.99.90.85", "IN", "1000", "C"),
            _line("7326.90.86.88", "CA", "529", "S", steel_value="100"),
            _line("0402.10.10.00", "DE", "1000", quantity={"kg": "50.5"}),
            _line("0402.10.10.00", "DE", "1000", quantity={"t": "0.0505"}),
            _line("2203.00.00.60", "MX", "1200", quantity={"liter": "310"}),
            _line("0402.10.10.00", "DE", "1000"),  # unknown: no quantity
            # whether some of it is furniture that a program names is not said
            _line("9403.60.80", "CN", "300"),
        ),
    ),
    tc.Shipment(
        entered="2026-04-20",
        loaded="2026-04-01",
        transport="air",
        lines=(
            _line("8302.41.60.80", "TW", "10000", metal_weight_share="0.04"),
            _line("8413.91.90.55", "IN", "4321.09", metal_weight_share="0.2"),
            _line("9403.20.00.50", "VN", "2000.50"),
        ),
    ),
    tc.Shipment(
        entered="2025-09-20",
        transport="air",
        lines=(_line("6109.10.00.99", "IN", "5"), _line("6109.10.00.12", "IN", "70")),
    ),
    # the harbor fee is in doubt
    tc.Shipment(entered="2026-02-10", lines=(_line("6109.10.00.12", "IN", "10000"),)),
)
INDIA = (
    tc.Shipment(
        entered="2026-03-02",
        exported="2026-02-20",
        transport="vessel",
        lines=(
            _line("8708.99.00", "US", "1000000"),
            _line(
                "8708.99.00",
                "US",
                "1234.5",
                currency="EUR",
                value_basis="FOB",
                freight="100",
                insurance="12.34",
            ),
            _line("8479.89.99", "US", "1000000"),  # the integrated tax on it is not held
            _line("2208.30.11", "GB", "1000000"),
            _line("6903.90.20", "CN", "87654.30", "antidumping_notification", antidumping_rate="1.7872"),
            _line("7113.19.11", "AE", "500000", quantity={"g": "50"}),
            _line("1511.10.00", "ID", "90000", quantity={"t": "1.5"}, tariff_goods="crude palm oil"),
            _line("8703.80.40", "DE", "4000000", vehicle_form="other"),
            _line("6109.10.00", "US", "5000"),
        ),
    ),
    tc.Shipment(
        entered="2026-03-02",
        transport="air",
        lines=(_line("9999.99.99", "US", "5"), _line("8708.99.00", "US", "77")),
    ),
)
LAND_LINES = (
    tc.Shipment(
        entered="2025-03-15",
        loaded="2025-02-20",
        transport="vessel",
        lines=(
            _line("1001.00.00.10", "CC", "1000.05"),
            _line("1002.00.00", "BB", "500", quantity={"kg": "333"}),
            _line("1003.00.00", "DD", "1000", "FT", quantity={"kg": "4000"}),
            _line("1004.00.00", "CC", "100", quantity={"kg": "400"}),
            _line("1001.00.00.10", "BB", "1000", home_content_value="300"),
            _line("1001.00.00.10", "CC", "1000", "repair", processing_value="250"),
            _line("7202.00.00", "BB", "1000", steel_value="333.33"),
            _line("7401.00.00", "CC", "1000"),
            _line("1007.00.00", "AA", "1000", quantity={"kg": "1000"}, sugar_degrees="4.5"),
            _line("1006.00.00", "CC", "10"),  # unknown: another line decides
            _line("7301.00.00", "DD", "10"),  # not held
            _line("7201.00.00", "SS", "200"),  # doubtful: where it was smelted is not said
        ),
    ),
    tc.Shipment(
        entered="2025-11-03",
        admitted="2025-08-01",
        lines=(_line("1001.00.00.10", "AA", "88.88", "FT", transport="air"),),
    ),
    tc.Shipment(
        entered="2025-11-03",
        transport="air",
        lines=(_line("1999.00.00", "CC", "5"), _line("1001.00.00.20", "CC", "70")),
    ),
    # the harbour fee is in doubt
    tc.Shipment(entered="2025-11-03", lines=(_line("1001.00.00.20", "CC", "70"),)),
)
SHIPMENTS: dict[str, Sequence[tc.Shipment]] = {"us": US, "in": INDIA, "land": LAND_LINES}


def rows(territory: str) -> Iterator[dict[str, Any]]:
    """Every line as a row of a table, what is not declared left out."""
    for number, shipment in enumerate(SHIPMENTS[territory]):
        columns = shipment.declared()
        for place in range(len(shipment.lines)):
            row = {name: values[place] for name, values in columns.items() if values[place] is not None}
            yield {**row, "shipment": number}


def table(territory: str) -> pd.DataFrame:
    """Every line as a table of text."""
    found = list(rows(territory))
    names = dict.fromkeys(name for row in found for name in row)
    cells = {name: [row.get(name) for row in found] for name in names}
    text = {
        name: [each if each is None or name == "shipment" else str(each) for each in column]
        for name, column in cells.items()
    }
    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in text.items()})


def typed(territory: str) -> pd.DataFrame:
    """The same lines with the types that people's tables have: days as dates, amounts as numbers, flags as
    they are."""
    frame = table(territory)
    for name in ("entered", "loaded", "exported", "admitted"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name])
    numbers = [
        name for name in frame if name == "value" or name.startswith("quantity_") or name.endswith("_value")
    ]
    for name in numbers:
        frame[name] = frame[name].astype(float)
    return frame


KINDS = ("shipment", "pandas", "polars", "arrow", "csv", "parquet", "excel")
ENDINGS = {"csv": "csv", "parquet": "parquet", "excel": "xlsx"}


def file_of(territory: str, kind: str, folder: Path) -> Path:
    """The lines in a file of a kind."""
    path = folder / f"{territory}.{ENDINGS[kind]}"
    if kind == "csv":
        table(territory).to_csv(path, index=False)
    elif kind == "parquet":
        typed(territory).to_parquet(path, index=False)
    else:
        typed(territory).to_excel(path, index=False)
    return path


def given(territory: str, kind: str, folder: Path) -> list[Any]:
    """What ``Tariff.estimate`` takes for the lines of a territory: all shipments one by one, or one table of
    them."""
    from tariffcalc.io.files import read_table

    if kind == "shipment":
        return list(SHIPMENTS[territory])
    if kind == "pandas":
        return [typed(territory)]
    if kind == "polars":
        import polars as pl

        return [pl.from_pandas(typed(territory))]
    if kind == "arrow":
        import pyarrow as pa

        return [pa.Table.from_pandas(table(territory), preserve_index=False)]
    return [read_table(str(file_of(territory, kind, folder)))]
