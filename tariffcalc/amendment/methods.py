"""The verbs of amendments as methods of a scenario: those that work on duties in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from tariffcalc.amendment.where import Where


class DutyVerbs:
    """Methods that change the duties of measures: of one (``PROGRAM/MEASURE``), of a program, or of a
    selection (``tariffcalc.where``).

    Of a program or a selection what is exempt stays exempt.  ``origin`` and ``products`` narrow a change to
    some origins ("VN, TH") and goods ("6109, 6110"), ``on_or_after`` and ``before`` to some days.
    """

    def _with(self, change: dict[str, Any], **where_given: Any) -> Self:
        raise NotImplementedError

    def suspend(self, what: str | Where, on_or_after: Any, before: Any = None) -> Self:
        """Let nothing be due under some measures from a day on, perhaps up to another; then as before.

        They stay in force, at nothing: what they displace in their program stays displaced.  ``remove`` and
        ``end`` let it apply.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> s = Scenario("a truce").suspend("us.s122", on_or_after="2026-04-01", before="2026-05-01")
        >>> alt = load("us").amend(s)
        """
        return self._with({"suspend": what, "on_or_after": on_or_after}, before=before)

    def remove(self, what: str | Where) -> Self:
        """Take measures away as if they had never been made: what they displace applies on all their days.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> alt = load("us").amend(Scenario("none of it").remove("us.ieepa.reciprocal"))
        """
        return self._with({"remove": what})

    def exempt(
        self,
        what: str | Where,
        products: str | Sequence[str] | None = None,
        origin: str | Sequence[str] | None = None,
        on_or_after: Any = None,
        before: Any = None,
    ) -> Self:
        """Let nothing be due under some measures for some goods, or for goods of some origins.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> s = Scenario("no duty on coffee").exempt("us.s122", products="0901", origin="IN, VN")
        >>> alt = load("us").amend(s)
        """
        return self._with(
            {"exempt": what}, products=products, origin=origin, on_or_after=on_or_after, before=before
        )

    def delay(self, what: str | Where, to: Any = None, days: int | None = None) -> Self:
        """Let measures begin later: nothing of them before the day ``to``, or for so many ``days`` from the
        first on which each of them is in force.

        Of several, one that ends by then is gone; one that is named by itself is refused.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> s = Scenario("a month later").delay("us.ieepa.reciprocal/india-august", days=30)
        >>> alt = load("us").amend(s)
        """
        return self._with({"delay": what}, to=to, days=days)

    def raise_by(
        self,
        what: str | Where,
        rate: str,
        on_or_after: Any = None,
        before: Any = None,
        origin: str | Sequence[str] | None = None,
        products: str | Sequence[str] | None = None,
    ) -> Self:
        """Make duties higher by a rate: 10% and "5%" are 15%, 2¢/kg and "5%" are 2¢/kg + 5%.

        A duty with limits of its own, one that the schedule says line by line and one that is not held is
        refused by name.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> alt = load("us").amend(Scenario("5 more").raise_by("us.s122", "5%", on_or_after="2026-04-01"))
        """
        return self._narrowed({"raise_by": what, "rate": rate}, on_or_after, before, origin, products)

    def scale(
        self,
        what: str | Where,
        factor: str,
        on_or_after: Any = None,
        before: Any = None,
        origin: str | Sequence[str] | None = None,
        products: str | Sequence[str] | None = None,
    ) -> Self:
        """Multiply duties by a factor, "50%" or "1.5": every rate of them, and their limits.

        Examples
        --------
        >>> from tariffcalc import Scenario, load, where
        >>> s = Scenario("half").scale(where(program="us.ieepa.*", chapter="61"), "50%")
        >>> alt = load("us").amend(s)
        """
        return self._narrowed({"scale": what, "factor": factor}, on_or_after, before, origin, products)

    def cap(
        self,
        what: str | Where,
        at_most: str,
        on_or_after: Any = None,
        before: Any = None,
        origin: str | Sequence[str] | None = None,
        products: str | Sequence[str] | None = None,
    ) -> Self:
        """Let each measure's own duty be at most so much.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> alt = load("us").amend(Scenario("15% at most").cap("us.ieepa.reciprocal", "15%"))
        """
        return self._narrowed({"cap": what, "at_most": at_most}, on_or_after, before, origin, products)

    def floor(
        self,
        what: str | Where,
        at_least: str,
        on_or_after: Any = None,
        before: Any = None,
        origin: str | Sequence[str] | None = None,
        products: str | Sequence[str] | None = None,
    ) -> Self:
        """Let each measure's own duty be at least so much.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> alt = load("us").amend(Scenario("15% at least").floor("us.s122", "15%", origin="VN"))
        """
        return self._narrowed({"floor": what, "at_least": at_least}, on_or_after, before, origin, products)

    def yield_to(self, program: str, to: str, on_or_after: Any = None, before: Any = None) -> Self:
        """Let a program, or one of its measures, give way to another program: it is not charged where that
        one charges something, or where the measure that is named applies.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> s = Scenario("not both").yield_to("us.s301.china", to="us.ieepa.reciprocal")
        >>> alt = load("us").amend(s)
        """
        return self._with({"yield_to": program, "to": to}, on_or_after=on_or_after, before=before)

    def stack_on(self, program: str, on: str, on_or_after: Any = None, before: Any = None) -> Self:
        """Charge a program beside another one to which it gives way.

        Examples
        --------
        >>> from tariffcalc import Scenario, load
        >>> s = Scenario("both").stack_on("us.ieepa.reciprocal", on="us.s232.autos")
        >>> alt = load("us").amend(s)
        """
        return self._with({"stack_on": program, "on": on}, on_or_after=on_or_after, before=before)

    def _narrowed(
        self, change: dict[str, Any], on_or_after: Any, before: Any, origin: Any, products: Any
    ) -> Self:
        days = {"on_or_after": on_or_after, "before": before}
        return self._with(change, origin=origin, products=products, **days)
