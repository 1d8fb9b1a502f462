"""Amended laws hold together what an amendment leaves alone: a hundred of them fit into little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MOST_OF_ONE = 1.5  # MB, so that a hundred take no more than 150

# Laws that differ in one rate, each kept and estimated with, in a process of their own: what they add to its
# memory [MB].
SCRIPT = """
import gc, sys
import pandas as pd
import tariffcalc as tc

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

law = tc.load("us")
frame = pd.DataFrame({
    "commodity": ["6109100012", "8302416080", "7606123045"] * 20,
    "origin": ["IN", "CN", "VN", "DE", "MX"] * 12,
    "entered": ["2025-09-20", "2025-10-20", "2026-02-10"] * 20,
    "value": range(1000, 61000, 1000),
})

def amended(number):
    scenario = tc.Scenario(f"{number}").set_duty("us.ieepa.reciprocal/india-august", f"{number / 10}%")
    other = law.amend(scenario)
    return other, other.estimate(frame).known_duty

law.estimate(frame)
kept = [amended(1)]
gc.collect()
before = resident()
kept += [amended(number) for number in range(2, int(sys.argv[1]) + 2)]
assert len({duty for _, duty in kept}) == len(kept)  # each is a law of its own
gc.collect()
print(resident() - before)
"""


def check(laws: int, slack: float = 0) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory of a process is read from /proc")
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(laws)]
    grown = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown <= laws * MOST_OF_ONE + slack


def test_ten_amended_laws() -> None:
    """Some, with room for what a process takes once."""
    check(10, slack=8)


@pytest.mark.nightly
def test_a_hundred_amended_laws() -> None:
    """A hundred of them, under 150 MB."""
    check(100)
