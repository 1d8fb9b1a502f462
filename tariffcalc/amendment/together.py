"""Scenarios together, and what a scenario makes different."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from tariffcalc.amendment.composition import combined
from tariffcalc.amendment.difference import HasRulebook, difference
from tariffcalc.amendment.wording import kind_of
from tariffcalc.errors import ScenarioError
from tariffcalc.law.rulebook import Rulebook

if TYPE_CHECKING:
    import pandas as pd


class Together(ABC):
    """Scenarios that add up, and the difference that they make."""

    title: str

    @abstractmethod
    def apply(self, book: Rulebook) -> Rulebook:
        """The amended rulebook."""

    def __add__(self, other: Self) -> Self:
        """Both scenarios together (see ``combine``); two that contradict each other are refused where the law
        is amended."""
        return self.combine(self, other) if isinstance(other, Together) else NotImplemented

    @classmethod
    def combine(cls, *scenarios: Self, order: str = "") -> Self:
        """Several scenarios as one.

        Two scenarios contradict each other where both change the same spell of a measure on the same days,
        the same row of a list, or one of them what the other removes.  Without an order that is an error that
        names both changes, raised where the law is amended.

        Parameters
        ----------
        order : "last" or "first"
            Which of two scenarios that meet has its way: the one given last (they are applied in the order
            given) or the one given first (in the reverse order).

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> a = Scenario("15%").set_duty("us.s122/surcharge", "15%")
        >>> b = Scenario("to July").set_duty("us.s122/surcharge", "12%", on_or_after="2026-07-01")
        >>> table = Scenario.combine(a, b, order="last").diff(load("us"))
        >>> table[["from", "to", "duty_before", "duty_after"]]
                 from          to duty_before duty_after
        0  2026-02-24  2026-07-01         10%        15%
        1  2026-07-01  2026-07-24         10%        12%
        """
        return cls(**combined(scenarios, order))

    def diff(self, tariff: HasRulebook) -> pd.DataFrame:
        """The law before and after, measure by measure and day by day, worked out from the two rulebooks.

        Returns
        -------
        DataFrame
            ``program``, ``measure``, ``from`` and ``to`` (the first day and the one before which it ends;
            empty: no limit), ``duty_before`` and ``duty_after`` in words (where a duty is different),
            ``changed`` (what is different: the duty, products, origins, conditions, a list, what goes before
            what), ``acts`` (what made it so: the scenario, and the acts it cites).

        Examples
        --------
        >>> from tariffcalc import load
        >>> us = load("us")
        >>> table = us.scenario("india-at-18-percent").diff(us)
        >>> table[["measure", "from", "to", "duty_before", "duty_after"]]
                measure        from                to duty_before duty_after
        0  india-august  2026-02-07  2026-02-24 00:00         25%        18%
        """
        if not hasattr(tariff, "rulebook"):
            raise ScenarioError(f"diff needs a law, what tariffcalc.load returns; got {kind_of(tariff)}")
        before = tariff.rulebook.settled()
        table = difference(before, self.apply(before))
        table.attrs = {"territory": before.territory.title, "scenario": self.title}
        return table
