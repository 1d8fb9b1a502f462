"""The name that a misspelt one may be meant for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: str, names: Iterable[str]) -> str:
    """The end of a sentence about a name that is not there: the nearest one, or nothing.

    >>> meant("us_content_vlaue", ["us_content_value", "steel_value"])
    "; is 'us_content_value' meant?"
    >>> meant("umbrellas", ["steel_value"])
    ''
    """
    near = get_close_matches(name, list(names), 1)
    return f"; is {near[0]!r} meant?" if near else ""
