"""What must hold of any estimate under any law, whatever the amounts are.

Lines are drawn from the rulebook itself (``fact_patterns``), so a law added to the seeds is tried without a
change here.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from fact_patterns import DUTY, REFUSED, VALUE, FactPatterns, Said, as_frame, engine_says
from oracle import Declared
from oracle_value import tariff_values_of
from other_laws import changed, with_spells

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning
from tariffcalc.law.measure import Spell
from tariffcalc.moments import NEVER
from tariffcalc.reading.where import seeds_folder
from tariffcalc.tariff import Tariff
from tariffcalc.windows import Window

LINES = 400


@pytest.fixture(scope="module")
def lines(tariff: tc.Tariff) -> list[Declared]:
    """Lines that the engine does not refuse."""
    drawn = list(FactPatterns(tariff.rulebook, seed=1846).lines(2 * LINES))
    good = [line for line, said in zip(drawn, engine_says(tariff, drawn), strict=True) if said is not REFUSED]
    assert len(good) > LINES
    return good[:LINES]


@pytest.fixture(scope="module")
def said(tariff: tc.Tariff, lines: list[Declared]) -> list[Said]:
    """What the engine says of them."""
    return engine_says(tariff, lines)


@pytest.fixture(autouse=True)
def _days_after_review() -> Iterator[None]:
    """Lines of every day are drawn, those after the review of a program too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        yield


def test_total_is_the_sum_of_postings(tariff: tc.Tariff, lines: list[Declared]) -> None:
    """Duty and fees of a table are the sums of its ledger; where any posting is unknown, so is its row.

    But the duty that every declaration leads to is known without its programs, and is no less than what is
    known of them.
    """
    estimate = tariff.estimate(as_frame(lines))
    ledger, columns = estimate.ledger, estimate.columns()
    agreed = set(estimate.parts[1].rows[estimate.parts[0].agreed].tolist())
    fees = {name for name, program in tariff.programs.items() if program.kind == "fee"}
    for kind, of_kind in (("duty", ~ledger.program.isin(fees)), ("fees", ledger.program.isin(fees))):
        for row in range(len(lines)):
            amounts = list(ledger.amount[of_kind & (ledger.row == row)])
            unknown = any(amount is None or amount != amount for amount in amounts)
            if kind == "duty" and row in agreed:
                assert unknown and columns[kind][row] >= float(
                    sum((each for each in amounts if each is not None and each == each), Decimal(0))
                )
                continue
            expected = float("nan") if unknown else float(sum(amounts, Decimal(0)))
            assert columns[kind][row] == pytest.approx(expected, abs=1e-6, nan_ok=True)
    known = [
        amount
        for amount in ledger[~ledger.program.isin(fees)].amount
        if amount is not None and amount == amount
    ]
    undivided = estimate.money(int(estimate.parts[0].undivided.sum()))
    assert estimate.known_duty <= sum(known, Decimal(0)) + undivided


def test_copies(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """Every copy of a line owes what the line owes."""
    assert engine_says(tariff, [line for line in lines for _ in range(3)]) == [
        each for each in said for _ in range(3)
    ]


def test_copies_in_one_shipment_owe_the_same_duty(tariff: tc.Tariff, lines: list[Declared]) -> None:
    """Within one shipment too; only fees on the shipment are shared."""
    alone = tariff.estimate(as_frame(lines)).columns()["duty"]
    frame = as_frame([line for line in lines for _ in range(3)])
    frame["shipment"] = [number // 3 for number in range(len(frame))]
    estimate = tariff.estimate(frame)
    beyond = {
        row
        for problem in estimate.parts[1].problems.refused
        if "the shipment" in problem.message
        for row in problem.rows.tolist()
    }
    # three times a value may be above a limit of value of the shipment
    kept = [row for row in range(len(frame)) if row not in beyond]
    assert estimate.columns()["duty"][kept] == pytest.approx(alone.repeat(3)[kept], nan_ok=True)


def test_order_of_rows(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A shuffled table gives the shuffled result."""
    order = list(range(len(lines)))
    Random(5).shuffle(order)
    assert engine_says(tariff, [lines[place] for place in order]) == [said[place] for place in order]


def test_a_table_in_parts(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A table estimated in parts gives the parts of the result."""
    cuts = [0, 1, LINES // 3, LINES // 2, LINES]
    assert [each for start, end in pairwise(cuts) for each in engine_says(tariff, lines[start:end])] == said


@pytest.mark.parametrize(
    ("commodity", "origin", "entered"),
    [
        ("8302.30.30.10", "PK", "2026-10-20"),
        ("8706.00.03.00", "GS", "2025-11-05"),
        ("8708.10.60.50", "NP", "2026-04-10"),
    ],
)
def test_what_was_estimated_before_changes_nothing(
    us: tc.Tariff, commodity: str, origin: str, entered: str
) -> None:
    """Under either answer the goods owe a duty on metals or on vehicles that the other duty gives way to;
    which is named must not depend on the lines that the law has met before."""
    row = {"commodity": commodity, "origin": origin, "entered": entered, "value": "4875.47"}
    said = set()
    for answer in ("yes", "no"):
        fresh = Tariff(replace(us.law), lambda: us.rulebook, us.folder)
        assert fresh.estimate(pd.DataFrame([row | {"passenger_vehicle_part": answer}])).duty is not None
        said.add(fresh.estimate(pd.DataFrame([row])).explain(0))
    assert len(said) == 1


def test_order_of_columns(tariff: tc.Tariff, lines: list[Declared]) -> None:
    """Columns may stand in any order, and a column of nothing changes nothing."""
    frame = as_frame(lines)
    names = sorted(frame.columns, reverse=True)
    result = tariff.estimate(frame[names].assign(remark="none")).columns()
    for name, values in tariff.estimate(frame).columns().items():
        assert values == pytest.approx(result[name], nan_ok=True), name


def test_replayed_alone(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A shipment of one line says what the row of a table says."""
    for line, expected in list(zip(lines, said, strict=True))[:40]:
        row = as_frame([line]).iloc[0].to_dict()
        of_line = tc.Line(
            commodity=line.commodity,
            origin=line.origin,
            value=line.value,
            quantity=line.quantity,
            claims=line.claims,
            facts={name: row[name] for name in line.facts if name != "transport"},
            **{
                name: getattr(line, name)
                for name in ("currency", "value_basis", "exchange_rate", "tariff_goods")
            },
            **line.costs,
        )
        days = {name: row[name] for name in ("entered", "loaded", "exported", "admitted")}
        shipment = tc.Shipment(lines=[of_line], transport=line.facts.get("transport"), **days)
        estimate = tariff.estimate(shipment)
        ledger = estimate.ledger
        replayed = {
            row["program"]: (row["outcome"], row["amount"], row["measure"], row["heading"])
            for row in ledger.astype(object).where(ledger.notna(), None).to_dict("records")
        }
        replayed[VALUE] = ("valued", estimate.valuation["customs_value"][0], "", "")
        postings = {name: posting for name, posting in expected.items() if name != DUTY}
        assert replayed == {
            name: (posting.outcome, posting.amount, posting.measure, posting.heading)
            for name, posting in postings.items()
        }


def test_every_posting_has_an_act(tariff: tc.Tariff, lines: list[Declared]) -> None:
    """No amount without the instrument that made it, and the registry knows the instrument."""
    ledger = tariff.estimate(as_frame(lines)).ledger
    assert len(ledger)
    for acts in ledger.acts.unique():
        assert acts
        assert set(acts.split()) <= tariff.rulebook.acts.keys()


def test_splitting_a_window_changes_nothing(
    tariff: tc.Tariff, lines: list[Declared], said: list[Said]
) -> None:
    """Every spell cut in two at a day inside it: the same law."""

    def in_two(spell: Spell) -> tuple[Spell, ...]:
        start, end = spell.entered.on_or_after, spell.entered.before
        middle = start + 61 if end >= NEVER else (start + end) // 2
        if not start < middle < end:
            return (spell,)
        first = spell.model_copy(update={"entered": Window(on_or_after=start, before=middle)})
        return first, spell.model_copy(update={"entered": Window(on_or_after=middle, before=end)})

    book = with_spells(tariff.rulebook.settled(), in_two)
    assert book != tariff.rulebook.settled()
    assert engine_says(changed(tariff, book), lines) == said


def test_moving_a_window_changes_something(
    tariff: tc.Tariff, lines: list[Declared], said: list[Said]
) -> None:
    """The test before this one could not pass by accident: windows that end two days early do show."""

    def cut_short(spell: Spell) -> tuple[Spell, ...]:
        start, end = spell.entered.on_or_after, spell.entered.before - 2 * 2
        if spell.entered.before >= NEVER or end <= start:
            return (spell,)
        return (spell.model_copy(update={"entered": Window(on_or_after=start, before=end)}),)

    book = with_spells(tariff.rulebook.settled(), cut_short)
    assert engine_says(changed(tariff, book), lines) != said


def test_empty_scenario(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """A scenario without changes is the law itself."""
    assert engine_says(tariff.amend(tc.Scenario("nothing")), lines) == said


def test_law_known_after_its_last_act_is_the_law(
    tariff: tc.Tariff, lines: list[Declared], said: list[Said]
) -> None:
    """Once every act is known, the law as known is the law."""
    last = max(act.known for act in tariff.rulebook.acts.values())
    assert engine_says(changed(tariff, tariff.rulebook.as_known_on(last)), lines) == said


FALLING = ("us.agricultural-safeguards", "us.s232.polysilicon.price")


def _without(estimate: tc.Estimate, programs: tuple[str, ...]) -> Any:
    """The duty of each row less that of some programs."""
    columns = estimate.columns()
    return columns["duty"] - sum(columns[name] for name in programs if name in columns)


def test_duty_grows_with_value(tariff: tc.Tariff, lines: list[Declared]) -> None:
    """Of two lines that differ in value alone the dearer never owes less, where the schedule and the facts
    are ad valorem.

    The safeguards by unit value and the minimum prices of polysilicon charge cheap goods more; that is their
    purpose.
    """
    plain = [
        replace(
            line, facts={name: given for name, given in line.facts.items() if not isinstance(given, Decimal)}
        )
        for line in lines
    ]
    steps = [Decimal(1), Decimal("1.01"), Decimal(3), Decimal(1000)]
    estimates = [
        _without(
            tariff.estimate(as_frame([replace(line, value=line.value * step) for line in plain])), FALLING
        )
        for step in steps
    ]
    compared = 0
    for less, more in pairwise(estimates):
        for row in range(len(plain)):
            if less[row] == less[row] and more[row] == more[row]:
                compared += less[row] < more[row]
                assert less[row] <= more[row] + 0.001, plain[row]
    assert compared > 50


FICTION = """
program: {territory}.fiction
title: An invented duty
authority: None
charged_on: customs value
reviewed: {{through: 2027-12-31, against: nothing}}
measures:
  - id: invented
    heading: 9999.99.99
    origin: any except CN
    history:
      - {{entered: {{on_or_after: 2025-04-09}}, duty: 7%, by: {act}}}
  - id: not-where-claimed
    heading: 9999.99.98
    requires: {claim}
    instead_of: invented
    history:
      - {{entered: {{on_or_after: 2025-04-09}}, duty: none, by: {act}}}
"""


def test_a_program_is_a_file(
    tariff: tc.Tariff, lines: list[Declared], said: list[Said], tmp_path: Path
) -> None:
    """A new file beside the others adds exactly its own postings, and nothing else changes."""
    book, territory = tariff.rulebook, tariff.rulebook.territory
    fiction = f"{territory.territory}.fiction"
    claim = next(name for name, fact in book.facts.items() if fact.claim and not fact.implied_by)
    text = FICTION.format(territory=territory.territory, act=next(iter(book.acts)), claim=claim)
    folder = tmp_path / "seeds" / territory.territory
    shutil.copytree(seeds_folder(), tmp_path / "seeds")
    (folder / "programs" / "fiction.yaml").write_text(text, encoding="utf-8")
    with_fiction = engine_says(tc.load(folder), lines)
    added = 0
    for line, before, after in zip(lines, said, with_fiction, strict=True):
        posting = after.pop(fiction, None)
        assert {name: each for name, each in after.items() if name != DUTY} == {
            name: each for name, each in before.items() if name != DUTY
        }
        law_day = line.entered if line.admitted is None else line.admitted
        in_force = law_day >= Window.model_validate({"on_or_after": "2025-04-09"}).on_or_after
        if not in_force or (line.origin == "CN" and claim not in line.claims):
            assert posting is None
            continue
        assert posting is not None
        value, step = before[VALUE].amount, Decimal(territory.round_to) / territory.minor_units
        assert value is not None
        due = (value * 7 / 100 / step).quantize(Decimal(1), ROUND_HALF_UP) * step
        expected = Decimal(0) if claim in line.claims else due
        assert posting.amount == expected
        added += expected > 0
    assert added > LINES / 4


def test_postings_are_whole_multiples(tariff: tc.Tariff, said: list[Said]) -> None:
    """What is charged line by line comes to a multiple of what the territory rounds to."""
    territory = tariff.rulebook.territory
    per_line = {name for name, program in tariff.programs.items() if program.per == "line"}
    amounts = [
        posting.amount
        for each in said
        for name, posting in each.items()
        if name in per_line and posting.amount
    ]
    assert len(amounts) > LINES / 4
    assert not any(amount * territory.minor_units % territory.round_to for amount in amounts)


def test_own_currency_in_so_many_words(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """To say that the value is in the currency of the territory, at a rate of one, changes nothing."""
    own = tariff.rulebook.territory.currency
    told = [
        line if line.currency else replace(line, currency=own, exchange_rate=Decimal(1)) for line in lines
    ]
    assert engine_says(tariff, told) == said


def test_an_invoice_in_another_currency(tariff: tc.Tariff, lines: list[Declared], said: list[Said]) -> None:
    """The same price in a currency of a hundredth, costs and all, at a rate of a hundredth, is the same
    customs value."""
    book = tariff.rulebook
    goods_of_a_tariff_value = [bool(tariff_values_of(book, line.commodity)) for line in lines]
    own = [not line.currency and line.exchange_rate is None for line in lines]
    cents = [
        replace(
            line,
            value=line.value * 100,
            costs={cost: amount * 100 for cost, amount in line.costs.items()},
            currency="JPY",
            exchange_rate=Decimal("0.01"),
        )
        for line in lines
    ]
    compared = 0
    for each, expected, skipped, plain in zip(
        engine_says(tariff, cents), said, goods_of_a_tariff_value, own, strict=True
    ):
        if plain and not skipped:
            compared += 1
            assert each == expected
    assert compared > LINES / 4
