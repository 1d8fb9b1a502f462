"""The kernel: classify, select, stack, assess.  One path for one line and for a hundred million."""

from __future__ import annotations

from tariffcalc.engine.assess import Assessment
from tariffcalc.engine.classify import classify
from tariffcalc.engine.columns import Columns
from tariffcalc.engine.ledger import Ledger
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.engine.select import select
from tariffcalc.engine.stack import stack


def assess(law: CompiledLaw, lines: Columns, fees: bool = True) -> Ledger:
    """The ledger of some lines: a posting for each line and each program that speaks to it."""
    patterns = classify(law, lines)
    selected = select(law, patterns)
    stacked = stack(law, patterns, selected)
    kinds = ("duty", "fee") if fees else ("duty",)
    return Ledger(Assessment(law, lines, patterns, selected, stacked).run(kinds))
