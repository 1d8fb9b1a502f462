"""The command about two territories: what each charges the goods of the other."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tariffcalc.cli.terminal import print_table
from tariffcalc.cli.words import AsJson, KnownOn, app, pairs, show


@app.command()
def bilateral(
    product: Annotated[
        list[str] | None, typer.Argument(help="two to six digits, or a longer code of either schedule")
    ] = None,
    first: Annotated[str, typer.Option(help="a territory, or a folder of seeds")] = "us",
    second: Annotated[str, typer.Option(help="the other one")] = "in",
    entered: Annotated[str | None, typer.Option(help="the day")] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="TERRITORY=NAME or TERRITORY=FILE; may be given more than once"),
    ] = None,
    value: Annotated[
        str | None, typer.Option(help="customs value, on which specific duties become rates")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="currency of that value")] = None,
    quantity: Annotated[list[str] | None, typer.Option(help="UNIT=NUMBER, for example kg=900")] = None,
    fact: Annotated[
        list[str] | None, typer.Option(help="TERRITORY:NAME=VALUE, for example in:vehicle_new=yes")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="one product over time")] = False,
    trade: Annotated[bool, typer.Option("--trade", help="effective rates on the trade held")] = False,
    known_on: KnownOn = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What two territories charge each other's goods: a product in words, many as a table, over time, or
    effective rates on trade."""
    from tariffcalc.pairs.opening import bilateral as both

    pair = both(first, second, _by_territory(scenario), known_on)
    goods: dict[str, Any] = {
        "value": value,
        "currency": currency,
        "quantity": pairs(quantity),
        "facts": _facts(fact),
    }
    if history:
        if not product or len(product) != 1:
            raise ValueError("--history needs one product")
        table = pair.history(product[0], **goods)
        names = [
            "from",
            *(f"{side.name}_{part}" for side in pair.sides for part in ("duty", "tax")),
            "difference",
        ]
        show_rates(
            table if as_json else table[names + [f"{side.name}_programs" for side in pair.sides]], as_json
        )
        return
    if entered is None:
        raise ValueError("give --entered, the day to look at (or --history)")
    if trade:
        show_rates(pair.effective(entered), as_json)
    elif not product:
        raise ValueError("give a product, several, or --trade")
    elif as_json:
        show(pair.table(product, entered=entered, **goods), as_json, "")
    elif len(product) == 1 and len(product[0].replace(".", "")) >= 6:
        print(pair.explain(product[0], entered=entered, **goods))
    else:
        show_rates(pair.wedge(product, entered=entered, **goods), as_json)


def show_rates(table: Any, as_json: bool) -> None:
    """A table with its rates as percentages, or as JSON."""
    if as_json:
        show(table, as_json, "")
        return
    shown = table.copy()
    for name in table.columns:
        if table[name].dtype.kind == "f":
            shown[name] = [_number(name, each) for each in table[name]]
    print_table(shown)


def _number(name: str, number: float) -> str:
    """An amount or a count without decimals, a difference in points, any other rate as a percentage."""
    if number != number:
        return "unknown" if name.endswith("duty") else ""
    if name in ("value", "known_value"):
        return f"{number:,.0f}"
    return f"{100 * number:+.2f} points" if name.startswith("difference") else f"{number:.2%}"


def _by_territory(given: list[str] | None) -> dict[str, list[str]] | None:
    found: dict[str, list[str]] = {}
    for each in given or ():
        territory, sign, name = each.partition("=")
        if not sign:
            raise ValueError(f"{each!r}: write TERRITORY=SCENARIO, for example us=india-at-18-percent")
        found.setdefault(territory, []).append(name)
    return found or None


def _facts(given: list[str] | None) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in given or ():
        territory, sign, rest = each.partition(":")
        if not sign:
            raise ValueError(f"{each!r}: write TERRITORY:NAME=VALUE, for example in:vehicle_new=yes")
        found.setdefault(territory, {}).update(pairs([rest]))
    return found
