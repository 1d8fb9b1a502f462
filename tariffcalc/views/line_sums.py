"""What totals hold of the lines added so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

# the same in all totals that are added up; what is not marked so is a sum, a count or a collection
_OF_THE_LAW = {"of the law": True}


@dataclass
class LineSums:
    """Rows, value, duty, fees, duty by program and problems of the lines added so far.

    ``programs`` sums each duty over the lines whose whole duty is known, so that the parts add up to the
    whole, and each fee over the lines on which it is known itself; ``unknown_of`` counts the lines on which
    the program itself is unknown.  ``undivided`` is the part of the duty of which only the sum is known,
    because every declaration leads to it, and not the programs.

    ``credited`` names the programs of which an importer in business takes back what they charge;
    ``rows_after_credit``, ``value_after_credit`` and ``duty_after_credit`` are of the lines whose duty is
    known without them.

    ``problems`` counts the rows refused or of unknown duty by what they lack; ``fee_problems`` those of
    unknown fees, ``notes`` those assessed on an assumption.  ``first_rows`` names the first rows of each of
    them, counted from 1.

    ``unused_columns`` are the columns that nothing reads, each with what it may be meant for.
    ``uncertain`` counts the lines of known duty of which some duty rests on a text in doubt (tag U or UM),
    ``secondary`` the others of which some rests on a secondary source (S); beside them the duty of those
    lines.
    """

    rows: int = 0
    unknown: int = 0
    currency: str = field(default="", metadata=_OF_THE_LAW)
    value: Decimal = Decimal(0)
    known_value: Decimal = Decimal(0)
    duty: Decimal = Decimal(0)
    undivided: Decimal = Decimal(0)
    programs: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    unknown_of: Counter[str] = field(default_factory=Counter)
    fee_programs: set[str] = field(default_factory=set)
    credited: dict[str, str] = field(default_factory=dict)
    rows_after_credit: int = 0
    value_after_credit: Decimal = Decimal(0)
    duty_after_credit: Decimal = Decimal(0)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    fee_problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)
    unused_columns: dict[str, str] = field(default_factory=dict)
    first_rows: dict[str, list[int]] = field(default_factory=dict)
    uncertain: int = 0
    uncertain_duty: Decimal = Decimal(0)
    secondary: int = 0
    secondary_duty: Decimal = Decimal(0)
    _scale: Decimal = field(default=Decimal(1), metadata=_OF_THE_LAW)

    @property
    def scale(self) -> Decimal:
        """What one minor unit is, in which programs are summed [currency]."""
        return self._scale
