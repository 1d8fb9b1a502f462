"""The first mistakes of a new user: each is one sentence that says what was got, what was expected and what
to do next."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tariffcalc as tc
from tariffcalc import cli
from tariffcalc.errors import DeclarationError, RowError, ShipmentError, TariffError

MOST = 200  # letters
GOOD = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-09-01", "value": "1000"}
CSV = "commodity,origin,entered,value\n6109.10.00.12,IN,2025-09-01,1000\n"
Call = Callable[[tc.Tariff], Any]


def one_sentence(message: str) -> None:
    """No traceback, no list of errors, not longer than a reader takes in at once."""
    assert "\n" not in message, message
    assert 20 < len(message) <= MOST, (len(message), message)
    assert "Traceback" not in message
    assert "pydantic" not in message
    assert "<class" not in message


# --- the constructors
# ------------------------------------------------------------------------------------------------------------


def line(**changed: Any) -> tc.Line:
    return tc.Line(**{"commodity": "6109.10.00.12", "origin": "IN", "value": 1000} | changed)


def shipment(lines: Any = None, **changed: Any) -> tc.Shipment:
    return tc.Shipment(**{"entered": "2025-09-01", "lines": [line()] if lines is None else lines} | changed)


ARGUMENTS: list[tuple[Callable[[], Any], str]] = [
    (lambda: shipment(lines=line()), "lines is a Line: give a list"),
    (lambda: shipment(lines=[]), "lines is []: give a list of one or more Line"),
    (lambda: shipment(lines=[7]), "lines[0] is 7: give a list"),
    (
        lambda: shipment(lines=[{"commodity": "6109.10.00", "orgin": "IN", "value": 1}]),
        "lines[0]: Line has no argument 'orgin': is 'origin' meant?",
    ),
    (
        lambda: tc.Shipment(lines=[line()]),
        "Shipment lacks entered: for example Shipment(entered='2025-09-01'",
    ),
    (lambda: shipment(entered=20250901), "entered is 20250901: give a day, for example '2025-09-01'"),
    (lambda: shipment(entered=None), "entered is None: give a day"),
    (lambda: shipment(date="2025-09-01"), "Shipment has no argument 'date': is 'entered' meant"),
    (
        lambda: shipment(commodity="6109.10.00.12"),
        "Shipment has no argument 'commodity': it belongs to a Line",
    ),
    (lambda: shipment(transport=7), "transport is 7: give vessel, air"),
    (lambda: tc.Shipment("2025-09-01", [line()]), "Shipment takes its arguments by name"),
    (
        lambda: tc.Line("6109.10.00.12", "IN", 1000),
        "Line takes its arguments by name, and got '6109.10.00.12'",
    ),
    (
        lambda: line(commodity=306170041),
        "commodity is 306170041, a number, which loses the leading zero: give text, such as '0306.17.00.41'",
    ),
    (
        lambda: tc.Line(commodity="6109.10.00.12", origin="IN"),
        "Line lacks value: for example Line(commodity=",
    ),
    (lambda: line(orgin="IN"), "Line has no argument 'orgin': is 'origin' meant?"),
    (
        lambda: line(steel_value=5),
        "Line has no argument 'steel_value': a fact goes into facts={'steel_value': ...}",
    ),
    (lambda: line(entered="2025-09-01"), "Line has no argument 'entered': it belongs to the Shipment"),
    (lambda: line(value=None), "value is None: give a number"),
    (lambda: line(value=[1000]), "value is [1000]: give a number"),
    (lambda: line(origin=None), "origin is None: give text, such as 'IN'"),
    (lambda: line(quantity=900), "quantity is 900: give numbers by unit, such as {'kg': 900}"),
    (lambda: line(claims=7), "claims is 7: give a text or a list"),
    (lambda: line(facts="steel"), "facts is 'steel': give values by name"),
]


@pytest.mark.parametrize(("call", "words"), ARGUMENTS, ids=[each[1][:50] for each in ARGUMENTS])
def test_an_argument_that_is_wrong(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        call()
    assert words in str(caught.value)
    one_sentence(str(caught.value))
    assert isinstance(caught.value, ShipmentError)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)


def test_one_mistake_on_many_lines_is_one_sentence() -> None:
    with pytest.raises(DeclarationError) as caught:
        shipment(lines=[{"commodity": 6109100012, "origin": "IN", "value": 1}] * 50)
    one_sentence(str(caught.value))


# --- the calls
# ------------------------------------------------------------------------------------------------------------


def of_line(**changed: Any) -> Call:
    days = {name: changed.pop(name) for name in ("entered", "loaded", "transport") if name in changed}
    return lambda us: us.estimate(shipment([line(**changed)], **days))


def of_row(**changed: Any) -> Call:
    return lambda us: us.estimate(pd.DataFrame([GOOD | changed]), fees=False, on_problem="raise")


CALLS: list[tuple[Call, str]] = [
    (of_line(value="1,000"), "value is '1,000'; give the value as a plain number such as 1234.50"),
    (of_line(value=-5), "value is '-5'; the value cannot be negative"),
    (of_line(commodity="6109"), "6109 has 4 digits and covers 5 tariff lines; give one of 6109.10.00"),
    (of_line(commodity="tshirt"), "'tshirt' is not a commodity code"),
    (of_line(commodity="6109.10.00.99"), "near misses: 6109.10.00"),
    (
        of_line(commodity="9903.01.25"),
        "9903.01.25 is a heading of chapter 99; give the code of chapters 1 to 98",
    ),
    (of_line(commodity="9802.00.50.60"), "give the code of the goods, and claim 9802.00.50"),
    (of_line(origin="Korea"), "'Korea' may be KP or KR"),
    (of_line(origin="Indai"), "near misses: IN"),
    (of_line(entered="09/01/2025"), "give entered as YYYY-MM-DD"),
    (of_line(entered="2024-05-01"), "held from 2025-01-01"),
    (of_line(loaded="2025-09-09"), "loaded must not be later"),
    (of_line(transport="boat"), "give one of vessel, air"),
    (of_line(claims="USMCA"), "claim S"),
    (of_line(claims="civil_aircaft"), "near misses: civil_aircraft"),
    (of_line(claims=["S", "KR"]), "claim one special program per line"),
    (of_line(facts={"steel_vlaue": 5}), "is 'steel_value' meant?"),
    (of_line(facts={"value": 5}), "facts holds 'value', which is declared apart"),
    (of_line(facts={"donation": "maybe"}), "give one of yes, no"),
    (of_line(quantity={"stone": 5}), "'stone' is not a unit of quantity; did you mean"),
    (of_line(currency="Dollar"), "near misses: USD"),
    (of_row(commodity=8471.3), "8471.3 is a decimal number, not a commodity code"),
    (of_row(entered=45901), "'45901' is not a day"),
    (of_row(origin=None), "no origin; give the country of origin"),
    (of_row(value=None), "no customs value"),
    (
        lambda us: us.estimate(pd.DataFrame([GOOD]).rename(columns={"commodity": "HTS"})),
        "is 'HTS' meant for 'commodity'?",
    ),
    (lambda us: us.estimate(pd.DataFrame([GOOD]).drop(columns="origin")), "the column 'origin' is missing"),
    (
        lambda us: us.estimate(pd.DataFrame([dict.fromkeys(("HTS", "Country", "Date", "Value"), "1")])),
        "is 'Date' meant for 'entered'?",
    ),
    (lambda us: us.estimate(pd.DataFrame()), "the table is empty"),
    (lambda us: us.estimate(GOOD), "cannot estimate a dict: give a Shipment, or a table"),
    (
        lambda us: us.estimate([line()]),
        "cannot estimate a list: give a Shipment, Shipment(entered=..., lines=[Line(...)])",
    ),
    (lambda us: us.estimate("lines.csv"), "files are read by scale.estimate_dataset and by the command"),
    (
        lambda us: us.estimate(shipment()).explain(3),
        "there is no row 3: the estimate has 1 row, which is row 0",
    ),
    (lambda us: us.estimate(shipment()).explain("a"), "there is no row 'a'"),  # type: ignore[arg-type]
    (lambda us: us.timeline("6109.10.00.12", "IN", value=0), "value is 0: give a customs value above 0"),
    (lambda us: us.timeline("6109.10.00.12", "IN", value=None), "value is None: give a customs value"),
    (lambda us: us.timeline("6109.10.00.12", "IN", days="2025-09-01"), "days is '2025-09-01': give a list"),
    (lambda us: us.timeline("6109.10.00.12", "IN", days=[]), "days is an empty list"),
    (lambda us: us.timeline("6109.10.00.12", "IN", steel_vlaue=1), "is 'steel_value' meant?"),
    (lambda us: us.panel("IN", ["2025-09-01"]), "origins is 'IN': give a list"),
    (lambda us: us.panel(["IN"], "2025-09-01"), "give the days of entry as a list"),
    (lambda us: us.amend("18-percent"), "there is no scenario '18-percent'"),
    (lambda _: tc.load("usa"), "no law is held of territory 'usa'"),
    (lambda _: tc.load(None), "the territory is None: give the name"),  # type: ignore[arg-type]
    (lambda _: tc.load("us", known_on="soon"), "known_on: 'soon' is not a day"),
]


@pytest.mark.parametrize(("call", "words"), CALLS, ids=[each[1][:50] for each in CALLS])
def test_a_call_that_is_wrong(us: tc.Tariff, call: Call, words: str) -> None:
    with pytest.raises(TariffError) as caught:
        call(us)
    assert words in str(caught.value)
    one_sentence(str(caught.value))


def test_a_row_that_is_not_there_is_an_index_error_too(us: tc.Tariff) -> None:
    with pytest.raises(RowError) as caught:
        us.estimate(shipment()).explain(-1)
    assert isinstance(caught.value, IndexError)


# --- the command line
# ------------------------------------------------------------------------------------------------------------

COMMANDS: list[tuple[str, str]] = [
    ("estimate", "Missing argument 'file'"),
    ("estimat {csv}", "No such command 'estimat'"),
    ("estimate {folder}/absent.csv", "absent.csv is not there"),
    ("estimate {csv} --frobnicate", "No such option: --frobnicate"),
    ("estimate {csv} -o {folder}/out.json", "write to a file that ends in .csv, .parquet or .xlsx"),
    ("estimate {csv} -o {csv}", "the output would replace the input"),
    ("estimate {csv} --scenario nope", "there is no scenario 'nope'; ready are"),
    ("estimate {csv} --territory usa", "no law is held of territory 'usa'"),
    ("compare {csv}", "compare needs --scenario"),
    ("explain 6109.10.00.12", "explaining a code needs --origin and --entered"),
    ("explain {csv} --row 9", "there is no row 9"),
    ("explain lines.csv --origin IN --entered 2025-09-01", "lines.csv is not there"),
    ("explain 6109.10.00.12 --origin IN --entered tomorrow", "'tomorrow' is not a day"),
    ("explain 6109.10.00.12 --origin IN --entered 2025-09-01 --fact steel_value", "write NAME=VALUE"),
    (
        "explain 6109.10.00.12 --origin IN --entered 2025-09-01 --fact steel_vlaue=5",
        "is 'steel_value' meant?",
    ),
    ("explain 6109.10.00.12 --origin IN --entered 2025-09-01 --claim USMCA", "claim S"),
    ("timeline 6109.10.00.12", "Missing option '--origin'"),
    ("timeline 6109.10.00.12 --origin IN --value 0", "value is '0': give a customs value above 0"),
    ("measures us.reciprocal", "there is no program 'us.reciprocal': near misses are us.ieepa.reciprocal"),
    ("coverage nope", "there is no program 'nope': tariffcalc coverage lists them"),
]


@pytest.mark.parametrize(("words", "expected"), COMMANDS, ids=[each[0][:60] for each in COMMANDS])
def test_a_command_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    (tmp_path / "in.csv").write_text(CSV, encoding="utf-8")
    given = [word.format(csv=tmp_path / "in.csv", folder=tmp_path) for word in words.split()]
    monkeypatch.setattr(sys, "argv", ["tariffcalc", *given])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code not in (0, None)
    told = err.getvalue() + (stop.value.code if isinstance(stop.value.code, str) else "")
    message = told.strip().replace(str(tmp_path), "DIR")
    assert out.getvalue() == ""
    assert message.startswith("error: ")
    assert expected in message
    one_sentence(message)


# --- what shows itself
# ------------------------------------------------------------------------------------------------------------


def test_the_law_shows_itself_in_short_lines(tariff: tc.Tariff) -> None:
    book = tariff.rulebook
    many = [
        *book.programs.values(),
        *book.acts.values(),
        *book.facts.values(),
        *book.lists.values(),
        *book.groups.values(),
        *book.stacking,
    ]
    measures = [measure for program in book.programs.values() for measure in program.measures]
    spells = [spell for measure in measures for spell in measure.history]
    parts = [part for measure in measures for part in (measure.origin, measure.products, *measure.requires)]
    for each in [
        *many,
        *measures,
        *spells,
        *parts,
        *(spell.duty for spell in spells),
        book,
        tariff,
        tariff.law,
    ]:
        assert "\n" not in repr(each)
        assert len(repr(each)) <= 140, repr(each)
        assert repr(each) == str(each)
    assert len(repr(tariff.programs)) < 140 * len(tariff.programs)
    assert repr(tariff.programs[book.territory.column_1]) in repr(tariff.programs)


def test_a_program_says_its_name_title_and_measures(us: tc.Tariff) -> None:
    program = us.programs["us.ieepa.reciprocal"]
    assert (
        repr(program) == f"<Program us.ieepa.reciprocal: {program.title}, {len(program.measures)} measures>"
    )
