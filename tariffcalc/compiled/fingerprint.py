"""A digest of a compiled law by what it says: the same in every process and however the law came about,
another for any other law."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.errors import EngineError
from tariffcalc.stored.frozen import NOT_STORED

# of which repr says all
_PLAIN = (str, int, float, bool, bytes, Fraction, Decimal, date, np.generic, type(None))


def fingerprint(law: CompiledLaw) -> str:
    """The digest of a law, with the version of the library that reads it; worked out once for each law."""
    return law.memo.once("fingerprint", lambda: _fingerprint(law))


def _fingerprint(law: CompiledLaw) -> str:
    digest = _digest(law)
    with contextlib.suppress(PackageNotFoundError):  # run from a folder that is not installed
        digest.update(version("tariffcalc").encode())
    return str(digest.hexdigest())


def _digest(value: Any) -> Any:
    digest = hashlib.blake2b(digest_size=16)
    _feed(digest, value)
    return digest


def _feed(digest: Any, value: Any) -> None:
    """Take in a value, so that values of different kinds differ."""
    digest.update(type(value).__name__.encode())
    if isinstance(value, _PLAIN):
        text = repr(value).encode()
        digest.update(b"%d:" % len(text) + text)
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple | list) and all(isinstance(item, _PLAIN) for item in value):
        digest.update(repr(tuple(value)).encode())
    elif isinstance(value, dict) and all(isinstance(item, _PLAIN) for item in (*value, *value.values())):
        digest.update(repr(sorted(value.items(), key=repr)).encode())
    elif isinstance(value, dict):
        _feed(digest, sorted(_digest(item).digest() for item in value.items()))
    elif isinstance(value, set | frozenset):
        _feed(digest, sorted(_digest(item).digest() for item in value))
    elif isinstance(value, tuple | list):
        digest.update(b"%d:" % len(value))
        for item in value:
            _feed(digest, item)
    elif isinstance(value, slice):
        _feed(digest, (value.start, value.stop, value.step))
    elif is_dataclass(value):
        for field in fields(value):
            if field.metadata != NOT_STORED:
                _feed(digest, getattr(value, field.name))
    else:
        raise EngineError(f"a law holds a {type(value).__name__}, which has no digest")
