"""The engine against the oracle: every program, every boundary day, the same outcome, measure, heading and cent."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice

import pytest
from fact_patterns import FactPatterns, as_frame
from oracle import CodeUnknown, Declared, Posting, assess_shipment

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning
from tariffcalc.law.rulebook import Rulebook

LINES, NIGHTLY_LINES, PART = 3_000, 200_000, 10_000
Said = dict[str, Posting]
REFUSED: Said = {"refused": Posting("refused", None)}


@pytest.fixture(scope="module")
def us() -> tc.Tariff:
    return tc.load("us")


def engine_says(tariff: tc.Tariff, lines: Sequence[Declared]) -> list[Said]:
    """The engine's postings, line by line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimate = tariff.estimate(as_frame(lines))
    ledger, good = estimate.parts
    said: list[Said] = [REFUSED for _ in lines]
    for place, row in enumerate(good.rows):
        said[int(row)] = {
            posting.program: Posting(
                posting.outcome,
                None if posting.amount is None else estimate.money(posting.amount),
                posting.measure,
                posting.heading,
            )
            for posting in ledger.postings(place)
        }
    totals = estimate.columns()["duty"]
    for row, each in enumerate(said):
        amounts = [posting.amount for name, posting in each.items() if tariff.programs[name].kind == "duty"] if each is not REFUSED else [None]
        known = [amount for amount in amounts if amount is not None]
        expected = float("nan") if len(known) < len(amounts) else float(sum(known, Decimal(0)))
        assert totals[row] == pytest.approx(expected, abs=0.001, nan_ok=True), f"the duty of row {row} is not the sum of its postings"
    return said


def oracle_says(book: Rulebook, line: Declared) -> Said:
    """The oracle's postings, a shipment fee among them as that of a shipment of one line."""
    try:
        (said,), fees = assess_shipment(book, [line])
    except CodeUnknown:
        return REFUSED
    for name, fee in fees.items():
        posting = fee.postings[0]
        amount = None if posting.outcome == "unknown" else fee.amount
        outcome = posting.outcome if amount is None or posting.amount is not None else "charged" if amount else "none due"
        said[name] = replace(posting, outcome=outcome, amount=amount)
    return said


def differences(oracle: Said, engine: Said) -> list[str]:
    """Where the two differ, in words.  Of an unknown posting only that it is unknown must agree."""
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

    for name in ("admitted", "exported", "loaded"):
        if getattr(line, name) is not None and disagrees(replace(line, **{name: None})):
            line = replace(line, **{name: None})
    for name in ("facts", "quantity"):
        for key in list(getattr(line, name)):
            without = replace(line, **{name: {each: given for each, given in getattr(line, name).items() if each != key}})
            if disagrees(without):
                line = without
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
    seen: Counter[str] = Counter()
    for part in parts(lines, PART):
        found, counted = disagreements(tariff, part)
        seen += counted
        if found:
            pytest.fail(report(tariff, found, counted))
    return seen


def test_engine_and_oracle_agree(us: tc.Tariff) -> None:
    """A sample of fact patterns over the whole schedule; and the sample is not empty talk: every outcome occurs."""
    seen = compare(us, FactPatterns(us.rulebook, seed=20250807).lines(LINES))
    assert all(seen[outcome] > 20 for outcome in ("charged", "none due", "gave way", "unknown")), seen


@pytest.mark.nightly
def test_engine_and_oracle_agree_at_full_size(us: tc.Tariff) -> None:
    """The same at full size; no program may go without a posting."""
    started = time.perf_counter()
    seen = compare(us, FactPatterns(us.rulebook, seed=1789).lines(NIGHTLY_LINES))
    seconds = time.perf_counter() - started
    print(f"{NIGHTLY_LINES} lines in {seconds:.0f} s: {NIGHTLY_LINES / seconds:.0f} lines/s")
    silent = [name for name in us.programs if not any(key.startswith(name + " ") for key in seen)]
    assert not silent, f"no line reached {silent}"
