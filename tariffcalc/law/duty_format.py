"""A duty in words: its class, and the seed spelling built from its terms.

The opposite direction of ``duty_text.py``; what is shown here, ``parse_duty`` reads back to the same terms.
"""

from __future__ import annotations

from decimal import Decimal

from tariffcalc.law.duty import Duty, Sum


def duty_class(duty: Duty) -> str:
    """What must be declared to compute a duty.

    ``none``, ``ad_valorem`` (values only), ``specific`` (reported quantities only), ``compound`` (both),
    ``needs_fact`` (a declared fact), ``borrowed`` (the duty itself is declared: another line, a note or a
    condition decides it), ``as_scheduled``, ``not_held``.

    >>> from tariffcalc.law.duty_phrases import PLAIN
    >>> from tariffcalc.law.duty_text import parse_duty
    >>> duty_class(parse_duty("1.4¢/kg + 5%", PLAIN)), duty_class(parse_duty("4% of fact case_value", PLAIN))
    ('compound', 'needs_fact')
    """
    if not duty.held:
        return "not_held"
    if duty.scheduled is not None:
        return "as_scheduled"
    if duty.is_none:
        return "none"
    amounts = duty.amounts()
    if duty.terms and duty.terms[0].rate == 1 and duty.terms[0].of.startswith("fact "):
        return "borrowed"
    if any(amount.startswith("fact ") for amount in amounts):
        return "needs_fact"
    measured = {amount.startswith("quantity ") for amount in amounts}
    return "compound" if len(measured) == 2 else "specific" if measured == {True} else "ad_valorem"


def show_duty(duty: Duty) -> str:
    """A duty in the seed spelling, from its terms and not from the text it was read from; ``parse_duty``
    reads it back.

    >>> from tariffcalc.law.duty_phrases import PLAIN
    >>> from tariffcalc.law.duty_text import parse_duty
    >>> show_duty(parse_duty("51¢ each + 6.25% of fact case_value but not less than 3%", PLAIN))
    '51¢/no + 6.25% of fact case_value, at least 3%'
    """
    if not duty.held:
        return "not held"
    if duty.scheduled is not None:
        return f"as scheduled: {duty.scheduled} {duty.spi}".rstrip()
    first, last = (duty.terms[0], duty.terms[-1]) if len(duty.terms) == 2 else (None, None)
    limited = duty.at_least == () and duty.at_most is None
    if first and last and limited and last.of.startswith("charged ") and last.rate == -1:
        return f"to {_show_number(first.rate * 100)}% including {last.of.removeprefix('charged ')}"
    shown = _show_sum(duty.terms)
    if duty.at_least is not None:
        shown += f", at least {_show_sum(duty.at_least)}"
    if duty.at_most is not None:
        shown += f", at most {_show_sum(duty.at_most)}"
    return shown


def _show_number(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def _show_sum(terms: Sum) -> str:
    pieces = []
    for term in terms:
        kind, _, name = term.of.partition(" ")
        if kind == "quantity":
            size = abs(term.rate)
            money = f"${_show_number(size)}" if size >= 1 else f"{_show_number(size * 100)}¢"
            shown = f"{money}/{name}"
        else:
            of = "" if term.of == "base" else f" of {term.of}"
            shown = f"{_show_number(abs(term.rate) * 100)}%{of}"
        pieces.append(("- " if term.rate < 0 else "+ ") + shown)
    joined = " ".join(pieces).removeprefix("+ ")
    return joined or "none"
