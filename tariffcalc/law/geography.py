"""Origins: two-letter codes with the other ways people write them."""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """A country or customs territory of origin; ``also`` holds every other code or name it is known by."""

    code: str
    name: str
    also: tuple[str, ...]
