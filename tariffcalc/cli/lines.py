"""Commands about lines: what they owe, how that compares, why, and how it came about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tariffcalc.cli.terminal import print_table
from tariffcalc.cli.words import (
    AsJson,
    CertainOnly,
    Claims,
    Entered,
    Facts,
    Fees,
    File,
    ForSpreadsheets,
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
from tariffcalc.io.progress import progress

if TYPE_CHECKING:
    from tariffcalc.io.files import InputRows
    from tariffcalc.scale.stream import Estimator
    from tariffcalc.views.totals import EstimateTotals


MOST_PROGRAMS = 1000  # of a territory


class Key(StrEnum):
    """What a comparison is broken down by."""

    chapter = "chapter"
    heading = "heading"
    commodity = "commodity"
    origin = "origin"
    program = "program"


def _batches(
    file: str, entered: str | None, origin: str | None, count: InputRows | None = None
) -> Iterator[Any]:
    import pyarrow as pa

    from tariffcalc.io.files import read_batches

    for table in read_batches(file, count):
        for name, value in (("entered", entered), ("origin", origin)):
            if value is not None and name not in table.column_names:
                table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
        yield table


@app.command()
def estimate(
    file: File, territory: Territory = "us", entered: Entered = None, origin: Origin = None,
    known_on: KnownOn = None, scenario: Scenario = None,
    output: Output = None, as_json: AsJson = False, fees: Fees = True,
    strict: Annotated[bool, typer.Option(help="stop at a bad row")] = False,
    codes_of_other_years: OtherYears = False, certain_only: CertainOnly = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue a run that was interrupted")] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="leave out row groups that cannot be read, and list them")
    ] = False,
    for_spreadsheets: ForSpreadsheets = False,
) -> None:  # fmt: skip
    """What the lines of a file owe; from a file or folder to .parquet also what is larger than memory, in
    runs that can be resumed."""
    from tariffcalc.io.files import InputRows
    from tariffcalc.io.targets import STANDARD_INPUT
    from tariffcalc.scale.dataset import finish_dataset
    from tariffcalc.scale.stream import Estimator

    to_dataset = (
        output is not None and Path(output).suffix.casefold() == ".parquet" and file != STANDARD_INPUT
    )
    if (resume or keep_going) and not to_dataset:
        raise ValueError("--resume and --keep-going need a file or folder to read and -o NAME.parquet")
    if for_spreadsheets and (output is None or Path(output).suffix.casefold() == ".parquet"):
        raise ValueError("--for-spreadsheets needs -o NAME.csv")
    tariff = load_tariff(territory, known_on, scenario, certain_only)
    estimator = Estimator(tariff, "programs", fees, "raise" if strict else "keep", codes_of_other_years)
    total: EstimateTotals
    if output and to_dataset:
        constants = {
            name: value for name, value in (("entered", entered), ("origin", origin)) if value is not None
        }
        total = run = finish_dataset(estimator, file, Path(output), constants, keep_going, resume)
        problems_file, count, unread = run.problems_file, run.counted, bool(run.unread)
    else:
        count, unread = InputRows(), False
        total, problems_file = _streamed(
            estimator, _batches(file, entered, origin, count), count, file, output, for_spreadsheets
        )
    if as_json:
        print(
            json.dumps(
                total.as_dict() | {"rows_counted": count.rows, "blank_lines": count.blank_lines}, indent=2
            )
        )
    else:
        print(total.text())
        print(count.sentence(unread))
    if output and not as_json:
        print(f"Rows with their duty: {output}")
        if problems_file:
            print(
                "Rows that could not be assessed, or of which a claim had no effect, and why:"
                f" {problems_file}"
            )


def _streamed(
    estimator: Estimator,
    tables: Iterator[Any],
    count: InputRows,
    file: str,
    output: str | None,
    for_spreadsheets: bool,
) -> tuple[EstimateTotals, Path | None]:
    """Estimate tables one after another, and write them to a file if one is named; the totals, and the file
    of problems beside it."""
    from tariffcalc.io.output import Writer
    from tariffcalc.scale.problem_rows import problem_table, problems_of
    from tariffcalc.scale.stream import finish_all
    from tariffcalc.views.totals import EstimateTotals
    from tariffcalc.views.totals_table import totals_table

    running = EstimateTotals()
    with (
        Writer(output, [file], estimator.tariff.law, for_spreadsheets) if output else nullcontext() as writer,
        progress("estimated") as advance,
    ):
        for finished in finish_all(estimator, tables):
            running.add(finished.estimate, finished.rows.first)
            if writer:
                writer.write(finished.table)
                writer.write_problems(
                    problem_table(problems_of(finished.estimate), finished.rows.first, [0], [file])
                )
            advance(len(finished.estimate))
        count.check(running.rows, file)
        if writer:
            writer.write_summary(totals_table(running))
    return running, writer.problems_file if writer else None


@app.command()
def compare(
    file: File, scenario: Scenario = None, territory: Territory = "us", entered: Entered = None,
    origin: Origin = None,
    by: Annotated[
        list[Key] | None, typer.Option(help="break the change down by this; may be given more than once")
    ] = None,
    most: Annotated[int, typer.Option(help="rows of each table")] = 10, known_on: KnownOn = None,
    output: Output = None, as_json: AsJson = False,
    codes_of_other_years: OtherYears = False, for_spreadsheets: ForSpreadsheets = False,
) -> None:  # fmt: skip
    """What the lines of a file would owe under a scenario, beside what they owe; several scenarios apply
    together, in the order given."""
    import pyarrow as pa

    from tariffcalc.comparison import compare as compare_estimates
    from tariffcalc.comparison import top_table
    from tariffcalc.declaration.frames import with_columns
    from tariffcalc.io.output import Writer
    from tariffcalc.scale.problem_rows import problem_table, problems_of
    from tariffcalc.views.totals import EstimateTotals

    if not scenario:
        raise ValueError("compare needs --scenario NAME or --scenario FILE")
    law = load_tariff(territory, known_on, None)
    table = pa.concat_tables(_batches(file, entered, origin))
    options: dict[str, Any] = {"fees": False, "codes_of_other_years": codes_of_other_years}
    amended = law.amend(*scenario)
    comparison = compare_estimates(law.estimate(table, **options), amended.estimate(table, **options))
    keys = by or [Key.program, Key.chapter, Key.commodity]
    tables = {key.value: top_table(comparison, key.value, most) for key in keys}
    if output:
        before, after = comparison.before.columns(), comparison.after.columns()
        with Writer(output, [file], law.law, for_spreadsheets) as writer:
            writer.write(with_columns(table, {"duty": before["duty"], "duty_in_scenario": after["duty"]}))
            writer.write_problems(problem_table(problems_of(comparison.before), 0, [0], [file]))
            writer.write_summary(
                pa.Table.from_pandas(
                    top_table(comparison, Key.program.value, MOST_PROGRAMS), preserve_index=False
                )
            )
    if as_json:
        parts = {name: json.loads(each.to_json(orient="records")) for name, each in tables.items()}
        found = {
            "scenarios": amended.rulebook.changes,
            "change": str(comparison.change),
            "touched_lines": comparison.touched_lines,
            "by": parts,
        }
        print(json.dumps(found, indent=2))
        return
    print(
        f"{law.law.title}: the law compared with the law amended by"
        f" {', then by '.join(amended.rulebook.changes)}"
    )
    print(comparison.summary())
    for name, each in tables.items():
        print()
        print_table(each, f"by {name}")
    print()
    print("\n".join(EstimateTotals.of(comparison.before).problem_lines()))


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
        import pyarrow as pa

        table = pa.concat_tables(_batches(what, entered, origin))
        if not 1 <= row <= table.num_rows:
            raise ValueError(f"there is no row {row}: {what} has {table.num_rows:,}")
        print(tariff.estimate(table).explain(row - 1, full))
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
