"""Two territories side by side: every rate worked out by hand from the schedules, notifications and orders
named beside it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import isnan
from pathlib import Path

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.errors import CoverageError, CoverageWarning, ScenarioError, ShipmentError
from tariffcalc.pairs.trade import AVERAGE, NOT_HELD

NEW_BIKE = {"in": {"vehicle_form": "other", "vehicle_new": "yes", "engine_cc": 1868}}


@pytest.fixture(scope="module")
def pair() -> tc.Bilateral:
    """The United States and India under the law."""
    return tc.bilateral("us", "in")


@pytest.fixture(autouse=True)
def _days_after_the_last_review() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        yield


def one(pair: tc.Bilateral, product: str, entered: str, **goods: object) -> pd.Series:
    table = pair.table(product, entered=entered, **goods)
    assert len(table) == 1
    return table.iloc[0]


# product, day, goods, US duty, India's duty, India's tax: None for unknown
BY_HAND = [
    # bourbon and other whiskies: US free, reciprocal 25% (EO 14326), the Russian-oil 25% from 2025-08-27 to
    # 2026-02-06; of eight lines of India two of bourbon (2208 30 11, 91) at 50 + 50 and six at 50 + 100: (2 x
    # 100 + 6 x 150) / 8 = 137.5
    ("2208.30", "2025-09-20", {}, 0.50, 1.375, 0.0),
    ("2208.30.11", "2026-02-10", {}, 0.25, 1.0, 0.0),
    # section 122: 10% from 2026-02-24
    ("2208.30.11", "2026-03-02", {}, 0.10, 1.0, 0.0),
    # T-shirts of cotton: 16.5% and 25%; the First Schedule of chapter 61 is not held
    ("6109.10", "2026-02-10", {}, 0.415, None, None),
    # magnetic resonance scanners: free and 10%; 7.5% and a health cess of 5%, no surcharge, 5% of 112.5
    ("9018.13", "2026-03-02", {}, 0.10, 0.125, 0.05625),
    # motorcycles over 800 cc: 2.4%, and section 232 on steel at 50% of the whole value, no steel declared;
    # without steel the 10% of section 122; new, complete, of 1,600 cc and above 30%, a tenth of it, 40% of
    # 133
    ("8711.50", "2026-03-02", {"facts": NEW_BIKE}, 0.524, 0.33, 0.532),
    ("8711.50", "2026-03-02", {"facts": NEW_BIKE | {"us": {"steel_value": 0}}}, 0.124, 0.33, 0.532),
    # laptops: free in both, exempt from section 122; 18%
    ("8471.30.10", "2026-03-02", {}, 0.0, 0.0, 0.18),
    # generic machinery of India: 7.5% and a tenth of it, the tax not held; parts of vehicles: 15% and a tenth
    # of it, 18% of 116.5
    (
        "8479.89.99", "2026-03-02", {"facts": {"us": {"aluminum_value": 0, "steel_value": 0}}},
        "skip", 0.0825, None,
    ),
    ("8708.99", "2026-03-02", {}, "skip", 0.165, 0.2097),
    # almonds, shelled, at 8.50 dollars a kilo: 24 cents/kg = 2.8235%, and 10%; 100 rupees/kg of 8.50 x 96.80
    # = 822.80 rupees = 12.1536%, and
    # 5% of 112.1536%
    (
        "0802.12", "2026-03-02",
        {
            "value": 8500, "currency": "USD", "quantity": {"kg": 1000},
            "facts": {"in": {"exchange_rate": "96.8"}},
        },
        0.1 + 0.24 / 8.5, 100 / 822.8, 0.05 * (1 + 100 / 822.8),
    ),
    # the same with the rate notified for 21 September 2026; section 301 on forced labor 10%
    (
        "0802.12", "2026-09-21", {"value": 8500, "currency": "USD", "quantity": {"kg": 1000}},
        0.1 + 0.24 / 8.5, 100 / 822.8, 0.05 * (1 + 100 / 822.8),
    ),
    # without a value and a quantity a specific duty is no rate, on either side
    ("0802.12", "2026-03-02", {}, None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("product", "entered", "goods", "us_duty", "in_duty", "in_tax"), BY_HAND)
def test_by_hand(
    pair: tc.Bilateral,
    product: str,
    entered: str,
    goods: dict[str, object],
    us_duty: float | str | None,
    in_duty: float | None,
    in_tax: float | None,
) -> None:
    """Each side's duty, India's tax apart, and the difference, as worked out by hand; unknown where it is
    unknown."""
    row = one(pair, product, entered, **goods)
    for name, expected in (("us_duty", us_duty), ("in_duty", in_duty), ("in_tax", in_tax)):
        if expected == "skip":
            continue
        assert isnan(row[name]) if expected is None else row[name] == pytest.approx(expected, abs=2e-6), name
    if us_duty is None or in_duty is None:
        assert isnan(row["difference"])
    elif not isinstance(us_duty, str):
        assert row["difference"] == pytest.approx(us_duty - in_duty, abs=4e-6)


def test_machinery_line_by_line(pair: tc.Bilateral) -> None:
    """Generic machinery: 7.5% and a tenth of it on every line of India; the tax is not held; a US line at
    2.5% and 25%, one under aluminum at 50%."""
    lines = pair.lines("8479.89", entered="2026-02-10").set_index("commodity")
    of_india = lines[lines["charges"] == "in"]
    assert len(of_india) == 10 and of_india["duty"].round(6).eq(0.0825).all() and of_india["tax"].isna().all()
    assert (
        of_india["unknown"].eq("in.igst").all()
        and of_india["lacking"].str.contains("9/2025-Integrated Tax").all()
    )
    cleaner = lines.loc["8479.89.95.85"]
    assert cleaner["duty"] == pytest.approx(0.275) and cleaner["headings"] == "9903.02.26"
    assert cleaner["programs"] == "us.column-1 2.5%, us.ieepa.reciprocal 25%"
    assert lines.loc["8479.89.95.99", "duty"] == pytest.approx(0.525)
    row = one(pair, "8479.89", "2026-02-10")
    assert (row["in_lines"], row["in_known"], row["in_low"], row["in_high"]) == (
        10,
        10,
        pytest.approx(0.0825),
        pytest.approx(0.0825),
    )


def test_unknown_is_never_zero(pair: tc.Bilateral) -> None:
    """What is unknown is empty, counted, named and told what to supply; a mean over a part of the lines is
    not given."""
    row = one(pair, "6109.10", "2026-02-10")
    assert isnan(row["in_low"]) and isnan(row["in_high"]) and (row["in_lines"], row["in_known"]) == (1, 0)
    assert row["in_unknown"] == "in.bcd, in.igst" and "First Schedule, chapter 61" in row["in_lacking"]
    table = pair.table(entered="2026-02-10")
    for side in ("us", "in"):
        partly = table[f"{side}_known"] < table[f"{side}_lines"]
        assert table.loc[partly | (table[f"{side}_lines"] == 0), f"{side}_duty"].isna().all() and partly.any()
        assert table.loc[table[f"{side}_duty"].isna(), f"{side}_lacking"].ne("").all()
    assert (
        table["difference"].notna().sum()
        == (table["us_duty"].notna() & table["in_duty"].notna() & (table["match"] == "both")).sum()
    )


def test_assumptions_are_told(pair: tc.Bilateral) -> None:
    """Section 232 falls on the whole value where no content is declared, and the row says so."""
    lines = pair.lines("8479.89", entered="2026-02-10").set_index("commodity")
    assert "aluminum_value is not declared" in lines.loc["8479.89.95.99", "noted"]


def test_codes_of_either_schedule(pair: tc.Bilateral) -> None:
    """A longer code narrows the side that holds it; the other side answers with the whole subheading; shorter
    ones cover what is below."""
    lines = pair.lines("2208.30.11", entered="2026-02-10")
    assert lines.loc[lines["charges"] == "in", "commodity"].tolist() == ["2208.30.11"]
    assert lines.loc[lines["charges"] == "us", "commodity"].tolist() == ["2208.30.30", "2208.30.60"]
    assert set(pair.table("8711", entered="2026-02-10")["subheading"]) >= {"8711.20", "8711.50"}
    both = pair.table(["2208.30", "610910"], entered="2026-02-10")
    assert both["subheading"].tolist() == ["2208.30", "6109.10"]


def test_ten_digit_lines_that_differ_are_shown_apart(pair: tc.Bilateral) -> None:
    """Fourteen ten-digit lines with one answer are one tariff line; those that a list tells apart are not."""
    shirts = pair.lines("6109.10", entered="2026-02-10").iloc[0]
    assert shirts["commodity"] == "6109.10.00" and shirts["lines"] == 14
    mixed = pair.lines("8479.89", entered="2026-02-10")
    assert {"8479.89.95.85", "8479.89.95.99"} <= set(mixed["commodity"])


def test_wedge_is_the_reciprocal_comparison(pair: tc.Bilateral) -> None:
    """MRI on 2026-03-02: 10 - 12.5 = -2.5 points; 1.10 / 1.125 - 1; with tax 10 - 18.125 and 1.10 / 1.18125 -
    1; the unknown stands last."""
    wedge = pair.wedge(["6109.10", "9018.13", "2208.30.11"], entered="2026-03-02")
    assert wedge["subheading"].tolist() == ["9018.13", "2208.30", "6109.10"]
    scanner = wedge.iloc[0]
    assert scanner["difference"] == pytest.approx(-0.025) and scanner["relative"] == pytest.approx(
        1.1 / 1.125 - 1
    )
    assert scanner["difference_with_tax"] == pytest.approx(0.1 - 0.18125) and scanner[
        "relative_with_tax"
    ] == pytest.approx(1.1 / 1.18125 - 1)
    assert isnan(wedge.iloc[2]["difference"])
    swapped = tc.bilateral("in", "us").wedge("9018.13", entered="2026-03-02").iloc[0]
    assert swapped["difference"] == pytest.approx(0.025)


def test_scenarios_of_both_sides(pair: tc.Bilateral) -> None:
    """T-shirts at 16.5 + 18; bourbon at the promised 50% in all from 2026-04-01; machinery free, and the tax
    not touched."""
    both = tc.bilateral(
        "us", "in", scenarios={"us": "india-at-18-percent", "in": ["us-framework-as-promised"]}
    )
    assert one(both, "6109.10", "2026-02-10")["us_duty"] == pytest.approx(0.345)
    table = pair.compare(
        {"in": "us-framework-as-promised"}, ["2208.30.11", "8479.89", "9018.13"], entered="2026-04-02"
    ).set_index("subheading")
    assert table["in_duty"].round(6).to_dict() == {"2208.30": 1.0, "8479.89": 0.0825, "9018.13": 0.125}
    # the health cess is not promised away
    assert table["in_duty_then"].round(6).to_dict() == {"2208.30": 0.5, "8479.89": 0.0, "9018.13": 0.05}
    assert (table["us_duty"] == table["us_duty_then"]).all()
    assert table.loc["2208.30", "difference_then"] == pytest.approx(table.loc["2208.30", "us_duty"] - 0.5)


def test_history_of_both(pair: tc.Bilateral) -> None:
    """Bourbon day by day: India from 150 to 100 on 2025-02-13; the US 10, 26 for a day, 10, 25, 50, 25, 10.

    On 2026-05-13 no rate changes: from then on the list that exempts the goods from the surcharge is no
    longer one read back from a later day. Nor on 2026-10-18: from then on a duty on the largest importers of
    Russian oil may be in force, which nobody saw.
    """
    table = pair.history("2208.30.11")
    known = [
        (day, round(us, 4), round(india, 4))
        for day, us, india in zip(table["from"], table["us_duty"], table["in_duty"], strict=True)
    ]
    assert known == [
        ("2025-01-01", 0.0, 1.5), ("2025-02-13", 0.0, 1.0), ("2025-04-05", 0.1, 1.0),
        ("2025-04-09", 0.26, 1.0), ("2025-04-10", 0.1, 1.0),
        ("2025-08-07", 0.25, 1.0), ("2025-08-27", 0.5, 1.0), ("2026-02-07", 0.25, 1.0),
        ("2026-02-24", 0.1, 1.0), ("2026-05-13", 0.1, 1.0),
        ("2026-07-24", 0.1, 1.0), ("2026-10-18", 0.1, 1.0),
    ]  # fmt: skip
    assert table["difference"].round(4).tolist() == [round(us - india, 4) for _, us, india in known]


def test_history_agrees_with_the_day(pair: tc.Bilateral) -> None:
    """Any day asked for alone has the answer of the row it falls in."""
    table = pair.history("9018.13")
    for day in ("2025-03-15", "2025-09-09", "2026-03-02"):
        row, alone = table[table["from"] <= day].iloc[-1], one(pair, "9018.13", day)
        for name in ("us_duty", "in_duty", "in_tax"):
            assert row[name] == pytest.approx(alone[name], nan_ok=True), (day, name)
        assert (row["us_programs"], row["in_programs"]) == (alone["us_programs"], alone["in_programs"])
    with pytest.raises(ShipmentError, match="covers 8 subheadings"):
        pair.history("8711")


def test_concordance_tells_what_does_not_match(pair: tc.Bilateral) -> None:
    """HS 2022 has 4402.90 and 7006.00, which the code list of India lacks; India keeps 3002.10, gone since HS
    2017; chapter 98 is each one's own."""
    table = pair.concordance("2026-03-02").set_index("subheading")
    assert table.loc["6109.10", ["us_lines", "in_lines", "match", "instead"]].tolist() == [14, 1, "both", ""]
    assert (
        table.loc["4402.90", "match"] == "only us"
        and table.loc["4402.90", "instead"] == "in holds of 4402: 4402.10, 4402.20"
    )
    assert table.loc["7006.00", "instead"] == "in holds nothing of 7006"
    assert table.loc["3002.10", "match"] == "only in" and "3002.12" in table.loc["3002.10", "instead"]
    assert set(table.loc[table.index.str[:2].isin(["98", "99"]), "match"]) == {"national"}
    row = one(pair, "7006.00", "2026-03-02")
    assert (
        row["match"] == "only us"
        and isnan(row["in_duty"])
        and row["in_lines"] == 0
        and "no line of this subheading" in row["in_lacking"]
    )
    projects = pair.table("9801", entered="2026-03-02")
    assert set(projects["match"]) == {"national"} and projects["difference"].isna().all()


def test_effective_rates_on_the_trade_held(pair: tc.Bilateral, us: tc.Tariff) -> None:
    """US imports of 2024 at the law of a day are what an estimate of the file says; of India's imports none
    are held, which is said."""
    table = pair.effective("2026-02-10").set_index(["charges", "weights"])
    imports = pd.read_csv("examples/us_imports_from_india_2024.csv", dtype={"commodity": str}).assign(
        entered="2026-02-10"
    )
    estimate = us.estimate(imports, fees=False, codes_of_other_years=True)
    own = table.loc[("us", "us imports from india 2024")]
    assert (
        own["duty"] == pytest.approx(float(estimate.known_duty / estimate.known_value))
        and own["value"] == imports["value"].sum()
    )
    assert own["known_share"] == pytest.approx(float(estimate.known_value) / imports["value"].sum())
    assert isnan(table.loc[("in", NOT_HELD), "duty"])
    assert 0 < table.loc[("in", "the goods of us imports from india 2024"), "known_share"] < 1
    shared = pair.concordance("2026-02-10")["match"].value_counts()
    # without the chapters left to each territory
    assert table.loc[("us", AVERAGE), "value"] == shared["both"] + shared["only us"]
    assert table.loc[("in", AVERAGE), "known_value"] < table.loc[("in", AVERAGE), "value"]


def test_effective_rates_on_trade_given(pair: tc.Bilateral) -> None:
    """3 of bourbon at 100%, 1 of scanners at 12.5%, 4 of T-shirts unknown: 3.125 / 4, of a half; the US on
    them (10 x 3 + 10 x 1 + 26.5 x 4) / 8."""
    trade = pd.DataFrame({"commodity": ["2208.30.11", "9018.13.00", "6109.10.00"], "value": [3e6, 1e6, 4e6]})
    table = pair.effective("2026-03-02", trade={"in": trade})
    rows = table.set_index(["charges", "weights"])
    given = rows.loc[("in", "the trade given for in")]
    assert (given["duty"], given["known_share"]) == (pytest.approx(3.125 / 4, abs=1e-6), pytest.approx(0.5))
    mirrored = rows.loc[("us", "the goods of the trade given for in")]
    assert (mirrored["duty"], mirrored["known_share"]) == (
        pytest.approx((30 + 10 + 106) / 800, abs=1e-6),
        1.0,
    )
    by_chapter = pair.effective("2026-03-02", trade={"in": trade}, by="chapter").set_index(
        ["charges", "weights", "chapter"]
    )
    assert by_chapter.loc[("in", "the trade given for in", "22"), "duty"] == pytest.approx(1.0)
    assert isnan(by_chapter.loc[("in", "the trade given for in", "61"), "duty"])
    with pytest.raises(ShipmentError, match="lacks the column 'value'"):
        pair.effective("2026-03-02", trade={"in": trade[["commodity"]]})
    with pytest.raises(ShipmentError, match="neither side: us or in"):
        pair.effective("2026-03-02", trade={"cn": trade})


def test_explained_in_words(pair: tc.Bilateral) -> None:
    """Both sides, the lines, the headings, what is unknown and the difference."""
    text = " ".join(pair.explain("9018.13", entered="2026-03-02").split())
    for words in (
        "United States on goods of India 10.00%", "India on goods of United States 12.50%",
        "in.bcd 7.5%, in.health-cess 5%",
        "in addition, taken back as credit: Integrated tax on imports (IGST) 5.63%",
        "Difference: United States less India -2.50 points",
    ):  # fmt: skip
        assert words in text, text
    assert "Difference: United States less India unknown" in " ".join(
        pair.explain("6109.10", entered="2026-02-10").split()
    )
    assert "Only the schedule of us has this subheading: there is nothing to compare." in pair.explain(
        "7006.00", entered="2026-02-10"
    )
    assert "Each territory writes this chapter for itself" in pair.explain("9801.00", entered="2026-02-10")


@pytest.mark.parametrize(
    ("product", "goods", "words"),
    [
        ("7007.99", {}, "no line under 7007.99 is in the schedule of us or of in"),
        ("shirts", {}, "'shirts' is not a commodity code"),
        ("6109.10", {"value": 100}, "give currency too"),
        ("6109.10", {"quantity": {"kg": 1}}, "give value too"),
        (
            "6109.10",
            {"facts": {"in": {"engine": 1}}},
            "'engine' is no column or fact of an estimate under the law of India",
        ),
    ],
)
def test_bad_input(pair: tc.Bilateral, product: str, goods: dict[str, object], words: str) -> None:
    """A mistake is one clear sentence."""
    with pytest.raises(ShipmentError, match=words):
        pair.table(product, entered="2026-03-02", **goods)


def test_a_day_without_an_exchange_rate_is_told(pair: tc.Bilateral) -> None:
    """A value in dollars on a day for which no rate is held: India's side is unknown and says what to give;
    section 301 on forced labor is 10%."""
    row = one(pair, "9018.13", "2026-10-20", value=1000, currency="USD")
    assert row["us_duty"] == pytest.approx(0.1) and isnan(row["in_duty"]) and "exchange" in row["in_lacking"]


def test_wrong_sides(repository: Path) -> None:
    """One territory twice, a territory that is no origin, a scenario of a third."""
    with pytest.raises(ShipmentError, match="both sides are India"):
        tc.bilateral("in", "in")
    with pytest.raises(CoverageError, match="knows no origin"):
        tc.bilateral("us", repository / "tests/law_fixture/land")
    with pytest.raises(ScenarioError, match="neither side: give scenarios for us or in"):
        tc.bilateral("us", "in", scenarios={"cn": "x"})
    with pytest.raises(ShipmentError, match="known_on is for territories by name"):
        tc.bilateral(tc.load("us"), "in", known_on="2026-01-01")


def test_the_law_as_it_was_known() -> None:
    """On 2026-02-01 nobody knew that the Russian-oil duty would end on 2026-02-07: 16.5 + 25 + 25."""
    before = tc.bilateral("us", "in", known_on="2026-02-01")
    assert one(before, "6109.10", "2026-02-10")["us_duty"] == pytest.approx(0.665)
