"""Commodity codes: digits without dots inside, dots when shown.

A code is 2 to 10 digits; a shorter code covers everything below it, so membership is a question of prefixes.
Codes stay text: a leading zero carries meaning and no code is ever a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_SPACES_AND_DOTS = re.compile(r"[.\s]")


def plain_code(text: str) -> str:
    """The digits of a commodity code; raises ValueError for anything but 2 to 10 digits.

    >>> plain_code("6109.10.00.12")
    '6109100012'
    """
    digits = _SPACES_AND_DOTS.sub("", text)
    if not (2 <= len(digits) <= 10 and digits.isascii() and digits.isdigit()):
        raise ValueError(f"{text!r} is not a commodity code: 2 to 10 digits, with or without dots")
    return digits


def dotted(code: str) -> str:
    """The code as schedules print it.

    >>> dotted("6109100012"), dotted("84713001"), dotted("7601")
    ('6109.10.00.12', '8471.30.01', '7601')
    """
    parts = [code[:4], code[4:6], code[6:8], code[8:]]
    return ".".join(part for part in parts if part)


def origin_title(names: Mapping[str, tuple[str, ...]], code: str) -> str:
    """The name of an origin, by the names an importer may write (in small letters, the code first and the
    name after it).

    >>> origin_title({"in": ("IN",), "india": ("IN",), "ind": ("IN",)}, "IN")
    'India'
    """
    name = next((name for name, codes in names.items() if codes == (code,) and name != code.casefold()), code)
    return " ".join(
        word if word in ("and", "of", "the") else word[:1].upper() + word[1:] for word in name.split()
    )
