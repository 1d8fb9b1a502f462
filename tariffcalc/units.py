"""Units of quantity: what schedules count and weigh goods in, and exact conversion between them.

A unit belongs to a *dimension*, the thing measured: two kilograms of a good and two kilograms of the copper
in it never add up, so a contained metal, a clean weight or a pair is a dimension of its own.  Quantities are
held as whole *micro-units* of the base unit of the dimension.  Canonical names are identifiers and serve as
column suffixes (``quantity_kg``, ``quantity_pf_liter``).

The rounding of money is stated here once, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from tariffcalc.errors import UnknownUnit

MICRO = 1_000_000  # micro-units in one base unit


@dataclass(frozen=True)
class Unit:
    """A unit: its canonical name, the dimension it measures, and its size in base units of that dimension."""

    name: str
    dimension: str
    factor: Fraction

    def micro(self, quantity: Fraction | int) -> int:
        """A quantity in this unit as micro-units of the dimension's base unit, half a micro-unit rounded up.

        >>> unit("doz").micro(500)
        6000000000
        """
        exact = Fraction(quantity) * self.factor * MICRO
        return round_half_up(exact.numerator, exact.denominator)


# name | dimension | size in base units | further spellings.  The base unit of a dimension bears its name.
_TABLE = """
kg | kg | 1 | kilogram, kilograms, kilo, kgs
g | kg | 1/1000 | gram, grams, gm
t | kg | 1000 | ton, tons, metric ton, metric tons, tonne, tonnes
carat | kg | 1/5000 | carats
no | no | 1 | number, each, article, piece, pieces, pcs, head, unit, units, nos
hundreds | no | 100 | hundred
thousands | no | 1000 | thousand, 1000, 1000 pins
doz | no | 12 | dozen, dozens, dz pcs, doz pcs
gross | no | 144 |
gr_lines | gr_lines | 1 | line/gross, gross lines, gross line
prs | prs | 1 | pair, pairs, pr
doz_prs | prs | 12 | dozen pairs, doz pr
liter | liter | 1 | liters, litre, litres, l
bbl | liter | 158987294928/1000000000 | barrel, barrels
pf_liter | pf_liter | 1 | pf liters, proof liter, proof liters
m | m | 1 | meter, meters, metre, metres, lin m, linear meter
thousand_m | m | 1000 |
fiber_m | fiber_m | 1 | fiber meter, fiber meters
m2 | m2 | 1 | m², sq m, square meter, square meters
cm2 | m2 | 1/10000 | cm²
square | m2 | 9290304/1000000 | squares
m3 | m3 | 1 | m³, cu m, cubic meter, cubic meters
thousand_m3 | m3 | 1000 | thousand m³
watt | watt | 1 | watts
mwh | mwh | 1 | megawatt hour, megawatt hours
kwh | mwh | 1/1000 | kilowatt hour, kilowatt hours
gbq | gbq | 1 | gigabecquerel
jewels | jewels | 1 | jwls, jewel
pack | pack | 1 | packs
doses | doses | 1 | dose
clean_kg | clean_kg | 1 | cy kg, kg clean, clean kilogram
cmsc_kg | cmsc_kg | 1 | kg cmsc
msc_kg | msc_kg | 1 | kg msc
total_sugars_kg | total_sugars_kg | 1 | kg ttl sug, kg total sugars
amc_kg | amc_kg | 1 | kg amc
adw_kg | adw_kg | 1 |
adw_t | adw_kg | 1000 | t adw
dwb_kg | dwb_kg | 1 |
dwb_t | dwb_kg | 1000 | t dwb
cr2o3_kg | cr2o3_kg | 1 |
cr2o3_t | cr2o3_kg | 1000 | Cr2O3 t
nh3_kg | nh3_kg | 1 |
nh3_t | nh3_kg | 1000 | NH3 t
sn_kg | sn_kg | 1 |
sn_t | sn_kg | 1000 | Sn t
"""
# Contained elements are weighed in kilograms, precious metals in grams.
_CONTAINED = ["cu", "pb", "zn", "mo", "w", "mn", "si", "mg", "ni", "cr", "v", "co", "sb", "v2o5", "naoh"]
_PRECIOUS = ["au", "ag", "pt", "pd", "rh", "ir", "os", "ru"]

# What is weighed as a part of the goods: never more than the goods themselves.
PARTS_OF_WEIGHT = (
    *("clean_kg", "cmsc_kg", "msc_kg", "total_sugars_kg", "dwb_kg", "cr2o3_kg", "nh3_kg", "sn_kg"),
    *(f"{symbol}_kg" for symbol in _CONTAINED),
    *(f"{symbol}_g" for symbol in _PRECIOUS),
)


def _key(text: str) -> str:
    """The spelling without case, markup, dots, underscores and doubled spaces."""
    text = re.sub(r"<[^>]*>", "", text).lower()
    return " ".join(re.sub(r"[._]", " ", text.replace(",", "")).split())


def _read_table() -> tuple[dict[str, Unit], dict[str, Unit]]:
    by_name: dict[str, Unit] = {}
    spelt: dict[str, Unit] = {}
    rows = [[cell.strip() for cell in line.split("|")] for line in _TABLE.strip().splitlines()]
    rows += [[f"{symbol}_kg", f"{symbol}_kg", "1", ""] for symbol in _CONTAINED]
    rows += [[f"{symbol}_g", f"{symbol}_g", "1", ""] for symbol in _PRECIOUS]
    rows += [[f"{symbol}_kg", f"{symbol}_g", "1000", ""] for symbol in _PRECIOUS]
    for name, dimension, size, spellings in rows:
        by_name[name] = found = Unit(name, dimension, Fraction(size))
        for spelling in (name, *filter(None, spellings.split(","))):
            spelt[_key(spelling)] = found
    return by_name, spelt


UNITS, _SPELT = _read_table()
_SPELT["w"] = UNITS["watt"]  # "W" alone is power; the metal is written "W kg"


def unit(text: str) -> Unit:
    """The unit a schedule, a rate text or a column name means.

    Raises
    ------
    UnknownUnit
        No unit is spelt like this; the message offers the nearest ones.

    Examples
    --------
    >>> unit("doz. prs.").name, unit("liters").name, unit("pf.liters").name, unit("Cu kg").dimension
    ('doz_prs', 'liter', 'pf_liter', 'cu_kg')
    >>> float(unit("bbl").factor)
    158.987294928
    """
    found = known_unit(text)
    if found is None:
        near = get_close_matches(_key(text), list(_SPELT), 3)
        names = dict.fromkeys(_SPELT[each].name for each in near) if near else UNITS
        hint = f"did you mean {', '.join(names)}?" if near else f"known are {', '.join(names)}"
        raise UnknownUnit(f"{text!r} is not a unit of quantity; {hint}")
    return found


def known_unit(text: str) -> Unit | None:
    """The unit that is spelt like this; None where none is."""
    return _SPELT.get(_key(text))


def round_half_up(numerator: int, denominator: int) -> int:
    """An exact quotient as a whole number: half a unit or more counts as one, less than half is dropped.

    A negative amount is rounded by its size, so that a refund mirrors the duty it returns.

    Parameters
    ----------
    numerator, denominator : int
        The exact quotient, in any unit; the denominator is not zero.

    Returns
    -------
    int
        The whole number nearest to the quotient, the larger one where two are equally near.

    Notes
    -----
    *Authority*: 19 CFR 159.3 (of a fraction of a cent, one half or more is a whole cent and less is
    disregarded).

    Examples
    --------
    >>> round_half_up(1, 2), round_half_up(149, 100), round_half_up(-1, 2)
    (1, 1, -1)
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size
