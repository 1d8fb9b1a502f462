"""A chunk of assessed lines: what is held of it, ids and integers, and the amounts of one program."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, Small
from tariffcalc.engine.amounts.agreed import Agreed
from tariffcalc.engine.amounts.assess import Assessment
from tariffcalc.engine.outcomes.slots import AmountSlots

Keep = Literal["totals", "programs", "postings"]


class Chunk(NamedTuple):
    """What is held of some neighbouring lines; amounts [slots, lines] and bases only where they are kept.

    What postings show besides is looked up from the outcome of each line when it is asked for.
    """

    stretch: slice
    outcome: NDArray[np.int32]
    duty: Ints
    fee: Ints
    unknown: tuple[Bools, Bools]  # of duty and of fee
    amounts: Ints | None
    # by program, the lines that are unknown though their outcome is not, and why
    added: dict[int, tuple[Ints, NDArray[np.int32]]]
    # by program, the lines on which it is charged on something else than the customs value, and on what
    bases: dict[int, tuple[Small, Ints]] | None
    # the lines whose duty is the same under every declaration, though some of their programs are unknown
    agreed: Ints

    @classmethod
    def of(cls, stretch: slice, run: Assessment, found: Agreed, keep: str) -> Chunk:
        """What is to be kept of an assessment."""
        duty, unknown_duty = run.duty, run.unknown_duty
        duty[found.lines], unknown_duty[found.lines] = found.duty, False
        return cls(
            stretch, run.outcome.astype(np.int32), duty, run.fee, (unknown_duty, run.unknown_fee),
            None if keep == "totals" else run.amounts, {} if keep == "totals" else run.added,
            run.bases if keep == "postings" else None, found.lines,
        )  # fmt: skip

    def amount(self, slots: AmountSlots, program: int) -> Ints:
        """What a program charges on each line [minor units]; 0 where it is unknown or has no posting."""
        assert self.amounts is not None
        if program in slots.own:
            own: Ints = self.amounts[slots.own[program]]
            return own
        of_outcome = slots.slot.rows[program]
        slot = np.take(of_outcome, self.outcome, mode="clip")
        total = np.zeros(len(slot), np.int64)
        for each in range(len(slots.own), len(self.amounts)):
            np.copyto(total, self.amounts[each], where=slot == each)
        return total

    def undivided(self, slots: AmountSlots) -> Ints:
        """The duty of the agreed lines less what is known of their programs [minor units]."""
        assert self.amounts is not None
        of_fees = {slots.own[number] for number in slots.fees}
        of_duties = [slot for slot in range(len(self.amounts)) if slot not in of_fees]
        known: Ints = self.amounts[of_duties][:, self.agreed].sum(axis=0)
        return self.duty[self.agreed] - known

    def reasons(self, slots: AmountSlots, program: int, some: Ints) -> NDArray[np.int32]:
        """Why each of some lines, in ascending order, is unknown for a program, by number; -1 where it is
        known."""
        reasons: NDArray[np.int32] = slots.reason.rows[program][self.outcome[some]]
        lines, added = self.added_to(program)
        place = np.minimum(np.searchsorted(some, lines), max(len(some) - 1, 0))
        here = np.flatnonzero(some[place] == lines) if len(some) else place[:0]
        reasons[place[here]] = added[here]
        return reasons

    def added_to(self, program: int) -> tuple[Ints, NDArray[np.int32]]:
        """The lines that are unknown for a program though their outcome is not, and the reasons by number."""
        return self.added.get(program, (np.zeros(0, np.int64), np.zeros(0, np.int32)))
