"""The smoke matrix, its doors: files, streams, frames of other tools, the command line, panels, timelines and
comparisons give the same cents.

See ``test_smoke_matrix.py`` for the views of an estimate.
"""

from __future__ import annotations

import inspect
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from smoke_lines import ENDINGS, SCENARIOS, TERRITORIES, file_of, rows, table
from smoke_owed import SHOWN, Land, Owed, assert_owed, by_row, cents, of_oracle, shows

import tariffcalc as tc
from tariffcalc import cli, scale
from tariffcalc.cli.words import app
from tariffcalc.reading import coverage

pytestmark = pytest.mark.filterwarnings("ignore")
Run = Callable[..., str]


def public(kind: type) -> set[str]:
    """The public methods and properties of a class and of what it is made on in this package, with its name
    before them."""
    kinds = (property, cached_property, classmethod, FunctionType)
    parts = [vars(each).items() for each in kind.__mro__ if each.__module__.startswith("tariffcalc.")]
    return {
        f"{kind.__name__}.{name}"
        for part in parts
        for name, each in part
        if not name.startswith("_") and isinstance(each, kinds)
    }


def test_every_public_name_is_shown() -> None:
    """The names are those of the package; the law's models (programs, measures, duties, acts) and scenarios
    have tests of their own."""
    for module in ("test_smoke_matrix", "test_lacking"):
        import_module(module)
    names = {name for name in tc.__all__ if inspect.isfunction(getattr(tc, name))}
    names = names.union(
        *map(
            public,
            (tc.Tariff, tc.Estimate, tc.Comparison, tc.Comparisons, tc.Bilateral, tc.Shipment, tc.Line),
        )
    )
    names |= {f"scale.{name}" for name in (*scale._HOME, *scale._DOORS)} | {
        "coverage.coverage",
        "coverage.headings",
    }
    names |= {
        f"tariffcalc {(each.name or each.callback.__name__).replace('_', '-')}"
        for each in app.registered_commands
        if each.callback
    }
    missing, gone = sorted(names - SHOWN.keys()), sorted(SHOWN.keys() - names)
    assert not missing, "no test shows it"
    assert not gone, "it is no public name any more"


@pytest.fixture(scope="module", params=TERRITORIES)
def land(request: pytest.FixtureRequest) -> Land:
    """Each territory in turn."""
    return of_oracle(request.param, tc.load(TERRITORIES[request.param]))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: what it printed."""

    def run_command(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["tariffcalc", *map(str, words)])
        try:
            cli.main()
        except SystemExit as stop:
            assert not stop.code, stop.code
        return capsys.readouterr().out

    return run_command


# --- files, streams, frames of other tools
# --------------------------------------------------------------------------------------------


@shows("scale.estimate_dataset", "scale.DatasetTotal")
@pytest.mark.parametrize("kind", ENDINGS)
def test_dataset(land: Land, kind: str, tmp_path: Path) -> None:
    """Every kind of file to Parquet: the rows, the totals, credit among them, and the file of problems."""
    source = file_of(land.name, kind, tmp_path)
    for keep in ("programs", "totals"):
        total = scale.estimate_dataset(land.tariff, source, tmp_path / "out.parquet", keep=keep)
        frame = pq.read_table(total.target).to_pandas()
        assert_owed(land, frame, land.owed, programs=keep == "programs")
        assert total.duty == sum(each.sum(land.duties) or 0 for each in land.owed)
        net = [
            each.sum({name for name in land.duties if not land.tariff.programs[name].creditable})
            for each in land.owed
        ]
        if "net_of_credit" in frame:
            assert by_row(frame, "net_of_credit") == net
            assert total.duty_after_credit == sum(each or 0 for each in net)
            assert total.rows_after_credit == len(net) - net.count(None)
        refused = {row for row, each in enumerate(land.owed) if each.refused}
        told = pq.read_table(total.problems_file).to_pandas()
        assert {row - 1 for row in told[told["severity"] == "refused"]["row_from_1"]} == refused


def postings(land: Land, table: pd.DataFrame) -> None:
    """Assert that a table of postings is what the oracle says."""
    here = table[table["program"].isin(land.line_programs)]
    found = {
        (row, program): cents(amount)
        for row, program, amount in here[["row", "program", "amount"]].itertuples(index=False)
    }
    assert found == {
        (row, program): amount
        for row, each in enumerate(land.owed)
        for program, amount in each.postings.items()
    }


@shows("scale.estimate_batches")
def test_batches(land: Land) -> None:
    """A stream of batches, a few rows in each."""
    given = pa.Table.from_pandas(table(land.name), preserve_index=False)
    for keep in ("programs", "totals", "postings"):
        batches = scale.estimate_batches(land.tariff, given.to_batches(max_chunksize=2), keep=keep)
        frame = pa.Table.from_batches(batches).to_pandas()
        if keep == "postings":
            postings(land, frame)
            assert list(frame) == list(land.tariff.estimate(given).ledger)
        else:
            assert_owed(land, frame, land.owed, programs=keep == "programs")


@shows("scale.duckdb")
def test_duckdb(land: Land) -> None:
    """A DuckDB relation."""
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    connection.register("given", pa.Table.from_pandas(table(land.name), preserve_index=False))
    connection.execute("CREATE TABLE lines AS SELECT * FROM given")
    out = scale.duckdb.estimate(
        land.tariff, "SELECT * FROM lines ORDER BY shipment", connection, keep="programs"
    ).df()
    assert_owed(land, out, land.owed)


@shows("scale.dask")
def test_dask(land: Land) -> None:
    """A Dask frame of three partitions, on threads."""
    dd = pytest.importorskip("dask.dataframe")
    frame = dd.from_pandas(table(land.name).assign(place=range(len(land.owed))), npartitions=3)
    out = (
        scale.dask.estimate(land.tariff, frame, keep="programs")
        .compute(scheduler="sync")
        .sort_values("place")
    )
    assert_owed(land, out, land.owed)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Spark in this machine's Java, one worker process."""
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, which is not there")
    patch = pytest.MonkeyPatch()
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    patch.setenv("PYTHONPATH", str(Path(tc.__file__).parent.parent))
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "OFF",
    }
    builder = sql.SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
    patch.undo()


@shows("scale.spark")
def test_spark(land: Land, spark: Any) -> None:
    """A Spark frame."""
    given = table(land.name).assign(place=range(len(land.owed)))
    kinds = ", ".join(f"{name} {'bigint' if name in ('place', 'shipment') else 'string'}" for name in given)
    out = scale.spark.estimate(
        land.tariff, spark.createDataFrame(given.values.tolist(), kinds), keep="programs"
    )
    assert_owed(land, pd.DataFrame([row.asDict() for row in out.collect()]).sort_values("place"), land.owed)


# --- one line: timeline, panel, explanation
# -------------------------------------------------------------------------------------------


def single(land: Land) -> Iterator[tuple[dict[str, Any], dict[str, Any], Owed]]:
    """The lines that a timeline or panel can be asked for: what is declared beside code, origin, day and
    value, and what the line owes."""
    for row, owed in zip(rows(land.name), land.owed, strict=True):
        if not owed.refused and not {"currency", "value_basis", "tariff_goods"} & row.keys():
            yield (
                row,
                {
                    name: cell
                    for name, cell in row.items()
                    if name not in ("commodity", "origin", "entered", "value", "shipment")
                },
                owed,
            )


@shows("Tariff.timeline")
def test_timeline(land: Land) -> None:
    """A timeline of the day: the duty and the programs that speak."""
    for row, facts, owed in single(land):
        said = land.tariff.timeline(
            row["commodity"], row["origin"], value=row["value"], days=[row["entered"]], **facts
        ).iloc[0]
        assert cents(said["duty"]) == owed.sum(land.duties)
        for program, amount in owed.postings.items():
            assert program not in land.duties or cents(said[program]) == amount, program
        assert set(said["unknown"].split()) == {
            name for name in land.duties if owed.postings.get(name, 0) is None
        }


@shows("Tariff.changes", "Tariff.fingerprint", "Estimate.fingerprint")
def test_which_law_it_is(land: Land) -> None:
    """An amended law says by what, and has a fingerprint of its own, on its estimates too."""
    amended = land.tariff.amend(SCENARIOS[land.name])
    assert [words.partition(":")[0] for words in amended.changes] == [SCENARIOS[land.name].title]
    e = amended.estimate(table(land.name), fees=False)
    assert e.fingerprint == amended.fingerprint != land.tariff.fingerprint
    assert SCENARIOS[land.name].title in e.frame.attrs["law"]


@shows("Tariff.what_changed", "tariffcalc what-changed")
def test_what_changed(land: Land, run: Run) -> None:
    """What each program charges on an earlier day, and its changes since, come to what it charges on the
    day."""
    known = 0
    for row, facts, owed in single(land):
        value, first = row["value"], str(pd.Timestamp(row["entered"]) - pd.Timedelta(days=20))[:10]
        facts = {name: fact for name, fact in facts.items() if name not in ("loaded", "exported", "admitted")}
        about = {"commodity": row["commodity"], "origin": row["origin"], "value": value, **facts}
        try:
            start, end = (
                land.tariff.timeline(**about, days=[day]).iloc[0] for day in (first, row["entered"])
            )
            changed = land.tariff.what_changed(**about, from_=first, to=row["entered"])
        except tc.ShipmentError:  # a code that was not in force, or a day before the law that is held
            continue
        for program in owed.postings.keys() & land.duties:
            rates = changed.loc[changed["program"] == program, "rate_change"]
            amounts = [each.get(program) for each in (start, end)]
            if not rates.isna().any() and program not in start["unknown"] and program not in end["unknown"]:
                before, after = (0.0 if each is None or each != each else each for each in amounts)
                assert abs(before + rates.sum() * float(value) - after) < 0.005
                known += 1
    assert known >= 4
    row = next(iter(rows(land.name)))
    days = ("2025-02-01", "2026-06-01")
    printed = run(
        *("what-changed", row["commodity"], "--origin", row["origin"], "--from", days[0], "--to", days[1]),
        *("--value", row["value"], "--territory", TERRITORIES[land.name], "--json"),
    )
    table = land.tariff.what_changed(row["commodity"], row["origin"], *days, value=row["value"])
    assert json.loads(printed) == json.loads(table.to_json(orient="records"))


@shows("Tariff.panel")
@pytest.mark.parametrize("by", ["day", "change"])
def test_panel(land: Land, by: str) -> None:
    """A panel of the day, and one by change of that day alone: the row of the line."""
    few = [
        each for each in single(land) if len(each[0]["commodity"].replace(".", "")) == 10 or land.name == "in"
    ][:6]
    assert len(few) >= 4
    for row, facts, owed in few:
        day = row["entered"]
        days = (
            {"entered": [day]}
            if by == "day"
            else {"on_or_after": day, "before": str(pd.Timestamp(day) + pd.Timedelta(days=1))[:10]}
        )
        panel = land.tariff.panel([row["origin"]], by=by, value=row["value"], **days, **facts)
        said = panel[panel["commodity"] == row["commodity"].replace(".", "")]
        assert len(said) == 1
        assert_owed(land, said, [owed])


# --- two laws
# ------------------------------------------------------------------------------------------------------------


@shows(
    "where", "Tariff.amend", "Tariff.scenario", "Tariff.rulebook", "Tariff.programs", "compare",
    "Comparison.change", "Comparison.touched_lines",
    "Comparison.unknown_lines", "Comparison.by", "Comparison.summary",
)  # fmt: skip
def test_comparison(land: Land) -> None:
    """The law beside a scenario: the change of each line and program is that of the oracle under
    both laws."""
    then = of_oracle(land.name, land.tariff.amend(land.tariff.scenario(SCENARIOS[land.name])))
    lines = table(land.name)
    both = tc.compare(land.tariff.estimate(lines, fees=False), then.tariff.estimate(lines, fees=False))
    changes: dict[str, Decimal] = {}
    touched, unknown = set(), set()
    for row, (before, after) in enumerate(zip(land.owed, then.owed, strict=True)):
        for name in land.duties:
            pair = before.postings.get(name, Decimal(0)), after.postings.get(name, Decimal(0))
            if before.refused or None in pair:
                unknown.add(row)
            elif pair[0] != pair[1]:
                touched.add(row)
                changes[name] = changes.get(name, Decimal(0)) + pair[1] - pair[0]  # type: ignore[operator]
    assert touched
    assert (both.touched_lines, both.unknown_lines, both.change) == (
        len(touched),
        len(unknown),
        sum(changes.values()),
    )
    found = both.by("program").set_index("program")["change"]
    assert {name: cents(amount) for name, amount in found.items() if amount and amount == amount} == changes
    assert cents(both.by("origin")["change"].sum()) == both.change
    assert f" on {len(touched)} of {len(lines)} line" in both.summary()
    assert then.tariff.rulebook.programs == then.tariff.programs != land.tariff.programs


@shows("Comparisons.by", "Comparisons.changes", "Comparisons.unknown_lines", "Comparisons.summary")
def test_comparison_of_several(land: Land) -> None:
    """The law, a scenario and the law again: the change is that of the two, and none."""
    lines, scenario = table(land.name), land.tariff.scenario(SCENARIOS[land.name])
    law, then = (each.estimate(lines, fees=False) for each in (land.tariff, land.tariff.amend(scenario)))
    two, several = tc.compare(law, then), tc.compare(law, then, law)
    assert several.changes == {scenario.title: two.change, "law (2)": 0}
    assert several.unknown_lines == two.unknown_lines
    assert cents(several.by("origin", show="change")[scenario.title].sum()) == two.change
    assert repr(scenario.title) in several.summary()


@shows("Tariff.sweep", "grid")
def test_sweep(land: Land) -> None:
    """A grid of one scenario: duty and change are those of the oracle under both laws."""
    scenario = land.tariff.scenario(SCENARIOS[land.name])
    then = of_oracle(land.name, land.tariff.amend(scenario))
    grid = tc.grid(lambda nothing: scenario, nothing=[0])
    found = land.tariff.sweep(table(land.name), grid)
    for row, each in enumerate((land, then)):
        duties = [owed.sum(each.duties) for owed in each.owed]
        assert cents(found["duty"][row]) == sum(duty or 0 for duty in duties)
        assert found["unknown_lines"][row] == duties.count(None)
    assert grid.values_of == {"nothing=0": {"nothing": 0}}
    assert found["touched_lines"][1] > 0


@shows("Tariff.certain")
def test_only_what_is_certain(land: Land) -> None:
    """Each line owes what the oracle says, or nothing that is known; and the lines that tell of a doubt are
    those left unknown."""
    lines = table(land.name)
    plain, certain = (
        land.tariff.estimate(lines, fees=False),
        land.tariff.certain().estimate(lines, fees=False),
    )
    doubtful = set(plain.problems.query("code == 'uncertain'")["row"])
    for row, (here, owed) in enumerate(zip(by_row(certain.frame, "duty"), land.owed, strict=True)):
        assert here == (None if row in doubtful else owed.sum(land.duties)), row


PAIR: dict[str, Any] = {"entered": "2026-03-02", "value": 8500, "currency": "USD", "quantity": {"kg": 1000}}
RATE = {"in": {"exchange_rate": "96.8"}}


@shows(
    "bilateral", "Bilateral.sides", "Bilateral.under", "Bilateral.table", "Bilateral.lines",
    "Bilateral.wedge", "Bilateral.compare",
    "Bilateral.concordance", "Bilateral.history", "Bilateral.effective", "Bilateral.explain",
    "tariffcalc bilateral",
)  # fmt: skip
def test_bilateral(run: Run) -> None:
    """Both sides of one product by hand, and the same in every view: almonds at 8.50 dollars a kilo.

    United States: 24 cents/kg of 8.50 = 2.8235%, and the surcharge of 10%; India: 100 rupees/kg of 8.50 x
    96.80 = 822.80 rupees = 12.1536%.
    """
    pair = tc.bilateral("us", "in")
    goods = {**PAIR, "facts": RATE}
    duties = [round(0.24 / 8.5 + 0.10, 6), round(100 / 822.8, 6)]
    names = [f"{side.name}_duty" for side in pair.sides]
    row = pair.table("0802.12", **goods).iloc[0]
    assert [round(rate, 6) for rate in row[names]] == duties
    assert [round(rate, 6) for rate in pair.wedge("0802.12", **goods).iloc[0][names]] == duties
    lines = pair.lines("0802.12", **goods)
    rates = {
        name: {round(rate, 6) for rate in lines[lines["charges"] == name]["duty"]} for name in ("us", "in")
    }
    assert rates == {
        "us": {duties[0]}, "in": {duties[1]},
    }  # fmt: skip
    day, stated = goods.pop("entered"), goods
    assert [round(rate, 6) for rate in pair.history("0802.12", days=[day], **stated).iloc[0][names]] == duties
    told = pair.explain("0802.12", entered=day, **stated)
    printed = run(
        "bilateral",
        "0802.12",
        "--entered",
        day,
        "--value",
        "8500",
        "--currency",
        "USD",
        "--quantity",
        "kg=1000",
        "--fact",
        "in:exchange_rate=96.8",
    )
    assert printed.split() == told.split() and {"12.82%", "12.15%"} <= set(told.split())
    then = pair.under({"us": "india-at-18-percent"})
    both = pair.compare({"us": "india-at-18-percent"}, "6109.10", entered="2026-02-10").iloc[0]
    assert (round(both["us_duty"], 4), round(both["us_duty_then"], 4)) == (0.415, 0.345)
    assert round(then.table("6109.10", entered="2026-02-10").iloc[0]["us_duty"], 4) == 0.345
    assert "0802.12" in set(pair.concordance(day)["subheading"])
    assert set(pair.effective(day)["charges"]) == {"us", "in"}


# --- the command line
# ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ENDINGS)
@shows("tariffcalc estimate")
def test_estimate_command(land: Land, run: Run, kind: str, tmp_path: Path) -> None:
    """From each kind of file to each kind of file."""
    source = file_of(land.name, kind, tmp_path)
    for ending in ENDINGS.values():
        target = tmp_path / f"out.{ending}"
        told = json.loads(
            run("estimate", source, "--territory", TERRITORIES[land.name], "-o", target, "--json")
        )
        assert Decimal(told["duty"]) == sum(each.sum(land.duties) or 0 for each in land.owed)
        read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}[ending](target)
        assert_owed(land, read.dropna(how="all").iloc[: len(land.owed)], land.owed)


@shows("tariffcalc compare")
def test_compare_command(land: Land, run: Run, tmp_path: Path) -> None:
    """The same change as in Python."""
    source = file_of(land.name, "csv", tmp_path)
    SCENARIOS[land.name].write(tmp_path / "scenario.yaml")
    lines = table(land.name)
    both = tc.compare(
        land.tariff.estimate(lines, fees=False),
        land.tariff.amend(SCENARIOS[land.name]).estimate(lines, fees=False),
    )
    told = json.loads(
        run(
            "compare",
            source,
            "--territory",
            TERRITORIES[land.name],
            "--scenario",
            tmp_path / "scenario.yaml",
            "--json",
        )
    )
    assert (Decimal(told["change"]), told["touched_lines"]) == (both.change, both.touched_lines)


@shows("tariffcalc explain", "tariffcalc timeline", "tariffcalc panel")
def test_commands_of_one_line(land: Land, run: Run, tmp_path: Path) -> None:
    """A line of a file explained, one by its code, its timeline and its panel."""
    home = TERRITORIES[land.name]
    source = file_of(land.name, "csv", tmp_path)
    row, facts, owed = next(each for each in single(land) if each[2].sum(land.duties))
    place = list(rows(land.name)).index(row)
    duty = f"{owed.sum(land.duties):,.2f}"
    of_file = run("explain", source, "--row", place + 1, "--territory", home)
    assert duty in of_file
    words = [word for name in ("loaded", "transport") if name in facts for word in (f"--{name}", facts[name])]
    asked = [row["commodity"], "--origin", row["origin"], "--territory", home, "--value", row["value"]]
    by_code = run("explain", *asked, "--entered", row["entered"], *words)
    assert duty in by_code
    loaded = [] if "loaded" not in facts else ["--fact", f"loaded={facts['loaded']}"]
    timeline = json.loads(run("timeline", *asked, *loaded, "--json"))
    said = [each for each in timeline if each["from"] <= row["entered"]][-1]
    assert cents(said["duty"]) == owed.sum(land.duties)
    output = tmp_path / "panel.csv"
    run(
        "panel",
        "-o",
        output,
        "--origin",
        row["origin"],
        "--entered",
        row["entered"],
        "--value",
        row["value"],
        "--territory",
        home,
        *loaded,
    )
    panel = pd.read_csv(output, dtype={"commodity": str})
    assert_owed(land, panel[panel["commodity"] == row["commodity"].replace(".", "")], [owed])


@shows(
    "Tariff.facts",
    "tariffcalc facts",
    "tariffcalc measures",
    "tariffcalc coverage",
    "coverage.coverage",
    "coverage.headings",
    "tariffcalc check",
    "check",
)
def test_commands_of_the_law(land: Land, run: Run) -> None:
    """What can be declared, the measures of a program, what is held: the same in Python and on the command
    line."""
    home = TERRITORIES[land.name]
    facts = json.loads(run("facts", "--territory", home, "--json"))
    assert [each["name"] for each in facts] == land.tariff.facts()["name"].tolist()
    program = land.tariff.rulebook.territory.column_1
    told = run("measures", program, "--territory", home)
    assert (
        land.tariff.programs[program].title in told and land.tariff.programs[program].measures[0].id in told
    )
    held = json.loads(run("coverage", "--territory", home, "--json")) if land.name != "land" else []
    assert [each["program"] for each in held] == (coverage.coverage(home)["program"].tolist() if held else [])
    assert len(coverage.headings(home)) == (
        0 if land.name != "us" else len(json.loads(run("coverage", "99", "--json")))
    )
    if land.name == "land":  # it has no coverage file, and headings and codes of its own
        assert {finding.code for finding in tc.check(home)} == {"D007", "D009"}


@shows(
    "tariffcalc demo",
    "tariffcalc lay-over",
    "tariffcalc new-program",
    "tariffcalc read-chapters",
    "tariffcalc update",
)
def test_commands_that_make_seeds(run: Run, tmp_path: Path) -> None:
    """A rate laid over: 6109.10.00 at a quarter of 10,000 rupees.  The demonstration runs; the other commands
    have tests of their own."""
    (tmp_path / "rates.csv").write_text("commodity,duty,by\n61091000,25%,My table\n", encoding="utf-8")
    run("lay-over", tmp_path / "rates.csv", tmp_path / "mine", "--territory", "in")
    line = tc.Line(commodity="6109.10.00", origin="US", value="10000")
    ledger = (
        tc.load(tmp_path / "mine")
        .estimate(tc.Shipment(entered="2026-03-02", lines=(line,)))
        .ledger.set_index("program")
    )
    assert ledger.loc["in.bcd", "amount"] == 2500
    assert "USD" in run("demo")
