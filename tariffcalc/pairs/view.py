"""Two territories side by side: what each charges the goods of the other, on a day, over time, under the law
and under scenarios of both.

Every figure is a view of two ordinary estimates that meet at the six digits of the Harmonized System.  A
difference is what the first charges the second less what the second charges the first.  Each side's rate is
on its own customs value, which need not hold the same costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tariffcalc.errors import ScenarioError, ShipmentError
from tariffcalc.moments import day_of
from tariffcalc.pairs.concordance import (
    SUBHEADING,
    concordance,
    day_moment,
    match_of,
)
from tariffcalc.pairs.products import Products, labels, lines_of_products
from tariffcalc.pairs.side import Goods, Side, side_of, summaries
from tariffcalc.pairs.side_by_side import PARTS, beside, charged_lines, history_of, wedge_of
from tariffcalc.panel.timeline import change_days

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.tariff import Tariff

Scenarios = Mapping[str, Any]


class Bilateral:
    """What two territories charge each other's goods; made by ``bilateral``.

    Every method takes the products as a code or a list of them (two to six digits of the Harmonized System,
    or a longer code of either schedule, which narrows the side that holds it; None: every subheading), the
    day as ``entered``, and what is stated of the goods:

    value, currency, quantity
        Customs value of the goods with its currency, and quantities by unit, on which specific duties become
        rates.  Without them a specific duty is unknown.  A side that counts in another currency needs an
        exchange rate of the day: the notified one, or ``exchange_rate`` among its facts.
    facts
        For each territory further columns of its estimate: claims, facts, ``loaded``, ``transport``:
        ``{"in": {"vehicle_new": "yes"}}``.

    Rates are shares of the customs value of the side that charges.  ``duty`` is without the taxes an importer
    in business takes back as credit, which are ``tax``.
    """

    def __init__(self, first: Tariff, second: Tariff) -> None:
        if first.law.territory == second.law.territory:
            raise ShipmentError(f"both sides are {first.law.title}: give two territories")
        self.first, self.second = side_of(first, second), side_of(second, first)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both sides; the names of columns begin with the territory that charges."""
        return self.first, self.second

    def under(self, scenarios: Scenarios) -> Bilateral:
        """The same pair under scenarios of one or both sides, ``{"us": "india-at-18-percent"}``; raises
        ScenarioError for another key."""
        names = [side.name for side in self.sides]
        wrong = [name for name in scenarios if name not in names]
        if wrong or not scenarios:
            raise ScenarioError(
                f"{wrong[0] if wrong else 'nothing'!r} is neither side: give scenarios for"
                f" {' or '.join(names)}"
            )
        return Bilateral(
            *(
                side.tariff.amend(*_listed(scenarios[side.name])) if side.name in scenarios else side.tariff
                for side in self.sides
            )
        )

    # --- on a day
    # --------------------------------------------------------------------------------------------------------

    def table(self, products: Products = None, *, entered: Any, **goods: Any) -> pd.DataFrame:
        """Side by side, one row per subheading.

        Returns
        -------
        DataFrame
            ``subheading``, ``label``, ``match`` (see ``concordance``), ``difference`` (duty of the first less
            that of the second), and for each side, under its name (``us_duty``): ``duty`` and ``tax`` (the
            mean of its tariff lines; empty where any is unknown), ``low`` and ``high`` (of the known ones),
            ``lines`` and ``known`` (tariff lines), ``programs``, ``headings`` (of what charges), ``unknown``
            (programs), ``lacking`` (what to supply), ``noted`` (what was assumed).

        Examples
        --------
        Shelled almonds at 8.50 dollars a kilo: 24 cents/kg and the surcharge of 10%, against 100 rupees/kg.

        >>> from tariffcalc import bilateral
        >>> b = bilateral("us", "in")
        >>> stated = {"value": 8500, "currency": "USD", "quantity": {"kg": 1000}}
        >>> table = b.table("0802.12", entered="2026-03-02", facts={"in": {"exchange_rate": 96.8}}, **stated)
        >>> table[["us_duty", "in_duty", "difference"]].round(4).values.tolist()
        [[0.1282, 0.1215, 0.0067]]
        """
        import pandas as pd

        wanted = self._wanted(products, [entered])
        answered = [
            side.lines([(entered, code) for code in lines[0]], Goods(**goods))
            for side, lines in zip(self.sides, wanted, strict=True)
        ]
        found = [summaries(each) for each in answered]
        held = [{code[:SUBHEADING] for code in lines[0]} for lines in wanted]
        names = [side.name for side in self.sides]
        rows = [
            {"label": self._labels.get(code, ""), "match": match_of(code, held, names)}
            | beside(self.sides, entered, code, found)
            for code in sorted(held[0] | held[1])
        ]
        names = [f"{side.name}_{part}" for part in PARTS for side in self.sides]
        return pd.DataFrame(rows, columns=["subheading", "label", "match", "difference", *names])

    def lines(self, products: Products = None, *, entered: Any, **goods: Any) -> pd.DataFrame:
        """The tariff lines behind ``table``, both sides one after the other.

        Returns
        -------
        DataFrame
            ``subheading``, ``charges`` (territory), ``goods_of`` (origin), ``commodity``, ``label``,
            ``lines`` (ten-digit lines that are behind an eight-digit one, where all have one answer),
            ``duty``, ``tax`` [rates], ``programs``, ``headings``, ``unknown``, ``lacking``, ``noted``.

        Examples
        --------
        Bourbon is a tariff line of India; in the US schedule it is one of two lines of its subheading.

        >>> from tariffcalc import bilateral
        >>> lines = bilateral("us", "in").lines("2208.30.11", entered="2026-02-10")
        >>> lines[["charges", "commodity", "programs"]]
          charges   commodity                 programs
        0      us  2208.30.30  us.ieepa.reciprocal 25%
        1      us  2208.30.60  us.ieepa.reciprocal 25%
        2      in  2208.30.11  in.bcd 50%, in.aidc 50%
        """
        return charged_lines(self.sides, self._wanted(products, [entered]), entered, Goods(**goods))

    def wedge(self, products: Products = None, *, entered: Any, **goods: Any) -> pd.DataFrame:
        """The reciprocal comparison alone, the largest difference first.

        Returns
        -------
        DataFrame
            ``subheading``, ``label``, the duty of each side, ``difference`` (the first less the second),
            ``relative`` (by how much more the first drives up the price at its border: (1 + duty of the
            first) / (1 + duty of the second) - 1), the same two with taxes (``difference_with_tax``,
            ``relative_with_tax``).  Empty where a side is unknown.

        Examples
        --------
        Whiskies: the reciprocal 25% against 100% on bourbon and 150% on all others.  Pistachios bear cents by
        the kilo in the US: unknown without a value and a quantity.

        >>> from tariffcalc import bilateral
        >>> wedge = bilateral("us", "in").wedge(["0802.51", "2208.30"], entered="2026-02-10")
        >>> wedge[["subheading", "us_duty", "in_duty", "difference"]].values.tolist()
        [['2208.30', 0.25, 1.375, -1.125], ['0802.51', nan, 0.11, nan]]
        """
        return wedge_of(self.sides, self.table(products, entered=entered, **goods))

    def compare(
        self, scenarios: Scenarios, products: Products = None, *, entered: Any, **goods: Any
    ) -> pd.DataFrame:
        """The law compared with scenarios of one or both sides.

        Returns
        -------
        DataFrame
            ``subheading``, ``label``, the duty of each side and the difference, and the same under the
            scenarios (``us_duty_then``, ...).

        Examples
        --------
        >>> from tariffcalc import bilateral
        >>> pair = bilateral("us", "in")
        >>> table = pair.compare({"us": "india-at-18-percent"}, "6109.10", entered="2026-02-10")
        >>> [round(rate, 4) for rate in table[["us_duty", "us_duty_then"]].iloc[0]]
        [0.415, 0.345]
        """
        names = [*(f"{side.name}_duty" for side in self.sides), "difference"]
        now, then = (each.table(products, entered=entered, **goods) for each in (self, self.under(scenarios)))
        return now[["subheading", "label", *names]].merge(
            then[["subheading", *names]].rename(columns={name: f"{name}_then" for name in names}),
            on="subheading",
            how="outer",
        )

    def concordance(self, entered: Any) -> pd.DataFrame:
        """The subheadings of both schedules on a day, and those that only one of them holds (see
        ``tariffcalc.pairs.concordance``)."""
        return concordance(self.first.tariff, self.second.tariff, entered)

    # --- over time, and on trade
    # -------------------------------------------------------------------------------------------------

    def history(self, product: str, days: Sequence[Any] | None = None, **goods: Any) -> pd.DataFrame:
        """One product over time: from each day on which the answer of either side changes.

        Parameters
        ----------
        product
            A subheading, or a code of either schedule.
        days
            Days to look at; by default every day on which the law of either side changes, from the first for
            which both are held.

        Returns
        -------
        DataFrame
            ``from`` [day] and the columns of ``table`` but label and match.

        Examples
        --------
        >>> from tariffcalc import bilateral
        >>> b = bilateral("us", "in")
        >>> table = b.history("2208.30.11", days=["2025-02-12", "2025-02-13"], facts={"us": {}})
        >>> table[["from", "in_duty"]].values.tolist()
        [['2025-02-12', 1.5], ['2025-02-13', 1.0]]
        """
        asked = list(days) if days is not None else self._change_days()
        wanted = self._wanted(product, asked)
        subheadings = {code[:SUBHEADING] for lines in wanted for each in lines for code in each}
        if len(subheadings) != 1:
            raise ShipmentError(
                f"{product!r} covers {len(subheadings)} subheadings: a history is of one; table() shows many"
                " on a day"
            )
        return history_of(self.sides, subheadings.pop(), asked, wanted, Goods(**goods))

    def effective(
        self, entered: Any, trade: Mapping[str, Any] | None = None, by: str | None = None
    ) -> pd.DataFrame:
        """Effective rates of both sides on the trade held (see ``tariffcalc.pairs.trade``)."""
        from tariffcalc.pairs.trade import effective_rates

        return effective_rates(self.sides, entered, trade or {}, by)

    def explain(self, product: str, *, entered: Any, **goods: Any) -> str:
        """One product in words: both sides line by line, what is unknown, and the difference."""
        from tariffcalc.pairs.text import explain_product

        table, lines = (
            self.table(product, entered=entered, **goods),
            self.lines(product, entered=entered, **goods),
        )
        return explain_product(self.sides, table, lines, entered)

    # --- inside
    # --------------------------------------------------------------------------------------------------------

    @cached_property
    def _labels(self) -> dict[str, str]:
        """A label for every subheading that either side has ever held; the first side's words where both have
        it."""
        return labels(self.second.tariff.law) | labels(self.first.tariff.law)

    def _wanted(self, products: Products, days: Sequence[Any]) -> list[list[list[str]]]:
        """For each side and day the lines that the products cover."""
        return lines_of_products([side.tariff.law for side in self.sides], products, days)

    def _change_days(self) -> list[str]:
        laws = [side.tariff.law for side in self.sides]
        start, end = max(law.held[0] for law in laws), min(law.held[1] for law in laws)
        days = {day for side in self.sides for day in change_days(side.tariff.law)}
        return [str(day_of(start)), *sorted(day for day in days if start < day_moment(day) < end)]

    def __repr__(self) -> str:
        first, second = self.sides
        return (
            f"<Bilateral: {first.tariff!r} charging goods of {first.origin}, {second.tariff!r} charging goods"
            f" of {second.origin}>"
        )


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list | tuple) else (given,)
