"""Names: columns that nothing reads are listed with what they may be meant for; a claim in other words is
answered."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tariffcalc as tc
from tariffcalc.cli import main
from tariffcalc.declaration.columns import OPTIONAL
from tariffcalc.declaration.names import meant_for
from tariffcalc.errors import ShipmentError
from tariffcalc.reading.tables import read_rows

GOOD = {"commodity": "6109.10.00.12", "origin": "IN", "entered": "2025-09-01", "value": "1000"}
STEEL = {"commodity": "7326.90.86.88", "origin": "CA", "entered": "2025-09-20", "value": "1000"}

# What brokers, importers and other systems write, and what it is here under the law of the United States and
# of India.
NEAR = [
    ("steel_content_value", "steel_value", ""),
    ("Steel Value (USD)", "steel_value", ""),
    ("steel_vlaue", "steel_value", ""),
    ("aluminium_value", "aluminum_value", ""),
    ("aluminum content", "aluminum_value", ""),
    ("copperValue", "copper_value", ""),
    ("us_content", "us_content_value", ""),
    ("SPI", "claims", "trade_agreement"),
    ("Special Program Indicator", "claims", "trade_agreement"),
    ("USMCA", "claims", ""),
    ("claim", "claims", "claims"),
    ("civil_aircaft", "civil_aircraft", ""),
    ("9802_00_80", "9802.00.80", ""),
    ("HTS", "commodity", "commodity"),
    ("coo", "origin", "origin"),
    ("Incoterm", "value_basis", "value_basis"),
    ("curr", "currency", "currency"),
    ("Currency Code", "currency", "currency"),
    ("price currency", "currency", "currency"),
    ("sale_currency", "currency", "currency"),
    ("docCurr", "currency", "currency"),
    ("Incoterms 2020", "value_basis", "value_basis"),
    ("ex. rate", "exchange_rate", "exchange_rate"),
    ("load date", "loaded", "loaded"),
    ("freight cost", "freight", "freight"),
    ("qty_kg", "quantity_kg", "quantity_kg"),
    ("Net Weight (kg)", "quantity_kg", "quantity_kg"),
    ("Line Tariff Quantity (1)", "quantity_UNIT", "quantity_UNIT"),
    ("date_loaded", "loaded", "loaded"),
    ("mode", "transport", "transport"),
    ("Entry Number", "shipment", "shipment"),
    ("vehicle new", "", "vehicle_new"),
]
# Names that tables of trade have and that mean nothing to an estimate.
ORDINARY = (  # noqa: SIM905
    "note invoice_no invoice_date sku part_number description supplier vendor_name customer po_number"
    " container_no bill_of_lading port_of_entry port_of_lading importer consignee exporter transporter broker"
    " line_no gross_weight country_of_export brand category year id warehouse status duty_paid mpf hmf total"
    " uom unit_price manufacturer condition vessel_name payment_terms claim_number weight_class colour "
).split()


@pytest.mark.parametrize(("name", "in_us", "in_india"), NEAR, ids=[each[0] for each in NEAR])
def test_what_a_name_may_be_meant_for(
    us: tc.Tariff, india: tc.Tariff, name: str, in_us: str, in_india: str
) -> None:
    assert (meant_for(us.law, name), meant_for(india.law, name)) == (in_us, in_india)


def test_ordinary_columns_are_listed_without_a_word(tariff: tc.Tariff) -> None:
    assert len(ORDINARY) >= 30
    table = pd.DataFrame([GOOD | {"commodity": "6109.10.00"} | dict.fromkeys(ORDINARY, "x")])
    estimate = tariff.estimate(table)  # a warning is an error here
    assert estimate.unused_columns == dict.fromkeys(ORDINARY, "")


def test_every_name_of_other_systems_is_of_something_an_estimate_reads(
    us: tc.Tariff, india: tc.Tariff, repository: Path
) -> None:
    known = {"commodity", "origin", "entered", "value", "shipment", "quantity_UNIT"}
    for _, row in read_rows(repository / "seeds" / "column-names.csv", ("name", "meant_for")):
        for meant in filter(None, row["meant_for"].split("|")):
            assert (
                meant in known
                or meant.startswith("quantity_")
                or meant in us.law.facts
                or meant in india.law.facts
                or meant in OPTIONAL
            )


# --- every door
# ------------------------------------------------------------------------------------------------------------

ROWS = pd.DataFrame([STEEL | {"steel_content_value": "100", "SPI": "S", "note": "x"}])
MEANT = {"steel_content_value": "steel_value", "SPI": "claims", "note": ""}
SENTENCE = (
    r"the columns 'steel_content_value' and 'SPI' are not used: rename 'steel_content_value' to 'steel_value'"
    r" and 'SPI' to 'claims' "
    r"if that is what they mean"
)


@pytest.mark.parametrize(
    "kind", [lambda rows: rows, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "Arrow"]
)
def test_a_table_tells_the_columns_it_does_not_use(us: tc.Tariff, kind: Any) -> None:
    with pytest.warns(UserWarning, match=f"^{SENTENCE}$") as caught:
        estimate = us.estimate(kind(ROWS))
    assert len(caught) == 1
    assert estimate.unused_columns == MEANT
    assert (
        "columns not used: 'steel_content_value' (meant for steel_value?), 'SPI' (meant for claims?) and"
        " 'note'" in estimate.summary()
    )


def test_in_the_names_that_are_read_the_duty_is_right(us: tc.Tariff) -> None:
    """Column 1 is 2.9% and S frees of it; 50% of the steel, 100: 50.00 (note 16, heading 9903.81.91).
    Without both: 29 and 50% of 1,000."""
    right = ROWS.rename(columns={"steel_content_value": "steel_value", "SPI": "claims"})
    assert us.estimate(right, fees=False).duty == Decimal("50.00")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[dict[str, Path]]:
    paths = {ending: tmp_path / f"lines.{ending}" for ending in ("csv", "parquet", "xlsx")}
    ROWS.to_csv(paths["csv"], index=False)
    ROWS.to_parquet(paths["parquet"], index=False)
    ROWS.to_excel(paths["xlsx"], index=False)
    yield paths


def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[str, str]:
    monkeypatch.setattr("sys.argv", ["tariffcalc", *words])
    main()
    told = capsys.readouterr()
    return told.out, told.err


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("target", [None, "out.csv", "out.parquet"])
def test_the_command_line_tells_them_once(
    files: dict[str, Path],
    ending: str,
    target: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = ("-o", str(files["csv"].with_name(target))) if target else ()
    out, err = command(monkeypatch, capsys, "estimate", str(files[ending]), *output)
    assert err.count("are not used: rename 'steel_content_value' to 'steel_value'") == 1
    assert "columns not used: 'steel_content_value' (meant for steel_value?)" in out
    out, _ = command(monkeypatch, capsys, "estimate", str(files[ending]), "--json")
    assert json.loads(out)["unused_columns"] == MEANT


def test_a_stream_and_a_dataset_tell_them_once(us: tc.Tariff, files: dict[str, Path]) -> None:
    many = pa.Table.from_pandas(pd.concat([ROWS] * 5), preserve_index=False)
    with pytest.warns(UserWarning, match=SENTENCE) as caught:
        list(tc.scale.estimate_batches(us, iter(many.to_batches(max_chunksize=1))))
    assert len(caught) == 1
    pq.write_table(many, files["parquet"])
    with pytest.warns(UserWarning, match=SENTENCE) as caught:
        total = tc.scale.estimate_dataset(
            us, str(files["parquet"]), files["parquet"].with_name("duty.parquet")
        )
    assert len(caught) == 1
    assert total.unused_columns == MEANT
    assert "columns not used" in total.text()


def test_duckdb_tells_them(us: tc.Tariff) -> None:
    pytest.importorskip("duckdb")
    query = (
        "SELECT '7326.90.86.88' commodity, 'CA' origin, '2025-09-20' entered, 1000 AS value, 100 AS"
        " steel_content_value, 'S' AS SPI"
    )
    with pytest.warns(UserWarning, match=SENTENCE):
        tc.scale.duckdb.estimate(us, query).sum("duty").fetchall()


def test_dask_tells_them(us: tc.Tariff) -> None:
    dd = pytest.importorskip("dask.dataframe")
    with pytest.warns(UserWarning, match=SENTENCE):
        frame = tc.scale.dask.estimate(us, dd.from_pandas(ROWS, npartitions=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame["duty"].compute(scheduler="sync")


def test_where_only_names_that_are_read_may_stand_another_is_refused(us: tc.Tariff, india: tc.Tariff) -> None:
    words = (
        "'steel_content_value' is no column or fact of an estimate under the law of United States: is"
        " 'steel_value' meant?"
    )
    line = tc.Line(commodity=STEEL["commodity"], origin="CA", value=1000, facts={"steel_content_value": 100})
    doors = [
        lambda: us.estimate(tc.Shipment(entered="2025-09-20", lines=(line,))),
        lambda: us.timeline(STEEL["commodity"], "CA", steel_content_value=100),
        lambda: us.panel(["CA"], ["2025-09-20"], steel_content_value=100),
        lambda: tc.bilateral("us", "in").table(
            "7326.90", entered="2026-03-02", facts={"us": {"steel_content_value": 100}}
        ),
    ]
    for door in doors:
        with pytest.raises(ShipmentError) as caught:
            door()
        assert str(caught.value) == words
    with pytest.raises(ShipmentError, match=r"'foo' is no column or fact .* tariff.facts\(\) lists"):
        india.timeline("6109.10.00", "US", foo=1)


def test_a_second_column_of_one_meaning_is_told_only_where_it_may_decide(us: tc.Tariff) -> None:
    """Two columns may hold two currencies or two claims; the country of origin is read already."""
    table = pd.DataFrame(
        [GOOD | {"HTS": "x", "COO": "IN", "Entry Date": "x", "Customs Value": 5, "quantity_kg": 7, "Qty1": 7}]
    )
    assert us.estimate(table).unused_columns == {
        "HTS": "commodity", "COO": "origin", "Entry Date": "entered", "Customs Value": "value",
        "Qty1": "quantity_UNIT"
    }  # fmt: skip
    for columns in ({"currency": "USD", "curr": "INR"}, {"claims": "civil_aircraft", "SPI": "S"}):
        with pytest.warns(UserWarning, match="is not used: rename it to"):
            us.estimate(pd.DataFrame([GOOD | columns]))


def test_rupees_are_not_taken_for_dollars_without_a_word(us: tc.Tariff) -> None:
    with pytest.warns(UserWarning, match="'curr' is not used: rename it to 'currency'"):
        us.estimate(pd.DataFrame([GOOD | {"curr": "INR"}]))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("HTS", "commodity"), ("COO", "origin"), ("Country", "origin"), ("Entry Date", "entered"),
        ("Customs Value", "value"),
        ("Comodity", "commodity"),
    ],
)  # fmt: skip
def test_a_missing_column_is_looked_for_among_the_others(us: tc.Tariff, given: str, wanted: str) -> None:
    with pytest.raises(
        ShipmentError, match=f"the column '{wanted}' is missing: is '{given}' meant for '{wanted}'"
    ):
        us.estimate(pd.DataFrame([GOOD]).rename(columns={wanted: given}))


# --- claims in other words
# ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "supply"),
    [
        ("USMCA", "claim S, which"), ("usmca", "claim S, which"), ("KORUS", "claim KR, which"),
        ("GSP", "claim A, which"),
        ("AGOA", "claim D, which"), ("CAFTA-DR", "claim P, which"),
        ("steel_value", "declare it as steel_value, and not among the claims"),
        ("civil_aircaft", "near misses: civil_aircraft"), ("nonsense", "tariff.facts() lists every claim"),
    ],
)  # fmt: skip
def test_a_claim_in_other_words_is_answered(us: tc.Tariff, claim: str, supply: str) -> None:
    line = tc.Line(commodity="6109.10.00.12", origin="MX", value=1000, claims=claim)
    with pytest.raises(ShipmentError, match=f"unknown-claim: '{claim}' is not a claim; ") as caught:
        us.estimate(tc.Shipment(entered="2025-09-01", lines=(line,)))
    assert supply in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("claim", "supply"),
    [("KR", "trade_agreement: korea"), ("JP", "trade_agreement: japan"), ("FTA", "none, asean, japan")],
)
def test_a_territory_that_knows_no_special_programs_names_its_fact(
    india: tc.Tariff, claim: str, supply: str
) -> None:
    table = pd.DataFrame([GOOD | {"commodity": "6109.10.00", "origin": "KR", "claims": claim}])
    (problem,) = india.estimate(table).problems.itertuples()
    assert (problem.severity, problem.code) == ("refused", "unknown-claim")
    assert supply in problem.supply


def test_every_named_agreement_is_a_special_program(us: tc.Tariff, repository: Path) -> None:
    for _, row in read_rows(repository / "seeds" / "us" / "spi-names.csv", ("name", "spi")):
        assert row["spi"] in us.law.spis


@pytest.mark.parametrize("code", ["9802.00.50.60", "9802.00.50", "9802005060", "9802.00.50.99"])
def test_a_provision_that_says_what_was_done_to_goods_is_a_claim(us: tc.Tariff, code: str) -> None:
    """HTSUS 9802.00.50: articles exported for repairs; their duty is on the repairs, at the rate of the
    article itself (subchapter II, note 3)."""
    (problem,) = us.estimate(pd.DataFrame([GOOD | {"commodity": code}])).problems.itertuples()
    assert (problem.severity, problem.code) == ("refused", "regime-for-goods")
    assert problem.supply == "give the code of the goods, and claim 9802.00.50"
