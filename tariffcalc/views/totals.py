"""Totals over many estimates in turn, so that a file of any size is summed in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from tariffcalc.assessment.assumptions import Assumption, assumptions
from tariffcalc.assessment.doubt import Doubt, doubts
from tariffcalc.assessment.open_facts import apart, may_differ
from tariffcalc.assessment.pending import pending_notes
from tariffcalc.assessment.reasons import agreed_notes, reason_words
from tariffcalc.compiled.axes import Ints
from tariffcalc.engine.reasons import DEPENDS, Reason
from tariffcalc.engine.sums import total_of
from tariffcalc.tags import SECONDARY, TAGS, UNCERTAIN
from tariffcalc.views.credit import creditable_programs, duty_apart_from_credit
from tariffcalc.views.line_sums import LineSums
from tariffcalc.views.totals_fields import (
    MOST_KEPT,
    MOST_NAMED,
    count_rows,
    plainly,
    read_back,
    together,
)
from tariffcalc.views.totals_text import certainty_lines, problem_lines, total_lines

if TYPE_CHECKING:
    from tariffcalc.assessment.assessed import Assessed


@dataclass
class EstimateTotals(LineSums):
    """The sums and counts of the estimates added so far."""

    def add(self, estimate: Assessed, first: int = 0) -> None:
        """Add one estimate, whose first row is number ``first`` (from 0) of the whole run."""
        ledger, lines = estimate.parts
        self.currency = estimate.law.currency
        self.rows += len(estimate)
        self.unknown += estimate.unknown_lines
        self.value += estimate.money(total_of(lines.columns.value))
        self.known_value += estimate.known_value
        self.duty += estimate.known_duty
        self.undivided += estimate.money(total_of(ledger.undivided))
        for number, program in enumerate(estimate.law.programs):
            if ledger.has_postings(number):
                known = (
                    total_of(ledger.amount(number))
                    if program.kind == "fee"
                    else ledger.outcome_sums.sum_where_known(number)
                )
                self.programs[program.name] += known
                self.titles[program.name] = program.title
                if program.kind == "fee":
                    self.fee_programs.add(program.name)
        self.unused_columns |= estimate.unused_columns
        self._add_credit(estimate)
        self._add_certainty(estimate)
        self._add_problems(estimate, first)
        self._scale = estimate.money(1)

    def _add_credit(self, estimate: Assessed) -> None:
        creditable = creditable_programs(estimate.law)
        if not creditable:
            return
        ledger, lines = estimate.parts
        self.credited |= {
            program.name: program.title
            for program in creditable
            if ledger.has_postings(estimate.law.program_index[program.name])
        }
        rest, _ = duty_apart_from_credit(ledger)
        self.rows_after_credit += int((~rest.unknown).sum())
        self.value_after_credit += estimate.money(total_of(lines.columns.value[~rest.unknown]))
        self.duty_after_credit += estimate.money(total_of(rest.amount[~rest.unknown]))

    def _add_certainty(self, estimate: Assessed) -> None:
        ledger, _ = estimate.parts
        amount, unknown = ledger.total("duty")
        for name, places in (
            ("uncertain", range(UNCERTAIN, len(TAGS))),
            ("secondary", range(SECONDARY, UNCERTAIN)),
        ):
            some = (ledger.certainty >= places.start) & (ledger.certainty < places.stop) & ~unknown
            setattr(self, name, getattr(self, name) + int(some.sum()))
            setattr(
                self, f"{name}_duty", getattr(self, f"{name}_duty") + estimate.money(total_of(amount[some]))
            )

    def _add_problems(self, estimate: Assessed, first: int) -> None:
        ledger, lines = estimate.parts
        for counter, problems in (
            (self.problems, lines.problems.refused),
            (self.notes, lines.problems.noted + estimate.without_effect),
        ):
            for problem in problems:
                count_rows(counter, problem.message, problem.supply, len(problem.rows))
                self._name_rows(problem.message, problem.rows, first)
        assumed = ((each, each.line_count) for each in assumptions(estimate.law, ledger))
        doubtful = ((each, each.count(ledger)) for each in doubts(estimate.law, ledger))
        said: Iterator[tuple[Assumption | Doubt, int]] = chain(assumed, doubtful)
        for each, count in said:
            count_rows(self.notes, each.message, each.supply, count)
            if self._names_few(each.message):
                self._name_rows(each.message, lines.rows[each.first_lines(ledger, MOST_NAMED)], first)
        for note in (
            *agreed_notes(estimate.law, ledger, lines.rows),
            *pending_notes(estimate.law, lines.columns, lines.rows),
        ):
            count_rows(self.notes, note.message, note.supply, len(note.rows))
            self._name_rows(note.message, note.rows, first)
        for number in filter(ledger.has_postings, range(len(estimate.law.programs))):
            self._add_unknown(estimate, number, first)

    def _add_unknown(self, estimate: Assessed, number: int, first: int) -> None:
        """Count why a program is unknown."""
        law, (ledger, lines), program = estimate.law, estimate.parts, estimate.law.programs[number]
        where: dict[Reason, Ints] = {}
        for place, rows in enumerate(ledger.outcome_sums.reason_counts(number).tolist()):
            reason, parts = ledger.reasons[place], {}
            self.unknown_of[program.name] += rows
            if rows and reason.kind != DEPENDS:
                parts = {reason: rows}
            if parts and may_differ(law, ledger, number, reason):
                where = where or dict(ledger.unknown_lines(number))
                parts = {
                    each: len(those) for each, those in apart(law, ledger, number, reason, where[reason])
                }
            for each, count in parts.items():
                _, message, supply = reason_words(law, each)
                message = f"{program.title}: {message}"
                count_rows(
                    self.problems if program.kind == "duty" else self.fee_problems, message, supply, count
                )
                if self._names_few(message):
                    where = where or dict(ledger.unknown_lines(number))
                    self._name_rows(
                        message,
                        lines.rows[dict(apart(law, ledger, number, reason, where[reason]))[each]],
                        first,
                    )

    def _names_few(self, message: str) -> bool:
        """Whether further rows are to be named beside a problem."""
        return len(self.first_rows.get(message, ())) < MOST_NAMED and (
            message in self.first_rows or len(self.first_rows) < MOST_KEPT
        )

    def _name_rows(self, message: str, rows: Ints, first: int) -> None:
        """Name some rows beside a problem, counted from 1 through the whole run."""
        if len(rows) and self._names_few(message):
            named = [*self.first_rows.get(message, ()), *(rows[:MOST_NAMED] + first + 1).tolist()]
            self.first_rows[message] = sorted(named)[:MOST_NAMED]

    def merge(self, other: EstimateTotals) -> None:
        """Add the totals of other rows under the same law."""
        for each in fields(EstimateTotals):
            ours, theirs = getattr(self, each.name), getattr(other, each.name)
            if not each.metadata:
                setattr(self, each.name, together(ours, theirs))
            elif other.currency:
                setattr(self, each.name, theirs)

    def lacking(self, message: str, supply: str, rows: int, of_fees: bool = False) -> None:
        """Count rows whose duty (or fees) could not be assessed for a reason no estimate knows of."""
        count_rows(self.fee_problems if of_fees else self.problems, message, supply, rows)

    def state(self) -> dict[str, Any]:
        """Everything the totals hold, for JSON; ``from_state`` makes the same totals of it."""
        return {each.name: plainly(getattr(self, each.name)) for each in fields(EstimateTotals)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> EstimateTotals:
        """The totals that ``state`` wrote."""
        total = cls()
        for each in fields(EstimateTotals):
            setattr(total, each.name, read_back(state[each.name], type(getattr(total, each.name))))
        return total

    @classmethod
    def of(cls, estimate: Assessed, first: int = 0) -> EstimateTotals:
        """The totals of one estimate, whose first row is number ``first`` (from 0) of the whole run."""
        total = cls()
        total.add(estimate, first)
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
            "undivided": str(self.undivided),
            "programs": {
                name: {"amount": str(amount * self._scale), "unknown_rows": self.unknown_of[name]}
                for name, amount in self.programs.items()
            },
            **self._credit(),
            "problems": self._listed(self.problems),
            "fee_problems": self._listed(self.fee_problems),
            "notes": self._listed(self.notes),
            "certainty": {
                "uncertain": {"rows": self.uncertain, "duty": str(self.uncertain_duty)},
                "secondary": {"rows": self.secondary, "duty": str(self.secondary_duty)},
            },
            "unused_columns": self.unused_columns,
        }

    def _listed(self, counter: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
        return [
            {
                "message": message,
                "supply": supply,
                "rows": count,
                "first_rows_from_1": self.first_rows.get(message, []),
            }
            for (message, supply), count in counter.most_common()
        ]

    def _credit(self) -> dict[str, Any]:
        """What remains after credit, where any of it is creditable."""
        if not self.credited:
            return {}
        amounts = {"value": str(self.value_after_credit), "duty": str(self.duty_after_credit)}
        return {
            "net_of_credit": {"rows": self.rows_after_credit, **amounts, "creditable": list(self.credited)}
        }

    def by_program(self) -> Iterator[tuple[str, Decimal, int, bool]]:
        """Each program that charges something: its title, the amount [currency], the lines on which it is
        unknown, and whether it is a fee."""
        for name, amount in self.programs.items():
            if amount:
                yield (
                    self.titles[name],
                    amount * self._scale,
                    self.unknown_of[name],
                    name in self.fee_programs,
                )
        if self.undivided:
            yield "one program or another, the duty being the same", self.undivided, 0, False

    def text(self, most: int = 8, band: Iterable[str] = ()) -> str:
        """The totals in a few lines; ``band`` says between what the whole duty lies where some is
        unknown."""
        return "\n".join(total_lines(self, most, band))

    def certainty_lines(self) -> Iterator[str]:
        """How much of the duty rests on texts in doubt, and on secondary sources."""
        return certainty_lines(self)

    def problem_lines(self, most: int = 8) -> Iterator[str]:
        """How many lines could not be assessed, and what they lack; what fees lack; on what assumptions lines
        were assessed."""
        return problem_lines(self, most)
