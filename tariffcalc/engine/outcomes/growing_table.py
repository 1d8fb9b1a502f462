"""Tables that grow by columns and whose columns never change once written, so that others may read while one
adds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class AppendOnlyTable:
    """A table [height, length] with room to grow; each row is one stretch of memory, since tables are read
    row by row."""

    def __init__(self, height: int, kind: DTypeLike) -> None:
        self.rows: NDArray[Any] = np.zeros((height, 16), kind)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, columns: NDArray[Any]) -> None:
        """Add columns [height, some]; not for two threads at once."""
        start, end = self._length, self._length + columns.shape[1]
        if end > self.rows.shape[1]:
            larger = np.zeros((len(self.rows), max(end, 2 * self.rows.shape[1])), self.rows.dtype)
            larger[:, :start] = self.rows[:, :start]
            self.rows = larger
        self.rows[:, start:end] = columns
        self._length = end
