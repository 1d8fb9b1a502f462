"""How the customs value of a line came about: the price, the costs added and taken out, what was assumed, the
rate and the act behind each."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tariffcalc.compiled.valuation import RateRow, TariffValueRow
from tariffcalc.declaration.valuation.exchange import DECLARED, OWN
from tariffcalc.declaration.valuation.price import Step
from tariffcalc.declaration.valuation.tariff_value import NONE
from tariffcalc.declaration.valuation.trade_terms import BASES, COSTS
from tariffcalc.moments import show_moment
from tariffcalc.views.explain.citations import cited

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.assessment.assessed import Assessed
    from tariffcalc.declaration import Valued


def table_of_values(estimate: Assessed) -> pd.DataFrame:
    """One row per line that was assessed: row, value, value_basis, currency, costs, assumed, exchange_rate,
    rate_from, customs_value.

    The costs are as they count, in the currency of the line; ``customs_value`` is in that of the territory; a
    cost that is not known is empty.  ``assumed`` names the share taken for a cost not declared; ``rate_from``
    is ``declared``, the act that notified the rate, or empty.
    """
    import pandas as pd

    _, lines = estimate.parts
    rows = []
    for place, row in enumerate(lines.rows):
        customs_value = estimate.money(int(lines.columns.value[place]))
        found: dict[str, Any] = {
            "row": int(row),
            "value": customs_value,
            "value_basis": BASES[0],
            "currency": estimate.law.currency,
        }
        found |= {
            **dict.fromkeys(COSTS),
            "assumed": "",
            "exchange_rate": Decimal(1),
            "rate_from": "",
            "customs_value": customs_value,
        }
        rows.append(found | (_cells(estimate, lines.valued, place) if lines.valued else {}))
    names = [
        "row",
        "value",
        "value_basis",
        "currency",
        *COSTS,
        "assumed",
        "exchange_rate",
        "rate_from",
        "customs_value",
    ]
    return pd.DataFrame(rows, columns=names)


def _cells(estimate: Assessed, valued: Valued, place: int) -> dict[str, Any]:
    steps = valued.ways[valued.steps[place]]
    rate = notified_rate(estimate, valued, place)
    fixed = tariff_value(estimate, valued, place)
    source = {OWN: "", DECLARED: "declared"}.get(
        int(valued.rates.source[place]), " ".join(rate.by) if rate else ""
    )
    return {
        "value": None if fixed else _money(valued.price[place]),
        "value_basis": f"tariff value of {fixed.goods}" if fixed else BASES[valued.basis[place]],
        "currency": list(estimate.law.valuation.currencies)[valued.currency[place]],
        **{
            step.cost: _money(valued.counted[step.cost][place])
            for step in steps
            if _is_counted(valued, place, step)
        },
        "assumed": "; ".join(f"{step.cost} {step.assumed.text}" for step in steps if step.assumed),
        "exchange_rate": _rate(valued, place),
        "rate_from": source,
    }


def _is_counted(valued: Valued, place: int, step: Step) -> bool:
    column = valued.declared.get(step.cost)
    return step.assumed is not None or (
        column is not None and (column.declared is None or bool(column.declared[place]))
    )


def notified_rate(estimate: Assessed, valued: Valued, place: int) -> RateRow | None:
    """The notified rate that converted a line, if one did."""
    source = int(valued.rates.source[place])
    code = list(estimate.law.valuation.currencies)[valued.currency[place]]
    return estimate.law.valuation.rates[code][source] if source >= 0 else None


def tariff_value(estimate: Assessed, valued: Valued, place: int) -> TariffValueRow | None:
    """The tariff value of the goods of a line, if they have one."""
    number = int(valued.tariff_value[place])
    return None if number == NONE else estimate.law.valuation.tariff_values[number]


def value_sentences(estimate: Assessed, place: int) -> Iterator[str]:
    """How the customs value of a line came about, in words; nothing where it was declared as it is."""
    _, lines = estimate.parts
    valued = lines.valued
    if valued is None:
        return
    code = list(estimate.law.valuation.currencies)[valued.currency[place]]
    fixed = tariff_value(estimate, valued, place)
    basis = BASES[valued.basis[place]]
    if fixed:
        quantity = _money(lines.columns.quantities[fixed.dimension].values[place])
        yield (
            f"tariff value of {fixed.goods}: {fixed.text}, on {quantity:,} {fixed.dimension}, by"
            f" {cited(estimate.law, fixed.by, fixed.tag)}"
        )
    elif valued.basis[place] > 0:
        yield f"price {basis} {_money(valued.price[place]):,} {code}"
        for step in valued.ways[valued.steps[place]]:
            yield f"  {_step(estimate, valued, place, step)}"
    elif int(valued.rates.source[place]) != OWN:
        yield f"{basis} {_money(valued.price[place]):,} {code}"
    if int(valued.rates.source[place]) != OWN:
        rate = notified_rate(estimate, valued, place)
        source = f"notified by {cited(estimate.law, rate.by, rate.tag)}" if rate else "declared"
        day = f", of {show_moment(int(valued.rates.day[place]))}" if rate else ""
        yield f"at {_rate(valued, place)} {estimate.law.currency} for one {code}, {source}{day}"


def _step(estimate: Assessed, valued: Valued, place: int, step: Step) -> str:
    rule, cost, law = step.rule, step.cost.replace("_", " "), estimate.law
    counted = f" {_money(valued.counted[step.cost][place]):,}" if _is_counted(valued, place, step) else ""
    by = f", by {cited(law, rule.by, rule.tag)}" if rule else ""
    if step.assumed:
        return (
            f"{cost}{counted} {step.what}: {step.assumed.text}, not ascertainable, by"
            f" {cited(law, step.assumed.by, step.assumed.tag)}"
        )
    declared = valued.declared.get(step.cost)
    if step.ceiling and declared is not None and declared.values[place] > valued.counted[step.cost][place]:
        of = f"of {_money(declared.values[place]):,}, at most {step.ceiling.text} by {step.ceiling.transport}"
        return f"{cost}{counted} {of}, by {cited(law, step.ceiling.by, step.ceiling.tag)}"
    return f"{cost}{counted} {step.what}{by}"


def _money(millionths: Any) -> Decimal:
    amount = Decimal(int(millionths)).scaleb(-6).normalize()
    return amount if -int(amount.as_tuple().exponent) > 2 else amount.quantize(Decimal("0.01"))


def _rate(valued: Valued, place: int) -> Decimal:
    return Decimal(int(valued.rates.numerator[place])) / Decimal(int(valued.rates.denominator[place]))
