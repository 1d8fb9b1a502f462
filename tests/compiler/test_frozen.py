"""Frozen means frozen: nothing of a law, a rulebook or a scenario can be changed, however the law came about;
and all of it can be sent."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

import tariffcalc as tc
from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.errors import StoredError, TariffError
from tariffcalc.scale.broadcast import SerializedLaw

SHIRTS = tc.Shipment(
    entered="2025-04-09",
    transport="air",
    lines=(tc.Line(commodity="6109.10.00.12", origin="IN", value="10000"),),
)


def parts_of(value: Any) -> Iterator[Any]:
    """A value and everything below it."""
    yield value
    if isinstance(value, Mapping):
        below: Any = [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list | set | frozenset):
        below = value
    elif isinstance(value, BaseModel):
        below = list(vars(value).values())
    elif is_dataclass(value):
        below = [getattr(value, each.name) for each in fields(value)]
    else:
        return
    for each in below:
        if not isinstance(each, str | int):
            yield from parts_of(each)


LAWS = {
    "loaded": lambda us: us,
    "amended": lambda us: us.amend("india-at-18-percent"),
    "certain": lambda us: us.certain(),
    "shipped": lambda us: SerializedLaw.of(us.law).tariff(),
    "sent": lambda us: pickle.loads(pickle.dumps(us)),
}


@pytest.mark.parametrize("which", LAWS)
def test_no_array_or_mapping_of_a_law_can_be_changed(us: tc.Tariff, which: str) -> None:
    arrays = 0
    for each in parts_of(LAWS[which](us).law):
        if isinstance(each, np.ndarray):
            arrays += 1
            assert not each.flags.writeable
        assert not isinstance(each, list | set)
        if isinstance(each, dict):
            with pytest.raises(TypeError, match="cannot be changed"):
                each["x"] = 0
    assert arrays > 100


def test_a_fresh_law_is_as_frozen_as_one_that_is_kept(laws: Path, land_seeds: Path) -> None:
    for _ in range(2):
        law = tc.load(land_seeds).law
        assert not any(each.flags.writeable for each in parts_of(law) if isinstance(each, np.ndarray))
        for change in (
            lambda law=law: law.duties.ppm.__setitem__(slice(None), 0),
            lambda law=law: law.code_index.clear(),
        ):
            with pytest.raises((ValueError, TypeError)):
                change()
        with pytest.raises(AttributeError):
            law.title = "another"


@pytest.mark.parametrize("which", ["us", "india"])
def test_nothing_of_a_rulebook_can_be_changed(which: str, request: pytest.FixtureRequest) -> None:
    for each in parts_of(request.getfixturevalue(which).rulebook):
        assert not isinstance(each, list | set)
        if isinstance(each, BaseModel):
            assert each.model_config["frozen"]
        if isinstance(each, dict):
            with pytest.raises(TypeError, match="cannot be changed"):
                each.update({"x": 0})


def test_nothing_of_a_scenario_can_be_changed(us: tc.Tariff) -> None:
    """Each ready one, and one whose change was given as a mapping: the mapping may be changed, the scenario
    stays."""
    given = {"set_duty": "us.s122/surcharge", "duty": "18%"}
    scenario = tc.Scenario("x", changes=[given])
    given["duty"] = "99%"
    assert "18%" in scenario.to_yaml()
    with pytest.raises(TypeError):
        scenario.changes[0]["duty"] = "99%"
    ready = [us.scenario(path.stem) for path in sorted((us.folder / "scenarios").glob("*.yaml"))]
    for each in parts_of((scenario, *ready)):
        assert not isinstance(each, list | set)
        assert type(each) is not dict
        if isinstance(each, BaseModel):
            assert each.model_config["frozen"]


def frame() -> pd.DataFrame:
    days = ["2025-04-09", "2025-08-20", "2026-02-10", "2026-03-02"]
    return pd.DataFrame(
        {
            "commodity": ["6109100012", "8471300100"] * 2,
            "origin": ["IN", "CN"] * 2,
            "entered": days,
            "value": [10_000.0] * 4,
        }
    )


@pytest.mark.parametrize("which", LAWS)
def test_a_tariff_can_be_sent(us: tc.Tariff, which: str) -> None:
    tariff = LAWS[which](us)
    arrived = pickle.loads(pickle.dumps(tariff))
    assert fingerprint(arrived.law) == fingerprint(tariff.law)
    assert repr(arrived) == repr(tariff)
    assert arrived.estimate(frame()).frame.equals(tariff.estimate(frame()).frame)
    assert copy.deepcopy(tariff).estimate(SHIRTS).duty == tariff.estimate(SHIRTS).duty


def test_a_law_that_is_kept_travels_by_reference(us: tc.Tariff) -> None:
    tc.load("us")  # what is kept may have been removed by other tests
    for each in (us, us.certain(), tc.load("us", known_on="2025-05-29")):
        assert len(pickle.dumps(each)) < 1000
    assert len(pickle.dumps(us.estimate(SHIRTS))) < 5000
    assert len(pickle.dumps(us.amend("india-at-18-percent"))) < 2_000_000


def test_what_arrives_has_its_rulebook(us: tc.Tariff) -> None:
    amended = us.amend("india-at-18-percent")
    arrived = pickle.loads(pickle.dumps(amended))
    assert arrived.rulebook == amended.rulebook
    assert pickle.loads(pickle.dumps(us)).rulebook == us.rulebook
    with pytest.raises(TariffError, match="only the compiled law travels"):
        pickle.loads(pickle.dumps(SerializedLaw.of(us.law).tariff())).amend("india-at-18-percent")


@pytest.mark.parametrize("keep", ["totals", "programs", "postings"])
def test_an_estimate_and_a_comparison_can_be_sent(us: tc.Tariff, keep: str) -> None:
    before, after = (tariff.estimate(frame(), keep=keep) for tariff in (us, us.amend("india-at-18-percent")))
    arrived = pickle.loads(pickle.dumps(before))
    assert arrived.frame.equals(before.frame)
    assert arrived.ledger.equals(before.ledger)
    assert arrived.problems.equals(before.problems)
    assert arrived.unused_columns == before.unused_columns
    comparison = tc.compare(before, after)
    sent = pickle.loads(pickle.dumps(comparison))
    assert sent.change == comparison.change
    assert sent.by("program").equals(comparison.by("program"))


def test_an_estimate_arrives_as_it_was_made(us: tc.Tariff) -> None:
    """Its table is changed afterwards: what was estimated is sent, and not what the table says now."""
    table = frame()
    estimate = us.estimate(table)
    duty = estimate.duty
    table["value"] = 0.0
    assert pickle.loads(pickle.dumps(estimate)).duty == duty


def duty_elsewhere(tariff: tc.Tariff) -> tuple[Decimal | None, Decimal | None]:
    estimate = tariff.estimate(SHIRTS)
    return estimate.duty, pickle.loads(pickle.dumps(estimate)).duty


def test_spawned_processes(us: tc.Tariff) -> None:
    """T-shirts of India on the one day of the 26%: 1,650 + 2,600; after the amendment of later days
    the same."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert (
            pool.map(duty_elsewhere, [us, us.amend("india-at-18-percent")])
            == [(Decimal("4250.00"), Decimal("4250.00"))] * 2
        )


def test_a_law_that_is_gone_is_said_to_be_gone(laws: Path, land_seeds: Path) -> None:
    sent = pickle.dumps(tc.load(land_seeds))
    for path in laws.iterdir():
        path.unlink()
    assert pickle.loads(sent).programs  # made again from the same seeds
    sent = pickle.dumps(tc.load(land_seeds))
    for path in laws.iterdir():
        path.unlink()
    (land_seeds / "programs" / "harbour.yaml").unlink()
    with pytest.raises(StoredError, match=r"not kept any more, and the seeds in .* have changed"):
        pickle.loads(sent)


def test_bytes_that_are_not_whole_are_refused(us: tc.Tariff) -> None:
    sent = SerializedLaw.of(us.law)
    for packed in (sent.packed[:-10], sent.packed[:500] + b"\0" + sent.packed[501:], b"", b"x"):
        with pytest.raises(StoredError):
            SerializedLaw("another", packed).tariff()
