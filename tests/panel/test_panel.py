"""Panels: every finest line of the day, equal to an estimate of the same lines; by change equal to the dense
one; mistakes are errors."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning
from tariffcalc.moments import moment_of_day
from tariffcalc.panel import dense, spells

KEYS = ["commodity", "origin", "entered", "value"]


def lines_in_force(tariff: tc.Tariff, day: str) -> list[str]:
    """The codes of goods in force on a day below which no longer code is, one by one; not those of what is
    claimed for goods of another code."""
    moment = moment_of_day(date.fromisoformat(day))
    rows = tariff.law.segments
    live = [
        code
        for code, start, end in zip(rows.code, rows.start, rows.end, strict=True)
        if start <= moment < end
    ]
    codes = [tariff.law.codes.codes[code] for code in live if tariff.law.codes.own[code]]
    longer = {code[:8] for code in codes if len(code) > 8}
    regimes = {name.replace(".", "") for name, fact in tariff.rulebook.facts.items() if fact.claim}
    return sorted(
        {code for code in codes if (len(code) > 8 or code not in longer) and code[:8] not in regimes}
    )


def estimated(tariff: tc.Tariff, lines: pd.DataFrame, **facts: Any) -> pd.DataFrame:
    """The same lines, estimated as text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        table = lines[KEYS].astype({"commodity": str, "origin": str, "entered": str}).assign(**facts)
        result = tariff.estimate(table, fees=False)
    result.raise_refused()
    return pd.DataFrame(result.columns(), index=lines.index)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal to the last bit, unknown where the other is unknown; a program that only one of them tells of
    charges nothing."""
    for name in found.columns.union(expected.columns):
        if name not in (*KEYS, "outside", "season", "assumed"):
            mine, theirs = (
                table[name].to_numpy() if name in table else np.zeros(len(found))
                for table in (found, expected)
            )
            np.testing.assert_array_equal(mine, theirs, err_msg=name)


def test_panel_is_dense_and_right(us: tc.Tariff) -> None:
    days = ["2025-08-06", "2025-08-07"]
    table = us.panel(origins=["IN", "VN"], entered=days)
    expected = [
        (day, code, origin) for day in days for code in lines_in_force(us, day) for origin in ("IN", "VN")
    ]
    assert list(zip(table["entered"], table["commodity"], table["origin"], strict=True)) == expected
    assert all(table[name].dtype == "category" for name in ("commodity", "origin", "entered"))
    shirts = table[table["commodity"] == "6109100012"].set_index(["origin", "entered"])["us.ieepa.reciprocal"]
    # 10% of 10,000 the day before the country rates; then 25% for India (9903.02.26) and 20% for Vietnam
    # (9903.02.69)
    assert shirts.to_dict() == {
        ("IN", "2025-08-06"): 1000,
        ("VN", "2025-08-06"): 1000,
        ("IN", "2025-08-07"): 2500,
        ("VN", "2025-08-07"): 2000,
    }


ORIGINS = ["AU", "CA", "CL", "CN", "DE", "IN", "JP", "KR", "MX", "RU"]


@pytest.mark.parametrize(
    ("entered", "facts"),
    [
        ("2025-03-05", {}),
        # on that day goods of many origins owe alike but for who may claim what
        ("2025-06-15", {"claims": "AU"}),
        ("2025-06-15", {"claims": "JP"}),  # few lines offer it
        ("2025-09-06", {"claims": "S"}),
        ("2025-09-06", {"claims": "KR|civil_aircraft", "quantity_kg": 120, "quantity_doz": "3.5"}),
        ("2025-10-01", {"loaded": "2025-08-05", "transport": "vessel"}),
        (
            "2025-08-27",
            {"steel_value": 250, "aluminum_value": "900", "us_content_value": 400, "quantity_kg": 1},
        ),
        ("2026-03-02", {"admitted": "2025-08-01", "passenger_vehicle_part": "no"}),
        ("2026-02-24 00:00", {}),
        ("2026-08-20", {"quantity_kg": 55.5}),
    ],
)
def test_a_panel_is_the_estimate_of_its_lines(us: tc.Tariff, entered: str, facts: dict[str, Any]) -> None:
    table = us.panel(origins=ORIGINS, entered=[entered], value="1234.57", **facts)
    assert set(table["origin"]) == set(ORIGINS) and set(table["entered"]) == {entered}
    sample = table.iloc[::23]
    assert_same(sample, estimated(us, sample, **facts))
    assert table["duty"].isna().any() and (table["duty"] > 0).any()


def test_a_panel_of_india_too() -> None:
    india = tc.load("in")
    table = india.panel(origins="all", entered=["2025-06-02"], value=5000)
    assert set(table["origin"]) == set(india.law.origins)
    sample = table.iloc[::997]
    assert_same(sample, estimated(india, sample, value_basis="customs value"))


@pytest.fixture(scope="module")
def by_change(us: tc.Tariff) -> pd.DataFrame:
    table: pd.DataFrame = us.panel(origins=["CA", "CN", "JP"], by="change")
    return table


def test_spells_expand_to_the_dense_panel(us: tc.Tariff, by_change: pd.DataFrame) -> None:
    days = [
        "2025-01-01",
        "2025-04-09",
        "2025-06-30",
        "2025-07-01",
        "2025-11-10",
        "2026-02-23",
        "2026-02-24",
        "2026-07-24",
        "2028-12-31",
    ]
    for day in days:
        table = us.panel(origins=["CA", "CN", "JP"], entered=[day])
        spells_of_day = by_change[
            (by_change["on_or_after"] <= day) & (by_change["before"] > day)
        ].reset_index(drop=True)
        assert spells_of_day["commodity"].tolist() == table["commodity"].tolist()
        assert spells_of_day["origin"].tolist() == table["origin"].tolist()
        assert_same(spells_of_day.drop(columns=["on_or_after", "before"]), table)


def test_neighbouring_spells_differ_and_cover_the_days_in_force(
    us: tc.Tariff, by_change: pd.DataFrame
) -> None:
    one = by_change["commodity"].to_numpy()[1:] == by_change["commodity"].to_numpy()[:-1]
    one &= by_change["origin"].to_numpy()[1:] == by_change["origin"].to_numpy()[:-1]
    meets = by_change["on_or_after"].to_numpy()[1:] == by_change["before"].to_numpy()[:-1]
    after = by_change["on_or_after"].to_numpy()[1:] >= by_change["before"].to_numpy()[:-1]
    assert after[one].all() and (by_change["on_or_after"] < by_change["before"]).all()
    answers = (
        by_change.drop(columns=["commodity", "origin", "season", "on_or_after", "before"])
        .fillna(-1.0)
        .to_numpy()
    )
    same = (answers[1:] == answers[:-1]).all(axis=1)
    assert not (same & one & meets).any()
    length = (by_change["before"] - by_change["on_or_after"]).dt.days.groupby(
        by_change["commodity"]
    ).sum() / 3
    expected = dict.fromkeys(length.index, 0)
    edges = sorted({int(edge) // 2 for edge in (*us.law.segments.start, *us.law.segments.end, *us.law.held)})
    first, last = (side // 2 for side in us.law.held)
    for start, end in pairwise(edges):
        if first <= start < last:
            for code in lines_in_force(us, str(date(1970, 1, 1) + timedelta(days=start))):
                expected[code] += end - start
    assert length.to_dict() == expected


def test_runs_by_hand() -> None:
    """One line, two kinds of origin, six stretches of days: equal amounts are one run, a day without the line
    ends it, unknown is an answer."""
    table = {"duty": np.array([10.0, 10.0, np.nan, np.nan, 7.0])}
    answer = np.array([[[0, 2], [1, 3], [-1, 3], [0, 2], [4, 4], [4, 0]]], np.int32)
    line, kind, start, stop, number = (column.tolist() for column in spells._runs(answer, table))
    assert line == [0] * 6
    assert list(zip(kind, start, stop, number, strict=True)) == [
        (0, 0, 2, 0),
        (0, 3, 4, 0),
        (0, 4, 6, 4),
        (1, 0, 4, 2),
        (1, 4, 5, 4),
        (1, 5, 6, 0),
    ]


def test_a_panel_by_change_is_the_timeline(us: tc.Tariff) -> None:
    table = us.panel(
        origins=["IN"], by="change", on_or_after="2025-03-01", before="2026-03-01", quantity_kg=7
    )
    timeline = us.timeline(commodity="8708.99.81.80", origin="IN", quantity_kg=7).query(
        "'2025-03-01' < `from` < '2026-03-01'"
    )
    mine = table[table["commodity"] == "8708998180"]
    assert mine["on_or_after"].iloc[0] == pd.Timestamp("2025-03-01") and mine["before"].iloc[
        -1
    ] == pd.Timestamp("2026-03-01")
    # a timeline has a new row for a new heading also where the amounts stay
    assert set(mine["on_or_after"].iloc[1:].dt.date.astype(str)) <= set(timeline["from"]) and len(mine) > 4


def test_spells_of_goods_loaded_earlier(us: tc.Tariff) -> None:
    """Goods on the water keep the old rate: 10% instead of 25% to October 4, 2025, and no 25% for Russian oil
    to September 16.

    Before they were loaded there is no such entry; entered the day after or later, they are assumed to have
    been in transit all the time.
    """
    table = us.panel(
        origins=["IN"], by="change", before="2025-11-01", loaded="2025-08-06", transport="vessel"
    )
    mine = table[table["commodity"] == "6109100012"].set_index("on_or_after")["duty"]
    assert {str(day.date()): duty for day, duty in mine.items()} == {
        "2025-08-06": 2650,
        "2025-08-07": 2650,
        "2025-09-17": 5150,
        "2025-10-05": 6650,
    }
    assumed = table[table["commodity"] == "6109100012"]["assumed"]
    assert assumed.tolist() == ["", "in_transit", "in_transit", ""]


def test_files_hold_what_the_table_does(
    us: tc.Tariff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "_PART", 9000)
    monkeypatch.setattr(spells, "_PART", 40_000)
    asked: list[dict[str, Any]] = [
        {"entered": ["2025-04-08", "2026-02-24"]},
        {"by": "change", "on_or_after": "2025-08-01", "before": "2025-09-15"},
    ]
    for options in asked:
        table = us.panel(origins=["IN", "VN"], **options)
        done: list[float] = []
        for name in ("panel.parquet", "panel.csv"):
            assert us.panel(origins=["IN", "VN"], to=tmp_path / name, progress=done.append, **options) == len(
                table
            )
        assert len(done) >= 8 and done[-1] == 1 and done[: len(done) // 2] == sorted(done[: len(done) // 2])
        text = {
            name: str
            for name in (
                "commodity",
                "origin",
                "entered",
                "outside",
                "season",
                "assumed",
                "on_or_after",
                "before",
            )
            if name in table
        }
        plain = table.astype(text)
        arrow = pq.read_table(tmp_path / "panel.parquet")
        assert pq.ParquetFile(tmp_path / "panel.parquet").num_row_groups > 4
        pd.testing.assert_frame_equal(arrow.to_pandas().astype(text), plain)
        csv = pd.read_csv(tmp_path / "panel.csv", dtype=text).fillna(dict.fromkeys(text, ""))
        pd.testing.assert_frame_equal(csv.astype(plain.dtypes), plain)
        whole = us.panel(origins=["IN", "VN"], as_arrow=True, **options)
        assert isinstance(whole, pa.Table) and whole["duty"].null_count == table["duty"].isna().sum() > 0


@pytest.mark.parametrize(
    ("origins", "options", "words"),
    [
        (["Inda"], {"entered": ["2025-08-06"]}, "'Inda' is no origin; near misses: IN"),
        (["IN", "India"], {"entered": ["2025-08-06"]}, "IN is asked for twice"),
        ([], {"entered": ["2025-08-06"]}, "no origin"),
        ("IN", {"entered": ["2025-08-06"]}, "a list"),
        (["IN"], {"entered": "2025-08-06"}, "as a list"),
        (["IN"], {}, "as a list"),
        (["IN"], {"entered": []}, "no day"),
        (["IN"], {"entered": ["2024-08-06"]}, "entered 2024-08-06"),
        (["IN"], {"entered": ["2025-08-06", "20250806"]}, "2025-08-06 is asked for twice"),
        (["IN"], {"entered": ["2025-08-06"], "loaded": "2025-08-07"}, "loaded must not be later"),
        (["IN"], {"entered": ["2025-08-06"], "by": "week"}, "'week'"),
        (["IN"], {"entered": ["2025-08-06"], "claims": "s"}, "'s' is not a claim; near misses: S"),
        (["IN"], {"entered": ["2025-08-06"], "value": -1}, "negative"),
        (["IN"], {"entered": ["2025-08-06"], "foo": 1}, "foo"),
        (["IN"], {"entered": ["2025-08-06"], "steel_value": [1, 2]}, "one value"),
        (["IN"], {"entered": ["2025-08-06"], "by": "change"}, "no single days"),
        (["IN"], {"by": "change", "on_or_after": "2024-06-01"}, "2024-06-01"),
        (["IN"], {"by": "change", "on_or_after": "soon"}, "'soon' is not a day"),
        (["IN"], {"by": "change", "on_or_after": "2025-06-01", "before": "2025-06-01"}, "no day"),
    ],
)
def test_mistakes_are_errors(us: tc.Tariff, origins: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(tc.TariffError, match=words):
        us.panel(origins=origins, **options)


def test_timeline_refuses_what_it_would_not_read(us: tc.Tariff) -> None:
    for facts in ({"foo": 3000}, {"quantity": {"kg": 1}}):
        with pytest.raises(tc.TariffError):
            us.timeline("6109.10.00.12", "IN", **facts)
    with pytest.raises(tc.TariffError, match="near misses"):
        us.timeline("6109.10.07", "IN")


def test_law_before_anything_was_known() -> None:
    with pytest.raises(tc.TariffError, match="give a later day"):
        tc.load("us", known_on="2020-01-01")


@pytest.mark.filterwarnings("error::tariffcalc.errors.CoverageWarning")
def test_entry_after_the_day_of_knowledge_is_warned_of() -> None:
    one = tc.Shipment(
        entered="2025-07-10", lines=(tc.Line(commodity="6109.10.00.12", origin="IN", value="10000"),)
    )
    with pytest.warns(CoverageWarning, match="known on"):
        tc.load("us", known_on="2025-05-29").estimate(one)


def test_rows_outside_the_season_or_bracket_of_their_line_say_so(us: tc.Tariff) -> None:
    """0713.60.60, "entered ... from May 1 to August 31"; 6402.19.50, "Valued over $3 but not over
    $6.50/pair"; without a quantity nothing is said."""

    def outside(day: str, code: str, **facts: Any) -> str:
        table = us.panel(["IN", "VN"], ["2025-01-15", day], **facts)
        (text,) = set(table[(table["commodity"] == code) & (table["entered"] == day)]["outside"])
        return str(text)

    assert outside("2025-08-31", "0713606000") == ""
    assert outside("2025-09-01", "0713606000") == "entered from May 1 to August 31"
    assert outside("2025-09-01", "0713608000") == ""
    assert outside("2025-09-01", "6402195031") == ""
    assert (
        outside("2025-09-01", "6402195031", value=5000, quantity_prs=100)
        == "valued over 3 and not over 6.50 USD per prs"
    )
    assert outside("2025-09-01", "6402199031", value=5000, quantity_prs=100) == ""


def test_spells_have_the_season_of_their_line(by_change: pd.DataFrame) -> None:
    season = by_change.groupby("commodity", observed=True)["season"].agg(set)
    assert season["0713606000"] == {"entered from May 1 to August 31"}
    assert season["0707002040"] == {"entered from December 1 to the end of February"}
    assert season["0713608000"] == season["6402195031"] == {""}
