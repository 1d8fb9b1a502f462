"""What is held and what is not, in words and short tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tariffcalc.errors import OptionError
from tariffcalc.moments import show_moment
from tariffcalc.reading.coverage import TAGS, coverage, headings, read_coverage
from tariffcalc.reading.where import territory_folder

if TYPE_CHECKING:
    import pandas as pd


def short_table(territory: str, in_full: bool = False) -> pd.DataFrame:
    """One row per program, with how many things are left out and in doubt; with the sentences themselves
    where ``in_full``."""
    rows = coverage(territory)
    if not in_full:
        entries = {entry.program: entry for entry in read_coverage(territory_folder(territory))}
        rows["left out"] = [len(entries[name].left_out) for name in rows["program"]]
        rows["doubts"] = [len(entries[name].doubts) for name in rows["program"]]
    return rows


def no_program(name: str, programs: Sequence[str]) -> str:
    """The sentence about a program that there is not: the nearest ones, or what lists them all."""
    near = [each for each in programs if name.casefold() in each][:6] or get_close_matches(
        name.casefold(), programs, n=3
    )
    return f"there is no program {name!r}: " + (
        f"near misses are {', '.join(near)}" if near else "tariffcalc coverage lists them"
    )


def show_program(territory: str, program: str) -> str:
    """All that is held about the coverage of one program; raises OptionError where there is no such
    program."""
    entries = read_coverage(territory_folder(territory))
    found = next((entry for entry in entries if entry.program == program), None)
    if found is None:
        raise OptionError(no_program(program, sorted(entry.program for entry in entries)))

    def sentences() -> Iterator[str]:
        yield (
            f"{found.program}: {found.state}, from {show_moment(found.held_from)}, reviewed through"
            f" {show_moment(found.reviewed_through)}"
        )
        for title, listed in (
            ("left out", found.left_out),
            ("in doubt", [f"[{each.tag}] {each.doubt}" for each in found.doubts]),
        ):
            if listed:
                yield f"{title}:"
                yield from (f"  - {sentence}" for sentence in listed)
        yield TAGS

    return "\n".join(sentences())


def table_of_headings(territory: str, first_digits: str) -> pd.DataFrame:
    """The headings of the additional duties that begin with some digits; raises OptionError where
    none does."""
    table = headings(territory)
    table = table[table["heading"].str.startswith(first_digits)]
    if table.empty:
        raise OptionError(f"no heading of the editions held begins with {first_digits!r}")
    return table


def counted_headings(territory: str) -> str:
    """How many headings are computed, and how many are not and why; empty for a territory without a table of
    headings."""
    table = headings(territory)
    if table.empty:
        return ""
    reasons = [
        f"{count:,} {reason}" for reason, count in table["not computed"].value_counts().items() if reason
    ]
    computed = int((table["not computed"] == "").sum())
    return (
        f"{len(table):,} headings printed in the editions held:"
        f" {', '.join([f'{computed:,} computed', *reasons])} (--headings lists them)"
    )
