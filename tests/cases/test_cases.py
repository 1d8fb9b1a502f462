"""Worked cases from official texts, written beside the law in ``seeds/*/cases``: every one of them, to the
cent.

Expected values come from the text and from arithmetic shown in the case, never from the library.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assessed_cases import SHIPMENT, AssessedCases, Got, alone, law

from tariffcalc.reading.yaml_text import read_yaml

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
KEYS = {
    *SHIPMENT,
    "case",
    "title",
    "source",
    "decided_by",
    "arithmetic",
    "known_on",
    "lines",
    "expect",
    "doubt",
    "note",
}
EXPECT = {"postings", "silent", "noted", "duty", "fees", "total", "customs_value", "refused"}
Case = dict[str, Any]


def _cases() -> list[Any]:
    found = []
    for path in sorted(SEEDS.glob("*/cases/*.yaml")):
        if not (path.parents[1] / "territory.yaml").is_file():
            continue
        for case in read_yaml(path).data:
            found.append(pytest.param(path.parts[-3], case, id=f"{path.stem}:{case['case']}"))
    return found


CASES = _cases()


@pytest.fixture(scope="session")
def together(request: pytest.FixtureRequest) -> Callable[[str, Case], Got]:
    """What a case got in a table of all cases of its law that are run."""
    groups: dict[tuple[str, str | None], list[Case]] = {}
    for item in request.session.items:
        params = (
            item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        )
        if "case" in params and "territory" in params:
            groups.setdefault((params["territory"], params["case"].get("known_on")), []).append(
                params["case"]
            )
    assessed: dict[tuple[str, str | None], AssessedCases] = {}

    def got(territory: str, case: Case) -> Got:
        key = territory, case.get("known_on")
        if key not in assessed:
            assessed[key] = AssessedCases(law(*key), groups[key])
        return assessed[key].got(case)

    return got


@pytest.mark.parametrize(("territory", "case"), CASES)
def test_case(territory: str, case: Case, together: Callable[[str, Case], Got]) -> None:
    """The postings, the duty and the fees are what the text says."""
    assert set(case) <= KEYS
    assert case["source"] and case["expect"]
    check(territory, case, together(territory, case))


@pytest.mark.nightly
@pytest.mark.parametrize(("territory", "case"), CASES)
def test_case_alone(territory: str, case: Case) -> None:
    """The same where nothing else is assessed with it."""
    check(territory, case, alone(law(territory, case.get("known_on")), case))


def wrong(case: Case, expected: dict[str, Any], what: str) -> None:
    """Fail with one sentence about one posting of a case."""
    pytest.fail(
        f"case {case['case']}, line {expected.get('line', 1)}, {expected['program']}: {what}", pytrace=False
    )


def check(territory: str, case: Case, got: Got) -> None:
    """Compare what a case got with what its text says."""
    expect = case["expect"]
    assert not set(expect) - EXPECT
    assert not got.unread, f"{case['case']}: nothing reads {sorted(got.unread)}"
    assert sorted(got.refused) == sorted(expect.get("refused", ()))
    for expected in expect.get("noted", ()):
        line, code = int(expected.get("line", 1)), expected["code"]
        supply = [each[2] for each in got.noted if each[:2] == (line, code)]
        assert any(expected.get("names", "") in each for each in supply), got.noted
    for expected in expect.get("postings", ()):
        check_posting(case, expected, got)
    programs = law(territory, case.get("known_on")).programs
    for program in expect.get("silent", ()):
        assert program in programs, f"{case['case']}: silent names {program}, which is no program"
        assert not [key for key in got.postings if key[1] == program], got.postings
    for name, value in (("duty", got.duty), ("fees", got.fees), ("total", got.total)):
        if name in expect:
            assert value == (None if expect[name] == "unknown" else Decimal(expect[name])), (
                f"{name}: {[tuple(each)[:8] for each in got.postings.values()]}"
            )
    if "customs_value" in expect:
        assert got.customs_values == [Decimal(each) for each in expect["customs_value"]]


def check_posting(case: Case, expected: dict[str, Any], got: Got) -> None:
    """Compare one posting with what the text says."""
    key = int(expected.get("line", 1)), expected["program"]
    assert key in got.postings, f"no posting of {key}; got {sorted(got.postings)}"
    posting = got.postings[key]
    if "amount" in expected:
        amount = None if posting.amount is None else got.money(posting.amount)
        wanted = None if expected["amount"] == "unknown" else Decimal(expected["amount"])
        if amount != wanted:
            found = f"got {amount} ({posting.measure}: {posting.duty_text} of {posting.base_text})"
            wrong(case, expected, f"expected {expected['amount']} ({case['arithmetic']}), {found}")
    if "heading" in expected:
        declared = {posting.heading, posting.also_declared}
        if expected["heading"] not in declared:
            wrong(case, expected, f"expected heading {expected['heading']}, got {sorted(declared)}")
    if "outcome" in expected and posting.outcome != expected["outcome"]:
        wrong(case, expected, f"expected {expected['outcome']}, got {posting.outcome}")
