"""Rules that hold the rates of the schedule against what another text says of them: the table
``schedule/second-source.csv``.

A schedule that was read by a machine, or copied line by line, has errors that no rule about form can see.
What a second text says of the same lines finds them.  Each row of the table names lines, days, and what their
own rate must be:

==========================  =============================================================================
``says``                    the rate of each line that the row names
==========================  =============================================================================
``part by quantity``        has a part for each unit (``20%, at least ₹90/no``), or is not held
``one of 5%, 10%``          is one of these; a duty with a part by quantity, or one not held, is passed over
a duty, as ``7.5%``         is that duty
==========================  =============================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tariffcalc.checking.places import chapter, finding_in
from tariffcalc.codes import dotted
from tariffcalc.errors import Finding, TariffError
from tariffcalc.law.duty import Duty
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.schedule import TariffLine
from tariffcalc.law.selection import Selection, read_products
from tariffcalc.moments import show_moment
from tariffcalc.reading.tables import read_rows, window_of
from tariffcalc.windows import Window

TABLE = "schedule/second-source.csv"
COLUMNS = ("products", "on_or_after", "before", "says", "by")
BY_QUANTITY = "part by quantity"
ONE_OF = "one of "
_PER_CENT = re.compile(r"(\d+(?:\.\d+)?) ?%")


class SecondSource(NamedTuple):
    """One row of the table: the lines, the days, what is said of their rate, which text says it, and where
    the row stands."""

    products: Selection
    window: Window
    says: str
    by: str
    line: int


def read_second_sources(folder: Path) -> Iterator[SecondSource]:
    """The rows of the table; none without it."""
    path = folder / TABLE
    for line, row in read_rows(path, COLUMNS, filled=("products", "says", "by")) if path.is_file() else ():
        yield SecondSource(
            read_products(row["products"]),
            window_of(row, "on_or_after", "before"),
            row["says"],
            row["by"],
            line,
        )


def d016_a_second_source_says_the_same(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D016: what a second text says of the rate of a line is what the line holds; the row can be read and
    names what is in the seeds."""
    for source in read_second_sources(folder):
        wrong = list(_unreadable(source, book))
        yield from wrong
        if wrong:
            continue
        found = [line for line in book.schedule if _named(source, line, book)]
        if not found:
            yield Finding(
                "D016",
                f"{source.products.text[:80]} covers no tariff line of the schedule on those days",
                TABLE,
                source.line,
            )
        for line in found:
            if not _agrees(source.says, parse_duty(line.general, book.duty_grammar), book.duty_grammar):
                message = (
                    f"{dotted(line.code)} from {show_moment(line.start)}: the schedule holds"
                    f" {line.general!r}, {source.by} says {source.says!r}"
                )
                yield Finding("D016", message, TABLE, source.line)


def _unreadable(source: SecondSource, book: Rulebook) -> Iterator[Finding]:
    """What is wrong with a row itself."""
    for each in sorted(set(source.by.split("|")) - set(book.acts)):
        yield Finding("D016", f"the act {each!r} is not in the table of acts", TABLE, source.line)
    for name in sorted(set(source.products.named) - set(book.lists)):
        yield Finding("D016", f"there is no list {name!r}", TABLE, source.line)
    try:
        _agrees(source.says, Duty(text=""), book.duty_grammar)
    except TariffError as error:
        yield Finding("D016", str(error), TABLE, source.line)


def _named(source: SecondSource, line: TariffLine, book: Rulebook) -> bool:
    """Whether a row is about a line on one of its days."""
    if Window(on_or_after=line.start, before=line.end).overlap(source.window) is None or not line.general:
        return False
    lists = [member.item for name in source.products.named for member in book.lists[name].members]
    taken = source.products.everything or line.code.startswith((*source.products.items, *lists))
    return taken and not line.code.startswith(source.products.except_items)


def _agrees(says: str, duty: Duty, grammar: DutyGrammar) -> bool:
    by_quantity = any(amount.startswith("quantity ") for amount in duty.amounts())
    if says == BY_QUANTITY:
        return by_quantity or not duty.held
    if says.startswith(ONE_OF):
        allowed = [parse_duty(text.strip(), grammar) for text in says.removeprefix(ONE_OF).split(",")]
        return by_quantity or not duty.held or any(duty.terms == each.terms for each in allowed)
    said = parse_duty(says, grammar)
    return duty.held and (duty.terms, duty.at_least, duty.at_most) == (
        said.terms,
        said.at_least,
        said.at_most,
    )


def d017_a_rate_is_no_word_of_the_goods(book: Rulebook, folder: Path) -> Iterator[Finding]:
    """D017: a rate that was read from a copy is no word or figure of the description, where other lines of
    the heading have another rate."""
    headings: dict[str, set[str]] = {}
    for line in book.schedule:
        headings.setdefault(line.code[:4], set()).add(line.general)
    for line in book.schedule:
        act = book.acts.get(line.by)
        copied = act is not None and act.tag not in ("P", "P*")
        if copied and len(headings[line.code[:4]]) > 1 and _in_words(line.general, line.label):
            message = (
                f"{dotted(line.code)}: the rate {line.general!r} is also in the description {line.label!r}:"
                " look it up, and cite a text read for it"
            )
            yield finding_in(
                "D017", message, chapter(folder, line), folder, {"code": line.code, "from": line.start}
            )


def _in_words(rate: str, label: str) -> bool:
    """Whether the rate, "Free" or a percentage, is a word or a figure of the description."""
    words = label.lower()
    if rate.lower() in ("free", "none", "nil"):
        return re.search(r"\bfree", words) is not None
    percentage = _PER_CENT.fullmatch(rate)
    if percentage is None:
        return False
    return re.search(rf"(?<![\d.]){re.escape(percentage[1])} ?(?:%|per ?cent)", words) is not None
