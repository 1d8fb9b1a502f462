"""The pages that are made of the code and the seeds, so that they cannot differ from them."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import tariffcalc as tc
from tariffcalc.reading.coverage import coverage

ROOT = Path(__file__).parents[1]
ERRORS = "Errors and warnings"
GROUPS = {
    "The law": ["load", "Tariff", "Scenario", "where", "Where", "grid", "Grid", "check"],
    "Shipments and estimates": ["Line", "Shipment", "Estimate", "Comparison", "Comparisons", "compare"],
    "Two territories": ["bilateral", "Bilateral"],
    "Law as models": ["Act", "Program", "Measure", "Duty"],
}


def write(docs: Path) -> None:
    """Write every generated page below ``docs/_generated`` and ``docs/api``."""
    folder = docs / "_generated"
    folder.mkdir(exist_ok=True)
    _put(folder / "parts.md", parts())
    _put(folder / "coverage.md", coverage_page())
    _put(folder / "seeds.md", (ROOT / "seeds" / "README.md").read_text(encoding="utf-8"))
    _put(
        folder / "contributing.md",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("(seeds/README.md)", "(seeds.md)"),
    )
    _put(docs / "api" / "index.md", api_page())


def _put(path: Path, text: str) -> None:
    """Write a page if it says something new, so that an unchanged page is not built again."""
    path.parent.mkdir(exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _floors() -> dict[str, Any]:
    """What the test of the architecture says that each part may import; of its text only these lists
    are run."""
    tree = ast.parse((ROOT / "tests" / "architecture" / "test_floors.py").read_text(encoding="utf-8"))
    names = {"WORDS", "PARTS", "STAGES", "LIBRARIES"}
    lists = [
        each
        for each in tree.body
        if isinstance(each, ast.Assign | ast.AnnAssign)
        and names & {node.id for node in ast.walk(each) if isinstance(node, ast.Name)}
    ]
    found: dict[str, Any] = {}
    exec(compile(ast.Module(lists, []), "floors", "exec"), found)
    return found


def parts() -> str:
    """A table of the parts of the package: what each is for, what it may import, and its libraries."""
    floors = _floors()
    rows = ["| part | what it is | may import | libraries |", "|---|---|---|---|"]
    for part, others in floors["PARTS"].items():
        if part != "__main__":
            above = sorted(others - floors["WORDS"])
            words = "the words" if others & floors["WORDS"] else ""
            allowed = ", ".join(filter(None, [words, *(f"`{each}`" for each in above)]))
            libraries = ", ".join(sorted(floors["LIBRARIES"].get(part, ())))
            rows.append(f"| `{part}` | {_first_line(part)} | {allowed or 'nothing'} | {libraries} |")
    stages = ["| stage of the engine | what it is | may import |", "|---|---|---|"]
    for stage, others in floors["STAGES"].items():
        stages.append(
            f"| `engine/{stage}` | {_first_line(f'engine/{stage}')} |"
            f" {', '.join(f'`{each}`' for each in sorted(others)) or 'nothing'} |"
        )
    words = ", ".join(f"`{each}`" for each in sorted(floors["WORDS"]))
    return "\n".join(
        [*rows, "", f"The words, which nearly every part may import, are {words}.", "", *stages, ""]
    )


def _first_line(part: str) -> str:
    """The first sentence of a part's docstring."""
    path = ROOT / "tariffcalc" / part
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).replace("|", "\\|").replace("``", "`")


def coverage_page() -> str:
    """What is held of each territory, program by program."""
    pages = [
        "# What is held",
        "",
        "Made of the files `coverage/` of the seeds. A doubt carries the certainty of the text it is about.",
        "",
    ]
    for territory in ("us", "in"):
        table = coverage(territory)
        pages += [f"## {tc.load(territory).law.title}", ""]
        for row in table.to_dict("records"):
            pages += [
                f"### {row['program']}",
                "",
                (
                    f"{row['state'].capitalize()}, from {row['from']}, reviewed through"
                    f" {row['reviewed through']}."
                ),
                "",
            ]
            pages += [f"Left out: {_plain(row['left out'])}.", ""] if row["left out"] else []
            pages += [
                f"- {_plain(each)}" for each in re.split(r"; (?=\[[A-Z]+\*?\] )", row["doubts"]) if each
            ] + [""]
    return "\n".join(pages)


def _plain(text: str) -> str:
    """Text in which no sign is one of Markdown."""
    return re.sub(r"([\\*_\[\]<>$`])", r"\\\1", text)


def api_page() -> str:
    """The public names, each with its docstring."""
    of_errors = [
        name
        for name in sorted(tc.__all__)
        if inspect.isclass(getattr(tc, name)) and issubclass(getattr(tc, name), Exception)
    ]
    groups = GROUPS | {ERRORS: of_errors}
    missing = (
        set(tc.__all__)
        - {name for names in groups.values() for name in names}
        - {"scale", "charts", "__version__"}
    )
    if missing:
        raise ValueError(f"say in which group of the reference {', '.join(sorted(missing))} belongs")
    page = [
        "# Reference",
        "",
        (
            "Everything here is imported from `tariffcalc`; the functions for large data from"
            " `tariffcalc.scale`."
        ),
        "",
    ]
    for title, names in groups.items():
        page += [f"## {title}", ""]
        for name in names:
            public = getattr(tc, name)
            kind = (
                "autofunction"
                if inspect.isfunction(public)
                else "autoexception"
                if title == ERRORS
                else "autoclass"
            )
            page += [
                "```{eval-rst}",
                f".. {kind}:: tariffcalc.{name}",
                *([] if kind != "autoclass" else ["   :members:"]),
                "```",
                "",
            ]
    return "\n".join(page)
