"""The public names and signatures are those that were approved."""

from __future__ import annotations

from public_api import KEPT, text


def test_public_names_and_signatures_are_as_approved() -> None:
    """A difference is a change for users: run ``python tests/api/public_api.py``, read what changed, and say
    it in the changelog."""
    assert text() == KEPT.read_text(encoding="utf-8")
