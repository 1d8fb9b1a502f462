"""Texts that nobody meant to write: each is read, or refused by an error of the library in a sentence;
nothing else may come of it, and not late.

A text is a good one with pieces left out, doubled, moved or replaced.  The default run tries a few hundred of
each kind; the long run tries each kind for two minutes.
"""

from __future__ import annotations

import csv
import io
import shutil
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

import tariffcalc as tc
from tariffcalc import cli
from tariffcalc.errors import TariffError
from tariffcalc.law.duty_phrases import grammar_of
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.law.special_column import parse_special
from tariffcalc.reading.tables import read_duty_phrases

LAND = Path(__file__).parents[1] / "law_fixture" / "land"
US = grammar_of(
    read_duty_phrases(Path(__file__).parents[2] / "seeds" / "us" / "duty-phrases.csv"), "us.column-1"
)
TRIES, LONG_RUN = 80, 120  # texts; seconds
LATEST, LONGEST = 8, 2_000  # seconds of the processor that one text may take, and characters of a message
TOKENS = [
    *(
        "",
        " ",
        "\n",
        "\t",
        "\r",
        "\0",
        "\ufeff",
        "\u2028",
        "\u00a0",
        "'",
        '"',
        ",",
        ";",
        ":",
        "-",
        "- ",
        "#",
        "%",
        "{",
        "}",
        "[",
        "]",
    ),
    *(
        "|",
        ">",
        "?",
        "~",
        "&a ",
        "*a",
        "<<: *a",
        "!!python/name:os.system ",
        "null",
        "yes",
        "no",
        "nan",
        "inf",
        "-1",
        "0",
        "1e999",
        "9" * 40,
    ),
    *("1.5%", "18%", "¢/kg", "2025-02-30", "0001-01-01", "9999-12-31", "ß", "𝟙"),
    *("IN", "XX", "all", "all except", "free", "Free", "=1+1", "@SUM(A1)", "1 << 70", "__class__"),
    *("a" * 300, "(" * 60, "[" * 60, "changes:", "scenario:", "set_duty:"),
]


def spoilt(random: Random, text: str) -> str:
    """A text with some of its pieces left out, doubled, moved or replaced."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((0, 1, 1, 2, 5, 20)))
        piece = text[start:end]
        way = random.randrange(5)
        if way == 0:
            text = text[:start] + text[end:]
        elif way == 1:
            text = text[:end] + piece + text[end:]
        elif way == 2:
            text = text[:start] + random.choice(TOKENS) + text[end:]
        elif way == 3:
            text = (
                text[:start]
                + chr(random.choice((random.randrange(256), random.randrange(0x3000))))
                + text[end:]
            )
        else:
            place = random.randrange(len(text) + 1)
            text = text[:place] + piece + text[place:]
    return text


def attempt(work: Callable[[], object], given: object) -> str:
    """What came of one text: read or refused; fails for whatever else."""
    started = time.process_time()
    try:
        work()
        came = "read"
    except TariffError as error:
        came = "refused"
        assert str(error).strip(), given
        assert len(str(error)) < LONGEST, (given, str(error)[:200])
    assert time.process_time() - started < LATEST, given
    return came


def tries(seed: int, seconds: float | None) -> Iterator[Random]:
    """A source of chance for each text to try."""
    random, started, number = Random(seed), time.perf_counter(), 0
    while number < TRIES if seconds is None else time.perf_counter() - started < seconds:
        number += 1
        yield random


def fuzz_duties(random: Random, _: Path) -> str:
    """Duty texts of the schedule and of measures."""
    read = random.choice((parse_duty, parse_special))
    text = spoilt(random, random.choice(DUTIES if read is parse_duty else SPECIAL))
    return attempt(lambda: read(text, US), text)


DUTIES = [
    *(
        "Free",
        "18%",
        "3.3¢/kg",
        "0.2¢/kg on lead content + 8.5%",
        "$1.50 each",
        "4.4¢ each + 6.2%",
        "to 15% including us.column-1",
    ),
    *(
        "25% of steel_value",
        "none",
        "not held",
        "The rate applicable to the article of which it is a part",
        "10% + 20¢/kg",
    ),
    "5%, at least 2¢/kg, at most 10%",
]
SPECIAL = [
    *(
        "Free (A,AU,BH,CL,CO,D,E,IL,JO,KR,MA,OM,P,PA,PE,S,SG)",
        "5% (KR)",
        "See 9822.04.25 (AU)",
        "3.2¢/kg + 7.5% (CL)",
    ),
    "Free (A*) 2.5% (AU) See 9912.95.05 (MA)",
]
SCENARIO = """scenario: what if
changes:
- set_duty: land.surcharge/surcharge
  duty: 18%
  on_or_after: '2025-02-07'
- add_measure: land.surcharge
  measure:
    id: more
    title: More
    products: "7202"
    origin: AA
    history:
    - {entered: {on_or_after: 2025-03-01}, duty: 5%}
- add_to_list: exempt
  codes: ["1001.00.00"]
  on_or_after: 2025-04-01
"""


def fuzz_scenarios(random: Random, folder: Path) -> str:
    """Scenario files, read and applied."""
    text = spoilt(random, SCENARIO)
    path = folder / random.choice(("s.yaml", "s.yaml", "s.json"))
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    land = tc.load(LAND)
    return attempt(lambda: land.amend(tc.Scenario.read(path)), text)


TABLE = """commodity,origin,entered,value,quantity_kg,note
1001.00.00.10,AA,2025-03-01,1000,200,winter
1003.00.00,CC,2025-04-10,"2,500.50",1000,"barley, malt"
7202.00.10,DD,2025-06-01,99.99,,
"""


def fuzz_tables(random: Random, folder: Path) -> str:
    """CSV files from reading to writing; no row is lost."""
    text = spoilt(random, TABLE)
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_bytes(text.encode("utf-8", "surrogatepass"))

    def work() -> None:
        said = run_command("estimate", str(source), "--territory", str(LAND), "-o", str(target))
        written = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8"))))
        given = [
            row
            for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
            if any(cell.strip() for cell in row)
        ]
        assert len(written) == len(given), (text, said)

    return attempt(work, text)


def run_command(*words: str) -> str:
    """What a command printed; a TariffError with its words where it failed."""
    printed = io.StringIO()
    with (
        patch.object(sys, "argv", ["tariffcalc", *words]),
        redirect_stdout(printed),
        redirect_stderr(printed),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        try:
            cli.main()
        except SystemExit as stop:
            if stop.code:
                raise TariffError(printed.getvalue() or str(stop.code)) from None
    assert "Traceback" not in printed.getvalue()
    return printed.getvalue()


def fuzz_seeds(random: Random, folder: Path) -> str:
    """A file of a law, with the law loaded and checked."""
    chosen = random.choice(sorted(path for path in LAND.rglob("*.*") if path.is_file()))
    copy = folder / "laws"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(LAND.parent, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = spoilt(random, chosen.read_text(encoding="utf-8"))
    (copy / chosen.relative_to(LAND.parent)).write_text(
        text, encoding="utf-8", errors="surrogatepass", newline=""
    )
    return attempt(lambda: tc.load(copy / LAND.name), (chosen.name, text))


KINDS = {"duties": fuzz_duties, "scenarios": fuzz_scenarios, "tables": fuzz_tables, "seeds": fuzz_seeds}


def run(kind: str, folder: Path, seconds: float | None) -> Counter[str]:
    """What came of the texts of one kind."""
    came: Counter[str] = Counter(KINDS[kind](random, folder) for random in tries(len(kind), seconds))
    print(f"{kind}: {dict(came)}")
    return came


@pytest.mark.parametrize("kind", KINDS)
def test_spoilt_texts(kind: str, tmp_path: Path) -> None:
    """A few hundred of each kind."""
    came = run(kind, tmp_path, None)
    assert came["refused"] > 4 and came["read"] > 4, came


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_spoilt_texts_for_long(kind: str, tmp_path: Path) -> None:
    """As many as two minutes allow."""
    run(kind, tmp_path, LONG_RUN)
