"""The special column of a schedule: each duty with the indicators of the programs that may claim it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tariffcalc.errors import DutyTextError
from tariffcalc.law.duty import Duty
from tariffcalc.law.duty_phrases import DutyGrammar
from tariffcalc.law.duty_text import parse_duty


class SpecialRate(NamedTuple):
    """One group of the special column: the indicators that claim it (none listed: any of them), and
    its duty."""

    spi: tuple[str, ...]
    duty: Duty


_GROUP = re.compile(r"\(([A-Z]{1,2}[+*]?(?:[,. ]+[A-Z]{1,2}[+*]?)*)[,. ]*\)")


@lru_cache(maxsize=8192)
def parse_special(text: str, grammar: DutyGrammar) -> tuple[SpecialRate, ...]:
    """Read the special column: each duty with the indicators that may claim it.

    >>> from tariffcalc.law.duty_phrases import PLAIN
    >>> [(rate.spi, rate.duty.text) for rate in parse_special("Free (AU, BH)2.8% (JP)", PLAIN)]
    [(('AU', 'BH'), 'Free'), (('JP',), '2.8%')]

    Raises
    ------
    DutyTextError
        A duty cannot be read, or a duty without indicators follows one that has them.
    """
    plain = re.sub(r"\(([A-Z]{1,2}[+*]?) \(\1\)", r"(\1)", grammar.tidy(text))
    if not plain:
        return ()
    pieces = _GROUP.split(plain)
    if len(pieces) == 1:
        return (SpecialRate((), parse_duty(plain, grammar)),)
    if pieces[-1].strip():
        raise DutyTextError(
            f"{pieces[-1].strip()!r} in the special column {text!r} names no indicator that claims it"
        )
    rates = []
    for duty, group in zip(pieces[:-1:2], pieces[1::2], strict=True):
        indicators = tuple(dict.fromkeys(re.findall(r"[A-Z]{1,2}[+*]?", group)))
        rates.append(SpecialRate(indicators, parse_duty(duty.strip(" ;,"), grammar)))
    return tuple(rates)


def tidy_special(text: str, grammar: DutyGrammar) -> str:
    """The special column in one spelling: free first, then by text; indicators in alphabetical order.

    Editorial respacing and reordering leaves it unchanged, so it makes no new row of the schedule.

    >>> from tariffcalc.law.duty_phrases import PLAIN
    >>> tidy_special("2.8% (JP)  Free (BH, AU)", PLAIN)
    'Free (AU,BH) 2.8% (JP)'
    """
    groups = [(not rate.duty.is_none, rate.spi, rate.duty.text) for rate in parse_special(text, grammar)]
    return " ".join(f"{duty} ({','.join(sorted(spi))})" if spi else duty for _, spi, duty in sorted(groups))
