"""What to ask an importer where a duty is unknown: the question of a fact or a quantity, and what to
declare."""

from __future__ import annotations

from collections.abc import Sequence

from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import CompiledLaw

_FEW = 6  # choices named one by one
# What one of a dimension is called, and how schedules print it.
_UNITS = {
    "kg": ("kilogram", "kg"),
    "no": ("unit", "No."),
    "prs": ("pair", "prs."),
    "liter": ("liter", "liters"),
    "pf_liter": ("proof liter", "pf. liters"),
    "m": ("meter", "m"),
    "m2": ("square meter", "m²"),
    "m3": ("cubic meter", "m³"),
    "watt": ("watt", "W"),
    "mwh": ("megawatt hour", "MWh"),
    "jewels": ("jewel", "jwls."),
    "clean_kg": ("clean kilogram", "kg clean"),
}


def quantity_asked(law: CompiledLaw, dimension: str) -> tuple[str, str]:
    """What a specific duty is charged on, and the column to add."""
    word, printed = _UNITS.get(dimension, (dimension.replace("_", " "), ""))
    of = f" ({printed} in the {law.schedule_name})" if printed else ""
    return f"The duty is per {word}{of}", f"add the column quantity_{dimension}."


def facts_asked(law: CompiledLaw, names: Sequence[str]) -> tuple[str, str]:
    """The questions of some facts or quantities, and how to answer them."""
    asked, answers = [], []
    to_set: dict[str, list[str]] = {}
    for name in names:
        fact = law.facts.get(name)
        if fact is None:
            dimension = name.removeprefix("quantity_")
            asked.append(f"What is the quantity in {_UNITS.get(dimension, (dimension, dimension))[1]}?")
            answers.append(f"Add the column quantity_{dimension}.")
            continue
        asked.append(fact.question)
        to_set.setdefault(_answer(law, fact), []).append(name)
    answers += [
        f"Set {_all(same)} to {answer}{' each' if len(same) > 1 else ''}." for answer, same in to_set.items()
    ]
    return " ".join(asked), " ".join(answers)


def _answer(law: CompiledLaw, fact: FactInfo) -> str:
    """What a fact can be set to."""
    if fact.type == "flag":
        return "yes or no"
    if fact.choices:
        return (
            _either(fact.choices)
            if len(fact.choices) <= _FEW
            else "the two-letter code of the place, or other"
        )
    if fact.type == "money":
        return f"an amount in {law.currency}"
    return (
        "a share from 0 to 1"
        if fact.type == "share"
        else f"a number of {fact.unit}"
        if fact.unit
        else "a number"
    )


def _all(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _either(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
