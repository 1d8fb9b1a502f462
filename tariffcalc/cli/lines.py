"""Commands about the lines of a file: what they owe, and how that compares."""

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
    Entered,
    Fees,
    File,
    ForSpreadsheets,
    KnownOn,
    Origin,
    OtherYears,
    Output,
    Scenario,
    Territory,
    app,
    load_tariff,
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


def batches(
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
            estimator, batches(file, entered, origin, count), count, file, output, for_spreadsheets
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
    together, and are refused where they contradict each other."""
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
    table = pa.concat_tables(batches(file, entered, origin))
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
            "fingerprint": amended.fingerprint,
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
