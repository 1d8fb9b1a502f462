"""Amounts in words."""

from __future__ import annotations

_SIZES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"), (1.0, ""))


def size_of(amount: float) -> tuple[float, str]:
    """The unit to show amounts of this size in, and its word."""
    return next((size, word) for size, word in _SIZES if amount >= size or size == 1.0)


def amount_text(amount: float, currency: str) -> str:
    """An amount in words: 3.19 billion USD."""
    size, word = size_of(abs(amount))
    scaled = f"{amount / size:,.2f}".replace("-", "−")
    return " ".join(part for part in (scaled, word, currency) if part)
