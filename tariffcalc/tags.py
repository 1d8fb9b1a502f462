"""How certain a fact of law is: a tag on every act, spell, row of a list and entry of the stacking order.

It is separate from the models because a law that is kept compiled is used without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

Tag = Literal["P", "P*", "S", "U", "UM"]
"""P primary text read; P* a faithful copy of it; S secondary; U uncertain; UM uncertain, from memory."""

TAGS: tuple[Tag, ...] = get_args(Tag)  # from the most certain to the least
# places of tags; UNCERTAIN and what follows it are in doubt
SECONDARY, UNCERTAIN = TAGS.index("S"), TAGS.index("U")


def least_certain(tags: Iterable[str]) -> Tag:
    """The least certain of some tags; of none, that of a text read.

    >>> least_certain(["P", "S", "P*"])
    'S'
    """
    given = set(tags)
    return next((tag for tag in reversed(TAGS) if tag in given), TAGS[0])
