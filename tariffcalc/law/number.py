"""Numbers of law: exact decimals of a bounded size, so that no duty of any line is beyond what is counted
exactly."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator

# digits before the decimal point: of any number, of a percentage, of money for a unit
MOST, MOST_PERCENT, MOST_RATE = 12, 4, 6
_AFTER = 12  # digits after it
_NUMBER = re.compile(r"-?([0-9]*)(?:\.([0-9]*))?", re.ASCII)


def read_number(text: str, most: int = MOST) -> Decimal:
    """A number as law writes it, perhaps with commas; raises ValueError for what is none, or has too many
    digits.

    >>> read_number("1,234.50")
    Decimal('1234.50')
    >>> read_number("99999999", most=6)
    Traceback (most recent call last):
    ValueError: '99999999' is too great: expected at most 6 digits before the decimal point
    """
    plain = text.replace(",", "").strip()
    shown = repr(text if len(text) <= 40 else text[:37] + "...")
    found = _NUMBER.fullmatch(plain)
    if found is None or not (found[1] or found[2]):
        raise ValueError(f"{shown} is not a number")
    if len(found[1].lstrip("0")) > most:
        raise ValueError(f"{shown} is too great: expected at most {most} digits before the decimal point")
    if len(found[2] or "") > _AFTER:
        raise ValueError(f"{shown} is too long: expected at most {_AFTER} digits after the decimal point")
    return Decimal(plain)


def read_percentage(text: str) -> Decimal:
    """A percentage, with its sign, as a share.

    >>> read_percentage("1.5%")
    Decimal('0.015')
    """
    return read_number(text.removesuffix("%"), MOST_PERCENT) / 100


def _checked(given: Decimal) -> Decimal:
    read_number(f"{given:f}")
    return given


Amount = Annotated[Decimal, AfterValidator(_checked)]


def read_share(given: Any) -> Any:
    """A share of a value as law writes it, such as 40%."""
    text = str(given)
    return read_percentage(text) if text.endswith("%") else given
