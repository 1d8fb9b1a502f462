"""Several scenarios together: they add up, or contradict each other and say where."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest

import tariffcalc as tc
from tariffcalc.errors import ScenarioError

INDIA = "us.ieepa.reciprocal/india-august"
AT_18 = tc.Scenario("A").set_duty(INDIA, "18%", on_or_after="2026-02-07")
AT_15 = tc.Scenario("B").set_duty(INDIA, "15%", on_or_after="2026-02-10")
ENDED = tc.Scenario("C").end("us.ieepa.reciprocal", before="2026-02-01")
LISTED = tc.Scenario("D").add_to_list("annex-ii", "6109.10", on_or_after="2026-02-12")
SURCHARGE = tc.Scenario("E").set_duty("us.s122/surcharge", "15%")


def duty(tariff: tc.Tariff, entered: str, origin: str = "IN") -> Decimal | None:
    """T-shirts worth 10,000; column 1 is 16.5%."""
    line = tc.Line(commodity="6109.10.00.12", origin=origin, value="10000")
    return tariff.estimate(tc.Shipment(entered=entered, lines=(line,))).duty


def test_what_does_not_meet_adds_up(us: tc.Tariff) -> None:
    """1,650 and the reciprocal duty of 18%, nothing on the list, 15% under section 122."""
    both = us.amend(AT_18 + LISTED + SURCHARGE)
    assert [duty(both, day) for day in ("2026-02-11", "2026-02-12", "2026-03-02")] == [
        Decimal("3450.00"),
        Decimal("1650.00"),
        Decimal("3150.00"),
    ]
    assert both.rulebook.changes == ("A", "D", "E")
    for same in (us.amend(AT_18, LISTED, SURCHARGE), us.amend(AT_18).amend(LISTED).amend(SURCHARGE)):
        assert same.fingerprint == both.fingerprint
    assert len({both.fingerprint, us.fingerprint, us.amend(AT_18).fingerprint}) == 3


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        (AT_18, AT_15, f"{INDIA} from 2026-02-10 to 2026-02-24 00:00"),
        (AT_18, ENDED, f"{INDIA} from 2026-02-07 to 2026-02-24 00:00"),
        (
            LISTED,
            tc.Scenario("F").add_to_list("annex-ii", "6109", before="2026-03-01"),
            "the list annex-ii from 2026-02-12 to 2026-03-01",
        ),
        (
            SURCHARGE,
            tc.Scenario("F").set_duty("us.s122/surcharge", "12%", origin="VN"),
            "us.s122/surcharge from 2026-02-24 to 2026-07-24",
        ),
        (
            SURCHARGE,
            tc.Scenario("F").set_duty("us.s122", "15%", on_or_after="2026-07-01"),
            "us.s122/surcharge from 2026-07-01 to 2026-07-24",
        ),
    ],
    ids=["duties", "an end", "a list", "a part of it", "the same"],
)
def test_a_contradiction_names_both(
    us: tc.Tariff, first: tc.Scenario, second: tc.Scenario, where: str
) -> None:
    for one, two in ((first, second), (second, first)):
        with pytest.raises(ScenarioError) as error:
            us.amend(one, two)
        message = str(error.value)
        assert message.startswith(f"two scenarios contradict each other about {where}: ")
        assert f"{one.title!r}, change 1" in message and f"{two.title!r}, change 1" in message
        assert "\n" not in message
        with pytest.raises(ScenarioError, match="contradict"):
            (one + two).diff(us)


def test_the_number_of_the_change(us: tc.Tariff) -> None:
    first = tc.Scenario("A").set_duty("us.s122/surcharge", "15%").set_duty(INDIA, "18%")
    with pytest.raises(ScenarioError, match=r"'A', change 2 .* and 'B', change 1 "):
        us.amend(first, AT_15)


def test_other_days_other_goods_and_other_origins_do_not_meet(us: tc.Tariff) -> None:
    early = tc.Scenario("early").set_duty(INDIA, "20%", before="2026-02-07")
    assert duty(us.amend(early, AT_18), "2026-02-06") == Decimal("6150.00")  # 1,650 + 2,000 + oil 2,500
    narrow = [
        tc.Scenario(origin).set_duty("us.s122/surcharge", rate, origin=origin)
        for origin, rate in (("VN", "15%"), ("TH", "12%"))
    ]
    both = us.amend(*narrow)
    found = [duty(both, "2026-03-02", origin) for origin in ("VN", "TH", "IN")]
    assert found == [Decimal("3150.00"), Decimal("2850.00"), Decimal("2650.00")]


def test_an_order_settles_it(us: tc.Tariff) -> None:
    """1,650 and 15% where B comes last, 18% where A does; before B begins 18% in any order."""
    last = us.amend(tc.Scenario.combine(AT_18, AT_15, order="last"))
    first = us.amend(tc.Scenario.combine(AT_18, AT_15, order="first"))
    assert [duty(each, "2026-02-11") for each in (last, first)] == [Decimal("3150.00"), Decimal("3450.00")]
    assert [duty(each, "2026-02-08") for each in (last, first)] == [Decimal("3450.00")] * 2
    assert (last.rulebook.changes, first.rulebook.changes) == (("A", "B"), ("B", "A"))
    assert last.fingerprint != first.fingerprint
    settled = tc.Scenario.combine(AT_18, AT_15, order="last") + LISTED  # what is settled stays settled
    assert duty(us.amend(settled), "2026-02-11") == Decimal("3150.00")


def test_one_may_build_on_another(us: tc.Tariff) -> None:
    """B narrows a program that A adds: tried alone it names nothing, and no contradiction is found."""
    measure = {"id": "levy", "history": [{"entered": {"on_or_after": "2026-01-01"}, "duty": "1%"}]}
    added = tc.Scenario("A").add_program({"program": "us.levy", "measures": [measure]})
    more = measure | {"id": "more", "products": "6109", "instead_of": "levy"}
    more["history"] = [{"entered": {"on_or_after": "2026-01-01"}, "duty": "3%"}]
    both = us.amend(added, tc.Scenario("B").add_measure("us.levy", more))
    assert duty(both, "2026-03-02") == Decimal("2950.00")  # 1,650 + 1,000 + 300
    with pytest.raises(ScenarioError, match="there is no program"):
        us.amend(tc.Scenario("B").add_measure("us.levy", more), added)


def test_the_chain_stands_on_results(us: tc.Tariff) -> None:
    both = us.amend(AT_18, LISTED)
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")
    e = both.estimate(tc.Shipment(entered="2026-02-11", lines=(line,)))
    assert e.frame.attrs["law"] == "United States, amended by 'A', then by 'D'"
    assert e.fingerprint == both.fingerprint == pickle.loads(pickle.dumps(both)).fingerprint
    assert both.timeline("6109.10.00.12", "IN").attrs["law"] == e.frame.attrs["law"]


def test_written_and_read(us: tc.Tariff, tmp_path: object) -> None:
    """Of several scenarios a file holds the changes in the order in which they are made."""
    both = tc.Scenario.combine(AT_18, AT_15, order="first")
    again = tc.Scenario.of({"scenario": both.title, "changes": [each.written() for each in both.changes]})
    assert again.title == "B + A"
    assert duty(us.amend(again), "2026-02-11") == duty(us.amend(both), "2026-02-11") == Decimal("3450.00")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tc.Scenario.combine(AT_18), "combining needs two scenarios or more, got 1"),
        (
            lambda: tc.Scenario.combine(AT_18, AT_15, order="later"),
            "order is 'later': give 'last' or 'first'",
        ),
        (lambda: tc.Scenario.combine(AT_18, "B"), "only scenarios can be combined, got 'B'"),
        (lambda: AT_18 + AT_18, "two of the scenarios have the title 'A'"),
        (lambda: (AT_18 + LISTED).end(INDIA, before="2026-02-20"), "takes no further change"),
    ],
)
def test_what_cannot_be_combined(make: object, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        make()  # type: ignore[operator]
    with pytest.raises(TypeError):
        AT_18 + "B"
