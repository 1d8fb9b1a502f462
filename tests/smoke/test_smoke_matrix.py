"""The smoke matrix: every public function and view, in every territory, from every kind of input, gives the
same cents.

The lines are in ``smoke_lines.py``.  What they owe is taken from the oracle and not from the library.  Here
are the views of an estimate, in ``test_smoke_doors.py`` everything else.  A public name that no test shows
fails ``test_every_public_name_is_shown``: write a test of it, and say so with ``shows``.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from smoke_lines import KINDS, TERRITORIES, given
from smoke_owed import Land, Part, as_pandas, assert_owed, by_row, cents, of_oracle, shows

import tariffcalc as tc
from tariffcalc.errors import CoverageWarning, ShipmentError

pytestmark = pytest.mark.filterwarnings("ignore")


# --- the lines
# ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lands() -> dict[str, Land]:
    return {name: of_oracle(name, tc.load(home)) for name, home in TERRITORIES.items()}


@pytest.fixture(scope="module", params=TERRITORIES)
def land(request: pytest.FixtureRequest, lands: dict[str, Land]) -> Land:
    """Each territory in turn."""
    return lands[request.param]


@pytest.fixture(scope="module", params=KINDS)
def parts(request: pytest.FixtureRequest, land: Land, tmp_path_factory: pytest.TempPathFactory) -> list[Part]:
    """The lines estimated from each kind of input in turn: shipment by shipment, or all at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        estimates = [
            land.tariff.estimate(each, on_problem="keep")
            for each in given(land.name, request.param, tmp_path_factory.mktemp("lines"))
        ]
    if len(estimates) == 1:
        return [Part(estimates[0], land.owed, land.fees)]
    ends = np.cumsum([len(each) for each in estimates])
    return [
        Part(each, land.owed[end - len(each) : end], [fees])
        for each, end, fees in zip(estimates, ends, land.fees, strict=True)
    ]


# --- views of an estimate
# ------------------------------------------------------------------------------------------------------------


@shows("Tariff.estimate", "Estimate.frame", "Estimate.columns", "Shipment.declared", "load")
def test_frame(land: Land, parts: list[Part]) -> None:
    """Row for row the duty, the rate and each program; the fees of each shipment."""
    for estimate, owed, fees in parts:
        frame = as_pandas(estimate.frame)
        assert_owed(land, frame, owed)
        rates = [
            None if each.sum(land.duties) is None else float(each.sum(land.duties) / each.value)
            for each in owed
        ]  # type: ignore[arg-type,operator]
        assert [None if rate != rate else rate for rate in frame["effective_rate"]] == [
            pytest.approx(rate) for rate in rates
        ]
        for name, column in estimate.columns().items():
            assert np.array_equal(column, frame[name].to_numpy(float), equal_nan=True), name
        shipments = frame["shipment"].astype(int) if "shipment" in frame else pd.Series(0, index=frame.index)
        for number, of_shipment in enumerate(fees):
            here = [row for row in range(len(owed)) if shipments[row] == number]
            by_line = [owed[row].sum(land.line_programs - land.duties) for row in here]
            parts_of_it = [*of_shipment.values(), *by_line]
            wanted = None if None in parts_of_it else sum(each for each in parts_of_it if each is not None)
            found = [by_row(frame, "fees")[row] for row in here]
            assert (None if None in found else sum(each for each in found if each is not None)) == wanted
        total = [
            None if None in pair else sum(pair)
            for pair in zip(by_row(frame, "duty"), by_row(frame, "fees"), strict=True)
        ]
        assert by_row(frame, "total") == total


@shows(
    "Estimate.duty",
    "Estimate.fees",
    "Estimate.total",
    "Estimate.known_duty",
    "Estimate.known_value",
    "Estimate.unknown_lines",
    "Estimate.money",
)
def test_totals(land: Land, parts: list[Part]) -> None:
    """Totals are sums of the lines; a line whose duty is unknown makes the total unknown."""
    for estimate, owed, _ in parts:
        duties = [each.sum(land.duties) for each in owed]
        known = [each for each in duties if each is not None]
        assert estimate.duty == (sum(known) if len(known) == len(owed) else None)
        assert estimate.known_duty == sum(known)
        assert estimate.known_value == sum(
            each.value for each, duty in zip(owed, duties, strict=True) if duty is not None
        )  # type: ignore[misc]
        assert estimate.unknown_lines == duties.count(None)
        fees = by_row(as_pandas(estimate.frame), "fees")
        assert estimate.fees == (None if None in fees else sum(each for each in fees if each is not None))
        assert estimate.total == (
            None if estimate.duty is None or estimate.fees is None else estimate.duty + estimate.fees
        )
        assert estimate.money(12345) == Decimal("123.45")


@shows("Estimate.bands", "Estimate.with_bands", "Estimate.duty_least", "Estimate.duty_most")
def test_bands(land: Land, parts: list[Part]) -> None:
    """The least and the most of every line, by every declaration that the oracle can make of it."""
    for estimate, owed, _ in parts:
        ends = [each.band or (None, None) for each in owed]
        frame = as_pandas(estimate.with_bands())
        assert by_row(frame, "duty_least") == [least for least, _ in ends]
        assert by_row(frame, "duty_most") == [most for _, most in ends]
        unknown = [row for row, (least, most) in enumerate(ends) if least != most]
        assert estimate.bands["row"].tolist() == unknown
        assert by_row(estimate.bands, "duty_most") == [ends[row][1] for row in unknown]
        assert estimate.duty_least == sum(least for least, _ in ends if least is not None)
        every = [most for _, most in ends if most is not None]
        assert estimate.duty_most == (sum(every) if len(every) == len(owed) else None)


@shows("Estimate.ledger", "Estimate.parts")
def test_ledger(land: Land, parts: list[Part]) -> None:
    """A posting for each program that applies, with the amount that the oracle works out."""
    for estimate, owed, _ in parts:
        ledger = estimate.ledger[estimate.ledger["program"].isin(land.line_programs)]
        found = {
            (row, program): cents(amount)
            for row, program, amount in ledger[["row", "program", "amount"]].itertuples(index=False)
        }
        assert found == {
            (row, program): amount
            for row, each in enumerate(owed)
            for program, amount in each.postings.items()
        }
        assert len(estimate.parts[0]) == len(owed) - sum(each.refused for each in owed)


@shows("Estimate.entry_summary")
def test_entry_summary(land: Land, parts: list[Part]) -> None:
    """A number for each heading and the code last, with the amounts of the ledger; nothing of a
    refused line."""
    for estimate, owed, _ in parts:
        summary, ledger = estimate.entry_summary, estimate.ledger
        own = land.tariff.rulebook.territory.column_1
        declared = ledger[
            ledger["program"].isin(land.duties) & ((ledger["heading"] != "") | (ledger["program"] == own))
        ]
        headings = {
            (name, each.id): each.heading
            for name, program in land.tariff.programs.items()
            for each in program.measures
        }
        charging = [headings[key] for key in zip(declared["program"], declared["measure"], strict=True)]
        # a heading of its own is declared for that
        declared = declared[(declared["outcome"] != "gave way") | (declared["heading"] != charging)]
        assert set(summary["row"]) == {row for row, each in enumerate(owed) if not each.refused}
        kept = summary[summary["program"].notna()]
        for (row, program), amount in declared.set_index(["row", "program"])["amount"].items():
            duties = kept[(kept["row"] == row) & (kept["program"] == program)]["duty"].tolist()
            assert len(duties) in (1, 2) and cents(duties[0]) == cents(amount) and not any(duties[1:])
        assert Counter(zip(kept["row"], kept["program"], strict=True)).keys() == set(
            zip(declared["row"], declared["program"], strict=True)
        )


@shows(
    "Estimate.problems", "Estimate.problems_by_severity", "Estimate.raise_refused", "Estimate.raise_problems"
)
@shows("Estimate.of", "Estimate.noted", "Estimate.without_effect")
def test_problems(land: Land, parts: list[Part]) -> None:
    """Every line without a duty or a fee has a problem that says why, and no other line has."""
    for estimate, owed, _ in parts:
        problems, frame = estimate.problems, as_pandas(estimate.frame)
        of = {
            kind: set(problems.loc[problems["severity"] == kind, "row"])
            for kind in ("refused", "unknown", "note")
        }
        assert of == {
            kind: {row for each in found for row in each.rows}
            for kind, found in estimate.problems_by_severity.items()
        }
        assert (
            tc.Estimate.of(estimate.law, estimate.given, on_problem="keep").known_duty == estimate.known_duty
        )
        assert of["refused"] == {row for row, each in enumerate(owed) if each.refused}
        assert of["unknown"] == set(np.flatnonzero(frame["total"].isna())) - of["refused"]
        assert of["note"] == {
            row for each in [*estimate.noted, *estimate.without_effect] for row in each.rows
        }
        assert problems["message"].str.len().min() > 10 if len(problems) else True
        for raising, wrong in (
            (estimate.raise_refused, of["refused"]),
            (estimate.raise_problems, of["refused"] | of["unknown"]),
        ):
            try:
                raising()
                raised: set[int] = set()
            except ShipmentError as error:
                raised = {int(row) for problem in error.problems for row in problem.rows}
            assert raised == wrong


@shows("Estimate.valuation", "Estimate.given")
def test_valuation(land: Land, parts: list[Part]) -> None:
    """The customs value of each line that has one."""
    for estimate, owed, _ in parts:
        values = estimate.valuation
        assert {
            row: cents(value) for row, value in values[["row", "customs_value"]].itertuples(index=False)
        } == {row: each.value for row, each in enumerate(owed) if not each.refused}
        size = len(estimate.given.lines) if isinstance(estimate.given, tc.Shipment) else len(estimate.given)
        assert size == len(estimate) == len(owed)


@shows("Estimate.credit", "Estimate.net_of_credit")
def test_credit(land: Land, parts: list[Part]) -> None:
    """Duty is what is taken back and what remains."""
    taken_back = {name for name, program in land.tariff.programs.items() if program.creditable}
    for estimate, owed, _ in parts:
        credit = estimate.credit
        for name, programs in (
            ("duty", land.duties),
            ("creditable", taken_back),
            ("net_of_credit", land.duties - taken_back),
        ):
            assert by_row(credit, name) == [each.sum(programs) for each in owed], name
        net = [each.sum(land.duties - taken_back) for each in owed]
        assert estimate.net_of_credit == (
            None if None in net else sum(each for each in net if each is not None)
        )


@shows("Estimate.explain")
def test_explain(land: Land, parts: list[Part]) -> None:
    """Every line tells its duty, and each program its amount; a refused line says so."""
    for estimate, owed, _ in parts:
        for row, each in enumerate(owed):
            told = estimate.explain(row).splitlines()
            if each.refused:
                assert "not assessed" in told[0]
                continue
            amounts = [line.split()[-1] for line in told if re.match(r" *Duty( \[.*\])? {9}", line)]
            duty = each.sum(land.duties)
            assert amounts == ["unknown" if duty is None else f"{duty:,.2f}"]
            shown = Counter(line.split()[-1] for line in told if line.startswith("  ") and line[2] != " ")
            wanted = Counter(
                "unknown" if amount is None else f"{amount:,.2f}" for amount in each.postings.values()
            )
            assert not wanted - shown


@shows("Estimate.summary")
def test_summary(land: Land, parts: list[Part]) -> None:
    """The duty of the lines whose duty is known, and each program of theirs."""
    for estimate, owed, _ in parts:
        text = estimate.summary()
        whole = [each for each in owed if each.sum(land.duties) is not None]
        assert f"{sum(each.sum(land.duties) or 0 for each in whole):,.2f} {land.tariff.law.currency}" in text
        for name in land.duties:
            amount = sum((each.postings.get(name) or Decimal(0) for each in whole), Decimal(0))
            title = land.tariff.programs[name].title
            assert not amount or any(
                line.split(title)[-1].split() == [f"{amount:,.2f}"]
                for line in text.splitlines()
                if title in line
            ), name
