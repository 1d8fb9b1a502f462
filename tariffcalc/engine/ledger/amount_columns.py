"""Columns of amounts in currency for tables, written straight into their place; NaN where an amount is
unknown or a row is no line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints
from tariffcalc.engine.ledger.chunk import Chunk
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.threads import blocks

Floats = NDArray[np.float64]


class Rows(NamedTuple):
    """Where the lines are among the rows of a table: the row of each line, and the rows that are no line."""

    of_lines: Ints
    refused: Ints


_PARTS = {"duty": (0,), "fees": (1,), "total": (0, 1)}


def sum_column(ledger: Ledger, name: str, rows: Rows) -> Floats:
    """ "duty", "fees" or "total" over the rows of a table."""
    column = _empty_column(rows)
    for chunk in ledger.chunks:
        for block in blocks(len(chunk.outcome)):
            amount = (
                np.add.reduce([(chunk.duty, chunk.fee)[part][block] for part in _PARTS[name]])
                / ledger.law.minor_units
            )
            amount[np.logical_or.reduce([chunk.unknown[part][block] for part in _PARTS[name]])] = np.nan
            _put(column, rows, chunk, block, amount)
    return column


def program_column(ledger: Ledger, program: int, rows: Rows) -> Floats:
    """What a program charges over the rows of a table; 0 where it has no posting."""
    column, divisors = _empty_column(rows), _divisors(ledger, program)
    for chunk in ledger.chunks_with_amounts():
        assert chunk.amounts is not None
        for block in blocks(len(chunk.outcome)):
            amount = np.zeros(block.stop - block.start)
            for slot, divisor in divisors:
                # later lines brought the slot
                there = chunk.amounts[slot, block] if slot < len(chunk.amounts) else 0
                amount += there / np.take(divisor, chunk.outcome[block], mode="clip")
            _put(column, rows, chunk, block, amount)
        column[rows.of_lines[chunk.added_to(program)[0] + chunk.stretch.start]] = np.nan
    return column


def _divisors(ledger: Ledger, program: int) -> list[tuple[int, Floats]]:
    """The slots that may hold a program's amounts, each with what to divide by for each outcome.

    Infinity makes nothing of the amount of another program, and NaN leaves an unknown one empty.
    """
    slots = ledger.slots
    slot, reason = slots.slot.rows[program], slots.reason.rows[program]
    own = slots.own.get(program)
    places = [own] if own is not None else np.unique(slot[ledger.outcome_totals.met]).tolist()
    found = []
    for each in [each for each in places if each >= 0] or [0]:
        divisor = np.where((slot == each) | (each == own), float(ledger.law.minor_units), np.inf)
        found.append((each, np.where(reason >= 0, np.nan, divisor)))
    return found


def _empty_column(rows: Rows) -> Floats:
    column = np.empty(len(rows.of_lines) + len(rows.refused))
    column[rows.refused] = np.nan
    return column


def _put(column: Floats, rows: Rows, chunk: Chunk, block: slice, amount: Floats) -> None:
    here = rows.of_lines[chunk.stretch.start + block.start : chunk.stretch.start + block.stop]
    start, stop = int(here[0]), int(here[-1]) + 1
    column[slice(start, stop) if stop - start == len(here) else here] = amount
