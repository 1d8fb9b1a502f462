"""Which files of a folder of seeds are law: the list by which compiled law is kept, held to what the reader
reads by a test.

Scenarios, cases and coverage are read on their own and are no part of the law; whatever else lies in the
folder, or beside it, is not read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SHARED = ("geography.csv", "groups.yaml", "currencies.csv")  # beside the folders of all territories
SECTIONS = ("acts", "facts", "stacking")
_TOP = (
    "territory.yaml", "valuation.yaml", "geography.csv", "groups.yaml", "spi.csv", "spi-names.csv",
    "exchange-rates.csv", "tariff-values.csv", "duty-phrases.csv",
    *(f"{section}.yaml" for section in SECTIONS),
)  # fmt: skip
_ENDINGS = {**dict.fromkeys(SECTIONS, (".yaml",)), "programs": (".yaml", ".csv"), "lists": (".csv",)}
_SCHEDULE = ("acts.yaml", "limits.csv", "renumbered.csv")


class SeedFile(NamedTuple):
    """A file of law: its path from the folder of the territory, where it is, and what the disk says of it."""

    name: str
    path: str
    stat: os.stat_result


def seed_files(folder: Path) -> list[SeedFile]:
    """The files of the law of a territory that are there, in order of their names; a file that cannot be read
    is among them."""
    here = os.fspath(folder)
    found = [each for each in _files(os.fspath(folder.parent), "../") if each.name[3:] in SHARED]
    found += [each for each in _files(here, "") if each.name in _TOP]
    for below, endings in _ENDINGS.items():
        found += [
            each for each in _files(os.path.join(here, below), f"{below}/") if each.name.endswith(endings)
        ]
    for each in _files(os.path.join(here, "schedule"), "schedule/"):
        name = each.name.removeprefix("schedule/")
        if name in _SCHEDULE or (name.startswith("chapter-") and name.endswith(".csv")):
            found.append(each)
    return sorted(found)


def _files(folder: str, prefix: str) -> Iterator[SeedFile]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if entry.name.endswith((".yaml", ".csv")) and entry.is_file():
                        yield SeedFile(prefix + entry.name, entry.path, entry.stat())
                except OSError:  # a link to nowhere, a file that has just gone
                    continue
    except OSError:
        return
