"""Two estimates of the same lines side by side: what changed, where, by which program, and what cannot be
compared.

Other lines are refused, with the first row that differs (``same_lines.py``): the difference of two goods is
no change of law.

Differences are taken posting by posting, so that a change of one program is known even on lines where another
program is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from tariffcalc.codes import dotted
from tariffcalc.comparison.keys import labels_of
from tariffcalc.comparison.program_change import (
    SUMS,
    UNDIVIDED,
    ProgramChange,
    program_amounts,
    sums_of,
)
from tariffcalc.comparison.several import Comparisons
from tariffcalc.engine.sums import total_of
from tariffcalc.estimate import Estimate
from tariffcalc.reading.chapters import chapter_names
from tariffcalc.views.amount_words import amount_text
from tariffcalc.views.same_lines import paired_rows

if TYPE_CHECKING:
    import pandas as pd


class Comparison:
    """The difference between two estimates of the same lines.

    Attributes
    ----------
    touched_lines : int
        Lines on which any known posting differs.
    change : Decimal
        Sum of all known differences [currency].
    unknown_lines : int
        Lines on which a program of either estimate is unknown; their other programs are compared all the
        same.
    """

    def __init__(
        self, before: Estimate[Any], after: Estimate[Any], may_differ: str | Collection[str] = ()
    ) -> None:
        self._take = paired_rows(before, after, may_differ)
        self.before, self.after = before, after
        columns = before.parts[1].columns
        self._columns = columns if isinstance(self._take[0], slice) else columns.take(self._take[0])
        self.programs = [
            ProgramChange(each.program, each.amounts[0], each.amounts[1], each.known)
            for each in program_amounts((before, after), self._take, len(self._columns))
        ]

    def _difference(self) -> NDArray[np.int64]:
        total = np.zeros(len(self._columns), np.int64)
        for change in self.programs:
            total += np.where(change.known, change.after - change.before, 0)
        return total

    @property
    def touched_lines(self) -> int:
        """Lines on which any known posting differs."""
        touched = np.zeros(len(self._columns), bool)
        for change in self.programs:
            touched |= change.known & (change.after != change.before)
        return int(touched.sum())

    @property
    def change(self) -> Decimal:
        """Sum of all known differences [currency]."""
        return self.before.money(total_of(self._difference()))

    @property
    def unknown_lines(self) -> int:
        """Lines on which a program of either estimate is unknown, or which could not be read."""
        unknown = np.zeros(len(self._columns), bool)
        for change in self.programs:
            unknown |= ~change.known
        return len(self.before) - len(self._columns) + int(unknown.sum())

    def by(self, *keys: str) -> pd.DataFrame:
        """Value, duty before, duty after and change, summed by ``chapter``, ``heading``, ``subheading``,
        ``commodity``, ``origin``, ``month`` (of entry), ``program``, or any column of the data.

        Amounts are in the currency of the territory.  Only postings known under both laws are summed;
        ``unknown`` counts the lines left out of a row, and
        a row of which nothing is known has no amounts.  By program, ``value`` is that of the lines the
        program charges or might.  Sorted by the size of the change.
        """
        import pandas as pd

        columns, law = self._columns, self.before.law
        labels = labels_of(self.before, columns, self.before.parts[1].rows[self._take[0]], keys)
        scale = law.minor_units
        value = columns.value / scale
        if "program" not in keys:
            known = (
                np.logical_and.reduce([change.known for change in self.programs])
                if self.programs
                else np.ones(len(columns), bool)
            )
            before = sum(
                (np.where(change.known, change.before, 0) for change in self.programs),
                np.zeros(len(columns), np.int64),
            )
            table = pd.DataFrame(labels | sums_of(value, before, self._difference(), ~known, scale))
        else:
            table = pd.concat(
                [self._of_program(change, labels, value) for change in self.programs]
                or [pd.DataFrame(columns=[*keys, *SUMS])]
            )
        grouped = table.groupby(list(keys), sort=False, observed=True).sum().reset_index()
        nothing_known = (grouped["before"] == 0) & (grouped["after"] == 0) & (grouped["unknown"] > 0)
        grouped.loc[nothing_known, ["before", "after", "change"]] = np.nan
        order = grouped["change"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
        return grouped.loc[order].reset_index(drop=True)

    def _of_program(
        self, change: ProgramChange, labels: dict[str, Any], value: NDArray[np.float64]
    ) -> pd.DataFrame:
        """The lines one program applies to, before or after."""
        import pandas as pd

        here = np.flatnonzero((change.before != 0) | (change.after != 0) | ~change.known)
        known = change.known[here]
        before, after = np.where(known, change.before[here], 0), np.where(known, change.after[here], 0)
        sums = sums_of(value[here], before, after - before, ~known, self.before.law.minor_units)
        return pd.DataFrame(
            {name: label[here] for name, label in labels.items()} | {"program": change.program} | sums
        )

    def summary(self) -> str:
        """What changed, in a few lines; says so where nothing did."""
        return "\n".join(_sentences(self))

    def __repr__(self) -> str:
        return (
            f"<Comparison of {len(self.before):,} lines: change {self.change:,} {self.before.law.currency} on"
            f" {self.touched_lines:,} lines>"
        )


def _sentences(comparison: Comparison) -> Iterator[str]:
    """What changed: one total, the programs it comes from, and the lines whose whole duty is known."""
    before, after = comparison.before, comparison.after
    currency, lines = before.law.currency, len(before)
    if not comparison.touched_lines:
        if comparison.unknown_lines:
            yield (
                f"Nothing that is known changes on the {lines:,} lines; {comparison.unknown_lines:,} of them"
                " are unknown in whole or in part."
            )
        else:
            yield (
                f"Nothing changes on any of the {lines:,} lines: the scenario concerns none of these goods,"
                " origins and days."
            )
        return
    touched = f"{comparison.touched_lines:,} of {lines:,} {'line' if lines == 1 else 'lines'}"
    change = float(comparison.change)
    verb = "falls" if change < 0 else "rises"
    yield (
        f"Duty {verb} by {amount_text(abs(change), currency)} on {touched}."
        if change
        else f"Duty changes on {touched}; the changes add up to 0."
    )
    titles = _titles(comparison)
    for each in comparison.programs:
        delta = total_of((each.after - each.before)[each.known])
        if delta:
            yield f"  {titles[each.program]:<58}{before.money(delta):>22,.0f} {currency}"
    (old, old_unknown), (new, new_unknown) = (each.parts[0].total("duty") for each in (before, after))
    both = ~(old_unknown | new_unknown)
    value = before.money(total_of(before.parts[1].columns.value[both]))
    if not value:
        yield "The whole duty is known under both on none of the lines."
        return
    others = lines - int(both.sum())
    which = f"the {lines - others:,} lines whose whole duty is known under both" if others else "all lines"
    yield f"On {which}, of {value:,.0f} {currency} customs value:"
    for word, duty in (
        ("before", before.money(total_of(old[both]))),
        ("after", before.money(total_of(new[both]))),
    ):
        yield f"  {f'duty {word}':<58}{duty:>22,.0f} {currency}, {duty / value:.2%} of the value"
    if others:
        total = amount_text(abs(change), currency)
        yield (
            f"The total of {total} counts the other {others:,} lines too, with the programs that are known"
            " there."
        )


def _titles(comparison: Comparison) -> dict[str, str]:
    """The titles of the programs of both laws, by name."""
    return {UNDIVIDED: UNDIVIDED} | {
        program.name: program.title
        for each in (comparison.before, comparison.after)
        for program in each.law.programs
    }


def top_table(comparison: Comparison, key: str, most: int) -> pd.DataFrame:
    """The rows of the largest change by one key, with words beside codes: the title of a program, the name of
    a chapter, the label of a line."""
    table = comparison.by(key).head(most)
    law = comparison.before.law
    if key == "program":
        titles = _titles(comparison)
        return table.assign(title=[titles[name] for name in table["program"]])
    if key == "chapter":
        names = chapter_names()
        return table.assign(name=[names.get(code, "") for code in table["chapter"]])
    if key == "commodity":
        first = law.segments.first
        labels = [law.segments.labels[int(first[law.code_index[code]])] for code in table["commodity"]]
        return table.assign(label=labels, commodity=[dotted(code) for code in table["commodity"]])
    return table


@overload
def compare(
    before: Estimate[Any], after: Estimate[Any], *, may_differ: str | Collection[str] = ()
) -> Comparison: ...


@overload
def compare(
    before: Estimate[Any],
    after: Estimate[Any],
    other: Estimate[Any],
    /,
    *others: Estimate[Any],
    may_differ: str | Collection[str] = (),
) -> Comparisons: ...


def compare(
    before: Estimate[Any],
    after: Estimate[Any],
    *others: Estimate[Any],
    may_differ: str | Collection[str] = (),
) -> Comparison | Comparisons:
    """Compare estimates of the same lines, usually one under the law and one under each of some scenarios.

    Two are a ``Comparison``; more are ``Comparisons``, each with the first.

    Parameters
    ----------
    may_differ
        What of the lines may differ, by name: "days" (the same goods on other days), "origin", "claims",
        "facts", or several of them.  Goods, values and quantities are always the same.  A row that only one
        of the estimates could read counts among the unknown ones.

    Raises
    ------
    ShipmentError
        If they are not of the same lines, with the first row that differs and both values; if they are of two
        territories; if one has fees and the other has none.

    Examples
    --------
    >>> from tariffcalc import Line, Shipment, load
    >>> us, line = load("us"), Line(commodity="6109.10.00.12", origin="IN", value="10000")
    >>> shirts = Shipment(entered="2026-02-10", lines=(line,))
    >>> compare(us.estimate(shirts), us.amend("india-at-18-percent").estimate(shirts)).change
    Decimal('-700.00')

    The same goods two weeks later, when one duty had ended and another begun:

    >>> later = Shipment(entered="2026-02-24", lines=(line,))
    >>> compare(us.estimate(shirts), us.estimate(later), may_differ="days").change
    Decimal('-1500.00')
    """
    if others:
        return Comparisons((before, after, *others), may_differ)
    return Comparison(before, after, may_differ)
