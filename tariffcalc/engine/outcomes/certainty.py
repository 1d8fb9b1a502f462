"""How certain a posting is: the least certain of the texts its amount rests on, as the place of its tag among
``TAGS``.

A posting that is charged, or exempt, rests on its rule: the tag of the spell, of the row of the list that
names the goods, and of the acts of both. One that gave way rests on the entry of the stacking order, and one
of which a content is left to another program on both.  The row of the schedule that gives a rate is a matter
of single lines; all else is one for the whole outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.programs import Rule, StackingRule
from tariffcalc.engine.outcomes.decisions import Decisions
from tariffcalc.tags import TAGS, UNCERTAIN

Places = NDArray[np.int8]


class Texts(NamedTuple):
    """How certain the texts of a law are: each rule by bit, each row of the schedule, each entry of the
    stacking order (its last place: none)."""

    rule: Places
    entry: Places
    row: Places

    @classmethod
    def of(cls, law: CompiledLaw) -> Texts:
        """The certainty of the texts of a law, worked out once."""
        return law.memo.once("texts", lambda: cls._of(law))

    @classmethod
    def _of(cls, law: CompiledLaw) -> Texts:
        rule = [least(law, rule.tag, rule.by) if rule else 0 for rule in law.rules]
        entry = [*(least(law, entry.tag, entry.by) for entry in law.stacking_rules), 0]
        known = {by: least(law, TAGS[0], (by,)) for by in set(law.segments.by)}
        row = [known[by] for by in law.segments.by]
        return cls(*(np.array(places, np.int8) for places in (rule, entry, row)))

    @property
    def uncertain_rows(self) -> NDArray[np.bool_] | None:
        """The rows of the schedule that are in doubt; None where none is."""
        doubtful: NDArray[np.bool_] = self.row >= UNCERTAIN
        return doubtful if doubtful.any() else None


def least(law: CompiledLaw, tag: str, acts: tuple[str, ...]) -> int:
    """The place of the least certain of a tag and the tags of some acts."""
    return max(TAGS.index(each) for each in (tag, *(law.acts[act][2] for act in acts if act in law.acts)))


class Certainty(NamedTuple):
    """Of some outcomes: how certain each program is, by its rule and by the entries of the stacking order it
    meets [programs, outcomes].

    ``entry`` is the least certain of those entries, -1 where there is none.
    """

    of_rule: Places
    of_entry: Places
    entry: Small

    @classmethod
    def of(cls, outcomes: Decisions, some: slice | Ints) -> Certainty:
        """The certainty of some outcomes."""
        law, texts = outcomes.law, Texts.of(outcomes.law)
        rule, stacked_out = outcomes.rule.rows[:, some], outcomes.stacked_out.rows[:, some]
        entry = stacked_out.copy()
        of_entry = np.where(entry >= 0, texts.entry[entry], 0).astype(np.int8)
        for place, number in enumerate(outcomes.contents):
            program, certainty = law.stacking_rules[number].program, texts.entry[number]
            here = (
                outcomes.content.rows[place, some]
                & (stacked_out[program] < 0)
                & ((entry[program] < 0) | (of_entry[program] < certainty))
            )
            entry[program, here], of_entry[program, here] = number, certainty
        of_rule = np.where((rule >= 0) & (stacked_out < 0), texts.rule[rule], 0).astype(np.int8)
        return cls(of_rule, of_entry, entry)

    @property
    def least(self) -> Places:
        """The place of the least certain text of each program [programs, outcomes]."""
        return np.maximum(self.of_rule, self.of_entry)


def certainty_of(outcomes: Decisions, some: Ints) -> tuple[Places, Bools]:
    """Of some outcomes, the least certain text on which any duty rests; and whether a duty is read from the
    row of the schedule too."""
    duties = [number for number, program in enumerate(outcomes.law.programs) if program.kind == "duty"]
    least = Certainty.of(outcomes, some).least[duties].max(axis=0, initial=0)
    read = np.zeros(len(some), bool) if outcomes.law.column_1 < 0 else _read_from_schedule(outcomes, some)
    return least, read


def _read_from_schedule(outcomes: Decisions, some: Ints) -> Bools:
    """Whether column 1 of some outcomes is what the schedule says, and does not give way."""
    law = outcomes.law
    rule, stacked_out = (table.rows[law.column_1][some] for table in (outcomes.rule, outcomes.stacked_out))
    read: Bools = (rule >= 0) & (law.rule_scheduled[rule] > 0) & (stacked_out < 0)
    return read


InDoubt = tuple[int, Rule | StackingRule | str, Bools, Bools | None]
"""A program; a text in doubt: rule, entry of the stacking order, or act of the schedule; the outcomes that
rest on it; the rows of the schedule."""


def texts_in_doubt(outcomes: Decisions, some: Ints) -> Iterator[InDoubt]:
    """The texts in doubt on which some outcomes rest, each with those of them that do [of those outcomes]."""
    law, texts = outcomes.law, Texts.of(outcomes.law)
    certainty = Certainty.of(outcomes, some)
    rules = np.where(certainty.of_rule >= UNCERTAIN, outcomes.rule.rows[:, some], -1)
    entries = np.where(certainty.of_entry >= UNCERTAIN, certainty.entry, -1)
    for number in range(len(law.programs)):
        for named, table in ((rules[number], law.rules), (entries[number], law.stacking_rules)):
            for each in np.unique(named).tolist():
                text = table[each] if each >= 0 else None
                if text is not None:
                    yield number, text, named == each, None
    rows = texts.uncertain_rows
    if rows is not None and law.column_1 >= 0:
        acts = np.array(law.segments.by)
        read = _read_from_schedule(outcomes, some)
        yield from ((law.column_1, act, read, acts == act) for act in np.unique(acts[rows]).tolist())
