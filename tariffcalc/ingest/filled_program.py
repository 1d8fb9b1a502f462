"""The ordered table of a program, filled with rates of a user above the measure whose duty is not held."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from tariffcalc.codes import dotted
from tariffcalc.errors import Finding, SeedError
from tariffcalc.ingest.own_rates import OwnRate
from tariffcalc.moments import ALWAYS, NEVER, parse_moment, show_moment
from tariffcalc.reading.yaml_text import read_yaml

MEASURE_ID = "own-rate-"

Row = dict[str, str]


def fill_program(
    folder: Path, program: str, measure: str, rates: list[OwnRate], acts: dict[tuple[str, str], str]
) -> int:
    """Put rates above the measure that is named, or that of all goods; the number of rows written.

    Raises SeedError where there is no such program, or nothing of it to fill.
    """
    open_measures: list[str] = []
    for table in sorted(folder.glob(f"programs/{_file_of(folder, program).stem}.*.csv")):
        with table.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            header, rows = list(reader.fieldnames or ()), list(reader)
        named = [row for row in rows if row["id"] == measure and row["duty"].startswith("not held")]
        open_measures += [row["id"] for row in rows if row["duty"].startswith("not held")]
        if not named and (measure or not _for_all_goods(rows)):
            continue
        above = rows.index(named[-1]) + 1 if named else sum(_fallback(row, rows) for row in rows)
        last = max(
            (int(row["id"].removeprefix(MEASURE_ID)) for row in rows if row["id"].startswith(MEASURE_ID)),
            default=0,
        )
        shortest_first = sorted(rates, key=lambda each: len(each.commodity))
        like = named[-1] if named else {}
        own = [
            _measure(header, number, rate, acts, like)
            for number, rate in enumerate(shortest_first, start=last + 1)
        ]
        with table.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows([*rows[:above], *own, *rows[above:]])
        return len(own)
    raise SeedError([_nothing_to_fill(program, measure, open_measures)])


def _file_of(folder: Path, program: str) -> Path:
    files = {str(read_yaml(path).data.get("program")): path for path in (folder / "programs").glob("*.yaml")}
    if program not in files:
        raise SeedError([Finding("I004", f"there is no program {program!r}: {', '.join(sorted(files))}")])
    return files[program]


def _nothing_to_fill(program: str, measure: str, open_measures: Iterable[str]) -> Finding:
    """That a program has no such measure whose duty is not held, and which it has."""
    if measure:
        return Finding(
            "I006",
            f"{program} has no measure {measure!r} whose duty is not held; it has {_some(open_measures)}",
        )
    return Finding(
        "I005",
        f"{program} has no table with a measure for all goods whose duty is not held: there is nothing to"
        " fill",
    )


def _some(names: Iterable[str], most: int = 30) -> str:
    """Some names in words, each once."""
    once = list(dict.fromkeys(names))
    return ", ".join(once[:most]) + (" and others" if len(once) > most else "") if once else "none"


def _for_all_goods(rows: list[Row]) -> bool:
    """Whether a table names goods and begins with a measure for all goods whose duty is not held."""
    return bool(
        rows
        and rows[-1].get("products")
        and rows[0].get("products") == "all"
        and any(_fallback(row, rows) for row in rows)
    )


def _fallback(row: Row, rows: list[Row]) -> bool:
    """Whether a row belongs to the measure for all goods whose duty is not held, which comes first."""
    return row["id"] == rows[0]["id"] and rows[0]["duty"].startswith("not held")


def _measure(
    header: list[str], number: int, rate: OwnRate, acts: dict[tuple[str, str], str], like: Row
) -> Row:
    """A row for a rate; its origins, conditions and first day are those of the measure it fills, if one is
    named."""
    start = (
        max(rate.window.on_or_after, parse_moment(like["on_or_after"]))
        if like.get("on_or_after")
        else rate.window.on_or_after
    )
    cells = {
        "id": f"{MEASURE_ID}{number}",
        "origin": like.get("origin") or "any",
        "requires": like.get("requires") or "",
        "duty": rate.duty,
        "on_or_after": show_moment(start) if start > ALWAYS else "",
        "before": show_moment(rate.window.before) if rate.window.before < NEVER else "",
        "by": acts[rate.by, rate.tag],
        "title": f"Rate of {rate.by}",
        "products": dotted(rate.commodity),
        "tag": rate.tag,
    }
    return {name: cells.get(name, "") for name in header}
