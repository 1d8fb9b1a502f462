"""Where in the seeds the entry is that cannot be compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from tariffcalc.errors import Finding, SeedError


class Placed(Protocol):
    """An entry of the seeds that knows its file and line."""

    @property
    def file(self) -> str:
        """The file, as findings cite it."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""


class Compiling:
    """Compiles entries one after the other and keeps what is wrong with any; ``done`` raises all of it."""

    def __init__(self, code: str) -> None:
        self._code, self._findings = code, list[Finding]()

    @contextmanager
    def entry(self, entry: Placed, name: str) -> Iterator[None]:
        """A finding without a place is one about the entry that is compiled, by its name."""
        try:
            yield
        except SeedError as error:
            self._findings += placed(error, entry, name, self._code).findings

    def done(self) -> None:
        """Raise SeedError with all that was wrong."""
        if self._findings:
            raise SeedError(tuple(dict.fromkeys(self._findings)))


def placed(error: SeedError, entry: Placed, name: str, code: str) -> SeedError:
    """The same error; findings without a place have that of an entry, its name, and the number of a rule."""
    return type(error)(
        [
            finding
            if finding.file
            else replace(
                finding, code=code, message=f"{name}: {finding.message}", file=entry.file, line=entry.line
            )
            for finding in error.findings
        ]
    )
