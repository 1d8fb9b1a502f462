"""What is in doubt of an estimate, in words: the rules, the entries of the stacking order and the rows of the
schedule that are tagged uncertain."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.pending import pending_notes
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.programs import Rule, StackingRule
from tariffcalc.declaration.problems import Problem
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.tags import TAGS, UNCERTAIN


class Doubt(NamedTuple):
    """A text in doubt on which postings rest: a sentence, and the outcomes (of the rows of the schedule in
    ``rows``, if any) that rest on it."""

    message: str
    outcomes: NDArray[np.bool_]
    rows: NDArray[np.bool_] | None
    supply: str = ""

    def lines(self, ledger: Ledger) -> NDArray[np.int64]:
        """The lines that rest on it."""
        return self._among(ledger, ledger.outcome_totals.lines_of(self.outcomes))

    def first_lines(self, ledger: Ledger, most: int) -> NDArray[np.int64]:
        """The first of them, in order."""
        return ledger.outcome_totals.first_lines(self.outcomes, most, partial(self._among, ledger))

    def _among(self, ledger: Ledger, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        return lines if self.rows is None else lines[self.rows[ledger.lines.segment[lines]]]

    def count(self, ledger: Ledger) -> int:
        """How many lines those are."""
        return ledger.outcome_totals.count_of(self.outcomes) if self.rows is None else len(self.lines(ledger))


def doubts(law: CompiledLaw, ledger: Ledger) -> Iterator[Doubt]:
    """What is in doubt of the postings; nothing where only what is certain counts, for there it is
    unknown."""
    for number, text, outcomes, rows in () if law.certain_only else ledger.in_doubt():
        yield Doubt(f"{law.programs[number].title}: {doubt_words(law, text)}", outcomes, rows)


def doubt_notes(law: CompiledLaw, ledger: Ledger, rows: NDArray[np.int64]) -> list[Problem]:
    """A note for each text in doubt, with the input rows that rest on it; and for each change after the last
    day read that concerns some rows."""
    found = ((each, rows[each.lines(ledger)]) for each in doubts(law, ledger))
    uncertain = [Problem(those, "uncertain", each.message, "") for each, those in found if len(those)]
    return [*uncertain, *pending_notes(law, ledger.lines, rows)]


def doubt_words(law: CompiledLaw, text: Rule | StackingRule | str) -> str:
    """Which text is in doubt, and why, as its note says; a row of the schedule is named by the act it comes
    from."""
    if isinstance(text, str):
        return f"the rate in the schedule is uncertain: {law.acts[text][0]} ({text})"
    if isinstance(text, Rule):
        what = f'{text.heading} "{text.title or text.measure}"'.lstrip() + " is uncertain"
    else:
        heading = f" ({text.heading})" if text.heading else ""
        what = f"that it gives way to {law.programs[text.to].title}{heading} is uncertain"
    acts = [act for act in text.by if law.acts[act][2] in TAGS[UNCERTAIN:]]
    return (
        f"{what}: {text.note.removesuffix('.')}" if text.note else f"{what}, by {', '.join(acts or text.by)}"
    )
