"""The history of tariff lines, from what successive editions print: dated rows, one for each change of law.

Every rate is on an eight-digit row.  Where an edition prints a line only with ten digits, its rate moves to
an eight-digit row made for it, so a reader needs one rule: a code takes its own rate, or else that of the
longest shorter code that has one.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from tariffcalc.errors import Finding, SeedError

COLUMNS = ("code", "from", "until", "label", "units", "general", "special", "column2", "by", "ended_by")


class LineState(NamedTuple):
    """What an edition says of a line that is law: its units and its three rate texts."""

    units: str
    general: str
    special: str
    column2: str

    @property
    def rated(self) -> bool:
        """Whether the line carries a rate of its own."""
        return bool(self.general or self.special or self.column2)


@dataclass(frozen=True)
class Edition:
    """One edition: its name (``2025_rev_4``), the day its changes take effect, the day it was published."""

    name: str
    effective: str
    published: str
    source: str
    note: str

    @property
    def act(self) -> str:
        """The id of the edition among the acts.

        >>> Edition("2025_rev_4", "2025-03-12", "2025-03-12", "", "").act
        'HTS-2025-rev-4'
        """
        return "HTS-" + self.name.replace("_", "-")


class OtherDay(NamedTuple):
    """A change that takes effect on another day than the rest of its edition.

    ``code`` is a prefix.  ``known`` names the edition from which the public knew it where that is not the
    edition that prints it (a line that an earlier file left out by mistake); empty otherwise.
    """

    edition: str
    code: str
    effective: str
    known: str


class Label(NamedTuple):
    """What an edition calls a line: the day its changes take effect, and the short description."""

    effective: str
    text: str


State = TypeVar("State")


class Row(NamedTuple, Generic[State]):
    """One dated row of what editions say of a line: half-open window of ISO days; an empty ``until`` is still
    open.

    A row that ends on its first day was law until the act that ended it, with effect back to that day, was
    known.
    """

    code: str
    start: str
    until: str
    state: State
    by: str
    ended_by: str


def read_editions(path: Path) -> tuple[Edition, ...]:
    """The editions in their order: ``edition, effective, published, source, note``."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        return tuple(
            Edition(row["edition"], row["effective"], row["published"], row["source"], row["note"])
            for row in rows
        )


def read_exceptions(path: Path) -> tuple[OtherDay, ...]:
    """Lines whose change in an edition takes effect on another day:
    ``edition, code, effective, known, source``."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            OtherDay(row["edition"], row["code"], row["effective"], row["known"])
            for row in csv.DictReader(stream)
        )


def read_reused(path: Path) -> frozenset[tuple[str, str]]:
    """Numbers given to other goods, each with its day: those that are both an old and a new number of one day
    in the table of renumbered lines."""
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    old, new = (
        {(row[column].replace(".", ""), row["on_or_after"]) for row in rows} for column in ("old", "new")
    )
    return frozenset(old & new)


def put_rates_on_eight_digits(states: Mapping[str, LineState], where: str) -> dict[str, LineState]:
    """The same lines with every rate on an eight-digit row.

    A ten-digit row without an eight-digit row above it gets one, with its rate.  A ten-digit row that repeats
    the rate above it loses it; one that contradicts it is an error.  A ten-digit row with no rate and none
    above it is a misprint (there is no such line of law) and is left out.  An eight-digit row without units
    has those that all rows below it share.
    """
    eights = {code: state for code, state in states.items() if len(code) == 8}
    moved: dict[str, LineState] = {}
    findings = []
    for code, state in sorted(states.items()):
        if len(code) == 10 and state.rated:
            above = eights.get(code[:8]) or moved.get(code[:8])
            if above is None:
                moved[code[:8]] = state
            elif any(own not in ("", printed) for own, printed in zip(state[1:], above[1:], strict=True)):
                findings.append(
                    Finding("I020", f"the line {code} has a rate other than that of {code[:8]}", where)
                )
    if findings:
        raise SeedError(findings)
    legal = eights | moved
    below = {code: state for code, state in states.items() if len(code) == 10 and code[:8] in legal}
    shared: dict[str, set[str]] = {}
    for code, state in below.items():
        shared.setdefault(code[:8], set()).add(state.units)
    for code, units in shared.items():
        if code in moved or not legal[code].units:
            legal[code] = legal[code]._replace(units=units.pop() if len(units) == 1 else "")
    return legal | {code: LineState(state.units, "", "", "") for code, state in below.items()}


def history_of(
    editions: Sequence[Edition],
    lines: Mapping[str, Mapping[str, State]],
    exceptions: Iterable[OtherDay] = (),
    reused: Collection[tuple[str, str]] = (),
) -> list[Row[State]]:
    """Dated rows of every line, sorted by code and day.

    Parameters
    ----------
    editions : sequence of Edition
        In order of publication; those without lines are skipped.
    lines : mapping
        For each edition's name, the lines it prints and what it says of each.
    exceptions : iterable of OtherDay
        Changes that take effect on another day than the rest of their edition.  A day before the edition's
        own is a correction with effect back to that day: what earlier editions said from then on ends there
        once the correction is known, and counts on earlier days of knowledge.
    reused : collection of (code, day)
        Numbers that stand for other goods from a day on: a row of their own begins there, though the edition
        says the same of them.
    """
    held = [edition for edition in editions if edition.name in lines]
    special = list(exceptions)
    codes = sorted({code for edition in held for code in lines[edition.name]})
    return [row for code in codes for row in _history_of_line(code, held, lines, special, reused)]


def _history_of_line(
    code: str,
    held: Sequence[Edition],
    lines: Mapping[str, Mapping[str, State]],
    exceptions: Sequence[OtherDay],
    reused: Collection[tuple[str, str]],
) -> list[Row[State]]:
    first = held[0].effective
    acts = {edition.name: edition.act for edition in held}
    rows: list[Row[State]] = []
    before: State | None = None
    for edition in held:
        now = lines[edition.name].get(code)
        if now == before and (code, edition.effective) not in reused:
            continue
        before = now
        stated = [each for each in exceptions if each.edition == edition.name and code.startswith(each.code)]
        day = max(stated[-1].effective if stated else edition.effective, first)
        by = acts[stated[-1].known] if stated and stated[-1].known else edition.act
        if any(row.until > day for row in rows if row.until):
            raise SeedError(
                [
                    Finding(
                        "I026",
                        f"{edition.name}: the change of {code} reaches back before an earlier change of it",
                        "dates.csv",
                    )
                ]
            )
        if rows and not rows[-1].until:
            rows[-1] = rows[-1]._replace(until=max(day, rows[-1].start), ended_by=by)
        if now is not None:
            rows.append(Row(code, day, "", now, by, ""))
    return rows


def write_chapters(
    rows: Iterable[Row[LineState]], labels: Mapping[str, Sequence[Label]], folder: Path
) -> int:
    """One ``chapter-NN.csv`` for each chapter that has lines; returns the number of rows written.

    A row is called what the last edition of its days calls it.
    """
    chapters: dict[str, list[Row[LineState]]] = {}
    for row in rows:
        chapters.setdefault(row.code[:2], []).append(row)
    for chapter, its_rows in sorted(chapters.items()):
        with (folder / f"chapter-{chapter}.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(COLUMNS)
            for code, start, until, state, by, ended_by in its_rows:
                table.writerow(
                    (code, start, until, _label_until(labels.get(code, ()), until), *state, by, ended_by)
                )
    return sum(map(len, chapters.values()))


def _label_until(labels: Sequence[Label], until: str) -> str:
    held = [label.text for label in labels if not until or label.effective < until] or [
        label.text for label in labels[:1]
    ]
    return held[-1] if held else ""


def write_acts(editions: Iterable[Edition], path: Path) -> None:
    """The editions as acts; a note that opens with a tag in square brackets gives the act that tag."""
    entries = ["# Written by the ingest from editions.csv: correct that file and run the ingest again.\n"]
    for edition in editions:
        year, _, revision = edition.name.partition("_")
        derived = revision == "derived"
        title = (
            f"Schedule of {year}, derived"
            if derived
            else f"Schedule edition {year}, {revision.replace('rev_', 'revision ')}"
        )
        tagged = edition.note[:1] == "["
        tag = edition.note[1 : edition.note.index("]")] if tagged else "P"
        note = edition.note[edition.note.index("]") + 1 :].strip() if tagged else edition.note
        kind = "derived schedule" if derived else "schedule edition"
        entry = f"- id: {edition.act}\n  kind: {kind}\n  title: {title}\n  known: {edition.published}\n"
        entry += f'  citation: "{edition.source}"\n  tag: {tag}\n'
        entries.append(entry + (f'  note: "{note}"\n' if note else ""))
    path.write_text("\n".join(entries), encoding="utf-8")
