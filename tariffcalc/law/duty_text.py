"""The grammar of duty texts: what schedules and seeds write, read into a Duty.

A duty text is a sum of *pieces* ("51¢ each", "6.25% on the case and strap, band or bracelet"), perhaps held
between two other sums, or one of a few whole sentences.  A piece is an amount and a measure.  What the words
of a measure or of a sentence mean is the territory's own (``duty_phrases.py``): contents that schedules
report are quantities (``quantity pb_kg``); everything else a text names is a fact (``fact case_value``).  A
phrase that no row of the territory explains is refused, so that no text ever falls through to nothing.

The texts are flat: no nesting, no precedence.  A table of phrases and one expression for a piece are shorter
than a grammar for a parser library, read two thousand texts in some tens of milliseconds, and add no
dependency.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from tariffcalc.errors import DutyTextError, UnknownUnit
from tariffcalc.law.duty import Duty, Sum, Term
from tariffcalc.law.duty_phrases import DutyGrammar, DutyPhrase
from tariffcalc.law.number import MOST_PERCENT, MOST_RATE, read_number
from tariffcalc.units import Unit, known_unit, unit

_LONGEST = 2000  # characters of a duty; the longest of a schedule has some hundreds
COLUMNS = ("general", "special", "column2")

_WHOLE = re.compile(
    r"(?P<none>Free|none)"
    r"|(?P<not_held>not held(: (?P<look_up>.+))?)"
    r"|as scheduled: (?P<scheduled>\w+)(?: (?P<spi>\S+))?"
    r"|to (?P<floor>[0-9]+(\.[0-9]+)?)% including (?P<including>.+)",
    re.IGNORECASE,
)
_LESS_RATE = re.compile(r"(?P<sentence>.+) minus (?P<rate>[0-9.]+%)")
_BOUNDS = re.compile(r",? (?:but )?(?:and )?(at least|not less than|at most|nor more than|not more than) ")
_WHICHEVER = re.compile(r"(.+?) or (.+?),? whichever is (higher|lower)")
_SIGNS = re.compile(r" (\+|-|less) ")
_NUMBER = r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+"
_PIECE = re.compile(
    rf"(?:(?P<percent>{_NUMBER})(?P<third> 1/3)? ?(?:%|percent)"
    rf"|(?P<cents>{_NUMBER})¢|(?:\$|₹|Rs\.?) ?(?P<money>{_NUMBER}))(?P<measure>.*)"
)
_PER = re.compile(r" ?/ ?| per | (?=each)")
_WORD = re.compile(r"[^ ,]+(?:,(?=\d)[^ ,]+)*")  # "1,000" is one
_MOST_WORDS = 3  # of the spelling of a unit
_NAMED = re.compile(r"of ((?:fact|charged|quantity) [\w.\-]+|base|value)")


class UnknownPhrase(DutyTextError):
    """Words of a duty text that are no phrase of the territory."""


@lru_cache(maxsize=8192)
def parse_duty(text: str, grammar: DutyGrammar) -> Duty:
    """Read a duty text.

    Parameters
    ----------
    text : str
        As a schedule or a seed writes it: ``16.5%``, ``1.4¢/kg + 5%``, ``none``,
        ``to 15% including column 1``, ``5% at least 2¢/kg``, ``40% of fact battery_value``,
        ``as scheduled: general``, ``not held`` (or ``not held: where to look it up``).
    grammar : DutyGrammar
        The phrases of the territory, and the program that "including column 1" means.

    Raises
    ------
    DutyTextError
        The text is not a duty; the message quotes the piece that could not be read. ``UnknownPhrase`` where
        it may be one of another territory.

    Notes
    -----
    "33 1/3%" is held as 0.333333333333.  A third of a whole number of cents is never half a cent, so the
    rounded duty is exact up to a value of five thousand million dollars in one line.

    Examples
    --------
    >>> from tariffcalc.law.duty_phrases import PLAIN
    >>> [(str(term.rate), term.of) for term in parse_duty("51¢ each + 6.25% of fact case_value", PLAIN).terms]
    [('0.51', 'quantity no'), ('0.0625', 'fact case_value')]
    >>> parse_duty("none", PLAIN).is_none
    True
    """
    if len(text) > _LONGEST:
        raise DutyTextError(
            f"the duty {_shown(text)} has {len(text):,} characters: expected at most {_LONGEST:,}"
        )
    plain = grammar.tidy(text)
    whole = _WHOLE.fullmatch(plain)
    if whole is not None:
        return _read_whole(text, whole, grammar)
    less = _LESS_RATE.fullmatch(plain)
    sentence = grammar.sentence(less["sentence"] if less else plain)
    if sentence is not None:
        return _read_sentence(text, sentence, less["rate"] if less else "", grammar)
    return _read_limited(text, plain, grammar)


def _read_whole(text: str, said: re.Match[str], grammar: DutyGrammar) -> Duty:
    """The duties that every territory writes alike and that are no sum: none, not held, by the schedule,
    up to."""
    if said["none"]:
        return Duty(text=text)
    if said["not_held"]:
        return Duty(text=text, held=False, look_up=said["look_up"] or "")
    if said["scheduled"]:
        if said["scheduled"] not in COLUMNS or (said["spi"] and said["scheduled"] != "special"):
            raise DutyTextError(
                f"{text!r} names no column of the schedule: expected one of {', '.join(COLUMNS)}, or special"
                " with an indicator"
            )
        return Duty(text=text, scheduled=said["scheduled"], spi=said["spi"] or "")
    named = said["including"]
    program = named if "." in named and " " not in named else grammar.including
    if program is None:
        raise DutyTextError(
            f"{text!r} does not say which program is included: write its id after 'including'"
        )
    floor = Term(rate=_read_number(said["floor"], MOST_PERCENT, text) / 100, of="base")
    return Duty(text=text, terms=(floor, Term(rate=Decimal(-1), of=f"charged {program}")), at_least=())


def _read_sentence(text: str, sentence: DutyPhrase, less: str, grammar: DutyGrammar) -> Duty:
    """A duty that another line, a note or a condition decides, perhaps less a percentage."""
    decided = Term(rate=Decimal(1), of=sentence.means[0])
    if not less:
        return Duty(text=text, terms=(decided,), borrowed=sentence.lends)
    (reduction,) = _read_piece(less, text, grammar)
    return Duty(text=text, terms=(decided, _negative(reduction)), at_least=())


def _read_limited(text: str, plain: str, grammar: DutyGrammar) -> Duty:
    """A sum, perhaps held between two others."""
    either = _WHICHEVER.fullmatch(plain)
    if either is not None:
        bound = {"higher": "at_least", "lower": "at_most"}[either[3]]
        first, other = (_read_sum(amount, text, grammar) for amount in either.group(1, 2))
        return Duty(text=text, terms=first, **{bound: other})
    limits: dict[str, Sum] = {}
    for phrase, amount in grammar.at_most.items():
        if plain.endswith(phrase):
            plain, limits["at_most"] = plain.removesuffix(phrase), (Term(rate=Decimal(1), of=amount),)
    terms, *bounds = _BOUNDS.split(plain)
    for word, amount in zip(bounds[::2], bounds[1::2], strict=True):
        side = "at_least" if word in ("at least", "not less than") else "at_most"
        if side in limits:
            raise DutyTextError(
                f"{text!r} sets two limits of one kind: write each of 'at least' and 'at most' once"
            )
        limits[side] = _read_sum(amount, text, grammar)
    return Duty(text=text, terms=_read_sum(terms, text, grammar), **limits)


def _read_sum(plain: str, text: str, grammar: DutyGrammar) -> Sum:
    """Pieces joined by plus and minus; "none" is the empty sum."""
    if plain.lower() in ("none", "free", "0"):
        return ()
    first, *rest = _SIGNS.split(plain)
    terms = _read_piece(first, text, grammar)
    for sign, piece in zip(rest[::2], rest[1::2], strict=True):
        read = _read_piece(piece, text, grammar)
        terms += read if sign == "+" else tuple(map(_negative, read))
    return terms


def _negative(term: Term) -> Term:
    return Term(rate=-term.rate, of=term.of)


def _read_piece(piece: str, text: str, grammar: DutyGrammar) -> Sum:
    """One amount with what it is measured on; a share of two things together is two terms."""
    piece = piece.strip()
    read = _PIECE.fullmatch(piece)
    if read is None:
        expected = (
            f"cannot read {piece!r} in the duty {text!r}: expected for example '5%', '1.4¢/kg' or 'none'"
        )
        if piece[:1].isalpha():
            raise UnknownPhrase(f"{expected}, or a phrase of the territory (duty-phrases.csv)")
        raise DutyTextError(expected)
    most = MOST_PERCENT if read["percent"] else MOST_RATE
    number = _read_number(read["percent"] or read["cents"] or read["money"], most, text)
    if read["percent"]:
        rate = number / 100 if read["third"] is None else (number + Decimal(1) / 3) / 100
        rate = rate if read["third"] is None else round(rate, 12)
        of = read["measure"]
        if of[:1].isalpha():
            raise DutyTextError(f"cannot read {piece!r} in the duty {text!r}: expected for example '5%'")
        return tuple(Term(rate=rate, of=amount) for amount in _shared(of.strip(), text, grammar))
    return (_for_each(number / 100 if read["cents"] else number, read["measure"], piece, text, grammar),)


def _shared(of: str, text: str, grammar: DutyGrammar) -> tuple[str, ...]:
    """The measured amounts a percentage is taken of."""
    named = _NAMED.fullmatch(of)
    found = ("base",) if not of else (named[1],) if named else grammar.share.get(of)
    if found is None:
        raise UnknownPhrase(
            f"cannot read what the percentage in {text!r} is taken of: {of!r} is no phrase of the territory"
            " (duty-phrases.csv)"
        )
    return found


def _for_each(rate: Decimal, measure: str, piece: str, text: str, grammar: DutyGrammar) -> Term:
    """An amount of money for each unit of something, or for each of what a phrase names."""
    per = _PER.match(measure)
    if per is None:
        amount, counted = grammar.amount.get(measure.strip(), ("", None))
        if amount and counted is None:
            return Term(rate=rate, of=amount)
        raise DutyTextError(
            f"cannot read {piece!r} in the duty {text!r}: an amount of money needs a unit, as in '1.4¢/kg'"
        )
    measured, of = _unit_of(measure[per.end() :], text)
    if not of:
        return Term(rate=rate, of=f"quantity {measured.name}")
    if of.startswith("of fact "):
        return Term(rate=rate, of=of.removeprefix("of "))
    amount, counted = grammar.amount.get(of, ("", None))
    if counted is None or counted.dimension != measured.dimension:
        meant = f" (in {counted.name})" if counted else ""
        raise UnknownPhrase(
            f"cannot read what {piece!r} in the duty {text!r} is measured on: {of!r} is no phrase of the"
            f" territory after {measured.name}{meant} (duty-phrases.csv)"
        )
    size = measured.factor / counted.factor
    return Term(rate=rate * size.denominator / size.numerator, of=amount)


def _unit_of(words: str, text: str) -> tuple[Unit, str]:
    """The unit at the beginning of some words, the longest that is one; and the other words."""
    ends = [word.end() for word in _WORD.finditer(words)][:_MOST_WORDS]
    for end in reversed(ends):
        found = known_unit(words[:end])
        if found is not None:
            return found, words[end:].strip()
    try:
        return unit(words[: ends[0]] if ends else words), ""
    except UnknownUnit as error:
        raise DutyTextError(f"{error} (in the duty {_shown(text)})") from None


def _read_number(written: str, most: int, text: str) -> Decimal:
    try:
        return read_number(written, most)
    except ValueError as error:
        raise DutyTextError(f"{error} (in the duty {_shown(text)})") from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
