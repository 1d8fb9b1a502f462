"""Phrases of a territory's schedule, each with its meaning: what a percentage is taken of, what an amount for
each unit is measured on, which whole sentence says that another line decides.

The phrases are law as data (``duty-phrases.csv`` of a territory).  What every territory writes alike, "5%",
"$1/kg + 5%, at least 2%", "whichever is higher", is the grammar of ``duty_text.py`` and needs none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from tariffcalc.units import Unit, known_unit, unit

SHARE, AMOUNT, AT_MOST, SENTENCE, MISPRINT = "share", "amount", "at most", "sentence", "misprint"
KINDS = (SHARE, AMOUNT, AT_MOST, SENTENCE, MISPRINT)
LENDS = ("", "duty", "rate")
ANY_WORDS = "..."  # in a sentence
_MEASURED = re.compile(r"base|value|(?:fact|quantity|charged) \S+")

# Spacing, markup and line breaks that never change a duty; applied in this order.
_SPACING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in [
        (r"<[^>]*>", ""),
        (r"\s+", " "),
        (r"(?<=[a-z])- (?=[a-z])", ""),  # a word broken at the end of a printed line
        (r"(?<=[¢/]) +(?=[a-zA-Z/])(?!¢? ?(each|on|of|for|per|less)\b)", ""),  # "4¢ /kg", "/ gross"
        (r" */ *$", ""),
        (r" *\+ *(?=[$₹.0-9])", " + "),
        (r" +(?=[,;)])", ""),
        (r"^ +| +$", ""),
    ]
)


class DutyPhrase(NamedTuple):
    """One phrase.

    ``kind`` is one of:

    ``share``
        stands after a percentage; ``means`` what it is taken of, the same of each where there are several
    ``amount``
        stands after an amount for each ``unit``, or without one; ``means`` what is counted, in that unit
    ``at most``
        ends a duty; ``means`` the amount that it never exceeds
    ``sentence``
        is the whole duty (``...`` for any words); ``means`` the amount that is due, and where one other line
        decides it, ``lends`` what that line gives: its ``duty``, or its ``rate`` if that is a percentage
    ``misprint``
        is an error of print; ``means`` the right words
    """

    kind: str
    phrase: str
    means: tuple[str, ...]
    unit: str = ""
    lends: str = ""


def read_phrase(row: Mapping[str, str]) -> DutyPhrase:
    """A phrase from the cells of its row; raises ValueError for one whose meaning is none.

    >>> row = {"kind": "share", "phrase": "on the case", "means": "fact case_value", "unit": "", "lends": ""}
    >>> read_phrase(row).means
    ('fact case_value',)
    """
    kind, phrase, lends = row["kind"], row["phrase"], row["lends"]
    means = (row["means"],) if kind == MISPRINT else tuple(part.strip() for part in row["means"].split("|"))
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of phrase: write one of {', '.join(KINDS)}")
    for amount in means if kind != MISPRINT else ():
        if not _MEASURED.fullmatch(amount):
            raise ValueError(
                f"{amount!r} is no amount of a line: write base, value, 'fact NAME', 'quantity kg' or"
                " 'charged PROGRAM'"
            )
    units = [
        row["unit"],
        *(amount.removeprefix("quantity ") for amount in means if amount.startswith("quantity ")),
    ]
    for each in filter(None, units):
        if known_unit(each) is None:
            raise ValueError(f"{each!r} is not a unit of quantity")
    if len(means) > 1 and kind != SHARE:
        raise ValueError(f"{row['means']!r} is several amounts: only what a percentage is taken of may be")
    if row["unit"] and kind != AMOUNT:
        raise ValueError(f"a phrase of the kind {kind!r} has no unit: leave the cell empty")
    if lends not in LENDS or (lends and kind != SENTENCE):
        raise ValueError(f"{lends!r} is nothing that another line lends: write duty or rate of a sentence")
    return DutyPhrase(kind, phrase, means, unit(row["unit"]).name if row["unit"] else "", lends)


@dataclass(frozen=True, eq=False)
class DutyGrammar:
    """What a territory's duty texts are read with: its phrases, and the program that "including column 1"
    means (none: a text must name it)."""

    phrases: tuple[DutyPhrase, ...] = ()
    including: str | None = None

    @cached_property
    def share(self) -> dict[str, tuple[str, ...]]:
        """By phrase, what a percentage is taken of."""
        return {each.phrase: each.means for each in self._of(SHARE)}

    @cached_property
    def amount(self) -> dict[str, tuple[str, Unit | None]]:
        """By phrase, what an amount of money is measured on, and the unit it is counted in."""
        return {
            each.phrase: (each.means[0], unit(each.unit) if each.unit else None) for each in self._of(AMOUNT)
        }

    @cached_property
    def at_most(self) -> dict[str, str]:
        """By phrase at the end of a duty, the amount that it never exceeds."""
        return {each.phrase: each.means[0] for each in self._of(AT_MOST)}

    def sentence(self, text: str) -> DutyPhrase | None:
        """The first sentence of the table that the whole text is."""
        return next((phrase for pattern, phrase in self._sentences if pattern.fullmatch(text)), None)

    def tidy(self, text: str) -> str:
        """The text without markup, line breaks and misprints: two texts of one duty come out alike.

        >>> PLAIN.tidy("15.4¢/kg  +40%"), PLAIN.tidy("<i>4</i>¢ /kg"), PLAIN.tidy("$2.50/thou- sand + 40%")
        ('15.4¢/kg + 40%', '4¢/kg', '$2.50/thousand + 40%')
        """
        for pattern, plain in _SPACING:
            text = pattern.sub(plain, text)
        for pattern, right in self._misprints:
            text = pattern.sub(right, text)
        return text

    def _of(self, kind: str) -> list[DutyPhrase]:
        return [each for each in self.phrases if each.kind == kind]

    @cached_property
    def _sentences(self) -> list[tuple[re.Pattern[str], DutyPhrase]]:
        return [
            (re.compile(".*".join(map(re.escape, each.phrase.split(ANY_WORDS))), re.IGNORECASE), each)
            for each in self._of(SENTENCE)
        ]

    @cached_property
    def _misprints(self) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
        """What is wrong, where the right words do not stand already; and the right words."""
        return [
            (
                re.compile(rf"(?<!\w){re.escape(each.phrase)}(?!{re.escape(_rest(each))})(?![a-z])"),
                lambda _, right=each.means[0]: right,  # type: ignore[misc]
            )
            for each in self._of(MISPRINT)
        ]


def _rest(misprint: DutyPhrase) -> str:
    """What the right words have beyond the wrong ones, where they begin with them; else what never occurs."""
    right = misprint.means[0]
    return right.removeprefix(misprint.phrase) if right.startswith(misprint.phrase) else "\0"


PLAIN = DutyGrammar()


@lru_cache(maxsize=64)
def grammar_of(phrases: tuple[DutyPhrase, ...], including: str | None = None) -> DutyGrammar:
    """The grammar of some phrases: one object for equal ones, so that each text is read once."""
    return DutyGrammar(phrases, including)
