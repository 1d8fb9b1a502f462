"""Why amounts are unknown, in words, and what to supply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.codes import dotted
from tariffcalc.doubt import doubt_words
from tariffcalc.engine import reasons
from tariffcalc.engine.completions import TEN_DIGITS
from tariffcalc.engine.conditions import rest_of_value
from tariffcalc.engine.duty_table import MONEY_FACT
from tariffcalc.engine.ledger import Ledger
from tariffcalc.engine.presumed import Presumption
from tariffcalc.engine.reasons import Reason
from tariffcalc.engine.rule_table import CompiledLaw, Rule
from tariffcalc.law.duty_text import parse_duty
from tariffcalc.problems import Problem, sentence_of
from tariffcalc.questions import facts_asked, quantity_asked

_SAME = "The duty of the line is the same whatever the answer."


def reason_words(law: CompiledLaw, reason: Reason, duty_text: str = "") -> tuple[str, str, str]:
    """A reason as code, message, and what to supply; ``duty_text`` is the wording of a duty that is not held, which may say where it stands."""
    name = reason.name
    if reason.kind == reasons.MISSING_QUANTITY:
        return "missing-quantity", *quantity_asked(law, name)
    if reason.kind == reasons.MISSING_FACT:
        fact = law.facts[name]
        if fact.duty_of:
            said = f' ("{duty_text}")' if duty_text else ""
            if not duty_text or not parse_duty(duty_text).borrowed:
                return "missing-fact", f"another line or note decides the duty{said}, and no amount is declared", f"declare {name}, the amount"
            line = f"declare {fact.duty_of}, the tariff line that decides it, or {name}, the amount"
            return "missing-fact", f"another line decides the duty{said}, and no line is declared whose rate can be taken over", line
        return "missing-fact", *facts_asked(law, [name])
    if reason.kind == reasons.DOUBTFUL_RULE:
        rule = law.rules[int(name)]
        assert rule is not None
        heading = f" ({rule.heading})" if rule.heading else ""
        return _decided_by(law, reason, f"whether {rule.measure}{heading} applies")
    if reason.kind == reasons.NOT_HELD_LAW:
        rule = law.rules[int(name)]
        assert rule is not None
        program = law.programs[rule.program]
        heading = f" under {rule.heading}" if rule.heading else ""
        state = "its rates are not held yet" if program.status == "absent" else "its rate is not held"
        look_up = duty_text.partition(": ")[2]
        supply = f"look up {look_up}" if look_up else f"see tariffcalc coverage {program.name}"
        return "law-not-held", f"{program.title} may apply{heading} ({rule.measure}), and {state}", supply
    if reason.kind == reasons.DEPENDS:
        title = law.programs[law.program_index[name]].title
        return "depends-on-unknown", f"the amount depends on {title}, which is unknown", f"see the problem of {name}"
    if reason.kind == reasons.NO_RATE:
        return _no_rate(law, int(name))
    if reason.kind == reasons.NO_BASE:
        return _decided_by(law, reason, "what the program is charged on")
    if reason.kind in (reasons.UNCERTAIN_RULE, reasons.UNCERTAIN_ENTRY, reasons.UNCERTAIN_ROW):
        table = {reasons.UNCERTAIN_RULE: law.rules, reasons.UNCERTAIN_ENTRY: law.yieldings}.get(reason.kind)
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
    asked = reason.facts or tuple(law.tests[number].fact for number in _tests_at_stake(law, reason))
    facts = list(dict.fromkeys(each for fact in asked if fact in law.facts for each in _to_declare(law, fact)))
    if not facts:
        return "code-too-short", f"{what} depends on the last two digits of the code", "give the ten-digit code"
    question, answer = facts_asked(law, facts)
    return "missing-fact", question, f"{answer} Give the ten-digit code too." if TEN_DIGITS in asked else answer


def _tests_at_stake(law: CompiledLaw, reason: Reason) -> list[int]:
    return law.tests_of_rule[int(reason.name)] if reason.kind == reasons.DOUBTFUL_RULE else []


def _no_rate(law: CompiledLaw, row: int) -> tuple[str, str, str]:
    """Of a row of the schedule without a rate in the column that is due: for whom it has one, and what to claim."""
    code = int(law.segments.code[row])
    offered = np.flatnonzero(law.segments.special_duties[law.segments.special[row], : len(law.spis)] >= 0).tolist()
    claims = [f"claim {law.spis[spi]}" for spi in offered]
    named = [law.rules[bit] for bit in law.rules_naming(law.column_1, code)]
    for bit, rule in zip(law.rules_naming(law.column_1, code), named, strict=True):
        assert rule is not None
        needed = [law.tests[number].text for number in law.tests_of_rule[bit] if law.tests[number].fact in law.spis]
        claims.append(f"{', '.join(needed)} ({rule.title})" if needed else rule.title)
    if not claims:
        return "no-rate", "the schedule prints no rate for this line in this column", "check the code"
    message = f"{dotted(law.codes.codes[code])} is a line for goods of a special program only, and these goods do not come under it as declared"
    supply = f"the line is for: {'; '.join(dict.fromkeys(claims))}; other goods are entered under their own code of chapters 1 to 97"
    return "no-rate", message, supply


def _to_declare(law: CompiledLaw, name: str) -> list[str]:
    """What the importer must declare for a fact to be known: the fact, or what it is worked out from; nothing where the law assumes it."""
    fact = law.facts[name]
    if fact.share_of is None:
        return [name] if fact.must_be_declared else []
    parts = [part for part in fact.share_of if part != "value"]
    return [each for part in parts for each in ([part.replace(" ", "_")] if part.startswith("quantity ") else _to_declare(law, part))]


class Assumption(NamedTuple):
    """A measure that applies, or does not, because a fact is not declared otherwise, or is charged on a content taken for the whole value, or turns
    on a fact that was read from the words of the code."""

    message: str
    supply: str
    fact: str
    outcomes: NDArray[np.bool_]  # that rest on it
    others: tuple[str, ...] = ()  # contents that share the value with the fact
    with_others: bool = False  # whether it is about lines that declare one of them, or about lines that declare none
    codes: NDArray[np.bool_] | None = None  # those it was assumed for; None: all

    def lines(self, ledger: Ledger) -> NDArray[np.int64]:
        """The lines for which it was assumed: those that do not declare the fact."""
        lines = ledger.tally.lines_of(self.outcomes)
        if self.codes is not None:
            lines = lines[self.codes[ledger.lines.code[lines]]]
        lines = lines[~_declare(ledger, self.fact, lines)]
        others = [_declare(ledger, name, lines) for name in self.others if name in ledger.lines.facts]
        return lines[np.logical_or.reduce(others) == self.with_others] if others else lines[:0] if self.with_others else lines

    def count(self, ledger: Ledger) -> int:
        """How many lines those are."""
        declared = ledger.lines.facts.keys() & {self.fact, *self.others}
        return len(self.lines(ledger)) if declared or self.with_others or self.codes is not None else ledger.tally.count_of(self.outcomes)

    def shown(self, law: CompiledLaw, ledger: Ledger) -> str:
        """The message, with the amounts that were taken where they are what the other contents leave."""
        if not self.with_others:
            return self.message
        taken = rest_of_value(law.facts[self.fact], ledger.lines)[self.lines(ledger)] / law.minor_units
        amounts = f"{taken[0]:,.2f}" if len(np.unique(taken)) == 1 else f"{taken.min():,.2f} to {taken.max():,.2f}, {taken.sum():,.2f} in all"
        return f"{self.message}: {amounts}"


def _declare(ledger: Ledger, name: str, lines: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some lines declare a fact."""
    column = ledger.lines.facts.get(name)
    return np.zeros(len(lines), bool) if column is None else np.ones(len(lines), bool) if column.declared is None else column.declared[lines]


def assumptions(law: CompiledLaw, ledger: Ledger) -> Iterator[Assumption]:
    """What was assumed of facts that some lines do not declare."""
    for program in filter(ledger.speaks, range(len(law.programs))):
        name = law.programs[program].name
        for bit, outcomes in ledger.tally.rules_met(program):
            rule = law.rules[bit]
            assert rule is not None
            for test in (law.tests[number] for number in law.tests_of_rule[bit]):
                if test.if_declared:
                    message = f"{name}: {shown_rule(rule)} was taken to apply: {test.text.removesuffix(' if declared')}"
                    yield Assumption(message, f"declare {test.fact}", test.fact, outcomes)
            for fact in _contents(law, bit):
                by, others = f" ({', '.join(law.facts[fact].by)})" if law.facts[fact].by else "", law.facts[fact].rest_of
                message = f"{name}: {fact} is not declared, so {shown_rule(rule)} is charged on the whole value{by}"
                yield Assumption(message, f"declare {fact}", fact, outcomes, others)
                if any(other in ledger.lines.facts for other in others):
                    message = f"{name}: {fact} is not declared, so {shown_rule(rule)} is charged on what the other contents leave of the value{by}"
                    yield Assumption(message, f"declare {fact}", fact, outcomes, others, with_others=True)
    for presumption, outcomes in ledger.tally.presumptions():
        if ledger.speaks(presumption.program):
            yield Assumption(_presumed(law, presumption), f"declare {presumption.fact}", presumption.fact, outcomes)
    yield from _readings(law, ledger)


def _readings(law: CompiledLaw, ledger: Ledger) -> Iterator[Assumption]:
    """The facts that were read from the words of codes, for the lines on which a program that asks them applies."""
    for name, fact in law.facts.items():
        asking = {rule.program for bit in law.rules_asking(name) if (rule := law.rules[bit]) is not None}
        met = [outcomes for program in sorted(asking) if ledger.speaks(program) for _, outcomes in ledger.tally.rules_met(program)]
        if not met or fact.reading is None:
            continue
        for number, reading in enumerate(fact.readings):
            tag = "" if reading.tag == "P" else f" [{reading.tag}]"
            message = f'{name} was taken as {reading.says} from the words of the code, "{reading.words}"{tag}'
            supply = f"declare {name} if the goods are otherwise"
            assumed = Assumption(message, supply, name, np.logical_or.reduce(met), codes=fact.reading == number)
            if assumed.count(ledger):
                yield assumed


class AssumedFacts:
    """The facts assumed of lines, as text: ``texts`` by number, which begins with nothing assumed and grows as more lines are asked about."""

    def __init__(self) -> None:
        self.texts = [""]
        self._numbers = {"": 0}

    def of(self, ledger: Ledger) -> NDArray[np.int16]:
        """The number of the text of each line."""
        assumed = list(assumptions(ledger.law, ledger))
        names = sorted({each.fact for each in assumed})
        bits = np.zeros(len(ledger), np.int64)
        for each in assumed:
            bits[each.lines(ledger)] |= 1 << names.index(each.fact)
        distinct, of_line = np.unique(bits, return_inverse=True)
        texts = ["; ".join(name for place, name in enumerate(names) if word >> place & 1) for word in distinct.tolist()]
        for text in texts:
            if text not in self._numbers:
                self._numbers[text] = len(self.texts)
                self.texts.append(text)
        return np.array([self._numbers[text] for text in texts], np.int16)[of_line.reshape(-1)]


def _presumed(law: CompiledLaw, presumption: Presumption) -> str:
    """The words for a fact that is assumed, and what may apply if it is declared otherwise."""
    fact = law.facts[presumption.fact]
    by = f" ({', '.join(fact.by)})" if fact.by else ""
    rule = law.rules[presumption.instead] if presumption.instead >= 0 else None
    otherwise = f"{shown_rule(rule)} may apply" if rule else "another measure, or none, may apply"
    name = law.programs[presumption.program].name
    return f"{name}: {fact.name} is not declared and is taken as {fact.assumed_text}{by}; if it is otherwise, {otherwise}"


def _contents(law: CompiledLaw, bit: int) -> list[str]:
    """The facts that a rule's duty is charged on and that are the whole value where nobody declares them."""
    exact = law.duties.exact[law.rule_duty[bit]] if law.rule_duty[bit] >= 0 else None
    named = {amount.name for amount in exact.amounts() if amount.kind == MONEY_FACT} if exact else set()
    return sorted(name for name in named if law.facts[name].whole_value)


def shown_rule(rule: Rule) -> str:
    """A rule by its heading and the name of its measure."""
    return f"{rule.heading} {rule.measure}".strip()


def unknown_problems(law: CompiledLaw, ledger: Ledger, rows: NDArray[np.int64]) -> list[Problem]:
    """A problem for each program and reason, with the input rows it concerns."""
    found = []
    for number, program in enumerate(law.programs):
        for reason, lines in ledger.unknown_lines(number):
            for duty_text, those in _by_wording(law, ledger, number, reason, lines):
                code, message, supply = reason_words(law, reason, duty_text)
                found.append(Problem(rows[those], code, f"{program.name}: {message}", supply))
    return found


def agreed_notes(law: CompiledLaw, ledger: Ledger, rows: NDArray[np.int64]) -> list[Problem]:
    """A note for each program that is unknown on lines whose duty is known all the same, with the input rows it concerns."""
    found = []
    for number, program in enumerate(law.programs):
        for reason, lines in ledger.agreed_lines(number):
            if reason.kind != reasons.DEPENDS:
                _, message, supply = reason_words(law, reason)
                found.append(Problem(rows[lines], "same-duty", f"{program.name}: {sentence_of(message, _SAME)}", supply))
    return found


def _by_wording(law: CompiledLaw, ledger: Ledger, program: int, reason: Reason, lines: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Lines of one reason; where a duty is not held, or another line decides it, apart for each wording, since each may say where to look."""
    if not len(lines):
        return
    borrowed = reason.kind == reasons.MISSING_FACT and law.facts[reason.name].duty_of
    if reason.kind != reasons.NOT_HELD_LAW and not borrowed:
        yield "", lines
        return
    bits = ledger.rule_numbers(program)[lines]
    key = np.stack([np.where(law.rule_scheduled[bits] > 0, ledger.lines.segment[lines], -1), ledger.lines.spi[lines], bits], axis=1)
    _, first, row_of_line = np.unique(key, axis=0, return_index=True, return_inverse=True)
    texts = np.array([ledger.duty_text(int(lines[place]), int(bits[place])) for place in first])
    for text in dict.fromkeys(texts.tolist()):
        yield text, lines[(texts == text)[row_of_line.reshape(-1)]]
