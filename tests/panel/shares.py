"""The share of tariff lines that owe more than column 1, program by program: every finest line, fifteen
origins, thirteen days.

The table is approved by hand and kept in ``shares.csv``; a change of law shows in its difference.  A cell is
the per cent of the lines of that day on which the program charges an amount, and after a stroke the per cent
on which it is unknown because nothing but code, origin, value and day is declared.
``python tests/panel/shares.py`` writes it anew.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning

KEPT = Path(__file__).with_name("shares.csv")
ORIGINS = ["IN", "CN", "HK", "CA", "MX", "DE", "JP", "KR", "GB", "CH", "TW", "BR", "VN", "RU", "AU"]
DAYS = [
    "2025-01-15",  # before everything: section 301, section 232 of 2018, safeguards
    "2025-02-10",  # 10% on China
    "2025-03-05",  # Canada and Mexico, USMCA goods too
    "2025-03-12",  # metals at 25%
    "2025-04-05",  # 10% on every origin
    "2025-04-09",  # the country rates of one day
    "2025-06-04",  # metals at 50%, on content
    "2025-08-27",  # country rates, Brazil, Russian oil, more derivatives
    "2025-11-14",  # agricultural relief, Korea and Switzerland, China at 10%
    "2026-02-23",  # the last full day under the IEEPA
    "2026-04-06",  # section 122, metals on full value
    "2026-07-24",  # forced labor, Brazil
    "2026-10-05",  # pharmaceuticals, section 338, quartz
]


def shares(us: tc.Tariff, days: list[str], origins: list[str] = ORIGINS) -> Iterator[list[str]]:
    """Rows of day, program and a cell per origin; programs that are silent on all origins that day are left
    out."""
    for day in days:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CoverageWarning)
            table = us.panel(origins=origins, entered=[day])
        of_origin = {origin: (table["origin"] == origin).to_numpy() for origin in origins}
        for name, program in us.programs.items():
            if program.kind != "duty" or name == us.rulebook.territory.column_1 or name not in table:
                continue
            amounts = table[name].to_numpy(np.float64)
            cells = [_cell(amounts[of_origin[origin]]) for origin in origins]
            if any(cells):
                yield [day, name, *cells]


def _cell(amounts: np.ndarray) -> str:
    owed, unknown = (
        100 * np.count_nonzero(which) / len(amounts) for which in (amounts > 0, np.isnan(amounts))
    )
    return f"{owed:.1f}" + (f" / {unknown:.1f}" if unknown else "") if owed or unknown else ""


def render(us: tc.Tariff, days: list[str]) -> str:
    """The table as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["day", "program", *ORIGINS])
    writer.writerows(shares(us, days))
    return text.getvalue()


if __name__ == "__main__":
    KEPT.write_text(render(tc.load("us"), DAYS), encoding="utf-8")
    print(f"{KEPT.name}: {len(KEPT.read_text(encoding='utf-8').splitlines()) - 1} rows")
