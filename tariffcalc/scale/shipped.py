"""A compiled law as one packed value that travels to workers, and is unpacked once in each process.

The law itself travels, and not the way it came about: law amended by a scenario, or taken as known on an earlier day, works as any other.
"""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tariffcalc.engine.rule_table import CompiledLaw
from tariffcalc.errors import TariffError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.tariff import Tariff

_MOST_HELD = 8  # laws in one process; a comparison needs two
_held: OrderedDict[str, Tariff] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class ShippedLaw:
    """A compiled law, packed; equal where the law is."""

    key: str
    packed: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, law: CompiledLaw) -> ShippedLaw:
        """Pack a law."""
        pickled = pickle.dumps(law, protocol=5)
        return cls(hashlib.blake2b(pickled, digest_size=16).hexdigest(), zlib.compress(pickled, 1))

    def tariff(self) -> Tariff:
        """The law ready to estimate with; unpacked when it is first asked for in this process."""
        with _lock:
            if self.key not in _held:
                _held[self.key] = Tariff(pickle.loads(zlib.decompress(self.packed)), _no_rulebook, Path())
                while len(_held) > _MOST_HELD:
                    _held.popitem(last=False)
            _held.move_to_end(self.key)
            return _held[self.key]

    def __dask_tokenize__(self) -> str:
        return self.key


def _no_rulebook() -> Rulebook:
    raise TariffError("only the compiled law travels to workers: amend the tariff, or ask for its history, where it was loaded")
