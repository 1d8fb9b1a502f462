"""The files of a new program: its skeleton with every required key, its coverage entry and a first case,
ready to be filled in from the text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from tariffcalc.codes import dotted, plain_code
from tariffcalc.errors import OptionError
from tariffcalc.io.targets import write_whole
from tariffcalc.law.duty import Duty
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import NamedSet, Selection, read_area, read_products
from tariffcalc.moments import parse_moment, show_moment
from tariffcalc.reading.folder import read_folder
from tariffcalc.reading.where import is_installed, territory_folder

_NAME = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+")
_PLAIN = re.compile(r"\w[\w%.]*( [\w%.]+)*")  # what YAML takes as it is, also within braces
_VALUE = 1000  # of the line of the first case
_NEARLY = 0.7  # of the programs

PROGRAM = """\
# {name}: what is written here is a skeleton.  Replace each line marked TODO by what the text says, and mark
# in doubt (tag) what you have not read.
program: {name}
title: {title}                        # TODO as shown in tables and explanations
authority: TODO                       # the statute and the order
legal_text: TODO note and headings
status: partial                       # complete, once nothing is left out
charged_on: customs value             # or several bases, see the seeds' README
reviewed: {{through: {day}, against: TODO the edition or the order that was read}}
note: TODO what is held, and what not.
acts:
  # the day on which the public could know it
  - {{id: {act}, kind: order, title: TODO, known: {day}, citation: TODO, tag: U}}
# facts: what a measure asks of a line beyond its goods, its origin and its days
# TODO which programs are not charged beside this one; with heading, where one is declared for that
stacking:
  # - {{program: OTHER, to: {name}, heading: 9903.00.00, by: {act}}}
{stacking}measures:
  - id: duty
    title: TODO
    # heading: 9903.00.00
    origin: {origin}
    products: {products}
    history:
      - {{entered: {{on_or_after: {day}}}, duty: {duty}, by: {act}}}
  # An exemption is a measure of its own that goes before the duty:
  # - id: exempt
  #   products: list NAME
  #   instead_of: duty
  #   history:
  #     - {{entered: {{on_or_after: {day}}}, duty: none, by: {act}}}
"""

COVERAGE = """\
# Coverage of {heading}.

- program: {name}
  state: partial
  from: {day}
  reviewed_through: {day}
  left_out:
    - TODO what the text says and the measures do not hold
  doubts:
    - {{tag: U, doubt: The text has not been read yet.}}
"""

CASE = """\
# {heading}: cases written from the text.  The amount comes from the text and from arithmetic, never from the
# library.

- case: {case}
  title: TODO what the case shows
  source: TODO where the text says so
  arithmetic: {arithmetic}
  entered: {day}
  lines:
    - {{commodity: {commodity}, origin: {of_case}, value: {value}}}
  expect:
    postings:
      - {{line: 1, program: {name}, {expected}}}
"""


def new_program(
    name: str,
    territory: str | Path = "us",
    *,
    title: str = "",
    duty: str = "10%",
    origin: str = "any",
    products: str = "",
    on_or_after: str = "",
) -> list[Path]:
    """Write the files of a new program into the seeds of a territory, such that ``check`` accepts them and
    the case holds.

    Parameters
    ----------
    name : str
        The id, which begins with that of the territory: ``us.s999.umbrellas``.
    territory : str or path
        A territory of a checkout by name, or a folder of seeds.
    title, duty, origin, products, on_or_after : str, optional
        As in a file of seeds; without them 10% on the goods of any origin under the first line of the
        schedule from today.

    Returns
    -------
    list of Path
        The program, its coverage entry and its first case.

    Raises
    ------
    OptionError
        For a name of another form or of a program that is there, a file that is there, goods or a day of
        which no law is held.
    SeedError
        For seeds that cannot be read.
    DutyTextError
        For a duty that cannot be read.
    ValueError
        For goods, an origin or a day that cannot be read.
    """
    folder = territory_folder(territory)
    if is_installed(folder):
        raise OptionError(
            "the bundled seeds are those of an installed package: give a folder of seeds of your own, or work"
            " in a checkout"
        )
    book = read_folder(folder)
    own = book.territory.territory
    if not _NAME.fullmatch(name) or not name.startswith(f"{own}."):
        raise OptionError(
            f"the program is {name!r}: write {own}.NAME in small letters, digits and hyphens, for example"
            f" {own}.s999.umbrellas"
        )
    if name in book.programs:
        raise OptionError(f"there already is a program {name}: {book.programs[name].file}")
    day = on_or_after or date.today().isoformat()
    read, goods, moment = (
        parse_duty(duty, book.duty_grammar),
        read_products(products or _first_line(book, day)),
        parse_moment(day),
    )
    if not book.territory.held.on_or_after <= moment < book.territory.held.before:
        raise OptionError(f"{day} is outside the law held, {book.territory.held}: give on_or_after")
    slug = name.removeprefix(f"{own}.").replace(".", "-")
    title = title or slug.replace("-", " ").capitalize()
    words = {
        "name": name, "heading": " ".join(title.split()), "day": day, "act": f"ACT-{slug.upper()}",
        "case": f"{slug}-1",
        "commodity": dotted(_line_under(book, goods, moment)),
        "of_case": _origin_of(book, read_area(origin), moment), "value": _VALUE,
    }  # fmt: skip
    words |= {
        "title": _scalar(title),
        "origin": _scalar(origin),
        "products": _scalar(goods.text),
        "duty": _scalar(duty),
    }
    arithmetic, words["expected"] = _expected(read)
    words["arithmetic"] = _scalar(arithmetic)
    words["stacking"] = "".join(_stacked(book, name))
    return _write_files(folder, slug, words)


def _write_files(folder: Path, slug: str, words: Mapping[str, object]) -> list[Path]:
    """The program, its coverage entry and its first case; raises OptionError where one of them is there."""
    files = {
        folder / part / f"{slug}.yaml": text
        for part, text in (("programs", PROGRAM), ("coverage", COVERAGE), ("cases", CASE))
    }
    for path in files:
        if path.exists():
            raise OptionError(f"{path} is there already")
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        write_whole(path, text.format(**words))
    return list(files)


def _stacked(book: Rulebook, name: str) -> Iterator[str]:
    """The entries of the stacking order that nearly every program has, with the programs to which they give
    way."""
    entries: dict[str, Counter[tuple[str, str]]] = {}
    for entry in book.stacking:
        if not (entry.of or entry.content or entry.heading):
            entries.setdefault(entry.to, Counter())[", ".join(entry.measures), ", ".join(entry.by)] += 1
    for to, found in entries.items():
        if found.total() > _NEARLY * len(book.programs):
            (measures, by), _ = found.most_common(1)[0]
            which = f"measures: [{measures}], " if measures else ""
            yield f"  - {{program: {name}, to: {to}, {which}by: [{by}]}}   # TODO as nearly every program\n"


def _first_line(book: Rulebook, day: str) -> str:
    moment = parse_moment(day)
    return next(
        (dotted(line.code) for line in book.schedule if line.start <= moment < line.end and line.general),
        "all",
    )


def _line_under(book: Rulebook, goods: Selection, moment: int) -> str:
    """A line of the schedule among some goods on a day, of as many digits as there are."""
    taken, left_out = (
        (*map(plain_code, items), *_members(book.lists, names, moment))
        for items, names in ((goods.items, goods.named), (goods.except_items, goods.except_named))
    )
    lines = (line.code for line in book.schedule if line.start <= moment < line.end)
    found = [
        code
        for code in lines
        if (goods.everything or code.startswith(taken)) and not code.startswith(left_out)
    ]
    if not found:
        raise OptionError(
            f"no line of the schedule is among {goods.text!r} on {show_moment(moment)}: give products by"
            " their codes"
        )
    return max(found, key=len)


def _origin_of(book: Rulebook, area: Selection, moment: int) -> str:
    """An origin of an area on a day that is outside the customs territory."""
    taken = {*area.items, *_members(book.groups, area.named, moment)}
    left_out = {
        *area.except_items,
        *_members(book.groups, area.except_named, moment),
        *(part.origin for part in book.territory.inside),
    }
    found = [
        origin.code
        for origin in book.origins
        if (area.everything or origin.code in taken) and origin.code not in left_out
    ]
    if not found:
        raise OptionError(f"no origin of the geography table is among {area.text!r} on {show_moment(moment)}")
    return found[0]


def _members(sets: Mapping[str, NamedSet], names: Iterable[str], moment: int) -> list[str]:
    """The members of some lists or groups on a day."""
    members = (member for name in names if name in sets for member in sets[name].members)
    return [member.item for member in members if member.start <= moment < member.end and not member.excepted]


def _scalar(text: str) -> str:
    """A text as YAML holds it, between quotes where a sign in it would mean something else."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _expected(duty: Duty) -> tuple[str, str]:
    """The arithmetic of the first case, and what is expected; of a plain percentage its amount."""
    if (
        duty.held
        and len(duty.terms) == 1
        and duty.terms[0].of == "base"
        and duty.at_least is None
        and duty.at_most is None
    ):
        amount = _VALUE * duty.terms[0].rate
        return f"{_VALUE:,} x {duty.text} = {amount:,.2f}", f"amount: {amount:.2f}"
    return (
        "TODO the amount from the text",
        f"outcome: {'none due' if duty.is_none else 'charged' if duty.held else 'unknown'}",
    )
