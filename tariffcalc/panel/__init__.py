"""Panels: what every tariff line of every origin asked for owes, day by day or spell by spell.

Nothing of a panel is text inside: lines, origins and days are positions on the law's own axes, and the
answers of the kernel are gathered from the few lines that owe differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.errors import ShipmentError
from tariffcalc.panel.dense import Dense
from tariffcalc.panel.output import write
from tariffcalc.panel.request import read_asked
from tariffcalc.panel.spells import Spells

VALUE = 10_000


def panel(
    law: CompiledLaw,
    origins: str | Sequence[str],
    entered: Sequence[Any] | None = None,
    by: str = "day",
    value: Any = VALUE,
    to: str | Path | None = None,
    as_arrow: bool = False,
    on_or_after: Any = None,
    before: Any = None,
    progress: Callable[[float], None] | None = None,
    **facts: Any,
) -> Any:
    """Every tariff line for some origins: day by day, or spell by spell (see ``Tariff.panel``).

    Examples
    --------
    T-shirts of India, spell by spell, in the first half of 2025:

    >>> from tariffcalc import load
    >>> table = load("us").panel(origins=["IN"], by="change", before="2025-07-01")
    >>> shirts = table[table["commodity"] == "6109100012"]
    >>> shirts[["on_or_after", "before", "duty"]].to_string(index=False).splitlines()
    ['on_or_after     before   duty',
     ' 2025-01-01 2025-04-05 1650.0',
     ' 2025-04-05 2025-04-09 2650.0',
     ' 2025-04-09 2025-04-10 4250.0',
     ' 2025-04-10 2025-07-01 2650.0']
    """
    asked = read_asked(law, origins, value, facts)
    made: Dense | Spells
    if by == "change":
        if entered is not None:
            raise ShipmentError(
                "a panel by change has no single days: give on_or_after and before, or neither for all days"
                " held"
            )
        made = Spells(asked, on_or_after, before)
    elif by == "day":
        if entered is None or isinstance(entered, str) or on_or_after is not None or before is not None:
            raise ShipmentError(
                "give the days of entry as a list, even where there is one of them (or by='change' and a"
                " window)"
            )
        made = Dense(asked, entered)
    else:
        raise ShipmentError(f"by is {by!r}: give 'day' or 'change'")
    if to is not None:
        return write(str(to), law, made.parts(), made.count, progress)
    part = made.whole()
    return part.arrow() if as_arrow else part.frame()
