"""Data that cannot be changed once it is made: mappings, arrays, and frozen dataclasses of them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

import numpy as np

Key = TypeVar("Key")
Item = TypeVar("Item")
# metadata of a field that is no part of what an object says: it begins anew where the object is read
NOT_STORED = {"stored": False}
_PLAIN = frozenset({str, int, bool, type(None), Fraction})


class FrozenDict(dict[Key, Item]):
    """A dict that is read like any other and refuses every change; ``dict(it)`` and ``it | {...}`` are dicts
    that can be changed."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping cannot be changed: make a dict of it and change that")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)

    def __copy__(self) -> FrozenDict[Key, Item]:
        return self


def frozen(value: Any) -> Any:
    """The value with every mapping in it frozen, where it is reached through dataclasses and mappings, and
    every array made read-only."""
    kind = type(value)
    if kind is np.ndarray:
        value.flags.writeable = False
    elif kind is dict:
        return FrozenDict({key: frozen(item) for key, item in value.items()})
    elif isinstance(value, tuple) and not _PLAIN.issuperset(map(type, value)):
        for item in value:
            if type(item) not in _PLAIN:
                frozen(item)
    return value


class Frozen:
    """A frozen dataclass whose arrays are read-only and whose mappings cannot be changed."""

    def __post_init__(self) -> None:
        assert is_dataclass(self)
        for each in fields(self):
            value = getattr(self, each.name)
            made = frozen(value)
            if made is not value:
                object.__setattr__(self, each.name, made)
