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
    added: dict[int, tuple[Ints, NDArray[np.int32]]]  # by program, the lines that are unknown though their outcome is not, and why
    assessment: Assessment | None

    @classmethod
    def of(cls, stretch: slice, run: Assessment, keep: str) -> Chunk:
        """What is to be kept of an assessment."""
        lanes = run.lanes
        unknown = (lanes.unknown.rows[0][run.outcome], lanes.unknown.rows[1][run.outcome])
        added = run.added
        for number, (places, _) in added.items():
            unknown[number in lanes.fees][places] = True
        of_fees = [lanes.own[number] for number in lanes.fees]
        of_duties = [lane for lane in range(len(run.amounts)) if lane not in of_fees]
        duty, fee = (_sum(run.amounts, some) for some in (of_duties, of_fees))
        return cls(
            stretch, run.outcome.astype(np.int32), duty, fee, unknown,
            None if keep == "totals" else run.amounts, {} if keep == "totals" else added, run if keep == "postings" else None,
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
        reasons: NDArray[np.int32] = lanes.reason.rows[program][self.outcome]
        lines, added = self.added_to(program)
        reasons[lines] = added
        return reasons

    def added_to(self, program: int) -> tuple[Ints, NDArray[np.int32]]:
        """The lines that are unknown for a program though their outcome is not, and the reasons by number."""
        return self.added.get(program, (np.zeros(0, np.int64), np.zeros(0, np.int32)))


def _sum(amounts: Ints, lanes: list[int]) -> Ints:
    total: Ints = np.zeros(amounts.shape[1], np.int64)
    for lane in lanes:
        total += amounts[lane]
    return total
