"""Lists of entries of one kind: acts, facts, the stacking order, groups of origins.

They are in files of their own, or in a section of a program file where one program alone needs them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from tariffcalc.errors import Finding, SeedError
from tariffcalc.law.program import StackingEntry
from tariffcalc.law.selection import Member, NamedSet
from tariffcalc.reading.yaml_text import Document, Place, read_yaml
from tariffcalc.windows import Window

Model = TypeVar("Model", bound=BaseModel)

_LISTS_OF_NAMES = ("by", "ended_by", "withdrawn_by", "requires", "instead_of", "when", "measures", "of")


def with_lists(entry: Any) -> Any:
    """The same mapping with single names written as lists, where a list is meant; also in the rows of a
    group."""
    if not isinstance(entry, dict):
        return entry
    given = {
        key: [value] if key in _LISTS_OF_NAMES and isinstance(value, str) else value
        for key, value in entry.items()
    }
    return given | (
        {"members": [with_lists(row) for row in given["members"]]}
        if isinstance(given.get("members"), list)
        else {}
    )


def entries_of(document: Document, model: type[Model], place: Place = ()) -> list[Model]:
    """The entries of a document, or of one section of it; raises SeedError with all that is wrong in any.

    An entry of the stacking order that names several programs is read as one entry for each.
    """
    found: list[Model] = []
    findings: list[Finding] = []
    entries = document.data
    for key in place:
        entries = entries[key]
    for index, entry in enumerate(entries or ()):
        for each in _one_for_each_program(entry) if model is StackingEntry else [entry]:
            try:
                given = with_lists(each)
                if "line" in model.model_fields:
                    given = document.placed(given, (*place, index))
                found.append(document.read(model, given, (*place, index)))
            except SeedError as error:
                findings += error.findings
    if findings:
        raise SeedError(findings)
    return found


def _one_for_each_program(entry: Any) -> list[Any]:
    if not isinstance(entry, dict) or "program" not in entry:
        return [entry]
    programs = entry["program"]
    return [
        {**entry, "program": program} for program in (programs if isinstance(programs, list) else [programs])
    ]


class _GroupMember(Window):
    """Some origins, and the days on which they are in the group."""

    origins: str
    by: tuple[str, ...]
    ended_by: tuple[str, ...] = ()
    note: str = ""


class _Group(BaseModel):
    """A group of origins as the seeds write it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    members: tuple[_GroupMember, ...]
    note: str = ""


def read_groups(path: Path, shown: str) -> dict[str, NamedSet]:
    """Groups of origins with dated membership; findings cite the file as ``shown``."""
    document = read_yaml(path, shown)
    groups = {}
    for entry in entries_of(document, _Group):
        members = [
            Member(origin, row.on_or_after, row.before, row.by, row.ended_by, note=row.note)
            for row in entry.members
            for origin in row.origins.replace(",", " ").split()
        ]
        groups[entry.group] = NamedSet(name=entry.group, members=tuple(members), file=document.file)
    return groups


def shown_path(path: Path, folder: Path) -> str:
    """A file of a folder of seeds as findings cite it, wherever the folder is: ``us/programs/us.s122.yaml``;
    one beside the folder by its name."""
    return (folder.name / path.relative_to(folder)).as_posix() if path.is_relative_to(folder) else path.name
