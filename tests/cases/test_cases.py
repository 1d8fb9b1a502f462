"""Worked cases from official texts, written beside the law in ``seeds/*/cases``: every one of them, to the
cent.

Expected values come from the text and from arithmetic shown in the case, never from the library.
"""

from __future__ import annotations

import functools
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning
from tariffcalc.reading.yaml_text import read_yaml

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
KEYS = {
    "case", "title", "source", "decided_by", "arithmetic", "entered", "loaded", "exported", "admitted",
    "known_on", "transport", "facts", "lines",
    "currency", "value_basis", "exchange_rate", "expect",
    "doubt", "note",
}  # fmt: skip


SHIPMENT = (
    "entered",
    "loaded",
    "exported",
    "admitted",
    "transport",
    "facts",
    "currency",
    "value_basis",
    "exchange_rate",
)


def _cases() -> list[Any]:
    found = []
    for path in sorted(SEEDS.glob("*/cases/*.yaml")):
        if not (path.parents[1] / "territory.yaml").is_file():
            continue
        for case in read_yaml(path).data:
            found.append(pytest.param(path.parts[-3], case, id=f"{path.stem}:{case['case']}"))
    return found


@functools.cache
def _tariff(territory: str, known_on: str | None) -> tc.Tariff:
    return tc.load(territory, known_on=known_on)


def wrong(case: dict[str, Any], expected: dict[str, Any], what: str) -> None:
    """Fail with one sentence about one posting of a case."""
    pytest.fail(
        f"case {case['case']}, line {expected.get('line', 1)}, {expected['program']}: {what}", pytrace=False
    )


@pytest.mark.parametrize(("territory", "case"), _cases())
def test_case(territory: str, case: dict[str, Any]) -> None:
    """The postings, the duty and the fees are what the text says."""
    assert set(case) <= KEYS
    assert case["source"] and case["expect"]
    tariff = _tariff(territory, case.get("known_on"))
    days = {name: case[name] for name in SHIPMENT if name in case}
    lines = []
    for line in case["lines"]:
        claims = tuple(line.get("claims", ()))
        lines.append(tc.Line(**{**line, "claims": claims}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(tc.Shipment(**days, lines=tuple(lines)), on_problem="keep")
    refused = estimate.problems[estimate.problems["severity"] == "refused"]["code"].tolist()
    assert sorted(refused) == sorted(case["expect"].get("refused", ())), estimate.problems.to_string()
    noted = estimate.problems[estimate.problems["severity"] == "note"]
    for expected in case["expect"].get("noted", ()):
        of_line = noted[
            (noted["row"] == int(expected.get("line", 1)) - 1) & (noted["code"] == expected["code"])
        ]
        assert of_line["supply"].str.contains(expected.get("names", ""), regex=False).any(), noted.to_string()
    ledger = estimate.parts[0]
    found = {
        (line + 1, posting.program): posting
        for line in range(len(ledger))
        for posting in ledger.postings(line)
    }
    expect = case["expect"]
    for expected in expect.get("postings", ()):
        key = int(expected.get("line", 1)), expected["program"]
        assert key in found, f"no posting of {key}; got {sorted(found)}"
        posting = found[key]
        if "amount" in expected:
            amount = None if posting.amount is None else estimate.money(posting.amount)
            wanted = None if expected["amount"] == "unknown" else Decimal(expected["amount"])
            if amount != wanted:
                got = f"got {amount} ({posting.measure}: {posting.duty_text} of {posting.base_text})"
                wrong(case, expected, f"expected {expected['amount']} ({case['arithmetic']}), {got}")
        if "heading" in expected:
            declared = {posting.heading, posting.also_declared}
            if expected["heading"] not in declared:
                wrong(case, expected, f"expected heading {expected['heading']}, got {sorted(declared)}")
        if "outcome" in expected and posting.outcome != expected["outcome"]:
            wrong(case, expected, f"expected {expected['outcome']}, got {posting.outcome}")
    for program in expect.get("silent", ()):
        assert program in tariff.programs, f"{case['case']}: silent names {program}, which is no program"
        assert not [key for key in found if key[1] == program], found
    for name, value in (("duty", estimate.duty), ("fees", estimate.fees), ("total", estimate.total)):
        if name in expect:
            assert value == (None if expect[name] == "unknown" else Decimal(expect[name])), (
                f"{name}: {[tuple(each)[:8] for each in found.values()]}"
            )
    if "customs_value" in expect:
        assert estimate.valuation["customs_value"].tolist() == [
            Decimal(each) for each in expect["customs_value"]
        ], estimate.valuation.T.to_string()
    assert not set(expect) - {
        "postings",
        "silent",
        "noted",
        "duty",
        "fees",
        "total",
        "customs_value",
        "refused",
    }
