"""A duty is known where every declaration comes to it; where declarations differ, the facts that decide are
named; assumptions are in every view.

The amounts are worked out by hand from the rates of the day; the enumeration of all declarations stands in
``oracle_declarations.py``.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from other_laws import changed

import tariffcalc as tc
from tariffcalc.law.bound import Bound
from tariffcalc.law.condition import read_condition
from tariffcalc.law.selection import read_products
from tariffcalc.views.totals import EstimateTotals

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
COPPER = "7401.00.00"


@pytest.fixture(scope="module")
def us() -> tc.Tariff:
    return tc.load("us")


def estimated(us: tc.Tariff, commodity: str, origin: str, entered: str, **facts: Any) -> tc.Estimate:
    line = tc.Line(commodity=commodity, origin=origin, value="10000", facts=facts)
    return us.estimate(tc.Shipment(entered=entered, transport="air", lines=(line,)))


@pytest.mark.parametrize(
    ("commodity", "origin", "entered", "facts", "duty"),
    [
        # a generic pharmaceutical owes nothing under note 40, whichever ten digits the code has; column 1 is
        # free, and so is forced labor
        ("3004.90.92", "IN", "2026-10-05", {"pharmaceutical_article": "generic"}, "0"),
        # no kitchen cabinet: not on the list; reciprocal 25% and Russian oil 25% of 10,000
        ("9403.60.80", "IN", "2025-12-10", {"kitchen_cabinet_or_vanity": "no"}, "5000"),
        # no part of either kind of vehicle: section 301 25% and section 122 10%
        (
            "8708.30.10",
            "CN",
            "2026-03-10",
            {"passenger_vehicle_part": "no", "heavy_vehicle_part": "no"},
            "3500",
        ),
        # nothing declared: 2.5%, and 25% under section 232 if it is such a part, the reciprocal duty of 25%
        # if not
        ("8708.30.50.90", "IN", "2026-02-10", {}, "2750"),
    ],
)
def test_known_whatever_is_declared(
    us: tc.Tariff, commodity: str, origin: str, entered: str, facts: dict[str, str], duty: str
) -> None:
    e = estimated(us, commodity, origin, entered, **facts)
    assert e.duty == Decimal(duty) and "unknown" not in set(e.problems["severity"])
    assert f"{Decimal(duty):,.2f}" in e.explain()


def test_programs_stay_open_where_only_the_sum_is_known(us: tc.Tariff) -> None:
    """25% under one program or another: the programs are unknown, the duty and the totals are not."""
    e = estimated(us, "8708.30.50.90", "IN", "2026-02-10")
    frame = e.frame
    assert frame["duty"][0] == 2750 and frame[["us.s232.autos", "us.ieepa.reciprocal"]].isna().all(axis=None)
    assert "The duty of the line is the same whatever the answer" in " ".join(e.problems["message"])
    assert "one program or another" in e.summary()
    free = us.amend(
        tc.Scenario("no duty on parts").set_duty("us.s232.autos/parts", "none", on_or_after="2026-01-01")
    )
    freed = free.estimate(
        tc.Shipment(
            entered="2026-02-10",
            transport="air",
            lines=(tc.Line(commodity="8708.30.50.90", origin="IN", value="10000"),),
        )
    )
    assert freed.duty is None  # nothing if it is a part, 25% if not
    assert tc.compare(e, freed).change == 0 and tc.compare(e, e).change == 0


def test_the_facts_that_decide_are_named_and_no_others(us: tc.Tariff) -> None:
    """Goods of Taiwan owe 25% as parts and 20% otherwise; what is declared is not asked for again."""
    message = " ".join(
        estimated(us, "8708.30.50.90", "TW", "2026-02-10", heavy_vehicle_part="no").problems["supply"]
    )
    assert "passenger_vehicle_part" in message and "heavy_vehicle_part" not in message


def test_assumptions_are_in_every_view(us: tc.Tariff) -> None:
    """A hinge of Taiwan: 3.9% and 25% of the value, on the assumption that the article is metal; 3.9% and
    section 122 at 10% with 4% of metal."""
    e = estimated(us, "8302.41.60.80", "TW", "2026-04-20")
    assert e.duty == Decimal("2890.00") and estimated(
        us, "8302.41.60.80", "TW", "2026-04-20", metal_weight_share="4%"
    ).duty == Decimal("1390.00")
    for words in (" ".join(e.problems["message"]), " ".join(e.explain().split()), e.summary()):
        assert "metal_weight_share is not declared; 100% is assumed" in words, words
    history = us.timeline("8302.41.60.80", "TW").set_index("from")
    assert (
        "metal_weight_share" in history.loc["2026-04-06", "assumed"]
        and "metal_weight_share" not in history.loc["2026-02-24", "assumed"]
    )
    panel = us.panel(origins=["TW"], entered=["2026-04-20"]).set_index("commodity")
    assert (
        "metal_weight_share" in panel.loc["8302416080", "assumed"]
        and panel.loc["6109100012", "assumed"] == ""
    )
    declared = us.panel(origins=["TW"], entered=["2026-04-20"], metal_weight_share=1).set_index("commodity")
    assert "metal_weight_share" not in declared.loc["8302416080", "assumed"]


def test_a_table_says_of_which_rows(us: tc.Tariff) -> None:
    table = pd.DataFrame(
        {
            "commodity": ["8302.41.60.80", "6109.10.00.12", "8302.41.60.80"],
            "origin": "TW",
            "entered": "2026-04-20",
            "value": 10000,
        }
    )
    e = us.estimate(table.assign(metal_weight_share=[None, None, "1"]), fees=False)
    rows = e.problems[e.problems["message"].str.contains("metal_weight_share")]["row"]
    assert rows.tolist() == [0]


def told(estimate: tc.Estimate, fact: str) -> list[bool]:
    """Whether each view of an estimate of one line says that a fact was assumed."""
    words = f"{fact} is not declared"
    noted = estimate.problems[estimate.problems["code"] == "assumed"]["message"]
    views = (
        " ".join(noted),
        " ".join(estimate.explain().split()),
        " ".join(estimate.summary().split()),
        str(EstimateTotals.of(estimate).as_dict()),
    )
    return [words in view for view in views]


@pytest.mark.parametrize(
    ("values", "noted"),
    [
        (["2500"], True),  # 19 CFR 143.21(a): an informal entry is possible up to $2,500 ...
        (["2500.01"], False),  # ... and above it the law leaves no choice
        (["1500", "1000.01"], False),  # the limit is that of the whole shipment
    ],
)
def test_no_choice_is_no_assumption(us: tc.Tariff, values: list[str], noted: bool) -> None:
    """Where a bound would refuse any other declaration nothing is noted, in any view; a shipment that may be
    entered informally keeps the note."""
    lines = [tc.Line(commodity="6109.10.00.12", origin="IN", value=value) for value in values]
    e = us.estimate(tc.Shipment(entered="2026-03-02", transport="air", lines=lines))
    assert told(e, "entry_type") == [noted] * 4
    table = pd.DataFrame(
        {
            "commodity": "6109.10.00.12",
            "origin": "IN",
            "entered": "2026-03-02",
            "value": values,
            "shipment": "A",
        }
    )
    assert told(us.estimate(table.assign(transport="air")), "entry_type") == [noted] * 4


BOUNDS: list[dict[str, Any]] = [
    {"products": read_products("10")},
    {"products": read_products("72")},
    {"value_at_most": 500},
    {"value_at_most": 2000},
    {"not_with": ("claim repair",)},
    # the other origins can still be declared
    {"products": read_products("10"), "when": ("melted_in in AA",)},
    {"products": read_products("10"), "when": ("melted_in is SS",)},  # the one that makes a difference
    {"value_at_most": 500, "when": ("repair",)},
]


@pytest.mark.parametrize("bound", BOUNDS, ids=str)
@pytest.mark.parametrize("claims", [[], ["repair"]], ids=["plain", "repaired"])
def test_an_assumption_is_noted_where_something_else_can_be_declared(
    bound: dict[str, Any], claims: list[str]
) -> None:
    """In the invented land: a note if and only if some other declaration of the fact that makes a difference
    is accepted; the timeline too."""
    land = tc.load(LAND)
    book = land.rulebook
    melted = book.facts["melted_in"].model_copy(update={"bounds": (Bound(by=("BOOK",), **bound),)})
    tariff = changed(land, replace(book, facts={**book.facts, "melted_in": melted}))

    def estimate(**facts: str) -> tc.Estimate:
        line = tc.Line(
            commodity=COPPER,
            origin="BB",
            value="1000",
            claims=claims,
            facts={"processing_value": "1000"} | facts,
        )
        return tariff.estimate(
            tc.Shipment(entered="2025-07-01", transport="air", lines=[line]), on_problem="keep"
        )

    possible = estimate(melted_in="SS").duty is not None
    assert told(estimate(), "melted_in") == [possible] * 4
    if not claims:
        assert (
            "melted_in" in tariff.timeline(COPPER, "BB", value=1000, days=["2025-07-01"])["assumed"][0]
        ) == possible


def law_with_fee(requires: list[str], products: str) -> tc.Tariff:
    """The invented land with a harbor fee on other conditions."""
    land = tc.load(LAND)
    book = land.rulebook
    program = book.programs["land.harbour"]
    (vessel,) = program.measures
    fee = vessel.model_copy(
        update={"requires": tuple(map(read_condition, requires)), "products": read_products(products)}
    )
    return changed(
        land,
        replace(
            book, programs={**book.programs, "land.harbour": program.model_copy(update={"measures": (fee,)})}
        ),
    )


@pytest.mark.parametrize(
    ("requires", "products", "code", "declared", "asked"),
    [
        (
            ["transport is vessel", "smelted_in is AA"],
            "all",
            "1001.00.00.10",
            {},
            {"transport", "smelted_in"},
        ),
        (
            ["transport is vessel", "smelted_in is AA"],
            "all",
            "1001.00.00.10",
            {"transport": "vessel"},
            {"smelted_in"},
        ),
        (
            ["transport is vessel", "smelted_in is AA"],
            "all",
            "1001.00.00.10",
            {"smelted_in": "AA"},
            {"transport"},
        ),
        (["transport is vessel"], "1001.00.00.10", "1001.00.00", {}, {"transport", "ten-digit"}),
        (["transport is vessel"], "1001.00.00.10", "1001.00.00", {"transport": "vessel"}, {"ten-digit"}),
        (["transport is vessel"], "1001.00.00.10", "1001.00.00.10", {}, {"transport"}),
    ],
)
def test_a_fee_asks_for_nothing_that_is_declared(
    requires: list[str], products: str, code: str, declared: dict[str, str], asked: set[str]
) -> None:
    """In the problems, the summary, the explanation, the ledger and what a total lacks; each line of a table
    is asked what it does not declare."""
    tariff = law_with_fee(requires, products)
    words = {"transport": "transport", "smelted_in": "smelted_in", "ten-digit": "ten-digit code"}
    row = {"commodity": code, "origin": "BB", "entered": "2025-07-01", "value": "1000"}
    e = tariff.estimate(pd.DataFrame([row | declared]))
    (why,) = e.lacking("fees")
    total = EstimateTotals.of(e).as_dict()["fee_problems"]
    views = [
        why,
        " ".join(e.explain().split()).partition("Harbour fee unknown unknown:")[2].partition(" by ")[0],
        str(total),
    ]
    views += [
        f"{each.message} {each.supply}" for each in e.problems.itertuples() if each.severity == "unknown"
    ]
    for view in views:
        assert {name for name, word in words.items() if word in view} == asked, view
    if len(requires) == 2:
        both = tariff.estimate(pd.DataFrame([row, row | {"transport": "vessel"}, row | {"smelted_in": "AA"}]))
        found = {each.row: each.supply for each in both.problems.itertuples() if each.severity == "unknown"}
        supplied = [
            {name for name in ("transport", "smelted_in") if name in found[place]} for place in range(3)
        ]
        assert supplied == [
            {"transport", "smelted_in"}, {"smelted_in"}, {"transport"},
        ]  # fmt: skip


@pytest.mark.parametrize("facts", [{}, {"exemption_serial": "I-427"}])
def test_what_one_of_several_declarations_rests_on_is_told(facts: dict[str, str]) -> None:
    """Herrings are exempt from the integrated tax unless they are pre-packaged and labelled, which nobody
    declares.

    With serial I-427 the tax is nil whether condition 74 is met (by the serial) or not (as goods that are not
    pre-packaged): in the second case it rests on what is assumed of the packing.
    """
    line = tc.Line(commodity="0303.54.00", origin="CG", value="10", facts=facts)
    e = tc.load("in").estimate(tc.Shipment(entered="2025-11-02", lines=(line,)))
    assert e.duty == Decimal("3.00")  # 30% of 10
    (note,) = e.problems.itertuples()
    assert (note.code, note.supply) == ("assumed", "set prepackaged_and_labelled if it is otherwise.")
