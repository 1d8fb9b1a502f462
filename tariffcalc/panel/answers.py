"""The distinct answers of a panel: what a commodity of an origin owes on a day is found once for all
commodities, origins and days that owe alike.

A panel declares the same of every line.  What becomes of a line (its outcome) then follows from the class of
its goods, the class of its origin and the day; and its amounts follow from the outcome and the duties of its
row of the schedule.  A few hundred thousand lines therefore answer for any number of rows, which are filled
by gathering.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.assumptions import AssumedFacts
from tariffcalc.compiled.axes import Bools, Ints, numbered
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import NO_SHIPMENTS, Columns, FactColumn
from tariffcalc.declaration.known_facts import with_known_facts
from tariffcalc.declaration.origins_and_days import Days
from tariffcalc.engine.kernel import assess
from tariffcalc.engine.ledger.amount_columns import Rows, program_column, sum_column
from tariffcalc.engine.outcomes.outcomes import outcomes_of
from tariffcalc.engine.patterns.classify import group
from tariffcalc.panel.request import PanelRequest

Floats = NDArray[np.float64]
ASSUMED = "assumed"  # the column of the facts that were assumed


class Kinds:
    """What no rule of some days distinguishes under the facts asked: rows of the schedule as goods and as
    duties, and origins.

    Attributes
    ----------
    goods, duties : [rows of the schedule]
        The kind of the goods, which fixes the outcome; the kind of goods and duties together, which fixes the
        amounts.
    origins : [origins asked]
        The kind of each origin.
    goods_row, duties_row, origin_of
        A member of each kind: rows of the schedule, and an origin by its position on the law's axis.
    """

    def __init__(self, asked: PanelRequest, days: Days) -> None:
        law = asked.law
        rows, code = law.segments, law.segments.code
        self.asked, self.days = asked, days
        in_force = np.bitwise_or.reduce(_rules_of_days(law, days), axis=0)
        product = _distinct(np.hstack([law.product_definite & in_force, law.product_possible & in_force]))
        origin = _distinct(law.origin_mask & in_force)
        claims = asked.spi >= 0
        offered = [rows.special] if claims else []
        of_bounds = (
            bound.goods
            for fact in law.facts.values()
            if not (fact.claim or fact.asserted)
            for bound in fact.bounds
        )
        of_facts = [
            codes[code]
            for codes in (*law.code_sets_of_facts, *(goods for goods in of_bounds if goods is not None))
        ]
        self.goods, self.goods_row = group([product[law.product_class[code]], *offered, *of_facts], len(code))
        self.duties, self.duties_row = group([self.goods, rows.general, rows.column2], len(code))
        allowed = law.spi_allowed[asked.spi, asked.origins].T if claims else ()
        self.origins, first = group(
            [origin[law.origin_class[asked.origins]], *(state.astype(np.int64) for state in allowed)],
            len(asked.origins),
        )
        self.origin_of = asked.origins[first]

    def lines(self, segment: Ints, origin: Ints, day: Ints) -> Columns:
        """Lines of which everything asked is declared: rows of the schedule, origins on the law's axis,
        places among the days.

        The code is that of a member of the kind of goods, so that the engine meets few goods.
        """
        asked, size, days = self.asked, len(segment), self.days.take(day)
        lines = Columns(
            code=asked.law.segments.code[self.goods_row[self.goods[segment]]],
            segment=segment,
            origin=origin,
            days=(days.admitted, days.entered, days.loaded, days.exported),
            value=np.broadcast_to(np.int64(asked.value), size),
            spi=np.broadcast_to(np.int64(asked.spi), size),
            shipment=NO_SHIPMENTS,
            facts={name: _spread(column, size) for name, column in asked.facts.items()},
            quantities={name: _spread(column, size) for name, column in asked.quantities.items()},
        )
        return with_known_facts(asked.law, lines)


def _spread(column: FactColumn, size: int) -> FactColumn:
    """A column of one row over many."""
    return FactColumn(
        np.broadcast_to(column.values[0], size),
        None if column.declared is None else np.broadcast_to(column.declared[0], size),
    )


def _rules_of_days(law: CompiledLaw, days: Days) -> Bitset:
    """The rules in force on each day [days, words]."""
    masks = [
        masks[np.searchsorted(cuts, moments, side="right")]
        for cuts, masks, moments in zip(law.day_cuts, law.day_masks, days, strict=True)
    ]
    return np.asarray(np.bitwise_and.reduce(masks))


def _distinct(rows: Bitset) -> Ints:
    """The number of each row among the distinct ones."""
    return numbered(np.ascontiguousarray(rows).view(np.uint8))[0]


class Table(NamedTuple):
    """Distinct answers: duty [currency], effective rate, the amount of every program [currency], empty (NaN)
    where unknown; and what was assumed."""

    columns: dict[str, NDArray[Any]]
    first: Ints  # of each kind of duties asked for, its first answer


class Outcomes:
    """The outcomes of some kinds of goods, of every kind of origin, on some days.

    Attributes
    ----------
    place : [kinds of goods]
        The place of each kind of goods among ``goods``, -1 where no tariff line is of it.
    local : [goods, days, kinds of origin]
        The number of the outcome among those that the goods have, from 0.
    """

    def __init__(self, kinds: Kinds, in_force: Bools, assumed: AssumedFacts) -> None:
        """``in_force`` [kinds of goods, days] says which goods some tariff line in force is of."""
        self.assumed = assumed
        self.kinds, self._known = kinds, outcomes_of(kinds.asked.law)
        goods = np.flatnonzero(in_force.any(axis=1))
        in_force, origins = in_force[goods], len(kinds.origin_of)
        self.place = np.full(len(kinds.goods_row), -1, np.int64)
        self.place[goods] = np.arange(len(goods))
        found = np.full((*in_force.shape, origins), -1, np.int32)
        for day in range(in_force.shape[1]):
            here = np.flatnonzero(in_force[:, day])
            segment, origin = (
                np.repeat(kinds.goods_row[goods[here]], origins),
                np.tile(kinds.origin_of, len(here)),
            )
            lines = kinds.lines(segment, origin, np.full(len(segment), day))
            found[here, day] = self._known.of_lines(lines).reshape(-1, origins)
        self._met = np.flatnonzero(np.bincount(found[in_force].reshape(-1)))
        self.local = np.zeros(found.shape, np.int32)
        first: list[Ints] = []
        for place, each in enumerate(found):
            met, where, number = np.unique(each, return_index=True, return_inverse=True)
            absent = int(met[0] < 0)  # the days on which no tariff line is of the goods
            first.append(where[absent:])
            self.local[place] = number.reshape(each.shape) - absent
        self._of_goods = np.cumsum([0, *map(len, first)])
        self._day, self._origin = np.divmod(np.concatenate(first), origins)

    def programs_with_postings(self) -> list[int]:
        """The duties that have something to say of any line."""
        rule, doubt = (table.rows[:, self._met] for table in (self._known.rule, self._known.doubt))
        says = ((rule >= 0) | (doubt >= 0)).any(axis=1)
        return [
            number
            for number in np.flatnonzero(says).tolist()
            if self.kinds.asked.law.programs[number].kind == "duty"
        ]

    def answers(self, duties: Ints, programs: list[int]) -> Table:
        """What lines of some kinds of duties owe under each outcome that their goods have."""
        kinds = self.kinds
        goods = self.place[kinds.goods[kinds.duties_row[duties]]]
        count = np.diff(self._of_goods)[goods]
        first = np.cumsum(count) - count
        size = int(count.sum())
        each = np.arange(size) + np.repeat(self._of_goods[goods] - first, count)
        lines = kinds.lines(
            np.repeat(kinds.duties_row[duties], count), kinds.origin_of[self._origin[each]], self._day[each]
        )
        law, rows = kinds.asked.law, Rows(np.arange(size), np.zeros(0, np.int64))
        ledger = assess(law, lines, fees=False, keep="programs")
        duty = sum_column(ledger, "duty", rows)
        value = kinds.asked.value / law.minor_units or np.nan
        amounts = {law.programs[number].name: program_column(ledger, number, rows) for number in programs}
        return Table(
            {"duty": duty, "effective_rate": duty / value, **amounts, ASSUMED: self.assumed.of(ledger)}, first
        )
