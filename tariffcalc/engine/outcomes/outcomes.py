"""What became of every fact pattern met so far, kept with the law: an *outcome* is the rule, the base and the
stacking of every program.

A hundred million lines share a few thousand outcomes, however many patterns they fall into: selection and
stacking run once for each pattern and are remembered; patterns that end alike share the outcome.
"""

from __future__ import annotations

from threading import Lock

import numpy as np

from tariffcalc.compiled.axes import DayNumbers, Ints, Small
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine.outcomes.completions import Completions, admitted
from tariffcalc.engine.outcomes.merged import merged, presuming
from tariffcalc.engine.outcomes.questions import Questions
from tariffcalc.engine.outcomes.select import Selected, select
from tariffcalc.engine.outcomes.stack import Stacked, stack
from tariffcalc.engine.outcomes.tables import OutcomeTables
from tariffcalc.engine.patterns.background import MOST_BACKGROUNDS, Backgrounds
from tariffcalc.engine.patterns.classify import (
    Answers,
    Patterns,
    Plain,
    answer_rows,
    goods_pairs,
    lines_to_ask,
)
from tariffcalc.engine.patterns.hash_index import HashIndex, PairIndex
from tariffcalc.engine.patterns.kinds import kinds
from tariffcalc.engine.patterns.sparse_zeros import sparse_zeros
from tariffcalc.engine.threads import blocks
from tariffcalc.errors import EngineError

_GOODS_BITS, _DAY_BITS = 20, 22  # of a pattern's key; the number of its answers takes the rest
# outcomes, rows of answers and patterns kept; beyond that a new run starts afresh
_MOST, _MOST_ANSWERS, _MOST_PATTERNS = 1 << 17, 1 << 18, 1 << 22


class Outcomes(OutcomeTables):
    """The outcomes of the patterns met so far."""

    def __init__(self, law: CompiledLaw) -> None:
        super().__init__(law)
        self._completions = Completions(law, self._kept)
        self._plain, self._days = Plain.of(law), DayNumbers(law.day_cuts)
        if self._days.space > 1 << _DAY_BITS:
            raise EngineError(
                f"{law.title}: the law tells apart more combinations of days than a pattern can hold"
            )
        self._lock = Lock()
        self._of_pattern = HashIndex()
        self._backgrounds = Backgrounds(law, self._plain)
        self._plain_table = PairIndex(self._days.space * MOST_BACKGROUNDS)
        # one more than the number of each pair of product and origin; 0 where it is not met yet
        self._goods = sparse_zeros(len(law.product_definite) * len(law.origin_mask))
        self._goods_numbers: dict[bytes, int] = {}
        self._goods_pairs: list[int] = []
        self._answer_numbers: dict[bytes, int] = {}
        self._answers: list[Answers] = []
        self._add_answers(self._plain.answers[None, :])

    @property
    def full(self) -> bool:
        """Whether a new run should start afresh."""
        return (
            len(self) > _MOST
            or len(self._answers) > _MOST_ANSWERS
            or len(self._of_pattern) > _MOST_PATTERNS
            or self._completions.full
        )

    def of_lines(self, lines: Columns) -> Ints:
        """The outcome of each line."""
        common, background = self._backgrounds.of_lines(lines)
        ask = lines_to_ask(self.law, self._plain, lines, common)
        answers = np.zeros(0, np.int64)
        if len(ask):
            of_line, rows = answer_rows(self.law, self._plain, lines.take(ask))
            answers = self._add_answers(rows)[of_line]
        # an occasion is the days and the background as one number
        goods, days, occasion = (np.empty(len(lines), np.int64) for _ in range(3))
        outcome: Ints = np.empty(len(lines), np.int64)
        for block in blocks(len(lines)):
            here = lines.take(block)
            goods[block], days[block] = self._goods_of(goods_pairs(self.law, here)), self._days.of(here.days)
            occasion[block] = (
                days[block] if background is None else background[block] * self._days.space + days[block]
            )
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

    # --- the parts of a pattern
    # ----------------------------------------------------------------------------------------------------

    def _goods_of(self, pairs: Ints) -> Ints:
        """The class of the goods of each pair of product and origin: pairs that no rule distinguishes are
        one."""
        found = np.take(self._goods, pairs, mode="clip")
        if found.min(initial=1) == 0:
            with self._lock:
                law, fresh = self.law, np.unique(pairs[found == 0])
                products, origins = np.divmod(fresh, len(law.origin_mask))
                mask = law.origin_mask[origins]
                rows = np.hstack(
                    [law.product_definite[products] & mask, law.product_possible[products] & mask]
                )
                for pair, product, row in zip(fresh.tolist(), products.tolist(), rows, strict=True):
                    divided = b"%d" % product if product in law.divided else b""
                    number = self._goods_numbers.setdefault(row.tobytes() + divided, len(self._goods_pairs))
                    if number == len(self._goods_pairs):
                        self._goods_pairs.append(pair)
                    self._goods[pair] = number + 1
                if len(self._goods_pairs) > 1 << _GOODS_BITS:
                    raise EngineError(
                        f"{law.title}: the law tells apart more kinds of goods than a pattern can hold"
                    )
            found = np.take(self._goods, pairs, mode="clip")
        return found.astype(np.int64) - 1

    def _add_answers(self, rows: Answers) -> Ints:
        with self._lock:
            for row in rows:
                number = self._answer_numbers.setdefault(row.tobytes(), len(self._answers))
                if number == len(self._answers):
                    self._answers.append(row)
            return np.array([self._answer_numbers[row.tobytes()] for row in rows], np.int64)

    # --- what becomes of it
    # --------------------------------------------------------------------------------------------------------

    def _work_out(self, keys: Ints) -> None:
        """Outcomes of patterns met for the first time."""
        with self._lock:
            keys = keys[self._of_pattern.find(keys) < 0]
            for block in blocks(len(keys)):
                patterns = self._patterns(keys[block])
                kind, first = kinds(self.law, patterns)
                self._of_pattern.add(keys[block], self._decided(patterns.take(first))[kind])

    def _decided(self, patterns: Patterns) -> Ints:
        """The outcomes of some patterns by number: selection, stacking, and where facts are not declared what
        all their declarations agree on."""
        selected = select(self.law, patterns)
        stacked = stack(self.law, patterns, selected)
        numbers = self.store(selected, stacked, np.arange(len(patterns)))
        some = np.flatnonzero(self.slots.open.rows[0][numbers])
        if len(some):
            nodes = self._completions.of(patterns.take(some))
            pairs, inverse = np.unique(np.stack([nodes, numbers[some]]), axis=1, return_inverse=True)
            numbers[some] = merged(self, self.questions, *pairs)[inverse.reshape(-1)]
        return self._with_assumptions(numbers, patterns, selected.rule, stacked.stacked_out)

    def _kept(self, patterns: Patterns, selected: Selected, stacked: Stacked, some: Ints) -> Ints:
        """The outcomes of some decided patterns among patterns."""
        numbers = self.store(selected, stacked, some)
        return self._with_assumptions(
            numbers, patterns.take(some), selected.rule[some], stacked.stacked_out[some]
        )

    def _with_assumptions(self, numbers: Ints, patterns: Patterns, rule: Small, stacked_out: Small) -> Ints:
        """The numbers of outcomes of patterns, with what is assumed of the facts that are not declared."""
        presumed = self.presumed.of(patterns, rule, stacked_out)
        some = np.flatnonzero(presumed >= 0)
        if len(some):
            numbers[some] = presuming(self, numbers[some], presumed[some])
        return numbers

    @property
    def questions(self) -> Questions:
        """What may become of undecided outcomes."""
        return self._completions.questions

    def _patterns(self, keys: Ints) -> Patterns:
        law = self.law
        pairs = np.array(self._goods_pairs, np.int64)[keys & ((1 << _GOODS_BITS) - 1)]
        product, origin = np.divmod(pairs, len(law.origin_mask))
        days = self._days.split((keys >> _GOODS_BITS) & ((1 << _DAY_BITS) - 1))
        numbers, place = np.unique(keys >> (_GOODS_BITS + _DAY_BITS), return_inverse=True)
        answers = np.stack([self._answers[number] for number in numbers])
        surely, possibly = admitted(law, answers)
        return Patterns(product, origin, days, place.reshape(-1), answers, surely, possibly)


def _key(goods: Ints, days: Ints, answers: Ints) -> Ints:
    """The three numbers of a pattern as one."""
    return goods | (days << _GOODS_BITS) | (answers << (_GOODS_BITS + _DAY_BITS))


_MAKING = Lock()


def outcomes_of(law: CompiledLaw) -> Outcomes:
    """The outcomes kept with a law (a law of which only what is certain counts is another)."""
    with _MAKING:
        kept: Outcomes | None = law.memo.find("outcomes")
        if kept is None or kept.full:
            kept = Outcomes(law)
            law.memo.put("outcomes", kept)
        return kept
