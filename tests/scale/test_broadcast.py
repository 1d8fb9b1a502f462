"""The law on its way: its digest says what it says, and it is the same law when it arrives."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

import tariffcalc as tc
from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.errors import EngineError, TariffError
from tariffcalc.scale import broadcast
from tariffcalc.scale.broadcast import SerializedLaw


def test_the_digest_is_of_what_the_law_says(us: tc.Tariff) -> None:
    key = fingerprint(us.law)
    assert fingerprint(pickle.loads(pickle.dumps(us.law))) == key
    amended = us.amend("india-at-18-percent")
    # amended anew
    assert fingerprint(amended.law) == fingerprint(tc.load("us").amend("india-at-18-percent").law)
    others = {
        fingerprint(amended.law),
        fingerprint(
            us.amend(
                tc.Scenario("other").set_duty(
                    "us.ieepa.reciprocal/india-august", "18.01%", on_or_after="2025-09-07"
                )
            ).law
        ),
        fingerprint(tc.load("us", known_on="2025-05-29").law),
        fingerprint(replace(us.law, rule_duty=us.law.rule_duty[::-1])),
        fingerprint(replace(us.law, minor_units=1)),
    }
    assert len(others | {key}) == 6
    with pytest.raises(EngineError, match="holds a object, which has no digest"):
        fingerprint(replace(us.law, title=object()))  # type: ignore[arg-type]


def test_the_digest_is_the_same_in_another_process(us: tc.Tariff, repository: Path) -> None:
    """Sets stand in another order there."""
    read = "from tariffcalc.compiled.fingerprint import fingerprint"
    code = (
        f"import tariffcalc as tc; {read}; print(fingerprint(tc.load('us').amend('india-at-18-percent').law))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=repository,
        env=environment,
    )
    assert done.stdout.strip() == fingerprint(us.amend("india-at-18-percent").law)


@pytest.mark.parametrize("which", ["as it is", "amended", "as known"])
def test_a_law_arrives_as_it_left(us: tc.Tariff, lines: pa.Table, which: str) -> None:
    tariff = {
        "as it is": lambda: us,
        "amended": lambda: us.amend("india-at-18-percent"),
        "as known": lambda: tc.load("us", known_on="2026-02-01"),
    }
    left = tariff[which]()
    sent = pickle.dumps(SerializedLaw.of(left.law))
    assert len(sent) < 2_000_000
    arrived = pickle.loads(sent).tariff()
    lines = lines.filter(pa.compute.less(lines["entered"], pa.scalar("2026-02-01").cast(pa.date32())))
    assert arrived.estimate(lines).frame.equals(left.estimate(lines).frame)
    with pytest.raises(TariffError, match="only the compiled law travels"):
        arrived.amend("india-at-18-percent")


def test_a_law_is_unpacked_once(us: tc.Tariff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "_held", broadcast.OrderedDict())
    unpacked = []
    monkeypatch.setattr(broadcast, "Tariff", lambda *parts: unpacked.append(parts) or object())
    sent = SerializedLaw.of(us.law)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(pickle.loads(pickle.dumps(sent)).tariff()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(unpacked) == 1
    assert len({id(each) for each in found}) == 1
    for number in range(20):
        SerializedLaw(str(number), sent.packed).tariff()
    assert len(broadcast._held) == 8
