"""A customs territory: its name, money, rounding and the days for which its law is held."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveInt

from tariffcalc.windows import Moment, Window


class Inside(BaseModel):
    """An origin of the table of origins that is a part of the customs territory itself, by which acts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str
    by: tuple[str, ...]
    note: str = ""


class Territory(BaseModel):
    """What the engine must know of a territory that is not a program.

    ``rounding``: how a posting is rounded, ``half_up``, to a multiple of ``round_to`` minor units: 1 where
    amounts are kept to the cent of a dollar of 100 ``minor_units``, 100 where to the whole rupee of 100
    paise. ``statistical_lines_held_before``: from that day on a code of more than eight digits that no held
    schedule knows is taken for its eight-digit line, with a warning; before it, it is an error.
    ``filing_order``: programs in the order of their headings on an entry summary, before the commodity code.
    ``schedule_name``: what importers call the schedule, such as HTS.
    ``inside``: origins that are parts of the territory, so that nothing is imported from there.
    ``ledger_order``: programs in the order in which ledgers list them; the others follow by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    territory: str
    title: str
    currency: str
    minor_units: int = 100
    rounding: Literal["half_up"] = "half_up"
    round_to: PositiveInt = 1
    rounding_by: tuple[str, ...] = ()
    column_1: str
    schedule_name: str = "schedule"
    held: Window
    statistical_lines_held_before: Moment
    ledger_order: tuple[str, ...] = ()
    filing_order: tuple[str, ...] = ()
    filing_order_by: tuple[str, ...] = ()
    inside: tuple[Inside, ...] = ()
    note: str = ""
