"""The postings of a run as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.assessment.reasons import posting_words

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

    ledger, lines = assessed.parts
    rows = []
    for line in range(len(ledger)):
        for posting in ledger.postings(line):
            rows.append(
                {
                    "row": int(lines.rows[line]),
                    "program": posting.program,
                    "measure": posting.measure,
                    "heading": posting.heading,
                    "outcome": posting.outcome,
                    "amount": None if posting.amount is None else assessed.money(posting.amount),
                    "base": None if posting.base is None else assessed.money(posting.base),
                    "duty": posting.duty_text,
                    "acts": " ".join(posting.acts),
                    "tag": posting.tag,
                    "drawback": ledger.drawback(line, posting.program) if posting.amount else "",
                    "reason": "" if posting.reason is None else posting_words(ledger, posting)[1],
                }
            )
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))
