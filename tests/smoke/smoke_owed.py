"""What the lines of the smoke matrix owe by the oracle, how a table is compared with that, and which test
shows which public name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import pandas as pd
from oracle import Declared, OneLine, assess_shipment, oracle_of
from oracle_bands import Band, band_of
from oracle_value import Refused
from smoke_lines import SHIPMENTS, rows

import tariffcalc as tc
from tariffcalc.moments import parse_moment

VALUATION = ("freight", "insurance", "foreign_inland_freight", "costs_after_importation", "additions")

Test = TypeVar("Test", bound=Callable[..., Any])
SHOWN: dict[str, str] = {}


def shows(*names: str) -> Callable[[Test], Test]:
    """Note which public names a test shows."""

    def note(test: Test) -> Test:
        SHOWN.update(dict.fromkeys(names, test.__name__))
        return test

    return note


class Owed(NamedTuple):
    """One line: what each program says (None: unknown), or that the line is refused."""

    postings: dict[str, Decimal | None]
    value: Decimal | None
    """The customs value; None where the line is refused."""
    band: Band | None = None
    """The least and the most of its duty; None where the line is refused."""

    @property
    def refused(self) -> bool:
        """Whether the line cannot be assessed at all."""
        return self.value is None

    def sum(self, names: set[str]) -> Decimal | None:
        """The sum over some programs; None where any is unknown."""
        amounts = [amount for name, amount in self.postings.items() if name in names]
        return (
            None
            if self.refused or None in amounts
            else sum((each for each in amounts if each is not None), Decimal(0))
        )


class Land(NamedTuple):
    """A territory with what its lines owe."""

    name: str
    tariff: tc.Tariff
    owed: list[Owed]
    # per shipment, of the programs that are charged on a whole shipment
    fees: list[dict[str, Decimal | None]]

    @property
    def duties(self) -> set[str]:
        return {name for name, program in self.tariff.programs.items() if program.kind == "duty"}

    @property
    def line_programs(self) -> set[str]:
        return {name for name, program in self.tariff.programs.items() if program.per == "line"}


def declared(tariff: tc.Tariff, row: dict[str, Any]) -> Declared:
    """A row as the oracle wants it."""
    facts: dict[str, Any] = {}
    for name, cell in row.items():
        if name in tariff.rulebook.facts and cell is not None:
            kind = tariff.rulebook.facts[name].type
            facts[name] = (
                {"yes": True, "no": False}[cell]
                if kind == "flag"
                else cell
                if kind == "choice"
                else Decimal(cell)
            )
    days = {name: parse_moment(row[name]) for name in ("loaded", "exported", "admitted") if name in row}
    return Declared(
        commodity=row["commodity"].replace(".", ""), origin=row["origin"], value=Decimal(row["value"]),
        entered=parse_moment(row["entered"]),
        claims=tuple(filter(None, row.get("claims", "").split("|"))), facts=facts, **days,
        quantity={
            name.removeprefix("quantity_"): Decimal(cell)
            for name, cell in row.items() if name.startswith("quantity_")
        },
        costs={name: Decimal(row[name]) for name in VALUATION if name in row},
        **{name: row[name] for name in ("currency", "value_basis", "tariff_goods") if name in row},
    )  # fmt: skip


def of_oracle(name: str, tariff: tc.Tariff) -> Land:
    """What the oracle says of the lines of a territory."""
    owed: list[Owed] = []
    fees: list[dict[str, Decimal | None]] = []
    for number in range(len(SHIPMENTS[name])):
        lines = [declared(tariff, row) for row in rows(name) if row["shipment"] == number]
        good = []
        for line in lines:
            try:
                (said,), _ = assess_shipment(tariff.rulebook, [line])
                value = OneLine(oracle_of(tariff.rulebook), line).value
                amounts = {program: posting.amount for program, posting in said.items()}
                owed.append(Owed(amounts, value, band_of(tariff.rulebook, line)))
                good.append(line)
            except Refused:
                owed.append(Owed({}, None))
        _, of_shipment = assess_shipment(tariff.rulebook, good)
        fees.append(
            {program: None if len(good) < len(lines) else fee.amount for program, fee in of_shipment.items()}
        )
    return Land(name, tariff, owed, fees)


class Part(NamedTuple):
    """An estimate of some of the lines, and what those owe."""

    estimate: tc.Estimate
    owed: list[Owed]
    fees: list[dict[str, Decimal | None]]


def cents(amount: Any) -> Decimal | None:
    """An amount of a table to the cent; None where it is empty."""
    return None if amount is None or amount != amount else Decimal(f"{float(amount):.2f}")


def by_row(table: Any, name: str) -> list[Decimal | None]:
    return [cents(each) for each in table[name].tolist()]


def as_pandas(frame: Any) -> pd.DataFrame:
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


def assert_owed(land: Land, frame: pd.DataFrame, owed: list[Owed], programs: bool = True) -> None:
    """A table with added columns says what the oracle says: duty, effective rate, and each program that is
    charged line by line."""
    assert by_row(frame, "duty") == [each.sum(land.duties) for each in owed]
    for program in land.line_programs & land.duties if programs else ():
        there = (
            by_row(frame, program)
            if program in frame
            else [None if each.refused else Decimal(0) for each in owed]
        )
        wanted = [None if each.refused else each.postings.get(program, Decimal(0)) for each in owed]
        assert there == wanted, program
