"""The least and the most that duties come to under given outcomes, over all values of the amounts that a line
does not declare."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.duties import MONEY_FACT, NUMBER_FACT, QUANTITY, Amount
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.amounts.assess import Assessment
from tariffcalc.engine.amounts.borrowed import scheduled_duties
from tariffcalc.engine.amounts.extent import extent_of
from tariffcalc.engine.outcomes.outcomes import Outcomes
from tariffcalc.engine.reasons import MISSING_FACT, MISSING_QUANTITY

UNBOUNDED = int(np.iinfo(np.int64).max)  # of the most: nothing bounds it
_KINDS = {MISSING_FACT: "fact", MISSING_QUANTITY: "quantity"}


class Ask(NamedTuple):
    """What to declare: a ``fact``, or the ``quantity`` of a dimension; the fact "" is the last two digits of
    the code."""

    kind: str
    name: str


class Extremes(NamedTuple):
    """The least and the most of some lines [minor units], and by how much each amount that is not declared
    moves either of them."""

    least: Ints
    most: Ints
    shifts: dict[Ask, Ints]

    def replaced(self, places: Ints, others: Extremes) -> Extremes:
        """The same with others at some places."""
        self.least[places], self.most[places] = others.least, others.most
        shifts = {ask: np.zeros(len(self.least), np.int64) for ask in others.shifts}
        for ask, shift in others.shifts.items():
            shifts[ask][places] = shift
        return Extremes(self.least, self.most, shifts)

    def spread(self, places: Ints, size: int) -> Extremes:
        """The same at some places of more lines, on which there is nothing else."""
        least, most = np.full(size, UNBOUNDED), np.full(size, -1, np.int64)
        least[places], most[places] = self.least, self.most
        shifts = {ask: np.zeros(size, np.int64) for ask in self.shifts}
        for ask, shift in self.shifts.items():
            shifts[ask][places] = shift
        return Extremes(least, most, shifts)


def extremes(
    outcomes: Outcomes, lines: Columns, outcome: Ints, supplied: frozenset[Ask] = frozenset()
) -> Extremes:
    """The extremes of the duty of lines under outcomes; ``supplied`` are the amounts put in already."""
    run = Assessment(outcomes, lines, outcome).run(fees=False)
    found = Extremes(run.duty, run.duty.copy(), {})
    unknown = np.flatnonzero(run.unknown_duty)
    found.most[unknown] = UNBOUNDED
    for ask, where in _missing(outcomes, run, unknown) if len(unknown) else ():
        if ask not in supplied:
            _put_at_ends(outcomes, lines, outcome, where, ask, supplied | {ask}, found)
    return found


def _put_at_ends(
    outcomes: Outcomes,
    lines: Columns,
    outcome: Ints,
    where: Ints,
    ask: Ask,
    supplied: frozenset[Ask],
    found: Extremes,
) -> None:
    """Write the extremes of the lines that lack an amount, once it is at either of its ends."""
    here, of_lines = lines.take(where), outcome[where]
    extent = extent_of(outcomes.law, here, _amount(outcomes.law, ask))

    def at(value: Ints, some: Ints | slice = slice(None)) -> Extremes:
        declaring = here.take(some).declaring(ask.name, value[some], ask.kind == "quantity")
        return extremes(outcomes, declaring, of_lines[some], supplied)

    low = at(extent.least)
    high = Extremes(low.least.copy(), low.most.copy(), {})
    rises = ~extent.is_bounded & _rises(outcomes, here, of_lines, _amount(outcomes.law, ask))
    rest = np.flatnonzero(~rises)
    if len(rest):
        high = high.replaced(rest, at(extent.most, rest))
    rest = np.flatnonzero(~rises & ~extent.is_bounded & (high.most > low.most))
    if len(rest):  # as far as the amount does, or only to some sum
        rises[rest] = high.most[rest] > at(extent.most // 2, rest).most
    most = np.where(rises, UNBOUNDED, np.maximum(low.most, high.most))
    found.least[where], found.most[where] = np.minimum(low.least, high.least), most
    shifts = dict.fromkeys((*low.shifts, *high.shifts))
    for each in shifts:
        nothing = np.zeros(len(where), np.int64)
        shift = np.maximum(low.shifts.get(each, nothing), high.shifts.get(each, nothing))
        _raise(found, each, where, shift)
    spread = np.maximum(np.abs(high.least - low.least), most - np.minimum(low.most, high.most))
    _raise(found, ask, where, spread)


def _rises(outcomes: Outcomes, lines: Columns, outcome: Ints, amount: Amount) -> Bools:
    """Whether a duty of the whole customs value rises with an amount on and on, on each line."""
    law, every = outcomes.law, np.arange(len(lines))
    rising = law.duties.rises_with(_with_products(law, amount))
    found = np.zeros(len(lines), bool)
    for program in np.flatnonzero(~outcomes.slots.is_fee).tolist():
        bits = outcomes.rule.rows[program][outcome]
        here = (bits >= 0) & (outcomes.stacked_out.rows[program][outcome] < 0)
        here &= outcomes.slots.whole.rows[program][outcome]
        if here.any():
            duty, _ = scheduled_duties(law, lines, every, bits)
            found |= here & (duty >= 0) & rising[duty]
    return found


def _with_products(law: CompiledLaw, amount: Amount) -> frozenset[Amount]:
    """An amount, and the facts that are worked out as its products."""
    products = (
        Amount(MONEY_FACT if fact.type == "money" else NUMBER_FACT, fact.name)
        for fact in law.facts.values()
        if fact.product_of and amount.name in (part.rpartition(" ")[2] for part in fact.product_of)
    )
    return frozenset((amount, *products))


def _raise(found: Extremes, ask: Ask, where: Ints, shift: Ints) -> None:
    of_ask = found.shifts.setdefault(ask, np.zeros(len(found.least), np.int64))
    of_ask[where] = np.maximum(of_ask[where], shift)


def _missing(outcomes: Outcomes, run: Assessment, unknown: Ints) -> list[tuple[Ask, Ints]]:
    """The first amount that each of some lines lacks, with the lines; without those that lack none."""
    law, slots = outcomes.law, outcomes.slots
    first = np.full(len(unknown), -1, np.int64)
    is_amount = np.array([each.kind in _KINDS for each in slots.reasons.all] + [False])  # the last: no reason
    added = run.added
    for program in np.flatnonzero(~slots.is_fee).tolist():
        reason = slots.reason.rows[program][run.outcome[unknown]].astype(np.int64)
        if program in added:
            places, reasons = added[program]
            reason[np.searchsorted(unknown, places)] = reasons
        first = np.where((first < 0) & is_amount[reason], reason, first)
    by_ask: dict[Ask, list[Ints]] = {}
    for number in np.unique(first[first >= 0]).tolist():
        reason_named = slots.reasons.all[number]
        ask = _source(law, run.lines, Ask(_KINDS[reason_named.kind], reason_named.name))
        by_ask.setdefault(ask, []).append(unknown[first == number])
    return [(ask, np.sort(np.concatenate(where))) for ask, where in by_ask.items()]


def _source(law: CompiledLaw, lines: Columns, ask: Ask) -> Ask:
    """The fact to declare for one that is worked out from others."""
    while ask.kind == "fact" and (parts := law.facts[ask.name].product_of or law.facts[ask.name].share_of):
        lacking = [part for part in parts if part != "value" and _lacks(lines, part)]
        if not lacking:
            return ask
        kind, _, name = lacking[0].rpartition(" ")
        ask = Ask("quantity" if kind == "quantity" else "fact", name)
    return ask


def _lacks(lines: Columns, part: str) -> Bools | bool:
    kind, _, name = part.rpartition(" ")
    column = (lines.quantities if kind == "quantity" else lines.facts).get(name)
    return column is None or not column.is_declared.all()


def _amount(law: CompiledLaw, ask: Ask) -> Amount:
    if ask.kind == "quantity":
        return Amount(QUANTITY, ask.name)
    return Amount(MONEY_FACT if law.facts[ask.name].type == "money" else NUMBER_FACT, ask.name)
