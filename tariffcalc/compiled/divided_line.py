"""A tariff line of eight digits of which lists name only some of the ten-digit lines below: what its goods
may be on a day."""

from __future__ import annotations

from typing import NamedTuple


class TenDigits(NamedTuple):
    """A ten-digit code below a divided line: its position and class, the days on which it is a tariff line,
    whether a list names it there."""

    code: int
    product_class: int
    days: tuple[tuple[int, int], ...]
    listed: bool  # by a list that names only a part of the divided line


class DividedLine(NamedTuple):
    """An eight-digit line of which lists name a part: the class of goods under it that no list names, and the
    ten-digit codes below it."""

    rest: int
    below: tuple[TenDigits, ...]

    def choices(self, moment: int) -> list[tuple[int, int]]:
        """What goods of the line may be at a moment: class and position of the code (-1: one that no list
        names).

        These are the ten-digit lines in force, and the codes that a list still names; where no line is in
        force, also the rest.
        """
        in_force = [each for each in self.below if any(start <= moment < end for start, end in each.days)]
        named = [each for each in self.below if each.listed and each not in in_force]
        rest = [] if in_force else [(self.rest, -1)]
        return [(each.product_class, each.code) for each in (*in_force, *named)] + rest
