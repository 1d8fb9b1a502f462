"""Stored data as one run of bytes: a check sum, JSON, and the arrays, each where a machine reads it without a
copy.

Layout: the mark, the length of the JSON and the check sum of all that follows (64 bytes); JSON; arrays, each
at a multiple of 64.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tariffcalc.errors import StoredError
from tariffcalc.stored.forms import Arrays, Form

MARK = b"tariffcalc-law-1"
_HEAD, _ALIGNED = 64, 64
_KINDS = "biuf"


def pieces(value: Any, form: Form, name: str = "") -> Iterator[bytes]:
    """The bytes of a value under a name, in pieces; raises EngineError for a value that its form does not
    allow."""
    arrays: Arrays = []
    data = form.write([value], arrays)
    plain = [_plain(array) for array in arrays]
    described = [[array.dtype.str, list(array.shape), turned] for array, turned in plain]
    text = json.dumps(
        [form_key(form), name, described, data], separators=(",", ":"), ensure_ascii=False
    ).encode()
    body = [text, bytes(-len(text) % _ALIGNED)]
    for array, _ in plain:
        body += [array.tobytes(), bytes(-array.nbytes % _ALIGNED)]
    sum_ = 0
    for piece in body:
        sum_ = crc32(piece, sum_)
    yield _head(len(text), sum(map(len, body)), sum_)
    yield from body


def _head(text: int, length: int, sum_: int) -> bytes:
    numbers = b"%016x%016x%08x" % (text, length, sum_)
    return MARK + numbers + b"%08x" % crc32(MARK + numbers)


def unpack(given: Any, form: Form, name: str = "") -> Any:
    """The value that was packed: arrays are parts of what is given, and cannot be written to; raises
    StoredError for anything that is not whole.

    Parameters
    ----------
    given : bytes or memory map
        It must not change any more.
    name
        The name it was packed under; what has another is refused.
    """
    view = memoryview(given).toreadonly()
    try:
        text, length, sum_ = _read_head(bytes(view[:_HEAD]))
        if len(view) != _HEAD + length or crc32(view[_HEAD:]) != sum_:
            raise StoredError("the check sum is another")
        key, under, described, data = json.loads(bytes(view[_HEAD : _HEAD + text]))
        if under != name:
            raise StoredError("it was stored under another name")
        if key != form_key(form):
            raise StoredError("it was stored by another version of the library")
        with uncollected():
            return form.read(data, _arrays(view, _HEAD + text, described))[0]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise StoredError(f"it is no stored law: {error}") from None


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the garbage collector rest while much is made that stays."""
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def _read_head(head: bytes) -> tuple[int, int, int]:
    mark, numbers = head[: len(MARK)], head[len(MARK) :]
    if (
        len(head) != _HEAD
        or mark != MARK
        or head != _head(int(numbers[:16], 16), int(numbers[16:32], 16), int(numbers[32:40], 16))
    ):
        raise StoredError("it does not begin as a stored law does")
    return int(numbers[:16], 16), int(numbers[16:32], 16), int(numbers[32:40], 16)


def form_key(form: Form) -> int:
    """A number that differs between forms, so that no other version of a class is read as this one."""
    return crc32(str(form).encode())


def _plain(array: NDArray[Any]) -> tuple[NDArray[Any], bool]:
    """The array in the order of its memory, and whether it is to be turned: an array that runs down its
    columns stays one that does."""
    turned = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
    return np.ascontiguousarray(array.T if turned else array), turned


def _arrays(view: memoryview, start: int, described: list[Any]) -> Arrays:
    found: Arrays = []
    for kind, shape, turned in described:
        start += -start % _ALIGNED
        dtype = np.dtype(kind)
        if dtype.kind not in _KINDS:
            raise StoredError("it holds an array of no numbers")
        array = np.frombuffer(view, np.uint8, prod(shape) * dtype.itemsize, start).view(dtype).reshape(shape)
        found.append(array.T if turned else array)
        start += array.nbytes
    return found
