"""The end of an explanation where a tax is taken back: how much, by which act, on what terms, and what
remains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tariffcalc.views.explain.citations import cited

if TYPE_CHECKING:
    from tariffcalc.assessment.assessed import Assessed
    from tariffcalc.engine.ledger.ledger import Posting


def credit_sentences(estimate: Assessed, postings: list[Posting]) -> Iterator[str]:
    """What is taken back of the duties of a line and what remains; nothing where nothing can be."""
    law = estimate.law
    taken = [
        each
        for each in postings
        if law.programs[law.program_index[each.program]].creditable and each.amount != 0
    ]
    if not taken:
        return
    for posting in taken:
        program = law.programs[law.program_index[posting.program]]
        assert program.creditable is not None
        yield f"  {'Taken back as credit: ' + program.title:<66}{_shown(estimate, [posting]):>16}"
        yield f"      by {cited(law, program.creditable.by, program.creditable.tag)}"
        if program.creditable.note:
            yield f"      note: {program.creditable.note}"
    yield (
        f"  {'Duty after credit':<66}{_shown(estimate, [each for each in postings if each not in taken]):>16}"
    )


def _shown(estimate: Assessed, postings: list[Posting]) -> str:
    if any(each.amount is None for each in postings):
        return "unknown"
    return f"{estimate.money(sum(each.amount or 0 for each in postings)):,}"
