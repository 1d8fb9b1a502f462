"""Build the documentation: ``python docs/build.py [OUT]``.  A warning is an error, and so is a page that
points to another place."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx.cmd.build import main as sphinx

DOCS = Path(__file__).parent
OUTSIDE = re.compile(r"""(?:src|href|action|content)=["'](?:https?:)?//[^"']*""")


def main(out: Path) -> int:
    """Build the pages into a folder; the status."""
    status = sphinx(["-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(out)])
    pages = sorted(out.rglob("*.html"))
    outside = [
        f"{page.relative_to(out)}: {found}"
        for page in pages
        for found in OUTSIDE.findall(page.read_text(encoding="utf-8"))
    ]
    print("\n".join(outside) or f"{len(pages)} pages: {out / 'index.html'}")
    return status or bool(outside)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "_build"))
