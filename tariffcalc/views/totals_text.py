"""Totals in words: amounts by program, what rests on texts in doubt, what lines lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tariffcalc.declaration.names import unused_line
from tariffcalc.declaration.problems import sentence_of
from tariffcalc.views.line_sums import LineSums
from tariffcalc.views.totals_fields import line_count, rows_named


def total_lines(total: LineSums, most: int, band: Iterable[str]) -> Iterator[str]:
    """The totals in a few lines; ``band`` stands after the duty that is known."""
    yield f"{line_count(total.rows)}, customs value {total.value:,} {total.currency}."
    rate = f", {total.duty / total.known_value:.2%} of {total.known_value:,}" if total.known_value else ""
    of = f" of the {line_count(total.rows - total.unknown)} whose duty is known" if total.unknown else ""
    yield f"Duty{of}: {total.duty:,} {total.currency}{rate}"
    for name, amount in total.programs.items():
        if amount and name not in total.fee_programs:
            yield f"  {total.titles[name]:<58}{amount * total.scale:>22,}"
    if total.undivided:
        yield f"  {'one program or another, the duty being the same':<58}{total.undivided:>22,}"
    yield from certainty_lines(total)
    yield from band
    if total.credited:
        rate = (
            f", {total.duty_after_credit / total.value_after_credit:.2%} of {total.value_after_credit:,}"
            if total.value_after_credit
            else ""
        )
        yield f"After credit of {', '.join(total.credited.values())}, for an importer that may take it:"
        yield (
            f"  duty of the {line_count(total.rows_after_credit)} where it is known:"
            f" {total.duty_after_credit:,} {total.currency}{rate}"
        )
    fees = {name: amount for name, amount in total.programs.items() if amount and name in total.fee_programs}
    if fees:
        some = ", without those that are unknown" if total.fee_problems else ""
        yield f"Fees{some}: {sum(fees.values()) * total.scale:,} {total.currency}"
        yield from (f"  {total.titles[name]:<58}{amount * total.scale:>22,}" for name, amount in fees.items())
    yield from problem_lines(total, most)
    if total.unused_columns:
        yield unused_line(total.unused_columns)


def certainty_lines(total: LineSums) -> Iterator[str]:
    """How much of the duty rests on texts in doubt, and on secondary sources."""
    for rows, duty, what in (
        (total.uncertain, total.uncertain_duty, "a reading that is uncertain (tag U or UM)"),
        (total.secondary, total.secondary_duty, "a secondary source (tag S)"),
    ):
        if rows:
            yield f"of that, {duty:,} {total.currency} on {line_count(rows)} rests in part on {what}"


def problem_lines(total: LineSums, most: int) -> Iterator[str]:
    """How many lines could not be assessed, and what they lack; what fees lack; on what assumptions lines
    were assessed."""
    if total.unknown:
        yield from _counted(
            total,
            f"The duty of {line_count(total.unknown)} is unknown. What is missing, by number of lines:",
            total.problems,
            most,
        )
    if total.fee_problems:
        yield from _counted(
            total, "Some fees are unknown. What is missing, by number of lines:", total.fee_problems, most
        )
    if total.notes:
        yield from _counted(total, "Notes, by number of lines:", total.notes, most)


def _counted(total: LineSums, title: str, counter: Counter[tuple[str, str]], most: int) -> Iterator[str]:
    yield title
    for (message, supply), count in counter.most_common(most):
        yield (
            f"  {count:>7,} "
            f" {sentence_of(message, supply)}{rows_named(total.first_rows.get(message, []), count)}"
        )
    if len(counter) > most:
        yield f"  ... and {len(counter) - most:,} more reasons"
