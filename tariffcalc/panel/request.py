"""What a panel is asked for, read at the border once: origins, days, and the one value of every fact that
holds for all rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import NO_SHIPMENTS, Columns, FactColumn
from tariffcalc.declaration.amounts import read_quantities, read_value
from tariffcalc.declaration.bounds import check_bounds
from tariffcalc.declaration.claims import read_claims, with_claims
from tariffcalc.declaration.columns import QUANTITY, Declared, Ints, coded, without_blanks
from tariffcalc.declaration.declared_facts import read_facts
from tariffcalc.declaration.known_facts import with_known_facts
from tariffcalc.declaration.names import reads, unknown_name
from tariffcalc.declaration.origins_and_days import Days, read_days, read_origins
from tariffcalc.declaration.problems import Problems
from tariffcalc.errors import ShipmentError

OTHER_DAYS = ("loaded", "exported", "admitted")
ALL = "all"


class PanelRequest(NamedTuple):
    """Origins by their position on the law's axis, and what is declared of every line [columns of
    one row]."""

    law: CompiledLaw
    origins: Ints
    value: int  # customs value [minor units]
    spi: int
    facts: dict[str, FactColumn]
    quantities: dict[str, FactColumn]
    days: dict[str, Any]  # the days besides that of entry, as they were given

    def on_days(self, entered: Sequence[Any]) -> Days:
        """The moments of lines entered on some days; raises ShipmentError for a day that is none, is not
        held, or is out of order."""
        size = len(entered)
        others = {name: coded([day] * size) for name, day in self.days.items()}
        problems = Problems(size)
        days = read_days(self.law, {"entered": coded(list(entered)), **others}, size, problems)
        raise_refused(problems)
        return days


def read_asked(
    law: CompiledLaw, origins: str | Sequence[str], value: Any, facts: dict[str, Any]
) -> PanelRequest:
    """Read origins, value and facts; raises ShipmentError for whatever an estimate would refuse."""
    if isinstance(origins, str) and origins != ALL:
        raise ShipmentError(
            f"origins is {origins!r}: give a list, even where there is one of them, or {ALL!r}"
        )
    check_facts(law, facts)
    problems = Problems(1)
    declared: Declared = {
        name: without_blanks(coded([given])) for name, given in facts.items() if name not in OTHER_DAYS
    }
    minor = read_value(law, coded([value]), 1, problems)
    spi, flags = read_claims(law, declared.get("claims"), 1, problems)
    found = with_claims(read_facts(law, declared, 1, problems), flags, problems)
    quantities = read_quantities(law, declared, problems)
    raise_refused(problems)
    _check_declared(law, int(minor[0]), int(spi[0]), found, quantities)
    days = {name: facts[name] for name in OTHER_DAYS if facts.get(name) is not None}
    return PanelRequest(law, _read_origins(law, origins), int(minor[0]), int(spi[0]), found, quantities, days)


def _check_declared(
    law: CompiledLaw, value: int, spi: int, facts: dict[str, FactColumn], quantities: dict[str, FactColumn]
) -> None:
    """Raise ShipmentError where what is declared of every line cannot be true of any, or is a claim for some
    goods only."""
    problems, nothing = Problems(1), np.zeros(1, np.int64)
    days = (nothing, nothing, nothing, nothing)
    line = Columns(
        nothing, nothing, nothing, days, np.array([value]), np.array([spi]), NO_SHIPMENTS, facts, quantities
    )
    of_some = [
        name
        for name, column in facts.items()
        if column.values[0] == 1 and any(bound.goods is not None for bound in law.facts[name].bounds)
    ]
    for name in of_some:
        message = f"{name} is for some goods only, and a panel declares it of every line"
        problems.refuse(
            np.zeros(1, np.int64), "not-of-these-goods", message, "estimate a table of those goods instead"
        )
    raise_refused(problems)
    check_bounds(law, with_known_facts(law, line, problems), problems)
    raise_refused(problems)


def _read_origins(law: CompiledLaw, origins: str | Iterable[str]) -> Ints:
    if isinstance(origins, str):
        return np.arange(len(law.origins))
    names = list(origins)
    if not names:
        raise ShipmentError(f"no origin is asked for: give a list of origins, or {ALL!r}")
    problems = Problems(len(names))
    found = read_origins(law, coded(names), problems)
    raise_refused(problems)
    twice = [law.origins[origin] for origin in np.flatnonzero(np.bincount(found) > 1)]
    if twice:
        raise ShipmentError(f"the origin {twice[0]} is asked for twice: keep one of them")
    return found


def check_facts(law: CompiledLaw, facts: dict[str, Any]) -> None:
    """Raise ShipmentError for a column that no estimate would read, and for a value that is not one value for
    all rows."""
    # no column of a price: every line has the value asked
    known = {"claims", "transport", *OTHER_DAYS, *law.facts}
    for name, value in facts.items():
        if name not in known and not name.startswith(QUANTITY):
            raise ShipmentError(
                f"{name} is not asked of a panel or timeline: give the customs value"
                if reads(law, name)
                else unknown_name(law, name)
            )
        if not (
            value is None
            or isinstance(value, str | int | float | date)
            or np.isscalar(value)
            or hasattr(value, "as_tuple")
        ):
            raise ShipmentError(
                f"{name} is a {type(value).__name__}: give one value, which holds for every row"
            )


def raise_refused(problems: Problems) -> None:
    """Raise ShipmentError for whatever was refused; there are no rows yet to be named."""
    if problems.refused:
        told = dict.fromkeys(
            f"{each.code}: {each.message}" + (f"; {each.supply}" if each.supply else "")
            for each in problems.refused
        )
        raise ShipmentError("\n".join(told), problems.refused)
