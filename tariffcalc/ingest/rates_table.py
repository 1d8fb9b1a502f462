"""A user's own rates added to a territory: a table of a few documented columns fills duties that the seeds do
not hold.

The result is a folder of seeds of its own on the user's machine, which ``load`` takes like any other; the
bundled law is not touched.  Only what is unknown is filled: a duty that is held stays, and the report says
how many rows found nothing to fill.  A folder made so can be laid over again, into another folder: what the
first table filled is held, and its sources stay.

==============  ==========================================================================================
column          what it holds
==============  ==========================================================================================
commodity       a code of any length; a shorter one covers every tariff line below it
duty            the duty, as seeds write it: ``7.5%``, ``₹115/kg``, ``20%, at least ₹60/no``, ``none``
by              where the rate comes from, in words
program         optional: the program; without it the one of the schedule's own rates
on_or_after     optional: first day; without it from the beginning
before          optional: first day no longer covered
tag             optional: certainty, P, P*, S, U or UM; without it S
measure         optional: a measure of the program whose duty is not held, as the claim of a trade agreement
==============  ==========================================================================================

In the program of the schedule's own rates the cells of tariff lines are filled.  In any other, rows go into
the ordered table of the program, above the measure that says the duty is not held and below every other.
With a measure, the rates are for the goods, the origins and the conditions of that measure: so a table of
preferential rates fills the claim of an agreement.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tariffcalc.codes import dotted
from tariffcalc.errors import Finding, SeedError
from tariffcalc.ingest.filled_program import fill_program
from tariffcalc.ingest.own_rates import OwnRate, read_own_rates
from tariffcalc.moments import ALWAYS, NEVER, parse_moment, show_moment
from tariffcalc.reading.folder import read_grammar
from tariffcalc.reading.where import territory_folder
from tariffcalc.reading.yaml_text import read_yaml
from tariffcalc.windows import Window

ACTS_FILE = "acts/own-rates.yaml"
ACT_ID = "OWN-RATES-"


@dataclass
class LaidOver:
    """What became of a table: the folder written, rows of the schedule and of programs filled, and the rows
    that found nothing unknown."""

    folder: Path
    filled_lines: int = 0
    filled_programs: int = 0
    idle: list[OwnRate] = field(default_factory=list)

    def __str__(self) -> str:
        said = (
            f"{self.folder}: {self.filled_lines:,} rows of the schedule and {self.filled_programs:,} of other"
            " programs filled"
        )
        return said + (f"; {len(self.idle):,} rows of the table found nothing unknown" if self.idle else "")


def lay_over(territory: str | Path, table: str | Path, folder: str | Path) -> LaidOver:
    """Copy a territory's seeds into a new folder and fill from a user's table what they do not hold.

    Parameters
    ----------
    territory
        A bundled territory by name, or a folder of seeds.
    table
        The user's CSV file; its columns are described at the head of this module.
    folder
        The folder to write; it must not exist.

    Returns
    -------
    LaidOver
        The folder and what was filled.

    Raises
    ------
    SeedError
        For rows of the table that cannot be read, name no tariff line or no program, or a folder that is
        already there.

    Examples
    --------
    >>> import tempfile, tariffcalc as tc
    >>> from pathlib import Path
    >>> place = Path(tempfile.mkdtemp())
    >>> rates = "commodity,duty,by,on_or_after\\n8112.39.00,5%,my tariff book,2025-01-01\\n"
    >>> _ = (place / "rates.csv").write_text(rates)
    >>> laid = lay_over("in", place / "rates.csv", place / "mine")
    >>> metal = tc.Line(commodity="8112.39.00", origin="US", value="100000")
    >>> estimate = tc.load(laid.folder).estimate(tc.Shipment(entered="2026-03-02", lines=(metal,)))
    >>> duties = [each for each in estimate.parts[0].postings(0) if each.program == "in.bcd"]
    >>> [str(estimate.money(each.amount)) for each in duties]
    ['5000.00']
    """
    source, target = territory_folder(territory), Path(folder)
    if target.exists():
        raise SeedError([Finding("I002", f"{target} is already there: name a folder to be made")])
    column_1 = str(read_yaml(source / "territory.yaml").data["column_1"])
    rates = read_own_rates(table, column_1, read_grammar(source))
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("cases"))
    for name in ("geography.csv", "groups.yaml"):
        if not (target / name).is_file():
            shutil.copy(source.parent / name, target / name)
    laid = LaidOver(target)
    try:
        acts = _write_acts(target, rates)
        of_schedule = [rate for rate in rates if rate.program == column_1 and not rate.measure]
        touched = _fill_schedule(target, of_schedule, acts, laid)
        for program, measure in dict.fromkeys(
            (rate.program, rate.measure) for rate in rates if rate not in of_schedule
        ):
            some = [rate for rate in rates if (rate.program, rate.measure) == (program, measure)]
            laid.filled_programs += fill_program(target, program, measure, some, acts)
    except BaseException:
        shutil.rmtree(target)
        raise
    laid.idle = [rate for rate in of_schedule if rate not in touched]
    return laid


def _write_acts(folder: Path, rates: Iterable[OwnRate]) -> dict[tuple[str, str], str]:
    """An act for each source and tag, so that every posting can name where its rate comes from; after those
    of tables laid over before."""
    earlier = (
        [dict(entry) for entry in read_yaml(folder / ACTS_FILE).data]
        if (folder / ACTS_FILE).is_file()
        else []
    )
    numbers = [int(str(entry["id"]).removeprefix(ACT_ID)) for entry in earlier]
    acts: dict[tuple[str, str], str] = {}
    first: dict[tuple[str, str], int] = {}
    for rate in rates:
        key = rate.by, rate.tag
        acts.setdefault(key, f"{ACT_ID}{max(numbers, default=0) + len(acts) + 1}")
        first[key] = min(first.get(key, NEVER), rate.window.on_or_after)
    entries = [
        {
            "id": name,
            "kind": "a user's own source",
            "title": by,
            "known": show_moment(first[by, tag]) if first[by, tag] > ALWAYS else "1900-01-01",
            "citation": by,
            "tag": tag,
        }
        for (by, tag), name in acts.items()
    ]
    (folder / "acts").mkdir(exist_ok=True)
    (folder / ACTS_FILE).write_text(
        yaml.safe_dump([*earlier, *entries], sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    return acts


def _fill_schedule(
    folder: Path, rates: list[OwnRate], acts: dict[tuple[str, str], str], laid: LaidOver
) -> set[OwnRate]:
    """Put rates into the cells that are not held; the rates that found one."""
    touched: set[OwnRate] = set()
    lines: set[str] = set()
    for path in sorted((folder / "schedule").glob("chapter-*.csv")) if rates else ():
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        written = []
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            lines.add(cells["code"])
            own = (
                [rate for rate in rates if cells["code"].startswith(rate.commodity)]
                if cells["general"].startswith("not held")
                else []
            )
            written += _filled(cells, own, acts, touched, laid)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(written)
    missing = [rate for rate in rates if not any(line.startswith(rate.commodity) for line in lines)]
    if missing:
        raise SeedError(
            [
                Finding("I003", f"{dotted(rate.commodity)} covers no tariff line of the schedule")
                for rate in missing
            ]
        )
    return touched


def _filled(
    cells: dict[str, str],
    rates: list[OwnRate],
    acts: dict[tuple[str, str], str],
    touched: set[OwnRate],
    laid: LaidOver,
) -> list[dict[str, str]]:
    """A row of the schedule cut into the days that some rate covers and those that none does; a longer code
    goes before a shorter one."""
    pieces = [
        Window(
            **{
                key: cells[name]
                for key, name in (("on_or_after", "from"), ("before", "until"))
                if cells[name]
            }
        )
    ]
    written = []
    for rate in sorted(rates, key=lambda each: -len(each.commodity)):
        left = []
        for piece in pieces:
            shared = piece.overlap(rate.window)
            left += [piece] if shared is None else piece.less(rate.window)
            if shared is not None:
                act = acts[rate.by, rate.tag]
                written.append(_dated(cells, shared) | {"general": rate.duty, "by": act, "ended_by": ""})
                touched.add(rate)
                laid.filled_lines += 1
        pieces = left
    kept = [cells] if not written else [_dated(cells, piece) | {"ended_by": ""} for piece in pieces]
    return sorted([*written, *kept], key=lambda row: parse_moment(row["from"]) if row["from"] else ALWAYS)


def _dated(cells: dict[str, str], window: Window) -> dict[str, str]:
    start = show_moment(window.on_or_after) if window.on_or_after > ALWAYS else ""
    return {**cells, "from": start, "until": show_moment(window.before) if window.before < NEVER else ""}
