"""Charts draw the numbers they are given, say what they leave out, and nowhere print one text over
another."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.charts import chart_comparison, chart_timeline

matplotlib.use("Agg")
LAND = Path(__file__).parents[1] / "law_fixture" / "land"


@pytest.fixture(scope="module")
def comparison(us: tc.Tariff) -> tc.Comparison:
    """A few goods of India under the law and at 18%."""
    goods = {
        "6109.10.00.12": 40e6,
        "7113.19.50": 90e6,
        "0306.17.00.41": 60e6,
        "6302.31.90.20": 30e6,
        "8504.40.95.70": 10e6,
        "3304.99.50.00": 2e6,
    }
    table = pd.DataFrame(
        {"commodity": list(goods), "origin": "IN", "entered": "2026-02-10", "value": list(goods.values())}
    )
    return tc.compare(
        us.estimate(table, fees=False), us.amend("india-at-18-percent").estimate(table, fees=False)
    )


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def _texts(axes: Any) -> list[Any]:
    """What is printed: ticks outside the axes are not."""
    axes.figure.draw_without_rendering()
    ticks = []
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        ticks += [
            tick.label1 for tick in axis.get_major_ticks() if min(limits) <= tick.get_loc() <= max(limits)
        ]
    labels = [*axes.texts, *ticks]
    legend = axes.get_legend()
    return [text for text in [*labels, *(legend.get_texts() if legend else [])] if text.get_text().strip()]


def _overlaps(axes: Any) -> list[tuple[str, str]]:
    boxes = [(text.get_text(), text.get_window_extent()) for text in _texts(axes)]
    return [
        (one, two) for (one, box), (two, other) in itertools.combinations(boxes, 2) if box.overlaps(other)
    ]


@pytest.mark.parametrize("by", ["chapter", "heading", "commodity", "program", "origin"])
def test_comparison_draws_the_table(comparison: tc.Comparison, by: str) -> None:
    """Bars are the amounts of the table in the unit named; names are words; nothing overlaps."""
    axes = chart_comparison(comparison, by)
    table = comparison.by(by).query("change.abs() > 0")
    widths = [bar.get_width() for bar in axes.containers[0]]
    assert widths == pytest.approx(list(table["before"] / 1e6))
    words = " ".join(text.get_text() for text in _texts(axes))
    assert "Million USD" in words and "falls by" in words
    if by == "chapter":
        assert "Knitted clothing  61" in words
    assert not _overlaps(axes)


def test_comparison_says_what_it_leaves_out(comparison: tc.Comparison) -> None:
    """Fewer bars than chapters: the foot says how many more, and what they change."""
    words = [
        text.get_text()
        for text in chart_comparison(comparison, most=2, title="Of two", source="Invented goods").texts
    ]
    assert any(
        "more chapters change by −" in text and "Invented goods. Duty computed with tariffcalc." in text
        for text in words
    )
    assert "Of two" in words


def test_nothing_to_draw_is_an_error(us: tc.Tariff) -> None:
    """Two estimates under one law have no difference to draw."""
    table = pd.DataFrame(
        {"commodity": ["6109.10.00.12"], "origin": ["IN"], "entered": ["2026-02-10"], "value": [1000]}
    )
    same = us.estimate(table, fees=False)
    with pytest.raises(ValueError, match="nothing changes"):
        chart_comparison(tc.compare(same, same))
    with pytest.raises(ValueError, match="no rows"):
        chart_timeline(pd.DataFrame(columns=["from", "effective_rate", "headings", "unknown"]))


@pytest.mark.parametrize(
    ("commodity", "origin"),
    [("6109.10.00.12", "IN"), ("4202.21.60", "CH"), ("6403.99.60", "VN"), ("0406.10.08", "DE")],
)
def test_timeline_marks_the_steps(us: tc.Tariff, commodity: str, origin: str) -> None:
    """The key below has a line for every step; a rate that is not known is said and not drawn as nothing;
    nothing overlaps."""
    table = us.timeline(commodity=commodity, origin=origin)
    axes = chart_timeline(table, until="2026-12-01")
    words = [text.get_text() for text in axes.texts]
    key = next(text for text in words if "2025-01-01" in text)
    assert all(day in key for day in table["from"] if day < "2026-12-01")
    assert ("not known" in words) == table["duty"].isna().any()
    assert not _overlaps(axes)


def _days(axes: Any) -> tuple[str, str]:
    from matplotlib.dates import num2date

    first, last = (num2date(edge).date().isoformat() for edge in axes.get_xlim())
    return first, last


def test_a_timeline_of_india_has_the_titles_and_days_of_india(india: tc.Tariff) -> None:
    """Bourbon: 50% and the cess of 100%, from 2025-02-13 of 50%; the years before 2025, of which the basic
    duty is not held, are not shown."""
    axes = chart_timeline(india.timeline("2208.30.11", "US"))
    words = " ".join(text.get_text() for text in axes.texts)
    assert "Basic customs duty 50%, Agriculture Infrastructure and Development Cess 100%" in " ".join(
        words.split()
    )
    assert "column 1" not in words.casefold()
    assert "Duty on 2208.30.11 from United States" in words and "(India)" in words
    assert (
        "The duty before 2025-01-01 is not held." in words
        and "The law is reviewed through 2026-10-08." in words
    )
    assert _days(axes) == ("2025-01-01", "2026-10-08")
    assert not _overlaps(axes)


def test_a_timeline_ends_on_the_day_asked_or_the_last_day_reviewed(us: tc.Tariff) -> None:
    table = us.timeline("6109.10.00.12", "IN")
    assert _days(chart_timeline(table)) == ("2025-01-01", "2026-10-09")
    assert _days(chart_timeline(table, until="2025-06-01")) == ("2025-01-01", "2025-06-01")
    assert "Alphaland" in " ".join(
        text.get_text() for text in chart_timeline(tc.load(LAND).timeline("1001.00.00", "AA")).texts
    )
    table.attrs = {}
    with pytest.raises(ValueError, match="give until"):
        chart_timeline(table)
    with pytest.raises(ValueError, match="give a later until"):
        chart_timeline(table, until="2024-06-01")


def test_axes_given_are_used(us: tc.Tariff, comparison: tc.Comparison) -> None:
    """Both charts draw where they are told to."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2)
    assert chart_comparison(comparison, axes=left) is left
    assert chart_timeline(us.timeline(commodity="7113.19.50", origin="IN"), axes=right) is right
    assert len(figure.axes) == 2


def test_without_matplotlib_the_message_says_what_to_install(
    comparison: tc.Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'tariffcalc\[plot\]'"):
        chart_comparison(comparison)
