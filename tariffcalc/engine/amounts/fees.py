"""Fees charged once per shipment: summed over its lines, held between a least and a most, and shared out
again to the cent.

The share of a line is in proportion to what it was charged on; the cents that rounding leaves over fall where
the running total crosses them, so the shares of a shipment always add up to its fee.

Authority: United States merchandise processing fee, 19 CFR 24.23(b)(1); sharing among lines as in 19 CFR
190.51 by value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Ints, Small
from tariffcalc.compiled.duties import IS_RATE, MILLION, PLAIN, SAFE
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.outcomes.fee_limits import NO_LIMIT, limits_of
from tariffcalc.engine.reasons import DEPENDS, INCOMPLETE_SHIPMENT, Unknowns
from tariffcalc.engine.sums import exact_sums_by
from tariffcalc.errors import EngineError


def assess_shipments(
    law: CompiledLaw,
    lines: Columns,
    program: int,
    unknowns: Unknowns,
    which: Ints,
    bits: Small,
    duty: Ints,
    base: Ints,
) -> Ints:
    """What a program charged per shipment comes to on the lines ``which`` [minor units]."""
    amount = np.zeros(len(which), np.int64)
    free = ~unknowns.marked(program, which)
    kinds = law.duties.kind[duty]
    if not IS_RATE[kinds[free]].all():
        raise EngineError(f"{law.programs[program].name}: a fee per shipment must be a plain percentage")
    if len(lines.shipment):
        unknowns.mark(program, which[np.isin(which, lines.incomplete)], INCOMPLETE_SHIPMENT, "")
        _spread_unknown(law, program, unknowns, lines.shipment)
        free = ~unknowns.marked(program, which)
    subject = np.flatnonzero((kinds == PLAIN) & free)
    if not len(subject):
        return amount
    here, exact = which[subject], _exact_product(base[subject], law.duties.ppm[duty[subject]])
    divisor = MILLION * law.programs[program].base_scale * law.round_to
    least, most = limits_of(law, program, bits[subject], np.ones(len(subject), bool))
    if not len(lines.shipment):
        amount[subject] = np.clip((exact + divisor // 2) // divisor * law.round_to, least, most)
        return amount
    numbers, local = np.unique(lines.shipment[here], return_inverse=True)
    size = len(numbers)
    sums = exact_sums_by(local, exact, size)
    low, high = np.zeros(size, np.int64), np.full(size, NO_LIMIT, np.int64)
    np.maximum.at(low, local, least)
    np.minimum.at(high, local, most)
    total = np.clip((sums + divisor // 2) // divisor * law.round_to, low, high).astype(np.int64)
    amount[subject] = _share_out(
        total,
        base[subject],
        local,
        _in_order(lines, here, base[subject], local) if size < len(local) else here,
    )
    return amount


def _exact_product(base: Ints, ppm: Ints) -> NDArray[Any]:
    """Bases times rates, in Python's integers where those of the machine might not hold one."""
    safe = float(base.max(initial=0)) * float(ppm.max(initial=0)) < SAFE
    return base * ppm if safe else base.astype(object) * ppm


def _in_order(lines: Columns, which: Ints, base: Ints, local: Ints) -> Ints:
    """The order in which the lines of each shipment take their shares: by what they are charged on, then by
    what else is declared of them.

    It does not depend on the order of the rows; lines that are alike in everything may stand for one another.
    """
    order = np.lexsort((base, local))
    alike = (np.diff(local[order]) == 0) & (np.diff(base[order]) == 0)
    if not alike.any():
        return order
    tied = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    rows = order[tied]
    some = which[rows]
    declared = [
        each
        for _, column in sorted({**lines.facts, **lines.quantities}.items())
        for each in (column.values, column.declared)
    ]
    least = [each for each in declared if each is not None]
    others: list[NDArray[Any]] = [
        *least,
        *lines.days,
        lines.spi,
        lines.origin,
        lines.segment,
        lines.code,
        lines.value,
    ]  # the last counts first
    order[tied] = rows[np.lexsort((*(column[some] for column in others), base[rows], local[rows]))]
    return order


def _spread_unknown(law: CompiledLaw, program: int, unknowns: Unknowns, shipment: Ints) -> None:
    """One unknown line leaves the fee of its whole shipment unknown."""
    unknown = unknowns.marked(program, np.arange(len(shipment)))
    if unknown.any():
        unknowns.mark(
            program, np.flatnonzero(np.isin(shipment, shipment[unknown])), DEPENDS, law.programs[program].name
        )


def _share_out(total: Ints, base: Ints, local: Ints, order: Ints) -> Ints:
    """Each line's part of its shipment's fee, in proportion to its base; the parts add up exactly."""
    size = len(total)
    if size == len(local):
        return total[local]
    weights: NDArray[Any] = base[order]
    of = local[order]
    if float(weights.sum(dtype=np.float64)) * float(total.max(initial=0)) > 4e18:
        weights = weights.astype(object)
    running = np.cumsum(weights)
    starts = np.searchsorted(of, np.arange(size))
    before = np.where(starts > 0, running[starts - 1], 0)
    ends = running[np.append(starts[1:], len(of)) - 1]
    whole = ends - before
    even = whole == 0
    reached = running - before[of]
    share = np.where(even[of], 0, (reached * total[of] * 2 + whole[of]) // np.where(even, 1, whole * 2)[of])
    share = np.asarray(share, np.int64)
    parts = np.diff(share, prepend=0)
    first = starts[starts < len(of)]
    parts[first] = share[first]
    parts[starts[even]] = total[even]
    result = np.zeros(len(base), np.int64)
    result[order] = parts
    return result
