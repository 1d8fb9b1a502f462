"""The command that writes panels: every tariff line for some origins, day by day or spell by spell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

from tariffcalc.cli.words import (
    Claims,
    Facts,
    KnownOn,
    Quantities,
    Scenario,
    Territory,
    app,
    declared,
    load_tariff,
)


class By(StrEnum):
    """What a row of a panel is about, besides a commodity and an origin."""

    day = "day"
    change = "change"


@app.command()
def panel(
    output: Annotated[str, typer.Option("--output", "-o", help="a .csv, .parquet or .xlsx file")],
    origin: Annotated[list[str] | None, typer.Option(help="an origin; may be given more than once")] = None,
    origins: Annotated[str | None, typer.Option(help="all, or origins with commas between them")] = None,
    entered: Annotated[list[str] | None, typer.Option(help="a day; may be given more than once")] = None,
    by: Annotated[
        By,
        typer.Option(
            help="day: a row for each day; change: a row for each spell of days over which nothing changes"
        ),
    ] = By.day,
    on_or_after: Annotated[
        str | None, typer.Option(help="by change: the first day; otherwise the first day held")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(help="by change: the day before which it ends; otherwise the last day held"),
    ] = None,
    value: Annotated[str, typer.Option(help="customs value")] = "10000",
    quantity: Quantities = None, claim: Claims = None, fact: Facts = None,
    territory: Territory = "us", known_on: KnownOn = None, scenario: Scenario = None,
) -> None:  # fmt: skip
    """Every tariff line for some origins, on some days or by change over all days held, to a file."""
    from tariffcalc.panel.request import ALL

    asked: Any = ALL if origins == ALL else [*(origin or ()), *(origins.split(",") if origins else ())]
    tariff = load_tariff(territory, known_on, scenario)
    with _bar("panel") as progress:
        rows = tariff.panel(
            asked, entered, by.value, value=value, to=output, on_or_after=on_or_after, before=before,
            progress=progress,
            **declared(quantity, claim, fact),
        )  # fmt: skip
    print(f"{rows:,} rows: {output}")


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar of the share that is done on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)
