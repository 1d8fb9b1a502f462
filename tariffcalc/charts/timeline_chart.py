"""The duty of a product over time as a picture: a step for each stretch of days, and what set it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from tariffcalc.charts.look import (
    ACCENT,
    ALARM,
    GRAY,
    INK,
    computed_line,
    date_axis,
    foot,
    headline,
    new_axes,
    plain,
)  # fmt: skip
from tariffcalc.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


_ROOM = 38.0  # what a rate needs across [points]
_KEY = 76  # what a line of the key holds beside day and rate [characters]


def chart_timeline(
    table: pd.DataFrame, axes: Axes | None = None, title: str = "", until: str | None = None, source: str = ""
) -> Axes:
    """Steps of the effective rate over time, each with its rate, and below them the days and the headings or
    programs that made them.

    The picture begins on the first day for which the duty of the product is held.  Where the rate is unknown
    later, the line breaks, and the programs that are unknown are named.

    Parameters
    ----------
    table
        What ``Tariff.timeline`` returns, or some rows of it.
    axes
        Axes to draw on; by default those of a new figure.
    title
        The headline; by default the product and its origin.
    until
        The day at which the picture ends; by default the day through which the law is reviewed.
    source
        A remark for the last line of the picture.

    Raises
    ------
    ModuleNotFoundError
        Without matplotlib.
    ValueError
        For a table without rows, without a last day, or with no row before it.
    """
    if table.empty:
        raise OptionError("the timeline has no rows: there is nothing to draw")
    steps, not_held = _steps(table, until)
    key = [line for step in steps for line in _key(step)]
    axes, edge = new_axes(axes, 4.5 + 0.19 * len(key))
    known = [step.rate for step in steps if step.rate is not None]
    axes.set_ylim(0, max([*known, 4.0]) * 1.2)
    axes.set_xlim(_day(steps[0].start), _day(steps[-1].end))
    before: float | None = None
    for step in steps:
        sides = [_day(step.start), _day(step.end)]
        if step.rate is None:
            axes.axvspan(*sides, color=ALARM, alpha=0.08, linewidth=0)
        else:
            axes.fill_between(sides, [step.rate] * 2, color=ACCENT, alpha=0.10, linewidth=0)
            axes.plot(sides, [step.rate] * 2, color=ACCENT, linewidth=2.2, solid_capstyle="butt")
            if before is not None:
                axes.plot([sides[0]] * 2, [before, step.rate], color=ACCENT, linewidth=0.9)
        before = step.rate
    date_axis(axes)
    axes.yaxis.set_major_formatter(lambda rate, _: f"{rate:.10g}%")
    plain(axes, "y")
    headline(
        axes,
        edge,
        title or _product(table),
        f"Duty as a share of the customs value, by day of entry{_where(table)}",
    )
    foot(axes, edge, [*key, "", *_days_held(steps, not_held, until), computed_line(source)], mono=True)
    _mark_steps(axes, steps)
    return axes


# --- what the bars and steps are called
# ------------------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One window of a timeline: its rate [percent; None where unknown] and the headings or programs, or the
    programs that are unknown.

    ``marks`` are the words beside the step in the picture: its headings.
    """

    start: date
    end: date
    rate: float | None
    words: str
    marks: tuple[str, ...] = ()


def _steps(table: pd.DataFrame, until: str | None) -> tuple[list[Step], bool]:
    """The steps from the first that is known, and whether unknown ones before it are left out."""
    last = until or table.attrs.get("reviewed_through")
    if not last:
        raise OptionError("the table does not say through which day the law is reviewed: give until")
    end = date.fromisoformat(str(last)[:10])
    starts = [date.fromisoformat(str(day)) for day in table["from"]]
    steps = []
    for place, (start, rate) in enumerate(zip(starts, table["effective_rate"].astype(float), strict=True)):
        if start >= end:
            break
        stop = min(starts[place + 1], end) if place + 1 < len(starts) else end
        known = rate == rate  # an empty cell is not a number
        marks = tuple(str(table["headings"].iloc[place]).split()) if known else ()
        words = (
            " ".join(marks) or _programs(table.iloc[place])
            if known
            else _titles(table, str(table["unknown"].iloc[place]).split())
        )
        steps.append(Step(start, stop, rate * 100 if known else None, words, marks))
    if not steps:
        raise OptionError(
            f"the timeline begins on {starts[0]}, and the picture would end on {end}: give a later until"
        )
    first = next((place for place, step in enumerate(steps) if step.rate is not None), 0)
    return steps[first:], first > 0


def _programs(row: pd.Series) -> str:
    """The programs that charge something on a day, each with its share of the customs value."""
    titles = _titles_of(row)
    charged = {name: float(row[name]) for name in titles if row[name] == row[name] and row[name]}
    value = float(row["duty"]) / float(row["effective_rate"]) if row["effective_rate"] else 0
    return (
        ", ".join(f"{titles[name]} {100 * amount / value:.4g}%" for name, amount in charged.items())
        or "no duty"
    )


def _titles(table: pd.DataFrame, names: Sequence[str]) -> str:
    titles = table.attrs.get("programs", {})
    return ", ".join(titles.get(name, name) for name in names)


def _titles_of(row: pd.Series) -> dict[str, str]:
    """The titles of the programs of a row of a timeline, by name."""
    given: dict[str, str] = row.attrs.get("programs", {})
    columns = list(row.index)
    return given or {name: name for name in columns[columns.index("unknown") + 1 :]}


def _product(table: pd.DataFrame) -> str:
    """The headline of a product's history."""
    said = table.attrs
    return f"Duty on {said['commodity']} from {said['origin']}" if "commodity" in said else "Duty over time"


def _where(table: pd.DataFrame) -> str:
    return f" ({table.attrs['territory']})" if "territory" in table.attrs else ""


def _days_held(steps: Sequence[Step], not_held: bool, until: str | None) -> list[str]:
    """Why the picture begins and ends where it does."""
    first = [f"The duty before {steps[0].start.isoformat()} is not held."] if not_held else []
    return first if until else [*first, f"The law is reviewed through {steps[-1].end.isoformat()}."]


def _day(day: date) -> float:
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]


def _mark_steps(axes: Axes, steps: Sequence[Step]) -> None:
    """The rate of each step, and the headings below it where there is room; one remark for a stretch that is
    not known."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # the room on the page is known only now

    def place(day: date, rate: float) -> Any:
        return axes.transData.transform((_day(day), rate)) * 72 / figure.dpi

    widths = [place(step.end, 0)[0] - place(step.start, 0)[0] for step in steps]
    wide = {step.rate for step, width in zip(steps, widths, strict=True) if width > _ROOM}
    shown: float | None = None
    for number, (step, width) in enumerate(zip(steps, widths, strict=True)):
        if step.rate is None:
            if number == 0 or steps[number - 1].rate is not None:
                _remark(axes, step.start, 0, "not known", 6, "left", 4)
            continue
        before, after = (
            steps[each].rate if 0 <= each < len(steps) else None for each in (number - 1, number + 1)
        )
        middle = step.start + (step.end - step.start) / 2
        text = f"{step.rate:.4g}%"
        if width > _ROOM or (before or 0) < step.rate > (after or 0):
            if step.rate != shown:
                _remark(axes, middle, step.rate, text)
            shown = step.rate
        # on the free side of a narrow step
        elif step.rate not in wide and before is not None and after is not None:
            _remark(
                axes,
                *(
                    (step.end, step.rate, text, 4, "right", -3)
                    if after > step.rate
                    else (step.start, step.rate, text, 4, "left", 3)
                ),
            )
        headings = step.marks
        if width > 1.8 * _ROOM and place(step.start, step.rate)[1] - place(step.start, 0)[1] > 16 + 12 * len(
            headings
        ):
            axes.annotate(
                "\n".join(headings),
                (_day(middle), step.rate),
                (0, -5),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=9,
                color=GRAY,
            )


def _remark(
    axes: Axes, day: date, rate: float, text: str, up: float = 4, align: str = "center", right: float = 0
) -> None:
    color = INK if text.endswith("%") else ALARM
    axes.annotate(
        text, (_day(day), rate), (right, up), textcoords="offset points", ha=align, fontsize=10.5, color=color
    )


def _key(step: Step) -> list[str]:
    """The lines that say what made a step."""
    shown = "      ?" if step.rate is None else f"{step.rate:6.2f}%"
    words = f"unknown: {step.words}" if step.rate is None else step.words
    first, *more = textwrap.wrap(words, _KEY, break_on_hyphens=False) or [""]
    return [f"{step.start.isoformat()}  {shown}  {first}", *(" " * 21 + each for each in more)]
