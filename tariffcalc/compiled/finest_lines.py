"""The finest tariff lines in force: ten digits where a line is divided, eight where it is not.

What depends on the codes alone is worked out once for each law; a moment then takes a few steps over columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.segments import Segments

TARIFF_LINE = 8  # digits


class FinestLines(NamedTuple):
    """The codes of a law, by what says whether a line of it is the finest.

    Attributes
    ----------
    own, of_goods : [codes]
        Whether the schedule has a line of the code, and whether that is a line of goods: provisions that are
        claimed for goods of other codes are not.
    is_long : [codes]
        Whether the code has more digits than a tariff line.
    line : [codes]
        The tariff line that the code lies within, by number.
    """

    segments: Segments
    own: Bools
    of_goods: Bools
    is_long: Bools
    line: Ints

    @classmethod
    def of(cls, law: CompiledLaw) -> FinestLines:
        """The finest lines of a law, worked out once."""
        return law.memo.once("finest lines", lambda: cls._of(law))

    @classmethod
    def _of(cls, law: CompiledLaw) -> FinestLines:
        codes = np.array(law.codes.codes)
        regimes = np.array(sorted(law.regimes), codes.dtype)
        lines, line = np.unique(codes.astype(f"U{TARIFF_LINE}"), return_inverse=True)
        of_goods = ~np.isin(lines, regimes)[line]
        is_long = np.char.str_len(codes) > TARIFF_LINE
        return cls(law.segments, law.codes.own, of_goods, is_long, line.astype(np.int64))

    def rows(self, moment: int, goods_only: bool) -> Ints:
        """The rows of the schedule in force at a moment whose code has no longer code in force below it, in
        the order of their codes."""
        rows = self.segments
        wanted = self.own & self.of_goods if goods_only else self.own
        live = np.flatnonzero((rows.start <= moment) & (moment < rows.end) & wanted[rows.code])
        code = rows.code[live]
        divided = np.zeros(len(self.line), bool)  # [tariff lines]
        divided[self.line[code[self.is_long[code]]]] = True
        return live[self.is_long[code] | ~divided[self.line[code]]]
