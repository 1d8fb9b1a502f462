"""Commands about one product: why a line owes what it owes, how that came about, and the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from tariffcalc.cli.lines import batches, compare
from tariffcalc.cli.terminal import print_table
from tariffcalc.cli.words import (
    AsJson,
    CertainOnly,
    Claims,
    Entered,
    Facts,
    KnownOn,
    Origin,
    Quantities,
    Scenario,
    Territory,
    app,
    declared,
    load_tariff,
    pairs,
)


@app.command()
def explain(
    what: Annotated[str, typer.Argument(help="a commodity code, or a file")],
    row: Annotated[int, typer.Option(help="which row of a file, from 1")] = 1,
    origin: Origin = None,
    value: Annotated[str, typer.Option(help="customs value, or the price that --value-basis says")] = "10000",
    entered: Entered = None,
    loaded: Annotated[str | None, typer.Option(help="day loaded on the final mode of transit")] = None,
    exported: Annotated[str | None, typer.Option(help="day of export")] = None,
    admitted: Annotated[
        str | None, typer.Option(help="day admitted to a foreign-trade zone in privileged foreign status")
    ] = None,
    transport: Annotated[str | None, typer.Option(help="vessel, air, truck, rail, mail, other")] = None,
    quantity: Quantities = None, claim: Claims = None, fact: Facts = None,
    currency: Annotated[
        str | None,
        typer.Option(help="currency of the value and of the costs; that of the territory if left out"),
    ] = None,
    value_basis: Annotated[
        str | None,
        typer.Option(help="what the value is: FOB, CIF, another term of Incoterms, or customs value"),
    ] = None,
    freight: Annotated[str | None, typer.Option(help="carriage to the place of importation")] = None,
    insurance: Annotated[str | None, typer.Option(help="insurance to the place of importation")] = None,
    exchange_rate: Annotated[
        str | None, typer.Option(help="the rate that converts; the notified one if left out")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="name every measure that does not apply")] = False,
    territory: Territory = "us", known_on: KnownOn = None, scenario: Scenario = None,
    certain_only: CertainOnly = False,
) -> None:  # fmt: skip
    """One line explained: what is charged, exempt or does not apply, under which heading, with the reason and
    the act."""
    from tariffcalc.io.files import ENDINGS
    from tariffcalc.shipment import Line, Shipment

    tariff = load_tariff(territory, known_on, scenario, certain_only)
    if Path(what).is_file():
        print(tariff.estimate(_with_row(batches(what, entered, origin), what, row)).explain(row - 1, full))
        return
    if Path(what).suffix.casefold() in ENDINGS:
        raise ValueError(f"{what} is not there: give a file that is, or a commodity code")
    if origin is None or entered is None:
        raise ValueError("explaining a code needs --origin and --entered")
    line = Line(
        commodity=what, origin=origin, value=value, quantity=pairs(quantity),
        claims=tuple(claim or ()), facts=pairs(fact),
        currency=currency, value_basis=value_basis, freight=freight, insurance=insurance,
        exchange_rate=exchange_rate,
    )  # fmt: skip
    shipment = Shipment(
        entered=entered,
        loaded=loaded,
        exported=exported,
        admitted=admitted,
        transport=transport,
        lines=(line,),
    )
    print(tariff.estimate(shipment).explain(full=full))


def _with_row(tables: Iterator[Any], file: str, row: int) -> Any:
    """The lines of a file as one table; raises ValueError where it has no row of that number, from 1."""
    import pyarrow as pa

    table = pa.concat_tables(tables)
    if not 1 <= row <= table.num_rows:
        raise ValueError(f"there is no row {row}: {file} has {table.num_rows:,}")
    return table


@app.command()
def timeline(
    commodity: Annotated[str, typer.Argument(help="a commodity code")],
    origin: Annotated[str, typer.Option(help="origin")],
    value: Annotated[str, typer.Option(help="customs value")] = "10000",
    quantity: Quantities = None, claim: Claims = None, fact: Facts = None,
    territory: Territory = "us", known_on: KnownOn = None, scenario: Scenario = None, as_json: AsJson = False,
    certain_only: CertainOnly = False,
) -> None:  # fmt: skip
    """What a product of an origin owes, from each day on which the answer changes."""
    tariff = load_tariff(territory, known_on, scenario, certain_only)
    table = tariff.timeline(commodity, origin, value=value, **declared(quantity, claim, fact))
    if as_json:
        print(table.to_json(orient="records", indent=2))
        return
    table["effective_rate"] = [
        None if rate != rate or rate is None else f"{rate:.2%}" for rate in table["effective_rate"]
    ]
    noted = [name for name in ("assumed", "outside") if table[name].any()]
    print_table(
        table[["from", "duty", "effective_rate", "headings", "unknown", *noted]],
        f"{commodity} of {origin}, customs value {value}",
    )


@app.command("what-changed")
def what_changed(
    commodity: Annotated[str, typer.Argument(help="a commodity code")],
    origin: Annotated[str, typer.Option(help="origin")],
    from_: Annotated[str, typer.Option("--from", help="the earlier day")],
    to: Annotated[str, typer.Option(help="the later day")],
    value: Annotated[str, typer.Option(help="customs value")] = "10000",
    quantity: Quantities = None, claim: Claims = None, fact: Facts = None,
    territory: Territory = "us", known_on: KnownOn = None, scenario: Scenario = None, as_json: AsJson = False,
    certain_only: CertainOnly = False,
) -> None:  # fmt: skip
    """Which provisions changed what a product of an origin owes between two days, with their acts."""
    tariff = load_tariff(territory, known_on, scenario, certain_only)
    table = tariff.what_changed(commodity, origin, from_, to, value=value, **declared(quantity, claim, fact))
    if as_json:
        print(table.to_json(orient="records", indent=2))
        return
    title = f"{commodity} of {origin}, customs value {value}, after {from_} through {to}"
    if table.empty:
        print(f"{title}: nothing changed")
        return
    table["rate_change"] = [None if rate != rate else f"{rate:+.2%}" for rate in table["rate_change"]]
    print_table(table if table["assumed"].any() else table.drop(columns="assumed"), title)


@app.command()
def demo() -> None:
    """The announced cut of the reciprocal rate on India from 25% to 18%, on the real imports of 2024."""
    from tariffcalc.reading.where import example_file

    file = str(example_file("us_imports_from_india_2024.csv"))
    print(
        "What the announced cut of the US reciprocal rate on India from 25% to 18% would have meant for the"
        " imports of 2024, entered on 2026-02-10."
    )
    print("It never became law: this compares the law of that day with the law as announced.\n")
    compare(
        file, scenario=["india-at-18-percent"], entered="2026-02-10", origin="IN", codes_of_other_years=True
    )
