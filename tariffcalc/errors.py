"""The errors and warnings of the library, and the finding: one thing wrong, with its place.

A message says what was got, what was expected, where, and what to do next.  Errors about data collect every
finding before they are raised, so that a reader mends a file once and not one line at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_LONGEST = 2000  # characters of a sentence about what a file holds


@dataclass(frozen=True)
class Finding:
    """One thing wrong with the seeds: the number of the rule, the place, the sentence."""

    code: str
    message: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.code} {self.message}"


_FINDINGS_SHOWN = 8


class TariffError(Exception):
    """Any error this library raises on purpose."""


class SeedError(TariffError):
    """The law as data is wrong; carries all findings at once, and shows the first of them."""

    def __init__(self, findings: Sequence[Finding] | str) -> None:
        if isinstance(findings, str):
            findings = [Finding("SEED", findings)]
        self.findings = tuple(findings)
        shown = [str(finding) for finding in self.findings[:_FINDINGS_SHOWN]]
        if len(self.findings) > len(shown):
            shown.append(
                f"... and {len(self.findings) - len(shown):,} more findings (``frame`` has them all)"
            )
        super().__init__("\n".join(shown))

    @property
    def in_one_line(self) -> str:
        """The first finding, and how many there are besides."""
        first, *others = self.findings
        return first.message + (f" (and {len(others)} more)" if others else "")

    @property
    def frame(self) -> pd.DataFrame:
        """The findings as a table: file, line, code, message."""
        import pandas as pd

        return pd.DataFrame(
            [(each.file, each.line, each.code, each.message) for each in self.findings],
            columns=["file", "line", "code", "message"],
        )


class OverlapError(SeedError):
    """Two measures of one program can meet on one line and neither says `instead_of` the other."""


class CycleError(SeedError):
    """Measures, programs or bases refer to each other in a circle."""


class DutyTextError(SeedError):
    """A duty text that the grammar cannot read."""


class ShipmentError(TariffError):
    """The caller's facts are wrong or missing.

    ``problems`` holds them one by one where rows are concerned: rows, code, message, what to supply.
    """

    def __init__(self, message: str, problems: Sequence[Any] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)

    @property
    def frame(self) -> pd.DataFrame:
        """The problems as a table, a row for each problem of a row of the input: row, code, message, supply;
        empty where no rows are concerned."""
        import pandas as pd

        rows = [
            (int(row), each.code, each.message, each.supply) for each in self.problems for row in each.rows
        ]
        return pd.DataFrame(rows, columns=["row", "code", "message", "supply"]).sort_values(
            "row", kind="stable", ignore_index=True
        )


class DeclarationError(ShipmentError, ValueError, TypeError):
    """An argument of a Shipment or Line that is none, is missing, or is of another type than expected."""


class OptionError(TariffError, ValueError):
    """A value of an option that it does not take; the message names those that it does."""


class RowError(ShipmentError, IndexError):
    """A row that an estimate does not have."""


class UnknownUnit(ShipmentError):
    """A unit of quantity that no schedule uses."""


class ScenarioError(TariffError):
    """A change that names nothing, or changes nothing.  What is quoted of it is shortened, however long it
    is."""

    def __init__(self, message: str) -> None:
        half = _LONGEST // 2
        super().__init__(message if len(message) <= _LONGEST else f"{message[:half]} ... {message[-half:]}")

    @property
    def changes_nothing(self) -> bool:
        """Whether the change is meant as it is written, and is law already."""
        return "changes nothing" in str(self)


class CoverageError(TariffError):
    """Law that is not in the seeds; never answered with 0."""


class EngineError(TariffError):
    """A defect of this library."""


class StoredError(TariffError):
    """Stored law that is not whole, not of this version, or no stored law at all."""


class CoverageWarning(UserWarning):
    """An estimate for a day after a program was last reviewed."""
