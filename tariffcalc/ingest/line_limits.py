"""Seasons and value brackets, read from the descriptions of an edition of the schedule.

A limit is in the words of a line or of a text above it, and holds for every line below.  "Other" after such
lines is for what they leave; "at any other time" likewise.  Words that do not say plainly which season, or
which value of one unit, set no limit: the value of a part of the good (a movement, a case), one limit for
some of the goods and another for the rest, an amount without a unit.
"""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tariffcalc.ingest.schedule_history import Row
from tariffcalc.law.line_limit import (
    COLUMNS,
    DAY,
    EVERYTHING,
    Spans,
    money,
    outside,
    read_limit,
    shared,
    show_limit,
)
from tariffcalc.units import unit

_NOISE = re.compile(r"<[^>]*>|\([0-9]{3}(?:,[ 0-9]+)*\)|\[[^\]]*\]")
_MONEY = r"(\$[0-9][0-9,]*(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?(?:¢| cents))"
_RANGES = (
    (rf"over {_MONEY} but not over {_MONEY}", "over", "not over"),
    (rf"{_MONEY} or (?:more|over) but (?:less than|under) {_MONEY}", "at least", "under"),
    (rf"{_MONEY} or (?:more|over) but not (?:more than|over) {_MONEY}", "at least", "not over"),
    (rf"{_MONEY} or (?:more|over)", "at least"),
    (rf"not (?:more than|over) {_MONEY}", "not over"),
    (rf"over {_MONEY}", "over"),
    (rf"(?:under|less than) {_MONEY}", "under"),
)
_UNIT = (
    r"(?:(?:/|per )?(each|pair|(?:proof )?liter|gross|dozen|kg|(?:square )?meter|piece|unit)\b(?: pieces)?(?:"
    r" or parts)?)?"
)
_VALUED = tuple(
    (re.compile(rf"(each )?valued {text} ?{_UNIT}", re.IGNORECASE), bounds) for text, *bounds in _RANGES
)
_ONE_LIMIT_OF_SEVERAL = re.compile(
    r";|, or |excluding the value|movement valued|\bvalued\b.*\bvalued\b", re.IGNORECASE
)

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAY = rf"({'|'.join(_MONTHS)}) ([0-9]+)"
_IN_ANY_YEAR = r"(?:,? in any year,?)?"
_PERIOD = re.compile(
    rf"\bperiod from {_DAY}{_IN_ANY_YEAR} to (?:the following )?(?:{_DAY}|the last day of the following"
    r" (february))",
    re.IGNORECASE,
)
_MONTH = re.compile(rf"\bthe month of ({'|'.join(_MONTHS)})", re.IGNORECASE)
_ENTERED = re.compile(r"\bentered\b", re.IGNORECASE)
_WHOLLY_OF_TIME = re.compile(r"if (?:imported and )?entered\b", re.IGNORECASE)
_WHOLLY_OF_VALUE = re.compile(r"(?:other, )?(?:each )?valued\b", re.IGNORECASE)
_OTHER = re.compile(r"other|if entered at any other time", re.IGNORECASE)
_LEFT_OPEN = re.compile(
    r"if entered for consumption outside the above stated period, or if withdrawn\b", re.IGNORECASE
)


class Found(NamedTuple):
    """The limit that words set; ``wholly`` where they say nothing else, so that "other" is for the rest."""

    unit: str
    spans: Spans
    words: str
    wholly: bool


class Limit(NamedTuple):
    """A limit of a line in an edition: unit and text, as a row of the table has them."""

    unit: str
    limit: str


class Setting(NamedTuple):
    """The place of a limit below its heading, and its words; both may change from edition to edition without
    a change of law."""

    place: str
    words: str


Limits = dict[str, dict[Limit, Setting]]  # by code


def limit_of(description: str) -> Found | None:
    """The limit that one description sets by itself.

    >>> limit_of("Valued over $3 but not over $6.50/pair").unit
    'prs'
    >>> limit_of("With movement valued over $15 each")
    """
    words = plain(description)
    seasons = [*map(_season, _PERIOD.findall(words)), *map(_month, _MONTH.findall(words))]
    if seasons and _ENTERED.search(words):
        spans = read_limit("; ".join(seasons), DAY)
        return Found(DAY, spans, words, _WHOLLY_OF_TIME.match(words) is not None)
    if _ONE_LIMIT_OF_SEVERAL.search(words):
        return None
    for pattern, bounds in _VALUED:
        found = pattern.search(words)
        if found is None:
            continue
        amounts = [money(text) for text in found.groups()[1 : 1 + len(bounds)]]
        wholly = _WHOLLY_OF_VALUE.match(words) is not None and found.end() == len(words)
        of = (
            found[1] or found.groups()[-1] or ("each" if wholly else "")
        )  # "valued over $500" alone is of one article
        if not of:
            return None
        text = ", ".join(f"{bound} {amount:f}" for bound, amount in zip(bounds, amounts, strict=True))
        of_unit = unit(of.strip()).name
        return Found(of_unit, read_limit(text, of_unit), words, wholly)
    return None


def plain(description: str) -> str:
    """A description without markup, references to textile categories and notes of the compiler."""
    return " ".join(_NOISE.sub(" ", description).split()).replace(" ,", ",").rstrip(" :;,.")


def _season(found: tuple[str, ...]) -> str:
    month, day, last_month, last_day, february = found
    first = f"{_MONTHS.index(month.lower()) + 1:02d}-{int(day):02d}"
    last = "02-29" if february else f"{_MONTHS.index(last_month.lower()) + 1:02d}-{int(last_day):02d}"
    return f"{first} to {last}"


def _month(name: str) -> str:
    number = _MONTHS.index(name.lower()) + 1
    return f"{number:02d}-01 to {number:02d}-{monthrange(2000, number)[1]}"


@dataclass
class _Text:
    """A row of an edition with the rows below it."""

    code: str
    words: str
    place: tuple[int, ...]
    below: list[_Text] = field(default_factory=list)


def limits_of(rows: Iterable[tuple[str, int, str]], lines: Container[str]) -> Limits:
    """The limits of the ``lines`` of an edition, from its rows in order: digits of the code, indent,
    description.

    A line has a row of its own where it says more than the eight-digit line above it.
    """
    found: Limits = {}
    for heading in _headings(rows):
        own = {each.unit: (each.spans, each.words) for each in _own(heading, ())}
        found |= _on_eight_digits(dict(_lines(heading, own)))
    return {code: limits for code, limits in found.items() if code in lines}


def _headings(rows: Iterable[tuple[str, int, str]]) -> Iterator[_Text]:
    path: list[_Text] = []
    for code, indent, description in rows:
        if indent == 0 and path:
            yield path[0]
        del path[indent:]
        above = path[-1] if path else None
        text = _Text(code, description, (*above.place, len(above.below) + 1) if above else ())
        if above:
            above.below.append(text)
        path.append(text)
    if path:
        yield path[0]


_Limits = Mapping[str, tuple[Spans, str]]  # by unit: what is left, and the words nearest to the line


def _lines(text: _Text, above: Mapping[str, tuple[Spans, str]]) -> Iterator[tuple[str, dict[Limit, Setting]]]:
    """The lines at and below a text with their limits; ``above`` holds by unit what the texts above leave,
    and their words."""
    if len(text.code) in (8, 10) and above:
        place = ".".join(map(str, text.place))
        yield (
            text.code,
            {
                Limit(each, show_limit(spans, each)): Setting(place, words)
                for each, (spans, words) in sorted(above.items())
            },
        )
    earlier: list[Found] = []
    for below in text.below:
        own = _own(below, earlier)
        earlier += own
        here = dict(above)
        for each in own:
            before = here.get(each.unit, (EVERYTHING, ""))[0]
            here[each.unit] = shared(before, each.spans), each.words
        yield from _lines(below, here)


def _own(text: _Text, earlier: Sequence[Found]) -> list[Found]:
    """The limits a text sets by its own words, or by taking what its neighbors leave."""
    limit = limit_of(text.words)
    if limit is not None:
        return [limit]
    words = plain(text.words)
    if _LEFT_OPEN.match(words):
        return [Found(DAY, EVERYTHING, words, False)]
    if not _OTHER.fullmatch(words):
        return []
    rest: dict[str, Spans] = {}
    for each in earlier:
        rest[each.unit] = shared(
            rest.get(each.unit, EVERYTHING), outside(each.spans) if each.wholly else EVERYTHING
        )
    return [Found(of_unit, spans, words, False) for of_unit, spans in rest.items()]


def _on_eight_digits(lines: Limits) -> Limits:
    """The same, without rows that repeat what the eight-digit line says; a line printed only with ten digits
    has its row on eight."""
    kept: Limits = {}
    for code, limits in lines.items():
        above = lines.get(code[:8])
        if above is None:
            kept.setdefault(code[:8] if [each[:8] for each in lines].count(code[:8]) == 1 else code, limits)
        elif code == code[:8] or limits.keys() != above.keys():
            kept[code] = limits
    return kept


def write_limits(rows: Iterable[Row[frozenset[Limit]]], settings: Limits, path: Path) -> int:
    """The table of limits; returns the number of its rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        written = 0
        for code, start, until, limits, by, ended_by in rows:
            if until == start:  # a misprint, corrected with effect from its first day
                continue
            for limit in sorted(limits):
                place, words = settings[code][limit]
                table.writerow((code, start, until, *limit, "", place, words, by, ended_by))
                written += 1
    return written
