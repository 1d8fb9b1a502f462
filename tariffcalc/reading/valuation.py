"""The valuation of a territory: ``valuation.yaml``, and the tables of notified exchange rates and of tariff
values beside it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from tariffcalc.law.number import read_number
from tariffcalc.law.selection import read_products
from tariffcalc.law.valuation import ExchangeRate, TariffValue, Valuation
from tariffcalc.reading.entries import shown_path, with_lists
from tariffcalc.reading.tables import acts_of, cells_of, read_rows, window_of
from tariffcalc.reading.yaml_text import read_yaml
from tariffcalc.tags import Tag


def read_valuation(path: Path) -> Valuation | None:
    """The valuation law of a territory; None where the file is not there."""
    if not path.is_file():
        return None
    document = read_yaml(path, shown_path(path, path.parent))
    given = _with_lists_within(document.data)
    if isinstance(given, dict) and "rounded_to" in given:
        given["rounded_to"] = document.placed(given["rounded_to"], ("rounded_to",))
    return document.read(Valuation, given)


def _with_lists_within(data: Any) -> Any:
    """Single names written as lists, at every depth."""
    if isinstance(data, list):
        return [_with_lists_within(each) for each in data]
    if not isinstance(data, dict):
        return data
    listed = with_lists({key: value for key, value in data.items() if key != "of"})
    return {
        **{key: _with_lists_within(value) for key, value in listed.items()},
        **{key: data[key] for key in ("of",) if key in data},
    }


def read_exchange_rates(path: Path) -> tuple[ExchangeRate, ...]:
    """Notified rates: ``currency, units, rate, on_or_after, before, by`` (optional: tag); empty where the
    file is not there."""
    rates = []
    columns = ("currency", "units", "rate", "on_or_after", "before", "by")
    filled = ("currency", "units", "rate", "by")
    for line, row in read_rows(path, columns, filled) if path.is_file() else ():
        with cells_of(path, line):
            window = window_of(row, "on_or_after", "before")
            units = int(row["units"])
            rate = _positive(row["rate"])
            if units < 1:
                raise ValueError(f"units is {units}: expected 1 or more")
            rates.append(
                ExchangeRate(
                    row["currency"],
                    units,
                    rate,
                    window.on_or_after,
                    window.before,
                    acts_of(row["by"]),
                    _tag(row),
                    line,
                )
            )
    return tuple(rates)


def read_tariff_values(path: Path) -> tuple[TariffValue, ...]:
    """Tariff values: ``goods, products, amount, currency, unit, on_or_after, before, by`` (optional: tag);
    empty where the file is not there."""
    values = []
    columns = ("goods", "products", "amount", "currency", "unit", "on_or_after", "before", "by")
    filled = ("goods", "products", "amount", "currency", "unit", "by")
    for line, row in read_rows(path, columns, filled) if path.is_file() else ():
        with cells_of(path, line):
            window = window_of(row, "on_or_after", "before")
            products = read_products(row["products"])
            if products.names or products.everything:
                raise ValueError("a tariff value names the codes of its goods one by one")
            amount = _positive(row["amount"])
            values.append(
                TariffValue(
                    row["goods"],
                    products,
                    amount,
                    row["currency"],
                    row["unit"],
                    window.on_or_after,
                    window.before,
                    acts_of(row["by"]),
                    _tag(row),
                    line,
                )
            )
    return tuple(values)


def read_currencies(path: Path) -> dict[str, str]:
    """Currencies: ``code, name``; empty where the file is not there."""
    return (
        {row["code"]: row["name"] for _, row in read_rows(path, ("code", "name"), filled=("code", "name"))}
        if path.is_file()
        else {}
    )


def _positive(text: str) -> Decimal:
    number = read_number(text)
    if number <= 0:
        raise ValueError(f"{text} is not above nothing")
    return number


def _tag(row: dict[str, str]) -> Any:
    tag = row.get("tag") or "P"
    if tag not in get_args(Tag):
        raise ValueError(f"{tag!r} is not a tag: expected one of {', '.join(get_args(Tag))}")
    return tag
