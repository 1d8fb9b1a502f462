"""The entry summary of an estimate: the numbers to declare for each line, in the order in which customs wants
them.

A view of the ledger: every posting with a heading gives a number (one that gives way only where a heading is
declared for that), the commodity code comes last with the duty the schedule charges.  The order of programs
is data of the territory (``filing_order``).  Where a value is split (a content, United States content),
customs takes two lines of the same code; here the number of the part that is not charged is listed with the
rest of the value and nothing due.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.codes import dotted
from tariffcalc.engine.ledger.posting_columns import NO_BASE
from tariffcalc.engine.ledger.posting_texts import PostingTexts, of_each
from tariffcalc.views.amount_columns import amount_column

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.assessment.assessed import Assessed
    from tariffcalc.compiled.law import CompiledLaw

COLUMNS = ["row", "order", "number", "program", "value", "duty"]
_NO_PROGRAM = -1

Ints = NDArray[np.int64]


class _Numbers(NamedTuple):
    """Numbers to declare [numbers]: the line, the number, the program (``_NO_PROGRAM``: none) and its place
    in the order of filing, what is charged on and charged [minor units], and whether that is known."""

    line: Ints
    number: NDArray[np.object_]
    program: Ints
    place: Ints
    base: Ints
    amount: Ints
    known: NDArray[np.bool_]

    def take(self, which: Ints) -> _Numbers:
        """Some of the numbers."""
        return _Numbers._make(column[which] for column in self)


def entry_summary(estimate: Assessed) -> pd.DataFrame:
    """One row per number to declare: ``row`` of the input, ``order`` from 1, ``number``, ``program``,
    ``value`` charged on and ``duty`` [currency].

    Programs that the filing order of the territory does not name come after those it names; fees are declared
    for the entry, not on a line.
    """
    import pandas as pd

    ledger, lines = estimate.parts
    if not len(ledger):
        return pd.DataFrame([], columns=COLUMNS)
    found = _numbers(estimate, np.arange(len(ledger)))
    programs = estimate.law.programs
    first = np.searchsorted(found.line, found.line)  # of the numbers of the same line
    columns = {
        "row": lines.rows[found.line],
        "order": np.arange(len(first)) - first + 1,
        "number": found.number,
        "program": of_each(
            found.program, lambda number: None if number == _NO_PROGRAM else programs[number].name
        ),
        "value": amount_column(found.base, found.base != NO_BASE, estimate.money),
        "duty": amount_column(found.amount, found.known, estimate.money),
    }
    return pd.DataFrame(columns)


def declared_numbers(estimate: Assessed, line: int) -> list[str]:
    """The numbers of one line in the order of filing."""
    numbers: list[str] = _numbers(estimate, np.array([line])).number.tolist()
    return numbers


def _numbers(estimate: Assessed, lines: Ints) -> _Numbers:
    """The numbers of some lines, ascending, in the order of filing: each heading, behind it the one for the
    rest of the value, and the commodity code last."""
    ledger, _ = estimate.parts
    blocks = [each for texts in ledger.texts_of(lines) for each in _of_postings(estimate, texts)]
    found = _joined(blocks)
    last = 2 * len(estimate.law.programs)
    bare = np.setdiff1d(lines, found.line[found.place == last], assume_unique=True)
    nothing = np.zeros(len(bare), np.int64)
    codes = _Numbers(
        bare,
        _codes(estimate, bare),
        nothing + _NO_PROGRAM,
        nothing + last,
        nothing + NO_BASE,
        nothing,
        nothing > 0,
    )
    found = _joined([found, codes])
    return found.take(np.lexsort((found.place, found.line)))


def _of_postings(estimate: Assessed, texts: PostingTexts) -> Iterator[_Numbers]:
    """The numbers that a block of postings gives: its headings, those for the rest of the value, and the
    codes with what the schedule charges."""
    law, columns, postings = estimate.law, estimate.parts[1].columns, texts.postings
    program = postings.decided.program.astype(np.int64)
    every = _Numbers(
        postings.line,
        texts.heading,
        program,
        _places(law)[program],
        postings.base,
        postings.amount,
        postings.known,
    )
    is_own = program == law.column_1
    own = every.take(np.flatnonzero(is_own))
    yield own._replace(number=_codes(estimate, own.line), place=np.full(len(own.line), 2 * len(law.programs)))
    is_duty = np.array([each.kind == "duty" for each in law.programs])
    # of each entry of the stacking order, and of none
    has_heading = np.array([*(bool(each.heading) for each in law.stacking_rules), True])
    declared = is_duty[program] & ~is_own & (texts.heading != "") & has_heading[postings.decided.stacked_out]
    heading_beside = texts.of_rules(lambda rule: rule.beside.heading if rule.beside else None)
    is_beside = texts.also_declared == heading_beside
    of_part = texts.of_rules(lambda rule: bool(rule.beside and rule.beside.fact)).astype(bool)
    apart = np.where(is_beside & of_part, texts.beside, 0)
    headings = every._replace(base=every.base - apart).take(np.flatnonzero(declared))
    yield headings
    rest = np.where(is_beside, texts.beside, columns.value[postings.line] - postings.base)
    also = every._replace(
        number=texts.also_declared,
        place=every.place + 1,
        base=rest,
        amount=np.zeros_like(every.amount),
        known=np.ones(len(rest), bool),
    )
    yield also.take(np.flatnonzero(declared & (texts.also_declared != "")))


def _joined(parts: list[_Numbers]) -> _Numbers:
    return _Numbers._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _codes(estimate: Assessed, lines: Ints) -> NDArray[np.object_]:
    """The commodity code of each of some lines, with its dots."""
    codes = estimate.law.codes.codes
    return of_each(estimate.parts[1].columns.code[lines], lambda code: dotted(codes[code]))


def _places(law: CompiledLaw) -> Ints:
    """The place of each program in the order of filing, counted in twos."""
    order = law.filing_order

    def place(number: int) -> tuple[int, str]:
        name = law.programs[number].name
        return (order.index(name) if name in order else len(order)), name

    ranked = sorted(range(len(law.programs)), key=place)
    places: Ints = np.argsort(ranked) * 2
    return places
