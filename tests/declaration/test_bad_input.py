"""Mistakes users make: each is told with its row, what was got and what to supply; no other row suffers, and
nothing is lost."""

from __future__ import annotations

import shutil
import warnings
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tariffcalc as tc
from tariffcalc.declaration.columns import MOST_TOLD
from tariffcalc.errors import DeclarationError, ScenarioError, SeedError, ShipmentError

GOOD = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-09-01", "value": "1000"}
DUTY = 665.0  # 16.5% + 25% + 25% of 1,000


def check(us: tc.Tariff, **wrong: Any) -> list[tuple[str, str, str, str]]:
    """Estimate a good row, a wrong one and a good one: the problems of the wrong row, after checking that the
    others are whole."""
    rows = [GOOD, GOOD | wrong, GOOD]
    frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in rows[1]})
    estimate = us.estimate(frame, fees=False)
    assert len(estimate.frame) == 3
    assert estimate.frame["duty"].tolist()[::2] == [DUTY, DUTY]
    problems = estimate.problems[estimate.problems["severity"].isin(("refused", "unknown"))]
    assert set(problems["row"]) <= {1}, problems
    if len(problems):
        assert np.isnan(estimate.frame["duty"].iloc[1])
    return [(each.severity, each.code, each.message, each.supply) for each in problems.itertuples()]


# Each mistake, the code of its problem, and words of what was got and what to supply.
MISTAKES = [
    ({"commodity": "6109.10.00.99"}, "unknown-commodity", "6109.10.00.99", "6109.10.00.70"),
    ({"commodity": "6190.10.00.12"}, "unknown-commodity", "6190.10.00.12", "6109.10.00.12"),
    ({"commodity": "7799.10.01"}, "unknown-commodity", "7799.10.01", "check the code"),
    ({"commodity": "6109.10"}, "code-too-short", "has 6 digits", "give one of 6109.10.00"),
    ({"commodity": "610910"}, "code-too-short", "has 6 digits", "give one of 6109.10.00"),
    ({"commodity": "9903.01.25"}, "unknown-commodity", "heading of chapter 99", "chapters 1 to 98"),
    ({"commodity": "6109.1O.00.12"}, "not-a-code", "'6109.1O.00.12'", "8- or 10-digit"),
    (
        {"commodity": "101210010"},
        "unknown-commodity",
        "not a tariff line",
        "0101.21.00.10 (has a leading zero been lost?)",
    ),
    ({"commodity": 8471.3}, "not-a-code", "8471.3 is a decimal number", "as text"),
    ({"commodity": "x" * 10_000}, "not-a-code", "'xxxx", "8- or 10-digit"),
    ({"commodity": None}, "missing-commodity", "no commodity code", "give the"),
    ({"commodity": "  "}, "missing-commodity", "no commodity code", "give the"),
    ({"origin": "Korea"}, "ambiguous-origin", "KP or KR", "two-letter code"),
    ({"origin": "Untied Kingdom"}, "unknown-origin", "'Untied Kingdom'", "GB"),
    ({"origin": "Atlantis"}, "unknown-origin", "'Atlantis'", "two-letter"),
    ({"origin": None}, "missing-origin", "no origin", "country of origin"),
    ({"value": "1,000"}, "not-a-number", "'1,000'", "1234.50"),
    ({"value": "$5"}, "not-a-number", "'$5'", "1234.50"),
    ({"value": "nan"}, "not-a-number", "'nan'", "1234.50"),
    ({"value": "1_000"}, "not-a-number", "'1_000'", "1234.50"),
    ({"value": float("inf")}, "not-a-number", "'inf'", "1234.50"),
    ({"value": True}, "not-a-number", "'True'", "1234.50"),
    ({"value": float("nan")}, "missing-value", "no customs value", "give value"),
    ({"value": ""}, "missing-value", "no customs value", "give value"),
    ({"value": None}, "missing-value", "no customs value", "give value"),
    ({"value": -5}, "negative", "-5", "cannot be negative"),
    ({"value": "-0.01"}, "negative", "-0.01", "cannot be negative"),
    ({"value": 10**20}, "too-large", "1000000000", "check it"),
    ({"value": "1e20"}, "too-large", "1e+20", "check it"),
    ({"value": "1e9999"}, "too-large", "1e9999", "check it"),
    ({"value": "1e999999999"}, "not-a-number", "1e999999999", "1234.50"),
    ({"entered": "2025-02-30"}, "not-a-day", "'2025-02-30'", "YYYY-MM-DD"),
    ({"entered": "09/01/2025"}, "not-a-day", "'09/01/2025'", "YYYY-MM-DD"),
    ({"entered": 45901}, "not-a-day", "45901", "YYYY-MM-DD"),
    ({"entered": True}, "not-a-day", "True", "YYYY-MM-DD"),
    ({"entered": datetime(2025, 9, 1, tzinfo=UTC)}, "not-a-day", "time zone", "YYYY-MM-DD"),
    ({"entered": "2025-09-01T10:00:00Z"}, "not-a-day", "time zone", "YYYY-MM-DD"),
    ({"entered": None}, "missing-day", "no day of entry", "YYYY-MM-DD"),
    ({"entered": "2024-12-31"}, "law-not-held-then", "2024-12-31", "held from 2025-01-01"),
    ({"entered": "2099-01-01"}, "law-not-held-then", "2099-01-01", "before 2029-01-01"),
    ({"entered": "0206-01-01"}, "not-a-day", "0206-01-01", "YYYY-MM-DD"),
    ({"loaded": "2025-09-02"}, "days-out-of-order", "loaded after entered", "not be later"),
    ({"loaded": "soon"}, "not-a-day", "loaded: 'soon'", "YYYY-MM-DD"),
    ({"exported": "2025-09-02"}, "days-out-of-order", "exported after entered", "not be later"),
    ({"admitted": "2025-09-02"}, "days-out-of-order", "admitted after entered", "not be later"),
    ({"admitted": "2024-05-05"}, "law-not-held-then", "admitted 2024-05-05", "held from 2025-01-01"),
    ({"claims": "civil_aircaft"}, "unknown-claim", "'civil_aircaft'", "civil_aircraft"),
    ({"claims": "S|KR"}, "two-special-programs", "'S|KR'", "one special program"),
    ({"donation": "maybe"}, "not-a-choice", "donation is 'maybe'", "yes, no"),
    ({"transport": "boat"}, "not-a-choice", "transport is 'boat'", "vessel, air"),
    ({"us_content_value": "some"}, "not-a-number", "us_content_value is 'some'", "1234.50"),
    ({"us_content_value": -1}, "negative", "us_content_value is '-1'", "cannot be negative"),
    ({"quantity_kg": "9 kg"}, "not-a-number", "quantity_kg is '9 kg'", "1234.50"),
    ({"quantity_kg": 1e20}, "too-large", "quantity_kg is '1e+20'", "check it"),
    ({"quantity_kg": 5, "quantity_g": 7}, "quantities-differ", "do not agree", "give one of them"),
]


@pytest.mark.parametrize(
    ("wrong", "code", "got", "supply"), MISTAKES, ids=[str(each[0])[:50] for each in MISTAKES]
)
def test_a_mistake_is_told_and_costs_only_its_row(
    us: tc.Tariff, wrong: dict[str, Any], code: str, got: str, supply: str
) -> None:
    problems = check(us, **wrong)
    assert [(each[0], each[1]) for each in problems] == [("refused", code)]
    assert got in problems[0][2]
    assert supply in problems[0][3]
    assert len(problems[0][2]) < 300


IN_A_SHIPMENT = [each for each in MISTAKES if each[0].get("value") is not True]  # which the model reads as 1


@pytest.mark.parametrize(
    ("wrong", "code", "got", "supply"), IN_A_SHIPMENT, ids=[str(each[0])[:50] for each in IN_A_SHIPMENT]
)
def test_a_mistake_in_a_shipment_is_an_error_naming_its_line(
    us: tc.Tariff, wrong: dict[str, Any], code: str, got: str, supply: str
) -> None:
    given = {"commodity": "6109.10.00.12", "origin": "IN", "value": "1000"} | {
        key: wrong[key] for key in ("commodity", "origin", "value") if key in wrong
    }
    quantity = {
        key.removeprefix("quantity_"): value for key, value in wrong.items() if key.startswith("quantity_")
    }
    facts = {key: value for key, value in wrong.items() if key in ("donation", "us_content_value")}
    claims = tuple(wrong["claims"].split("|")) if "claims" in wrong else ()
    try:
        good = tc.Line(commodity="6109.10.00.12", origin="IN", value="1000")
        line = tc.Line(**given, quantity=quantity, facts=facts, claims=claims)
        days = {key: wrong[key] for key in ("loaded", "exported", "admitted", "transport") if key in wrong}
        shipment = tc.Shipment(entered=wrong.get("entered", "2025-09-01"), lines=(good, line), **days)
    except DeclarationError as error:  # None, or a number where text is due: the model says which
        assert str(error).startswith(f"{next(iter(wrong))} is ")
        return
    with pytest.raises(ShipmentError, match=f"rows? (1, )?2: {code}: ") as caught:
        us.estimate(shipment)
    assert supply in str(caught.value)


def test_a_code_of_another_year_names_its_days_and_the_lines_of_that_day(us: tc.Tariff) -> None:
    segments, held = us.law.segments, us.law.held
    ended = [
        row
        for row in range(len(segments.code))
        if held[0] < segments.end[row] < held[1] and segments.first[segments.code[row] + 1] == row + 1
    ]
    code = us.law.codes.codes[segments.code[ended[0]]]
    entered = str(date(1970, 1, 1) + timedelta(days=int(segments.end[ended[0]]) // 2))
    estimate = us.estimate(pd.DataFrame([GOOD | {"commodity": code, "entered": entered}, GOOD]), fees=False)
    (problem,) = estimate.problems[estimate.problems["severity"] == "refused"].itertuples()
    assert problem.row == 0
    assert problem.code == "code-not-valid-then"
    assert f"not on {entered}" in problem.message
    assert problem.supply.startswith(
        ("lines of that day: ", "its goods have ", "give the code valid on that day")
    )
    assert estimate.frame["duty"].tolist()[1] == DUTY


@pytest.mark.parametrize(
    "code",
    [
        "6109.10.00.12",
        "6109100012",
        " 6109 10 00 12 ",
        6109100012,
        np.int64(6109100012),
        "61091000",
        61091000,
    ],
)
def test_a_code_may_be_written_in_many_ways(us: tc.Tariff, code: Any) -> None:
    assert check(us, commodity=code) == []


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64", "object"])
def test_a_zero_lost_to_a_table_program_is_found_again(us: tc.Tariff, dtype: str) -> None:
    frame = pd.DataFrame([GOOD | {"commodity": 101210010}, GOOD | {"commodity": 6109100012}]).astype(
        {"commodity": dtype}
    )
    estimate = us.estimate(frame, fees=False)
    assert len(estimate.problems[estimate.problems["severity"] == "refused"]) == 0
    assert [us.law.codes.codes[code] for code in estimate.parts[1].columns.code] == [
        "0101210010",
        "6109100012",
    ]


def test_a_column_of_truths_is_no_column_of_amounts(us: tc.Tariff) -> None:
    estimate = us.estimate(pd.DataFrame([GOOD] * 2).assign(value=[True, False]), fees=False)
    assert estimate.problems["code"].tolist() == ["not-a-number"] * 2
    assert "value is 'True'" in estimate.problems["message"].iloc[0]


def test_a_truth_among_numbers_is_no_one(us: tc.Tariff) -> None:
    estimate = us.estimate(
        pd.DataFrame([GOOD] * 3).assign(value=pd.Series([1, True, 1.0], dtype=object)), fees=False
    )
    assert estimate.problems[["row", "code"]].to_numpy().tolist() == [[1, "not-a-number"]]
    assert estimate.frame["duty"].notna().tolist() == [True, False, True]


def test_a_whole_column_with_a_time_zone_is_refused(us: tc.Tariff) -> None:
    entered = pd.to_datetime(["2025-09-01", "2025-09-02"]).tz_localize("America/New_York")
    estimate = us.estimate(pd.DataFrame([GOOD] * 2).assign(entered=entered), fees=False)
    assert estimate.problems["code"].tolist() == ["not-a-day"] * 2
    assert "carries a time zone" in estimate.problems["message"].iloc[0]
    assert (
        us.estimate(pd.DataFrame([GOOD] * 2).assign(entered=entered.tz_localize(None)), fees=False)
        .frame["duty"]
        .tolist()
        == [DUTY] * 2
    )


def test_an_origin_read_as_a_number_is_whole_again(us: tc.Tariff) -> None:
    # the customs code of India
    estimate = us.estimate(pd.DataFrame([GOOD] * 2).assign(origin=[5330.0, np.nan]), fees=False)
    assert estimate.frame["duty"].tolist()[0] == DUTY
    assert estimate.problems["code"].tolist() == ["missing-origin"]


def test_ten_digits_no_schedule_knows_stand_for_their_line_only_where_said(us: tc.Tariff) -> None:
    from tariffcalc.moments import day_of

    late = str(day_of(us.law.statistical_lines_held_before))
    frame = pd.DataFrame(
        [GOOD | {"commodity": "6109100099", "entered": day} for day in ("2025-09-01", late)]
        + [GOOD | {"entered": late}]
    )
    estimate = us.estimate(frame, fees=False)
    found = estimate.problems[
        estimate.problems["code"].isin(("unknown-commodity", "statistical-line-not-held"))
    ]
    assert list(zip(found["row"], found["severity"], strict=True)) == [(0, "refused"), (1, "note")]
    assert estimate.frame["us.column-1"].isna().tolist() == [True, False, False]
    assert estimate.frame["us.column-1"].tolist()[1:] == [165.0, 165.0]
    taken = us.estimate(frame, fees=False, codes_of_other_years=True)
    assert taken.problems.loc[taken.problems["code"] == "code-of-another-year", "row"].tolist() == [0, 1]
    assert taken.frame["duty"].tolist()[0] == DUTY


@pytest.mark.parametrize(
    "entered",
    [date(2025, 9, 1), datetime(2025, 9, 1), datetime(2025, 9, 1, 15), pd.Timestamp("2025-09-01"),
     np.datetime64("2025-09-01"), 20250901, 20250901.0,
     "20250901", "2025-09-01T15:30", "2025-09-01 00:00:00", "2025-09-01T00:00:00.000"],
)  # fmt: skip
def test_a_day_may_be_written_in_many_ways(us: tc.Tariff, entered: Any) -> None:
    assert check(us, entered=entered) == []
    line = us.estimate(pd.DataFrame([GOOD | {"entered": entered}]), fees=False).parts[1].columns
    assert line.days == us.estimate(pd.DataFrame([GOOD]), fees=False).parts[1].columns.days


def test_midnight_in_a_law_text_is_the_minute_before_the_day(us: tc.Tariff) -> None:
    days = [
        us.estimate(pd.DataFrame([GOOD | {"entered": each}])).parts[1].columns.days[1][0]
        for each in ("2026-02-24 00:00", "2026-02-24 00:00:00")
    ]
    assert days[1] - days[0] == 1


@pytest.mark.parametrize(
    ("value", "cents"),
    [("0.285", 29), (0.285, 29), (Decimal("0.285"), 29), (1.005, 101),
     ("1.00499999999999999999", 100), (" 7 ", 700), ("1e3", 100000), (0, 0), ("+5", 500),
     ("1e-400", 0), ("4000000000000", 400000000000000), (np.float32(0.5), 50), (".5", 50)],
)  # fmt: skip
def test_money_is_read_to_the_last_digit(us: tc.Tariff, value: Any, cents: int) -> None:
    assert check(us, value=value) == []
    for frame in (
        pd.DataFrame([GOOD | {"value": value}]),
        pa.table({name: [str(each)] for name, each in (GOOD | {"value": value}).items()}),
    ):
        assert us.estimate(frame, fees=False).parts[1].columns.value.tolist() == [cents]


@given(
    st.lists(st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=3), min_size=1, max_size=30)
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_floats_round_as_the_decimals_they_print(us: tc.Tariff, values: list[Decimal]) -> None:
    frame = pd.DataFrame([GOOD] * len(values)).assign(value=[float(value) for value in values])
    found = us.estimate(frame, fees=False).parts[1].columns.value.tolist()
    assert found == [int((value * 100 + Decimal("0.5")).to_integral_value("ROUND_FLOOR")) for value in values]


def test_a_missing_quantity_leaves_the_duty_unknown(us: tc.Tariff) -> None:
    ((severity, code, _, supply),) = check(us, commodity="0402.10.10.00")
    assert (severity, code, supply) == ("unknown", "missing-quantity", "add the column quantity_kg.")
    ((severity, code, _, supply),) = check(us, commodity="0402.10.10.00", quantity_liter=5)
    assert (severity, code, supply) == ("unknown", "missing-quantity", "add the column quantity_kg.")
    assert check(us, commodity="0402.10.10.00", quantity_kg=5) == []


def test_a_refused_claim_pays_as_unclaimed_with_a_note(us: tc.Tariff) -> None:
    lines = [
        GOOD | {"claims": "S"},  # goods of India may not claim it
        GOOD | {"claims": "KR", "origin": "KR"},  # allowed and offered
        GOOD | {"claims": None},
        GOOD | {"claims": "CA", "origin": "CA"},  # not offered for the line, or not for the origin
    ]
    estimate = us.estimate(pd.DataFrame(lines), fees=False)
    notes = estimate.problems[estimate.problems["code"] == "claim-refused"]
    assert notes["row"].tolist() == [0, 3]
    assert set(notes["severity"]) == {"note"}
    assert "goods of IN may not claim the special program S" in notes["message"].iloc[0]
    assert estimate.frame["duty"].tolist()[0] == DUTY
    assert estimate.frame["us.column-1"].tolist()[:3] == [165.0, 0.0, 165.0]


def test_a_claim_the_line_does_not_offer_is_noted(us: tc.Tariff) -> None:
    law, segments = us.law, us.law.segments
    taxed = law.duties.ppm[np.maximum(segments.general, 0)] > 0
    offers = segments.special_duties[segments.special, law.spis.index("KR")] >= 0
    alive = (segments.start <= law.held[0]) & (segments.end >= law.held[1])
    row = int(np.flatnonzero(taxed & ~offers & alive & (segments.general >= 0))[0])
    frame = pd.DataFrame(
        [GOOD | {"commodity": law.codes.codes[segments.code[row]], "origin": "KR", "claims": "KR"}]
    )
    estimate = us.estimate(frame, fees=False)
    (note,) = estimate.problems[estimate.problems["code"] == "claim-refused"].itertuples()
    assert "no special rate for the special program KR" in note.message
    assert (
        estimate.frame["us.column-1"].iloc[0]
        == us.estimate(frame.assign(claims=None), fees=False).frame["us.column-1"].iloc[0]
    )


# --- whole columns and whole tables
# -----------------------------------------------------------------------------------------------------------


def frame_of(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame([GOOD, GOOD]).assign(**columns)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame(), "empty"),
        (pd.DataFrame([GOOD]).head(0), "empty"),
        (pa.table({name: pa.array([], pa.string()) for name in GOOD}), "empty"),
        (frame_of().drop(columns="origin"), "the column 'origin' is missing"),
        (frame_of().rename(columns={"commodity": "Comodity"}), "is 'Comodity' meant for 'commodity'"),
        (frame_of().rename(columns={"value": "customs_value"}), "is 'customs_value' meant for 'value'"),
        (frame_of().drop(columns=["origin", "value"]), "the columns 'origin', 'value' are missing"),
        (pd.concat([frame_of(), frame_of()[["value"]]], axis=1), "'value' is there twice"),
        (frame_of(quantity_stone=3), "'stone' is not a unit"),
        (frame_of(us_content_share=0.5), "worked out from us_content_value and value"),
        (pd.Series([1, 2]), "cannot estimate a Series"),
        ({"commodity": ["61091000"]}, "cannot estimate a dict"),
        ("6109", "cannot estimate a str"),
    ],
)
def test_what_is_wrong_with_a_whole_table_is_an_error(us: tc.Tariff, table: Any, words: str) -> None:
    with pytest.raises(ShipmentError, match=words.replace("(", r"\(")):
        us.estimate(table)


def test_a_column_nearly_named_like_a_fact_is_pointed_out(us: tc.Tariff) -> None:
    with pytest.warns(UserWarning, match="'transprot' is not used: rename it to 'transport'"):
        us.estimate(frame_of(transprot="air"))


def test_an_unknown_fact_of_a_shipment_is_an_error_with_near_misses(us: tc.Tariff) -> None:
    line = tc.Line(
        **{key: GOOD[key] for key in ("commodity", "origin", "value")}, facts={"us_content_valu": 5}
    )
    with pytest.raises(ShipmentError, match="us_content_value"):
        us.estimate(tc.Shipment(entered="2025-09-01", lines=(line,)))


def test_every_bad_row_can_be_made_an_error(us: tc.Tariff) -> None:
    with pytest.raises(ShipmentError, match="row 2: ambiguous-origin"):
        us.estimate(frame_of(origin=["IN", "Korea"]), on_problem="raise")


def test_a_million_mistakes_are_not_told_one_by_one(us: tc.Tariff) -> None:
    size = 3 * MOST_TOLD
    frame = pd.DataFrame([GOOD] * size).assign(origin=[f"land {row}" for row in range(size)])
    frame.loc[size - 1, "origin"] = "IN"
    estimate = us.estimate(frame, fees=False)
    problems = estimate.problems[estimate.problems["code"] == "unknown-origin"]
    assert problems["row"].tolist() == list(range(size - 1))
    assert problems["message"].nunique() == MOST_TOLD + 1
    assert (
        problems["message"].iloc[-1]
        == f"'land {MOST_TOLD}' is no origin; and {size - 2 - MOST_TOLD:,} more values like it"
    )
    assert estimate.frame["duty"].notna().tolist() == [False] * (size - 1) + [True]


# --- kinds of tables
# ------------------------------------------------------------------------------------------------------------

MIXED = pd.DataFrame(
    {
        "commodity": ["6109.10.00.12", "6109.10.00.99", "0402.10.10.00", "6109.10.00.12"],
        "origin": ["IN", "IN", "DE", "Korea"],
        "entered": ["2025-09-01"] * 4,
        "value": [1000.0, 5.0, 100.0, 1.0],
        "quantity_kg": [None, None, 50.0, None],
        "claims": [None, "S", None, None],
        "remark": ["a", "b", None, "d"],
    }
)


def tables() -> dict[str, Any]:
    arrow = pa.Table.from_pandas(MIXED, preserve_index=False)
    coded = [
        (
            column.dictionary_encode()
            if pa.types.is_large_string(column.type) or pa.types.is_string(column.type)
            else column
        )
        for column in arrow.columns
    ]
    return {
        "pandas": MIXED,
        "objects": MIXED.astype(object).where(MIXED.notna(), None),
        "categories": MIXED.astype(
            dict.fromkeys(("commodity", "origin", "entered", "claims", "value"), "category")
        ),
        "nullable": MIXED.convert_dtypes(),
        "dates": MIXED.assign(entered=pd.to_datetime(MIXED["entered"])),
        "arrow": arrow,
        "arrow in pieces": pa.concat_tables([arrow.slice(0, 1), arrow.slice(1, 0), arrow.slice(1)]),
        "arrow dictionaries": pa.concat_tables(
            [pa.table(dict(zip(arrow.column_names, coded, strict=True))).slice(at, 2) for at in (0, 2)]
        ),
        "arrow decimals": arrow.set_column(3, "value", arrow["value"].cast(pa.decimal128(12, 2))),
        "arrow text": pa.table({name: arrow[name].cast(pa.string()) for name in arrow.column_names}),
        "record batch": arrow.to_batches()[0],
        "polars": pl.from_arrow(arrow),
        "polars categories": (
            pl.from_arrow(arrow).with_columns(pl.col("commodity", "origin").cast(pl.Categorical))
        ),
        "pandas on arrow": MIXED.convert_dtypes(dtype_backend="pyarrow"),
    }


def test_a_category_that_no_row_holds_refuses_none(us: tc.Tariff) -> None:
    unread = {
        "commodity": ["9999.99.99", "?"],
        "origin": ["Korea", "XX"],
        "entered": ["never", "2025-02-30"],
        "claims": ["QQ"],
    }
    held = MIXED.astype(
        {
            name: pd.CategoricalDtype(list(dict.fromkeys([*MIXED[name].dropna(), *more])))
            for name, more in unread.items()
        }
    )
    found, wanted = us.estimate(held, fees=False), us.estimate(MIXED, fees=False)
    pd.testing.assert_series_equal(found.frame["duty"], wanted.frame["duty"])
    pd.testing.assert_frame_equal(found.problems, wanted.problems)


@pytest.mark.parametrize("kind", list(tables()))
def test_every_kind_of_table_gives_the_same_duty_in_its_own_kind(us: tc.Tariff, kind: str) -> None:
    given = tables()[kind]
    estimate = us.estimate(given, fees=False)
    found = estimate.frame
    assert type(found) is (pa.Table if kind == "record batch" else type(given))
    columns = list(
        found.columns if hasattr(found, "columns") and not isinstance(found, pa.Table) else found.column_names
    )
    assert columns[: MIXED.shape[1] + 2] == [*MIXED.columns, "duty", "effective_rate"]
    duty = [
        None if value is None or value != value else value
        for value in (found["duty"].to_pylist() if isinstance(found, pa.Table) else list(found["duty"]))
    ]
    expected = us.estimate(MIXED, fees=False).frame["duty"]
    assert duty == [None if value != value else value for value in expected]
    assert [value is None for value in duty] == [False, True, False, True]
    refused = estimate.problems[estimate.problems["severity"] == "refused"]
    assert list(zip(refused["row"], refused["code"], strict=True)) == [
        (1, "unknown-commodity"),
        (3, "ambiguous-origin"),
    ]


def test_index_and_order_of_rows_are_kept(us: tc.Tariff) -> None:
    frame = MIXED.set_axis([7, 7, "x", None])
    found = us.estimate(frame, fees=False).frame
    assert found.index.equals(frame.index)
    pd.testing.assert_frame_equal(found[list(MIXED.columns)], frame)
    turned = us.estimate(frame.iloc[::-1], fees=False).frame
    assert turned["duty"].tolist()[::-1][::2] == found["duty"].tolist()[::2]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_column_of_the_caller_named_duty_is_not_lost(us: tc.Tariff, kind: Any) -> None:
    rows = {name: [value] * 4 for name, value in GOOD.items()}
    found = us.estimate(kind(rows | {"duty": [1, 2, 3, 4], "given_duty": [5, 6, 7, 8]}), fees=False).frame
    assert list(found["given_given_duty"]) == list(kind({"x": [1, 2, 3, 4]})["x"])
    assert list(found["given_duty"]) == list(kind({"x": [5, 6, 7, 8]})["x"])
    assert (found["duty"].to_pylist() if kind is pa.table else list(found["duty"]))[0] == DUTY


def test_the_callers_table_is_not_changed(us: tc.Tariff) -> None:
    before = MIXED.copy(deep=True)
    found = us.estimate(MIXED, fees=False).frame
    found.loc[:, "duty"] = 0
    found.loc[:, "remark"] = "z"
    pd.testing.assert_frame_equal(MIXED, before)


def test_empty_optional_columns_are_as_if_absent(us: tc.Tariff) -> None:
    names = [
        "loaded",
        "exported",
        "admitted",
        "transport",
        "claims",
        "shipment",
        "quantity_kg",
        "us_content_value",
        "donation",
    ]
    for empty in (None, float("nan"), pd.NA, pd.NaT, "", "  "):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = us.estimate(
                frame_of(**{name: pd.Series([empty, empty], dtype=object) for name in names})
            ).frame
        assert found["duty"].tolist() == [DUTY, DUTY]
    assert us.estimate(frame_of(**dict.fromkeys(names, np.nan))).frame["duty"].tolist() == [DUTY, DUTY]


def test_cells_of_mixed_types_keep_their_meaning(us: tc.Tariff) -> None:
    frame = pd.DataFrame([GOOD] * 4)
    frame["entered"] = pd.Series(
        [date(2025, 9, 1), "2025-09-01", pd.Timestamp("2025-09-01"), 20250901], dtype=object
    )
    frame["commodity"] = pd.Series(
        ["6109.10.00.12", 6109100012, np.int64(6109100012), 6109100012.0], dtype=object
    )
    frame["value"] = pd.Series([1000, "1000", 1000.0, Decimal("1000.00")], dtype=object)
    assert us.estimate(frame, fees=False).frame["duty"].tolist() == [DUTY] * 4


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.decimals(), st.dates(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.binary(max_size=3), st.lists(st.integers(), max_size=2), st.just(pd.NA), st.just(pd.NaT),
    st.complex_numbers(), st.timedeltas(),
    st.sampled_from(["6109.10.00.12", "IN", "2025-09-01", "1000", "S", "yes", "0402.10.10.00", 101210010,
                     Decimal("sNaN"), 10**400, "Korea"]),
)  # fmt: skip
NAMES = [
    "commodity",
    "origin",
    "entered",
    "value",
    "loaded",
    "admitted",
    "claims",
    "shipment",
    "transport",
    "quantity_kg",
    "us_content_value",
    "donation",
]


@given(st.lists(st.tuples(st.sampled_from(NAMES), CELLS), min_size=1, max_size=8))
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
def test_whatever_stands_in_a_cell_no_other_row_suffers(us: tc.Tariff, cells: list[tuple[str, Any]]) -> None:
    rows: list[dict[str, Any]] = [GOOD, *(GOOD | {name: cell} for name, cell in cells), GOOD]
    frame = pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in rows], dtype=object)
            for name in dict.fromkeys([*GOOD, *(name for name, _ in cells)])
        }
    )
    estimate = us.estimate(frame)
    assert len(estimate.frame) == len(rows)
    assert estimate.frame["duty"].iloc[[0, -1]].tolist() == [DUTY, DUTY]
    told = set(estimate.problems.loc[estimate.problems["severity"] != "note", "row"])
    assert set(np.flatnonzero(estimate.frame["duty"].isna())) <= told
    estimate.summary()


COLUMNS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda each: np.array(each, np.int64)
    ),
    st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=3).map(lambda each: np.array(each, np.uint64)),
    st.lists(st.floats(), min_size=3, max_size=3).map(np.array),
    st.lists(st.booleans(), min_size=3, max_size=3).map(np.array),
    st.lists(st.text(max_size=8) | st.none(), min_size=3, max_size=3).map(
        lambda each: pd.Series(each, dtype="str")
    ),
    st.lists(st.integers(-(2**62), 2**62), min_size=3, max_size=3).map(
        lambda each: pd.Series(np.array(each, "datetime64[us]"))
    ),
    st.lists(st.floats() | st.none(), min_size=3, max_size=3).map(
        lambda each: pd.Series(each, dtype="Float64")
    ),
    st.lists(st.integers(0, 9) | st.none(), min_size=3, max_size=3).map(
        lambda each: pd.Series(each, dtype="category")
    ),
)


@given(st.sampled_from(NAMES), COLUMNS)
@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
def test_whatever_the_type_of_a_column_no_row_is_lost(us: tc.Tariff, name: str, column: Any) -> None:
    estimate = us.estimate(pd.DataFrame([GOOD] * 3).assign(**{name: column}))
    assert len(estimate.frame) == 3
    told = set(estimate.problems.loc[estimate.problems["severity"] != "note", "row"])
    assert set(np.flatnonzero(estimate.frame["duty"].isna())) <= told


# --- seeds and scenarios
# ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def seeds(repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(repository / "seeds", tmp_path / "seeds", ignore=shutil.ignore_patterns("cases"))
    return tmp_path / "seeds" / "us"


def test_a_duplicated_key_of_a_seed_file_is_named_with_file_and_line(seeds: Path) -> None:
    path = next(path for path in sorted((seeds / "programs").glob("*.yaml")) if "reciprocal" in path.name)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, "title: again"]), encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        tc.load(seeds)
    finding, *_ = caught.value.findings
    assert finding.file.endswith(path.name)
    assert finding.line == len(lines) + 1
    assert "title" in finding.message


def test_an_uncited_duty_of_a_seed_file_is_named_with_file_and_line(seeds: Path) -> None:
    path = next(path for path in sorted((seeds / "programs").glob("*.yaml")) if "reciprocal" in path.name)
    lines = path.read_text(encoding="utf-8").splitlines()
    cited = next(number for number, line in enumerate(lines) if line.strip().startswith("by:"))
    start = next(number for number in range(cited, 0, -1) if lines[number].strip().startswith("- entered"))
    del lines[cited]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        tc.load(seeds)
    finding, *_ = caught.value.findings
    assert finding.file.endswith(path.name)
    assert abs(finding.line - (start + 1)) <= 3
    assert "by" in str(finding)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (
            tc.Scenario("x").set_duty("us.ieepa.reciprocal/india-agust", "18%", on_or_after="2026-02-07"),
            "india-august",
        ),
        (tc.Scenario("x").set_duty("us.ieepa.reciprocl/india-august", "18%"), "us.ieepa.reciprocal"),
        (
            tc.Scenario("x").set_duty("us.ieepa.reciprocal/india-august", "18%", on_or_after="2028-02-07"),
            "changes nothing|not in force|no day",
        ),
        (
            {
                "scenario": "x",
                "changes": [{"set_duty": "us.ieepa.reciprocal/india-august", "duty": "18 per cent"}],
            },
            "18 per cent",
        ),
        (tc.Scenario("x").remove_from_list("annex-2", ["3004"], on_or_after="2026-02-07"), "annex"),
        ("india-at-81-percent", "india-at-18-percent"),
        ({"scenario": "x", "changes": [{"abolish": "us.s122"}]}, "set_duty"),
    ],
)
def test_a_scenario_that_names_or_changes_nothing_is_an_error(
    us: tc.Tariff, scenario: Any, words: str
) -> None:
    with pytest.raises(ScenarioError, match=words):
        us.amend(scenario)


def test_the_fee_of_a_shipment_with_an_unread_line_is_unknown(us: tc.Tariff) -> None:
    """The processing fee is that of the whole entry: without one of its lines it is not the fee of the
    others; another entry keeps its own."""
    table = pd.DataFrame(
        {
            "commodity": ["6109.10.00.12", "6109.10.99", "6109.10.00.12"],
            "origin": "VN",
            "entered": "2025-11-20",
            "value": [100_000, 50_000, 100_000],
            "transport": "air",
            "shipment": ["A", "A", "B"],
        }
    )
    found = us.estimate(table).frame
    assert found["us.mpf"].isna().tolist() == [True, True, False]
    assert found.loc[2, "us.mpf"] == 346.40  # 100,000 x 0.3464%
    assert found["duty"].isna().tolist() == [False, True, False]
    problems = us.estimate(table).problems
    assert problems.loc[problems["code"] == "incomplete-shipment", "row"].tolist() == [0]


def test_an_error_carries_a_table(us: tc.Tariff, tmp_path: Path) -> None:
    """The mistakes of a table and of seeds can be read, sorted and counted as rows."""
    rows = pd.DataFrame(
        {
            "commodity": ["6109.10.00.12", "9999", "6109.10.00.12"],
            "origin": ["IN", "IN", "XX"],
            "entered": ["2026-03-10"] * 3,
            "value": ["10", "20", "30"],
        }
    )
    with pytest.raises(tc.ShipmentError) as refused:
        us.estimate(rows, on_problem="raise")
    found = refused.value.frame
    assert found["row"].tolist() == [1, 2] and found["code"].tolist() == [
        "unknown-commodity",
        "unknown-origin",
    ]
    assert found.columns.tolist() == ["row", "code", "message", "supply"]
    (tmp_path / "territory.yaml").write_text("territory: nowhere\n", encoding="utf-8")
    with pytest.raises(tc.SeedError) as wrong:
        tc.load(tmp_path)
    assert set(wrong.value.frame["file"]) == {f"{tmp_path.name}/territory.yaml"}
    assert tc.ShipmentError("nothing").frame.empty
