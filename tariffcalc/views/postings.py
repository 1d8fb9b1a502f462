"""The postings of a run as a table, made by column from the ids of the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.assessment.open_facts import apart
from tariffcalc.assessment.reasons import reason_words
from tariffcalc.engine.ledger.posting_texts import Column, PostingTexts, of_each
from tariffcalc.views.amount_columns import amount_column

if TYPE_CHECKING:
    import pandas as pd

LEDGER_COLUMNS: dict[str, type] = {
    "row": int, "program": str, "measure": str, "heading": str, "outcome": str, "amount": Decimal,
    "base": Decimal, "duty": str, "acts": str,
    "tag": str, "drawback": str, "reason": str,
}  # fmt: skip


def table_of_postings(assessed: Assessed) -> pd.DataFrame:
    """One row per posting (see ``Estimate.ledger``)."""
    import pandas as pd

    ledger, _ = assessed.parts
    blocks = [_columns(assessed, texts) for texts in ledger.texts_of(np.arange(len(ledger)))]
    if not any(len(block["row"]) for block in blocks):
        return pd.DataFrame([], columns=list(LEDGER_COLUMNS))
    return pd.DataFrame({name: np.concatenate([block[name] for block in blocks]) for name in LEDGER_COLUMNS})


def _columns(assessed: Assessed, texts: PostingTexts) -> dict[str, Any]:
    """The columns of the table for a block of postings."""
    postings, programs = texts.postings, assessed.law.programs
    return {
        "row": assessed.parts[1].rows[postings.line],
        "program": of_each(postings.decided.program, lambda program: programs[program].name),
        "measure": texts.of_rules(lambda rule: rule.measure),
        "heading": texts.heading,
        "outcome": texts.outcome,
        "amount": amount_column(postings.amount, postings.known, assessed.money),
        "base": amount_column(postings.base, postings.has_base, assessed.money),
        "duty": texts.duty,
        "acts": texts.acts(" ".join),
        "tag": texts.tag,
        "drawback": texts.drawback,
        "reason": _reasons(assessed, texts),
    }


def _reasons(assessed: Assessed, texts: PostingTexts) -> Column:
    """Why each posting is unknown, in words; empty where it is known."""
    import pandas as pd

    law, (ledger, _) = assessed.law, assessed.parts
    postings = texts.postings
    found = np.full(len(postings.line), "", object)
    unknown = np.flatnonzero(~postings.known)
    key = np.stack([postings.decided.program[unknown], postings.decided.reason[unknown]])
    kinds, kind = np.unique(key, axis=1, return_inverse=True)
    for number, (program, reason) in enumerate(kinds.T.tolist()):
        mine = unknown[kind.reshape(-1) == number]
        for part, lines in apart(law, ledger, program, ledger.reasons[reason], postings.line[mine]):
            places = mine[np.searchsorted(postings.line[mine], lines)]
            wording, duties = pd.factorize(texts.duty_number[places])
            words = [reason_words(law, part, duty)[1] for duty in duties.tolist()]
            found[places] = np.array(words, object)[wording]
    return found
