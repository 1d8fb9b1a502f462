"""Show what a change of law does to the approved histories, and keep it:
``python tests/timelines/approve.py [NAME ...]``.

Read every line of the difference against the law, and mend the hand check in the head of the file, before
committing.  A new history is a new file with a head and an empty line.  ``--dry-run`` only shows.
"""

from __future__ import annotations

import difflib
import sys

import history

import tariffcalc as tc


def main(arguments: list[str]) -> None:
    """Render the named histories (all of them without a name), print the differences and write them down."""
    us = tc.load("us")
    dry, names = (
        "--dry-run" in arguments,
        {name.removesuffix(".txt") for name in arguments if not name.startswith("-")},
    )
    seen = changed = 0
    for path in history.files():
        if names and path.stem not in names:
            continue
        seen += 1
        head, kept = history.read(path)
        found = history.render(us, head)
        if found == kept:
            continue
        changed += 1
        print(
            "\n".join(
                difflib.unified_diff(
                    kept.splitlines(), found.splitlines(), path.name, path.name, lineterm="", n=1
                )
            ),
            end="\n\n",
        )
        if not dry:
            path.write_text(f"{head}\n\n{found}", encoding="utf-8")
    print(f"{seen} histories, {changed or 'none'} changed")


if __name__ == "__main__":
    main(sys.argv[1:])
