"""The kernel: lines in chunks, several at a time.  One path for one line and for a hundred million."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.agreed import agreed
from tariffcalc.engine.amounts.assess import Assessment
from tariffcalc.engine.ledger.chunk import Chunk, Keep
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.outcomes.outcomes import Outcomes, outcomes_of
from tariffcalc.engine.threads import each_in_parallel

CHUNK = 1 << 19  # lines


def assess(law: CompiledLaw, lines: Columns, fees: bool = True, keep: Keep = "postings") -> Ledger:
    """The ledger of some lines: a posting for each line and each program that applies to it.

    ``keep`` is what the ledger holds ready; what it does not hold it works out again when asked.
    """
    outcomes = outcomes_of(law)
    chunks = each_in_parallel(
        lambda stretch: _assess(outcomes, lines, stretch, fees, keep), _stretches(lines), len(lines)
    )
    return Ledger(
        outcomes, lines, chunks, fees, lambda stretch, kept: _assess(outcomes, lines, stretch, fees, kept)
    )


def _assess(outcomes: Outcomes, lines: Columns, stretch: slice, fees: bool, keep: Keep) -> Chunk:
    here = lines.stretch(stretch)
    found = agreed(outcomes, here)
    return Chunk.of(stretch, Assessment(outcomes, here, found.outcome).run(fees), found, keep)


def _stretches(lines: Columns) -> list[slice]:
    """The lines cut into chunks, none through the middle of a shipment; all of them together where shipments
    lie mixed."""
    size = len(lines)
    edges = [*range(0, size, CHUNK), size] if size else [0, 0]
    if len(lines.shipment) and len(edges) > 2:
        steps = np.diff(lines.shipment)
        if (steps < 0).any():
            return [slice(0, size)]
        first = np.append(np.flatnonzero(steps) + 1, size)  # of every shipment but the first, and the end
        edges = sorted({0, size, *first[np.searchsorted(first, edges[1:-1])].tolist()})
    return [slice(start, end) for start, end in pairwise(edges)]
