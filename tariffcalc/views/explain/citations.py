"""How acts are cited wherever an amount is explained: id, citation, and a word where the text was not read in
its source."""

from __future__ import annotations

from tariffcalc.compiled.law import CompiledLaw

# P and P* need no word
_WORDS = {"S": " [secondary source]", "U": " [uncertain]", "UM": " [uncertain, from memory]"}


def tag_words(tag: str) -> str:
    """What a certainty tag says to a reader; nothing for a primary text."""
    return _WORDS.get(tag, "")


def cited(law: CompiledLaw, ids: tuple[str, ...], tag: str = "P") -> str:
    """Acts by id and citation, each with its own tag, and the tag of the reading at the end."""
    shown = []
    for each in ids:
        _, citation, own = law.acts.get(each, ("", "", "P"))
        shown.append(f"{each} ({citation}){tag_words(own)}" if citation else each)
    text, words = ", ".join(shown), tag_words(tag)
    return text if text.endswith(words) else text + words
