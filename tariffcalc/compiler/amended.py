"""A law amended by scenarios, compiled from the law that they amend."""

from __future__ import annotations

from dataclasses import replace

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiler.rulebook import compile_rulebook
from tariffcalc.errors import ScenarioError, SeedError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.stored.container import uncollected


def amended_law(law: CompiledLaw, book: Rulebook, amended: Rulebook) -> CompiledLaw:
    """The law of an amended rulebook, of which only what is certain counts where that is so of the law it
    amends; raises ScenarioError where the amended law contradicts itself."""
    try:
        with uncollected():
            made = compile_rulebook(amended, (law, book))
    except SeedError as error:
        raise ScenarioError(
            f"the law as amended by {', '.join(amended.changes)} does not hold together: {error.in_one_line}"
        ) from None
    return replace(made, certain_only=True) if law.certain_only else made
