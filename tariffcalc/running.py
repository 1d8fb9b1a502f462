"""Totals over many estimates in turn, so that a file of any size is summed in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tariffcalc.estimate import Estimate


@dataclass
class RunningTotal:
    """Rows, value, duty, fees, duty by program and problems of the estimates added so far."""

    rows: int = 0
    unknown: int = 0
    currency: str = ""
    value: Decimal = Decimal(0)
    known_value: Decimal = Decimal(0)
    duty: Decimal = Decimal(0)
    programs: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    _scale: Decimal = Decimal(1)

    def add(self, estimate: Estimate) -> None:
        """Add one estimate."""
        ledger, lines = estimate.parts
        self.currency = estimate.law.currency
        self.rows += len(estimate)
        self.unknown += estimate.unknown_lines
        self.value += estimate.money(int(lines.columns.value.sum()))
        self.known_value += estimate.known_value
        self.duty += estimate.known_duty
        for number, program in enumerate(estimate.law.programs):
            if ledger.speaks(number):
                self.programs[program.name] += int(ledger.amount(number).sum())
                self.titles[program.name] = program.title
        table = estimate.problems
        if len(table):
            serious = table[(table["severity"] != "note") & (table["code"] != "depends-on-unknown")]
            counts = serious.groupby(["message", "supply"], sort=False)["row"].nunique().reset_index()
            for message, supply, count in counts.itertuples(index=False):
                self.problems[str(message), str(supply)] += int(count)
        self._scale = estimate.money(1)

    @classmethod
    def of(cls, estimate: Estimate) -> RunningTotal:
        """The totals of one estimate."""
        total = cls()
        total.add(estimate)
        return total

    def as_dict(self) -> dict[str, Any]:
        """The totals for JSON; money as text, so that no cent is lost."""
        return {
            "rows": self.rows,
            "unknown_rows": self.unknown,
            "currency": self.currency,
            "value": str(self.value),
            "known_value": str(self.known_value),
            "duty": str(self.duty),
            "programs": {name: str(amount * self._scale) for name, amount in self.programs.items()},
            "problems": [{"message": message, "supply": supply, "rows": count} for (message, supply), count in self.problems.most_common()],
        }

    def text(self, most: int = 8) -> str:
        """The totals in a few lines."""
        return "\n".join(self._lines(most))

    def _lines(self, most: int) -> Iterator[str]:
        yield f"{self.rows:,} lines, customs value {self.value:,} {self.currency}"
        rate = f", {self.duty / self.known_value:.2%} of {self.known_value:,}" if self.known_value else ""
        yield f"duty known on {self.rows - self.unknown:,} lines: {self.duty:,} {self.currency}{rate}"
        for name, amount in self.programs.items():
            if amount:
                yield f"  {self.titles[name]:<58}{amount * self._scale:>22,}"
        yield from self.problem_lines(most)

    def problem_lines(self, most: int = 8) -> Iterator[str]:
        """How many lines could not be assessed, and what they lack."""
        if not self.unknown:
            return
        yield f"{self.unknown:,} lines could not be assessed; they lack:"
        for (message, supply), count in self.problems.most_common(most):
            yield f"  {count:>7,}  {message}" + (f" ({supply})" if supply else "")
        if len(self.problems) > most:
            yield f"  ... and {len(self.problems) - most} further reasons"
