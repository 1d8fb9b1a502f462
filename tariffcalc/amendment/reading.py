"""Mappings as changes and scenarios: every mistake is one sentence with its place (file and line, or the path
of keys)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tariffcalc.amendment import VERBS
from tariffcalc.amendment.change import Change
from tariffcalc.amendment.where import FORMS
from tariffcalc.amendment.wording import Names, Text, kind_of
from tariffcalc.amendment.written import Written, meant
from tariffcalc.errors import ScenarioError
from tariffcalc.reading.yaml_text import Document, Place, read_yaml

# a misspelt key is reported before what is missing because of it
_FIRST = {"key": 0, "lacking": 1, "form": 2}
_MOST_BYTES = 2_000_000


class WrittenScenario(Written):
    """A scenario as a file writes it, its changes not yet read."""

    scenario: Text
    title: Text = ""
    note: Text = ""
    by: Names = ()
    changes: Any = Field()


def read_file(path: Path) -> Document:
    """The data of a YAML or JSON file, every scalar as text; raises ScenarioError for a file that cannot be
    read, SeedError for bad YAML."""
    try:
        if path.exists() and not path.is_file():
            raise ScenarioError(f"{path} is not a file: a scenario is a YAML or JSON file in UTF-8")
        if (size := path.stat().st_size) > _MOST_BYTES:
            raise ScenarioError(
                f"{path} has {size:,} bytes: expected at most {_MOST_BYTES:,}, write a larger change of the"
                " law as a folder of seeds"
            )
        document = read_yaml(path)
    except UnicodeDecodeError:
        raise ScenarioError(f"{path.name} is not text: a scenario is a YAML or JSON file in UTF-8") from None
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from None
    if document.data is None:
        raise ScenarioError(
            f"{path.name} is empty: a scenario has the keys 'scenario' (its title) and 'changes'"
        )
    return document


def read_scenario(document: Document) -> tuple[WrittenScenario, tuple[Change, ...], tuple[str, ...]]:
    """The parts of a scenario, its changes, and the place of each."""
    file = document.file
    try:
        written = WrittenScenario.model_validate(document.data)
    except ValidationError as error:
        raise ScenarioError(_sentence(document, (), "a scenario", error)) from None
    if not isinstance(written.changes, list | tuple) or not written.changes:
        got = "an empty list" if isinstance(written.changes, list | tuple) else kind_of(written.changes)
        raise ScenarioError(f"{_at(document, ('changes',))}changes: expected a list of changes, got {got}")
    title = written.title or written.scenario
    places = tuple(
        _at(document, ("changes", number)) if file else place_of(title, number)
        for number in range(len(written.changes))
    )
    return (
        written,
        tuple(
            read_change(given, places[number], document, number)
            for number, given in enumerate(written.changes)
        ),
        places,
    )


def place_of(title: str, number: int) -> str:
    """The place of a change that is in no file; ``number`` from 0."""
    return f"scenario {title!r}, change {number + 1}: "


def read_change(given: Any, place: str, document: Document | None = None, number: int = 0) -> Change:
    """One change from a mapping; raises ScenarioError with the place for anything that is no change."""
    if isinstance(given, Change):
        return given
    if not isinstance(given, Mapping):
        raise ScenarioError(
            f"{place}expected a change, a mapping with one of the verbs {', '.join(VERBS)}; got"
            f" {kind_of(given)}"
        )
    verbs = [verb for verb in VERBS if verb in given]
    if len(verbs) > 1:
        raise ScenarioError(
            f"{place}{' and '.join(verbs)} are {len(verbs)} changes: write each as one of its own"
        )
    if not verbs:
        keys = {name for model in VERBS.values() for name in model.model_fields}
        strange = [str(key) for key in given if key not in keys] or [*map(str, given)]
        misspelt, near = next(
            ((key, near) for key in strange if (near := meant(key, VERBS))), ("".join(strange[:1]), "")
        )
        key = f"{misspelt!r} is no verb" if given else "the change is an empty mapping"
        raise ScenarioError(f"{place}{key}{near} (verbs: {', '.join(VERBS)})")
    try:
        return VERBS[verbs[0]].model_validate(given)
    except ValidationError as error:
        at = ("changes", number) if document and document.file else ()
        raise ScenarioError(_sentence(document, at, verbs[0], error, place)) from None


def _at(document: Document, place: Place) -> str:
    line = document.line(place)
    return (
        f"{document.file}:{line}: "
        if document.file and line
        else f"{document.file}: "
        if document.file
        else ""
    )


def _sentence(
    document: Document | None, at: Place, what: str, error: ValidationError, place: str = ""
) -> str:
    """The first thing wrong as one sentence: place, verb, path of keys, what was expected and got."""
    found = min(error.errors(include_url=False), key=lambda each: _FIRST.get(each["type"], len(_FIRST)))
    path: Place = tuple(part for part in found["loc"] if part not in FORMS)
    keyed = (*path, found["ctx"]["key"]) if found["type"] == "key" else path
    if document is not None and document.file:
        place = _at(document, (*at, *keyed))
    words = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    message = " ".join(found["msg"].removeprefix("Value error, ").split())
    return f"{place}{what}: {words}: {message}" if words else f"{place}{what}: {message}"
