"""What must hold of any estimate under any law, whatever the amounts are.

Lines are drawn from the rulebook itself (``fact_patterns``), so a law added to the seeds is tried without a change here.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fact_patterns import REFUSED, FactPatterns, Said, as_frame, engine_says
from oracle import Declared

import tariffcalc as tc
from tariffcalc.engine.compile import compile_rulebook
from tariffcalc.errors import CoverageWarning
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.where import seeds_folder
from tariffcalc.tariff import Tariff
from tariffcalc.windows import NEVER, Window

LINES = 400


@pytest.fixture(scope="module")
def lines(us: tc.Tariff) -> list[Declared]:
    """Lines that the engine does not refuse."""
    drawn = list(FactPatterns(us.rulebook, seed=1846).lines(2 * LINES))
    good = [line for line, said in zip(drawn, engine_says(us, drawn), strict=True) if said is not REFUSED]
    assert len(good) > LINES
    return good[:LINES]


@pytest.fixture(scope="module")
def said(us: tc.Tariff, lines: list[Declared]) -> list[Said]:
    """What the engine says of them."""
    return engine_says(us, lines)


@pytest.fixture(autouse=True)
def _days_after_review() -> Iterator[None]:
    """Lines of every day are drawn, those after the review of a program too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        yield


def changed(tariff: tc.Tariff, book: Rulebook) -> tc.Tariff:
    """The tariff of another rulebook."""
    return Tariff(compile_rulebook(book), lambda: book, tariff.folder)


def with_spells(book: Rulebook, rewrite: Callable[[Spell], tuple[Spell, ...]]) -> Rulebook:
    """The rulebook with every spell rewritten."""

    def of(measure: Measure) -> Measure:
        history = tuple(piece for spell in measure.history for piece in rewrite(spell))
        return measure.model_copy(update={"history": history})

    programs = {name: program.model_copy(update={"measures": tuple(map(of, program.measures))}) for name, program in book.programs.items()}
    return replace(book, programs=programs)


def test_total_is_the_sum_of_postings(us: tc.Tariff, lines: list[Declared]) -> None:
    """Duty and fees of a table are the sums of its ledger; where any posting is unknown, so is its row."""
    estimate = us.estimate(as_frame(lines))
    ledger, columns = estimate.ledger, estimate.columns()
    fees = {name for name, program in us.programs.items() if program.kind == "fee"}
    for kind, of_kind in (("duty", ~ledger.program.isin(fees)), ("fees", ledger.program.isin(fees))):
        for row in range(len(lines)):
            amounts = list(ledger.amount[of_kind & (ledger.row == row)])
            unknown = any(amount is None or amount != amount for amount in amounts)
            expected = float("nan") if unknown else float(sum(amounts, Decimal(0)))
            assert columns[kind][row] == pytest.approx(expected, abs=1e-6, nan_ok=True)
    known = [amount for amount in ledger[~ledger.program.isin(fees)].amount if amount is not None and amount == amount]
    assert estimate.known_duty <= sum(known, Decimal(0))


def test_copies(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """Every copy of a line owes what the line owes."""
    assert engine_says(us, [line for line in lines for _ in range(3)]) == [each for each in said for _ in range(3)]


def test_copies_in_one_shipment_owe_the_same_duty(us: tc.Tariff, lines: list[Declared]) -> None:
    """Within one shipment too; only fees on the shipment are shared."""
    alone = us.estimate(as_frame(lines)).columns()["duty"]
    frame = as_frame([line for line in lines for _ in range(3)])
    frame["shipment"] = [number // 3 for number in range(len(frame))]
    together = us.estimate(frame).columns()["duty"]
    assert together == pytest.approx(alone.repeat(3), nan_ok=True)


def test_order_of_rows(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A shuffled table gives the shuffled result."""
    order = list(range(len(lines)))
    Random(5).shuffle(order)
    assert engine_says(us, [lines[place] for place in order]) == [said[place] for place in order]


def test_order_of_columns(us: tc.Tariff, lines: list[Declared]) -> None:
    """Columns may stand in any order, and a column of nothing changes nothing."""
    frame = as_frame(lines)
    names = sorted(frame.columns, reverse=True)
    result = us.estimate(frame[names].assign(remark="none")).columns()
    for name, values in us.estimate(frame).columns().items():
        assert values == pytest.approx(result[name], nan_ok=True), name


def test_replayed_alone(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A shipment of one line says what the row of a table says."""
    for line, expected in list(zip(lines, said, strict=True))[:60]:
        row = as_frame([line]).iloc[0].to_dict()
        of_line = tc.Line(
            commodity=line.commodity,
            origin=line.origin,
            value=line.value,
            quantity=line.quantity,
            claims=line.claims,
            facts={name: row[name] for name in line.facts if name != "transport"},
        )
        days = {name: row[name] for name in ("entered", "loaded", "exported", "admitted")}
        shipment = tc.Shipment(lines=[of_line], transport=line.facts.get("transport"), **days)
        ledger = us.estimate(shipment).ledger
        replayed = {
            row["program"]: (row["outcome"], row["amount"], row["measure"], row["heading"])
            for row in ledger.astype(object).where(ledger.notna(), None).to_dict("records")
        }
        assert replayed == {name: (posting.outcome, posting.amount, posting.measure, posting.heading) for name, posting in expected.items()}


def test_every_posting_has_an_act(us: tc.Tariff, lines: list[Declared]) -> None:
    """No amount without the instrument that made it, and the registry knows the instrument."""
    ledger = us.estimate(as_frame(lines)).ledger
    assert len(ledger)
    for acts in ledger.acts.unique():
        assert acts
        assert set(acts.split()) <= us.rulebook.acts.keys()


def test_splitting_a_window_changes_nothing(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """Every spell cut in two at a day inside it: the same law."""

    def in_two(spell: Spell) -> tuple[Spell, ...]:
        start, end = spell.entered.on_or_after, spell.entered.before
        middle = start + 61 if end >= NEVER else (start + end) // 2
        if not start < middle < end:
            return (spell,)
        first = spell.model_copy(update={"entered": Window(on_or_after=start, before=middle)})
        return first, spell.model_copy(update={"entered": Window(on_or_after=middle, before=end)})

    book = with_spells(us.rulebook.settled(), in_two)
    assert book != us.rulebook.settled()
    assert engine_says(changed(us, book), lines) == said


def test_moving_a_window_changes_something(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """The test before this one could not pass by accident: windows moved by a day do show."""

    def moved(spell: Spell) -> tuple[Spell, ...]:
        if spell.entered.before >= NEVER:
            return (spell,)
        return (spell.model_copy(update={"entered": Window(on_or_after=spell.entered.on_or_after, before=spell.entered.before + 4)}),)

    single = {name: program.model_copy(update={"measures": program.measures[:1]}) for name, program in us.rulebook.settled().programs.items()}
    book = replace(us.rulebook.settled(), programs=single, stacking=())
    assert engine_says(changed(us, with_spells(book, moved)), lines) != engine_says(changed(us, book), lines)


def test_empty_scenario(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A scenario without changes is the law itself."""
    assert engine_says(us.amend(tc.Scenario("nothing")), lines) == said


def test_law_known_after_its_last_act_is_the_law(us: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """Once every act is known, the law as known is the law."""
    last = max(act.known for act in us.rulebook.acts.values())
    assert engine_says(changed(us, us.rulebook.as_known_on(last)), lines) == said


FALLING = ("us.agricultural-safeguards", "us.s232.polysilicon.price")


def _without(estimate: tc.Estimate, programs: tuple[str, ...]) -> Any:
    """The duty of each row less that of some programs."""
    columns = estimate.columns()
    return columns["duty"] - sum(columns[name] for name in programs if name in columns)


def test_duty_grows_with_value(us: tc.Tariff, lines: list[Declared]) -> None:
    """Of two lines that differ in value alone the dearer never owes less, where the schedule and the facts are ad valorem.

    The safeguards by unit value and the minimum prices of polysilicon charge cheap goods more; that is their purpose.
    """
    plain = [replace(line, facts={name: given for name, given in line.facts.items() if not isinstance(given, Decimal)}) for line in lines]
    steps = [Decimal(1), Decimal("1.01"), Decimal(3), Decimal(1000)]
    estimates = [_without(us.estimate(as_frame([replace(line, value=line.value * step) for line in plain])), FALLING) for step in steps]
    compared = 0
    for less, more in pairwise(estimates):
        for row in range(len(plain)):
            if less[row] == less[row] and more[row] == more[row]:
                compared += less[row] < more[row]
                assert less[row] <= more[row] + 0.001, plain[row]
    assert compared > 50


FICTION = """
program: us.fiction
title: An invented duty
authority: None
charged_on: customs value
reviewed: {through: 2027-12-31, against: nothing}
measures:
  - id: invented
    heading: 9999.99.99
    origin: any except CN
    history:
      - {entered: {on_or_after: 2025-04-09}, duty: 7%, by: HTSUS}
  - id: not-by-air
    heading: 9999.99.98
    requires: donation
    instead_of: invented
    history:
      - {entered: {on_or_after: 2025-04-09}, duty: none, by: HTSUS}
"""


def test_a_program_is_a_file(us: tc.Tariff, lines: list[Declared], said: list[Said], tmp_path: Path) -> None:
    """A new file beside the others adds exactly its own postings, and nothing else changes."""
    shutil.copytree(seeds_folder(), tmp_path / "seeds")
    (tmp_path / "seeds" / "us" / "programs" / "fiction.yaml").write_text(FICTION, encoding="utf-8")
    with_fiction = engine_says(tc.load(tmp_path / "seeds" / "us"), lines)
    added = 0
    for line, before, after in zip(lines, said, with_fiction, strict=True):
        posting = after.pop("us.fiction", None)
        assert after == before
        law_day = line.entered if line.admitted is None else line.admitted
        in_force = law_day >= Window.model_validate({"on_or_after": "2025-04-09"}).on_or_after
        if not in_force or (line.origin == "CN" and "donation" not in line.claims):
            assert posting is None
            continue
        assert posting is not None
        due = (line.value * 7 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        expected = Decimal(0) if "donation" in line.claims else due
        assert posting.amount == expected
        added += expected > 0
    assert added > LINES / 4
