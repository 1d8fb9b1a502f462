"""From editions to dated rows: editions made by hand, the committed schedule, and the official files if
present."""

from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tariffcalc.errors import SeedError
from tariffcalc.ingest.usitc_json import ingest, main
from tariffcalc.law.duty_format import duty_class
from tariffcalc.law.duty_phrases import grammar_of
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.special_column import parse_special
from tariffcalc.reading.tables import read_duty_phrases

REPOSITORY = Path(__file__).parents[2]
SCHEDULE = REPOSITORY / "seeds" / "us" / "schedule"
OFFICIAL = REPOSITORY.parent / "shared" / "data" / "hts"
OVERLAY = REPOSITORY.parent / "shared" / "data" / "rev15" / "hts_2026_rev15_line_rates.csv"


def row(
    htsno: str, indent: int, description: str, *rates: str, units: tuple[str, ...] = ()
) -> dict[str, Any]:
    general, special, other = rates or ("", "", "")
    return {
        "htsno": htsno, "indent": str(indent), "description": description, "units": list(units),
        "general": general, "special": special, "other": other,
    }  # fmt: skip


PHRASES = SCHEDULE.parent / "duty-phrases.csv"
US = grammar_of(read_duty_phrases(PHRASES))
HEADING = row("6109", 0, "T-shirts, singlets and similar garments, knitted:")
COTTON = row("6109.10.00", 1, "Of cotton", "16.5%", "Free (AU,BH)", "90%")
MEN = row("6109.10.00.12", 2, "Men's (338)", units=("doz.", "kg"))
HORSES = row("0101.21.00.00", 1, "Horses: purebred", "Free", "", "Free", units=("No.",))


def write(
    folder: Path, editions: dict[str, tuple[str, list[dict[str, Any]]]], dates: str = ""
) -> tuple[Path, Path]:
    """Editions as files, and a seed folder that knows their days."""
    sources, seeds = folder / "editions", folder / "seeds"
    sources.mkdir(exist_ok=True)
    seeds.mkdir(exist_ok=True)
    (folder / PHRASES.name).write_bytes(PHRASES.read_bytes())
    listed = ["edition,effective,published,source,note"]
    for name, (day, rows) in editions.items():
        (sources / f"hts_{name}.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))
        listed.append(f"{name},{day},{day},{name},")
    (seeds / "editions.csv").write_text("\n".join(listed) + "\n", encoding="utf-8")
    if dates:
        (seeds / "dates.csv").write_text("edition,code,effective,known,source\n" + dates, encoding="utf-8")
    return sources, seeds


def read(seeds: Path, chapter: str) -> list[dict[str, str]]:
    with (seeds / f"chapter-{chapter}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def windows(rows: list[dict[str, str]], code: str) -> list[tuple[str, str, str, str, str]]:
    return [(r["from"], r["until"], r["general"], r["by"], r["ended_by"]) for r in rows if r["code"] == code]


def test_new_ended_and_changed_lines(tmp_path: Path) -> None:
    later = {**COTTON, "general": "15%"}
    women = row("6109.10.00.40", 2, "Women's", units=("doz.",))
    sources, seeds = write(
        tmp_path,
        {
            "2025_basic": ("2025-01-01", [HORSES, HEADING, COTTON, MEN]),
            "2025_rev_1": ("2025-07-01", [HORSES, HEADING, later, women]),
        },
    )
    report = ingest(sources, seeds)
    rows = read(seeds, "61")
    assert windows(rows, "61091000") == [
        ("2025-01-01", "2025-07-01", "16.5%", "HTS-2025-basic", "HTS-2025-rev-1"),
        ("2025-07-01", "", "15%", "HTS-2025-rev-1", ""),
    ]
    assert windows(rows, "6109100012") == [
        ("2025-01-01", "2025-07-01", "", "HTS-2025-basic", "HTS-2025-rev-1")
    ]
    assert windows(rows, "6109100040") == [("2025-07-01", "", "", "HTS-2025-rev-1", "")]
    assert [r["units"] for r in rows if r["code"] == "6109100012"] == ["doz|kg"]
    assert "2025_rev_1: 4 lines, 1 new, 1 ended, 1 changed" in report
    assert [r["label"] for r in rows if r["code"] == "6109100012"] == ["T-shirts: of cotton: men's"]
    acts = yaml.safe_load((seeds / "acts.yaml").read_text(encoding="utf-8"))
    assert [act["id"] for act in acts] == ["HTS-2025-basic", "HTS-2025-rev-1"]


def test_a_rate_printed_with_ten_digits_moves_to_an_eight_digit_row(tmp_path: Path) -> None:
    sources, seeds = write(tmp_path, {"2025_basic": ("2025-01-01", [HORSES])})
    ingest(sources, seeds)
    made, printed = read(seeds, "01")
    assert (made["code"], made["general"], made["column2"], made["units"]) == (
        "01012100",
        "Free",
        "Free",
        "no",
    )
    assert (printed["code"], printed["general"], printed["special"], printed["column2"]) == (
        "0101210000",
        "",
        "",
        "",
    )


def test_an_eight_digit_row_stays_when_the_line_is_subdivided(tmp_path: Path) -> None:
    parts = [
        row("0101.21.00", 1, "Purebred", "Free", "", "Free"),
        row("0101.21.00.10", 2, "Males", units=("No.",)),
    ]
    sources, seeds = write(
        tmp_path, {"2025_basic": ("2025-01-01", [HORSES]), "2025_rev_1": ("2025-02-01", parts)}
    )
    ingest(sources, seeds)
    rows = read(seeds, "01")
    assert windows(rows, "01012100") == [("2025-01-01", "", "Free", "HTS-2025-basic", "")]
    assert [r["code"] for r in rows] == ["01012100", "0101210000", "0101210010"]


def test_editorial_changes_make_no_row(tmp_path: Path) -> None:
    styled = {
        **COTTON,
        "description": "Of <b>cotton</b>, reworded",
        "general": "<p>16.5%</p>",
        "special": "Free (BH,\n AU)",
        "other": " 90% ",
    }
    styled_men = {**MEN, "units": ["<il>doz</il>.", "<u>kg</u>", "\n"]}
    sources, seeds = write(
        tmp_path,
        {
            "2025_basic": ("2025-01-01", [HEADING, COTTON, MEN]),
            "2025_rev_1": ("2025-02-01", [HEADING, styled, styled_men]),
        },
    )
    ingest(sources, seeds)
    assert [(r["code"], r["from"], r["until"]) for r in read(seeds, "61")] == [
        ("61091000", "2025-01-01", ""),
        ("6109100012", "2025-01-01", ""),
    ]


def test_a_number_given_to_other_goods_is_a_new_row_with_its_own_description(tmp_path: Path) -> None:
    """The edition says the same of the number, so only the table of renumbered lines tells; a reworded
    description makes no row."""
    boys, girls = (
        row("6109.10.00.12", 2, "Boys'", units=("doz.", "kg")),
        row("6109.10.00.14", 2, "Men's (338)", units=("doz.", "kg")),
    )
    first, second = (
        [HEADING, COTTON, MEN],
        [HEADING, {**COTTON, "description": "Of cotton, reworded"}, boys, girls],
    )
    sources, seeds = write(
        tmp_path, {"2025_basic": ("2025-01-01", first), "2025-07-01_derived": ("2025-07-01", second)}
    )
    ingest(sources, seeds)
    assert [(r["from"], r["label"]) for r in read(seeds, "61") if r["code"] == "6109100012"] == [
        ("2025-01-01", "T-shirts: of cotton: boys'")
    ]
    table = (
        "old,new,on_or_after,by\n"
        "6109.10.00.12,6109.10.00.14,2025-07-01,A\n"
        "6109.10.00.16,6109.10.00.12,2025-07-01,A\n"
    )
    (seeds / "renumbered.csv").write_text(table, encoding="utf-8")
    ingest(sources, seeds)
    assert [
        tuple(r[name] for name in ("from", "until", "label", "by", "ended_by"))
        for r in read(seeds, "61")
        if r["code"] == "6109100012"
    ] == [
        (
            "2025-01-01",
            "2025-07-01",
            "T-shirts: of cotton: men's",
            "HTS-2025-basic",
            "HTS-2025-07-01-derived",
        ),
        ("2025-07-01", "", "T-shirts: of cotton: boys'", "HTS-2025-07-01-derived", ""),
    ]
    assert len([r for r in read(seeds, "61") if r["code"] == "61091000"]) == 1
    derived = yaml.safe_load((seeds / "acts.yaml").read_text(encoding="utf-8"))[1]
    assert (derived["id"], derived["kind"], derived["title"]) == (
        "HTS-2025-07-01-derived",
        "derived schedule",
        "Schedule of 2025-07-01, derived",
    )


CHANGES = OFFICIAL / "changes_484f_2026-07-01.csv"


@pytest.mark.skipif(not CHANGES.is_file(), reason="the list of changes is not beside the repository")
def test_the_changes_of_july_2026_are_in_the_schedule_and_in_the_table(
    committed: list[dict[str, str]],
) -> None:
    """Counted from the committee's list: 103 old numbers, 196 new, 17 on both sides; each begins or ends on
    July 1, and means what the list says."""
    with CHANGES.open(encoding="utf-8", newline="") as stream:
        changes = list(csv.DictReader(stream))
    with (SCHEDULE / "renumbered.csv").open(encoding="utf-8", newline="") as stream:
        table = {(r["old"], r["new"]) for r in csv.DictReader(stream) if r["on_or_after"] == "2026-07-01"}
    assert table == {(r["old_code"], r["new_code"]) for r in changes}
    old, new = ({r[name].replace(".", "") for r in changes} for name in ("old_code", "new_code"))
    assert (len(old), len(new), len(old & new)) == (103, 196, 17)
    begun = {r["code"] for r in committed if r["from"] == "2026-07-01" and len(r["code"]) == 10}
    ended = {r["code"] for r in committed if r["until"] == "2026-07-01" and len(r["code"]) == 10}
    assert (begun, ended) == (new, old)


@pytest.mark.parametrize(
    ("code", "day", "says"),
    [
        ("3004909212", "2026-06-30", "levofloxacin"), ("3004909212", "2026-07-01", "sulfonamides"),
        ("3004909213", "2026-07-01", "levofloxacin"),
        ("3004909217", "2026-06-30", "metoprolol"), ("3004909217", "2026-07-01", "tacrolimus"),
        ("3004909225", "2026-07-01", "argatroban"),
        ("3004909226", "2026-06-30", "olmetin"), ("3004909214", "2026-07-01", "linezolid"),
        ("8413919059", "2026-07-01", "copper"),
    ],
)  # fmt: skip
def test_a_number_is_described_by_its_day(
    committed: list[dict[str, str]], code: str, day: str, says: str
) -> None:
    assert says in in_force(committed, code, day)["label"]


def test_running_again_changes_no_byte(tmp_path: Path) -> None:
    sources, seeds = write(tmp_path, {"2025_basic": ("2025-01-01", [HORSES, HEADING, COTTON, MEN])})
    ingest(sources, seeds)
    before = {path.name: path.read_bytes() for path in seeds.iterdir()}
    ingest(sources, seeds)
    assert {path.name: path.read_bytes() for path in seeds.iterdir()} == before


def test_days_that_differ_from_their_edition(tmp_path: Path) -> None:
    cotton = {**COTTON, "units": ["doz.", "kg"]}  # its own, whatever stands below it
    fixed, gone = {**cotton, "special": "Free (AU,BH,CO)"}, [HEADING, cotton]
    editions = {
        "2025_basic": ("2025-01-01", [HEADING, cotton, MEN]),
        "2025_rev_1": ("2025-03-01", gone),
        "2025_rev_2": ("2025-04-01", [HEADING, fixed, MEN]),
        "2025_rev_3": ("2025-05-01", [HEADING, {**fixed, "general": "1%"}, MEN]),
    }
    dates = [
        "2025_rev_2,61091000,2012-05-15,,",
        "2025_rev_2,6109100012,2025-03-01,,",
        "2025_rev_3,61091000,2025-06-01,,",
    ]
    sources, seeds = write(tmp_path, editions, "\n".join(dates))
    ingest(sources, seeds)
    rows = read(seeds, "61")
    assert windows(rows, "61091000") == [
        # as read until the correction, back to the first day
        ("2025-01-01", "2025-01-01", "16.5%", "HTS-2025-basic", "HTS-2025-rev-2"),
        ("2025-01-01", "2025-06-01", "16.5%", "HTS-2025-rev-2", "HTS-2025-rev-3"),
        ("2025-06-01", "", "1%", "HTS-2025-rev-3", ""),
    ]
    restored = [
        ("2025-01-01", "2025-03-01", "", "HTS-2025-basic", "HTS-2025-rev-1"),
        ("2025-03-01", "", "", "HTS-2025-rev-2", ""),
    ]
    assert windows(rows, "6109100012") == restored
    assert [each["special"] for each in rows if each["code"] == "61091000"] == [
        "Free (AU,BH)",
        "Free (AU,BH,CO)",
        "Free (AU,BH,CO)",
    ]


def test_a_line_that_a_file_leaves_out_was_known_all_along(tmp_path: Path) -> None:
    editions = {
        "2025_basic": ("2025-01-01", [HEADING, COTTON]),
        "2025_rev_1": ("2025-03-01", [HEADING, COTTON, MEN]),
    }
    sources, seeds = write(
        tmp_path, editions, "2025_rev_1,6109100012,2025-01-01,2025_basic,left out by mistake\n"
    )
    ingest(sources, seeds)
    assert windows(read(seeds, "61"), "6109100012") == [("2025-01-01", "", "", "HTS-2025-basic", "")]


def test_a_correction_before_an_earlier_change_stops_the_run(tmp_path: Path) -> None:
    """One row cannot end on two days, each known from another edition."""
    editions = {
        "2025_basic": ("2025-01-01", [HEADING, COTTON]),
        "2025_rev_1": ("2025-03-01", [HEADING, {**COTTON, "general": "2%"}]),
        "2025_rev_2": ("2025-04-01", [HEADING, {**COTTON, "general": "3%"}]),
    }
    sources, seeds = write(tmp_path, editions, "2025_rev_2,61091000,2025-02-01,,\n")
    with pytest.raises(SeedError, match="reaches back before an earlier change"):
        ingest(sources, seeds)


def test_a_correction_that_restores_a_number_says_from_when_it_was_known(tmp_path: Path) -> None:
    editions = {
        "2025_basic": ("2025-01-01", [HEADING, COTTON, MEN]),
        "2025_rev_1": ("2025-03-01", [HEADING, COTTON]),
        "2025_rev_2": ("2025-04-01", [HEADING, COTTON, MEN]),
    }
    sources, seeds = write(tmp_path, editions, "2025_rev_2,6109100012,2025-03-01,,technical correction\n")
    ingest(sources, seeds)
    restored = [
        ("2025-01-01", "2025-03-01", "", "HTS-2025-basic", "HTS-2025-rev-1"),
        ("2025-03-01", "", "", "HTS-2025-rev-2", ""),
    ]
    assert windows(read(seeds, "61"), "6109100012") == restored


def test_a_number_without_a_line_above_it_is_left_out(tmp_path: Path) -> None:
    orphan = row("9401.99.30.30", 2, "Misprint", units=("No.",))
    sources, seeds = write(tmp_path, {"2025_basic": ("2025-01-01", [HORSES, orphan])})
    ingest(sources, seeds)
    assert not (seeds / "chapter-94.csv").exists()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{**COTTON, "general": "16.5% of nothing known"}], "61091000"),
        ([COTTON, {**MEN, "units": ["stone"]}], "stone"),
        ([COTTON, COTTON], "twice"),
        ([COTTON, {**MEN, "general": "3%"}], "other than that of 61091000"),
        ([], "expected a list of rows"),
        ([{"htsno": "0101"}], "lack the key"),
    ],
)
def test_what_cannot_be_read_stops_the_run(
    tmp_path: Path, rows: list[dict[str, Any]], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sources, seeds = write(tmp_path, {"2025_basic": ("2025-01-01", rows)})
    with pytest.raises(SeedError, match=message):
        ingest(sources, seeds)
    assert main([str(sources), str(seeds)]) == 1
    assert message in capsys.readouterr().err


def test_an_edition_without_a_day_stops_the_run(tmp_path: Path) -> None:
    sources, seeds = write(tmp_path, {"2025_basic": ("2025-01-01", [HORSES])})
    (sources / "hts_2027_revision_3_json.json").write_text(json.dumps([HORSES]), encoding="utf-8")
    with pytest.raises(SeedError, match="2027_rev_3"):
        ingest(sources, seeds)


@pytest.fixture(scope="module")
def committed() -> list[dict[str, str]]:
    return [
        line for path in sorted(SCHEDULE.glob("chapter-*.csv")) for line in read(SCHEDULE, path.stem[-2:])
    ]


# Read by eye in the official files of 2025 basic and 2026 revision 10: code, day, general, a part of special,
# column 2.
WATCH = " on the strap, band or bracelet + "
DEGREES = " for each degree under 100 degrees (and fractions of a degree in proportion) but not less than "
BY_EYE = [
    ("01012100", "2025-03-01", "Free", "", "Free"),
    ("02011005", "2025-03-01", "4.4¢/kg", "D,E*,IL", "13.2¢/kg"),
    ("61091000", "2025-03-01", "16.5%", "Free (AU,BH,CL,CO,IL,JO,KR,MA,OM,P,PA,PE,S,SG)", "90%"),
    ("10063090", "2026-06-10", "1.4¢/kg", "Free (A+,AU,BH", "5.5¢/kg"),
    ("91021110", "2026-06-10", f"44¢ each + 6% on the case + 14%{WATCH}5.3% on the battery", "PE,R,S,SG)",
     f"$1.90 each + 45% on the case + 110%{WATCH}35% on the battery"),
    ("17011410", "2025-03-01", f"1.4606¢/kg less 0.020668¢/kg{DEGREES}0.943854¢/kg", "See 9822.05.15 (P+)",
     f"4.3817¢/kg less 0.0622005¢/kg{DEGREES}2.831562¢/kg"),
    ("84713001", "2026-06-10", "Free", "", "35%"),
    ("22042150", "2026-06-10", "6.3¢/liter", "2.8¢/liter (JO)", "33¢/liter"),
    ("64039960", "2025-03-01", "8.5%", "PE,R,S,SG)", "20%"),
    ("62034207", "2025-03-01", "16.6%", "Free (AU,BH,CL", "90%"),
    ("87032201", "2026-06-10", "2.5%", "AU,B,BH", "10%"),
    ("02023080", "2025-12-31", "26.4%", "1.7% (KR)", "31.1%"),
    ("02023080", "2026-01-01", "26.4%", "Free (BH,CL,CO,JO,KR,MA", "31.1%"),
    ("02023080", "2026-02-01", "26.4%", "See 9919.02.01-9919.02.02 (PA)", "31.1%"),
    ("98230607", "2025-12-31", "", "47¢/kg + 3.9% (S+)", ""),
    ("98230607", "2026-01-01", "", "37.6¢/kg + 3.1% (S+)", ""),
    ("26070000", "2025-03-01", "1.1¢/kg on lead content", "Free (A,AU",
     "8.8¢/kg on copper content + 3.3¢/kg on lead content + 3.7¢/kg on zinc content"),
    ("20057060", "2025-03-01", "10.1¢/kg on drained weight", "Free (A+", "11.9¢/kg on drained weight"),
    ("39211219", "2025-03-01", "5.3%", "CL,CO,D", "40%"),
    ("98010010", "2025-03-01", "Free", "", ""),
]  # fmt: skip


def in_force(rows: list[dict[str, str]], code: str, day: str) -> dict[str, str]:
    (found,) = [
        r for r in rows if r["code"] == code and r["from"] <= day and (not r["until"] or day < r["until"])
    ]
    return found


@pytest.mark.parametrize("line", BY_EYE, ids=lambda line: f"{line[0]} {line[1]}")
def test_lines_read_by_eye(committed: list[dict[str, str]], line: tuple[str, str, str, str, str]) -> None:
    code, day, general, special, column2 = line
    found = in_force(committed, code, day)
    assert (found["general"], found["column2"]) == (general, column2)
    assert special in found["special"] if special else not found["special"]


def test_units_read_by_eye(committed: list[dict[str, str]]) -> None:
    assert in_force(committed, "6109100012", "2025-03-01")["units"] == "doz|kg"
    assert in_force(committed, "8471300100", "2025-03-01")["units"] == "no"
    assert in_force(committed, "2607000010", "2025-03-01")["units"] == "cu_kg"
    assert in_force(committed, "8517620090", "2025-06-30")["units"] == "kg"
    assert in_force(committed, "8517620090", "2025-07-01")["units"] == "no"
    assert in_force(committed, "8504210020", "2026-02-01")["units"] == "no|kg"


def test_ten_digit_changes_take_effect_on_the_days_of_the_change_records(
    committed: list[dict[str, str]],
) -> None:
    begun = {(r["from"], r["by"]) for r in committed}
    ended = {(r["until"], r["ended_by"]) for r in committed if r["until"]}
    assert begun | ended == {
        ("2025-01-01", "HTS-2025-basic"), ("2025-07-01", "HTS-2025-rev-16"), ("2026-01-01", "HTS-2026-basic"),
        ("2026-02-01", "HTS-2026-rev-2"), ("2026-07-01", "HTS-2026-07-01-derived"),
        ("2025-01-01", "HTS-2026-basic"), ("2026-02-01", "HTS-2026-rev-3"),  # corrections with effect back
    }  # fmt: skip
    assert windows(committed, "0901110045")[0][1] == "2025-07-01"
    assert windows(committed, "0901110035")[0][0] == "2025-07-01"
    assert windows(committed, "0202308015")[0][0] == "2026-02-01"
    assert [window[:2] for window in windows(committed, "7602000035")] == [
        ("2025-01-01", "2026-02-01"),
        ("2026-02-01", ""),
    ]


def test_every_ten_digit_row_has_an_eight_digit_row_on_all_its_days(committed: list[dict[str, str]]) -> None:
    eights: dict[str, list[tuple[str, str]]] = {}
    for r in committed:
        if len(r["code"]) == 8:
            eights.setdefault(r["code"], []).append((r["from"], r["until"] or "9999"))
    for r in committed:
        if len(r["code"]) == 10:
            assert not (r["general"] or r["special"] or r["column2"])
            # of a corrected line the row that stands
            days = {r["from"], *(start for start, _ in eights[r["code"][:8]] if start > r["from"])}
            for day in (day for day in days if day < (r["until"] or "9999")):
                assert any(start <= day < end for start, end in eights[r["code"][:8]]), (r["code"], day)
        else:
            assert r["general"] or r["special"] or r["column2"]


def test_rows_of_one_code_never_overlap_and_every_act_is_held(committed: list[dict[str, str]]) -> None:
    acts = {act["id"] for act in yaml.safe_load((SCHEDULE / "acts.yaml").read_text(encoding="utf-8"))}
    assert {r["by"] for r in committed} | {r["ended_by"] for r in committed if r["ended_by"]} <= acts
    by_code: dict[str, list[dict[str, str]]] = {}
    for r in committed:
        by_code.setdefault(r["code"], []).append(r)
        assert r["label"] and len(r["label"]) <= 70
    for rows in by_code.values():
        for earlier, later in pairwise(rows):
            assert earlier["until"] <= later["from"]
            # or a correction with effect back to its first day
            assert earlier["from"] < earlier["until"] or earlier["ended_by"] == later["by"]


def test_every_indicator_printed_is_in_the_table_of_special_programs(committed: list[dict[str, str]]) -> None:
    printed = {
        spi
        for text in {r["special"] for r in committed}
        for rate in parse_special(text, US)
        for spi in rate.spi
    }
    with (SCHEDULE.parent / "spi.csv").open(encoding="utf-8", newline="") as stream:
        held = {preference["spi"] for preference in csv.DictReader(stream)}
    assert printed == held


@pytest.mark.skipif(
    not OVERLAY.is_file(), reason="the numeric rates of revision 15 are not beside the repository"
)
@pytest.mark.parametrize("column", ["general", "column2"])
def test_rates_agree_with_an_independent_table(committed: list[dict[str, str]], column: str) -> None:
    """Another project's numeric reading of 2026 revision 15, whose ad valorem rates are those of
    revision 10."""
    ours = {r["code"]: r for r in committed if not r["until"]}
    agree, differ = 0, []
    with OVERLAY.open(encoding="utf-8", newline="") as stream:
        for theirs in csv.DictReader(stream):
            if theirs[f"{column}_disposition"] not in ("free", "ad_valorem") or theirs["htsno"].startswith(
                "99"
            ):
                continue
            line = ours[theirs["hts10_key"][:8]]
            duty = parse_duty(line[column], US)
            rate = sum((term.rate for term in duty.terms if term.of == "base"), Decimal(0))
            same = duty_class(duty) in ("none", "ad_valorem")
            if same and abs(rate - Decimal(theirs[f"{column}_rate"])) < Decimal("0.0001"):
                agree += 1
            else:
                differ.append((theirs["htsno"], line[column], theirs[f"{column}_rate"]))
    assert not differ
    assert agree == {"general": 10_295, "column2": 8_839}[column]


@pytest.mark.nightly
@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official editions are not beside the repository")
def test_the_official_editions_give_the_committed_schedule_byte_for_byte(tmp_path: Path) -> None:
    for name in ("editions.csv", "dates.csv", "renumbered.csv"):
        (tmp_path / "schedule").mkdir(exist_ok=True)
        (tmp_path / "schedule" / name).write_bytes((SCHEDULE / name).read_bytes())
    (tmp_path / PHRASES.name).write_bytes(PHRASES.read_bytes())
    report = ingest(OFFICIAL, tmp_path / "schedule")
    assert len(report) == 47
    assert {path.name: path.read_bytes() for path in (tmp_path / "schedule").iterdir()} == {
        path.name: path.read_bytes() for path in SCHEDULE.iterdir() if path.suffix in (".csv", ".yaml")
    }
