"""Why a total is unknown: the programs that are, each with what decides it and what to declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tariffcalc.assessment.reasons import reason_words, unknown_lines
from tariffcalc.declaration.problems import sentence_of
from tariffcalc.engine.reasons import DEPENDS
from tariffcalc.errors import OptionError

if TYPE_CHECKING:
    from tariffcalc.assessment.assessed import Assessed

MOST_SHOWN = 2  # reasons named where one line must do
KINDS = {"duty": ("duty",), "fees": ("fee",), "total": ("duty", "fee")}


def lacking(estimate: Assessed, of: str) -> list[str]:
    """What a total of an estimate lacks, a sentence for each reason; raises OptionError for another name.

    Examples
    --------
    Whether goods pay the harbor maintenance fee depends on how they came; the merchandise processing fee does
    not:

    >>> from tariffcalc import Line, Shipment, load
    >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
    >>> e = load("us").estimate(Shipment(entered="2026-02-10", lines=(line,)))
    >>> e.total is None, e.known_fees, len(e.lacking()), "transport" in e.lacking("fees")[0]
    (True, Decimal('34.64'), 1, True)
    """
    if of not in KINDS:
        raise OptionError(f"{of!r} is no total of an estimate: give {', '.join(map(repr, KINDS))}")
    return list(dict.fromkeys(_sentences(estimate, KINDS[of])))


def _sentences(estimate: Assessed, kinds: tuple[str, ...]) -> Iterator[str]:
    ledger, lines = estimate.parts
    for problem in lines.problems.refused:
        yield sentence_of(problem.message, problem.supply)
    if "fee" in kinds and not ledger.fees:
        yield "fees are not assessed (fees=False); estimate with fees"
    for number, program in enumerate(estimate.law.programs):
        if program.kind not in kinds or not ledger.has_postings(number):
            continue
        for reason, those in unknown_lines(estimate.law, ledger, number):
            if len(those) and reason.kind != DEPENDS:
                _, message, supply = reason_words(estimate.law, reason)
                yield f"{program.title}: {sentence_of(message, supply)}"


def in_one_line(estimate: Assessed, of: str) -> str:
    """A total with its currency, or that it is unknown and the first reasons why."""
    amount = {"duty": estimate.duty, "fees": estimate.fees, "total": estimate.total}[of]
    if amount is not None:
        return f"{of} {amount:,} {estimate.law.currency}"
    why = lacking(estimate, of)
    more = f"; and {len(why) - MOST_SHOWN:,} more reasons" if len(why) > MOST_SHOWN else ""
    known = {"duty": estimate.known_duty, "fees": estimate.known_fees}.get(of)
    besides = f", known {known:,} {estimate.law.currency}" if known else ""
    return f"{of} unknown{besides} ({'; '.join(why[:MOST_SHOWN])}{more})"
