"""How far a long run has come, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress(title: str, total: int | None = None, show: bool | None = None) -> Iterator[Any]:
    """A counter of rows on standard error, with a bar where their total is known; ``show`` None: where that
    is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    counter = (TextColumn("{task.description} {task.completed:,} rows"), TimeElapsedColumn())
    columns = counter if total is None else (*counter, BarColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=console,
        transient=show is None,
        disable=not (console.is_terminal if show is None else show),
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda rows: bar.advance(task, rows)
