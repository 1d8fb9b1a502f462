"""What bounds a declaration, and what other declarations say of a fact: every bound of every registry, by
every way in.

The bounds are read from the registry itself, so that a new fact is tested by being written.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fact_patterns import REFUSED, as_frame, engine_says
from oracle import Declared, OneLine, oracle_of
from oracle_bounds import CannotBe, refuse_what_cannot_be

import tariffcalc as tc
from tariffcalc.checking.rules import d014_every_amount_says_its_bounds
from tariffcalc.errors import CoverageWarning
from tariffcalc.law.bound import Bound
from tariffcalc.law.fact import Fact
from tariffcalc.moments import parse_moment

ENTERED, VALUE = "2025-10-10", Decimal(600)
CODES = {"us": ("8302.41.60.80", "TW"), "in": ("8703.23.91", "US")}


def plain(territory: str, tariff: tc.Tariff) -> Declared:
    """A line that declares nothing beyond what it must, and its weight."""
    code, origin = CODES[territory]
    return Declared(
        code.replace(".", ""), origin, VALUE, parse_moment(ENTERED), quantity={"kg": Decimal(100)}
    )


def beyond(fact: Fact, bound: Bound, line: Declared) -> Declared | None:
    """The line with the fact declared beyond one of its bounds, and what the bound asks for besides; None
    where that takes more than one line."""
    facts: dict[str, Any] = {}
    claims = [fact.fact] if fact.claim else []
    for condition in bound.when:
        if condition.operator == "in":
            facts[condition.fact] = condition.choices[0]
        elif condition.operator in ("true", "claim") and not condition.negated:
            claims.append(condition.fact)
    if bound.value_at_most is not None:
        return replace(line, value=bound.value_at_most + 1, claims=tuple(claims), facts=facts)
    if bound.not_with:
        return replace(line, claims=(*claims, bound.not_with[0].fact), facts=facts)
    if bound.products is not None:
        return replace(line, commodity="6109100012", claims=tuple(claims), facts=facts)
    if bound.most is not None:
        return replace(line, facts={fact.fact: bound.most + Decimal("0.001")})
    if bound.least is not None:
        return replace(line, facts={fact.fact: bound.least - 1})
    kind, _, name = (bound.within or bound.holds).partition(" ")
    step = Decimal(1) if bound.within else Decimal(-1)
    other = VALUE if kind == "value" else Decimal(100)
    return replace(line, facts={fact.fact: other + step} | ({name: other} if kind == "fact" else {}))


def bounds(tariff: tc.Tariff) -> Iterator[tuple[Fact, Bound]]:
    for fact in tariff.rulebook.facts.values():
        yield from ((fact, bound) for bound in fact.bounds or ())


@pytest.mark.parametrize("territory", ["us", "in"])
def test_every_bound_of_the_registry_refuses(territory: str, request: pytest.FixtureRequest) -> None:
    """Each fact is declared beyond each of its bounds: the engine refuses the line, and so does the
    oracle."""
    tariff = request.getfixturevalue("us" if territory == "us" else "india")
    line = plain(territory, tariff)
    tried = [
        (fact.fact, given)
        for fact, bound in bounds(tariff)
        if (given := beyond(fact, bound, line)) is not None
    ]
    assert len(tried) >= (30 if territory == "us" else 1)
    for (name, given), said in zip(tried, engine_says(tariff, [given for _, given in tried]), strict=True):
        assert said is REFUSED, (name, given)
        with pytest.raises(CannotBe):
            refuse_what_cannot_be(OneLine(oracle_of(tariff.rulebook), given))


@pytest.mark.parametrize("territory", ["us", "in"])
def test_a_bound_cites_a_known_act(territory: str) -> None:
    book = tc.load(territory).rulebook
    for fact in book.facts.values():
        for bound in fact.bounds or ():
            assert bound.by and set(bound.by) <= set(book.acts), fact.fact


def test_a_fact_without_bounds_is_a_finding(us: tc.Tariff, tmp_path: Path) -> None:
    """The check names the fact that says neither its bounds nor that it has none."""
    fact = us.rulebook.facts["steel_value"].model_copy(update={"bounds": None})
    book = replace(us.rulebook, facts={**us.rulebook.facts, "steel_value": fact})
    (finding,) = d014_every_amount_says_its_bounds(book, tmp_path)
    assert "steel_value" in finding.message
    assert not list(d014_every_amount_says_its_bounds(us.rulebook, tmp_path))


# --- every way in
# ------------------------------------------------------------------------------------------------------------


def rows(tariff: tc.Tariff) -> pd.DataFrame:
    """A line within its bounds, one with a content above its value, one with a percentage, two of one
    shipment above a limit."""
    lines = [
        Declared(
            "8302416080", "TW", Decimal(1000), parse_moment("2025-10-10"), facts={"steel_value": Decimal(400)}
        ),
        Declared(
            "8302416080",
            "TW",
            Decimal(1000),
            parse_moment("2025-10-10"),
            facts={"steel_value": Decimal(1001)},
        ),
        Declared(
            "8302416080",
            "TW",
            Decimal(1000),
            parse_moment("2026-05-10"),
            facts={"metal_weight_share": Decimal(9)},
        ),
        Declared("8302416080", "TW", Decimal(500), parse_moment("2025-03-20"), claims=("section_321",)),
        Declared("8302416080", "TW", Decimal(400), parse_moment("2025-03-20"), claims=("section_321",)),
    ]
    frame = as_frame(lines)
    frame["shipment"] = ["a", "b", "c", "d", "d"]
    return frame


KNOWN, CODED = (
    [True, False, False, False, False],
    ["above-limit", "above-limit", "above-limit", "percentage-or-share"],
)


def refused(estimate: Any) -> list[str]:
    problems = estimate.problems
    return sorted(problems[problems["severity"] == "refused"]["code"].tolist())


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_frames(us: tc.Tariff, kind: str) -> None:
    import pyarrow as pa

    frame = rows(us)
    given: Any = frame
    if kind != "pandas":
        given = pa.Table.from_pandas(frame, preserve_index=False)
        given = pytest.importorskip("polars").from_arrow(given) if kind == "polars" else given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = us.estimate(given)
    assert refused(estimate) == CODED
    assert [value == value for value in estimate.columns()["duty"].tolist()] == KNOWN


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files(us: tc.Tariff, ending: str, tmp_path: Path) -> None:
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.parquet"
    frame = rows(us)
    frame.to_csv(source, index=False) if ending == "csv" else frame.to_parquet(source, index=False)
    total = tc.scale.estimate_dataset(us, str(source), str(target))
    assert (total.rows, total.unknown) == (5, 4)
    assert [value == value for value in pd.read_parquet(target)["duty"].tolist()] == KNOWN


def test_a_panel_and_a_timeline(us: tc.Tariff) -> None:
    """What cannot be true of any line is refused as a whole."""
    facts: Any
    for facts in (
        {"steel_value": 20_000},
        {"metal_weight_share": 9},
        {"claims": "section_321"},
        {"claims": "9802.00.60"},
    ):
        with pytest.raises(tc.TariffError):
            us.panel(origins=["TW"], entered=["2025-10-10"], value=10_000, **facts)
    with pytest.raises(tc.TariffError, match="can be at most the customs value"):
        us.timeline(commodity="8302.41.60.80", origin="TW", value=100, steel_value=101)


def test_a_panel_knows_what_other_declarations_say(us: tc.Tariff) -> None:
    """Claim C frees of the forced-labor duty; 8% aluminum and 9% steel are little metal where only steel
    counts, and enough where both do."""
    (free,) = panel_duty(us, "2026-08-05", "8411.99.90.85", "IN", claims="C")
    assert free == 0
    shares = {"aluminum_weight_share": "8%", "steel_weight_share": "9%"}
    (steel_list,) = panel_duty(us, "2026-05-10", "8413.91.90.55", "IN", **shares)
    (both_lists,) = panel_duty(us, "2026-05-10", "8302.41.60.80", "TW", **shares)
    assert (steel_list, both_lists) == (1000, 2890)  # 10% of section 122; 3.9% + 25%


def panel_duty(us: tc.Tariff, day: str, code: str, origin: str, **facts: Any) -> list[float]:
    table = us.panel(origins=[origin], entered=[day], value=10_000, **facts)
    return table.loc[
        table["commodity"].astype(str).str.replace(".", "") == code.replace(".", ""), "duty"
    ].tolist()


# --- said once
# ------------------------------------------------------------------------------------------------------------


def one(tariff: tc.Tariff, code: str, origin: str, value: str, day: str, **given: Any) -> tc.Estimate:
    of_shipment = {name: given.pop(name) for name in ("currency", "value_basis") if name in given}
    line = tc.Line(commodity=code, origin=origin, value=value, **given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        return tariff.estimate(tc.Shipment(entered=day, lines=[line], **of_shipment))


CAR = {"vehicle_new": "yes", "vehicle_form": "other", "small_car": "no"}


@pytest.mark.parametrize(("price", "dearer"), [("40000", False), ("40000.01", True)])
def test_the_value_of_one_car_is_known_from_the_line(india: tc.Tariff, price: str, dearer: bool) -> None:
    """Notification 11/2021-Customs, serial 16AG: the cess is for cars of a CIF value of more than 40,000 US
    dollars, and the price says it."""
    estimate = one(
        india,
        "8703.23.91",
        "US",
        price,
        "2025-12-01",
        quantity={"no": 1},
        facts=CAR,
        currency="USD",
        value_basis="CIF",
    )
    declared = one(
        india,
        "8703.23.91",
        "US",
        price,
        "2025-12-01",
        facts={**CAR, "cif_value_usd": price},
        currency="USD",
        value_basis="CIF",
    )
    assert estimate.duty == declared.duty
    charged = {
        posting.measure
        for posting in estimate.parts[0].postings(0)
        if posting.program == "in.aidc" and posting.outcome == "charged"
    }
    assert bool(charged) == dearer


def test_a_value_of_one_car_that_contradicts_the_line(india: tc.Tariff) -> None:
    """10,000,000 rupees for one car at 89.50 are 111,731.84 dollars, and not 50,000; of two cars at 40,000
    dollars each is 40,000, and not 80,000."""
    with pytest.raises(tc.TariffError, match=r"111,731\.84"):
        one(
            india,
            "8703.23.91",
            "US",
            "10000000",
            "2025-12-01",
            quantity={"no": 1},
            facts={**CAR, "cif_value_usd": 50000},
        )
    with pytest.raises(tc.TariffError, match="contradiction"):
        one(
            india,
            "8703.23.91",
            "US",
            "80000",
            "2025-12-01",
            quantity={"no": 2},
            facts={**CAR, "cif_value_usd": 80000},
            currency="USD",
            value_basis="CIF",
        )


def test_a_consignment_is_all_its_lines(india: tc.Tariff) -> None:
    """45/2025-Customs, serial I-405: gifts up to a CIF value of 5,000 rupees; two lines of 4,000 are
    8,000."""
    line = tc.Line(commodity="9804.90.00", origin="US", value="4000", facts={"exemption_serial": "I-405"})
    alone, together = (
        india.estimate(tc.Shipment(entered="2025-12-01", lines=[line] * number)) for number in (1, 2)
    )
    assert alone.duty == 0
    assert together.duty > 0


@pytest.mark.parametrize(
    ("rate", "paid"),
    [("10.17%", Decimal("10170.00")), (0.1017, Decimal("10170.00")), ("1731.75%", Decimal("1731750.00"))],
)
def test_a_rate_says_that_there_is_an_order(us: tc.Tariff, rate: Any, paid: Decimal) -> None:
    """A deposit rate declared is paid; with a per cent sign it may be above 100%."""
    ledger = one(
        us,
        "0306.17.00.05",
        "IN",
        "100000",
        "2025-10-10",
        quantity={"kg": 1},
        facts={"antidumping_rate": rate},
    ).ledger.set_index("program")
    assert ledger.loc["us.antidumping", "amount"] == paid


def test_a_column_and_a_claim_of_one_fact(us: tc.Tariff) -> None:
    """A flag in a column of its own holds beside the claims of other rows, and a row that says yes and no is
    refused."""
    frame = pd.DataFrame(
        {"commodity": "8411.99.90.85", "origin": "IN", "entered": "2026-08-05", "value": 10_000},
        index=range(4),
    )
    frame["claims"] = [None, "civil_aircraft", "civil_aircraft", "C"]
    frame["civil_aircraft"] = ["yes", None, "no", None]
    estimate = us.estimate(frame)
    assert refused(estimate) == ["contradiction"]
    # column 1 is 2.4%; claim C frees it too
    assert [str(duty) for duty in estimate.columns()["duty"]] == ["240.0", "240.0", "nan", "0.0"]


def test_what_the_other_contents_leave_is_told_with_its_amount(us: tc.Tariff) -> None:
    estimate = one(us, "9403.99.90.40", "CN", "10000", "2025-08-28", facts={"steel_value": 6000})
    (told,) = [
        message for message in estimate.problems["message"] if "aluminum_value is not declared" in message
    ]
    assert "what the other contents leave of the value" in told and told.endswith("4,000.00")


def test_loaded_is_taken_for_in_transit_with_a_note(us: tc.Tariff) -> None:
    """Heading 9903.01.28: loaded onto a vessel at the port of loading *and* in transit on the final mode of
    transit before April 5, 2025."""
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000", quantity={"doz": 500, "kg": 900})
    shipment = {"entered": "2025-04-20", "loaded": "2025-04-03", "transport": "vessel"}
    noted = us.estimate(tc.Shipment(**shipment, lines=[line]))
    assert noted.duty == Decimal("1650.00")
    assert any("9903.01.28" in message and "in_transit" in message for message in noted.problems["message"])
    said = us.estimate(tc.Shipment(**shipment, facts={"in_transit": True}, lines=[line]))
    assert said.duty == Decimal("1650.00")
    # neither assumed, nor without effect
    assert not any("in_transit" in message for message in said.problems["message"])
    not_yet = us.estimate(tc.Shipment(**shipment, facts={"in_transit": False}, lines=[line]))
    assert not_yet.duty == Decimal("2650.00")  # and the 10% of 9903.01.25
