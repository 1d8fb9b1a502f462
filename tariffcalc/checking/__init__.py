"""Numbered rules about the seeds, one function each; ``check`` runs them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tariffcalc.checking import rules
from tariffcalc.checking.places import finding_in
from tariffcalc.errors import Finding, SeedError, TariffError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.where import territory_folder

_TARIFF_LINE = re.compile(r"the tariff line ([\d.]+):")


def check(territory: str | Path = "us") -> list[Finding]:
    """Every finding about the seeds of a territory, each with file and line; an empty list if nothing is
    wrong.

    Parameters
    ----------
    territory
        A bundled territory by name, or a folder of seeds.

    Returns
    -------
    list of Finding
        Findings of reading (S...), of the rules about the data (D...), and of compiling (C...).
    """
    from tariffcalc.reading.folder import read_folder

    folder = territory_folder(territory)
    try:
        book = read_folder(folder)
    except SeedError as error:
        return list(error.findings)
    findings = [finding for rule in rules.RULES for finding in _found(partial(rule, book, folder))]
    compiled = _found(lambda: _compiled(book))
    return list(dict.fromkeys([*findings, *(_with_line(finding, folder) for finding in compiled)]))


def _compiled(book: Rulebook) -> tuple[Finding, ...]:
    """Compile the law, which raises what is wrong."""
    from tariffcalc.compiler.rulebook import compile_rulebook

    compile_rulebook(book)
    return ()


def _with_line(finding: Finding, folder: Path) -> Finding:
    """A finding of the compiler about a tariff line with its place in the schedule."""
    line = _TARIFF_LINE.match(finding.message)
    if line is None or finding.line:
        return finding
    return finding_in(
        finding.code, finding.message, folder / finding.file, folder, {"code": line[1].replace(".", "")}
    )


def _found(look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a rule or the compiler finds, also where that is why it cannot go on."""
    try:
        return list(look())
    except SeedError as error:
        return list(error.findings)
    except TariffError as error:
        return [Finding("C000", str(error))]
