"""The law of a territory, loaded from what is kept compiled or from its seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tariffcalc.compiler.kept_law import KeptLaw
from tariffcalc.errors import CoverageError
from tariffcalc.moments import parse_moment
from tariffcalc.reading.where import territory_folder
from tariffcalc.tariff import Tariff


def load(territory: str | Path = "us", known_on: Any = None) -> Tariff:
    """The law of a territory: bundled ones by name ("us"), or any folder of the same form by path.

    Parameters
    ----------
    territory
        Name or folder.
    known_on
        A day: the law as the public knew it then.  Acts published later do not count.

    Raises
    ------
    SeedError
        With every finding, if the seeds are wrong.
    CoverageError
        If there is no such territory.

    Examples
    --------
    Goods afloat since April 3 and entered on May 27, 2025: on May 29 customs' window had closed, on May 30 it
    moved the end to June 16.

    >>> from tariffcalc import Line, Shipment, load
    >>> line = Line(commodity="6109.10.00.12", origin="IN", value="10000")
    >>> afloat = Shipment(entered="2025-05-27", loaded="2025-04-03", transport="vessel", lines=(line,))
    >>> load("us", known_on="2025-05-29").estimate(afloat).duty, load("us").estimate(afloat).duty
    (Decimal('2650.00'), Decimal('1650.00'))
    """
    if not isinstance(territory, str | Path):
        raise CoverageError(
            f"the territory is {territory!r}: give the name of a bundled one, such as 'us', or a folder of"
            " seeds"
        )
    folder = territory_folder(territory)
    try:
        known = None if known_on is None else parse_moment(known_on)
    except ValueError as error:
        raise CoverageError(f"known_on: {error}") from None
    kept = KeptLaw.of(folder, known)
    return Tariff(kept.load(), kept, folder)
