"""The words that commands share: the application itself, its options, and how a tariff is loaded and a table
shown."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tariffcalc.cli.terminal import print_table

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=(
        "What duty a shipment owes, on a given day, under which law, and what it would owe if the law were"
        " different."
    ),
)

File = Annotated[
    str,
    typer.Argument(
        help=(
            "CSV, Parquet or Excel file with the columns commodity, origin, entered, value; - for CSV from"
            " standard input"
        )
    ),
]
Entered = Annotated[str | None, typer.Option(help="day of entry for every row, where the file has none")]
Origin = Annotated[str | None, typer.Option(help="origin of every row, where the file has none")]
Territory = Annotated[str, typer.Option(help="customs territory, or a folder of seeds")]
KnownOn = Annotated[str | None, typer.Option(help="the law as it was known on that day")]
Scenario = Annotated[
    list[str] | None,
    typer.Option(
        help="a ready scenario by name, or a file; several apply together unless they contradict each other"
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", help="write every row with its duty to this .csv, .parquet or .xlsx file"),
]
Quantities = Annotated[list[str] | None, typer.Option("--quantity", help="UNIT=NUMBER, for example kg=900")]
Claims = Annotated[list[str] | None, typer.Option("--claim", help="a claim, for example S or civil_aircraft")]
Facts = Annotated[
    list[str] | None, typer.Option("--fact", help="NAME=VALUE, for example us_content_value=250")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Fees = Annotated[
    bool, typer.Option("--fees/--no-fees", help="assess fees too; leave them out for totals of many entries")
]
OtherYears = Annotated[
    bool,
    typer.Option(
        "--codes-of-other-years",
        help="take ten-digit codes not in force on the day for their eight-digit line",
    ),
]
ForSpreadsheets = Annotated[
    bool,
    typer.Option("--for-spreadsheets", help="in a .csv file, put ' before text that would become a formula"),
]
CertainOnly = Annotated[
    bool,
    typer.Option("--certain-only", help="leave unknown what rests on a text in doubt, one tagged U or UM"),
]


def load_tariff(
    territory: str, known_on: str | None, scenarios: list[str] | None, certain_only: bool = False
) -> Any:
    """The law a command asks for."""
    from tariffcalc.loading import load

    tariff = load(territory, known_on=known_on)
    tariff = tariff.amend(*scenarios) if scenarios else tariff
    return tariff.certain() if certain_only else tariff


def pairs(given: list[str] | None) -> dict[str, str]:
    """Names and values written NAME=VALUE."""
    found = {}
    for each in given or ():
        name, sign, value = each.partition("=")
        if not sign:
            raise ValueError(f"{each!r}: write NAME=VALUE")
        found[name] = value
    return found


def declared(quantity: list[str] | None, claim: list[str] | None, fact: list[str] | None) -> dict[str, str]:
    """Quantities, claims and facts as the columns of a table."""
    columns = {f"quantity_{unit}": number for unit, number in pairs(quantity).items()} | pairs(fact)
    return columns | ({"claims": "|".join(claim)} if claim else {})


def show(table: Any, as_json: bool, title: str) -> None:
    """A table for people, or as JSON."""
    if as_json:
        print(table.to_json(orient="records", indent=2))
    else:
        print_table(table, title)
