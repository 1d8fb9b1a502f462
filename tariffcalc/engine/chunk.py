"""A chunk of assessed lines: what is held of it, and what that says of one program."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.assess import Assessment
from tariffcalc.engine.axes import Bools, Ints
from tariffcalc.engine.lanes import Lanes

Keep = Literal["totals", "programs", "postings"]


class Chunk(NamedTuple):
    """What is held of some neighbouring lines; amounts [lanes, lines] and the assessment only where they are kept."""

    stretch: slice
    outcome: NDArray[np.int32]
    duty: Ints
    fee: Ints
    unknown: tuple[Bools, Bools]  # of duty and of fee
    amounts: Ints | None
    by_line: dict[int, NDArray[np.int32]]  # by program, the reasons that hold for some lines of an outcome and not for others
    assessment: Assessment | None

    @classmethod
    def of(cls, stretch: slice, run: Assessment, keep: str) -> Chunk:
        """What is to be kept of an assessment."""
        lanes = run.lanes
        unknown = (lanes.unknown.rows[0][run.outcome], lanes.unknown.rows[1][run.outcome])
        for number, column in run.unknowns.by_line.items():
            np.logical_or(unknown[number in lanes.fees], column >= 0, out=unknown[number in lanes.fees])
        of_fees = [lanes.own[number] for number in lanes.fees]
        of_duties = [lane for lane in range(len(run.amounts)) if lane not in of_fees]
        duty, fee = (_sum(run.amounts, some) for some in (of_duties, of_fees))
        return cls(
            stretch, run.outcome.astype(np.int32), duty, fee, unknown,
            None if keep == "totals" else run.amounts, {} if keep == "totals" else run.unknowns.by_line, run if keep == "postings" else None,
        )  # fmt: skip

    def amount(self, lanes: Lanes, program: int) -> Ints:
        """What a program charges on each line [minor units]; 0 where it is unknown or silent."""
        assert self.amounts is not None
        if program in lanes.own:
            own: Ints = self.amounts[lanes.own[program]]
            return own
        of_outcome = lanes.lane.rows[program]
        lane = np.take(of_outcome, self.outcome, mode="clip")
        total = np.zeros(len(lane), np.int64)
        for each in range(len(lanes.own), len(self.amounts)):
            np.copyto(total, self.amounts[each], where=lane == each)
        return total

    def reasons(self, lanes: Lanes, program: int) -> NDArray[np.int32]:
        """Why each line is unknown for a program, by number; -1 where it is known."""
        return self.by_line[program] if program in self.by_line else np.asarray(lanes.reason.rows[program][self.outcome])


def _sum(amounts: Ints, lanes: list[int]) -> Ints:
    total: Ints = np.zeros(amounts.shape[1], np.int64)
    for lane in lanes:
        total += amounts[lane]
    return total
