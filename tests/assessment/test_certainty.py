"""How certain a text is shows wherever its amount does, and what is in doubt can be left unknown.

An invented territory is given doubt in one place at a time: the spell of a measure, its act, the row of a
list, an entry of the stacking order, the act of a row of the schedule.  The tags of real law are worked out a
second time from the models.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import tariffcalc as tc
from tariffcalc.cli import app
from tariffcalc.engine.ledger.ledger import Posting
from tariffcalc.errors import CoverageWarning, SeedError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection
from tariffcalc.moments import parse_moment
from tariffcalc.reading.yaml_text import read_yaml
from tariffcalc.tags import SECONDARY, TAGS
from tariffcalc.views.totals import EstimateTotals

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
CASES = Path(__file__).parents[2] / "seeds" / "us" / "cases"
WHEAT, STEEL, DERIVATIVE, OATS = "1001.00.00.10", "7201.00.00", "7202.00.00", "1002.00.00"
Made = Callable[..., tc.Tariff]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The invented territory with some texts of its files replaced: file, old text, new text."""

    def make(*changes: tuple[str, str, str]) -> tc.Tariff:
        for name in ("geography.csv", "groups.yaml"):
            shutil.copy(LAND.parent / name, tmp_path / name)
        folder = tmp_path / "land"
        shutil.copytree(LAND, folder)
        for name, old, new in changes:
            text = (folder / name).read_text(encoding="utf-8")
            assert old in text, (name, old)
            (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return tc.load(folder)

    return make


BASELINE = (
    "programs/reciprocal.yaml",
    "duty: 10%, by: ORDER-1, ended_by: ORDER-2}",
    "duty: 10%, by: ORDER-1, ended_by: ORDER-2, tag: U, note: Of two minds.}",
)
ACT = (
    "acts.yaml",
    "title: Reciprocal duties, known: 2025-01-15, citation: Order 1}",
    "title: Reciprocal duties, known: 2025-01-15, citation: Order 1, tag: UM}",
)
ENTRY = (
    "stacking/programs.yaml",
    "heading: R.33, entered: {on_or_after: 2025-02-01}, by: ORDER-1}",
    "heading: R.33, entered: {on_or_after: 2025-02-01}, by: ORDER-1, tag: U}",
)
CONTENT = (
    "stacking/programs.yaml",
    "content: steel_value, heading: R.33, by: ORDER-1}",
    "content: steel_value, heading: R.33, by: ORDER-1, tag: U}",
)
ROWS = "code,from,until,by,ended_by,note\n7201.00.00,,,BOOK,,\n7202,,,BOOK,,\n"
SCHEDULE = ("schedule/chapter-10.csv", '10%,"Free (FT,OL)",35%,BOOK,', '10%,"Free (FT,OL)",35%,HEARSAY,')
HEARSAY = (
    "acts.yaml",
    "# Invented instruments.\n",
    (
        "# Invented instruments.\n- {id: HEARSAY, kind: statute, title: What one hears, known: 2020-01-01,"
        ' citation: "", tag: U}\n'
    ),
)


def one(
    commodity: str, origin: str = "DD", entered: str = "2025-03-10", value: str = "1000", **facts: str
) -> tc.Shipment:
    return tc.Shipment(
        entered=entered,
        lines=[tc.Line(commodity=commodity, origin=origin, value=value, quantity={"kg": "1"}, facts=facts)],
    )


def tags(tariff: tc.Tariff, shipment: tc.Shipment) -> dict[str, str]:
    """The tags in doubt by program."""
    ledger = tariff.estimate(shipment).ledger
    return {
        program: tag
        for program, tag in zip(ledger["program"], ledger["tag"], strict=True)
        if tag not in ("P", "P*")
    }


@pytest.mark.parametrize(
    ("change", "doubtful", "certain", "word"),
    [
        (
            BASELINE,
            one(WHEAT),
            one(WHEAT, entered="2026-02-01"),
            'R.01 "baseline" is uncertain: Of two minds',
        ),
        (
            ENTRY,
            one(STEEL, smelted_in="AA"),
            one(STEEL, "AA", smelted_in="AA"),
            "that it gives way to Duty on metals (R.33) is uncertain, by ORDER-1",
        ),
        (
            CONTENT,
            one(DERIVATIVE, steel_value="300", smelted_in="AA"),
            one(WHEAT),
            "that it gives way to Duty on metals (R.33) is uncertain",
        ),
    ],
)
def test_doubt_is_shown_and_can_be_left_unknown(
    made: Made, change: tuple[str, str, str], doubtful: tc.Shipment, certain: tc.Shipment, word: str
) -> None:
    """The amount stays what it is; the ledger, the explanation, the problems and the summary say that it is
    in doubt; a filter leaves it apart."""
    plain, tariff = tc.load(LAND), made(change)
    estimate = tariff.estimate(doubtful)
    assert estimate.duty == plain.estimate(doubtful).duty
    assert tags(tariff, doubtful) == {"land.reciprocal": "U"}
    assert tags(plain, doubtful) == tags(tariff, certain) == {}
    assert "[uncertain]" in estimate.explain()
    of_doubt = estimate.ledger[estimate.ledger["tag"] == "U"]["amount"].sum()
    words = f"[{of_doubt:,} of it uncertain]" if 0 < of_doubt < (estimate.duty or 0) else "[uncertain]"
    assert f"Duty {words}" in estimate.explain()
    note = estimate.problems.query("code == 'uncertain'")
    assert note["message"].str.startswith(f"Reciprocal duty: {word}").tolist() == [True]
    assert f"of that, {estimate.duty:,} " in estimate.summary()
    assert EstimateTotals.of(estimate).as_dict()["certainty"]["uncertain"] == {
        "rows": 1,
        "duty": str(estimate.duty),
    }

    assert estimate.frame["certainty"].tolist() == ["U"] and set(
        tariff.estimate(certain).frame["certainty"]
    ) == {"P"}
    left_out = tariff.estimate(doubtful, certain_only=True)
    assert left_out.duty is None
    assert tariff.estimate(certain, certain_only=True).duty == plain.estimate(certain).duty
    assert left_out.ledger.set_index("program").loc["land.reciprocal", ["outcome", "tag"]].tolist() == [
        "unknown",
        "U",
    ]
    lacking = left_out.problems.query("code == 'uncertain-law'")
    assert lacking["message"].str.startswith(f"Reciprocal duty: {word}").tolist() == [True]
    assert not left_out.problems["code"].eq("uncertain").any()
    assert EstimateTotals.of(left_out).as_dict()["unknown_rows"] == 1


def test_a_doubtful_act_makes_all_it_made_doubtful(made: Made) -> None:
    """Also where it takes something out: what gave way by an act from memory rests on memory."""
    tariff = made(ACT)
    assert tags(tariff, one(WHEAT, "DD")) == {"land.reciprocal": "UM"}
    assert tags(tariff, one(STEEL, smelted_in="AA")) == {"land.reciprocal": "UM"}
    assert tags(tariff, one(STEEL, "AA", smelted_in="AA")) == {}


@pytest.mark.parametrize(("tag", "in_doubt"), [("U", True), ("UM", True), ("S", False), ("P", False)])
def test_a_doubtful_row_of_a_list_makes_its_code_doubtful_and_no_other(
    made: Made, tag: str, in_doubt: bool
) -> None:
    """The list names 7201.00.00 and 7202: only the first is in doubt, under both measures that use
    the list."""
    tariff = made(
        (
            "lists/steel.csv",
            ROWS,
            f"code,from,until,by,ended_by,note,tag\n7201.00.00,,,BOOK,,,{tag}\n7202,,,BOOK,,,\n",
        )
    )
    expected = {} if tag == "P" else {"land.metals": tag}
    assert tags(tariff, one(STEEL, "AA", smelted_in="AA")) == expected
    assert tags(tariff, one(STEEL, "AA", smelted_in="SS")) == expected
    assert tags(tariff, one("7202.00.10", "AA", smelted_in="SS")) == {}
    assert tariff.estimate(one(STEEL, "AA", smelted_in="AA")).duty == Decimal("500.00")
    assert (tariff.estimate(one(STEEL, "AA", smelted_in="AA"), certain_only=True).duty is None) == in_doubt


def test_a_tag_that_is_none_is_refused(made: Made) -> None:
    with pytest.raises(SeedError, match="the tag 'X' is none of P, P"):
        _ = made(
            (
                "lists/steel.csv",
                ROWS,
                "code,from,until,by,ended_by,note,tag\n7201.00.00,,,BOOK,,,X\n7202,,,BOOK,,,\n",
            )
        ).programs


def test_a_doubtful_row_of_the_schedule(made: Made) -> None:
    """The rate of one line is hearsay; what is charged on the duty of that line is unknown with it, and the
    next line is not concerned."""
    tariff = made(HEARSAY, SCHEDULE)
    assert tags(tariff, one(WHEAT, "DD")) == {"land.customs": "U"}
    assert tags(tariff, one(OATS, "DD")) == {}
    left_out = tariff.certain().estimate(one(WHEAT, "DD"))
    outcomes = left_out.ledger.set_index("program")["outcome"]
    assert outcomes["land.customs"] == outcomes["land.surcharge"] == "unknown"
    assert outcomes["land.reciprocal"] != "unknown"
    assert (
        "the rate in the schedule is uncertain: What one hears (HEARSAY)"
        in left_out.problems["message"].str.cat()
    )
    assert tariff.certain().estimate(one(OATS, "DD")).duty == tariff.estimate(one(OATS, "DD")).duty


def test_every_view_leaves_the_same_apart(made: Made, tmp_path: Path) -> None:
    """A table, its files and the command line say of each row what a shipment of that line says."""
    tariff = made(BASELINE)
    rows = pd.DataFrame(
        {
            "commodity": [WHEAT, WHEAT, STEEL] * 3,
            "origin": ["DD", "AA", "AA"] * 3,
            "entered": ["2025-03-10"] * 9,
            "value": [1000] * 9,
            "quantity_kg": 1,
            "smelted_in": "AA",
        }
    )
    certain = tariff.certain()
    for table in (rows, rows.iloc[::-1]):
        frame = certain.estimate(table).frame
        assert (frame["duty"].isna() == (table["origin"] == "DD")).all()
        assert (tariff.estimate(table).frame["duty"].notna()).all()
    assert repr(certain.estimate(rows)).startswith("<Estimate of 9 lines: duty unknown")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    rows.to_parquet(tmp_path / "rows.parquet")
    command = ["estimate", str(tmp_path / "rows.csv"), "--territory", str(tariff.folder), "--json"]
    told = CliRunner().invoke(app, [*command, "--certain-only"])
    assert told.exit_code == 0, told.output
    assert '"unknown_rows": 3' in told.output
    assert '"unknown_rows": 0' in CliRunner().invoke(app, command).output
    batches = tc.scale.estimate_batches(
        tariff, pq.ParquetFile(tmp_path / "rows.parquet").iter_batches(), keep="postings"
    )
    written = pa.Table.from_batches(list(batches)).to_pandas()
    assert set(written.loc[written["program"] == "land.reciprocal", "tag"]) == {"U"}
    assert set(written.loc[written["program"] != "land.reciprocal", "tag"]) == {"P"}
    timeline = certain.timeline(WHEAT, "DD")
    assert timeline.loc[timeline["from"] == "2025-02-01", "unknown"].tolist() == [
        "land.reciprocal land.surcharge"
    ]
    assert certain.panel(origins=["DD"], entered=["2025-03-10"])["duty"].isna().any()
    assert certain.amend(
        tc.Scenario("Twelve").set_duty("land.reciprocal/baseline", "12%", on_or_after="2025-04-01")
    ).law.certain_only


# --- real law
# ------------------------------------------------------------------------------------------------------------


def lines_of_cases(some: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    found = [
        (case, line)
        for path in sorted(CASES.glob("*.yaml"))
        for case in read_yaml(path).data
        for line in case["lines"]
        if "known_on" not in case
    ]
    yield from islice(Random(4).sample(found, len(found)), some)


def names(book: Rulebook, products: Selection, code: str, moment: int) -> Iterator[tuple[str, ...]]:
    """The tags of each row by which a selection names a code on a day; of a code written in the measure
    itself, none."""
    if products.everything or any(code.startswith(item) for item in products.items):
        yield ()
    new: dict[str, list[Any]] = {row.old: [] for row in book.renumbered}
    for row in book.renumbered:
        new[row.old] += [row] if row.day <= moment else []
    for name in products.named:
        for member in book.lists[name].members:
            if member.excepted or not member.start <= moment < member.end:
                continue
            since = [row for row in new.get(member.item, ()) if member.start < row.day]
            if not since and code.startswith(member.item):
                yield (member.tag, *(book.acts[act].tag for act in member.by))
            for row in since:
                if row.new == code:
                    yield (member.tag, row.tag, *(book.acts[act].tag for act in (*member.by, *row.by)))


def expected_tag(book: Rulebook, posting: Posting, code: str, moment: int) -> str:
    """The least certain tag of what a posting rests on, from the models alone; of several rows that name the
    code, the most certain counts."""

    def least(tags: Iterator[str] | tuple[str, ...]) -> int:
        return max((TAGS.index(tag) for tag in tags), default=0)

    entry = posting.stacked_out_by or posting.content_left_to
    of_entry = least((entry.tag, *(book.acts[act].tag for act in entry.by))) if entry else 0
    if posting.stacked_out_by is not None:
        return TAGS[of_entry]
    measure = book.programs[posting.program].measure(posting.measure)
    assert measure is not None
    assert posting.rule is not None
    spells = [
        spell for spell in measure.history
        if spell.entered.on_or_after <= posting.rule.start < spell.entered.before
        and set(spell.by) <= set(posting.rule.by) and spell.duty.text == posting.rule.duty_text
    ]  # fmt: skip
    of_spell = {least((spell.tag, *(book.acts[act].tag for act in spell.by))) for spell in spells}
    assert len(of_spell) == 1, (posting, of_spell)
    of_list = min((least(row) for row in names(book, measure.products, code, moment)), default=0)
    of_list = of_list if of_list >= SECONDARY else 0  # rows are told apart from there on
    of_schedule = least(tuple(book.acts[act].tag for act in posting.acts if act.startswith("HTS-")))
    return TAGS[max(*of_spell, of_list, of_schedule, of_entry)]


@pytest.mark.parametrize("some", [150, pytest.param(600, marks=pytest.mark.nightly)])
def test_tags_of_real_law_are_those_of_the_models(us: tc.Tariff, some: int) -> None:
    """Postings of the worked cases, whose codes have ten digits: the tag shown is that of the least certain
    text."""
    book, met = us.rulebook.settled(), set()
    for case, line in lines_of_cases(some):
        days = {
            name: case[name]
            for name in ("entered", "loaded", "exported", "admitted", "transport", "facts")
            if name in case
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CoverageWarning)
            estimate = us.estimate(
                tc.Shipment(**days, lines=(tc.Line(**{**line, "claims": tuple(line.get("claims", ()))}),)),
                on_problem="keep",
            )
        ledger, good = estimate.parts
        code = str(line["commodity"]).replace(".", "")
        if not len(good.rows) or len(code) != 10:
            continue
        for posting in ledger.postings(0):
            program = book.programs[posting.program]
            moment = parse_moment(
                case["admitted"]
                if "admitted" in case and program.dated_by == "admission"
                else case["entered"]
            )
            if posting.reason is None:
                assert posting.tag == expected_tag(book, posting, code, moment), (case["case"], posting)
                met.add(posting.tag)
        duties = [
            TAGS.index(each.tag)
            for each in ledger.postings(0)
            if book.programs[each.program].kind == "duty" and each.reason is None
        ]
        if all(each.reason is None for each in ledger.postings(0)):
            assert int(ledger.certainty[0]) == max(duties, default=0), case["case"]
    assert met >= {"P", "P*", "S", "U"}
