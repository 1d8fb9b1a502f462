"""Totals as a table (the text of totals is in ``totals.py``)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tariffcalc.views.totals import EstimateTotals

if TYPE_CHECKING:
    import pyarrow as pa


def totals_table(total: EstimateTotals) -> pa.Table:
    """The totals of an estimate as a table: item, amount, currency, rows (of known amount), unknown rows,
    share of value."""
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
        rows.append(
            (
                f"Duty after credit of {', '.join(total.credited.values())}",
                total.duty_after_credit,
                total.rows_after_credit,
                unknown,
                share,
            )
        )
    items, amounts, counts, unknowns, shares = zip(*rows, strict=True)
    columns = {
        "item": pa.array(items, pa.string()),
        "amount": pa.array([float(amount) for amount in amounts], pa.float64()),
        "currency": pa.array([total.currency] * len(rows), pa.string()),
        "rows": pa.array(counts, pa.int64()),
        "unknown rows": pa.array(unknowns, pa.int64()),
        "share of value": pa.array(
            [None if share is None else float(share) for share in shares], pa.float64()
        ),
    }
    return pa.table(columns)


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None
