"""A compiled law as one packed value that travels to workers, and is unpacked once in each process.

The law itself travels, and not the way it came about: law amended by a scenario, or taken as known on an
earlier day, works as any other.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.stored_law import received_law, serialized_law
from tariffcalc.compiler.kept_law import no_rulebook
from tariffcalc.tariff import Tariff

_MOST_HELD = 8  # laws in one process; a comparison needs two
_held: OrderedDict[str, Tariff] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class SerializedLaw:
    """A compiled law, packed; equal where the law is."""

    key: str
    packed: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, law: CompiledLaw) -> SerializedLaw:
        """Pack a law."""
        return cls(*serialized_law(law))

    def tariff(self) -> Tariff:
        """The law ready to estimate with; unpacked when it is first asked for in this process."""
        with _lock:
            if self.key not in _held:
                _held[self.key] = Tariff(received_law(self.packed), no_rulebook, Path())
                while len(_held) > _MOST_HELD:
                    _held.popitem(last=False)
            _held.move_to_end(self.key)
            return _held[self.key]

    def __dask_tokenize__(self) -> str:
        return self.key
