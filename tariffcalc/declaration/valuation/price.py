"""From a price under a trade term to the customs value, in the currency of the price: what is added, what is
taken out, on what assumption.

Rows are taken together by *pattern*: the trade term, which costs are declared, and the mode of transport
where it counts.  Within a pattern the customs value is one exact sum over columns.  A cost the law needs and
the caller does not declare is a share of a known sum where the law gives one, and otherwise refuses the rows;
it is never nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.valuation import CeilingRule, CostRule, ShareRule
from tariffcalc.declaration.columns import Bools, Ints
from tariffcalc.declaration.problems import Problems, Rows
from tariffcalc.declaration.valuation.exact import Exact, with_room
from tariffcalc.declaration.valuation.trade_terms import AFTER, BASES, COSTS, MEANING, TERMS, TO_EXPORT


class Step(NamedTuple):
    """What became of one cost: ``added``, ``taken out`` or ``in the price``; the share that was assumed for
    it, or its ceiling where it has one."""

    cost: str
    what: str
    assumed: ShareRule | None = None
    ceiling: CeilingRule | None = None
    rule: CostRule | None = None


class Priced(NamedTuple):
    """Rows of one pattern: the customs value in ``parts`` of a millionth of the currency, and each cost as it
    counts [millionths]."""

    rows: Rows
    value: Exact
    parts: int
    steps: tuple[Step, ...]
    counted: dict[str, Ints]


@dataclass
class Pattern:
    """The rows of one trade term with the same costs declared, worked out column by column."""

    costs: dict[str, CostRule]
    basis: str
    # of transport: one for which some cost has a ceiling, empty for any other, None where none is declared
    mode: str | None
    rows: Rows
    price: Exact
    given: dict[str, Exact]
    parts: int = field(init=False)

    def __post_init__(self) -> None:
        self.parts = lcm(
            1, *(share.denominator for rule in self.costs.values() for share in self._shares(rule))
        )
        self.price = with_room(self.price, self.parts) * self.parts
        self.given = {
            cost: with_room(amounts, self.parts) * self.parts for cost, amounts in self.given.items()
        }

    def _shares(self, rule: CostRule) -> list[Fraction]:
        """The shares that may be taken for a cost of these rows."""
        if rule.cost in self.given:
            return [rule.at_most.share] if rule.at_most else []
        return [share.share for share in rule.shares] if self.stands(rule.cost) == "out" else []

    def stands(self, cost: str) -> str:
        """Whether a cost is ``in`` the price, ``out`` of it, or of no matter (neither is declared)."""
        where = getattr(TERMS[self.basis], cost)
        if where.endswith("if declared"):
            return str(where.split()[0]) if cost in self.given else ""
        return str(where)

    def known_sum(self, kept: frozenset[str] = frozenset()) -> Exact | None:
        """The price at the place of export, and some costs with it; None where what is declared does not give
        it."""
        total = self.price
        for cost in COSTS:
            if cost not in (TO_EXPORT, AFTER, *kept, "freight", "insurance"):
                continue
            wanted, stands = cost in kept or cost == TO_EXPORT, self.stands(cost)
            if stands == ("in" if wanted else "out") or not stands:
                continue
            if cost not in self.given:
                return None
            total = total + self.given[cost] if wanted else total - self.given[cost]
        return total

    def count(self, rule: CostRule, problems: Problems) -> tuple[Exact | None, Exact | None, Step | None]:
        """One cost: the change of the price, the cost as it counts, and the step; no step where the cost is
        needed and not known."""
        cost, stands = rule.cost, self.stands(rule.cost)
        if not stands or (stands == "out" and not rule.included):
            return None, None, Step(cost, "")
        if stands == "in" and rule.included:
            return self._in_the_price(rule, problems)
        declared = self.given.get(cost)
        if declared is None:
            return self._assumed(rule, problems)
        if not rule.included:
            return -declared, declared, Step(cost, "taken out", rule=rule)
        counted, ceiling = self._up_to_the_ceiling(rule, declared, problems)
        return counted, counted, Step(cost, "added", ceiling=ceiling, rule=rule)

    def _in_the_price(self, rule: CostRule, problems: Problems) -> tuple[Exact | None, Exact | None, Step]:
        declared = self.given.get(rule.cost)
        if declared is None:
            return None, None, Step(rule.cost, "" if rule.cost == TO_EXPORT else "in the price", rule=rule)
        counted, ceiling = self._up_to_the_ceiling(rule, declared, problems)
        return counted - declared, counted, Step(rule.cost, "in the price", ceiling=ceiling, rule=rule)

    def _assumed(self, rule: CostRule, problems: Problems) -> tuple[Exact | None, Exact | None, Step | None]:
        for share in rule.shares if rule.included else ():
            base = self.known_sum(share.of)
            if base is not None:
                amount = base // share.share.denominator * share.share.numerator
                return amount, amount, Step(rule.cost, "added", assumed=share, rule=rule)
        if rule.shares and rule.cost != TO_EXPORT and self._asks_for_the_way_to_export():
            return None, None, None  # the price at the place of export is what is missing, and is asked for
        needs = "includes" if rule.included else "leaves out"
        code = f"missing-{rule.cost.replace('_', '-')}"
        message = (
            f"the customs value {needs} {MEANING[rule.cost]}, and {rule.cost} is not declared for a price"
            f" {self.basis}"
        )
        problems.refuse(
            self.rows,
            code,
            message,
            f"give {rule.cost} in the currency of the line (0 if there is none), or the customs value itself",
        )
        return None, None, None

    def _asks_for_the_way_to_export(self) -> bool:
        """Whether the rows are refused for want of the carriage to the place of export."""
        rule = self.costs.get(TO_EXPORT)
        return (
            rule is not None
            and rule.included
            and self.stands(TO_EXPORT) == "out"
            and TO_EXPORT not in self.given
        )

    def _up_to_the_ceiling(
        self, rule: CostRule, declared: Exact, problems: Problems
    ) -> tuple[Exact, CeilingRule | None]:
        """A declared cost, no more than the law lets it count for; where the mode of transport decides and is
        not declared, rows are refused."""
        ceiling, fob = rule.at_most, self.known_sum() if rule.at_most else None
        if ceiling is None or fob is None or self.mode not in (ceiling.transport, None):
            return declared, None
        limit = fob // ceiling.share.denominator * ceiling.share.numerator
        if self.mode is None:
            above = self.rows[(declared > limit).astype(bool)]
            message = (
                f"{rule.cost} counts for at most {ceiling.text} in transport by {ceiling.transport}, and"
                " transport is not declared"
            )
            problems.refuse(above, "missing-transport", message, "give transport")
            return declared, None
        return np.minimum(declared, limit), ceiling


def price_rows(pattern: Pattern, problems: Problems) -> Priced | None:
    """The customs value of the rows of a pattern; None where a cost is missing and all of them are
    refused."""
    value, steps, counted, complete = pattern.price, [], {}, True
    for rule in pattern.costs.values():
        change, amount, step = pattern.count(rule, problems)
        if step is None:
            complete = False
            continue
        if step.what:
            steps.append(step)
        if amount is not None:
            counted[rule.cost] = np.asarray((amount // pattern.parts).astype(np.int64))
        if change is not None:
            value = value + change
    if not complete:
        return None
    fob = pattern.known_sum()
    below = (value < 0).astype(bool) if fob is None else ((value < 0) | (fob < 0)).astype(bool)
    declared = ", ".join(pattern.given)
    message = f"the costs declared ({declared}) are more than the price {pattern.basis} that holds them"
    problems.refuse(
        pattern.rows[below], "costs-exceed-price", message, "check the amounts and the value basis"
    )
    return Priced(pattern.rows, np.where(below, 0, value), pattern.parts, tuple(steps), counted)


def pattern_key(basis: Ints, declared: dict[str, Bools], mode: Ints, modes: int) -> Ints:
    """One number for each row: rows of one number are of one pattern; ``mode`` is one of so many
    ``modes``."""
    key = basis + len(BASES) * mode
    for place, cost in enumerate(COSTS):
        if cost in declared:
            key = key + declared[cost] * (len(BASES) * modes << place)
    return np.asarray(key, np.int64)
