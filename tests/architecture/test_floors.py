"""The architecture kept by a script: imports go down, the engine knows no law, law lives in seeds, names are pinned."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tariffcalc as tc

PACKAGE = Path(tc.__file__).parent
FLOOR = {
    "errors": 0, "units": 0, "codes": 0, "windows": 0, "tags": 0, "moments": 0, "stored": 0,
    "law": 1, "arguments": 1, "shipment": 1, "targets": 1,
    "reading": 2, "engine": 3, "coverage": 2, "cache": 2, "seeds_key": 2,
    "checking": 4, "row_names": 4, "doubt": 4, "pending": 4, "questions": 4,
    "problems": 4, "unknown": 4, "assumptions": 4, "open_facts": 4, "border": 4, "declare": 4, "frames": 4, "cautions": 4, "no_effect": 4,
    "estimate": 4, "amendment": 4, "scenario": 4, "tariff": 4, "kept_law": 4,
    "comparison": 5, "same_lines": 5,
    "timeline": 5, "panel": 5, "running": 5, "lacking": 5, "entry_summary": 5, "credit": 5, "display": 5, "files": 5, "ingest": 5, "scale": 5,
    "output": 5, "csv_text": 5, "csv_rows": 5,
    "workbook": 5, "concordance": 5, "bilateral_view": 5, "bilateral_products": 5, "bilateral_side": 5, "bilateral_trade": 5,
    "cli": 6, "__main__": 6,
}  # fmt: skip
# views that the public objects offer as methods, imported when called
LATE = {"estimate": {"display", "running", "lacking", "entry_summary", "credit"}, "tariff": {"timeline", "panel", "display"}}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """Modules imported, and whether at the top of the file (and not for types only)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        child for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) for child in ast.walk(node)
    }
    top = set(tree.body)
    found = []
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, node in top))
        elif isinstance(node, ast.Import):
            found += [(name.name, node in top) for name in node.names]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    here = part_of(path)
    assert here in FLOOR, f"say on which floor {here} stands"
    for module, _ in imports(path):
        if not module.startswith("tariffcalc."):
            continue
        there = module.split(".")[1]
        if there == here or there in LATE.get(here, ()):
            continue
        assert FLOOR[there] <= FLOOR[here], f"{here} (floor {FLOOR[here]}) imports {there} (floor {FLOOR[there]})"
        if here == "engine" and there == "law":
            assert path.stem in DOOR, "compile is the one door between law and arrays"
        assert (here, there) != ("engine", "reading")


@pytest.mark.parametrize(("part", "barred"), [("engine", {"pydantic", "pandas"}), ("law", {"numpy", "pandas"}), ("reading", {"numpy", "pandas"})])
def test_floors_keep_libraries_out(part: str, barred: set[str]) -> None:
    for path in (PACKAGE / part).glob("*.py"):
        assert not {module.split(".")[0] for module, _ in imports(path)} & barred, path.name


def test_import_is_light() -> None:
    """Nothing heavy is imported before a name is used: the package itself imports only the standard library at the top."""
    top = {module.split(".")[0] for module, at_top in imports(PACKAGE / "__init__.py") if at_top}
    assert top <= {"__future__", "importlib", "typing"}


DOOR = {
    "compile", "compile_conditions", "compile_divided", "compile_duties", "compile_facts", "compile_limits", "compile_schedule",
    "compile_sets", "compile_stacking",
    "compile_valuation", "precedence",
}  # fmt: skip
LAW_WORDS = re.compile(r"\b99\d\d\.\d\d|\b(?:19|20)\d\d-\d\d-\d\d\b|(?<![.\w])\d+(?:\.\d+)? ?%")
TAGS = {"UM"}


def code_strings(path: Path) -> list[str]:
    """The string constants of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs]


@pytest.mark.parametrize(
    "path", [path for path in modules() if part_of(path) not in {"ingest", "cli"}], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_law_in_code(path: Path) -> None:
    """No heading, date, rate or origin of any territory stands in the code (docstrings aside)."""
    for text in code_strings(path):
        example = "write " in text or "for example" in text
        assert example or not LAW_WORDS.search(text), text
        assert not (len(text) == 2 and text.isupper() and text.isalpha() and text not in TAGS), text


def test_public_names() -> None:
    assert tc.__all__ == [
        "Act", "Bilateral", "Comparison", "Duty", "Estimate", "Line", "Measure", "Program", "Scenario", "Shipment", "Tariff", "TariffError",
        "bilateral", "check", "compare", "load",
    ]  # fmt: skip
    for name in tc.__all__:
        assert getattr(tc, name) is not None
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
    """Past 300 lines a file, or 60 a function, a concept is missing."""
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if path.stem != "cli":
            assert len(text.splitlines()) <= 360, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                assert node.end_lineno - node.lineno <= 110, f"{path.name}: {node.name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_states_its_concept(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.name == "__init__.py", path
