"""Why amounts are unknown, in words, and what to supply."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tariffcalc.assessment.doubt import doubt_words
from tariffcalc.assessment.open_facts import apart, facts_at_stake, to_declare
from tariffcalc.assessment.questions import facts_asked, quantity_asked
from tariffcalc.codes import dotted
from tariffcalc.compiled.duties import NOT_BORROWED
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.programs import Rule
from tariffcalc.declaration.problems import Problem, sentence_of
from tariffcalc.engine import reasons
from tariffcalc.engine.ledger.ledger import Ledger, Posting
from tariffcalc.engine.outcomes.questions import TEN_DIGITS
from tariffcalc.engine.reasons import Reason

_SAME = "The duty of the line is the same whatever the answer."


def reason_words(law: CompiledLaw, reason: Reason, duty: int = -1) -> tuple[str, str, str]:
    """A reason as code, message, and what to supply; ``duty`` is the number of the duty of which it is the
    reason, where one is known: one that is not held may say where to find it."""
    name = reason.name
    if reason.kind == reasons.MISSING_QUANTITY:
        return "missing-quantity", *quantity_asked(law, name)
    if reason.kind == reasons.MISSING_FACT:
        fact = law.facts[name]
        if fact.duty_of:
            said = f' ("{law.duties.text[duty]}")' if duty >= 0 else ""
            if duty < 0 or law.duties.borrowed[duty] == NOT_BORROWED:
                return (
                    "missing-fact",
                    f"another line or note decides the duty{said}, and no amount is declared",
                    f"declare {name}, the amount",
                )
            line = f"declare {fact.duty_of}, the tariff line that decides it, or {name}, the amount"
            return (
                "missing-fact",
                f"another line decides the duty{said}, and no line is declared whose rate can be taken over",
                line,
            )
        return "missing-fact", *facts_asked(law, [name])
    if reason.kind == reasons.DOUBTFUL_RULE:
        rule = law.rules[int(name)]
        assert rule is not None
        return _decided_by(law, reason, f"whether {shown_rule(rule)} applies")
    if reason.kind == reasons.NOT_HELD_LAW:
        rule = law.rules[int(name)]
        assert rule is not None
        program = law.programs[rule.program]
        state = "its rates are not held yet" if program.status == "absent" else "its rate is not held"
        look_up = law.duties.look_up[duty] if duty >= 0 else ""
        supply = f"look up {look_up}" if look_up else f"see tariffcalc coverage {program.name}"
        return "law-not-held", f"{shown_rule(rule)} may apply, and {state}", supply
    if reason.kind == reasons.DEPENDS:
        title = law.programs[law.program_index[name]].title
        return (
            "depends-on-unknown",
            f"the amount depends on {title}, which is unknown",
            f"see the problem of {title}",
        )
    if reason.kind == reasons.NO_RATE:
        return _no_rate(law, int(name))
    if reason.kind == reasons.NO_BASE:
        return _decided_by(law, reason, "what the program is charged on")
    if reason.kind in (reasons.UNCERTAIN_RULE, reasons.UNCERTAIN_ENTRY, reasons.UNCERTAIN_ROW):
        table = {reasons.UNCERTAIN_RULE: law.rules, reasons.UNCERTAIN_ENTRY: law.stacking_rules}.get(
            reason.kind
        )
        text = name if table is None else table[int(name)]
        assert text is not None
        return "uncertain-law", doubt_words(law, text), "leave out certain_only to have it counted"
    if reason.kind == reasons.INCOMPLETE_SHIPMENT:
        return (
            "incomplete-shipment",
            "the fee is one amount for the whole shipment, and a line of the shipment could not be read",
            "correct the other lines of the shipment",
        )
    raise AssertionError(reason)


def _decided_by(law: CompiledLaw, reason: Reason, what: str) -> tuple[str, str, str]:
    """The words for what depends on facts that are not declared, or on the last two digits of the code."""
    asked = reason.facts or (facts_at_stake(law, -1, reason) if reason.kind == reasons.DOUBTFUL_RULE else ())
    facts = list(dict.fromkeys(each for fact in asked for each in to_declare(law, fact)))
    if not facts:
        supply = (
            "give the ten-digit code; where it is given, the ten digits that the goods had before it decide"
        )
        return "code-too-short", f"{what} depends on the last two digits of the code", supply
    question, answer = facts_asked(law, facts)
    return (
        "missing-fact",
        question,
        f"{answer} Give the ten-digit code too." if TEN_DIGITS in asked else answer,
    )


def _no_rate(law: CompiledLaw, row: int) -> tuple[str, str, str]:
    """Of a row of the schedule without a rate in the column that is due: for whom it has one, and what to
    claim."""
    code = int(law.segments.code[row])
    offered = np.flatnonzero(
        law.segments.special_duties[law.segments.special[row], : len(law.spis)] >= 0
    ).tolist()
    claims = [f"claim {law.spis[spi]}" for spi in offered]
    named = [law.rules[bit] for bit in law.rules_naming(law.column_1, code)]
    for bit, rule in zip(law.rules_naming(law.column_1, code), named, strict=True):
        assert rule is not None
        needed = [
            law.tests[number].text for number in law.tests_of_rule[bit] if law.tests[number].fact in law.spis
        ]
        claims.append(f"{', '.join(needed)} ({rule.title})" if needed else rule.title)
    if not claims:
        return "no-rate", "the schedule prints no rate for this line in this column", "check the code"
    message = (
        f"{dotted(law.codes.codes[code])} is a line for goods of a special program only, and these goods do"
        " not come under it as declared"
    )
    supply = (
        f"the line is for: {'; '.join(dict.fromkeys(claims))}; other goods are entered under their own code"
        " of chapters 1 to 97"
    )
    return "no-rate", message, supply


def shown_rule(rule: Rule) -> str:
    """A rule by its heading and the title of its measure."""
    return f'{rule.heading} "{rule.title or rule.measure}"'.lstrip()


def unknown_lines(
    law: CompiledLaw, ledger: Ledger, program: int
) -> Iterator[tuple[Reason, NDArray[np.int64]]]:
    """The reasons why a program is unknown, each with its lines, and naming only what those lines do not
    declare."""
    for reason, lines in ledger.unknown_lines(program):
        yield from apart(law, ledger, program, reason, lines)


def posting_words(ledger: Ledger, posting: Posting) -> tuple[str, str, str]:
    """Why a posting is unknown, as code, message, and what to supply."""
    assert posting.reason is not None
    program = ledger.law.program_index[posting.program]
    ((reason, _),) = apart(ledger.law, ledger, program, posting.reason, np.array([posting.line]))
    return reason_words(ledger.law, reason, posting.duty)


def unknown_problems(law: CompiledLaw, ledger: Ledger, rows: NDArray[np.int64]) -> list[Problem]:
    """A problem for each program and reason, with the input rows it concerns."""
    found = []
    for number, program in enumerate(law.programs):
        for reason, lines in unknown_lines(law, ledger, number):
            for duty, those in _by_duty(law, ledger, number, reason, lines):
                code, message, supply = reason_words(law, reason, duty)
                found.append(Problem(rows[those], code, f"{program.title}: {message}", supply, program.name))
    return found


def agreed_notes(law: CompiledLaw, ledger: Ledger, rows: NDArray[np.int64]) -> list[Problem]:
    """A note for each program that is unknown on lines whose duty is known all the same, with the input rows
    it concerns."""
    found = []
    for number, program in enumerate(law.programs):
        for reason, lines in ledger.agreed_lines(number):
            for each, those in (
                apart(law, ledger, number, reason, lines) if reason.kind != reasons.DEPENDS else ()
            ):
                _, message, supply = reason_words(law, each)
                found.append(
                    Problem(
                        rows[those], "same-duty", f"{program.title}: {sentence_of(message, _SAME)}", supply
                    )
                )
    return found


def _by_duty(
    law: CompiledLaw, ledger: Ledger, program: int, reason: Reason, lines: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Lines of one reason; where a duty is not held, or another line decides it, apart for each duty by its
    number, since each may say where to look."""
    if not len(lines):
        return
    borrowed = reason.kind == reasons.MISSING_FACT and law.facts[reason.name].duty_of
    if reason.kind != reasons.NOT_HELD_LAW and not borrowed:
        yield -1, lines
        return
    bits = ledger.rule_numbers(program)[lines]
    key = np.stack(
        [
            np.where(law.rule_scheduled[bits] > 0, ledger.lines.segment[lines], -1),
            ledger.lines.spi[lines],
            bits,
        ],
        axis=1,
    )
    _, first, row_of_line = np.unique(key, axis=0, return_index=True, return_inverse=True)
    duties = np.array([ledger.duty_number(int(lines[place]), int(bits[place])) for place in first])
    for duty in dict.fromkeys(duties.tolist()):
        yield duty, lines[(duties == duty)[row_of_line.reshape(-1)]]
