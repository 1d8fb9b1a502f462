"""The compiled law as bytes that execute nothing, and back: every class of which it is made is named here, and no other is stored or read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from tariffcalc.engine import axes, divided_line, duty_table, fact_table, limit_table, rule_table, valuation_table
from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.stored.container import pieces, unpack
from tariffcalc.stored.form_of import form_of
from tariffcalc.stored.forms import Form

CLASSES = (
    CompiledLaw, rule_table.Segments, rule_table.ProgramInfo, rule_table.CreditInfo, rule_table.BaseChoice, rule_table.Rule, rule_table.Beside,
    rule_table.Test, rule_table.Yielding, axes.CodeAxis, divided_line.DividedLine, divided_line.TenDigits,
    duty_table.DutyTable, duty_table.ExactDuty, duty_table.ExactSum, duty_table.Amount,
    fact_table.FactInfo, fact_table.BoundInfo, fact_table.ConsequenceInfo, fact_table.PartInfo, fact_table.UnitValueInfo, fact_table.ReadingInfo,
    limit_table.LimitTable, limit_table.LimitRow, limit_table.Bound,
    valuation_table.ValuationTable, valuation_table.CostRule, valuation_table.ShareRule, valuation_table.CeilingRule, valuation_table.RateRow,
    valuation_table.TariffValueRow,
)  # fmt: skip


@cache
def law_form() -> Form:
    """The form in which compiled law is stored."""
    return form_of(CompiledLaw, CLASSES)


def packed_law(law: CompiledLaw) -> Iterator[bytes]:
    """A law as bytes, in pieces."""
    return pieces(law, law_form())


def unpacked_law(stored: Any) -> CompiledLaw:
    """The law of some bytes; raises StoredError where they are not whole."""
    law: CompiledLaw = unpack(stored, law_form())
    return law
