"""The difference of two laws: what a scenario changes is listed, with its days, and nothing else."""

from __future__ import annotations

import pytest

import tariffcalc as tc

INDIA = "us.ieepa.reciprocal/india-august"
NAMES = ["program", "measure", "from", "to", "duty_before", "duty_after", "changed", "acts"]


def rows(us: tc.Tariff, scenario: tc.Scenario) -> list[tuple[str, ...]]:
    table = scenario.diff(us)
    assert list(table.columns) == NAMES
    return list(table.itertuples(index=False, name=None))


def test_a_duty_on_some_days(us: tc.Tariff) -> None:
    """The measure is in force from 2025-08-07 to the first minute of 2026-02-24."""
    scenario = tc.Scenario("x").set_duty(INDIA, "18%", on_or_after="2025-12-01", before="2026-01-01")
    program, measure = INDIA.split("/")
    assert rows(us, scenario) == [
        (program, measure, "2025-12-01", "2026-01-01", "25%", "18%", "duty", "scenario:x")
    ]
    whole = tc.Scenario("x").set_duty(INDIA, "18%")
    assert [row[2:6] for row in rows(us, whole)] == [("2025-08-07", "2026-02-24 00:00", "25%", "18%")]


def test_two_changes_of_one_measure_are_two_rows(us: tc.Tariff) -> None:
    scenario = tc.Scenario("x").set_duty(INDIA, "18%").set_duty(INDIA, "15%", on_or_after="2026-01-01")
    assert [row[2:6] for row in rows(us, scenario)] == [
        ("2025-08-07", "2026-01-01", "25%", "18%"),
        ("2026-01-01", "2026-02-24 00:00", "25%", "15%"),
    ]


def test_an_end_and_a_later_end(us: tc.Tariff) -> None:
    """Section 122 runs from 2026-02-24 to 2026-07-24 at 10%."""
    found = rows(us, tc.Scenario("x").end("us.s122/surcharge", before="2026-04-01"))
    assert [row[2:6] for row in found] == [("2026-04-01", "2026-07-24", "10%", "not in force")]
    found = rows(us, tc.Scenario("x").extend("us.s122/surcharge", before="2027-01-01"))
    assert [row[2:6] for row in found] == [("2026-07-24", "2027-01-01", "not in force", "10%")]


def test_a_list_once_for_each_measure_that_names_it(us: tc.Tariff) -> None:
    """Annex II exempts from the reciprocal duty and from the duty for Russian oil."""
    found = rows(us, tc.Scenario("x").add_to_list("annex-ii", "6109.10", on_or_after="2026-01-01"))
    assert [row[:4] for row in found] == [
        ("us.ieepa.reciprocal", "annex-ii", "2026-01-01", ""),
        ("us.ieepa.russian-oil", "annex-ii", "2026-01-01", ""),
    ]
    assert {row[6] for row in found} == {"put on list annex-ii: 6109.10"}
    (code,) = (member.item for member in us.rulebook.lists["annex-ii"].members[:1])
    gone = rows(us, tc.Scenario("x").remove_from_list("annex-ii", code, on_or_after="2027-01-01"))
    assert gone and {row[2] for row in gone} == {"2027-01-01"}
    assert all(row[6].startswith("taken off list annex-ii: ") for row in gone)


def test_a_narrowed_duty_is_a_new_measure(us: tc.Tariff) -> None:
    """Four exemptions and more go before the surcharge, and before the part of it that is narrowed."""
    found = rows(us, tc.Scenario("x").set_duty("us.s122/surcharge", "15%", origin="VN"))
    assert found[0][:6] == (
        "us.s122", "surcharge-narrowed-1", "2026-02-24", "2026-07-24", "not in force", "15%"
    )  # fmt: skip
    assert found[0][6].startswith("new measure: origins VN")
    exemptions = {row[1] for row in found if row[6] == "goes before surcharge-narrowed-1"}
    assert {"exempt-list", "civil-aircraft", "usmca-canada"} <= exemptions
    assert {row[0] for row in found} == {"us.s122"}


def test_a_new_program(us: tc.Tariff) -> None:
    measure = {"id": "levy", "history": [{"entered": {"on_or_after": "2026-01-01"}, "duty": "1%"}]}
    found = rows(us, tc.Scenario("x").add_program({"program": "us.levy", "measures": [measure]}))
    assert [row[:6] for row in found] == [("us.levy", "levy", "2026-01-01", "", "not in force", "1%")]


def test_what_was_amended_in_words(us: tc.Tariff) -> None:
    assert us.changes == ()
    first = us.amend(tc.Scenario("A").set_duty(INDIA, "18%", on_or_after="2026-02-07"))
    assert first.changes == (f"A: set duty {INDIA}: 18%, on or after 2026-02-07",)
    second = first.amend(tc.Scenario("B").end("us.s122/surcharge", before="2026-04-01"))
    assert second.changes == (*first.changes, "B: end us.s122/surcharge: before 2026-04-01")
    capped = us.amend(tc.Scenario("C").cap("us.s122/surcharge", "8%", origin="VN"))
    assert capped.changes == ("C: cap us.s122/surcharge: origin VN, at most 8%",)
    assert f"amended by 'A', 'B' (set duty {INDIA}: 18%, on or after 2026-02-07; end " in repr(second)


def test_the_difference_of_a_law_that_is_amended_already(us: tc.Tariff) -> None:
    """It is the difference from that law."""
    at_18 = us.amend(tc.Scenario("A").set_duty(INDIA, "18%"))
    found = rows(at_18, tc.Scenario("B").set_duty(INDIA, "15%"))
    assert [row[4:6] for row in found] == [("18%", "15%")]


@pytest.mark.parametrize("given", [None, "us"])
def test_the_law_is_needed(given: object) -> None:
    with pytest.raises(tc.ScenarioError, match="diff needs a law"):
        tc.Scenario("x").set_duty(INDIA, "18%").diff(given)  # type: ignore[arg-type]
