"""A claim or fact that changes nothing on a line is told, with the reason; one that changes a cent, or what
is known, is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc.cli import main

SHIRT = {
    "commodity": "6109.10.00.12",
    "origin": "IN",
    "entered": "2025-09-01",
    "value": "500",
    "transport": "air",
}


def notes(tariff: tc.Tariff, **declared: Any) -> list[str]:
    """What is said of claims and facts without effect on one line."""
    problems = tariff.estimate(pd.DataFrame([SHIRT | declared])).problems
    return problems.loc[problems["code"] == "no-effect", "message"].tolist()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        # 19 U.S.C. 1321(a)(2)(C) was suspended for goods of every origin from 2025-08-29 (EO 14324)
        (
            {"claims": "section_321"},
            [
                "the claim section_321 had no effect: 'Worth at most $800, any origin but China and Hong"
                " Kong' applied to entries before 2025-08-29"
            ],
        ),
        # no list of steel names a T-shirt of cotton
        (
            {"steel_value": 100},
            ["the fact steel_value had no effect: nothing in force that day asks for it on these goods"],
        ),
        # exclusions from section 301 are of goods of China
        (
            {"claims": "china_exclusion"},
            ["the claim china_exclusion had no effect: nothing in force that day asks for it on"],
        ),
        (
            {"commodity": "8471.50.01.50", "claims": "china_exclusion"},
            ["the claim china_exclusion had no effect: nothing in force that day asks for it on"],
        ),
        # what the fact says already, or what describes every entry
        ({}, []),
        ({"transport": "vessel"}, []),
        ({"steel_value": 0}, []),
        ({"us_content_value": 0}, []),
        ({"passenger_vehicle_part": "no"}, []),
        ({"donation": "no"}, []),
        # what changes the duty: a donation is free of the reciprocal duty (50 U.S.C. 1702(b)(2)), US content
        # of a fifth or more lowers it
        ({"claims": "donation"}, []),
        ({"us_content_value": 200}, []),
        ({"claims": "9802.00.50", "processing_value": 100}, []),
        # the line offers no rate to S, and says so already
        ({"claims": "KR"}, []),
    ],
    ids=str,
)
def test_what_changes_nothing_is_told(us: tc.Tariff, declared: dict[str, Any], said: list[str]) -> None:
    found = notes(us, **declared)
    assert len(found) == len(said), found
    for message, start in zip(found, said, strict=True):
        assert message.startswith(start)


def test_content_of_steel_counts_where_the_list_names_the_goods(us: tc.Tariff) -> None:
    """7326.90.86.88 is a derivative of steel, charged on the steel; aluminum is declared for nothing."""
    steel = {"commodity": "7326.90.86.88", "origin": "CA", "entered": "2025-09-20"}
    assert notes(us, **steel, steel_value=100) == []


def test_a_weight_that_does_not_count_is_told_which_does(us: tc.Tariff) -> None:
    """Note 16(c) asks for the metal in the title of the list: 8413.91.90.55 is on lists of steel, so the
    weight of aluminum does not count."""
    pump = {
        "commodity": "8413.91.90.55",
        "entered": "2026-05-10",
        "value": "10000",
        "aluminum_weight_share": "8%",
    }
    words = "the fact aluminum_weight_share had no effect: "
    words += (
        "of these goods steel_weight_share counts in metal_weight_share, and aluminum_weight_share does not"
    )
    assert notes(us, **pump) == notes(us, **pump, steel_weight_share="9%") == [words]


def test_many_claims_on_a_shirt(us: tc.Tariff) -> None:
    """Every claim of the registry at once, one line each: told unless the estimate differs without it."""
    claims = [name for name, fact in us.law.facts.items() if fact.claim]
    rows = pd.DataFrame([SHIRT | {"entered": "2026-03-10", "claims": claim} for claim in claims])
    with_claim = us.estimate(rows)
    without = us.estimate(rows.drop(columns="claims"))
    refused = with_claim.problems.loc[with_claim.problems["severity"] == "refused", "row"]
    told = set(with_claim.problems.loc[with_claim.problems["code"] == "no-effect", "row"])
    added = ["duty", "fees"]
    alike = (with_claim.frame[added].fillna(-1) == without.frame[added].fillna(-1)).all(axis=1)
    assert len(told) > 20
    for row in range(len(rows)):
        if row in set(refused):
            continue
        if row in told:
            assert alike[row], claims[row]
        if not alike[row]:
            assert row not in told


def test_a_claim_that_another_one_makes_idle_is_told_what_takes_precedence(us: tc.Tariff) -> None:
    """A donation and informational materials are both outside the reciprocal duty; one of them is enough."""
    found = notes(us, claims="donation|informational_materials")
    assert len(found) == 1
    assert "takes precedence" in found[0]


def test_one_note_for_all_rows_of_a_table(us: tc.Tariff) -> None:
    rows = pd.DataFrame([SHIRT | {"steel_value": 100 + number} for number in range(300)])
    estimate = us.estimate(rows)
    assert [len(problem.rows) for problem in estimate.noted if problem.code == "no-effect"] == [300]
    assert "300  the fact steel_value had no effect" in estimate.summary()


def test_india_and_the_claims_of_india(india: tc.Tariff) -> None:
    """Spent catalyst is no T-shirt; a trade agreement counts where the origin has one, and not for goods of
    the United States."""
    shirt = {"commodity": "6109.10.00", "origin": "US", "entered": "2026-03-10"}
    assert notes(india, **shirt, claims="spent_catalyst")[0].startswith(
        "the claim spent_catalyst had no effect: "
    )
    assert notes(india, **shirt, trade_agreement="korea")[0].startswith(
        "the fact trade_agreement had no effect: "
    )


def test_explain_and_files_tell_it_too(
    us: tc.Tariff, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = tc.Line(**{name: SHIRT[name] for name in ("commodity", "origin", "value")}, claims="section_321")
    assert (
        "Note: the claim section_321 had no effect"
        in us.estimate(tc.Shipment(entered="2025-09-01", transport="air", lines=[line])).explain()
    )
    source, target = tmp_path / "lines.csv", tmp_path / "out.csv"
    pd.DataFrame([SHIRT | {"claims": "section_321"}]).to_csv(source, index=False)
    for ending in ("csv", "parquet"):
        target = tmp_path / f"out.{ending}"
        monkeypatch.setattr("sys.argv", ["tariffcalc", "estimate", str(source), "-o", str(target)])
        main()
        assert "the claim section_321 had no effect" in capsys.readouterr().out
        beside = tmp_path / f"out.problems.{ending}"
        table = pd.read_csv(beside) if ending == "csv" else pd.read_parquet(beside)
        assert table["message"].str.contains("section_321 had no effect").any()


def test_what_is_told_is_the_same_in_any_order(us: tc.Tariff) -> None:
    rows = pd.DataFrame(
        [
            SHIRT | {"claims": claim}
            for claim in ("section_321", "donation", "china_exclusion", None)
            for _ in range(3)
        ]
    )
    order = np.random.default_rng(3).permutation(len(rows))
    one, other = us.estimate(rows), us.estimate(rows.iloc[order].reset_index(drop=True))
    told = one.problems.loc[one.problems["code"] == "no-effect", ["row", "message"]].values.tolist()
    moved = other.problems.loc[other.problems["code"] == "no-effect", ["row", "message"]].values.tolist()
    assert sorted(told) == sorted([int(order[row]), message] for row, message in moved)
