"""Part of what turns the law into arrays: which rules require which conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tariffcalc.compiled.axes import Bools
from tariffcalc.compiler.conditions import TestNumbers
from tariffcalc.compiler.places import Compiling
from tariffcalc.compiler.program_part import ProgramPart
from tariffcalc.compiler.rows import day_axis
from tariffcalc.law.program import Program


def rules_by_condition(
    programs: Mapping[str, Program],
    parts: Mapping[str, ProgramPart],
    words: Sequence[slice],
    tests: TestNumbers,
) -> Bools:
    """The rules that require each condition [conditions, bits]; the conditions are numbered in the order of
    the bits, after those that have a number."""
    required: list[tuple[int, int]] = []
    compiling = Compiling("C015")
    for (name, part), here in zip(parts.items(), words, strict=True):
        axis = day_axis(programs[name])
        of_measure = {measure.id: measure for measure in programs[name].measures}
        for bit, rule in enumerate(part.rules, start=here.start * 64):
            if rule and (measure := of_measure[rule.measure]).requires:
                with compiling.entry(measure, f"{name}/{measure.id}"):
                    required += ((tests.number(condition, axis), bit) for condition in measure.requires)
    compiling.done()
    masks = np.zeros((len(tests.tests), words[-1].stop * 64), bool)
    if required:
        masks[tuple(np.array(required).T)] = True
    return masks
