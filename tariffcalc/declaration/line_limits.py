"""Notes of lines whose day or value contradicts the words of their code, with the lines they may belong to.

Such a line is assessed as it is declared: which of code, day, value and quantity is wrong, only the importer
knows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tariffcalc.codes import dotted
from tariffcalc.compiled.duties import MILLION
from tariffcalc.compiled.law import ENTRY_DAY, CompiledLaw
from tariffcalc.compiled.limits import LimitRow
from tariffcalc.compiled.lines import Columns
from tariffcalc.declaration.columns import Bools, Ints, rows_by
from tariffcalc.declaration.limits import outside_limit, perhaps_outside, rows_of
from tariffcalc.declaration.problems import Problems, Rows
from tariffcalc.law.line_limit import season_words
from tariffcalc.moments import day_of
from tariffcalc.units import UNITS

_ONE = {
    "no": "each",
    "prs": "a pair",
    "doz": "a dozen",
    "pf_liter": "a proof liter",
    "m": "a meter",
    "m2": "a square meter",
}
_LONGEST = 90  # letters of the words cited
_MOST_LINES = 6  # named in one sentence


def note_broken_limits(law: CompiledLaw, lines: Columns, rows: Rows, problems: Problems) -> None:
    """Note the lines that lie outside the season or the value bracket of their code."""
    if not law.limits.rows:
        return
    places = perhaps_outside(law, lines)
    code = lines.code[places]
    for each, some in rows_by(code, np.unique(code).tolist()):
        for row in rows_of(law, each):
            broken = places[some][outside_limit(law, row, lines, places[some])]
            for fitting, those in _by_lines_that_fit(law, row, each, lines, broken):
                message, supply = _words(law, row, lines, those, fitting)
                problems.note(rows[those], "contradicts-description", message, supply)


def _by_lines_that_fit(
    law: CompiledLaw, row: LimitRow, code: int, lines: Columns, broken: Ints
) -> Iterator[tuple[list[str], Ints]]:
    """The broken lines by which neighbors of the row would take them; of those, the closest."""
    if not len(broken):
        return
    others = _neighbors(law, row, code)
    fits = np.array([_fits(law, other, lines, broken) for other in others]).reshape(len(others), len(broken))
    patterns, pattern = np.unique(fits, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        fitting = [other for other, fit in zip(others, patterns[:, number], strict=True) if fit]
        closest = max((_shared(row, other) for other in fitting), default=0)
        yield (
            _without_parts(other.code for other in fitting if _shared(row, other) == closest),
            broken[pattern.reshape(-1) == number],
        )


def _neighbors(law: CompiledLaw, row: LimitRow, code: int) -> list[LimitRow]:
    """Limits of the same heading and unit, of other codes than that of the lines and those above and below
    it."""
    own = law.codes.codes[code]
    return [
        other
        for other in law.limits.by_heading[row.code[:4]]
        if other.unit == row.unit and not (own.startswith(other.code) or other.code.startswith(row.code))
    ]


def _fits(law: CompiledLaw, other: LimitRow, lines: Columns, places: Ints) -> Bools:
    """Whether lines would lie within every limit of another code, in force on their day."""
    moment = lines.days[law.schedule_axis][places]
    fits = (other.start <= moment) & (moment < other.end)
    for limit in rows_of(law, law.code_index[other.code]):
        fits &= ~outside_limit(law, limit, lines, places)
    return np.asarray(fits, bool)


def _shared(row: LimitRow, other: LimitRow) -> int:
    """How many texts of their heading two lines share, from the top."""
    pairs = enumerate(zip(row.place, other.place, strict=False))
    return next((depth for depth, (one, two) in pairs if one != two), min(len(row.place), len(other.place)))


def _without_parts(codes: Iterator[str]) -> list[str]:
    """Codes without those below another of them."""
    found = list(dict.fromkeys(codes))
    return [code for code in found if len(code) <= 8 or code[:8] not in found]


def _words(
    law: CompiledLaw, row: LimitRow, lines: Columns, places: Ints, fitting: list[str]
) -> tuple[str, str]:
    """What contradicts what, and where such goods belong."""
    cited = row.words if len(row.words) <= _LONGEST else row.words[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
    if row.seasons:
        days = sorted({day_of(int(moment)) for moment in np.unique(lines.days[ENTRY_DAY][places])})
        span = f"on {days[0]}" if len(days) == 1 else f"between {days[0]} and {days[-1]}"
        message = (
            f'{dotted(row.code)} is for goods entered from {season_words(row.limit)} ("{cited}"); the line is'
            f" entered {span}"
        )
        what = "season"
    else:
        one, currency = _ONE.get(row.unit, f"a {row.unit}"), row.currency or law.currency
        limit = row.limit.replace("; ", " or ").replace(", ", " and ")
        valued = f"the line is valued at {_unit_values(law, row, lines, places)} {law.currency} {one}"
        message = f'{dotted(row.code)} is for goods valued {limit} {currency} {one} ("{cited}"); {valued}'
        what = "value"
    named = " or ".join(map(dotted, fitting[:_MOST_LINES])) + (
        f", or one of {len(fitting) - _MOST_LINES} more" if len(fitting) > _MOST_LINES else ""
    )
    return message, f"goods of that {what} belong to {named}" if fitting else f"check the code, or the {what}"


def _unit_values(law: CompiledLaw, row: LimitRow, lines: Columns, places: Ints) -> str:
    """The value of one unit, to be shown: the least and the most of some lines."""
    micro = MILLION * UNITS[row.unit].factor / law.minor_units
    each = lines.value[places] / lines.quantities[row.dimension].values[places] * float(micro)
    least, most = f"{each.min():,.2f}", f"{each.max():,.2f}"
    return least if least == most else f"{least} to {most}"
