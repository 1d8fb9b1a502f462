"""What to propose in place of a code that is no tariff line: the lines it covers, and those it comes near."""

from __future__ import annotations

from bisect import bisect_left
from difflib import get_close_matches
from functools import partial

from tariffcalc.codes import dotted
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration.columns import (
    Refusal,
)

_MOST_PROPOSED = 4  # codes instead of one that is none


_MOST_REMEMBERED = 10_000  # codes that are none, of which what is proposed instead is remembered


def unknown_code(law: CompiledLaw, code: str) -> Refusal:
    if code.startswith("99"):
        message = f"{dotted(code)} is a heading of chapter 99"
        return Refusal(
            "unknown-commodity",
            message,
            "give the code of chapters 1 to 98; the headings are found by the estimate",
        )
    if len(code) < 8:
        below = [each for each in law.codes.codes[law.codes.below(code)] if _is_line(law, each)]
        lines = [each for each in below if len(each) == 8] or below
        if lines:
            named = ", ".join(dotted(each) for each in lines[:6]) + (
                f" and {len(lines) - 6} more" if len(lines) > 6 else ""
            )
            number = f"{len(lines)} tariff line" + ("s" if len(lines) > 1 else "")
            return Refusal(
                "code-too-short",
                f"{dotted(code)} has {len(code)} digits and covers {number}",
                f"give one of {named}",
            )
    return Refusal(
        "unknown-commodity",
        f"{dotted(code)} is not a tariff line of any schedule held",
        partial(_near_misses, law, code),
    )


def _near_misses(law: CompiledLaw, code: str) -> str:
    """The code with its lost zero, other lines of its subheading, codes one slip away (a digit wrong, two
    swapped), other lines of its heading."""
    known: dict[str, str] = law.memo.once("codes proposed", dict)
    if code in known:
        return known[code]
    near = ["0" + code] if len(code) in (7, 9) and _is_line(law, "0" + code) else []
    zero = " (has a leading zero been lost?)" if near else ""
    for search in (8, 6, _slips, 4):
        if len(near) < _MOST_PROPOSED:
            near += search(law, code) if callable(search) else _neighbours(law, code, search)
    named = [dotted(each) for each in dict.fromkeys(near)][:_MOST_PROPOSED]
    said = f"near misses: {', '.join(named)}{zero}" if named else "check the code against the schedule"
    if len(known) < _MOST_REMEMBERED:
        known[code] = said
    return said


def _slips(law: CompiledLaw, code: str) -> list[str]:
    swapped = [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :] for place in range(len(code) - 1)
    ]
    wrong = [
        code[:place] + digit + code[place + 1 :]
        for place in reversed(range(len(code)))
        for digit in "0123456789"
    ]
    return [each for each in (*swapped, *wrong) if _is_line(law, each)]


def _is_line(law: CompiledLaw, code: str) -> bool:
    """Whether the code is a line of some schedule (the axis holds others, see ``compiled/axes.py``)."""
    found = law.code_index.get(code)
    return found is not None and bool(law.codes.own[found])


def _neighbours(law: CompiledLaw, code: str, digits: int) -> list[str]:
    """The nearest codes among those around it that share its first digits."""
    if len(code) <= digits:
        return []
    stretch = law.codes.below(code[:digits])
    middle = min(max(bisect_left(law.codes.codes, code), stretch.start), stretch.stop)
    around = law.codes.codes[max(stretch.start, middle - 20) : min(stretch.stop, middle + 20)]
    return get_close_matches(
        code, [each for each in around if len(each) >= 8 and _is_line(law, each)], n=4, cutoff=0.6
    )
