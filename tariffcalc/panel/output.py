"""The form in which a panel is handed over: columns of text by distinct value, days, and numbers; as pandas,
Arrow, or in a file.

A part of a panel never holds text for each of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tariffcalc.io.output import Writer
from tariffcalc.panel.answers import Floats

if TYPE_CHECKING:
    import pandas as pd

    from tariffcalc.compiled.law import CompiledLaw


class Coded(NamedTuple):
    """A column of text: distinct values, and the place of each row's among them."""

    values: Sequence[str]
    place: NDArray[Any]


class Part(NamedTuple):
    """Some rows of a panel: columns of text, of days [day numbers], and of numbers (NaN where unknown)."""

    texts: dict[str, Coded]
    days: dict[str, NDArray[Any]]
    numbers: dict[str, Floats]

    def __len__(self) -> int:
        return len(next(iter(self.texts.values())).place)

    def frame(self) -> pd.DataFrame:
        """As a pandas table: text as categories, days as dates."""
        import pandas as pd

        texts = {
            name: pd.Categorical.from_codes(column.place, pd.Index(column.values), validate=False)
            for name, column in self.texts.items()
        }
        days = {name: _dates(column) for name, column in self.days.items()}
        return pd.DataFrame(texts | days | self.numbers, copy=False)

    def arrow(self) -> pa.Table:
        """As an Arrow table: text in dictionaries, days as dates, what is unknown empty."""
        arrays = {name: _dictionary(column) for name, column in self.texts.items()}
        arrays |= {name: pa.array(column.astype("datetime64[D]")) for name, column in self.days.items()}
        arrays |= {name: pa.array(column, from_pandas=True) for name, column in self.numbers.items()}
        return pa.table(arrays)


def _dates(column: NDArray[Any]) -> NDArray[np.datetime64]:
    """Day numbers as dates, in the shortest unit that pandas has."""
    return column.astype("datetime64[D]").astype("datetime64[s]")


def _dictionary(column: Coded) -> pa.Array:
    """Only the values that occur: a dictionary is written anew with every part."""
    place = column.place
    low, high = (int(place.min()), int(place.max()) + 1) if len(place) else (0, 0)
    return pa.DictionaryArray.from_arrays(
        pa.array((place - low).astype(np.int32)), pa.array(column.values[low:high], pa.string())
    )


def narrow(numbers: NDArray[Any], values: int) -> NDArray[Any]:
    """Places among so many values in as few bytes as hold them, as pandas would."""
    return numbers.astype(
        np.int8 if values < 1 << 7 else np.int16 if values < 1 << 15 else np.int32, copy=False
    )


def write(
    path: str,
    law: CompiledLaw,
    parts: Iterable[Part],
    count: int,
    progress: Callable[[float], None] | None = None,
) -> int:
    """Write a panel to a file by its ending, one of ``count`` parts at a time; the number of rows.

    The file appears under its name only when it is whole.  ``progress`` receives the share that is done.
    """
    rows = 0
    with Writer(path, law=law) as writer:
        for number, part in enumerate(parts, start=1):
            writer.write(part.arrow())
            rows += len(part)
            if progress is not None:
                progress(number / count)
    return rows
