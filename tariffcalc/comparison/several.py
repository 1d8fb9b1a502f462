"""Three or more estimates of the same lines side by side: each with the first, a column for each.

Only what is known in every estimate is counted, posting by posting, so that all columns are of the same
lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tariffcalc.comparison.keys import labels_of
from tariffcalc.comparison.program_change import ProgramAmounts, program_amounts
from tariffcalc.engine.sums import total_of
from tariffcalc.errors import OptionError
from tariffcalc.estimate import Estimate
from tariffcalc.views.amount_words import amount_text
from tariffcalc.views.line_columns import Take
from tariffcalc.views.same_lines import paired_rows

if TYPE_CHECKING:
    import pandas as pd

Shown = Literal["duty", "change", "points"]
SHOWN: tuple[Shown, ...] = ("duty", "change", "points")


class Comparisons:
    """Several estimates of the same lines, each compared with the first.

    Attributes
    ----------
    names : tuple of str
        A name for each estimate: ``law``, or the titles of the scenarios that amend it.
    changes : dict of str to Decimal
        By name of every estimate but the first the sum of all differences that are known in every estimate
        [currency].
    unknown_lines : int
        Lines on which a program of any estimate is unknown, or which could not be read in all of them.
    """

    def __init__(self, estimates: Sequence[Estimate[Any]], may_differ: str | Collection[str] = ()) -> None:
        self.estimates = tuple(estimates)
        self.names = _names(self.estimates, may_differ)
        self._take = _rows_of_all(self.estimates, may_differ)
        first, take = self.estimates[0], self._take[0]
        columns = first.parts[1].columns
        self._columns = columns if isinstance(take, slice) else columns.take(take)
        self._programs = [*program_amounts(self.estimates, self._take, len(self._columns))]

    @property
    def changes(self) -> dict[str, Decimal]:
        """The known differences from the first, by name [currency]."""
        money = self.estimates[0].money
        return {
            name: money(total_of(self._sum(number, self._programs) - self._sum(0, self._programs)))
            for number, name in enumerate(self.names)
            if number
        }

    @property
    def unknown_lines(self) -> int:
        """Lines of which something is unknown in some estimate."""
        return len(self.estimates[0]) - len(self._columns) + int(np.count_nonzero(~self._known))

    @property
    def _known(self) -> NDArray[np.bool_]:
        """The lines of which every program is known in every estimate."""
        known = np.ones(len(self._columns), bool)
        for each in self._programs:
            known &= each.known
        return known

    def _sum(self, number: int, programs: Sequence[ProgramAmounts]) -> NDArray[np.int64]:
        """What some programs charge on each line in an estimate, as far as it is known in all."""
        total = np.zeros(len(self._columns), np.int64)
        for each in programs:
            total += np.where(each.known, each.amounts[number], 0)
        return total

    def by(self, *keys: str, show: Shown = "duty") -> pd.DataFrame:
        """The value and a column for each estimate, summed by ``chapter``, ``heading``, ``subheading``,
        ``commodity``, ``origin``, ``month`` (of entry), ``program``, or any column of the data.

        ``show``: the "duty" in each estimate; its "change" from the first [both in currency]; or the change
        in "points", that is per 100 of the customs value of the lines of which every program is known (by
        program: of which that program is).  ``unknown`` counts the lines of which something is left out, and
        a row of which nothing is known has no amounts.  Sorted by the largest change.
        """
        if show not in SHOWN:
            raise OptionError(f"show is {show!r}: give one of {', '.join(SHOWN)}")
        first = self.estimates[0]
        labels = labels_of(first, self._columns, first.parts[1].rows[self._take[0]], keys)
        grouped = self._summed(labels, keys)
        base = grouped[_of(0)].to_numpy(float)
        change = {number: grouped[_of(number)] - base for number in range(len(self.names))}
        largest = np.max([np.abs(each) for each in change.values()], axis=0)
        for number, name in enumerate(self.names):
            if number or show == "duty":
                grouped[name] = (
                    grouped[_of(number)]
                    if show == "duty"
                    else change[number]
                    if show == "change"
                    else 100 * grouped[_in_full(number)] / grouped["in full"]
                )
        nothing = (grouped["unknown"] > 0) & ~grouped[[_of(n) for n in range(len(self.names))]].any(axis=1)
        names = [name for number, name in enumerate(self.names) if number or show == "duty"]
        grouped.loc[nothing, names] = np.nan
        order = np.argsort(np.where(nothing, 1, -largest), kind="stable")
        return grouped[[*keys, "value", *names, "unknown"]].iloc[order].reset_index(drop=True)

    def _summed(self, labels: dict[str, Any], keys: Sequence[str]) -> pd.DataFrame:
        """The sums by key: value, what each estimate charges, and of what is known in full the value and the
        change."""
        import pandas as pd

        if "program" not in keys:
            table = self._table(labels, self._programs, self._known, np.arange(len(self._columns)))
        else:
            parts = []
            for each in self._programs:
                here = np.flatnonzero(np.any(each.amounts, axis=0) | ~each.known)
                parts.append(self._table(labels, [each], each.known, here).assign(program=each.program))
            nothing = self._table(labels, [], self._known, np.zeros(0, np.int64)).assign(program="")
            table = pd.concat(parts or [nothing])
        return table.groupby(list(keys), sort=False, observed=True, dropna=False).sum().reset_index()

    def _table(
        self,
        labels: dict[str, Any],
        programs: Sequence[ProgramAmounts],
        known: NDArray[np.bool_],
        here: NDArray[np.int64],
    ) -> pd.DataFrame:
        import pandas as pd

        scale = self.estimates[0].law.minor_units
        value = self._columns.value[here] / scale
        amounts = [self._sum(number, programs)[here] / scale for number in range(len(self.names))]
        return pd.DataFrame(
            {name: label[here] for name, label in labels.items()}
            | {"value": value, "in full": np.where(known[here], value, 0)}
            | {_of(number): amount for number, amount in enumerate(amounts)}
            | {
                _in_full(number): np.where(known[here], amount - amounts[0], 0)
                for number, amount in enumerate(amounts)
            }
            | {"unknown": (~known[here]).astype(np.int64)}
        )

    def summary(self) -> str:
        """Which estimate changes the duty most, and what each comes to."""
        return "\n".join(_sentences(self))

    def __repr__(self) -> str:
        return f"<Comparisons of {len(self.estimates[0]):,} lines: {', '.join(self.names)}>"


def _of(number: int) -> str:
    return f"amount {number}"


def _in_full(number: int) -> str:
    return f"change in full {number}"


def _names(estimates: Sequence[Estimate[Any]], may_differ: str | Collection[str]) -> tuple[str, ...]:
    """A name for each estimate, none twice."""
    found: list[str] = []
    for number, each in enumerate(estimates):
        if number:
            paired_rows(estimates[0], each, may_differ)  # refuses what is no estimate of these lines
        name = " + ".join(each.law.changes) or "law"
        same = [other for other in found if other == name or other.startswith(f"{name} (")]
        found.append(f"{name} ({len(same) + 1})" if same else name)
    return tuple(found)


def _rows_of_all(estimates: Sequence[Estimate[Any]], may_differ: str | Collection[str]) -> list[Take]:
    """The lines of each estimate that are compared: those that all of them could read."""
    takes = [paired_rows(estimates[0], each, may_differ) for each in estimates[1:]]
    if all(isinstance(left, slice) for left, _ in takes):
        return [slice(None)] * len(estimates)
    size = len(estimates[0].parts[1].rows)
    pairs = [
        tuple(np.arange(size)[take] if isinstance(take, slice) else take for take in pair) for pair in takes
    ]
    common = np.arange(size)
    for left, _ in pairs:
        common = np.intersect1d(common, left, assume_unique=True)
    return [common, *(right[np.searchsorted(left, common)] for left, right in pairs)]


def _sentences(several: Comparisons) -> Iterator[str]:
    first, changes = several.estimates[0], several.changes
    currency, lines = first.law.currency, len(first)
    known = several._known
    value = float(first.money(total_of(several._columns.value[known])))
    name = max(changes, key=lambda each: abs(changes[each]))
    if not changes[name]:
        yield f"Nothing that is known changes on the {lines:,} lines in any of {len(changes)} estimates."
    else:
        verb = "falls" if changes[name] < 0 else "rises"
        yield (
            f"The duty changes most under {name!r}: it {verb} by"
            f" {amount_text(abs(float(changes[name])), currency)} against {several.names[0]!r}."
        )
    for number, each in enumerate(several.names):
        duty = float(first.money(total_of(several._sum(number, several._programs)[known])))
        rate = f", {duty / value:.2%} of the value" if value else ""
        change = f", change {changes[each]:,.0f}" if number else ""
        yield f"  {each:<58}{duty:>22,.0f} {currency}{rate}{change}"
    if several.unknown_lines:
        yield (
            f"Duties and rates are of the {int(known.sum()):,} lines known in every estimate; the changes"
            f" count the other {several.unknown_lines:,} lines too, with the programs that are known there."
        )
