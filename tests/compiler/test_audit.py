"""SECURITY.md held to what it says: an audit hook watches whole runs, from seeds and from what is kept, over
files from anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

# Everything is done once before the hook is set, in the small land, so that all modules are imported: an
# import executes, whatever is imported.
RUN = """
import json, shutil, sys
from pathlib import Path
import pandas as pd
import tariffcalc as tc

seeds, land, of_seeds, of_land, laws = map(Path, sys.argv[1:6])


def run(folder, scenario, commodity, entered, known_on):
    tariff = tc.load(folder)
    origin = "IN" if "IN" in tariff.law.origins else tariff.law.origins[0]
    line = tc.Line(commodity=commodity, origin=origin, value="10000")
    estimate = tariff.estimate(tc.Shipment(entered=entered, lines=(line,)))
    estimate.duty, estimate.ledger, estimate.explain()
    table = pd.DataFrame({"commodity": [commodity, "=cmd|calc"], "note": ["__import__('os')", "{{1+1}}"]})
    table = table.assign(origin=origin, entered=entered, value=10_000.0)
    tariff.estimate(table).frame
    amended = tariff.amend(scenario)
    tc.compare(tariff.estimate(table), amended.estimate(table)).by("program")
    tariff.timeline(commodity, origin)
    tariff.certain(), tc.load(folder, known_on=known_on)


def in_the_land():
    for _ in range(2):  # from the seeds, and from what is kept
        run(land, of_land, "1001000010", "2025-01-10", "2025-05-29")


in_the_land()
shutil.rmtree(laws)
seen = []
WATCHED = ("exec", "compile", "pickle.find_class", "marshal.loads", "socket.", "urllib.", "http.", "ftplib.",
           "smtplib.", "subprocess.", "os.system",
           "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "ctypes.", "code.__new__",
           "import", "webbrowser.", "builtins.input")


def hook(event, given):
    if event.startswith(WATCHED) and event != "import":
        frame, files = sys._getframe(1), []
        while frame is not None:
            files.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
            frame = frame.f_back
        seen.append((event, str(given)[:100], files[:6]))


import warnings
warnings.simplefilter("ignore")
sys.addaudithook(hook)
in_the_land()
for _ in range(2):
    run(seeds, of_seeds, "6109100012", "2026-02-10", "2025-05-29")
watched, seen = seen, []
print(json.dumps(watched))
"""

WRITTEN = """
import json, sys
opened = []


def hook(event, given):
    if event == "open":
        opened.append((str(given[0]), str(given[1]), given[2]))


sys.addaudithook(hook)
import tariffcalc as tc
tc.load(sys.argv[1])
line = tc.Line(commodity="1001.00.00.10", origin="CC", value="1000")
tc.load(sys.argv[1]).estimate(tc.Shipment(entered="2025-01-10", lines=(line,))).duty
import os
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
print(json.dumps([path for path, mode, flags in opened if (flags or 0) & writing]))
"""


EXECUTING = (
    "import pickle", "import marshal", "import shelve", "cloudpickle", " eval(", " exec(", "yaml.load(",
    "unsafe_load", "allow_pickle=True",
)  # fmt: skip


def scenario(path: Path, change: str) -> Path:
    """A scenario file that asks for more than it may."""
    path.write_text(
        f'scenario: "!!python/object/apply:os.mkdir [made]"\nchanges:\n- {change}\n', encoding="utf-8"
    )
    return path


def test_nothing_is_executed_and_no_network_is_used(
    tmp_path: Path, land_seeds: Path, laws: Path, repository: Path
) -> None:
    india = "{set_duty: us.ieepa.reciprocal/india-august, duty: 18%, on_or_after: 2026-02-07}"
    of_seeds = scenario(tmp_path / "seeds.yaml", india)
    of_land = scenario(tmp_path / "land.yaml", "{set_duty: land.reciprocal/baseline, duty: 20%}")
    paths = [repository / "seeds" / "us", land_seeds, of_seeds, of_land, laws.parent]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, *map(str, paths)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_nothing_is_written_but_what_is_kept(land_seeds: Path, laws: Path, repository: Path) -> None:
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", WRITTEN, str(land_seeds)]
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=True, env=environment
    )
    written = [path for path in json.loads(done.stdout.splitlines()[-1]) if not path.isdigit()]
    assert written
    assert all(Path(path).parent == laws for path in written)


def test_the_package_imports_nothing_that_executes_data(repository: Path) -> None:
    """No module of the package names pickle, marshal, shelve, eval or exec; the doors of Dask and Spark hand
    bytes of their own form to theirs."""
    for path in sorted((repository / "tariffcalc").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for word in EXECUTING:
            assert word not in text, f"{path.name}: {word}"


def test_security_md_says_how_to_report(repository: Path) -> None:
    text = (repository / "SECURITY.md").read_text(encoding="utf-8")
    for words in ("trusted", "not trusted", "never", "private security advisory", "TARIFFCALC_CACHE", "0700"):
        assert words in text
