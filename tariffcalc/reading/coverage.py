"""What is held and what is not: program by program, as the seeds' own coverage files say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from tariffcalc.errors import Finding, SeedError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import show_moment
from tariffcalc.reading.entries import shown_path
from tariffcalc.reading.tables import read_rows
from tariffcalc.reading.where import territory_folder
from tariffcalc.reading.yaml_text import read_yaml
from tariffcalc.tags import Tag
from tariffcalc.windows import Moment

TAGS = "tags: P primary text read; P* a faithful copy of it; S secondary source; U uncertain; UM from memory"

if TYPE_CHECKING:
    import pandas as pd


class Doubt(BaseModel):
    """A doubt about the law as encoded, with its certainty tag."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: Tag
    doubt: str


class Covered(BaseModel):
    """One program: complete, partial or absent; from when; through when it was reviewed; what is left out and
    what is in doubt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: str
    state: Literal["complete", "partial", "absent"]
    held_from: Moment = Field(alias="from")
    reviewed_through: Moment
    left_out: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    file: str = ""
    line: int = 0


def read_coverage(folder: Path) -> list[Covered]:
    """Every entry of ``coverage.yaml`` and of the folder ``coverage``; raises SeedError with all that is
    wrong."""
    entries: list[Covered] = []
    findings: list[Finding] = []
    for path in (*folder.glob("coverage.yaml"), *sorted(folder.glob("coverage/*.yaml"))):
        document = read_yaml(path, shown_path(path, folder))
        for index, entry in enumerate(document.data or ()):
            try:
                entries.append(document.read(Covered, document.placed(entry, (index,)), (index,)))
            except SeedError as error:
                findings += error.findings
    if findings:
        raise SeedError(findings)
    return entries


class Heading(NamedTuple):
    """One heading of the additional duties ever printed in the editions held: the first and last of them, and
    why no measure declares it.

    ``reason`` is empty where a measure does.
    """

    heading: str
    first: str
    last: str
    reason: str
    note: str


REASONS = ("quota only", "expired before 2025", "no duty effect", "text not held", "scope wording")


def read_headings(folder: Path) -> list[Heading]:
    """The table of headings of a territory (``headings.csv``); empty where it has none."""
    path = folder / "headings.csv"
    return (
        [Heading(**row) for _, row in read_rows(path, Heading._fields, filled=("heading",))]
        if path.is_file()
        else []
    )


def declared_headings(book: Rulebook) -> dict[str, list[str]]:
    """Every heading that some measure, base or entry of the stacking order declares, with what declares it
    (``program/measure``)."""
    found: dict[str, list[str]] = {}
    for name, program in book.programs.items():
        for measure in program.measures:
            for heading in filter(
                None,
                (
                    measure.heading,
                    measure.nothing_due_under,
                    measure.beside.heading if measure.beside else "",
                ),
            ):
                found.setdefault(heading, []).append(f"{name}/{measure.id}")
        for base in filter(lambda each: each.heading, program.charged_on):
            found.setdefault(base.heading, []).append(f"{name}, value left out")
    for entry in filter(lambda each: each.heading, book.stacking):
        found.setdefault(entry.heading, []).append(f"{entry.program} gives way to {entry.to}")
    return found


def headings(territory: str | Path = "us") -> pd.DataFrame:
    """Every heading of the additional duties printed in an edition held: heading, first and last edition,
    what computes it or why nothing does, note.

    >>> table = headings("us").set_index("heading")
    >>> table.loc["9903.03.01", "computed by"]
    'us.s122/surcharge'
    """
    import pandas as pd

    from tariffcalc.reading.folder import read_folder

    folder = territory_folder(territory)
    declared = declared_headings(read_folder(folder))
    rows = [
        {
            "heading": row.heading,
            "first": row.first,
            "last": row.last,
            "computed by": "; ".join(declared.get(row.heading, ())),
            "not computed": row.reason,
            "note": row.note,
        }
        for row in read_headings(folder)
    ]
    return pd.DataFrame(rows, columns=["heading", "first", "last", "computed by", "not computed", "note"])


def coverage(territory: str | Path = "us") -> pd.DataFrame:
    """The coverage of a territory as a table: program, state, from, reviewed through, left out, doubts."""
    import pandas as pd

    rows = [
        {
            "program": entry.program,
            "state": entry.state,
            "from": show_moment(entry.held_from),
            "reviewed through": show_moment(entry.reviewed_through),
            "left out": "; ".join(entry.left_out),
            "doubts": "; ".join(f"[{each.tag}] {each.doubt}" for each in entry.doubts),
        }
        for entry in read_coverage(territory_folder(territory))
    ]
    order = {"complete": 0, "partial": 1, "absent": 2}
    rows.sort(key=lambda row: (order[row["state"]], row["program"]))
    return pd.DataFrame(rows)
