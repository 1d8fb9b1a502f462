"""What was decided of each outcome: the rule, the base and the stacking of every program, by number of the
outcome.

Outcomes are only ever added, so what an estimate holds stays right while others add more.
"""

from __future__ import annotations

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.engine.outcomes.growing_table import AppendOnlyTable
from tariffcalc.engine.outcomes.presumed import Presumed
from tariffcalc.engine.outcomes.undecided import Undecided


class Decisions:
    """Outcomes by number; every table is [programs, outcomes]."""

    def __init__(self, law: CompiledLaw) -> None:
        self.law = law
        self.rule, self.doubt, self.base, self.stacked_out, self.depends = (
            AppendOnlyTable(len(law.programs), np.int32) for _ in range(5)
        )
        self.contents = [number for number, entry in enumerate(law.stacking_rules) if entry.content]
        # [entries of ``contents``, outcomes] whether its content leaves the base
        self.content = AppendOnlyTable(len(self.contents), np.bool_)
        self.undecided, self.presumed = Undecided(law), Presumed(law)
        self._count = 0  # of outcomes whose tables are written

    def __len__(self) -> int:
        return self._count
