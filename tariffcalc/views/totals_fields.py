"""The fields of totals: how two of one kind are added up, how JSON holds them, and how they are said."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

# distinct problems; of a file with more mistakes the first ones are reported, and the number of the others
MOST_KEPT = 10_000
MOST_NAMED = 3  # rows named beside a problem
_OTHERS = ("other problems", "")


def together(ours: Any, theirs: Any) -> Any:
    """Two sums, counts or collections as one."""
    if isinstance(ours, Counter):
        for key, number in theirs.items():  # a plain + would drop programs that come to nothing
            if isinstance(key, tuple):
                count_rows(ours, key[0], key[1], number)
            else:
                ours[key] += number
        return ours
    if isinstance(ours, dict) and any(isinstance(each, list) for each in theirs.values()):
        return ours | {key: sorted([*ours.get(key, ()), *rows])[:MOST_NAMED] for key, rows in theirs.items()}
    return ours | theirs if isinstance(ours, dict | set) else ours + theirs


def plainly(value: Any) -> Any:
    """A field of the totals as JSON holds it: money as text, collections as lists, a count or title as a pair
    with its key."""
    if isinstance(value, dict):
        return [[list(key) if isinstance(key, tuple) else key, each] for key, each in value.items()]
    return sorted(value) if isinstance(value, set) else str(value) if isinstance(value, Decimal) else value


def read_back(told: Any, kind: type[Any]) -> Any:
    """A field of the totals from JSON."""
    if issubclass(kind, dict):
        return kind({tuple(key) if isinstance(key, list) else key: each for key, each in told})
    return kind(told)


def count_rows(counter: Counter[tuple[str, str]], message: str, supply: str, rows: int) -> None:
    """Count rows of a problem; beyond the most that are kept, the problem is one of the others."""
    if not rows:
        return
    key = (message, supply)
    counter[key if key in counter or len(counter) < MOST_KEPT else _OTHERS] += rows


def line_count(number: int) -> str:
    """A number of lines in words."""
    return "1 line" if number == 1 else f"{number:,} lines"


def rows_named(rows: list[int], count: int) -> str:
    """The first rows, counted from 1, and how many more there are."""
    if not rows:
        return ""
    more = f" and {count - len(rows):,} more" if count > len(rows) else ""
    return f" (row{'s' if count > 1 else ''} {', '.join(f'{row:,}' for row in rows)}{more})"
