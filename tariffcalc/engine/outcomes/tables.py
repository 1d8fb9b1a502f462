"""Outcomes kept once each: numbered, added, copied, and completed by what several of them have in common."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.outcomes.decisions import Decisions
from tariffcalc.engine.outcomes.growing_table import AppendOnlyTable
from tariffcalc.engine.outcomes.select import Selected
from tariffcalc.engine.outcomes.slots import AmountSlots
from tariffcalc.engine.outcomes.stack import Stacked
from tariffcalc.engine.outcomes.undecided import UndecidedColumns

_NO_RULE = np.iinfo(np.int32).max


class OutcomeColumns(NamedTuple):
    """Some outcomes, each a column of every table."""

    tables: list[Small]
    content: Bools
    undecided: UndecidedColumns


class OutcomeTables(Decisions):
    """The decisions of outcomes, with the slots in which their amounts are worked out; outcomes that are
    alike have one number."""

    def __init__(self, law: CompiledLaw) -> None:
        super().__init__(law)
        # of each content
        self._owner = np.array([law.stacking_rules[entry].program for entry in self.contents], np.int64)
        self.slots = AmountSlots(law, self.undecided)
        self._numbers: dict[bytes, int] = {}

    @property
    def tables(self) -> tuple[AppendOnlyTable, ...]:
        """The tables in the order of ``OutcomeColumns.tables``."""
        return self.rule, self.doubt, self.base, self.stacked_out, self.depends

    def store(self, selected: Selected, stacked: Stacked, some: Ints) -> Ints:
        """The numbers of the outcomes of some patterns as they were selected and stacked; not for two threads
        at once."""
        content = np.zeros((len(self.contents), len(some)), bool)
        for place, entry in enumerate(self.contents):
            if entry in stacked.content:
                content[place] = stacked.content[entry][some]
        tables = (*selected, stacked.stacked_out, stacked.depends)
        return self.keep(
            OutcomeColumns([table[some].T for table in tables], content, self.undecided.none(len(some)))
        )

    def keep(self, columns: OutcomeColumns) -> Ints:
        """The numbers of some outcomes; those that are new are added; not for two threads at once."""
        tables, content, undecided = columns
        numbers, fresh = numbered([*tables, np.packbits(content, axis=0), *undecided], self._numbers)
        for kept, table in zip(self.tables, tables, strict=True):
            kept.append(table[:, fresh])
        self.content.append(content[:, fresh])
        self.undecided.append(UndecidedColumns(*(table[:, fresh] for table in undecided)))
        self.slots.append(self, slice(len(self.rule) - len(fresh), len(self.rule)))
        self._count = len(self._numbers)
        return numbers

    def columns(self, numbers: Ints) -> OutcomeColumns:
        """A copy of some outcomes."""
        undecided = UndecidedColumns(*(table.rows[:, numbers] for table in self.undecided.tables))
        return OutcomeColumns(
            [table.rows[:, numbers] for table in self.tables], self.content.rows[:, numbers], undecided
        )

    def decide(self, columns: OutcomeColumns, places: Ints, completed: Ints, alike: Bools) -> None:
        """Write into columns, at some places, the programs that completed outcomes [places, outcomes] charge
        alike [programs, places].

        It is the rule that takes precedence among them; the other rule that may apply is kept with it.
        """
        tables, content, undecided = columns
        taken, rules = alike & ~self.slots.is_fee[:, None], self.rule.rows[:, completed]
        chosen = completed[np.arange(len(places)), self._first(completed)]  # [programs, places]
        programs = np.arange(len(alike))[:, None]
        for table, kept in zip(tables, self.tables, strict=True):
            table[:, places] = np.where(taken, kept.rows[programs, chosen], table[:, places])
        others = np.where(rules == self.rule.rows[programs, chosen][:, :, None], -1, rules).max(axis=2)
        undecided.either[:, places] = np.where(taken, others, undecided.either[:, places])
        entries = np.arange(len(self.contents))[:, None]
        content[:, places] = np.where(
            taken[self._owner], self.content.rows[entries, chosen[self._owner]], content[:, places]
        )

    def _first(self, completed: Ints) -> Ints:
        """Of completed outcomes [places, outcomes] the place of the one that each program is taken from
        [programs, places].

        It is the one with the rule that takes precedence, if there is any; and of several such the first by
        what became of the program, so that it does not matter which outcome was met first.
        """
        rules, *others = (
            table.rows[:, completed]
            for table in (self.rule, self.stacked_out, self.base, self.depends, self.doubt)
        )
        best = _least(np.where(rules >= 0, rules, _NO_RULE), np.ones(rules.shape, bool))
        for values in others:
            best = _least(values, best)
        for place, owner in enumerate(self._owner.tolist()):
            best[owner] = _least(self.content.rows[place, completed], best[owner])
        first: Ints = np.argmax(best, axis=-1)
        return first


def _least(values: NDArray[Any], among: Bools) -> Bools:
    """Which values along the last axis, among some, are the least."""
    least = np.where(among, values, _NO_RULE).min(axis=-1, keepdims=True)
    found: Bools = among & (values == least)
    return found


def numbered(tables: list[NDArray[Any]], known: dict[bytes, int]) -> tuple[Ints, Ints]:
    """The number of each column of some tables on top of each other, by what is known so far; and a column of
    each number that is new, in order."""
    before = len(known)
    columns = np.ascontiguousarray(np.vstack(tables).T)
    numbers = np.array([known.setdefault(column.tobytes(), len(known)) for column in columns], np.int64)
    distinct, first = np.unique(numbers, return_index=True)
    return numbers, first[distinct >= before]
