"""A grid: a scenario for every combination of named values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from tariffcalc.errors import OptionError, ScenarioError
from tariffcalc.scenario import Scenario


class Grid(Mapping[str, Scenario]):
    """Scenarios by name, and the values that each was made of.

    Attributes
    ----------
    values_of : dict of str to dict
        The values of each scenario, by the name of the value.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], values_of: Mapping[str, Mapping[str, Any]]) -> None:
        self._scenarios = dict(scenarios)
        self.values_of = {name: dict(values) for name, values in values_of.items()}

    def __getitem__(self, name: str) -> Scenario:
        return self._scenarios[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scenarios)

    def __len__(self) -> int:
        return len(self._scenarios)

    def __repr__(self) -> str:
        return f"<Grid of {len(self):,} scenarios: {', '.join(next(iter(self.values_of.values())))}>"


def grid(make: Callable[..., Scenario], **values: Iterable[Any]) -> Grid:
    """A scenario for every combination of some values, for ``Tariff.sweep``.

    Parameters
    ----------
    make
        A function of the values that returns a Scenario.
    **values
        The values of each argument of the function: a list, or a range.

    Returns
    -------
    Grid
        A mapping of names (``rate=18, day=2026-02-07``) to scenarios; the values are columns of the sweep.

    Raises
    ------
    OptionError
        For values that are no list, or none, or two of one name.
    ScenarioError
        For a combination of which no scenario is made.

    Examples
    --------
    >>> import tariffcalc as tc
    >>> def india(rate):
    ...     return tc.Scenario(f"India at {rate}%").set_duty("us.ieepa.reciprocal/india-august", f"{rate}%")
    >>> list(tc.grid(india, rate=range(16, 19)))
    ['rate=16', 'rate=17', 'rate=18']
    """
    if not callable(make):
        raise OptionError(
            f"grid: make is a {type(make).__name__}: give a function of the values that returns a Scenario"
        )
    if not values:
        raise OptionError("grid: no values: name those of each argument of the function, rate=range(10, 31)")
    lists = {name: _listed(name, each) for name, each in values.items()}
    scenarios: dict[str, Scenario] = {}
    values_of: dict[str, dict[str, Any]] = {}
    for chosen in product(*lists.values()):
        given = dict(zip(lists, chosen, strict=True))
        name = ", ".join(f"{key}={value}" for key, value in given.items())
        if name in scenarios:
            raise OptionError(f"grid: the values {name} occur twice: give each value once")
        made = make(**given)
        if not isinstance(made, Scenario):
            raise ScenarioError(
                f"grid: for {name} the function returned a {type(made).__name__}, no Scenario"
            )
        scenarios[name], values_of[name] = made, given
    return Grid(scenarios, values_of)


def _listed(name: str, given: Any) -> list[Any]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise OptionError(f"grid: {name} is {given!r}: give a list of values, {name}=[{given!r}] for one")
    found = list(given)
    if not found:
        raise OptionError(f"grid: {name} has no values: give at least one")
    return found
