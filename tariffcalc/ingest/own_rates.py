"""The rows of a table of rates of a user."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tariffcalc.codes import plain_code
from tariffcalc.errors import Finding, SeedError, TariffError
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.reading.tables import read_rows
from tariffcalc.windows import Window

TAGS = ("P", "P*", "S", "U", "UM")


class OwnRate(NamedTuple):
    """One row of a user's table: a code, the duty, its window, where it comes from, and how certain it is."""

    commodity: str
    program: str
    duty: str
    window: Window
    by: str
    tag: str
    measure: str = ""


def read_own_rates(path: str | Path, column_1: str, grammar: DutyGrammar) -> list[OwnRate]:
    """The rows of a table of rates; raises SeedError with every row that cannot be read."""
    file = Path(path)
    found, findings = [], []
    for line, row in read_rows(file, ("commodity", "duty", "by")):
        try:
            days = {
                key: row[key].strip() for key in ("on_or_after", "before") if (row.get(key) or "").strip()
            }
            duty, by = row["duty"].strip(), row["by"].strip()
            parse_duty(duty, grammar)
            if not by:
                raise ValueError("the column 'by' is empty: say where the rate comes from")
            tag = (row.get("tag") or "").strip() or "S"
            if tag not in TAGS:
                raise ValueError(f"{tag!r} is no tag: write one of {', '.join(TAGS)}")
            program = (row.get("program") or "").strip() or column_1
            measure = (row.get("measure") or "").strip()
            found.append(
                OwnRate(
                    plain_code(row["commodity"]), program, duty, Window.model_validate(days), by, tag, measure
                )
            )
        except (ValueError, TariffError) as error:
            findings.append(Finding("I001", str(error), file.name, line))
    if findings:
        raise SeedError(findings)
    return found
