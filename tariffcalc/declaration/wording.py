"""How messages of the border write amounts and cite acts."""

from __future__ import annotations

from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import CompiledLaw


def acts_shown(law: CompiledLaw, by: tuple[str, ...]) -> str:
    """Acts in brackets, by citation where they have one."""
    return f" ({', '.join(law.acts[act][1] or act if act in law.acts else act for act in by)})" if by else ""


def money_shown(law: CompiledLaw, amount: int) -> str:
    """Minor units as currency."""
    digits = len(str(law.minor_units)) - 1
    return f"{amount / law.minor_units:,.{digits}f}"


def fact_shown(law: CompiledLaw, fact: FactInfo, value: int) -> str:
    """A value of a fact as it was declared."""
    if fact.type == "flag":
        return "yes" if value else "no"
    if fact.type == "choice":
        return fact.choices[value]
    return (
        money_shown(law, value) if fact.type == "money" else f"{value / MILLION:,.6f}".rstrip("0").rstrip(".")
    )
