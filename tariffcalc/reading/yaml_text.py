"""YAML as text: every scalar stays the string that was written, a key may occur once, and every value
remembers its line.

YAML's own guesses are dangerous in law (``NO`` is a country and not False, ``8471.30`` a code and not a
number), so no type is given here; the models give types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from tariffcalc.errors import Finding, SeedError

_DEEPEST = 32  # places in one another; law needs about ten
_MOST_REPEATED = 10_000
_PLACE = ("file", "line")
_Parser: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_KINDS = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.MappingNode: "tag:yaml.org,2002:map",
}


class _Untyped(_Parser):  # type: ignore[misc]
    """A loader that guesses no type."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        return _KINDS[kind]


Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


@dataclass
class Document:
    """A file's data and, for each path into it, its line (counted from 1)."""

    data: Any
    file: str
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """The line of the nearest enclosing value that is known."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 0

    def finding(self, code: str, message: str, place: Place = ()) -> Finding:
        """A finding about one place of the file."""
        return Finding(code, message, self.file, self.line(place))

    def placed(self, entry: Any, place: Place) -> Any:
        """An entry with the file and line where it is, which no entry says itself; what is no mapping is left
        for the model to find."""
        if not isinstance(entry, dict):
            return entry
        if wrong := [key for key in _PLACE if key in entry]:
            raise SeedError(
                [self.finding("S001", f"{key}: no such key here", (*place, key)) for key in wrong]
            )
        return {**entry, "file": self.file, "line": self.line(place)}

    def read(self, model: type[Model], data: Any, place: Place = ()) -> Model:
        """One model from one part of the file; raises SeedError with all that is wrong in it, each with its
        line."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            raise SeedError(
                [self.finding("S001", _sentence(model, each), place + each["loc"]) for each in error.errors()]
            ) from None


def _sentence(model: type[BaseModel], error: Any) -> str:
    """What is wrong with one value: where in the entry it is, and why."""
    where = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{where}: no such key here{_near_keys(model, error['loc'])}"
    if error["type"] != "missing":
        return f"{where or model.__name__}: {error['msg']}"
    within = ".".join(map(str, error["loc"][:-1]))
    return f"{within + ': ' if within else ''}the key {error['loc'][-1]!r} is missing"


def _near_keys(model: type[BaseModel], place: tuple[Any, ...]) -> str:
    """The key that a misspelt one may be meant for, or else those that there are in its place."""
    found: type[BaseModel] | None = model
    for part in place[:-1]:
        if found is not None and isinstance(part, str):
            field_of = {each.alias or name: each for name, each in found.model_fields.items()}.get(part)
            found = _model_in(field_of.annotation) if field_of is not None else None
    if found is None:
        return ""
    keys = [each.alias or name for name, each in found.model_fields.items() if name not in _PLACE]
    near = get_close_matches(str(place[-1]), keys, 1)
    return f"; is {near[0]!r} meant?" if near else f"; there are {', '.join(keys)}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, alone or as one of many."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def read_yaml(path: Path, shown: str | None = None) -> Document:
    """A YAML file as text; raises SeedError for bad YAML and for a key given twice."""
    document = Document(None, shown or path.name)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Untyped)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        why = " ".join(str(getattr(error, "problem", error)).split())
        raise SeedError([Finding("S002", f"not YAML: {why}", document.file, line)]) from None
    document.data = _Reader(document).plain(node, ())
    return document


class _Reader:
    """Makes plain data of the nodes of a file.  An alias is replaced by the value it refers to, within
    bounds, and never in itself."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: set[int] = set()  # the nodes that the one being read lies in
        self._seen: set[int] = set()
        self._repeated = 0

    def plain(self, node: yaml.Node | None, place: Place) -> Any:
        """The data of a node, and of all below it."""
        if node is None:
            return None
        number = id(node)
        if number in self._open:
            raise self._refused(place[:-1], "a value holds itself by an alias (*NAME): write it out")
        self._repeated += number in self._seen
        if self._repeated > _MOST_REPEATED:
            raise self._refused(
                place[:-1], f"aliases (*NAME) refer to more than {_MOST_REPEATED:,} values: write them out"
            )
        if len(place) > _DEEPEST:
            raise self._refused(place[:-1], f"values lie in one another more than {_DEEPEST} deep")
        self._seen.add(number)
        self._document.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return node.value
        self._open.add(number)
        data = (
            self._mapping(node, place) if isinstance(node, yaml.MappingNode) else self._sequence(node, place)
        )
        self._open.discard(number)
        return data

    def _sequence(self, node: yaml.Node, place: Place) -> list[Any]:
        return [self.plain(each, (*place, index)) for index, each in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise SeedError(
                    [Finding("S002", "not YAML of law: a key is a text", self._document.file, line)]
                )
            key = str(key_node.value)
            if key in mapping:
                raise SeedError(
                    [Finding("S003", f"the key {key!r} is given twice", self._document.file, line)]
                )
            mapping[key] = self.plain(value_node, (*place, key))
            self._document.lines[(*place, key)] = line
        return mapping

    def _refused(self, place: Place, why: str) -> SeedError:
        return SeedError([Finding("S015", why, self._document.file, self._document.line(place))])
