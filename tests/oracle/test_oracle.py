"""The engine against the oracle: every territory, program and boundary day, the same customs value, outcome,
measure, heading and cent.

What is not held leaves much of a territory's law unknown, and what is charged on it with it; so the
comparison is made a second time with invented duties in the gaps (``other_laws.filled``).
"""

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
from fact_patterns import DUTY, REFUSED, VALUE, FactPatterns, Said, as_frame, engine_says
from oracle import Declared, OneLine, Posting, ShipmentFee, assess_shipment, oracle_of
from oracle_declarations import EITHER, EVERY_PROGRAM, decided
from oracle_value import AS_IT_IS, TERMS, Refused, tariff_values_of
from other_laws import changed, filled, with_valuation

import tariffcalc as tc
from tariffcalc.compiler.rulebook import compile_rulebook
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.tariff import Tariff

LINES, PART = 700, 10_000
MORE = [1, pytest.param(5, marks=pytest.mark.nightly)]  # times the lines of every day
NIGHTLY_LINES = 50_000  # many runs, so that they share the cores
NIGHTLY_RUNS = [("us", run) for run in range(10)] + [("india", run) for run in range(4)]
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
        outcome = (
            posting.outcome
            if amount is None or posting.amount is not None
            else "charged"
            if amount
            else "none due"
        )
        said[name] = replace(posting, outcome=outcome, amount=amount)
    value = said.pop(VALUE)
    said, duty = decided(book, line, said)
    return said | {VALUE: value, DUTY: duty}


def differences(oracle: Said, engine: Said) -> list[str]:
    """Where the two differ, in words.  Of an unknown posting only that it is unknown must agree.

    Where the oracle knows an amount only because every declaration comes to it, the measure is open; and the
    engine, which knows a program where it charges the same whatever the amounts of the line, must know it
    only where the duty of the line is known program by program.
    """
    if (oracle is REFUSED) != (engine is REFUSED):
        return [f"line: the {'oracle' if oracle is REFUSED else 'engine'} alone refuses it"]
    found = []
    complete = oracle is REFUSED or oracle[DUTY].measure == EVERY_PROGRAM
    for name in sorted(oracle.keys() | engine.keys()):
        ours, theirs = oracle.get(name), engine.get(name)
        if (
            ours
            and theirs
            and (
                ours == theirs
                or (
                    ours.amount == theirs.amount
                    and (name == DUTY or ours.outcome == theirs.outcome == "unknown")
                )
            )
        ):
            continue
        left_open = theirs is not None and theirs.amount is None and not complete
        if ours and ours.outcome == EITHER and (left_open or ours.amount == (theirs.amount if theirs else 0)):
            continue
        found.append(f"{name}: oracle {_shown(ours)}; engine {_shown(theirs)}")
    return found


def _shown(posting: Posting | None) -> str:
    return (
        "silent"
        if posting is None
        else f"{posting.outcome} {posting.amount} {posting.measure} {posting.heading}"
    )


def smallest(tariff: tc.Tariff, line: Declared, program: str) -> Declared:
    """The line with all left out that the disagreement about one program does not need."""

    def disagrees(candidate: Declared) -> bool:
        (engine,) = engine_says(tariff, [candidate])
        return any(
            each.startswith(f"{program}:")
            for each in differences(oracle_says(tariff.rulebook, candidate), engine)
        )

    less: dict[str, Any]
    for name in (
        "admitted",
        "exported",
        "loaded",
        "tariff_goods",
        "value_basis",
        "currency",
        "exchange_rate",
    ):
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


def disagreements(
    tariff: tc.Tariff, lines: Sequence[Declared]
) -> tuple[dict[str, tuple[str, Declared]], Counter[str]]:
    """The first disagreement of each program and kind, and how often each outcome was compared."""
    found: dict[str, tuple[str, Declared]] = {}
    seen: Counter[str] = Counter()
    for line, engine in zip(lines, engine_says(tariff, lines), strict=True):
        oracle = oracle_says(tariff.rulebook, line)
        seen.update(ways_of_valuing(tariff.rulebook, line) if oracle is not REFUSED else ())
        for name, posting in oracle.items():
            seen[f"{name} {posting.outcome}"] += 1
            seen[posting.outcome] += 1
        for each in differences(oracle, engine):
            name = each.split(":")[0]
            kind = " / ".join(
                [name, *(said[name].outcome if name in said else "silent" for said in (oracle, engine))]
            )
            seen[f"differs {kind}"] += 1
            found.setdefault(kind, (name, line))
    return found, seen


def ways_of_valuing(book: Rulebook, line: Declared) -> Iterator[str]:
    """What went into the customs value of a line that is not refused."""
    if (
        tariff_values_of(book, line.commodity)
        and line.value_basis != AS_IT_IS
        and line.tariff_goods != "none"
    ):
        yield "by tariff value"
    elif (line.value_basis or "").upper() in TERMS:
        yield "by price"
    if line.currency not in (None, book.territory.currency):
        yield "at a declared rate" if line.exchange_rate is not None else "at a notified rate"


def report(tariff: tc.Tariff, found: dict[str, tuple[str, Declared]], seen: Counter[str]) -> str:
    lines = []
    for kind, (program, line) in found.items():
        line = smallest(tariff, line, program)
        (engine,) = engine_says(tariff, [line])
        words = "; ".join(differences(oracle_says(tariff.rulebook, line), engine))
        lines.append(
            f"{seen[f'differs {kind}']} times: {words}\n   "
            f" {as_frame([line]).dropna(axis=1).to_dict('records')[0]}"
        )
    return "\n" + "\n".join(lines)


def parts(lines: Iterator[Declared], size: int) -> Iterator[list[Declared]]:
    while part := list(islice(lines, size)):
        yield part


def compare(tariff: tc.Tariff, lines: Iterator[Declared]) -> Counter[str]:
    """Fail with the smallest example of each kind of disagreement; return how often each outcome was
    compared."""
    seen: Counter[str] = Counter()
    found: dict[str, tuple[str, Declared]] = {}
    for part in parts(lines, PART):
        more, counted = disagreements(tariff, part)
        found = more | found
        seen += counted
    if found:
        pytest.fail(report(tariff, found, seen))
    return seen


def test_engine_and_oracle_agree(tariff: tc.Tariff) -> None:
    """A sample of fact patterns over the whole schedule; and the sample is not idle: every outcome and way of
    valuing occurs."""
    seen = compare(tariff, FactPatterns(tariff.rulebook, seed=20250807).lines(LINES))
    assert all(seen[outcome] > LINES / 18 for outcome in ("charged", "none due", "unknown")), seen
    assert seen["refused"] < LINES / 4, seen
    ways = ["by price", "at a declared rate"]
    ways += ["at a notified rate"] if tariff.rulebook.exchange_rates else []
    ways += ["by tariff value"] if tariff.rulebook.tariff_values else []
    assert all(seen[way] > LINES / 90 for way in ways), seen


def test_with_invented_duties_where_none_are_held(india: tc.Tariff) -> None:
    """What is charged on duties that are not held comes to an amount, and the amounts agree."""
    compare_filled(india, seed=1, lines=LINES // 2)


def compare_filled(tariff: tc.Tariff, seed: int, lines: int) -> Counter[str]:
    book = filled(tariff.rulebook, seed)
    seen = compare(changed(tariff, book), FactPatterns(book, seed).lines(lines))
    assert seen["charged"] > lines and seen["unknown"] < seen["charged"], seen
    return seen


@pytest.fixture(scope="module")
def land() -> tc.Tariff:
    """The small invented law of ``law_fixture``, which has kinds of rule that the bundled law may not use
    today."""
    return tc.load(Path(__file__).parents[1] / "law_fixture" / "land")


def test_on_an_invented_law(land: tc.Tariff) -> None:
    """The same on an invented law."""
    seen = compare(land, FactPatterns(land.rulebook, seed=3).lines(LINES))
    assert all(seen[outcome] > LINES / 60 for outcome in ("charged", "none due", "gave way", "unknown")), seen


@pytest.mark.parametrize("times", MORE)
def test_duties_of_another_line(us: tc.Tariff, times: int) -> None:
    """Lines whose duty another line decides, with a line declared that may decide it, or with an amount, or
    with neither."""
    patterns = FactPatterns(us.rulebook, seed=13)
    choose, chance = patterns.random.choice, patterns.random.random
    texts = ("The rate", "The duty rate", "See ")
    borrowing = [
        code
        for code in patterns.codes
        if (row := patterns.oracle.rates(code, patterns.days[2][0])) and row.general.startswith(texts)
    ]

    def decided(line: Declared) -> Declared:
        facts: dict[str, Any] = {}
        if chance() < 0.8:
            facts["borrowed_line"] = choose(patterns.codes)
        elif chance() < 0.5:
            facts["borrowed_duty"] = patterns._money(patterns._worth(line))
        return replace(
            line, claims=tuple(each for each in line.claims if each in patterns.oracle.spis), facts=facts
        )

    lines = [
        decided(replace(patterns._at_random(patterns.moment(), choose(borrowing)), admitted=None))
        for _ in range(250 * times)
    ]
    seen = compare(us, iter(lines))
    assert all(seen[f"us.column-1 {each}"] > 25 * times for each in ("charged", "none due", "unknown")), seen


@pytest.mark.parametrize("times", MORE)
def test_duties_in_proportion(us: tc.Tariff, times: int) -> None:
    """Lines whose duty is specific or compound, returned after repair or assembly abroad: in proportion to
    the value."""
    patterns = FactPatterns(us.rulebook, seed=98)
    provisions = {
        "9802.00.40": "processing_value",
        "9802.00.50": "processing_value",
        "9802.00.60": "processing_value",
    }
    provisions["9802.00.80"] = "us_components_value"
    choose = patterns.random.choice

    def returned(line: Declared) -> Declared:
        claim = choose(sorted(provisions))
        part = patterns._money(patterns._worth(line))
        programs = [each for each in line.claims if each in patterns.oracle.spis]
        return replace(line, claims=(*programs, claim), facts={provisions[claim]: part})

    compound = [
        code
        for code in patterns.codes
        if (row := patterns.oracle.row(code, us.rulebook.territory.held.on_or_after)) and "/" in row.general
    ]
    lines = [
        returned(replace(patterns._at_random(patterns.moment(), choose(compound)), admitted=None))
        for _ in range(250 * times)
    ]
    seen = compare(us, iter(lines))
    assert seen["us.column-1 charged"] > 40 * times, seen


@pytest.mark.parametrize("seed", range(8))
def test_on_invented_laws_of_valuation(land: tc.Tariff, seed: int) -> None:
    """The same where costs are included, excluded or left alone as no bundled law has it, rounded to steps,
    at rates of the day of export."""
    book = with_valuation(land.rulebook, seed)
    seen = compare(changed(land, book), FactPatterns(book, seed).lines(250))
    assert all(seen[way] > 5 for way in ("by price", "at a notified rate", "by tariff value")), seen


@pytest.mark.parametrize("times", MORE)
@pytest.mark.parametrize(
    ("territory", "known_on"),
    [
        ("us", "2025-03-01"),
        ("us", "2025-04-08"),
        ("us", "2025-08-10"),
        ("us", "2026-02-23"),
        ("in", "2026-02-25"),
    ],
)
def test_law_as_it_was_known(territory: str, known_on: str, times: int) -> None:
    """The same under the law as it was known on a day."""
    known = tc.load(territory, known_on=known_on)
    compare(known, FactPatterns(known.rulebook, seed=7).lines(120 * times))


@pytest.mark.parametrize(
    "mistake",
    [
        "an amount that programs are charged on is left out",
        "rounded to a finer unit",
        "rates begin a day late",
    ],
)
def test_a_wrong_law_is_seen(india: tc.Tariff, mistake: str) -> None:
    """The comparison can fail: an engine under a law that is wrong in one point does not agree with the
    oracle."""
    book = india.rulebook
    wrong = {
        "an amount that programs are charged on is left out": without_an_amount,
        "rounded to a finer unit": lambda book: replace(
            book, territory=book.territory.model_copy(update={"round_to": 10})
        ),
        "rates begin a day late": lambda book: replace(
            book, exchange_rates=tuple(each._replace(start=each.start + 2) for each in book.exchange_rates)
        ),
    }[mistake](book)
    engine = Tariff(compile_rulebook(wrong), lambda: book, india.folder)
    found, _ = disagreements(engine, list(FactPatterns(book, seed=6).lines(200)))
    assert found


def without_an_amount(book: Rulebook) -> Rulebook:
    """The rulebook without the second of the amounts of other programs that each program is charged on."""
    programs = {}
    for name, program in book.programs.items():
        bases = []
        for base in program.charged_on:
            charged = [term for term in base.base if term.of.startswith("charged")]
            bases.append(
                base.model_copy(
                    update={"base": tuple(term for term in base.base if term not in charged[1:2])}
                )
            )
        programs[name] = program.model_copy(update={"charged_on": tuple(bases)})
    return replace(book, programs=programs)


def test_a_declared_rate_is_rounded_once(india: tc.Tariff) -> None:
    """87,654.30 x 17,872% = 15,665,576.496: of a part of a rupee less than fifty paise is ignored (Customs
    Act 1962, section 154A)."""
    line = tc.Line(
        commodity="6903.90.20",
        origin="CN",
        value="87654.30",
        claims=["antidumping_notification"],
        facts={"antidumping_rate": "17872%"},
    )
    ledger = india.estimate(tc.Shipment(entered="2025-11-01", lines=[line])).ledger.set_index("program")
    assert ledger.loc["in.add", "amount"] == 15_665_576


@pytest.mark.parametrize("times", MORE)
def test_fees_on_shipments(us: tc.Tariff, times: int) -> None:
    """Fees on shipments of several lines: the sum exact, each share within a cent of its proportion."""
    patterns = FactPatterns(us.rulebook, seed=24)
    shipments = [shipment_of(patterns, patterns.random.choice((1, 2, 3, 7))) for _ in range(160 * times)]
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
    assert compared > 80 * times


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
        assert not total or abs(
            Fraction(shares[number] or 0) - Fraction(fee.amount) * part / total
        ) < Fraction(1, 100)
    return fee.amount > 0


def test_a_program_dated_by_entry_reads_the_schedule_of_that_day(india: tc.Tariff) -> None:
    """3904.10.10: 7.5% in the First Schedule from 2026-05-01, 10% before; a day of admission does not fix the
    law of the basic duty."""
    line = tc.Line(commodity="3904.10.10", origin="DE", value="1000", facts={"pvc_flex_film": "no"})
    ledger = india.estimate(
        tc.Shipment(entered="2026-05-10", admitted="2026-04-04", lines=[line])
    ).ledger.set_index("program")
    assert ledger.loc["in.bcd", "amount"] == 75


@pytest.mark.nightly
@pytest.mark.parametrize(("territory", "run"), NIGHTLY_RUNS)
def test_engine_and_oracle_agree_at_full_size(
    territory: str, run: int, request: pytest.FixtureRequest
) -> None:
    """The same at full size, half a million lines of the one territory and 200,000 of the other; in no run
    may a program go without a posting."""
    tariff: tc.Tariff = request.getfixturevalue(territory)
    started = time.perf_counter()
    try:
        seen = compare(tariff, FactPatterns(tariff.rulebook, seed=1789 + run).lines(NIGHTLY_LINES))
    finally:
        seconds = time.perf_counter() - started
        print(f"{territory}: {NIGHTLY_LINES} lines in {seconds:.0f} s: {NIGHTLY_LINES / seconds:.0f} lines/s")
    print(
        {
            outcome: number
            for outcome, number in sorted(seen.items())
            if outcome.split()[0] not in tariff.programs
        }
    )
    silent = [name for name in tariff.programs if not any(key.startswith(name + " ") for key in seen)]
    assert not silent, f"no line reached {silent}"


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 6))
def test_with_invented_duties_at_full_size(india: tc.Tariff, seed: int) -> None:
    """Ten thousand lines under each of several laws whose gaps are filled."""
    print(compare_filled(india, seed, 10_000))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 200))
def test_on_many_invented_laws_of_valuation(land: tc.Tariff, seed: int) -> None:
    """Many laws of valuation, each combination of costs among them."""
    book = with_valuation(land.rulebook, seed)
    compare(changed(land, book), FactPatterns(book, seed).lines(400))
