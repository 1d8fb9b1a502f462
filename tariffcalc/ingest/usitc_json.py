"""The official schedule in its JSON form, edition by edition, into the dated rows of the seeds.

Run as ``python -m tariffcalc.ingest.usitc_json EDITIONS_DIR OUT_DIR``.  ``OUT_DIR`` holds ``editions.csv``
(the day each edition's changes take effect, taken from its change record) and ``dates.csv`` (changes that
take effect on another day), and may hold ``renumbered.csv`` (numbers that became others); the run writes
``chapter-NN.csv``, ``limits.csv`` and ``acts.yaml`` beside them.  Running it again changes no byte.  A rate
text that the grammar cannot read stops the run.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tariffcalc.errors import Finding, SeedError, TariffError
from tariffcalc.ingest.line_label import label_of
from tariffcalc.ingest.line_limits import Limit, Limits, limits_of, write_limits
from tariffcalc.ingest.schedule_history import (
    Label,
    LineState,
    Row,
    history_of,
    put_rates_on_eight_digits,
    read_editions,
    read_exceptions,
    read_reused,
    write_acts,
    write_chapters,
)
from tariffcalc.law.duty_phrases import DutyGrammar, grammar_of
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.special_column import tidy_special
from tariffcalc.reading.folder import PHRASES
from tariffcalc.reading.tables import read_duty_phrases
from tariffcalc.units import unit

LAST_CHAPTER = 98  # later chapters hold programs, not lines
_NAME = re.compile(
    r"(?P<year>20[0-9]{2})[^0-9a-z]*(?:(?P<basic>basic)|rev(?:ision)?_?(?P<number>[0-9]+))", re.IGNORECASE
)
_DERIVED = re.compile(r"(?P<day>20[0-9]{2}-[0-9]{2}-[0-9]{2})_derived")
_KEYS = ("htsno", "indent", "description", "units", "general", "special", "other")


def edition_of(path: Path) -> str | None:
    """The name of the edition a file holds, from its file name; None for other files.

    An edition of the same form that somebody made of an official one and a list of its changes is named by
    its day, and says that it is derived.

    >>> edition_of(Path("hts_2025_rev_4.json.gz")), edition_of(Path("hts_2026_revision_2_json.json"))
    ('2025_rev_4', '2026_rev_2')
    >>> edition_of(Path("hts_2026-07-01_derived_ch01-98.json.gz"))
    '2026-07-01_derived'
    """
    if not path.name.endswith((".json", ".json.gz")):
        return None
    derived = _DERIVED.search(path.name)
    if derived is not None:
        return f"{derived['day']}_derived"
    found = _NAME.search(path.name)
    if found is None:
        return None
    return f"{found['year']}_basic" if found["basic"] else f"{found['year']}_rev_{int(found['number'])}"


def read_edition(content: bytes, where: str) -> list[dict[str, Any]]:
    """The rows of one edition; accepts the plain list and the export that wraps it in an object."""
    try:
        rows = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except (OSError, ValueError, EOFError) as error:
        raise SeedError([Finding("I022", f"not a JSON edition of the schedule: {error}", where)]) from None
    if isinstance(rows, dict):
        rows = next((value for value in rows.values() if isinstance(value, list)), None)
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        raise SeedError([Finding("I022", "not an edition of the schedule: expected a list of rows", where)])
    missing = [key for key in _KEYS if key not in rows[0]]
    if missing:
        raise SeedError([Finding("I022", f"rows lack the key {missing[0]!r}", where)])
    return rows


def lines_of(
    rows: Sequence[dict[str, Any]], where: str, grammar: DutyGrammar
) -> tuple[dict[str, LineState], dict[str, tuple[str, ...]]]:
    """The lines an edition prints, and the descriptions from the heading down to each.

    Raises
    ------
    SeedError
        Naming every text that cannot be read, and every line printed twice or against the line above it.
    """
    states: dict[str, LineState] = {}
    chains: dict[str, tuple[str, ...]] = {}
    findings = []
    for code, row, chain in _walk(rows):
        if len(code) not in (8, 10) or int(code[:2]) > LAST_CHAPTER:
            continue
        try:
            state = LineState(
                _units(tuple(row["units"] or ())),
                _duty(row["general"] or "", grammar),
                _special(row["special"] or "", grammar),
                _duty(row["other"] or "", grammar),
            )
        except TariffError as error:
            findings.append(Finding("I023", f"line {code}: {error}", where))
            continue
        if code in states:
            findings.append(Finding("I024", f"the line {code} is printed twice", where))
        states[code], chains[code] = state, chain
    if findings:
        raise SeedError(findings)
    lines = put_rates_on_eight_digits(states, where)
    for code in [code for code in states if len(code) == 10]:
        chains.setdefault(code[:8], chains[code])
    return lines, chains


def _texts(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, int, str]]:
    """Every row as its digits, its indent and its description."""
    for row in rows:
        yield _digits(row), int(row["indent"] or 0), row["description"] or ""


def _digits(row: dict[str, Any]) -> str:
    return re.sub(r"<[^>]*>|[^0-9]", "", row["htsno"] or "")


def _walk(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Every row with its digits and the descriptions above it, from the heading down."""
    chain: list[str] = []
    for row, (code, level, description) in zip(rows, _texts(rows), strict=True):
        del chain[level:]
        chain += [""] * (level - len(chain)) + [description]
        yield code, row, tuple(chain)


@cache
def _units(printed: tuple[str, ...]) -> str:
    """Units by their canonical names, joined with a bar.

    >>> _units(("No. and kg", " ")), _units(("<u>kg</u>", "pf.liters"))
    ('no|kg', 'kg|pf_liter')
    """
    each = [part.strip() for text in printed for part in re.sub(r"<[^>]*>", "", text).split(" and ")]
    return "|".join(dict.fromkeys(unit(part).name for part in each if part))


@cache
def _duty(printed: str, grammar: DutyGrammar) -> str:
    """A rate text in its one spelling, once it is known to be readable."""
    text = grammar.tidy(printed)
    if text:
        parse_duty(text, grammar)
    return text


@cache
def _special(printed: str, grammar: DutyGrammar) -> str:
    return tidy_special(printed, grammar) if printed.strip() else ""


def ingest(editions_dir: Path, out_dir: Path) -> list[str]:
    """Read every edition and write the schedule; returns the lines of the report.

    Parameters
    ----------
    editions_dir, out_dir : Path
        The editions; and the folder ``schedule`` of the territory, beside whose table of phrases
        (``duty-phrases.csv``) it lies.

    Raises
    ------
    SeedError
        An edition is not in ``editions.csv``, a text cannot be read, or a line contradicts the line above it.
    """
    editions = read_editions(out_dir / "editions.csv")
    grammar = grammar_of(read_duty_phrases(out_dir.parent / PHRASES))
    files = {name: path for path in sorted(editions_dir.iterdir()) if (name := edition_of(path)) is not None}
    unlisted = sorted(files.keys() - {edition.name for edition in editions})
    if unlisted or not files:
        told = (
            "add a row with the day its changes take effect"
            if unlisted
            else f"no edition found in {editions_dir}"
        )
        raise SeedError([Finding("I025", f"{', '.join(unlisted)}: {told}".lstrip(": "), "editions.csv")])
    lines: dict[str, dict[str, LineState]] = {}
    limits: dict[str, dict[str, frozenset[Limit]]] = {}
    settings: Limits = {}
    labels: dict[str, list[Label]] = {}
    same: dict[str, str] = {}
    report, previous = [], ""
    for edition in editions:
        if edition.name not in files:
            report.append(f"{edition.name}: no file; skipped")
            continue
        content = files[edition.name].read_bytes()
        digest = hashlib.sha256(
            gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        ).hexdigest()
        printed = read_edition(content, files[edition.name].name)
        read, its_chains = lines_of(printed, files[edition.name].name, grammar)
        lines[edition.name] = read
        limited = limits_of(_texts(printed), read)
        limits[edition.name] = {code: frozenset(each) for code, each in limited.items()}
        for code, each in limited.items():
            settings.setdefault(code, {}).update(each)
        for code, chain in its_chains.items():
            labels.setdefault(code, []).append(Label(edition.effective, label_of(chain)))
        report.append(_changes(edition.name, lines.get(previous, {}), read, same.get(digest, "")))
        same[digest] = previous = edition.name
    exceptions = read_exceptions(out_dir / "dates.csv")
    rows = history_of(editions, lines, exceptions, read_reused(out_dir / "renumbered.csv"))
    written = write_chapters(rows, labels, out_dir)
    limit_rows = write_limits(history_of(editions, limits, exceptions), settings, out_dir / "limits.csv")
    write_acts(editions, out_dir / "acts.yaml")
    return [*report, _totals(rows, written), f"{limit_rows} rows of seasons and value brackets"]


def _changes(name: str, before: dict[str, LineState], now: dict[str, LineState], same_as: str) -> str:
    added, gone = len(now.keys() - before.keys()), len(before.keys() - now.keys())
    changed = sum(before[code] != now[code] for code in before.keys() & now.keys())
    note = f" (the same file as {same_as})" if same_as else ""
    return f"{name}: {len(now)} lines, {added} new, {gone} ended, {changed} changed{note}"


def _totals(rows: Sequence[Row[LineState]], written: int) -> str:
    digits = Counter(len(code) for code in {row.code for row in rows})
    return f"{written} rows of {digits[8]} eight-digit and {digits[10]} ten-digit codes"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 1 with every finding when the editions cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m tariffcalc.ingest.usitc_json", description=__doc__)
    parser.add_argument("editions_dir", type=Path, help="folder of the editions, JSON or gzipped JSON")
    parser.add_argument("out_dir", type=Path, help="folder with editions.csv, where the chapters are written")
    given = parser.parse_args(arguments)
    try:
        report = ingest(given.editions_dir, given.out_dir)
    except (SeedError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
