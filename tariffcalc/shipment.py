"""What the caller declares: a shipment (one entry) and its lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from tariffcalc.declaration.arguments import NUMBER, Declaration
from tariffcalc.errors import ShipmentError


def _no_flag(given: Any) -> Any:
    if isinstance(given, bool):
        raise ValueError("True and False are no amounts")
    return given


def _one_or_many(given: Any) -> Any:
    return tuple(part.strip() for part in given.split("|")) if isinstance(given, str) else given


def _no_number(given: Any) -> Any:
    if isinstance(given, int | float):
        raise ValueError("a number is no day")
    return given


Day = Annotated[date | datetime | str, BeforeValidator(_no_number)]
Number = Annotated[Decimal | int | float | str, BeforeValidator(_no_flag)]
Claims = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]

_TEXT = {
    "transport": "vessel, air, truck, rail, mail or other",
    "value_basis": "a term such as 'FOB' or 'CIF'",
}
_TEXT |= {"currency": "a code such as 'USD'", "tariff_goods": "text"}
_OF_A_LINE = {
    **_TEXT,
    "commodity": "text, such as '6109.10.00.12'",
    "origin": "text, such as 'IN'",
    "quantity": f"numbers by unit, such as {{'kg': 900}}, each {NUMBER}",
    "claims": "a text or a list of texts, such as ['S', 'civil_aircraft']",
    "facts": "values by name, such as {'us_content_value': 250}",
}
_DAY = "a day, for example '2025-09-01'"
_OF_A_SHIPMENT = {
    **_TEXT,
    **dict.fromkeys(("entered", "loaded", "exported", "admitted"), _DAY),
    "lines": "a list of one or more Line, lines=[Line(...)]",
    "facts": _OF_A_LINE["facts"],
}


class Line(Declaration):
    """One entry-summary line.

    Parameters
    ----------
    commodity
        Tariff line, 8 or 10 digits, with or without dots.
    origin
        Country of origin: ISO code, customs code or name (never the country of export).
    value
        Customs value [currency of the territory], unless ``value_basis`` or ``currency`` say otherwise.
    quantity
        Reported quantities by unit, for example ``{"kg": 900, "doz": 500}``.
    claims
        What the importer asserts to get a treatment: a special program indicator, ``civil_aircraft``,
        ``9802.00.80``, ...
    facts
        Registered facts by name, for example ``{"us_content_value": "250"}``.  Facts of money stay in the
        currency of the territory.
    currency
        Currency of the value and of the costs below, by its code in ISO 4217; that of the territory where it
        is not given.
    value_basis
        What the value is: a price under a term of Incoterms 2020 (``FOB``, ``CIF``, ...), one with insurance
        and without freight (``C&I``), or the ``customs value`` itself, which is assumed where no basis is
        given.
    freight, insurance
        Carriage and insurance from the place of export to the place of importation [currency of the line].
    foreign_inland_freight
        Carriage to, and loading at, the place of export [currency of the line].
    costs_after_importation
        What the price holds for carriage, duties and taxes after importation [currency of the line].
    additions
        What the law adds to the price besides: commissions, assists, royalties, packing [currency of the
        line].
    exchange_rate
        Units of the currency of the territory for one unit of ``currency``; the notified one where it is not
        given.
    tariff_goods
        Which goods with a tariff value these are, where the commodity code does not say; ``none`` where they
        are not among them.

    Examples
    --------
    >>> Line(commodity="6109.10.00.12", origin="IN", value="10000").origin
    'IN'
    """

    _expected: ClassVar[Mapping[str, str]] = _OF_A_LINE
    _example: ClassVar[str] = "for example Line(commodity='6109.10.00.12', origin='IN', value=1000)"
    _elsewhere: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("entered", "loaded", "exported", "admitted", "transport", "lines"),
        "it belongs to the Shipment, Shipment(entered=..., lines=[Line(...)])",
    )
    _otherwise: ClassVar[str] = (
        "a fact goes into facts={{'{wrong}': ...}}, a quantity into quantity={{'kg': 900}}"
    )

    commodity: str
    origin: str
    value: Number
    quantity: Mapping[str, Number] = Field(default_factory=dict)
    claims: Claims = ()
    facts: Mapping[str, Any] = Field(default_factory=dict)
    currency: str | None = None
    value_basis: str | None = None
    freight: Number | None = None
    insurance: Number | None = None
    foreign_inland_freight: Number | None = None
    costs_after_importation: Number | None = None
    additions: Number | None = None
    exchange_rate: Number | None = None
    tariff_goods: str | None = None


_OF_THE_INVOICE = ("currency", "value_basis", "exchange_rate")
_OF_THE_VALUE = (
    *_OF_THE_INVOICE,
    "freight",
    "insurance",
    "foreign_inland_freight",
    "costs_after_importation",
    "additions",
    "tariff_goods",
)


class Shipment(Declaration):
    """One entry: the day it was entered and its lines.

    Parameters
    ----------
    entered
        Day of entry for consumption, local to the customs territory; a text with a time distinguishes the
        minute before 00:01 from the day.
    loaded, exported
        Day loaded on the final mode of transit; day of export.
    admitted
        Day admitted to a free-trade zone in privileged foreign status, which then fixes the law.
    transport
        ``vessel``, ``air``, ``truck``, ``rail``, ``mail``, ``other``.
    currency, value_basis, exchange_rate
        Those of every line that does not give its own.
    lines
        The lines of the entry.
    """

    _expected: ClassVar[Mapping[str, str]] = _OF_A_SHIPMENT
    _example: ClassVar[str] = "for example Shipment(entered='2025-09-01', lines=[Line(...)])"
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "line": "is 'lines' meant, a list of Line?",
        **dict.fromkeys(("date", "day", "entry_date", "entry"), "is 'entered' meant, the day of entry?"),
        **dict.fromkeys(
            set(Line.model_fields) - {"currency", "value_basis", "exchange_rate", "facts"},
            "it belongs to a Line, lines=[Line(...)]",
        ),
    }
    _otherwise: ClassVar[str] = "a fact of every line goes into facts={{'{wrong}': ...}}"

    entered: Day
    lines: tuple[Line, ...] = Field(min_length=1)
    loaded: Day | None = None
    exported: Day | None = None
    admitted: Day | None = None
    transport: str | None = None
    currency: str | None = None
    value_basis: str | None = None
    exchange_rate: Number | None = None
    facts: Mapping[str, Any] = Field(default_factory=dict)

    def declared(self) -> dict[str, list[Any]]:
        """The shipment as columns of what was declared, one row per line."""
        size = len(self.lines)
        columns: dict[str, list[Any]] = {
            "commodity": [line.commodity for line in self.lines],
            "origin": [line.origin for line in self.lines],
            "entered": [self.entered] * size,
            "value": [line.value for line in self.lines],
            "shipment": [0] * size,
        }
        for name in ("loaded", "exported", "admitted", "transport"):
            if getattr(self, name) is not None:
                columns[name] = [getattr(self, name)] * size
        if any(line.claims for line in self.lines):
            columns["claims"] = ["|".join(line.claims) for line in self.lines]
        columns |= self._valuation()
        for unit_name in dict.fromkeys(name for line in self.lines for name in line.quantity):
            columns[f"quantity_{unit_name}"] = [line.quantity.get(unit_name) for line in self.lines]
        for fact in dict.fromkeys([*self.facts, *(name for line in self.lines for name in line.facts)]):
            if fact in columns and fact != "transport":
                raise ShipmentError(
                    f"facts holds {fact!r}, which is declared apart: give it as an argument of the Line or"
                    " Shipment"
                )
            columns[fact] = [line.facts.get(fact, self.facts.get(fact)) for line in self.lines]
        return columns

    def _valuation(self) -> dict[str, list[Any]]:
        """The columns of which any line, or the shipment for it, declares something."""
        columns = {}
        for name in _OF_THE_VALUE:
            otherwise = getattr(self, name) if name in _OF_THE_INVOICE else None
            given = [otherwise if getattr(line, name) is None else getattr(line, name) for line in self.lines]
            if any(each is not None for each in given):
                columns[name] = given
        return columns


def instead_of(given: Any) -> str:
    """What to give instead of something that is no table and no Shipment."""
    if isinstance(given, Line) or (
        isinstance(given, list | tuple) and given and all(isinstance(each, Line) for each in given)
    ):
        return "give a Shipment, Shipment(entered=..., lines=[Line(...)])"
    if isinstance(given, list | dict):
        return "give a Shipment, or a table, such as pandas.DataFrame(...) of it"
    if isinstance(given, str | Path):
        return (
            "give a Shipment or a table; files are read by scale.estimate_dataset and by the command"
            " tariffcalc estimate"
        )
    return "give a Shipment, or a pandas, polars or Arrow table"
