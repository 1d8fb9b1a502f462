"""Commands about lines: what they owe, how that compares, why, and how it came about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tariffcalc.cli.words import (
    AsJson,
    Claims,
    Entered,
    Facts,
    Fees,
    File,
    KnownOn,
    Origin,
    OtherYears,
    Output,
    Quantities,
    Scenario,
    Territory,
    app,
    declared,
    load_tariff,
    pairs,
)
from tariffcalc.display.terminal import print_table, progress
from tariffcalc.errors import ShipmentError

if TYPE_CHECKING:
    from tariffcalc.estimate import Estimate


class Key(StrEnum):
    """What a comparison is broken down by."""

    chapter = "chapter"
    heading = "heading"
    commodity = "commodity"
    origin = "origin"
    program = "program"


def _batches(file: str, entered: str | None, origin: str | None) -> Iterator[Any]:
    import pyarrow as pa

    from tariffcalc.files import read_batches

    for table in read_batches(file):
        for name, value in (("entered", entered), ("origin", origin)):
            if value is not None and name not in table.column_names:
                table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
        yield table


@app.command()
def estimate(
    file: File, territory: Territory = "us", entered: Entered = None, origin: Origin = None, known_on: KnownOn = None, scenario: Scenario = None,
    output: Output = None, as_json: AsJson = False, fees: Fees = True, strict: Annotated[bool, typer.Option(help="stop at a bad row")] = False,
    codes_of_other_years: OtherYears = False,
) -> None:  # fmt: skip
    """What the lines of a file owe."""
    from tariffcalc.files import Writer
    from tariffcalc.frames import with_columns
    from tariffcalc.running import RunningTotal

    tariff = load_tariff(territory, known_on, scenario)
    running = RunningTotal()
    with Writer(output, file) if output else nullcontext() as writer, progress("estimated") as advance:
        for table in _batches(file, entered, origin):
            result = tariff.estimate(table, fees=fees, on_problem="keep", codes_of_other_years=codes_of_other_years)
            if strict:
                _refuse_problems(result, running.rows)
            running.add(result)
            if writer:
                writer.write(with_columns(table, _every_column(result, fees)))
            advance(len(result))
    print(json.dumps(running.as_dict(), indent=2) if as_json else running.text())
    if output and not as_json:
        print(f"every row with its duty: {output}")


def _refuse_problems(result: Estimate, before: int) -> None:
    """Raise ShipmentError if any row of a batch could not be assessed; rows are counted through the whole file."""
    from tariffcalc.problems import show_problems
    from tariffcalc.unknown import unknown_problems

    ledger, lines = result.parts
    found = [*lines.problems.refused, *unknown_problems(result.law, ledger, lines.rows)]
    if found:
        raise ShipmentError(show_problems([problem._replace(rows=problem.rows + before) for problem in found]))


def _every_column(result: Estimate, fees: bool) -> dict[str, Any]:
    """The added columns with one for every program, so that all batches of a file have the same columns; 0 for a program that does not speak."""
    import numpy as np

    added = result.columns()
    silent = np.full(len(result), np.nan)
    silent[result.parts[1].rows] = 0
    programs = {program.name: added.pop(program.name, silent) for program in result.law.programs if fees or program.kind == "duty"}
    return added | programs


@app.command()
def compare(
    file: File, scenario: Scenario = None, territory: Territory = "us", entered: Entered = None, origin: Origin = None,
    by: Annotated[list[Key] | None, typer.Option(help="break the change down by this; may be given more than once")] = None,
    most: Annotated[int, typer.Option(help="rows of each table")] = 10, known_on: KnownOn = None, output: Output = None, as_json: AsJson = False,
    codes_of_other_years: OtherYears = False,
) -> None:  # fmt: skip
    """What the lines of a file would owe under a scenario, beside what they owe."""
    import pyarrow as pa

    from tariffcalc.comparison import compare as compare_estimates
    from tariffcalc.display.summary import summarise_comparison, top_table
    from tariffcalc.files import Writer
    from tariffcalc.frames import with_columns
    from tariffcalc.running import RunningTotal

    if not scenario:
        raise ValueError("compare needs --scenario NAME or --scenario FILE")
    law = load_tariff(territory, known_on, None)
    table = pa.concat_tables(_batches(file, entered, origin))
    options: dict[str, Any] = {"fees": False, "codes_of_other_years": codes_of_other_years}
    comparison = compare_estimates(law.estimate(table, **options), law.amend(*scenario).estimate(table, **options))
    keys = by or [Key.program, Key.chapter, Key.commodity]
    tables = {key.value: top_table(comparison, key.value, most) for key in keys}
    if output:
        before, after = comparison.before.columns(), comparison.after.columns()
        with Writer(output, file) as writer:
            writer.write(with_columns(table, {"duty": before["duty"], "duty_in_scenario": after["duty"]}))
    if as_json:
        parts = {name: json.loads(each.to_json(orient="records")) for name, each in tables.items()}
        print(json.dumps({"change": str(comparison.change), "touched_lines": comparison.touched_lines, "by": parts}, indent=2))
        return
    print(summarise_comparison(comparison))
    for name, each in tables.items():
        print()
        print_table(each, f"by {name}")
    print()
    print("\n".join(RunningTotal.of(comparison.before).problem_lines()))


@app.command()
def explain(
    what: Annotated[str, typer.Argument(help="a commodity code, or a file")],
    row: Annotated[int, typer.Option(help="which row of a file, from 1")] = 1,
    origin: Origin = None, value: Annotated[str, typer.Option(help="customs value")] = "10000", entered: Entered = None,
    loaded: Annotated[str | None, typer.Option(help="day loaded on the final mode of transit")] = None,
    transport: Annotated[str | None, typer.Option(help="vessel, air, truck, rail, mail, other")] = None,
    quantity: Quantities = None, claim: Claims = None, fact: Facts = None,
    territory: Territory = "us", known_on: KnownOn = None, scenario: Scenario = None,
) -> None:  # fmt: skip
    """One line explained: every heading considered, charged, exempt or refused, with the reason and the act."""
    from tariffcalc.shipment import Line, Shipment

    tariff = load_tariff(territory, known_on, scenario)
    if Path(what).is_file():
        import pyarrow as pa

        table = pa.concat_tables(_batches(what, entered, origin))
        if not 1 <= row <= table.num_rows:
            raise ValueError(f"there is no row {row}: {what} has {table.num_rows:,}")
        print(tariff.estimate(table).explain(row - 1))
        return
    if origin is None or entered is None:
        raise ValueError("explaining a code needs --origin and --entered")
    line = Line(commodity=what, origin=origin, value=value, quantity=pairs(quantity), claims=tuple(claim or ()), facts=pairs(fact))
    print(tariff.estimate(Shipment(entered=entered, loaded=loaded, transport=transport, lines=(line,))).explain())


@app.command()
def timeline(
    commodity: Annotated[str, typer.Argument(help="a commodity code")],
    origin: Annotated[str, typer.Option(help="origin")],
    value: Annotated[str, typer.Option(help="customs value")] = "10000",
    quantity: Quantities = None, claim: Claims = None, fact: Facts = None,
    territory: Territory = "us", known_on: KnownOn = None, scenario: Scenario = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a product of an origin owes, from each day on which the answer changes."""
    tariff = load_tariff(territory, known_on, scenario)
    table = tariff.timeline(commodity, origin, value=value, **declared(quantity, claim, fact))
    if as_json:
        print(table.to_json(orient="records", indent=2))
        return
    table["effective_rate"] = [None if rate != rate or rate is None else f"{rate:.2%}" for rate in table["effective_rate"]]
    print_table(table[["from", "duty", "effective_rate", "headings", "unknown"]], f"{commodity} of {origin}, customs value {value}")


@app.command()
def demo() -> None:
    """The announced cut of the reciprocal rate on India from 25% to 18%, on the real imports of 2024."""
    from tariffcalc.reading.where import example_file

    file = str(example_file("us_imports_from_india_2024.csv"))
    print(
        "What the announced cut of the US reciprocal rate on India from 25% to 18% would have meant for the imports of 2024, entered on 2026-02-10."
    )
    print("It never became law: this compares the law of that day with the law as announced.\n")
    compare(file, scenario=["india-at-18-percent"], entered="2026-02-10", origin="IN", codes_of_other_years=True)
