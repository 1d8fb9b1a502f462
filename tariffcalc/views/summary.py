"""Comparisons in a few lines of text, and totals as a table (the text of totals is in ``running.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from tariffcalc.charts.look import amount_text
from tariffcalc.codes import dotted
from tariffcalc.comparison import UNDIVIDED
from tariffcalc.engine.sums import total_of
from tariffcalc.reading.tables import read_rows
from tariffcalc.reading.where import seeds_folder

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from tariffcalc.comparison import Comparison
    from tariffcalc.views.totals import RunningTotal


def totals_table(total: RunningTotal) -> pa.Table:
    """The totals of an estimate as a table: item, amount, currency, rows (of known amount), unknown rows, share of value."""
    import pyarrow as pa

    known = total.rows - total.unknown
    rows: list[tuple[str, Decimal, int | None, int | None, Decimal | None]] = [
        ("Customs value, all rows that could be read", total.value, total.rows, None, None),
        ("Customs value, rows of known duty", total.known_value, known, None, None),
        ("Duty, rows of known duty", total.duty, known, total.unknown, _share(total.duty, total.known_value)),
    ]
    for title, amount, unknown, is_fee in total.by_program():
        kind, share = ("Fee", None) if is_fee else ("Of this duty", _share(amount, total.known_value))
        rows.append((f"{kind}: {title}", amount, None, unknown, share))
    if total.credited:
        share = _share(total.duty_after_credit, total.value_after_credit)
        unknown = total.rows - total.rows_after_credit
        rows.append((f"Duty after credit of {', '.join(total.credited.values())}", total.duty_after_credit, total.rows_after_credit, unknown, share))
    items, amounts, counts, unknowns, shares = zip(*rows, strict=True)
    columns = {
        "item": pa.array(items, pa.string()),
        "amount": pa.array([float(amount) for amount in amounts], pa.float64()),
        "currency": pa.array([total.currency] * len(rows), pa.string()),
        "rows": pa.array(counts, pa.int64()),
        "unknown rows": pa.array(unknowns, pa.int64()),
        "share of value": pa.array([None if share is None else float(share) for share in shares], pa.float64()),
    }
    return pa.table(columns)


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def summarise_comparison(comparison: Comparison) -> str:
    """What changed: one total, the programs it comes from, and the lines whose whole duty is known."""
    return "\n".join(_comparison(comparison))


def _comparison(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    currency, lines = before.law.currency, len(before)
    if not comparison.touched_lines:
        if comparison.unknown_lines:
            yield f"Nothing that is known changes on the {lines:,} lines; {comparison.unknown_lines:,} of them are unknown in whole or in part."
        else:
            yield f"Nothing changes on any of the {lines:,} lines: the scenario concerns none of these goods, origins and days."
        return
    touched = f"{comparison.touched_lines:,} of {lines:,} {'line' if lines == 1 else 'lines'}"
    change = float(comparison.change)
    verb = "falls" if change < 0 else "rises"
    yield f"Duty {verb} by {amount_text(abs(change), currency)} on {touched}." if change else f"Duty changes on {touched}; the changes add up to 0."
    titles = _titles(comparison)
    for each in comparison.programs:
        delta = total_of((each.after - each.before)[each.known])
        if delta:
            yield f"  {titles[each.program]:<58}{before.money(delta):>22,.0f} {currency}"
    (old, old_unknown), (new, new_unknown) = (each.parts[0].total("duty") for each in (before, after))
    both = ~(old_unknown | new_unknown)
    value = before.money(total_of(before.parts[1].columns.value[both]))
    if not value:
        yield "The whole duty is known under both on none of the lines."
        return
    others = lines - int(both.sum())
    which = f"the {lines - others:,} lines whose whole duty is known under both" if others else "all lines"
    yield f"On {which}, of {value:,.0f} {currency} customs value:"
    for word, duty in (("before", before.money(total_of(old[both]))), ("after", before.money(total_of(new[both])))):
        yield f"  {f'duty {word}':<58}{duty:>22,.0f} {currency}, {duty / value:.2%} of the value"
    if others:
        total = amount_text(abs(change), currency)
        yield f"The total of {total} counts the other {others:,} lines too, with the programs that are known there."


def _titles(comparison: Comparison) -> dict[str, str]:
    """The titles of the programs of both laws, by name."""
    return {UNDIVIDED: UNDIVIDED} | {program.name: program.title for each in (comparison.before, comparison.after) for program in each.law.programs}


def top_table(comparison: Comparison, key: str, most: int) -> pd.DataFrame:
    """The rows of the largest change by one key, with words beside codes: the title of a program, the name of a chapter, the label of a line."""
    table = comparison.by(key).head(most)
    law = comparison.before.law
    if key == "program":
        titles = _titles(comparison)
        return table.assign(title=[titles[name] for name in table["program"]])
    if key == "chapter":
        names = chapter_names()
        return table.assign(name=[names.get(code, "") for code in table["chapter"]])
    if key == "commodity":
        first = law.segments.first
        labels = [law.segments.labels[int(first[law.code_index[code]])] for code in table["commodity"]]
        return table.assign(label=labels, commodity=[dotted(code) for code in table["commodity"]])
    return table


@cache
def chapter_names() -> dict[str, str]:
    """Short names of the chapters of the Harmonized System."""
    return {row["code"]: row["name"] for _, row in read_rows(seeds_folder() / "chapters.csv", ("code", "name"))}
