"""Scenarios that are ready: those of a territory by name, and scenarios in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tariffcalc.amendment.wording import kind_of
from tariffcalc.amendment.written import meant
from tariffcalc.errors import ScenarioError
from tariffcalc.scenario import Scenario


def named_scenario(given: Any, folder: Path) -> Scenario:
    """A ready scenario of a territory by name, or one from a file; raises ScenarioError with the
    near misses."""
    if not isinstance(given, str | Path):
        raise ScenarioError(f"a scenario is a name, a file, a mapping or a Scenario; got {kind_of(given)}")
    name = str(given)
    ready = {path.stem: path for path in sorted((folder / "scenarios").glob("*.yaml"))}
    if name in ready:
        return Scenario.read(ready[name])
    try:
        if name.strip() and Path(given).is_file():
            return Scenario.read(given)
    except (OSError, ValueError):  # no path at all, such as the text of a scenario
        pass
    others = {path.stem: path.parent.parent.name for path in folder.parent.glob("*/scenarios/*.yaml")}
    elsewhere = f"; {name!r} is a scenario of {others[name]}" if name in others else ""
    known = f"ready are {', '.join(ready)}" if ready else "none is ready for this territory"
    raise ScenarioError(
        f"there is no scenario {kind_of(given) if name else 'without a name'}{meant(name, ready)}{elsewhere};"
        f" {known}; or give a file"
    )
