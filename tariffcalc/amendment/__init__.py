"""Amendments: the changes of law that a scenario is made of, one frozen model for each verb.

A further verb is a model in ``VERBS``; files, mappings and Python read and write it by its fields.
"""

from __future__ import annotations

from tariffcalc.amendment.additions import AddMeasure, AddProgram
from tariffcalc.amendment.change import Change
from tariffcalc.amendment.duties import End, Extend, SetDuty
from tariffcalc.amendment.lists import AddToList, RemoveFromList
from tariffcalc.amendment.rates import Cap, Floor, RaiseBy, Scale
from tariffcalc.amendment.relief import Delay, Exempt, Remove, Suspend
from tariffcalc.amendment.stacking import StackOn, YieldTo

VERBS: dict[str, type[Change]] = {
    model.verb: model
    for model in (
        SetDuty, Extend, End, AddMeasure, AddProgram, AddToList, RemoveFromList,
        Suspend, Remove, Exempt, Delay, RaiseBy, Scale, Cap, Floor,
        YieldTo, StackOn,
    )
}  # fmt: skip

__all__ = ["VERBS", "Change", *(model.__name__ for model in VERBS.values())]
