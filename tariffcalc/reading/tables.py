"""CSV tables of the seeds: product lists, the schedule, preferences, geography, and measures that the law
itself writes as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import InvalidOperation
from functools import lru_cache
from pathlib import Path

from tariffcalc.codes import plain_code
from tariffcalc.errors import Finding, SeedError, UnknownUnit
from tariffcalc.law.duty_phrases import DutyPhrase, read_phrase
from tariffcalc.law.geography import Origin
from tariffcalc.law.line_limit import COLUMNS, DAY, LineLimit, read_limit
from tariffcalc.law.near import meant
from tariffcalc.law.schedule import Preference, Renumbered, TariffLine
from tariffcalc.law.selection import Member, NamedSet, read_area, read_products
from tariffcalc.moments import ALWAYS, NEVER, parse_moment
from tariffcalc.tags import TAGS, Tag
from tariffcalc.units import unit
from tariffcalc.windows import Window


def read_rows(
    path: Path,
    required: tuple[str, ...],
    filled: tuple[str, ...] = (),
    optional: tuple[str, ...] | None = None,
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers.

    Raises SeedError where a column is missing, a row is ragged, or a cell of a column that is to be
    ``filled`` is empty; and for a column that is neither required nor ``optional``, where those are given.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, restkey="*", restval=None)
        missing = [name for name in required if name not in (reader.fieldnames or ())]
        if missing:
            raise SeedError([Finding("S004", f"the column {missing[0]!r} is missing", path.name, 1)])
        known = (*required, *filled, *(optional or ()))
        if optional is not None:
            _refuse_others(path, reader.fieldnames or (), tuple(dict.fromkeys(known)))
        for row in reader:
            if "*" in row or None in row.values():
                raise SeedError(
                    [
                        Finding(
                            "S005",
                            "the row has more or fewer cells than the header",
                            path.name,
                            reader.line_num,
                        )
                    ]
                )
            empty = [name for name in filled if not row[name].strip()]
            if empty:
                raise SeedError(
                    [Finding("S014", f"the cell of {empty[0]!r} is empty", path.name, reader.line_num)]
                )
            yield reader.line_num, row


def _refuse_others(path: Path, columns: Iterable[str], known: tuple[str, ...]) -> None:
    """Raise SeedError for columns that nothing reads."""
    others = [name for name in columns if name not in known]
    if others:
        raise SeedError(
            [
                Finding(
                    "S004",
                    f"the column {name!r} is not read: there are {', '.join(known)}{meant(name, known)}",
                    path.name,
                    1,
                )
                for name in others
            ]
        )


@contextmanager
def cells_of(path: Path, line: int) -> Iterator[None]:
    """A cell that cannot be read is a finding about its row."""
    try:
        yield
    except (ValueError, InvalidOperation) as error:
        raise _refused(path, line, error) from None


def _refused(path: Path, line: int, error: Exception) -> SeedError:
    return SeedError([Finding("S006", str(error), path.name, line)])


@lru_cache(maxsize=4096)
def acts_of(text: str | None) -> tuple[str, ...]:
    """Acts joined with ``|`` or spaces in a cell."""
    return tuple((text or "").replace("|", " ").split())


def window_of(row: dict[str, str], start: str = "from", end: str = "until") -> Window:
    """The window of a row whose empty cells are open sides."""
    given = {"on_or_after": row.get(start) or ALWAYS, "before": row.get(end) or NEVER}
    return Window.model_validate(given)


@lru_cache(maxsize=4096)
def _moment(text: str) -> int:
    return parse_moment(text)


def days_of(row: dict[str, str]) -> tuple[int, int]:
    """The same window as two moments, for tables of many rows."""
    start, end = row.get("from"), row.get("until")
    window = _moment(start) if start else ALWAYS, _moment(end) if end else NEVER
    # which says what is wrong
    return window if window[0] < window[1] else (window_of(row).on_or_after, window[1])


LIST_COLUMNS = ("from", "until", "ended_by", "note", "except", "tag")


def read_list(path: Path) -> NamedSet:
    """A product list: ``code, from, until, by, ended_by, note``; ``except`` = yes for a code taken out of a
    longer prefix; ``tag``."""
    members = []
    for line, row in read_rows(path, ("code", "by"), ("code", "by"), LIST_COLUMNS):
        try:
            days = days_of(row)
            acts = acts_of(row["by"]), acts_of(row.get("ended_by"))
            excepted = row.get("except") == "yes"
            members.append(
                Member(plain_code(row["code"]), *days, *acts, excepted, row.get("note") or "", _tag(row))
            )
        except (ValueError, InvalidOperation) as error:
            raise _refused(path, line, error) from None
    return NamedSet(name=path.stem, members=tuple(members), file=path.name)


def _tag(row: dict[str, str]) -> Tag:
    """How certain a row is; that of a text read where the row says nothing."""
    given = row.get("tag") or TAGS[0]
    found = next((tag for tag in TAGS if tag == given), None)
    if found is None:
        raise ValueError(f"the tag {given!r} is none of {', '.join(TAGS)}")
    return found


def read_schedule(folder: Path) -> tuple[TariffLine, ...]:
    """Every ``chapter-NN.csv`` of a schedule folder."""
    days: dict[str, int] = {}

    def moment(text: str, otherwise: int) -> int:
        if not text:
            return otherwise
        if text not in days:
            days[text] = parse_moment(text)
        return days[text]

    lines: list[TariffLine] = []
    columns = ("code", "from", "until", "label", "units", "general", "special", "column2", "by", "ended_by")
    for path in sorted(folder.glob("chapter-*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            if tuple(next(reader, ())) != columns:
                raise SeedError([Finding("S004", f"the columns must be {', '.join(columns)}", path.name, 1)])
            for row in reader:
                if len(row) != len(columns):
                    raise SeedError(
                        [
                            Finding(
                                "S005",
                                "the row has more or fewer cells than the header",
                                path.name,
                                reader.line_num,
                            )
                        ]
                    )
                code, start, end, label, units, general, special, column2, by, ended_by = row
                split_units = tuple(units.split("|")) if units else ()
                if not code:
                    raise SeedError(
                        [Finding("S014", "the cell of 'code' is empty", path.name, reader.line_num)]
                    )
                try:
                    days_held = moment(start, ALWAYS), moment(end, NEVER)
                except ValueError as error:
                    raise _refused(path, reader.line_num, error) from None
                lines.append(
                    TariffLine(code, *days_held, label, split_units, general, special, column2, by, ended_by)
                )
    return tuple(lines)


def read_renumbered(path: Path) -> tuple[Renumbered, ...]:
    """The table of numbers that became others: ``old, new, on_or_after, by``, and if wanted ``tag, note``;
    none without the file."""
    required = ("old", "new", "on_or_after", "by")
    rows = []
    for line, row in read_rows(path, required, filled=required) if path.is_file() else ():
        with cells_of(path, line):
            numbers = plain_code(row["old"]), plain_code(row["new"])
            rows.append(
                Renumbered(
                    *numbers,
                    parse_moment(row["on_or_after"]),
                    acts_of(row["by"]),
                    _tag(row),
                    row.get("note") or "",
                )
            )
    return tuple(rows)


def read_limits(path: Path) -> tuple[LineLimit, ...]:
    """The table of seasons and value brackets:
    ``code, from, until, unit, limit, currency, place, words, by, ended_by``; none without the file."""
    limits = []
    for line, row in read_rows(path, COLUMNS) if path.is_file() else ():
        try:
            days = days_of(row)
            of_unit = row["unit"] if row["unit"] == DAY else unit(row["unit"]).name
            read_limit(row["limit"], of_unit)
            place = tuple(row["place"].split(".")) if row["place"] else ()
            acts = acts_of(row["by"]), acts_of(row["ended_by"])
            limits.append(
                LineLimit(
                    plain_code(row["code"]),
                    *days,
                    of_unit,
                    row["limit"],
                    row["currency"],
                    place,
                    row["words"],
                    *acts,
                )
            )
        except (ValueError, UnknownUnit) as error:
            raise SeedError([Finding("S013", str(error), path.name, line)]) from None
    return tuple(limits)


def read_preferences(path: Path) -> tuple[Preference, ...]:
    """The table of special programs: ``spi, origin, from, until, by, note``, and if wanted ``goods,
    under``."""
    rows = []
    for line, row in read_rows(
        path, ("spi", "origin", "from", "until", "by", "note"), filled=("spi", "origin", "by")
    ):
        with cells_of(path, line):
            window = window_of(row)
            read_area(row["origin"])
            goods = read_products(row["goods"]) if row.get("goods") else None
        days = window.on_or_after, window.before
        rows.append(
            Preference(
                row["spi"],
                row["origin"],
                *days,
                acts_of(row["by"]),
                row["note"],
                goods,
                row.get("under") or "",
            )
        )
    return tuple(rows)


def read_spi_names(path: Path) -> dict[str, str]:
    """The names of agreements and preference programs, each with the special program indicator that claims
    it; none where there is no table."""
    return {row["name"]: row["spi"] for _, row in read_rows(path, ("name", "spi"))} if path.is_file() else {}


def read_duty_phrases(path: Path) -> tuple[DutyPhrase, ...]:
    """The phrases of duty texts: ``kind, phrase, means, unit, lends``, and if wanted ``note``; none where
    there is no table."""
    required = ("kind", "phrase", "means", "unit", "lends")
    found: dict[tuple[str, str], DutyPhrase] = {}
    for line, row in read_rows(path, required, required[:3]) if path.is_file() else ():
        with cells_of(path, line):
            phrase = read_phrase(row)
            if (phrase.kind, phrase.phrase) in found:
                raise ValueError(f"the phrase {phrase.phrase!r} is written twice")
        found[phrase.kind, phrase.phrase] = phrase
    return tuple(found.values())


def read_geography(path: Path) -> tuple[Origin, ...]:
    """Origins: ``code, iso3, census, name, also``; ``also`` holds further names joined with ``|``."""
    origins = []
    for _, row in read_rows(path, ("code", "iso3", "census", "name", "also"), filled=("code", "name")):
        also = (row["iso3"], *row["census"].split("|"), *row["also"].split("|"))
        origins.append(Origin(row["code"], row["name"], tuple(name for name in also if name)))
    return tuple(origins)
