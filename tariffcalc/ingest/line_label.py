"""Short labels of tariff lines for display, made mechanically from the chain of descriptions above a line.

A label names the heading and the line itself, and where the line says only "other" the nearest level that
says more. Labels are never the basis of a decision.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 70
_NOISE = re.compile(r"<[^>]*>|\(con\.\)|\([0-9]{3}(?:,[ 0-9]+)*\)|\[[^\]]*\]")
_SAYS_LITTLE = re.compile(
    r"(?:other|valued|if|not|described|provided|containing|entered|men's|women's|boys|girls)\b.*",
    re.IGNORECASE,
)


def label_of(chain: Sequence[str]) -> str:
    """The label of the last description of a chain that begins with the heading.

    >>> label_of(["T-shirts, singlets, tank tops, knitted:", "Of cotton (338)", "Men's (338)"])
    "T-shirts: of cotton: men's"
    """
    plain = [_clean(text) for text in chain]
    plain = [text for text in plain if text]
    if not plain:
        return ""
    heading, own = _short(plain[0], 30), plain[-1]
    if len(plain) == 1:
        return _short(own, LONGEST, at_comma=False)
    parts = [heading]
    if _SAYS_LITTLE.fullmatch(own):
        between = next((text for text in reversed(plain[1:-1]) if not _SAYS_LITTLE.fullmatch(text)), "")
        if between:
            parts.append(_lower(_short(between, 28)))
    left = LONGEST - sum(len(part) + 2 for part in parts)
    parts.append(_lower(_short(own, left, at_comma=False)))
    return ": ".join(parts)


def _clean(text: str) -> str:
    return " ".join(_NOISE.sub(" ", text).split()).rstrip(" :;,")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _short(text: str, longest: int, at_comma: bool = True) -> str:
    """The text up to its first comma or bracket, or else up to the last word that fits."""
    if at_comma:
        text = re.split(r"[,;:(]", text, maxsplit=1)[0].strip() or text
    if len(text) <= longest:
        return text
    cut = text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:(")
    return f"{cut}…"
