"""Numbered rules about the seeds, one function each; ``check`` runs them all."""

from __future__ import annotations

from pathlib import Path

from tariffcalc.checking.rules import RULES
from tariffcalc.errors import Finding, SeedError
from tariffcalc.reading.where import territory_folder


def check(territory: str | Path = "us") -> list[Finding]:
    """Every finding about the seeds of a territory, each with file and line; an empty list if nothing is wrong.

    Parameters
    ----------
    territory
        A bundled territory by name, or a folder of seeds.

    Returns
    -------
    list of Finding
        Findings of reading (S...), of the rules about the data (D...), and of compiling (C...).
    """
    from tariffcalc.engine.compile import compile_rulebook
    from tariffcalc.reading.folder import read_folder

    folder = territory_folder(territory)
    try:
        book = read_folder(folder)
    except SeedError as error:
        return list(error.findings)
    findings = [finding for rule in RULES for finding in rule(book, folder)]
    try:
        compile_rulebook(book)
    except SeedError as error:
        findings += error.findings
    return findings
