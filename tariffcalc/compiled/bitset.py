"""Bitsets: sets of rules (or of anything else with numbers) as 64-bit words, so that millions of sets are
joined, met and compared by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints

Bitset = NDArray[np.uint64]
"""A set as the bits of its words [words], or one set a row [rows, words]; bit 0 of the first word is number
0."""

# odd: no bit of a word is lost
_FACTORS = np.random.default_rng(1).integers(0, 2**63, 1 << 10, np.uint64) * np.uint64(2) + np.uint64(1)
_HALF = np.uint64(32)


def pack_bits(truth: Bools) -> Bitset:
    """Truth [rows, bits] as sets [rows, words], the last word filled with bits that are not set."""
    size = -(-truth.shape[1] // 64) * 64
    if size > truth.shape[1]:
        padded = np.zeros((len(truth), size), bool)
        padded[:, : truth.shape[1]] = truth
        truth = padded
    return np.ascontiguousarray(np.packbits(truth, axis=1, bitorder="little")).view("<u8").astype(np.uint64)


def lowest_bit(words: Bitset) -> Ints:
    """The position of the lowest set bit of each word, none of which is empty."""
    # exact: a power of two has one bit
    return np.frexp((words & (~words + np.uint64(1))).astype(np.float64))[1].astype(np.int64) - 1


def alike(sets: Bitset) -> tuple[Ints, Ints]:
    """The number of each set [rows, words], where equal sets have one number; and one row of each number.

    Sets are told apart by a sum that mixes their words; where two that differ have the same sum, by the words
    themselves.
    """
    mixed = sets * np.resize(_FACTORS, sets.shape[1])
    mixed ^= mixed >> _HALF
    _, first, number = np.unique(mixed.sum(axis=1, dtype=np.uint64), return_index=True, return_inverse=True)
    if not np.array_equal(sets, sets[first][number.reshape(-1)]):
        _, first, number = np.unique(sets, axis=0, return_index=True, return_inverse=True)
    return number.reshape(-1).astype(np.int64), first.astype(np.int64)
