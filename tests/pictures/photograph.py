"""Pictures of what the library does, to be taken before and after a change that should change nothing.

``python tests/pictures/photograph.py before.json`` takes them;
``python tests/pictures/photograph.py after.json --against before.json`` takes them again, names the pictures
that differ with the first line that does, and ends with status 1 if any does.

A picture is the text of a part: ledgers, amounts and problems of drawn lines, explanations, what the commands
of the README print, public signatures.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / name) for name in ("api", "drawn", "oracle")]

from fact_patterns import FactPatterns, as_frame  # noqa: E402
from public_api import signatures  # noqa: E402

import tariffcalc as tc  # noqa: E402
from tariffcalc import cli  # noqa: E402

# with the number of lines
LAWS = {"us": ("us", 5_000), "in": ("in", 3_000), "land": (HERE / "law_fixture" / "land", 2_000)}
PART, EXPLAINED = 500, 50  # lines of a picture, and those that are explained
Picture = tuple[str, str]  # its name and its text


def of_lines() -> Iterator[Picture]:
    """Amounts, ledgers, problems, entry summaries and explanations of lines drawn by chance."""
    for name, (law, number) in LAWS.items():
        tariff = tc.load(law)
        patterns = FactPatterns(tariff.rulebook, seed=13)
        for part in range(number // PART):
            estimate = tariff.estimate(as_frame(list(patterns.lines(PART))), on_problem="keep")
            for table in ("frame", "ledger", "problems", "entry_summary"):
                frame = getattr(estimate, table)
                yield f"{name} {part}: {table}", (frame() if callable(frame) else frame).to_csv(index=False)
            yield f"{name} {part}: summary", estimate.summary()
            if part == 0:
                for row in range(EXPLAINED):
                    yield f"{name}: explain {row}", estimate.explain(row)


def of_days() -> Iterator[Picture]:
    """Panels and timelines."""
    for name, (law, _) in LAWS.items():
        tariff = tc.load(law)
        origins = sorted(origin.code for origin in tariff.rulebook.origins)[:4]
        yield f"{name}: panel", tariff.panel(origins=origins, entered=["2026-03-01"]).to_csv(index=False)
        for code in tariff.law.codes.codes[:: max(1, len(tariff.law.codes.codes) // 12)]:
            with contextlib.suppress(tc.TariffError):
                yield f"{name}: timeline {code}", tariff.timeline(str(code), origins[0]).to_csv(index=False)


def of_commands() -> Iterator[Picture]:
    """What the commands of the README print."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # some of them write files
        for name in ("examples", "seeds"):
            Path(name).symlink_to(HERE.parent / name)
        yield from _printed()


def _printed() -> Iterator[Picture]:
    readme = (HERE.parent / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] != ["tariffcalc"] or "|" in words or ">" in words:
                continue
            printed = io.StringIO()
            said = contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed)
            with patch.object(sys, "argv", words), said[0], said[1], contextlib.suppress(SystemExit):
                cli.main()
            yield f"command: {line}", printed.getvalue()


def of_signatures() -> Iterator[Picture]:
    """The public names, and the signatures of whatever they offer."""
    yield from ((f"public: {name}", text) for name, text in signatures().items())


def main() -> int:
    """Take the pictures; compare them if asked."""
    target, *rest = sys.argv[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        taken = {
            name: text
            for pictures in (of_signatures, of_lines, of_days, of_commands)
            for name, text in pictures()
        }
    Path(target).write_text(json.dumps(taken), encoding="utf-8")
    print(f"{len(taken)} pictures of {sum(map(len, taken.values())):,} characters")
    if rest[:1] != ["--against"]:
        return 0
    before = json.loads(Path(rest[1]).read_text(encoding="utf-8"))
    differ = [name for name in sorted(before.keys() | taken.keys()) if before.get(name) != taken.get(name)]
    for name in differ:
        print(f"{name}: {first_difference(before.get(name), taken.get(name))}")
    print(f"{len(differ)} differ" if differ else "all are the same")
    return 1 if differ else 0


def first_difference(before: str | None, after: str | None) -> str:
    """The first line in which two pictures differ."""
    if before is None or after is None:
        return "new" if before is None else "gone"
    for old, new in zip(before.splitlines(), after.splitlines(), strict=False):
        if old != new:
            return f"\n  - {old[:300]}\n  + {new[:300]}"
    return f"{len(before.splitlines())} lines before, {len(after.splitlines())} after"


if __name__ == "__main__":
    sys.exit(main())
