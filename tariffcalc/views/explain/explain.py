"""One line explained the way a broker would note it: every program considered, under which heading, charged
or not, why, by which act.

Nothing is computed again: amounts come from the ledger, and the measures considered from the same masks that
selected the one that applies.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tariffcalc.assessment.reasons import posting_words, shown_rule
from tariffcalc.codes import dotted
from tariffcalc.declaration.problems import Problem, sentence_of
from tariffcalc.declaration.row_names import own_index, shown_row
from tariffcalc.engine.ledger.ledger import CHARGED, GAVE_WAY, NONE_DUE, Posting
from tariffcalc.errors import RowError
from tariffcalc.moments import show_moment
from tariffcalc.tags import TAGS, UNCERTAIN
from tariffcalc.views.bands import band_sentence
from tariffcalc.views.entry_summary import declared_numbers
from tariffcalc.views.explain.citations import cited, tag_words
from tariffcalc.views.explain.credit import credit_sentences
from tariffcalc.views.explain.measured import (
    in_proportion,
    made_up_of,
    measured_on,
    share_of_fact,
    shown_amount,
)
from tariffcalc.views.explain.not_applied import considered, programs_without_posting
from tariffcalc.views.explain.valuation import value_sentences

if TYPE_CHECKING:
    from tariffcalc.assessment.assessed import Assessed

MOST_LINES = 50
WIDTH = 118


def explain_estimate(estimate: Assessed, row: int | None, full: bool) -> str:
    """The explanation of one row, or of every row of a small estimate; ``full`` names every measure
    considered."""
    _, lines = estimate.parts
    rows = range(min(len(estimate), MOST_LINES)) if row is None else [row]
    blocks = []
    for each in rows:
        if not isinstance(each, int | np.integer) or not 0 <= each < len(estimate):
            held = "1 row, which is row 0" if len(estimate) == 1 else f"the rows 0 to {len(estimate) - 1:,}"
            raise RowError(f"there is no row {each!r}: the estimate has {held}")
        place = int(np.searchsorted(lines.rows, each))
        found = place < len(lines.rows) and lines.rows[place] == each
        sentences = _line(estimate, place, each, full) if found else _refused(estimate, each)
        blocks.append("\n".join(wrapped(sentence) for sentence in sentences))
    if row is None and len(estimate) > MOST_LINES:
        blocks.append(f"... and {len(estimate) - MOST_LINES:,} more lines; explain(row) explains one")
    if not full:
        blocks.append(
            "  Measures that do not apply are shortened here: explain(full=True), or --full, names each of"
            " them."
        )
    return "\n\n".join(blocks)


def wrapped(sentence: str) -> str:
    """A sentence in lines of readable length, the later ones indented a little more."""
    if len(sentence) <= WIDTH:
        return sentence
    indent = " " * (len(sentence) - len(sentence.lstrip()))
    return textwrap.fill(
        sentence, WIDTH, subsequent_indent=indent + "  ", break_on_hyphens=False, break_long_words=False
    )


def _refused(estimate: Assessed, row: int) -> Iterator[str]:
    yield f"Line {shown_row(row, own_index(estimate.given))}: not assessed"
    for _, problems in sorted(estimate.problems_by_severity.items()):
        yield from (
            f"  {sentence_of(problem.message, problem.supply)}" for problem in problems if row in problem.rows
        )


def _line(estimate: Assessed, place: int, row: int, full: bool) -> Iterator[str]:
    ledger, lines = estimate.parts
    law, columns = estimate.law, lines.columns
    segment = int(columns.segment[place])
    origin = law.origins[columns.origin[place]]
    admitted, entered, loaded, _ = (int(days[place]) for days in columns.days)
    label = law.segments.labels[segment]
    yield (
        f"Line {shown_row(row, own_index(estimate.given))}  {dotted(law.codes.codes[columns.code[place]])} "
        f" {label}"
    )
    zone = f"admitted to a zone {show_moment(admitted)}, " if admitted != entered else ""
    dates = f"{zone}entered {show_moment(entered)}, " + (
        f"loaded {show_moment(loaded)}" if loaded != entered else "no earlier day of loading declared"
    )
    currency = f" {law.currency}" if lines.valued else ""  # beside another currency, or a price
    yield (
        f"  origin {origin}, customs value {shown_amount(estimate, int(columns.value[place]))}{currency},"
        f" {dates}"
    )
    yield from (f"  {sentence}" for sentence in value_sentences(estimate, place))
    postings = list(ledger.postings(place))
    for kind, title in (("duty", "Duty"), ("fee", "Fees")):
        of_kind = [each for each in postings if law.programs[law.program_index[each.program]].kind == kind]
        if not of_kind:
            continue
        for posting in of_kind:
            yield ""
            yield from _posting(estimate, place, posting, full)
        amounts, unknown_lines = ledger.total(kind)
        unknown = bool(unknown_lines[place])
        known = shown_amount(estimate, int(amounts[place]))
        yield ""
        doubtful = _doubtful(estimate, of_kind, known)
        yield f"  {title + doubtful:<66}{'unknown' if unknown else known:>16}"
        if unknown and any(each.amount for each in of_kind):
            yield f"  {title + ', as far as known' + doubtful:<66}{known:>16}"
        if unknown and kind == "duty":
            yield from band_sentence(estimate, place)
        if kind == "duty":
            yield from credit_sentences(estimate, of_kind)
    yield from programs_without_posting(estimate, place, {each.program for each in postings}, full)
    yield f"  To declare, in this order: {', '.join(declared_numbers(estimate, place))}"
    yield from _notes(estimate, row)


def _doubtful(estimate: Assessed, postings: list[Posting], known: str) -> str:
    """How much of a total rests on uncertain law, behind its title; nothing where all is certain."""
    uncertain = [each for each in postings if each.tag in TAGS[UNCERTAIN:]]
    amount = shown_amount(estimate, sum(each.amount or 0 for each in uncertain))
    part = any(each.amount for each in uncertain) and amount != known
    return "" if not uncertain else f" [{amount} of it uncertain]" if part else " [uncertain]"


def _notes(estimate: Assessed, row: int) -> Iterator[str]:
    noted: list[Problem] = estimate.noted
    for problem in noted:
        if row in problem.rows and problem.code != "uncertain":  # which is with the posting
            yield f"  Note: {sentence_of(problem.message, problem.supply)}"


def _posting(estimate: Assessed, place: int, posting: Posting, full: bool) -> Iterator[str]:
    law = estimate.law
    program = law.programs[law.program_index[posting.program]]
    amount = "unknown" if posting.amount is None else shown_amount(estimate, posting.amount)
    heading = f"  {posting.heading}" if posting.heading else ""
    yield f"  {program.title + heading + tag_words(posting.tag):<66}{amount:>16}"
    for sentence in _why(estimate, place, posting):
        yield f"      {sentence}"
    if posting.rule is not None:
        yield f"      by {cited(law, posting.acts, posting.rule.tag)}"
        if posting.rule.note:
            yield f"      note: {posting.rule.note}"
    if posting.either is not None:
        yield f"      or {shown_rule(posting.either)}, by facts that are not declared; the amount is the same"
    for sentence in considered(estimate, place, posting, full):
        yield f"      {sentence}"


def _why(estimate: Assessed, place: int, posting: Posting) -> Iterator[str]:
    rule = posting.rule
    name = (rule.title or rule.measure) if rule else ""
    if posting.reason is not None:
        _, message, supply = posting_words(estimate.parts[0], posting)
        yield f"unknown: {sentence_of(message, supply)}"
    elif posting.outcome == GAVE_WAY and posting.stacked_out_by is not None:
        entry = posting.stacked_out_by
        yield (
            f"not charged: {estimate.law.programs[entry.to].title} applies instead, by"
            f" {cited(estimate.law, entry.by, entry.tag)}"
        )
        if entry.note:
            yield f"note: {entry.note}"
    elif posting.outcome == NONE_DUE:
        yield (
            f"none due: {name}, {posting.duty_text}"
            if posting.duty_text not in ("none", "")
            else f"exempt: {name}"
        )
    elif posting.outcome == CHARGED:
        on = (
            ""
            if posting.base_text in ("customs value", "value")
            else f" ({made_up_of(estimate, place, posting)})"
        )
        if in_proportion(estimate, place, posting):
            on = (
                f", of which {shown_amount(estimate, posting.base or 0)}{on} is the dutiable part: the duty"
                " is due in that proportion"
            )
        lender = estimate.parts[0].lender(place, posting.program)
        name = f"{name} of {dotted(lender)}, which decides the duty" if lender else name
        duty = share_of_fact(estimate, place, posting) or posting.duty_text.replace(
            "fact ", ""
        ) + measured_on(estimate, place, posting)
        yield f"charged: {name}, {duty}{on}"
        if posting.content_left_to is not None:
            entry = posting.content_left_to
            beside = f", declared under {posting.also_declared}" if posting.also_declared else ""
            content, other = entry.content.replace("_", " "), estimate.law.programs[entry.to].title
            yield (
                f"the {content} is charged under {other}{beside} instead, by"
                f" {cited(estimate.law, entry.by, entry.tag)}"
            )
            if entry.tag in TAGS[UNCERTAIN:] and entry.note:
                yield f"note: {entry.note}"
        elif rule is not None and rule.beside is not None and posting.also_declared == rule.beside.heading:
            part = shown_amount(estimate, estimate.parts[0].value_beside(place, rule.beside))
            what = f"{part} of the value, {rule.beside.fact}," if rule.beside.fact else "the same value"
            yield f"{what} is declared under {posting.also_declared} as well, where nothing is due"
        elif posting.also_declared:
            yield f"the rest of the value is declared on a line of its own under {posting.also_declared}"
