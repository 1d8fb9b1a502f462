"""The engine against the oracle: every program, every boundary day, the same outcome, measure, heading and cent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from fact_patterns import REFUSED, VALUE, FactPatterns, Said, as_frame, engine_says
from oracle import Declared, OneLine, Posting, ShipmentFee, assess_shipment, oracle_of
from oracle_value import Refused

import tariffcalc as tc
from tariffcalc.law.rulebook import Rulebook

LINES, PART = 3_000, 10_000
NIGHTLY_RUNS, NIGHTLY_LINES = 10, 50_000  # so that the runs share the cores
OF_ENTRY = ("transport", "entry_type", "entry_filing")


def oracle_says(book: Rulebook, line: Declared) -> Said:
    """The oracle's postings, a shipment fee among them as that of a shipment of one line."""
    try:
        (said,), fees = assess_shipment(book, [line])
        said[VALUE] = Posting("valued", OneLine(oracle_of(book), line).value)
    except Refused:
        return REFUSED
    for name, fee in fees.items():
        posting = fee.postings[0]
        amount = None if posting.outcome == "unknown" else fee.amount
        outcome = posting.outcome if amount is None or posting.amount is not None else "charged" if amount else "none due"
        said[name] = replace(posting, outcome=outcome, amount=amount)
    return said


def differences(oracle: Said, engine: Said) -> list[str]:
    """Where the two differ, in words.  Of an unknown posting only that it is unknown must agree."""
    if (oracle is REFUSED) != (engine is REFUSED):
        return [f"line: the {'oracle' if oracle is REFUSED else 'engine'} alone refuses it"]
    found = []
    for name in sorted(oracle.keys() | engine.keys()):
        ours, theirs = oracle.get(name), engine.get(name)
        if ours == theirs or (ours and theirs and ours.outcome == theirs.outcome == "unknown" and theirs.amount is None):
            continue
        found.append(f"{name}: oracle {_shown(ours)}; engine {_shown(theirs)}")
    return found


def _shown(posting: Posting | None) -> str:
    return "silent" if posting is None else f"{posting.outcome} {posting.amount} {posting.measure} {posting.heading}"


def smallest(tariff: tc.Tariff, line: Declared, program: str) -> Declared:
    """The line with all left out that the disagreement about one program does not need."""

    def disagrees(candidate: Declared) -> bool:
        (engine,) = engine_says(tariff, [candidate])
        return any(each.startswith(f"{program}:") for each in differences(oracle_says(tariff.rulebook, candidate), engine))

    less: dict[str, Any]
    for name in ("admitted", "exported", "loaded", "tariff_goods", "value_basis", "currency", "exchange_rate"):
        less = {name: None}
        if getattr(line, name) is not None and disagrees(replace(line, **less)):
            line = replace(line, **less)
    for name in ("facts", "quantity", "costs"):
        for key in list(getattr(line, name)):
            less = {name: {each: given for each, given in getattr(line, name).items() if each != key}}
            if disagrees(replace(line, **less)):
                line = replace(line, **less)
    for claim in line.claims:
        without = replace(line, claims=tuple(each for each in line.claims if each != claim))
        if disagrees(without):
            line = without
    return line


def disagreements(tariff: tc.Tariff, lines: Sequence[Declared]) -> tuple[dict[str, tuple[str, Declared]], Counter[str]]:
    """The first disagreement of each program and kind, and how often each outcome was compared."""
    found: dict[str, tuple[str, Declared]] = {}
    seen: Counter[str] = Counter()
    for line, engine in zip(lines, engine_says(tariff, lines), strict=True):
        oracle = oracle_says(tariff.rulebook, line)
        for name, posting in oracle.items():
            seen[f"{name} {posting.outcome}"] += 1
            seen[posting.outcome] += 1
        for each in differences(oracle, engine):
            name = each.split(":")[0]
            kind = " / ".join([name, *(said[name].outcome if name in said else "silent" for said in (oracle, engine))])
            seen[f"differs {kind}"] += 1
            found.setdefault(kind, (name, line))
    return found, seen


def report(tariff: tc.Tariff, found: dict[str, tuple[str, Declared]], seen: Counter[str]) -> str:
    lines = []
    for kind, (program, line) in found.items():
        line = smallest(tariff, line, program)
        (engine,) = engine_says(tariff, [line])
        words = "; ".join(differences(oracle_says(tariff.rulebook, line), engine))
        lines.append(f"{seen[f'differs {kind}']} times: {words}\n    {as_frame([line]).dropna(axis=1).to_dict('records')[0]}")
    return "\n" + "\n".join(lines)


def parts(lines: Iterator[Declared], size: int) -> Iterator[list[Declared]]:
    while part := list(islice(lines, size)):
        yield part


def compare(tariff: tc.Tariff, lines: Iterator[Declared]) -> Counter[str]:
    """Fail with the smallest example of each kind of disagreement; return how often each outcome was compared."""
    seen: Counter[str] = Counter()
    found: dict[str, tuple[str, Declared]] = {}
    for part in parts(lines, PART):
        more, counted = disagreements(tariff, part)
        found = more | found
        seen += counted
    if found:
        pytest.fail(report(tariff, found, seen))
    return seen


def test_engine_and_oracle_agree(us: tc.Tariff) -> None:
    """A sample of fact patterns over the whole schedule; and the sample is not idle: every outcome occurs."""
    seen = compare(us, FactPatterns(us.rulebook, seed=20250807).lines(LINES))
    assert all(seen[outcome] > 100 for outcome in ("charged", "none due", "unknown")), seen


def test_on_an_invented_law() -> None:
    """The same on the small law of ``law_fixture``, which has kinds of rule that the bundled law may not use today."""
    land = tc.load(Path(__file__).parent / "law_fixture" / "land")
    seen = compare(land, FactPatterns(land.rulebook, seed=3).lines(LINES))
    assert all(seen[outcome] > 30 for outcome in ("charged", "none due", "gave way", "unknown")), seen


@pytest.mark.parametrize("known_on", ["2025-03-01", "2025-04-08", "2025-08-10", "2026-02-23"])
def test_law_as_it_was_known(known_on: str) -> None:
    """The same under the law as it was known on a day."""
    known = tc.load("us", known_on=known_on)
    compare(known, FactPatterns(known.rulebook, seed=7).lines(500))


def test_fees_on_shipments(us: tc.Tariff) -> None:
    """Fees on shipments of several lines: the sum exact, each share within a cent of its proportion."""
    patterns = FactPatterns(us.rulebook, seed=24)
    shipments = [shipment_of(patterns, patterns.random.choice((1, 2, 3, 7))) for _ in range(400)]
    lines = [line for shipment in shipments for line in shipment]
    numbers = [number for number, shipment in enumerate(shipments) for _ in shipment]
    engine = engine_says(us, lines, numbers)
    compared = place = 0
    for shipment in shipments:
        said = engine[place : place + len(shipment)]
        place += len(shipment)
        if any(each is REFUSED for each in said):
            continue
        _, fees = assess_shipment(us.rulebook, shipment)
        for name in {name for name, program in us.programs.items() if program.per == "shipment"}:
            compared += fee_agrees(name, fees.get(name), said)
    assert compared > 200


def shipment_of(patterns: FactPatterns, size: int) -> list[Declared]:
    """Lines of one entry: the same days, and the same facts of the entry."""
    first = patterns.line()
    lines = [first]
    while len(lines) < size:
        line = patterns.line(entered=first.entered)
        of_entry = {name: first.facts[name] for name in OF_ENTRY if name in first.facts}
        facts = {name: given for name, given in line.facts.items() if name not in OF_ENTRY} | of_entry
        days = {name: getattr(first, name) for name in ("loaded", "exported", "admitted")}
        lines.append(replace(line, facts=facts, **days))
    return lines


def fee_agrees(name: str, fee: ShipmentFee | None, said: Sequence[Said]) -> bool:
    """Assert that the engine's shares are those of the fee; whether there was an amount to compare."""
    postings = {number: each[name] for number, each in enumerate(said) if name in each}
    assert set(postings) == (set(fee.postings) if fee else set())
    if fee is None:
        return False
    shares = {number: posting.amount for number, posting in postings.items()}
    if fee.amount is None:
        assert all(shares[number] is None for number in fee.parts), (fee, postings)
        return False
    assert None not in shares.values(), (fee, postings)
    assert sum(share or 0 for share in shares.values()) == fee.amount, (fee, postings)
    total = sum(fee.parts.values())
    for number, part in fee.parts.items():
        assert not total or abs(Fraction(shares[number] or 0) - Fraction(fee.amount) * part / total) < Fraction(1, 100)
    return fee.amount > 0


@pytest.mark.nightly
@pytest.mark.parametrize("run", range(NIGHTLY_RUNS))
def test_engine_and_oracle_agree_at_full_size(us: tc.Tariff, run: int) -> None:
    """The same at full size, half a million lines in all; in no run may a program go without a posting."""
    started = time.perf_counter()
    try:
        seen = compare(us, FactPatterns(us.rulebook, seed=1789 + run).lines(NIGHTLY_LINES))
    finally:
        seconds = time.perf_counter() - started
        print(f"{NIGHTLY_LINES} lines in {seconds:.0f} s: {NIGHTLY_LINES / seconds:.0f} lines/s")
    silent = [name for name in us.programs if not any(key.startswith(name + " ") for key in seen)]
    assert not silent, f"no line reached {silent}"
