"""The products that two territories are compared on: what a code covers in either schedule, and the name of a
subheading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tariffcalc.codes import dotted, plain_code
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.errors import ShipmentError
from tariffcalc.pairs.concordance import SUBHEADING, by_subheading, lines_in_force, shared_label

Products = str | Sequence[str] | None


def lines_of_products(
    laws: Sequence[CompiledLaw], products: Products, days: Sequence[Any]
) -> list[list[list[str]]]:
    """For each side and day the lines that the products cover (all, where there are none).

    Raises ShipmentError for a code that is none, and for one that neither schedule holds on any of the days.
    """
    if products is None:
        return [lines_in_force(law, days) for law in laws]
    asked = [_digits(each) for each in ([products] if isinstance(products, str) else products)]
    prefixes = sorted({code[:SUBHEADING] for code in asked})
    held = [lines_in_force(law, days, prefixes) for law in laws]
    for code in asked:
        if not any(line.startswith(code) for lines in held for each in lines for line in each):
            raise ShipmentError(_not_held(laws, code, days[0]))
    return [[_narrowed(each, asked) for each in lines] for lines in held]


def _digits(product: str) -> str:
    try:
        return plain_code(product)
    except (ValueError, TypeError) as error:
        raise ShipmentError(f"{error}; a product is a code of two to ten digits, as text") from None


def _narrowed(lines: list[str], asked: list[str]) -> list[str]:
    """The lines under the codes asked; a code longer than a subheading narrows a schedule that holds it, and
    means its subheading elsewhere."""
    prefixes = tuple(
        code if len(code) <= SUBHEADING or any(line.startswith(code) for line in lines) else code[:SUBHEADING]
        for code in asked
    )
    return [line for line in lines if line.startswith(prefixes)]


def _not_held(laws: Sequence[CompiledLaw], code: str, day: Any) -> str:
    near = [lines_in_force(law, [day], [code[:4]])[0] for law in laws]
    hints = [
        f"{law.territory} holds of {code[:4]}"
        f" {', '.join(dict.fromkeys(dotted(line[:SUBHEADING]) for line in lines))}"
        for law, lines in zip(laws, near, strict=True)
        if lines
    ]
    names = " or of ".join(law.territory for law in laws)
    return (
        f"no line under {dotted(code)} is in the schedule of {names} on {day};"
        f" {'; '.join(hints) or 'check the code'}"
    )


def labels(law: CompiledLaw) -> dict[str, str]:
    """A label for every subheading that a schedule has ever held."""
    lines = by_subheading(
        code
        for number, code in enumerate(law.codes.codes)
        if law.codes.own[number] and len(code) > SUBHEADING
    )
    return {code: shared_label(law, each) for code, each in lines.items()}
