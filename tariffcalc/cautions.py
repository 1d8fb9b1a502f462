"""What a caller is told before and after an estimate: facts that nothing reads, and days that the law held does not reach."""

from __future__ import annotations

import warnings
from typing import Any

from tariffcalc.border import Lines
from tariffcalc.border.names import reads, unknown_name
from tariffcalc.engine.ledger import Ledger
from tariffcalc.engine.rule_table import ENTRY_DAY, CompiledLaw
from tariffcalc.errors import CoverageWarning, ShipmentError
from tariffcalc.windows import show_moment


def check_facts(law: CompiledLaw, raw: dict[str, list[Any]]) -> None:
    """Raise ShipmentError for a fact of a line that is not registered."""
    for name in raw:
        if not reads(law, name):
            raise ShipmentError(unknown_name(law, name))


def warn_of_coverage(law: CompiledLaw, lines: Lines, ledger: Ledger) -> None:
    """Warn of lines entered after the day the law is known on, or after the review of a program that may concern them."""
    if not len(lines.rows):
        return
    latest = int(lines.columns.days[ENTRY_DAY].max())
    if latest > law.known_on:
        message = f"lines are entered up to {show_moment(latest)}, after the day the law is taken as known on ({show_moment(law.known_on)})"
        warnings.warn(message, CoverageWarning, stacklevel=4)
    old = [program for program in law.programs if program.reviewed_through < latest and program.status != "absent"]
    within = ledger.within_scope() if old else ()
    old = [program for program in old if within[law.program_index[program.name]]]
    if not old:
        return
    earliest = min(old, key=lambda program: program.reviewed_through)
    message = (
        f"lines are entered up to {show_moment(latest)}, and {len(old)} programs were last reviewed before "
        f"(the earliest, {earliest.name}, through {show_moment(earliest.reviewed_through)}): later law may be missing"
    )
    warnings.warn(message, CoverageWarning, stacklevel=4)
