"""Commands about the law itself: checks, coverage, what scenarios name, what can be declared, new editions of
the schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tariffcalc.cli.terminal import print_table
from tariffcalc.cli.words import AsJson, KnownOn, Territory, app, load_tariff, show


@app.command()
def check(
    folder: Annotated[str, typer.Argument(help="a territory by name, or a folder of seeds")] = "us",
) -> None:
    """Check the seeds: every rule, every finding with file and line."""
    from tariffcalc.checking import check as check_folder

    findings = check_folder(folder)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding{'s' if len(findings) > 1 else ''}" if findings else "no findings")
    raise typer.Exit(1 if findings else 0)


@app.command()
def coverage(
    of: Annotated[
        str | None,
        typer.Argument(
            help="one program in full, or headings of the additional duties by their first digits"
        ),
    ] = None,
    territory: Territory = "us",
    headings: Annotated[bool, typer.Option("--headings", help="heading by heading")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """What is held of each program, and through which day it was reviewed; for one program also what is left
    out and in doubt."""
    from tariffcalc.assessment.pending import law_read
    from tariffcalc.views.coverage import counted_headings, short_table, show_program, table_of_headings

    if headings or (of is not None and of[:1].isdigit()):
        show(table_of_headings(territory, of or ""), as_json, "")
    elif of is not None:
        print(show_program(territory, of))
    else:
        show(
            short_table(territory, in_full=as_json),
            as_json,
            f"coverage of {territory} (tariffcalc coverage PROGRAM shows one in full)",
        )
        if not as_json:
            print(
                "\n".join(
                    filter(
                        None, (law_read(load_tariff(territory, None, None).law), counted_headings(territory))
                    )
                )
            )


@app.command()
def measures(
    program: Annotated[str, typer.Argument(help="a program, for example us.s122")],
    territory: Territory = "us", known_on: KnownOn = None
) -> None:  # fmt: skip
    """The measures of a program: what scenarios name, as PROGRAM/MEASURE."""
    import pandas as pd

    from tariffcalc.views.coverage import no_program

    programs = load_tariff(territory, known_on, None).programs
    if program not in programs:
        raise ValueError(no_program(program, sorted(programs)))
    rows = [
        {
            "measure": measure.id,
            "heading": measure.heading,
            "origin": measure.origin.text,
            "duty": spell.duty.text,
            "entered": str(spell.entered),
        }
        for measure in programs[program].measures
        for spell in measure.history
    ]
    print_table(pd.DataFrame(rows), programs[program].title)


@app.command()
def facts(
    words: Annotated[str, typer.Argument(help="a part of a name, of a meaning or of a program's id")] = "",
    territory: Territory = "us",
    known_on: KnownOn = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """The claims and facts that can be declared of a line, and what is assumed when they are not."""
    table = load_tariff(territory, known_on, None).facts(words)
    if table.empty:
        raise ValueError(
            f"no claim or fact of {territory} has {words!r} in its name, its meaning or a program that asks"
            " for it"
        )
    show(table, as_json, "")


@app.command()
def new_program(
    name: Annotated[str, typer.Argument(help="its id, for example us.s999.umbrellas")],
    territory: Territory = "us",
    title: Annotated[str, typer.Option(help="as shown in tables and explanations")] = "",
    duty: Annotated[
        str, typer.Option(help="as in a file of seeds, for example 10% or 25% + 1.4¢/kg")
    ] = "10%",
    origin: Annotated[str, typer.Option(help="origins, for example CN, MX or any except CA")] = "any",
    products: Annotated[
        str, typer.Option(help="codes or lists of goods; the first line of the schedule where it is left out")
    ] = "",
    on_or_after: Annotated[str, typer.Option(help="first day; today where it is left out")] = "",
) -> None:
    """Write the files of a new program into a folder of seeds: a skeleton with its required keys, its
    coverage entry and a first case."""
    from tariffcalc.checking import check as check_folder
    from tariffcalc.checking.skeleton import TO_FILL_IN
    from tariffcalc.ingest.new_program import new_program as write

    for path in write(
        name, territory, title=title, duty=duty, origin=origin, products=products, on_or_after=on_or_after
    ):
        print(f"wrote {path}")
    findings = check_folder(territory)
    to_fill_in = [finding for finding in findings if finding.code == TO_FILL_IN]
    others = [finding for finding in findings if finding.code != TO_FILL_IN]
    for finding in others:
        print(finding)
    print(
        f"fill in the {len(to_fill_in)} lines marked TODO from the text: tariffcalc check names them; then"
        " write further cases, both sides of each day"
    )
    raise typer.Exit(1 if others else 0)


@app.command()
def update(
    editions: Annotated[Path, typer.Argument(help="folder with the official schedule's JSON editions")],
    folder: Annotated[Path, typer.Argument(help="schedule folder to write")],
) -> None:
    """Read official editions of the schedule into a schedule folder of seeds."""
    from tariffcalc.ingest.usitc_json import main as ingest

    ingest([str(editions), str(folder)])


@app.command()
def lay_over(
    table: Annotated[
        Path,
        typer.Argument(
            help="your CSV file of rates: commodity, duty, by; optional program, on_or_after, before, tag"
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="the folder of seeds to write")],
    territory: Territory = "us",
) -> None:
    """Add your own rates where the seeds hold none: writes a copy of a territory to a folder, for
    --territory."""
    from tariffcalc.ingest.rates_table import lay_over as lay_rates_over

    laid = lay_rates_over(territory, table, folder)
    print(laid)
    for rate in laid.idle[:20]:
        print(f"not used: the duty of {rate.commodity} on {rate.window} is held already")


@app.command()
def read_chapters(
    texts: Annotated[list[Path], typer.Argument(help="chapters of a schedule as text (pdftotext -layout)")],
    table: Annotated[Path, typer.Option("--output", "-o", help="the table of rates to write")],
    by: Annotated[str, typer.Option(help="the source to cite")],
    on_or_after: Annotated[str, typer.Option(help="first day of the rates")] = "",
    territory: Annotated[
        str | None, typer.Option(help="a territory, or a folder of seeds, whose phrases the rates may use")
    ] = None,
) -> None:
    """Read the rates of a schedule's chapters into a table for lay-over; lines that cannot be read are
    listed."""
    from tariffcalc.ingest.chapter_text import chapters_to_table

    rows, unread = chapters_to_table(texts, table, by, on_or_after, territory=territory)
    print(f"{rows:,} rates: {table}")
    for sentence in unread:
        print(f"not read: {sentence}")
