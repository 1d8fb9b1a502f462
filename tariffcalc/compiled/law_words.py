"""The law that a result rests on, in words."""

from __future__ import annotations

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.moments import NEVER, show_moment


def law_in_words(law: CompiledLaw) -> str:
    """The territory, the day on which the law was known, and the chain of scenarios that amend it."""
    known = f", as known on {show_moment(law.known_on)}" if law.known_on < NEVER else ""
    certain = ", only what is certain" if law.certain_only else ""
    changes = f", amended by {', then by '.join(map(repr, law.changes))}" if law.changes else ""
    return f"{law.title}{known}{certain}{changes}"
