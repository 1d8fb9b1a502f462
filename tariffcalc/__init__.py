"""tariffcalc: what duty a shipment owes, on a given day, under which law, and what it would owe if the law
were different.

A tariff is a dated set of measures.  An estimate is a ledger: one posting for each line and each measure that
applies to it.  Totals, effective rates, comparisons, timelines and charts are views of ledgers.

Names are imported when first used, so that ``import tariffcalc`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tariffcalc.amendment.where import Where, where
    from tariffcalc.checking import check
    from tariffcalc.comparison import Comparison, compare
    from tariffcalc.comparison.several import Comparisons
    from tariffcalc.errors import (
        CoverageError,
        CoverageWarning,
        CycleError,
        DeclarationError,
        DutyTextError,
        EngineError,
        OptionError,
        OverlapError,
        RowError,
        ScenarioError,
        SeedError,
        ShipmentError,
        StoredError,
        TariffError,
        UnknownUnit,
    )
    from tariffcalc.estimate import Estimate
    from tariffcalc.law.act import Act
    from tariffcalc.law.duty import Duty
    from tariffcalc.law.measure import Measure
    from tariffcalc.law.program import Program
    from tariffcalc.loading import load
    from tariffcalc.pairs.opening import bilateral
    from tariffcalc.pairs.view import Bilateral
    from tariffcalc.scenario import Scenario
    from tariffcalc.shipment import Line, Shipment
    from tariffcalc.sweeps.grid import Grid, grid
    from tariffcalc.tariff import Tariff

_ERRORS = (
    "CoverageError", "CoverageWarning", "CycleError", "DeclarationError", "DutyTextError", "EngineError",
    "OptionError", "OverlapError",
    "RowError", "ScenarioError", "SeedError", "ShipmentError", "StoredError", "TariffError", "UnknownUnit",
)  # fmt: skip
_HOME = {
    "load": "loading",
    "Tariff": "tariff",
    "Shipment": "shipment",
    "Line": "shipment",
    "Estimate": "estimate",
    "Comparison": "comparison",
    "Comparisons": "comparison.several",
    "compare": "comparison",
    "Bilateral": "pairs.view",
    "bilateral": "pairs.opening",
    "Scenario": "scenario",
    "Where": "amendment.where",
    "where": "amendment.where",
    "Program": "law.program",
    "Measure": "law.measure",
    "Duty": "law.duty",
    "Act": "law.act",
    "check": "checking",
    "Grid": "sweeps.grid",
    "grid": "sweeps.grid",
    **dict.fromkeys(_ERRORS, "errors"),
}

__all__ = [
    "Act", "Bilateral", "Comparison", "Comparisons", "CoverageError", "CoverageWarning", "CycleError",
    "DeclarationError", "Duty", "DutyTextError",
    "EngineError", "Estimate", "Grid", "Line", "Measure", "OptionError", "OverlapError", "Program",
    "RowError", "Scenario", "ScenarioError", "SeedError",
    "Shipment", "ShipmentError", "StoredError", "Tariff", "TariffError", "UnknownUnit", "Where",
    "bilateral", "check", "compare", "grid", "load", "where",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "scale":
        return import_module("tariffcalc.scale")
    if name not in _HOME:
        raise AttributeError(f"module 'tariffcalc' has no attribute {name!r}")
    found = getattr(import_module(f"tariffcalc.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME, "scale"])
