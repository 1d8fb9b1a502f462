"""The form of a class, worked out from its fields and their types.  A class that is not among those allowed
has none."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from tariffcalc.errors import EngineError
from tariffcalc.stored.forms import Array, Exact, Form, Many, Once, Perhaps, Plain, Record, Table
from tariffcalc.stored.frozen import NOT_STORED


def form_of(kind: type, allowed: Collection[type]) -> Form:
    """How objects of a class are stored; raises EngineError for a field whose type is neither plain nor
    allowed.

    Parameters
    ----------
    kind
        A frozen dataclass, NamedTuple or frozen model.
    allowed
        Every class of which objects may be stored.
    """
    return _Reader(allowed).form(kind)


class _Reader:
    def __init__(self, allowed: Collection[type]) -> None:
        self._allowed = frozenset(allowed)
        self._names = {each.__name__: each for each in allowed}
        self._found: dict[type, Form | None] = {}
        self._read: dict[str, dict[str, Any]] = {}  # by module and annotation

    def form(self, kind: Any) -> Form:
        """The form of a type as an annotation says it."""
        origin, parts = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.form(parts[0])
        if origin is Literal:
            return self._once(Plain(type(parts[0])))
        if origin in (Union, types.UnionType):
            return self._perhaps(kind, parts)
        if origin is np.ndarray:
            return Array()
        if origin is tuple:
            return self._tuple(parts)
        if origin is frozenset:
            return Many(frozenset, self.form(parts[0]))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return Table(self.form(parts[0]), self.form(parts[1]))
        return self._class(kind)

    def _class(self, kind: Any) -> Form:
        if kind in (str, int, bool, float):
            return self._once(Plain(kind))
        if kind in (Fraction, Decimal):
            return Exact(kind)
        if kind is slice:
            return Record(
                slice,
                {"start": self.form(int), "stop": self.form(int)},
                attrgetter("start", "stop"),
                _slice,
                False,
            )
        if kind not in self._allowed:
            raise EngineError(
                f"the class {kind!r} is not among those that may be stored: allow it where the others are"
            )
        if kind not in self._found:
            self._found[kind] = None  # a class that holds objects of its own class
            self._found[kind] = self._record(kind)
        found = self._found[kind]
        if found is None:
            raise EngineError(
                f"the class {kind.__name__} holds objects of its own class: that cannot be stored"
            )
        return found

    @staticmethod
    def _once(form: Form) -> Form:
        return Once(form) if form.same else form

    def _perhaps(self, kind: Any, parts: tuple[Any, ...]) -> Form:
        some = [part for part in parts if part is not types.NoneType]
        if len(some) != 1 or len(parts) != 2:
            raise EngineError(f"the type {kind} cannot be stored: expected one type, or one type or None")
        return Perhaps(self.form(some[0]))

    def _tuple(self, parts: tuple[Any, ...]) -> Form:
        if len(parts) == 2 and parts[1] is Ellipsis:
            return self._once(Many(tuple, self.form(parts[0])))
        forms = {str(place): self.form(part) for place, part in enumerate(parts)}
        return self._once(Record(tuple, forms, tuple, tuple, True))

    def _record(self, kind: Any) -> Form:
        model = hasattr(kind, "model_fields")
        hints = (
            {name: field.annotation for name, field in kind.model_fields.items()}
            if model
            else self._hints(kind)
        )
        if issubclass(kind, tuple):
            names: tuple[str, ...] = kind._fields
            return self._once(Record(kind, self._forms(kind, names, hints), tuple, kind._make, True))
        if not model and not is_dataclass(kind):
            raise EngineError(
                f"the class {kind.__name__} cannot be stored: expected a dataclass, a NamedTuple or a model"
            )
        names = (
            tuple(hints)
            if model
            else tuple(each.name for each in fields(kind) if each.metadata != NOT_STORED)
        )
        parts = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
        record = Record(
            kind,
            self._forms(kind, names, hints),
            parts,
            _model(kind, names) if model else _object(kind, names),
            not model,
        )
        return self._once(record)

    def _hints(self, kind: type) -> dict[str, Any]:
        """The types of the fields; each of the few different annotations of a module is read once."""
        module = sys.modules[kind.__module__]
        read = self._read.setdefault(module.__name__, {})
        written: dict[str, Any] = {}
        for each in reversed(kind.__mro__):
            for name, given in inspect.get_annotations(each).items():
                written[name] = getattr(given, "__forward_arg__", given)
        unread = types.SimpleNamespace(
            __annotations__={each: each for each in written.values() if each not in read}
        )
        read |= get_type_hints(unread, self._names | vars(module))
        return {name: read[each] for name, each in written.items()}

    def _forms(self, kind: type, names: tuple[str, ...], hints: Mapping[str, Any]) -> dict[str, Form]:
        try:
            return {name: self.form(hints[name]) for name in names}
        except EngineError as error:
            raise EngineError(f"{kind.__name__}: {error}") from None


def _slice(parts: tuple[int, int]) -> slice:
    return slice(*parts)


def _object(kind: Any, names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
    """A maker of objects of a frozen dataclass from its fields in order; those that are not given begin as in
    a new object."""
    make = kind.__new__
    begun = {
        each.name: each.default_factory
        for each in fields(kind)
        if each.metadata == NOT_STORED and each.default_factory is not MISSING
    }

    def made(parts: tuple[Any, ...]) -> Any:
        found = make(kind)
        found.__dict__.update(zip(names, parts, strict=True))
        for name, begin in begun.items():
            found.__dict__[name] = begin()
        return found

    return made


def _model(kind: Any, names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
    """A maker of models from their fields in order, which were checked before they were stored."""
    return lambda parts: kind.model_construct(**dict(zip(names, parts, strict=True)))
