"""What became of every fact pattern met so far, kept with the law: an *outcome* is the rule, the base and the stacking of every program.

A hundred million lines share a few thousand outcomes, however many patterns they fall into: selection and stacking run once for each pattern and are
remembered; patterns that end alike share the outcome.  Outcomes are only ever added, so what an estimate holds stays right while others add more.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.axes import Bools, DayNumbers, Ints, Small
from tariffcalc.engine.background import MOST_BACKGROUNDS, Backgrounds
from tariffcalc.engine.classify import Answers, Patterns, Plain, answer_rows, goods_pairs, lines_to_ask
from tariffcalc.engine.columns import Columns
from tariffcalc.engine.completions import Completions, admitted
from tariffcalc.engine.growing import Growing
from tariffcalc.engine.lanes import Lanes
from tariffcalc.engine.numbering import Numbering, PairTable
from tariffcalc.engine.presumed import Presumed
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.engine.select import Selected, select
from tariffcalc.engine.stack import Stacked, stack
from tariffcalc.engine.threads import blocks
from tariffcalc.engine.undecided import Undecided, UndecidedColumns, all_alike
from tariffcalc.errors import EngineError

_GOODS_BITS, _DAY_BITS = 20, 22  # of a pattern's key; the number of its answers takes the rest
_MOST, _MOST_ANSWERS, _MOST_PATTERNS = 1 << 17, 1 << 18, 1 << 22  # outcomes, rows of answers and patterns kept; beyond that a new run starts afresh

OneOutcome = tuple[list[Small], Bools, UndecidedColumns]  # a column of each table


class Outcomes:
    """Outcomes by number; every table is [programs, outcomes]."""

    def __init__(self, law: CompiledLaw) -> None:
        self.law = law
        tables = (Growing(len(law.programs), np.int32) for _ in range(5))
        self.rule, self.doubt, self.base, self.gave_way, self.depends = tables
        self.contents = [number for number, entry in enumerate(law.yieldings) if entry.content]
        self._owner = np.array([law.yieldings[entry].program for entry in self.contents], np.int64)  # of each content
        self.content = Growing(len(self.contents), np.bool_)  # [entries of ``contents``, outcomes] whether its content leaves the base
        self.undecided, self.presumed = Undecided(law), Presumed(law)
        self.lanes = Lanes(law, self.undecided)
        self._completions = Completions(law, self._store)
        self._plain, self._days = Plain.of(law), DayNumbers(law.day_cuts)
        if self._days.space > 1 << _DAY_BITS:
            raise EngineError(f"{law.title}: the law tells apart more combinations of days than a pattern can hold")
        self._lock = Lock()
        self._of_pattern = Numbering()
        self._backgrounds = Backgrounds(law, self._plain)
        self._plain_table = PairTable(self._days.space * MOST_BACKGROUNDS)
        self._goods = np.full(len(law.product_definite) * len(law.origin_mask), -1, np.int64)
        self._goods_numbers: dict[bytes, int] = {}
        self._goods_pairs: list[int] = []
        self._answer_numbers: dict[bytes, int] = {}
        self._answers: list[Answers] = []
        self._numbers: dict[bytes, int] = {}
        self._count = 0  # of outcomes whose tables are written
        self._add_answers(self._plain.answers[None, :])

    def __len__(self) -> int:
        return self._count

    @property
    def full(self) -> bool:
        """Whether a new run should start afresh."""
        return len(self) > _MOST or len(self._answers) > _MOST_ANSWERS or len(self._of_pattern) > _MOST_PATTERNS or self._completions.full

    def of_lines(self, lines: Columns) -> Ints:
        """The outcome of each line."""
        common, background = self._backgrounds.of_lines(lines)
        ask = lines_to_ask(self.law, self._plain, lines, common)
        answers = np.zeros(0, np.int64)
        if len(ask):
            of_line, rows = answer_rows(self.law, self._plain, lines.take(ask))
            answers = self._add_answers(rows)[of_line]
        goods, days, occasion = (np.empty(len(lines), np.int64) for _ in range(3))  # an occasion is the days and the background as one number
        outcome: Ints = np.empty(len(lines), np.int64)
        for block in blocks(len(lines)):
            here = lines.take(block)
            goods[block], days[block] = self._goods_of(goods_pairs(self.law, here)), self._days.of(here.days)
            occasion[block] = days[block] if background is None else background[block] * self._days.space + days[block]
            outcome[block] = self._plain_table.find(occasion[block], goods[block])
        outcome[ask] = self._of_keys(_key(goods[ask], days[ask], answers))
        missing = np.flatnonzero(outcome < 0)
        if len(missing):
            goods, occasion = goods[missing], occasion[missing]
            numbers = self._add_answers(np.stack(self._backgrounds.answers))
            of_background, day = np.divmod(occasion, self._days.space)
            outcome[missing] = self._of_keys(_key(goods, day, numbers[of_background]))
            with self._lock:
                self._plain_table.add(occasion, goods, outcome[missing])
        return outcome

    def _of_keys(self, keys: Ints) -> Ints:
        found = self._of_pattern.find(keys)
        if found.min(initial=0) < 0:
            self._work_out(np.unique(keys[found < 0]))
            found = self._of_pattern.find(keys)
        return found

    # --- the parts of a pattern ----------------------------------------------------------------------------------------------------

    def _goods_of(self, pairs: Ints) -> Ints:
        """The class of the goods of each pair of product and origin: pairs that no rule tells apart are one."""
        found: Ints = np.take(self._goods, pairs, mode="clip")
        if found.min(initial=0) < 0:
            with self._lock:
                law, fresh = self.law, np.unique(pairs[found < 0])
                products, origins = np.divmod(fresh, len(law.origin_mask))
                mask = law.origin_mask[origins]
                rows = np.hstack([law.product_definite[products] & mask, law.product_possible[products] & mask])
                for pair, product, row in zip(fresh.tolist(), products.tolist(), rows, strict=True):
                    divided = b"%d" % product if product in law.divided else b""
                    number = self._goods_numbers.setdefault(row.tobytes() + divided, len(self._goods_pairs))
                    if number == len(self._goods_pairs):
                        self._goods_pairs.append(pair)
                    self._goods[pair] = number
                if len(self._goods_pairs) > 1 << _GOODS_BITS:
                    raise EngineError(f"{law.title}: the law tells apart more kinds of goods than a pattern can hold")
            found = np.take(self._goods, pairs, mode="clip")
        return found

    def _add_answers(self, rows: Answers) -> Ints:
        with self._lock:
            for row in rows:
                number = self._answer_numbers.setdefault(row.tobytes(), len(self._answers))
                if number == len(self._answers):
                    self._answers.append(row)
            return np.array([self._answer_numbers[row.tobytes()] for row in rows], np.int64)

    # --- what becomes of it --------------------------------------------------------------------------------------------------------

    def _work_out(self, keys: Ints) -> None:
        """Outcomes of patterns met for the first time."""
        with self._lock:
            keys = keys[self._of_pattern.find(keys) < 0]
            if not len(keys):
                return
            patterns = self._patterns(keys)
            selected = select(self.law, patterns)
            alike, first = _numbered([*(table.T for table in selected), np.stack(patterns.days)], {})  # stacking looks at nothing else
            selected = Selected(*(table[first] for table in selected))
            stacked = stack(self.law, patterns.take(first), selected)
            numbers = self._store(selected, stacked, np.arange(len(first)))[alike]
            some = np.flatnonzero(self.lanes.open.rows[0][numbers])
            if len(some):
                numbers[some] = self._completed(patterns.take(some), numbers[some])
            presumed = self.presumed.of(patterns, selected.rule[alike], stacked.gave_way[alike])
            some = np.flatnonzero(presumed >= 0)
            if len(some):
                numbers[some] = self._presuming(numbers[some], presumed[some])
            self._of_pattern.add(keys, numbers)

    def _store(self, selected: Selected, stacked: Stacked, some: Ints) -> Ints:
        """The numbers of the outcomes of some patterns as they were selected and stacked."""
        content = np.zeros((len(self.contents), len(some)), bool)
        for place, entry in enumerate(self.contents):
            if entry in stacked.content:
                content[place] = stacked.content[entry][some]
        tables = (*selected, stacked.gave_way, stacked.depends)
        return self._keep([table[some].T for table in tables], content, self.undecided.none(len(some)))

    def _keep(self, tables: list[Small], content: Bools, undecided: UndecidedColumns) -> Ints:
        """The numbers of outcomes, each a column of some tables; those that are new are added."""
        numbers, fresh = _numbered([*tables, np.packbits(content, axis=0), *undecided], self._numbers)
        for kept, table in zip((self.rule, self.doubt, self.base, self.gave_way, self.depends), tables, strict=True):
            kept.append(table[:, fresh])
        self.content.append(content[:, fresh])
        self.undecided.append(UndecidedColumns(*(table[:, fresh] for table in undecided)))
        self.lanes.append(self, slice(len(self.rule) - len(fresh), len(self.rule)))
        self._count = len(self._numbers)
        return numbers

    def _completed(self, patterns: Patterns, numbers: Ints) -> Ints:
        """The outcomes of undecided patterns once their completions are known: what every declaration agrees on is decided."""
        nodes = self._completions.of(patterns)
        pairs, inverse = np.unique(np.stack([nodes, numbers]), axis=1, return_inverse=True)
        completed = [(int(number), np.array(sorted(self._completions.outcomes(int(node))))) for node, number in pairs.T]
        merged = [self._merged(int(node), *each) for node, each in zip(pairs[0], completed, strict=True)]
        contested = [place for place, (_, _, undecided) in enumerate(merged) if undecided.contested[0] >= 0]
        if contested:
            every = np.ones(len(self.law.programs), bool)
            decided = self._keep(*_as_tables([self._with_programs(*completed[place], every) for place in contested]))
            for place, number in zip(contested, decided.tolist(), strict=True):
                merged[place][2].decided[0] = number
        return self._keep(*_as_tables(merged))[inverse.reshape(-1)]

    def _presuming(self, numbers: Ints, presumed: Small) -> Ints:
        """The outcomes of patterns that rest on assumptions: those that were found, with the assumptions."""
        pairs, inverse = np.unique(np.stack([numbers, presumed]), axis=1, return_inverse=True)
        decided = self.undecided.decided.rows[0][pairs[0]]
        open_still = decided >= 0
        if open_still.any():
            decided = decided.copy()
            decided[open_still] = self._presuming(decided[open_still].astype(np.int64), pairs[1][open_still].astype(np.int32))
        tables = [table.rows[:, pairs[0]] for table in (self.rule, self.doubt, self.base, self.gave_way, self.depends)]
        columns = UndecidedColumns(*(table.rows[:, pairs[0]] for table in self.undecided.tables))
        columns = columns._replace(decided=decided[None, :], presumed=pairs[1][None, :].astype(np.int32))
        return self._keep(tables, self.content.rows[:, pairs[0]], columns)[inverse.reshape(-1)]

    def _merged(self, node: int, number: int, outcomes: Ints) -> OneOutcome:
        """An undecided outcome as one column of each table, with the programs decided that charge the same under all the outcomes it may become."""
        charge = np.where(self.lanes.is_fee[:, None], 0, self.lanes.charge.rows[:, outcomes])
        alike = all_alike(charge)
        columns, content, undecided = self._with_programs(number, outcomes, alike)
        for program in np.flatnonzero(~alike):
            undecided.deciding[program] = self.undecided.facts_number(self._completions.deciding(node, charge[program], outcomes))
        if not alike.all() and charge.min(initial=0) >= 0:
            undecided.contested[0] = self.undecided.contest_number(outcomes, charge)
        return columns, content, undecided

    def _with_programs(self, number: int, outcomes: Ints, alike: Bools) -> OneOutcome:
        """An outcome with some of its duties as the completed outcomes have them: the first that has a rule, and another rule that may apply."""
        tables = (self.rule, self.doubt, self.base, self.gave_way, self.depends)
        undecided = UndecidedColumns(*(column[:, 0] for column in self.undecided.none(1)))
        rules = self.rule.rows[:, outcomes]
        taken, programs = alike & ~self.lanes.is_fee, np.arange(len(alike))
        first = np.argmin(np.where(rules >= 0, rules, np.iinfo(np.int32).max), axis=1)  # the rule that takes precedence, if there is any
        chosen = outcomes[first]  # of each program
        others = np.where(rules == self.rule.rows[programs, chosen][:, None], -1, rules).max(axis=1)
        undecided.either[taken] = others[taken]
        columns = [np.where(taken, table.rows[programs, chosen], table.rows[:, number]) for table in tables]
        owner = self._owner
        content = np.where(taken[owner], self.content.rows[np.arange(len(owner)), chosen[owner]], self.content.rows[:, number])
        return columns, content, undecided

    def _patterns(self, keys: Ints) -> Patterns:
        law = self.law
        pairs = np.array(self._goods_pairs, np.int64)[keys & ((1 << _GOODS_BITS) - 1)]
        product, origin = np.divmod(pairs, len(law.origin_mask))
        days = self._days.split((keys >> _GOODS_BITS) & ((1 << _DAY_BITS) - 1))
        numbers, place = np.unique(keys >> (_GOODS_BITS + _DAY_BITS), return_inverse=True)
        answers = np.stack([self._answers[number] for number in numbers])
        surely, possibly = admitted(law, answers)
        return Patterns(product, origin, days, place.reshape(-1), answers, surely, possibly)


def _as_tables(outcomes: list[OneOutcome]) -> tuple[list[Small], Bools, UndecidedColumns]:
    """Outcomes as columns of tables."""
    columns, content, undecided = zip(*outcomes, strict=True)
    tables = [np.stack(each, axis=1) for each in zip(*columns, strict=True)]
    return tables, np.stack(content, axis=1), UndecidedColumns(*(np.stack(each, axis=1) for each in zip(*undecided, strict=True)))


def _numbered(tables: list[NDArray[Any]], known: dict[bytes, int]) -> tuple[Ints, Ints]:
    """The number of each column of some tables on top of each other, by what is known so far; and a column of each number that is new, in order."""
    before = len(known)
    columns = np.ascontiguousarray(np.vstack(tables).T)
    numbers = np.array([known.setdefault(column.tobytes(), len(known)) for column in columns], np.int64)
    distinct, first = np.unique(numbers, return_index=True)
    return numbers, first[distinct >= before]


def _key(goods: Ints, days: Ints, answers: Ints) -> Ints:
    """The three numbers of a pattern as one."""
    return goods | (days << _GOODS_BITS) | (answers << (_GOODS_BITS + _DAY_BITS))


_MAKING = Lock()


def outcomes_of(law: CompiledLaw) -> Outcomes:
    """The outcomes kept with a law (a law of which only what is certain counts is another)."""
    with _MAKING:
        kept: Outcomes | None = law.__dict__.get("outcomes")
        if kept is None or kept.full:
            kept = law.__dict__["outcomes"] = Outcomes(law)
        return kept
