"""The grammar of duty texts: what schedules and seeds write, read into a Duty.

A duty text is a sum of *pieces* ("51¢ each", "6.25% on the case and strap, band or bracelet"), perhaps held
between two other sums, or one of a few whole sentences.  A piece is an amount and a measure.  Contents that
schedules report are quantities (``quantity pb_kg``); everything else a text names is a fact
(``fact case_value``).  A duty that another line decides becomes 100% of ``fact borrowed_duty``; free entry
that hangs on a bond, a note or a period becomes 100% of ``fact conditional_duty``.  So no text ever falls
through to nothing.

The texts are flat: no nesting, no precedence.  A table of wordings and one expression for a piece are shorter
than a grammar for a parser library, read two thousand texts in some tens of milliseconds, and add no
dependency.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from tariffcalc.errors import DutyTextError, UnknownUnit
from tariffcalc.law.duty import Duty, Sum, Term
from tariffcalc.law.duty_format import BORROWED, CONDITIONAL, duty_class, show_duty
from tariffcalc.law.duty_phrases import AMOUNT_OF, SHARE_OF, tidy
from tariffcalc.law.number import MOST_PERCENT, MOST_RATE, read_number
from tariffcalc.units import unit

__all__ = ["SpecialRate", "duty_class", "parse_duty", "parse_special", "show_duty", "tidy", "tidy_special"]

_LONGEST = 2000  # characters of a duty; the longest of a schedule has some hundreds
COLUMNS = ("general", "special", "column2")

_SENTENCES = re.compile(
    r"(?P<borrowed>(The (duty )?rate|A duty|See) .*)"
    r"|(?P<conditional>Free( \(See|, (under|for)) .*)"
    r"|(?P<none>Free|none)"
    r"|(?P<not_held>not held(: .+)?)"
    r"|as scheduled: (?P<scheduled>\w+)(?: (?P<spi>\S+))?"
    r"|to (?P<floor>[0-9]+(\.[0-9]+)?)% including (?P<including>.+)",
    re.IGNORECASE,
)
_LENT = re.compile(  # the words of a duty that is that of one other line
    r"The (duty )?rate (of duty )?applicable(?!.* on the cost )",
    re.IGNORECASE,
)
_LESS_RATE = re.compile(r" minus ([0-9.]+%)$")
_BOUNDS = re.compile(r",? (?:but )?(?:and )?(at least|not less than|at most|nor more than|not more than) ")
_WHICHEVER = re.compile(r"(.+?) or (.+?),? whichever is (higher|lower)")
_NUMBER = r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+"
_PIECE = re.compile(
    rf"(?:(?P<percent>{_NUMBER})(?P<third> 1/3)? ?(?:%|percent)"
    rf"|(?P<cents>{_NUMBER})¢|(?:\$|₹|Rs\.?) ?(?P<money>{_NUMBER}))(?P<measure>.*)"
)
_PER = re.compile(
    r"(?: ?/ ?| per | (?=each))(?P<unit>1,?000(?: pins)?|line/gross|pf\. liter|lin\. m|clean kg|[^"
    r" ,]+)(?P<of>.*)"
)
_PLATE = (
    ", but if consisting in part of a plate or a set of plates the total duty shall not exceed the duty for"
    " the complete movement"
)
_DEGREES = re.compile(
    r"(?P<full>[^ ]+/kg) less (?P<step>[^ ]+)/kg for each degree under 100 degrees "
    r"\(and fractions of a degree in proportion\) but not less than (?P<least>[^ ]+/kg)"
)


class SpecialRate(NamedTuple):
    """One group of the special column: the indicators that claim it (none listed: any of them), and
    its duty."""

    spi: tuple[str, ...]
    duty: Duty


@lru_cache(maxsize=8192)
def parse_duty(text: str, including: str | None = None) -> Duty:
    """Read a duty text.

    Parameters
    ----------
    text : str
        As a schedule or a seed writes it: ``16.5%``, ``1.4¢/kg + 5%``, ``none``,
        ``to 15% including column 1``, ``5% at least 2¢/kg``, ``40% of fact battery_value``,
        ``as scheduled: general``, ``not held`` (or ``not held: where to look it up``).
    including : str, optional
        The program that "including column 1" means, where the text does not itself give the id of a program.

    Raises
    ------
    DutyTextError
        The text is not a duty; the message quotes the piece that could not be read.

    Notes
    -----
    "33 1/3%" is held as 0.333333333333.  A third of a whole number of cents is never half a cent, so the
    rounded duty is exact up to a value of five thousand million dollars in one line.

    Examples
    --------
    >>> [(str(term.rate), term.of) for term in parse_duty("51¢ each + 6.25% on the case").terms]
    [('0.51', 'quantity no'), ('0.0625', 'fact case_value')]
    >>> parse_duty("none").is_none
    True
    """
    if len(text) > _LONGEST:
        raise DutyTextError(
            f"the duty {_shown(text)} has {len(text):,} characters: expected at most {_LONGEST:,}"
        )
    plain = tidy(text)
    sentence = _SENTENCES.fullmatch(plain)
    if sentence is not None:
        return _read_sentence(text, sentence, including)
    degrees = _DEGREES.fullmatch(plain)
    if degrees is not None:
        step = _read_piece(degrees["step"] + " on sugar degrees", text)
        falling = tuple(Term(rate=-term.rate, of=term.of) for term in step)
        least = _read_sum(degrees["least"], text)
        return Duty(text=text, terms=_read_sum(degrees["full"], text) + falling, at_least=least)
    if plain.endswith(_PLATE):
        whole = (Term(rate=Decimal(1), of="fact duty_of_complete_movement"),)
        return Duty(text=text, terms=_read_sum(plain.removesuffix(_PLATE), text), at_most=whole)
    either = _WHICHEVER.fullmatch(plain)
    if either is not None:
        bound = {"higher": "at_least", "lower": "at_most"}[either[3]]
        return Duty(text=text, terms=_read_sum(either[1], text), **{bound: _read_sum(either[2], text)})
    terms, *bounds = _BOUNDS.split(plain)
    limits: dict[str, Sum] = {}
    for word, amount in zip(bounds[::2], bounds[1::2], strict=True):
        side = "at_least" if word in ("at least", "not less than") else "at_most"
        if side in limits:
            raise DutyTextError(
                f"{text!r} sets two limits of one kind: write each of 'at least' and 'at most' once"
            )
        limits[side] = _read_sum(amount, text)
    return Duty(
        text=text,
        terms=_read_sum(terms, text),
        at_least=limits.get("at_least"),
        at_most=limits.get("at_most"),
    )


def _read_sentence(text: str, said: re.Match[str], including: str | None) -> Duty:
    """The duties that are one whole sentence: none, borrowed, free on conditions, not held, by the schedule,
    up to."""
    if said["none"]:
        return Duty(text=text)
    if said["not_held"]:
        return Duty(text=text, held=False)
    if said["scheduled"]:
        if said["scheduled"] not in COLUMNS or (said["spi"] and said["scheduled"] != "special"):
            raise DutyTextError(
                f"{text!r} names no column of the schedule: expected one of {', '.join(COLUMNS)}, or special"
                " with an indicator"
            )
        return Duty(text=text, scheduled=said["scheduled"], spi=said["spi"] or "")
    if said["floor"]:
        named = said["including"]
        program = named if "." in named and " " not in named else including
        if program is None:
            raise DutyTextError(
                f"{text!r} does not say which program is included: write its id after 'including'"
            )
        floor = Term(rate=_read_number(said["floor"], MOST_PERCENT, text) / 100, of="base")
        return Duty(text=text, terms=(floor, Term(rate=Decimal(-1), of=f"charged {program}")), at_least=())
    if said["conditional"]:
        return Duty(text=text, terms=(Term(rate=Decimal(1), of=CONDITIONAL),))
    borrowed = Term(rate=Decimal(1), of=BORROWED)
    less = _LESS_RATE.search(said["borrowed"])
    if less is None:
        of_a_set = " article in the set " in said["borrowed"]
        lent = "rate" if of_a_set else "duty" if _LENT.match(said["borrowed"]) else ""
        return Duty(text=text, terms=(borrowed,), borrowed=lent)
    (reduction,) = _read_piece(less[1], text)
    return Duty(text=text, terms=(borrowed, Term(rate=-reduction.rate, of="base")), at_least=())


def _read_sum(plain: str, text: str) -> Sum:
    """Pieces joined by plus and minus; "none" is the empty sum."""
    if plain.lower() in ("none", "free", "0"):
        return ()
    first, *rest = re.split(r" ([+-]) ", plain)
    terms = _read_piece(first, text)
    for sign, piece in zip(rest[::2], rest[1::2], strict=True):
        read = _read_piece(piece, text)
        terms += read if sign == "+" else tuple(Term(rate=-term.rate, of=term.of) for term in read)
    return terms


def _read_piece(piece: str, text: str) -> Sum:
    """One amount with what it is measured on; a share of two things together is two terms."""
    read = _PIECE.fullmatch(piece.strip())
    if read is None:
        hint = "expected for example '5%', '1.4¢/kg' or 'none'"
        raise DutyTextError(f"cannot read {piece!r} in the duty {text!r}: {hint}")
    measure = read["measure"]
    most = MOST_PERCENT if read["percent"] else MOST_RATE
    number = _read_number(read["percent"] or read["cents"] or read["money"], most, text)
    if read["percent"]:
        rate = number / 100 if read["third"] is None else (number + Decimal(1) / 3) / 100
        rate = rate if read["third"] is None else round(rate, 12)
        return tuple(Term(rate=rate, of=amount) for amount in _shared(measure.strip(), text))
    rate = number / 100 if read["cents"] else number
    if measure == " for each other piece or part":
        return (Term(rate=rate, of="fact other_pieces_no"),)
    if measure == " on sugar degrees":
        return (Term(rate=rate, of="fact sugar_kg_degrees"),)
    per = _PER.fullmatch(measure)
    if per is None:
        hint = "an amount of money needs a unit, as in '1.4¢/kg'"
        raise DutyTextError(f"cannot read {piece!r} in the duty {text!r}: {hint}")
    try:
        counted = unit(per["unit"])
        of = per["of"].strip()
        if not of:
            return (Term(rate=rate, of=f"quantity {counted.name}"),)
        if of.startswith("of fact "):
            return (Term(rate=rate, of=of.removeprefix("of ")),)
        amount, base_name = AMOUNT_OF[of]
        size = counted.factor / unit(base_name).factor
        return (Term(rate=rate * size.denominator / size.numerator, of=amount),)
    except UnknownUnit as error:
        raise DutyTextError(f"{error} (in the duty {text!r})") from None
    except KeyError:
        raise DutyTextError(f"cannot read what {piece!r} in the duty {text!r} is measured on") from None


def _read_number(written: str, most: int, text: str) -> Decimal:
    try:
        return read_number(written, most)
    except ValueError as error:
        raise DutyTextError(f"{error} (in the duty {_shown(text)})") from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")


def _shared(of: str, text: str) -> tuple[str, ...]:
    """The measured amounts a percentage is taken of."""
    if of in SHARE_OF:
        return SHARE_OF[of]
    named = re.fullmatch(r"of ((?:fact|charged|quantity) [\w.\-]+|base)", of)
    if named is None:
        raise DutyTextError(f"cannot read what the percentage in {text!r} is taken of: {of!r}")
    return (named[1],)


_GROUP = re.compile(r"\(([A-Z]{1,2}[+*]?(?:[,. ]+[A-Z]{1,2}[+*]?)*)[,. ]*\)")


@lru_cache(maxsize=8192)
def parse_special(text: str) -> tuple[SpecialRate, ...]:
    """Read the special column: each duty with the indicators that may claim it.

    >>> text = "Free (AU, BH)2.8% (JP) See 9823.04.01-9823.04.54 (S+)"
    >>> [(rate.spi, rate.duty.text) for rate in parse_special(text)]
    [(('AU', 'BH'), 'Free'), (('JP',), '2.8%'), (('S+',), 'See 9823.04.01-9823.04.54')]

    Raises
    ------
    DutyTextError
        A duty cannot be read, or a duty without indicators follows one that has them.
    """
    plain = re.sub(r"\(([A-Z]{1,2}[+*]?) \(\1\)", r"(\1)", tidy(text))
    if not plain:
        return ()
    pieces = _GROUP.split(plain)
    if len(pieces) == 1:
        return (SpecialRate((), parse_duty(plain)),)
    if pieces[-1].strip():
        raise DutyTextError(
            f"{pieces[-1].strip()!r} in the special column {text!r} names no indicator that claims it"
        )
    rates = []
    for duty, group in zip(pieces[:-1:2], pieces[1::2], strict=True):
        indicators = tuple(dict.fromkeys(re.findall(r"[A-Z]{1,2}[+*]?", group)))
        rates.append(SpecialRate(indicators, parse_duty(duty.strip(" ;,"))))
    return tuple(rates)


def tidy_special(text: str) -> str:
    """The special column in one spelling: free first, then by text; indicators in alphabetical order.

    Editorial respacing and reordering leaves it unchanged, so it makes no new row of the schedule.

    >>> tidy_special("2.8% (JP)  Free (BH, AU)")
    'Free (AU,BH) 2.8% (JP)'
    """
    groups = [(not rate.duty.is_none, rate.spi, rate.duty.text) for rate in parse_special(text)]
    return " ".join(f"{duty} ({','.join(sorted(spi))})" if spi else duty for _, spi, duty in sorted(groups))
