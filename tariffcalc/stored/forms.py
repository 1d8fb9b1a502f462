"""How values of one type are written as JSON and arrays, and read again: many values at a time, column by
column.

``write`` takes a list of values and gives what JSON can hold, arrays apart; ``read`` gives the list back.
What is written names no class and no function: the type that is asked for decides what is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tariffcalc.errors import EngineError
from tariffcalc.stored.frozen import FrozenDict

FEW = 16  # a column of fewer values stays in JSON as it is
_BETWEEN = "\0"
Arrays = list[NDArray[Any]]


class Form(Protocol):
    """How values of one type are stored; ``same`` says that equal values are the same in every respect, so
    that each is stored once."""

    same: bool

    def write(self, values: list[Any], arrays: Arrays) -> Any: ...

    def read(self, data: Any, arrays: Arrays) -> list[Any]: ...

    def __str__(self) -> str: ...


def _refuse(value: Any, expected: Any) -> EngineError:
    return EngineError(f"a value of the type {type(value).__name__} cannot be stored: expected {expected}")


def _check(values: list[Any], kind: type) -> None:
    """Refuse any value that is not of just this type."""
    for other in set(map(type, values)) - {kind}:
        raise _refuse(next(value for value in values if type(value) is other), kind.__name__)


class Plain:
    """Values that JSON has: text, whole numbers, truth and decimals."""

    def __init__(self, kind: type) -> None:
        self.kind, self.same = kind, kind is not float

    def __str__(self) -> str:
        return self.kind.__name__

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        _check(values, self.kind)
        if self.kind in (int, bool) and len(values) >= FEW:
            array = np.array(values)
            if array.dtype.kind in "ib":
                return {
                    "array": _stored(
                        array.astype(np.min_scalar_type(int(max(values, key=abs))))
                        if _small(values)
                        else array,
                        arrays,
                    )
                }
        if self.kind is str and len(values) >= FEW and not any(_BETWEEN in value for value in values):
            return {"text": _stored(np.frombuffer(_BETWEEN.join(values).encode(), np.uint8), arrays)}
        return values

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        if type(data) is list:
            return data
        if "text" in data:
            return bytes(arrays[data["text"]]).decode().split(_BETWEEN)
        found: list[Any] = arrays[data["array"]].tolist()
        return found


def _small(values: list[Any]) -> bool:
    return type(values[0]) is int and min(values) >= 0


def _stored(array: NDArray[Any], arrays: Arrays) -> int:
    arrays.append(array)
    return len(arrays) - 1


class Exact:
    """Fractions and decimals, as text."""

    def __init__(self, kind: type[Fraction] | type[Decimal]) -> None:
        self.kind, self.same = kind, kind is Fraction

    def __str__(self) -> str:
        return self.kind.__name__

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        _check(values, self.kind)
        return list(map(str, values))

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        return list(map(self.kind, data))


class Array:
    """Arrays of numbers or truth; they are read without a copy, and cannot be written to."""

    same = False

    def __str__(self) -> str:
        return "array"

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        for value in values:
            if type(value) is not np.ndarray or value.dtype.kind not in "biuf":
                raise _refuse(value, "an array of numbers")
        return [_stored(value, arrays) for value in values]

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        return [arrays[place] for place in data]


class Once:
    """Values of which each is stored once, with the places where it occurs."""

    same = True

    def __init__(self, form: Form) -> None:
        self.form = form

    def __str__(self) -> str:
        return str(self.form)

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        # equal values of another type (1 and True) are for the form itself to refuse
        if len(values) >= FEW and len(set(map(type, values))) == 1:
            numbers: dict[Any, int] = {}
            at = [numbers.setdefault(value, len(numbers)) for value in values]
            if len(numbers) <= len(values) // 2:
                return {
                    "each": self.form.write(list(numbers), arrays),
                    "at": _stored(np.array(at, np.min_scalar_type(len(numbers))), arrays),
                }
        return self.form.write(values, arrays)

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        if type(data) is not dict or "at" not in data:
            return self.form.read(data, arrays)
        each = self.form.read(data["each"], arrays)
        return list(map(each.__getitem__, arrays[data["at"]].tolist()))


class Perhaps:
    """A value or None."""

    def __init__(self, form: Form) -> None:
        self.form, self.same = form, form.same

    def __str__(self) -> str:
        return f"{self.form} | None"

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        some = [value for value in values if value is not None]
        if len(some) == len(values):
            return [self.form.write(some, arrays)]
        numbers = iter(range(len(some)))
        at = [-1 if value is None else next(numbers) for value in values]
        return [
            self.form.write(some, arrays),
            _stored(np.array(at, np.int32), arrays) if len(at) >= FEW else at,
        ]

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        some = self.form.read(data[0], arrays)
        if len(data) == 1:
            return some
        some = [*some, None]
        return list(map(some.__getitem__, data[1] if type(data[1]) is list else arrays[data[1]].tolist()))


class Many:
    """Tuples or frozen sets of any length, of values of one type."""

    def __init__(self, kind: type, form: Form) -> None:
        self.kind, self.form, self.same = kind, form, form.same

    def __str__(self) -> str:
        return f"{self.kind.__name__}[{self.form}, ...]"

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        _check(values, self.kind)
        rows = [sorted(value) for value in values] if self.kind is frozenset else values
        return [
            INTEGERS.write(list(map(len, rows)), arrays),
            self.form.write([item for row in rows for item in row], arrays),
        ]

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        kind, items = self.kind, iter(self.form.read(data[1], arrays))
        return [kind(islice(items, length)) for length in INTEGERS.read(data[0], arrays)]


class Table:
    """Mappings; they are read as mappings that cannot be changed."""

    same = False

    def __init__(self, keys: Form, values: Form) -> None:
        self.keys, self.values = keys, values

    def __str__(self) -> str:
        return f"mapping[{self.keys}, {self.values}]"

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        for value in values:
            if not isinstance(value, Mapping):
                raise _refuse(value, self)
        keys, items = (
            [item for value in values for item in part(value)] for part in (Mapping.keys, Mapping.values)
        )
        return [
            INTEGERS.write(list(map(len, values)), arrays),
            self.keys.write(keys, arrays),
            self.values.write(items, arrays),
        ]

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        pairs = zip(self.keys.read(data[1], arrays), self.values.read(data[2], arrays), strict=True)
        return [FrozenDict(islice(pairs, length)) for length in INTEGERS.read(data[0], arrays)]


class Record:
    """Objects of one class with named fields, a column for each field."""

    def __init__(self, kind: type, forms: Mapping[str, Form], parts: Any, made: Any, same: bool) -> None:
        self.kind, self.forms, self._parts, self._made = kind, dict(forms), parts, made
        self.same = same and all(form.same for form in self.forms.values())

    def __str__(self) -> str:
        return f"{self.kind.__name__}({', '.join(f'{name}: {form}' for name, form in self.forms.items())})"

    def write(self, values: list[Any], arrays: Arrays) -> Any:
        _check(values, self.kind)
        columns: Iterable[Any] = (
            zip(*map(self._parts, values), strict=True) if values else ([] for _ in self.forms)
        )
        return [
            form.write(list(column), arrays)
            for form, column in zip(self.forms.values(), columns, strict=True)
        ]

    def read(self, data: Any, arrays: Arrays) -> list[Any]:
        columns = [form.read(column, arrays) for form, column in zip(self.forms.values(), data, strict=True)]
        return list(map(self._made, zip(*columns, strict=True)))


INTEGERS = Plain(int)
