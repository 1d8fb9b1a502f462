"""The look of the charts: colors, room for headline and foot.  Nothing here knows what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, GRAY, PALE, ACCENT, ALARM = "#1b1f24", "#667080", "#cdd5df", "#0b5fa5", "#b3402a"
WIDTH = 8.6  # inches


def signed(amount: float, digits: int | None = None) -> str:
    """An amount with its sign, to about three figures."""
    if digits is None:
        digits = 0 if abs(amount) >= 100 else 1 if abs(amount) >= 10 else 2
    return f"{amount:+,.{digits}f}".replace("-", "−")


def new_axes(axes: Axes | None, height: float) -> tuple[Axes, float | None]:
    """The axes, and the left edge for headline and foot [share of the figure]; None on axes that the caller
    gave."""
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "charts are drawn with matplotlib, which is not installed: pip install 'tariffcalc[plot]'"
        ) from error
    if axes is not None:
        return axes, None
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.2)  # inches; room for a day written below the right end
    _, axes = plt.subplots(figsize=(WIDTH, height), layout=layout, dpi=110)
    return axes, 0.02


def plain(axes: Axes, grid: Any) -> None:
    """One axis line, a pale grid across it, no ticks; ``grid`` is the axis of amounts."""
    for side in ("top", "right", "left" if grid == "x" else "right", "bottom" if grid == "x" else "left"):
        axes.spines[side].set_visible(False)
    axes.spines["left" if grid == "x" else "bottom"].set_visible(True)
    axes.spines["left" if grid == "x" else "bottom"].set_color(INK)
    axes.grid(axis=grid, color="#e4e8ee", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=10.5, labelcolor=INK, pad=6)
    axes.tick_params(axis=grid, labelcolor=GRAY)
    axes.tick_params(axis="y" if grid == "x" else "x", pad=9)


def beside(axes: Axes, x: float, y: float, text: str) -> None:
    """Text to the right of a point."""
    axes.annotate(text, (x, y), (5, 0), textcoords="offset points", va="center", fontsize=10.5, color=INK)


def headline(axes: Axes, edge: float | None, words: str, below: str) -> None:
    """The headline, and the line below it that names the unit."""
    axes.set_title(" ", fontsize=15, pad=32)  # keeps the room
    _text(axes, edge, 1, 30, words, fontsize=15, fontweight="bold", color=INK)
    _text(axes, edge, 1, 10, below, fontsize=11, color=GRAY)


def foot(axes: Axes, edge: float | None, lines: Sequence[str], mono: bool = False) -> None:
    """Lines below the picture."""
    font: dict[str, Any] = {"family": "monospace", "fontsize": 9} if mono else {"fontsize": 9.5}
    axes.set_xlabel("\n" * len(lines), linespacing=1.35, **font)  # keeps the room
    _text(axes, edge, 0, -30, "\n".join(lines), va="top", color=GRAY, linespacing=1.35, **font)


def _text(axes: Axes, edge: float | None, y: float, up: float, text: str, **look: Any) -> None:
    """Text at the left edge of the figure, above or below the axes [points]."""
    across = "axes fraction" if edge is None else "figure fraction"
    note = axes.annotate(
        text,
        (edge or 0, y),
        (0, up),
        xycoords=(across, "axes fraction"),
        textcoords="offset points",
        annotation_clip=False,
        **look,
    )
    note.set_in_layout(False)


def computed_line(source: str) -> str:
    """The last line: where the lines come from, and who computed."""
    return (
        f"{source.rstrip('.')}. Duty computed with tariffcalc."
        if source
        else "Duty computed with tariffcalc."
    )


def date_axis(axes: Axes) -> None:
    """Days across."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=5, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    )
