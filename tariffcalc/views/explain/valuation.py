"""How the customs value of a line came about: the price, the costs added and taken out, what was assumed, the
rate and the act behind each."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.valuation import RateRow, TariffValueRow
from tariffcalc.declaration.valuation.exchange import DECLARED, OWN
from tariffcalc.declaration.valuation.price import Step
from tariffcalc.declaration.valuation.tariff_value import NONE
from tariffcalc.declaration.valuation.trade_terms import BASES, COSTS
from tariffcalc.engine.ledger.posting_texts import of_each, of_each_pair
from tariffcalc.moments import show_moment
from tariffcalc.views.amount_columns import amount_column
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
    size = len(lines.rows)
    customs_value = amount_column(lines.columns.value, None, estimate.money)
    found: dict[str, Any] = {
        "row": lines.rows,
        "value": customs_value,
        "value_basis": np.full(size, BASES[0], object),
        "currency": np.full(size, estimate.law.currency, object),
        **{cost: np.full(size, None, object) for cost in COSTS},
        "assumed": np.full(size, "", object),
        "exchange_rate": np.full(size, Decimal(1), object),
        "rate_from": np.full(size, "", object),
        "customs_value": customs_value,
    }
    if not size:
        return pd.DataFrame([], columns=list(found))
    return pd.DataFrame(
        found | (_columns(estimate, lines.valued) if lines.valued else {}), columns=list(found)
    )


def _columns(estimate: Assessed, valued: Valued) -> dict[str, Any]:
    """The columns of the table that differ where a price, another currency or a tariff value was
    declared."""
    law = estimate.law.valuation
    fixed = np.flatnonzero(valued.tariff_value != NONE)
    basis = np.array(BASES, object)[valued.basis]
    basis[fixed] = of_each(
        valued.tariff_value[fixed], lambda number: f"tariff value of {law.tariff_values[number].goods}"
    )
    currencies = np.array(list(law.currencies), object)
    assumed = [
        "; ".join(f"{step.cost} {step.assumed.text}" for step in way if step.assumed) for way in valued.ways
    ]
    return {
        "value": amount_column(valued.price, valued.tariff_value == NONE, _money),
        "value_basis": basis,
        "currency": currencies[valued.currency],
        **{
            cost: amount_column(counted, _counted_lines(valued, cost), _money)
            for cost, counted in valued.counted.items()
        },
        "assumed": np.array(assumed, object)[valued.steps],
        "exchange_rate": _rates(valued),
        "rate_from": _sources(estimate, valued),
    }


def _counted_lines(valued: Valued, cost: str) -> NDArray[np.bool_]:
    """The lines on which a cost counts, declared or assumed."""
    steps = [{step.cost: step for step in way} for way in valued.ways]
    met = np.array([cost in way for way in steps])[valued.steps]
    assumed = np.array([cost in way and way[cost].assumed is not None for way in steps])[valued.steps]
    column = valued.declared.get(cost)
    declared = column is not None and (column.declared is None or column.declared)
    return np.asarray(met & (assumed | declared))


def _rates(valued: Valued) -> NDArray[np.object_]:
    """The rate that converted each line."""
    rates = np.stack([valued.rates.numerator, valued.rates.denominator])
    distinct, place = np.unique(rates, axis=1, return_inverse=True)
    made = [Decimal(numerator) / Decimal(denominator) for numerator, denominator in distinct.T.tolist()]
    return np.array(made, object)[place.reshape(-1)]


def _sources(estimate: Assessed, valued: Valued) -> NDArray[np.object_]:
    """Where the rate of each line comes from: ``declared``, or the acts that notified it."""
    source = valued.rates.source
    found = np.where(source == DECLARED, "declared", "").astype(object)
    notified = np.flatnonzero(source >= 0)
    codes, rates = list(estimate.law.valuation.currencies), estimate.law.valuation.rates
    found[notified] = of_each_pair(
        valued.currency[notified],
        source[notified],
        lambda currency, number: " ".join(rates[codes[currency]][number].by),
    )
    return found


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
