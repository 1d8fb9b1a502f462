"""What is imported before the first estimate: a law that is kept is loaded without what reads and compiles
it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

IMPORTED = """
import json, sys
import tariffcalc as tc
tc.load(sys.argv[1]).law.title
print(json.dumps(sorted(sys.modules)))
"""


def test_a_law_that_is_kept_is_loaded_without_what_reads_it(
    laws: Path, land_seeds: Path, repository: Path
) -> None:
    command = [sys.executable, "-c", IMPORTED, str(land_seeds)]
    first, again = (
        set(json.loads(subprocess.run(command, cwd=repository, capture_output=True, check=True).stdout))
        for _ in range(2)
    )
    assert {"pydantic", "yaml", "tariffcalc.compiler.rulebook", "tariffcalc.law.program"} <= first
    assert not again & {"pydantic", "yaml", "pandas", "pyarrow", "polars", "typer", "rich", "matplotlib"}
    assert not {
        name
        for name in again
        if name.startswith(("tariffcalc.law.", "tariffcalc.declaration", "tariffcalc.compiler.rulebook"))
    }
    assert "tariffcalc.estimate" not in again
