"""Large tables of which few places are ever written: pages of zeros that take memory once they are written.

The allocator of numpy would ask for huge pages, or hand out memory used before, and either would take the
whole of the table: of a hundred laws held together that is more than all else they hold.
"""

from __future__ import annotations

import mmap
import sys

import numpy as np
from numpy.typing import NDArray


def sparse_zeros(size: int) -> NDArray[np.int32]:
    """So many zeros to write into.

    >>> table = sparse_zeros(3)
    >>> table[1] = 7
    >>> table.tolist()
    [0, 7, 0]
    """
    length = max(size, 1) * np.dtype(np.int32).itemsize
    if sys.platform == "win32":
        pages = mmap.mmap(-1, length)
    else:  # private: a process that is forked from this one writes into its own
        pages = mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        pages.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(pages, np.int32, size)
