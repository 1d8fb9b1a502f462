"""Numbers kept under integer keys, looked up for whole columns at once.

A table of open addressing: the slot of a key is worked out from the key, and where another key sits there the
next slot is tried.  Looking up needs no lock while somebody adds: a number is written before its key, neither
changes afterwards, and a larger table takes the place of a smaller one at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.engine.patterns.sparse_zeros import sparse_zeros

Ints = NDArray[np.int64]

_EMPTY = np.int64(-1)
# odd, near 2**64 over the golden ratio: neighbouring keys fall far apart
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LARGEST = 1 << 25  # places of a table of pairs
_ROOM = 4  # slots for each key, so that the first slot tried is nearly always the right one


class HashIndex:
    """Numbers of 0 and more by keys of 0 and more."""

    def __init__(self, bits: int = 8) -> None:
        self._count = 0
        self._table = _empty(bits)

    def __len__(self) -> int:
        return self._count

    def find(self, keys: Ints) -> Ints:
        """The number of each key, -1 where none is kept."""
        held, numbers = self._table
        slots = _slots(keys, len(held))
        at = np.take(held, slots, mode="clip")
        found: Ints = np.take(numbers, slots, mode="clip")
        there = at == keys
        if there.all():
            return found
        rest = np.flatnonzero(~there)
        slot, key, at = slots[rest], keys[rest], at[rest]
        while len(rest):
            found[rest[at == _EMPTY]] = -1
            going = at != _EMPTY
            rest, key = rest[going], key[going]
            slot = (slot[going] + 1) % len(held)
            at = held[slot]
            hit = at == key
            found[rest[hit]] = numbers[slot[hit]]
            rest, key, slot, at = rest[~hit], key[~hit], slot[~hit], at[~hit]
        return found

    def add(self, keys: Ints, numbers: Ints) -> None:
        """Keep numbers under keys that are distinct and not kept yet; not for two threads at once."""
        wanted = (self._count + len(keys)) * _ROOM
        if wanted > len(self._table[0]):
            held, kept = self._table
            here = np.flatnonzero(held != _EMPTY)
            larger = _empty(int(wanted - 1).bit_length())
            _put(*larger, held[here], kept[here])
            _put(*larger, keys, numbers)
            self._table = larger
        else:
            _put(*self._table, keys, numbers)
        self._count += len(keys)


class PairIndex:
    """Numbers by pairs, a first number within a known space and any second number, in a plain table: quicker
    than a key, and as large as its sides.

    It keeps a row for each first number met, as long as the table stays below a size; what it does not keep
    is not there.
    """

    def __init__(self, space: int) -> None:
        self._row_of = sparse_zeros(space)
        self._rows = 1  # row 0 stays empty, for first numbers not met
        self._table: NDArray[np.int32] = np.full((1, 1), -1, np.int32)

    def find(self, first: Ints, second: Ints) -> Ints:
        """The number of each pair, -1 where none is kept."""
        row = np.take(self._row_of, first, mode="clip").astype(np.int64)
        table = self._table  # read after the rows: it has all of them
        row *= table.shape[1]
        row += second
        found: Ints = np.take(table.reshape(-1), row, mode="clip").astype(np.int64)
        if second.max(initial=0) >= table.shape[1]:
            found[second >= table.shape[1]] = -1
        return found

    def add(self, first: Ints, second: Ints, numbers: Ints) -> None:
        """Keep numbers of pairs, as far as there is room; not for two threads at once."""
        fresh = np.unique(first[self._row_of[first] == 0])
        height, width = self._rows + len(fresh), max(int(second.max()) + 1, self._table.shape[1])
        if height > len(self._table) or width > self._table.shape[1]:
            size = _power(height), _power(width)
            if size[0] * size[1] > _LARGEST:
                return
            larger = np.full(size, -1, np.int32)
            larger[: len(self._table), : self._table.shape[1]] = self._table
            self._table = larger
        self._row_of[fresh] = np.arange(self._rows, height)
        self._rows = height
        self._table[self._row_of[first], second] = numbers


def _power(size: int) -> int:
    return 1 << (size - 1).bit_length()


def _empty(bits: int) -> tuple[Ints, Ints]:
    return np.full(1 << bits, _EMPTY), np.full(1 << bits, -1, np.int64)


def _slots(keys: Ints, size: int) -> Ints:
    shift = np.uint64(64 - (size.bit_length() - 1))
    return ((keys.view(np.uint64) * _SPREAD) >> shift).view(np.int64)


def _put(held: Ints, kept: Ints, keys: Ints, numbers: Ints) -> None:
    slots = _slots(np.ascontiguousarray(keys), len(held))
    while len(keys):
        free = np.flatnonzero(held[slots] == _EMPTY)
        slot, first = np.unique(slots[free], return_index=True)
        kept[slot] = numbers[free[first]]
        held[slot] = keys[free[first]]
        left = np.ones(len(keys), bool)
        left[free[first]] = False
        keys, numbers, slots = keys[left], numbers[left], (slots[left] + 1) % len(held)
