"""The architecture kept by a script: each part imports what it may, no circle, law lives in seeds, names are
pinned."""

from __future__ import annotations

import ast
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import tariffcalc as tc

PACKAGE = Path(tc.__file__).parent
TESTS = Path(__file__).resolve().parents[1]
WORDS = {"errors", "codes", "units", "moments", "windows", "tags"}
# Each part with the parts that it may import: late imports and imports for types count.
PARTS: dict[str, set[str]] = {
    "errors": set(), "codes": set(), "tags": set(), "moments": set(), "units": {"errors"},
    "windows": {"moments"}, "stored": {"errors"},
    "law": WORDS | {"stored"},
    "reading": WORDS | {"law"},
    "amendment": WORDS | {"law", "reading"},
    "compiled": {"errors", "moments", "stored"},
    "engine": {"errors", "tags", "compiled"},
    "compiler": WORDS | {"stored", "law", "reading", "compiled"},
    "declaration": WORDS | {"law", "reading", "compiled", "engine"},
    "io": {"errors", "compiled", "declaration"},
    "shipment": {"errors", "declaration"},
    "assessment": WORDS | {"law", "compiled", "engine", "declaration", "shipment"},
    "panel": WORDS | {"law", "compiled", "engine", "declaration", "io", "assessment"},
    "views": WORDS | {"law", "reading", "compiled", "engine", "declaration", "assessment"},
    "ingest": WORDS | {"law", "reading", "io"},
    "estimate": {"compiled", "engine", "declaration", "shipment", "assessment", "views"},
    "scenario": WORDS | {"law", "reading", "amendment", "io"},
    "ready": {"errors", "amendment", "scenario"},
    "comparison": {
        "codes", "errors", "moments", "reading", "compiled", "engine", "shipment", "views", "estimate",
    },
    "sweeps": WORDS | {
        "law", "compiled", "compiler", "engine", "declaration", "shipment", "estimate", "scenario",
        "comparison",
    },
    "over_time": {"law", "compiled", "panel"},
    "tariff": WORDS | {
        "law", "compiled", "compiler", "engine", "over_time", "views", "shipment", "estimate",
        "scenario", "ready", "sweeps",
    },
    "loading": {"errors", "moments", "reading", "compiler", "tariff"},
    "checking": WORDS | {"law", "reading", "compiler", "declaration", "shipment", "scenario"},
    "charts": {"codes", "errors", "reading", "views", "comparison"},
    "pairs": WORDS | {
        "reading", "compiled", "declaration", "assessment", "panel", "views", "scenario", "tariff",
        "loading",
    },
    "scale": {
        "errors", "compiled", "compiler", "engine", "declaration", "io", "assessment", "views", "tariff",
    },
    "cli": {
        "errors", "reading", "declaration", "io", "shipment", "assessment", "views", "ingest", "comparison",
        "loading", "checking",
        "pairs", "panel", "scale",
    },
    "__main__": {"cli"},
}  # fmt: skip
# The stages of the engine: what each may import of the others.
STAGES: dict[str, set[str]] = {
    "threads": set(), "sums": set(), "reasons": set(), "patterns": {"sums", "threads"},
    "outcomes": {"patterns", "reasons", "threads"},
    "amounts": {"outcomes", "patterns", "reasons", "sums", "threads"},
    "ledger": {"amounts", "outcomes", "patterns", "reasons", "sums", "threads"},
    "kernel": {"ledger", "amounts", "outcomes", "threads"},
}  # fmt: skip
# The libraries beside Python's own that a part may import.
LIBRARIES: dict[str, set[str]] = {
    "compiled": {"numpy"}, "engine": {"numpy"}, "compiler": {"numpy"}, "stored": {"numpy"},
    "assessment": {"numpy"},
    "law": {"pydantic"}, "windows": {"pydantic"}, "shipment": {"pydantic"},
    "amendment": {"pandas", "pydantic", "pydantic_core"}, "checking": {"pydantic"},
    "reading": {"pydantic", "yaml", "pandas"}, "scenario": {"yaml"}, "ingest": {"yaml"},
    "over_time": {"pandas"},
    "declaration": {"numpy", "pandas", "polars", "pyarrow", "pydantic"},
    "io": {"numpy", "pandas", "pyarrow", "openpyxl", "rich"},
    "panel": {"numpy", "pandas", "pyarrow"}, "views": {"numpy", "pandas", "pyarrow"}, "estimate": {"pandas"},
    "comparison": {"numpy", "pandas"}, "sweeps": {"numpy", "pandas"},
    "pairs": {"numpy", "pandas"}, "charts": {"matplotlib", "pandas"},
    "scale": {"numpy", "pandas", "pyarrow", "dask", "duckdb", "pyspark"},
    "errors": {"pandas"}, "tariff": {"pandas"}, "cli": {"pandas", "pyarrow", "rich", "typer"},
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(
        path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE
    )


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """Modules imported anywhere in a file, and whether at the top of it; a name of a package that is a module
    counts as that module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(tree.body)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [
                (
                    f"{node.module}.{name.name}" if is_module(f"{node.module}.{name.name}") else node.module,
                    node in top,
                )
                for name in node.names
            ]
        elif isinstance(node, ast.Import):
            found += [(name.name, node in top) for name in node.names]
    return found


def is_module(name: str) -> bool:
    place = PACKAGE.parent / name.replace(".", "/")
    return name.startswith("tariffcalc.") and (place.with_suffix(".py").is_file() or place.is_dir())


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def files_of_the_package() -> dict[str, set[str]]:
    """Each module with the modules that it imports."""
    return {
        name_of(path): (
            {module for module, _ in imports(path) if module.startswith("tariffcalc.")} - {name_of(path)}
        )
        for path in modules()
    }


def circles(graph: dict[str, set[str]]) -> str:
    """The first circle of a graph as a sentence; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " imports ".join(reversed(error.args[1]))
    return ""


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_part_imports_what_it_may(path: Path) -> None:
    here = part_of(path)
    assert here in PARTS, f"say what {here} may import"
    for module, _ in imports(path):
        first, *rest = module.split(".")
        if first == "tariffcalc":
            there = rest[0]
            assert there == here or there in PARTS[here], (
                f"{name_of(path)} imports {module}: {here} may import {sorted(PARTS[here])}"
            )
            if here == there == "engine" and len(rest) > 1:
                stage, other = name_of(path).split(".")[2], rest[1]
                assert stage == other or other in STAGES[stage], (
                    f"{name_of(path)} imports {module}: {stage} may import {sorted(STAGES[stage])}"
                )
        else:
            assert first in sys.stdlib_module_names | LIBRARIES.get(here, set()), (
                f"{name_of(path)} imports {module}"
            )


def test_every_word_of_the_lists_counts() -> None:
    """No part, and nothing that a part may import, is in the lists for nothing."""
    parts = {part_of(path) for path in modules()}
    assert set(PARTS) == parts
    used: dict[str, set[str]] = {part: set() for part in parts}
    for path in modules():
        used[part_of(path)] |= {
            module.split(".")[1] if module.startswith("tariffcalc.") else module.split(".")[0]
            for module, _ in imports(path)
        }
    for part, libraries in LIBRARIES.items():
        assert libraries <= used[part], (part, libraries - used[part])
    for part, others in PARTS.items():
        assert others - WORDS <= used[part], (part, others - WORDS - used[part])


def test_no_circles() -> None:
    """Neither of parts, nor of stages, nor of files."""
    assert not circles(PARTS)
    assert not circles(STAGES)
    assert not circles(files_of_the_package())


def test_a_circle_is_seen() -> None:
    assert (
        circles({"views": {"estimate", "law"}, "estimate": {"views"}, "law": set()}).count(" imports ") == 2
    )


def test_import_is_light() -> None:
    """Nothing heavy is imported before a name is used: the package itself imports only the standard library
    at the top."""
    top = {module.split(".")[0] for module, at_top in imports(PACKAGE / "__init__.py") if at_top}
    assert top <= {"__future__", "importlib", "typing"}


LAW_WORDS = re.compile(r"\b99\d\d\.\d\d|\b(?:19|20)\d\d-\d\d-\d\d\b|(?<![.\w])\d+(?:\.\d+)? ?%")
TAGS = {"UM"}


def code_strings(path: Path) -> list[str]:
    """The string constants of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if part_of(path) not in {"ingest", "cli"}],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_law_in_code(path: Path) -> None:
    """No heading, date, rate or origin of any territory stands in the code (docstrings aside)."""
    for text in code_strings(path):
        example = "write " in text or "for example" in text
        assert example or not LAW_WORDS.search(text), text
        assert not (len(text) == 2 and text.isupper() and text.isalpha() and text not in TAGS), text


def test_public_names() -> None:
    assert tc.__all__ == [
        "Act", "Bilateral", "Comparison", "Comparisons", "CoverageError", "CoverageWarning", "CycleError",
        "DeclarationError", "Duty", "DutyTextError",
        "EngineError", "Estimate", "Grid", "Line", "Measure", "OptionError", "OverlapError", "Program",
        "RowError", "Scenario", "ScenarioError",
        "SeedError", "Shipment", "ShipmentError", "StoredError", "Tariff", "TariffError", "UnknownUnit",
        "Where", "bilateral", "check", "compare", "grid",
        "load", "where",
    ]  # fmt: skip
    for name in tc.__all__:
        assert getattr(tc, name) is not None
        assert not is_module(f"tariffcalc.{name}"), (
            "a module of that name would hide what is public once it is imported"
        )
    assert tc.scale.__all__ == ["DatasetTotal", "estimate_batches", "estimate_dataset"]
    for name in tc.scale.__all__:
        assert getattr(tc.scale, name) is not None
    with pytest.raises(AttributeError):
        tc.nothing  # noqa: B018


BANNED = re.compile(r"^(?:def|class) \w*(?:util|helper|misc|manager|common)\w*", re.IGNORECASE | re.MULTILINE)


def test_no_banned_names() -> None:
    for path in modules():
        assert not BANNED.search(path.read_text(encoding="utf-8")), path.name
        assert path.stem not in {"utils", "helpers", "common", "misc", "manager"}


def test_files_and_functions_stay_small() -> None:
    """Past 300 lines a file, or 60 a function (its docstring not counted), a concept is missing."""
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                said = len((ast.get_docstring(node, clean=False) or "").splitlines())
                assert node.end_lineno - node.lineno + 1 - said <= 60, f"{path}: {node.name}"


def test_lines_stay_short() -> None:
    """At most 110 columns, in the package and in its tests."""
    for folder in (PACKAGE, TESTS):
        for path in folder.rglob("*.py"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                assert len(line) <= 110, f"{path}:{number} has {len(line)} columns"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_states_its_concept(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.name == "__init__.py", path
