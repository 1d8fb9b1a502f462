"""Two schedules of the Harmonized System side by side: the subheadings (six digits) they share, and those
that only one of them holds.

Below six digits every territory goes its own way, so six digits are where two schedules meet.  They meet only
as far as both print the same edition: what one schedule splits, moves or no longer holds is listed, with what
the other has in the same heading, and never matched by guess.  Chapters 98 and 99 are left to each territory
by the Harmonized System itself, so that equal digits there mean nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tariffcalc.codes import dotted
from tariffcalc.compiled.finest_lines import FinestLines
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.moments import moment_of_day, parse_moment

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.tariff import Tariff

NATIONAL, NATIONAL_CHAPTER = ("98", "99"), "national"
SUBHEADING = 6


def lines_in_force(
    law: CompiledLaw, days: Sequence[Any], prefixes: Sequence[str] | None = None
) -> list[list[str]]:
    """For each day the finest lines in force, ten digits where there are any; only those under some prefixes,
    where given."""
    under = "" if prefixes is None else tuple(prefixes)
    finest, codes = FinestLines.of(law), law.codes.codes
    found = []
    for day in days:
        rows = finest.rows(day_moment(day), goods_only=False)
        lines = (codes[code] for code in np.unique(law.segments.code[rows]).tolist())
        found.append([line for line in lines if line.startswith(under)])
    return found


def day_moment(day: Any) -> int:
    """The moment of a day however it is written."""
    return moment_of_day(day) if isinstance(day, date) else parse_moment(day)


def by_subheading(codes: Iterable[str]) -> dict[str, list[str]]:
    """Lines by their subheading."""
    found: dict[str, list[str]] = {}
    for code in codes:
        found.setdefault(code[:SUBHEADING], []).append(code)
    return found


def shared_label(law: CompiledLaw, codes: Iterable[str]) -> str:
    """What the labels of some lines begin with in common; the first label where that is nothing."""
    labels = [
        law.segments.labels[int(law.segments.first[law.code_index[code]])].split(": ") for code in codes
    ]
    shared = []
    for parts in zip(*labels, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ": ".join(shared or labels[0])


def concordance(first: Tariff, second: Tariff, entered: Any) -> pd.DataFrame:
    """Every subheading of either schedule on a day: its label, how many lines each side has of it, and what
    matches.

    Parameters
    ----------
    first, second
        Two tariffs.
    entered
        The day on which both schedules are read.

    Returns
    -------
    DataFrame
        ``subheading``, ``label``, the number of finest lines of each side (``us_lines``, ``in_lines``),
        ``match`` (``both``, ``only us``, ``only in``, ``national``: a chapter the Harmonized System leaves to
        each territory) and ``instead``: of a subheading that one side lacks, the ones it has in the same
        heading, or that it holds none.

    Examples
    --------
    >>> from tariffcalc import load
    >>> table = concordance(load("us"), load("in"), "2026-03-02")
    >>> int((table["match"] == "both").sum()), int(table["match"].str.startswith("only").sum())
    (5605, 22)
    >>> table.set_index("subheading").loc["4402.90", ["match", "instead"]].tolist()
    ['only us', 'in holds of 4402: 4402.10, 4402.20']
    """
    import pandas as pd

    laws = (first.law, second.law)
    held = [by_subheading(lines_in_force(law, [entered])[0]) for law in laws]
    headings = [_by_heading(each) for each in held]
    rows = []
    for code in sorted({*held[0], *held[1]}):
        sides = [code in each for each in held]
        law, lines = (laws[0], held[0][code]) if sides[0] else (laws[1], held[1][code])
        row: dict[str, Any] = {"subheading": dotted(code), "label": shared_label(law, lines)}
        row |= {f"{each.territory}_lines": len(of.get(code, ())) for each, of in zip(laws, held, strict=True)}
        match = match_of(code, held, [each.territory for each in laws])
        lacks = sides.index(False) if not all(sides) and match != NATIONAL_CHAPTER else None
        instead = "" if lacks is None else _instead(laws[lacks].territory, code[:4], headings[lacks])
        rows.append(row | {"match": match, "instead": instead})
    names = ["subheading", "label", *(f"{law.territory}_lines" for law in laws), "match", "instead"]
    return pd.DataFrame(rows, columns=names)


def match_of(code: str, held: Sequence[Container[str]], names: Sequence[str]) -> str:
    """Whether both sides hold a subheading: ``both``, ``only NAME``, or ``national`` where its chapter is
    left to each territory."""
    if code[:2] in NATIONAL:
        return NATIONAL_CHAPTER
    holding = [name for name, each in zip(names, held, strict=True) if code in each]
    return "both" if len(holding) == len(names) else only_in(holding[0])


def only_in(name: str) -> str:
    """The match of a subheading that one territory alone holds."""
    return f"only {name}"


def _by_heading(subheadings: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in sorted(subheadings):
        found.setdefault(code[:4], []).append(dotted(code))
    return found


def _instead(territory: str, heading: str, held: dict[str, list[str]]) -> str:
    """What the side that lacks a subheading holds of its heading."""
    return (
        f"{territory} holds of {heading}: {', '.join(held[heading])}"
        if heading in held
        else f"{territory} holds nothing of {heading}"
    )
