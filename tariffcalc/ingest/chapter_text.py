"""Tariff chapters as text, with columns for code, goods, unit and two rates, read into a table of rates.

Some administrations publish their schedule as one document for each chapter; ``pdftotext -layout`` keeps its
columns apart.  A tariff line is a line of text that begins with eight digits; its unit and rate are at the
end of that line or, where the description is long, at the end of one of the next.  A rate of two parts ("20%"
or "Rs. 110 per piece, whichever is higher") may go on over the lines that follow.  Nothing is guessed: a line
whose rate cannot be read, or breaks off, is reported.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tariffcalc.errors import TariffError
from tariffcalc.io.targets import write_whole
from tariffcalc.law.duty_phrases import PLAIN
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.reading.folder import read_grammar
from tariffcalc.reading.where import territory_folder

_CODE = re.compile(r"^\s*(\d{4}) ?(\d\d) ?(\d\d)\b(?P<rest>.*)$")
_OTHER_CODE = re.compile(r"^\s*\d{4}(?: \d\d){0,2}(?:\s|$)")
_UNITS = r"(?:[uU]|[kK][gG]\.?|l|m|m[²2]|m[³3]|sq\.? ?(?:metre|mtr|m)\.?|t|pa|c/k|gi F/S|1000 ?kWh|Tu|mt)"
_RATE = r"\*{0,3}(?:(?i:free|nil)%?|\d+(?:\.\d+)?\s?%|Rs\.? ?\d.*?|\d+(?:\.\d+)?\s?% or .*?)"
_TAIL = re.compile(
    rf"^(?P<goods>.*?)\s{{2,}}(?P<unit>{_UNITS})\s+(?P<rate>{_RATE})(?:\s{{2,}}(?P<preferential>\S.*?))?\s*$"
)
# the second part of a rate, on a line of its own
_GOES_ON = re.compile(r"^(?:.*?\s{2,})?(?P<rest>or Rs\.? ?\d.*?)\s*$")
_ENDED = re.compile(r"\b(?:higher|lower)\.?$")
_SQUARE_METRE = re.compile(r"\bsq\.? ?(?:metre|mtr|m)\b\.?")


class ChapterLine(NamedTuple):
    """One tariff line of a chapter: its eight digits, the goods, the unit and the rate as printed (empty
    where it could not be read)."""

    code: str
    goods: str
    unit: str
    rate: str


def read_chapter(lines: Iterable[str]) -> Iterator[ChapterLine]:
    """The tariff lines of a chapter's text.

    >>> text = ["0101 21 00  - -  Pure-bred breeding animals      u     30%     -",
    ...         "0101 29 10  ---  Horses kept for the sport of",
    ...         "                 polo on fields of grass         u     Free    -",
    ...         "0101 30 10  ---  Asses                           u     see note"]
    >>> [(line.code, line.rate) for line in read_chapter(text)]
    [('01012100', '30%'), ('01012910', 'Free'), ('01013010', '')]
    """
    code, goods = "", ""
    found: ChapterLine | None = None  # a line whose rate may go on
    for line in lines:
        begins = _CODE.match(line)
        if begins or _OTHER_CODE.match(line):
            yield from _complete(found)
            if code:
                yield ChapterLine(code, _goods(goods), "", "")
            found, code = None, "".join(begins.groups()[:3]) if begins else ""
            line, goods = (begins["rest"] if begins else ""), ""
        if found:
            found = found._replace(rate=_joined(found.rate, line))
        if not code:
            continue
        tail = _TAIL.match(line)
        if tail:
            found = ChapterLine(
                code,
                _goods(f"{goods} {tail['goods']}"),
                tail["unit"].rstrip("."),
                " ".join(tail["rate"].split()),
            )
            code, goods = "", ""
        else:
            goods = f"{goods} {line.strip()}"
    yield from _complete(found)
    if code:
        yield ChapterLine(code, _goods(goods), "", "")


def _joined(rate: str, line: str) -> str:
    """A rate with what the next line of text adds to it: "or Rs. 110", then "per piece, whichever is
    higher"."""
    if " or " in f" {rate}" and not _ENDED.search(rate):
        columns = re.split(r"\s{2,}", line.strip())
        return f"{rate} {columns[-1]}".strip()
    more = _GOES_ON.match(line)
    return f"{rate} {more['rest']}" if more else rate


def _complete(line: ChapterLine | None) -> Iterator[ChapterLine]:
    """A line that was read; without its rate where that has two parts and breaks off before it says which of
    them counts."""
    if line is not None:
        broken = " or " in line.rate and not _ENDED.search(line.rate)
        yield line._replace(rate="" if broken else line.rate)


def _goods(text: str) -> str:
    return " ".join(text.replace("-", " ").split())


def chapters_to_table(
    texts: Iterable[str | Path],
    table: str | Path,
    by: str,
    on_or_after: str = "",
    tag: str = "P",
    territory: str | Path | None = None,
) -> tuple[int, list[str]]:
    """Write the rates of chapters (text files) as a table that ``rates_table.lay_over`` reads; they may use
    the phrases of a ``territory``.

    Returns
    -------
    int
        The rows written.
    list of str
        A sentence for each tariff line whose rate could not be read; it is not in the table.
    """
    grammar = PLAIN if territory is None else read_grammar(territory_folder(territory))
    rows, unread = [], []
    for path in map(Path, texts):
        for line in read_chapter(path.read_text(encoding="utf-8").splitlines()):
            try:
                if not line.rate:
                    raise ValueError("no unit and rate were found, or the rate breaks off")
                duty = _duty(line.rate)
                parse_duty(duty, grammar)
                rows.append([line.code, duty, by, on_or_after, tag])
            except (TariffError, ValueError) as error:
                unread.append(f"{path.name}: {line.code} {line.goods[:40]}: {error}")
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["commodity", "duty", "by", "on_or_after", "tag"])
    writer.writerows(rows)
    write_whole(table, stream.getvalue(), texts)
    return len(rows), unread


def _duty(rate: str) -> str:
    """A rate in the words of the seeds; stars mark footnotes."""
    plain = _SQUARE_METRE.sub("m2", re.sub(r"(\d) %", r"\1%", rate.lstrip("*")))
    return "none" if plain.rstrip("%").lower() in ("free", "nil") else plain
