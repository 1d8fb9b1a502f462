"""The other measures of a program that were considered for a line, and why they do not apply; and the
programs in force without a posting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tariffcalc.compiled.answers import FALSE, UNKNOWN
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.conditions import Test
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import ENTRY_DAY, LAW_DAY, LOADED, CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.compiled.programs import Rule
from tariffcalc.declaration.alternatives import cannot_be, values_otherwise
from tariffcalc.declaration.wording import acts_shown
from tariffcalc.engine.ledger.ledger import Posting
from tariffcalc.engine.patterns.conditions import Allowed, answer, claims_allowed
from tariffcalc.moments import show_moment

if TYPE_CHECKING:
    from tariffcalc.assessment.assessed import Assessed

Settled = Callable[[FactInfo, Test], bool]

# measures and programs named one by one in a short explanation; of measures for other goods only the number
# is given
MOST_NAMED = 2
FEW = 6  # choices of one fact that are named one by one
_OFF_LIST = "does not apply: this code is not on its list"
_NOT_CLAIMED = "not claimed"
_REQUIRES = "does not apply: it requires "
_ANOTHER = "does not apply: it requires another"
_WINDOW_JUST_CLOSED = 2 * 90  # moments: an in-transit window that ended within 90 days is worth a word


def considered(estimate: Assessed, place: int, posting: Posting, full: bool) -> Iterator[str]:
    """A sentence for each reason why other measures of the program do not apply that are in force for this
    origin and day.

    Measures for goods in transit are among them until 90 days after their end.  ``full`` names every measure.
    """
    ledger, _ = estimate.parts
    law = estimate.law
    number = law.program_index[posting.program]
    program = law.programs[number]
    one, settled = estimate.parts[1].columns.take(np.array([place])), settled_facts(estimate, place)
    allowed = claims_allowed(law, one)
    speaking = ledger.rule_numbers(number)[place]
    speaker = _name(posting.rule) if posting.rule else ""
    refusals: dict[str, list[str]] = {}
    said: set[str] = {posting.rule.measure} if posting.rule else set()
    for bit in range(program.words.start * 64, program.words.stop * 64):
        rule = law.rules[bit]
        if (
            rule is None
            or rule.measure in said
            or not _holds(law.origin_mask[law.origin_class[one.origin[0]]], bit)
        ):
            continue
        sentence = _refusal(law, one, settled, bit, rule, allowed, bit < speaking or speaking < 0, speaker)
        if sentence is not None:
            said.add(rule.measure)
            refusals.setdefault(sentence, []).append(_name(rule))
    merged = _one_of_many(refusals)
    if full:
        yield from (f"{'; '.join(names)}: {sentence}" for sentence, names in merged.items())
        return
    # what holds of nearly every line comes last, and is counted
    boilerplate = {_NOT_CLAIMED: _NOT_CLAIMED, _OFF_LIST: "not for this code"}
    yield from (
        f"{_shortened(names)}: {sentence}"
        for sentence, names in merged.items()
        if sentence not in boilerplate
    )
    counts = {words: len(merged[sentence]) for sentence, words in boilerplate.items() if sentence in merged}
    if counts:
        yield "; ".join(
            f"{words}: {count} measure{'' if count == 1 else 's'}" for words, count in counts.items()
        )


def _shortened(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    return "; ".join(
        names if len(names) <= MOST_NAMED + 1 else [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    )


def programs_without_posting(estimate: Assessed, place: int, speaking: set[str], full: bool) -> Iterator[str]:
    """The programs in force on the day that dates them, and not for this line; apart where the day of
    admission to a zone dates some of them."""
    law, days = estimate.law, estimate.parts[1].columns.days
    moments = [int(axis[place]) for axis in days]
    masks = [law.day_masks[axis][_class(law, axis, moments[axis])] for axis in (LAW_DAY, ENTRY_DAY)]
    in_force = masks[0] & masks[1]
    silent: dict[int, list[str]] = {}
    for program in law.programs:
        if program.name not in speaking and in_force[program.words].any():
            silent.setdefault(moments[program.axis], []).append(program.title)
    for moment, titles in sorted(silent.items()):
        yield (
            f"  In force on {show_moment(moment)}, but not for this line:"
            f" {'; '.join(titles) if full else _shortened(titles)}."
        )


def _one_of_many(refusals: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same, with measures that each ask for another choice of one fact under one sentence, where they are
    many."""
    choices: dict[str, list[str]] = {}
    for sentence in refusals:
        fact, asks, rest = sentence.removeprefix(_REQUIRES).partition(" is ")
        if asks and sentence.startswith(_REQUIRES) and not fact.startswith("not "):
            choices.setdefault(f"{_ANOTHER} {fact};{rest.partition(';')[2]}", []).append(sentence)
    merged = {
        sentence: short
        for short, sentences in choices.items()
        if len(sentences) > FEW
        for sentence in sentences
    }
    found: dict[str, list[str]] = {}
    for sentence, names in refusals.items():
        found.setdefault(merged.get(sentence, sentence), []).extend(names)
    return found


def _holds(words: Bitset, bit: int) -> bool:
    return bool((int(words[bit // 64]) >> (bit % 64)) & 1)


def _name(rule: Rule) -> str:
    return f"{rule.heading} {rule.title or rule.measure}".strip()


def _refusal(
    law: CompiledLaw,
    one: Columns,
    settled: Settled,
    bit: int,
    rule: Rule,
    allowed: Allowed,
    before: bool,
    speaker: str,
) -> str | None:
    """Why a rule of this origin does not apply: a sentence; None where its days are not near."""
    loaded = int(one.days[LOADED][0])
    in_days = [
        _holds(law.day_masks[axis][_class(law, axis, int(days[0]))], bit)
        for axis, days in enumerate(one.days)
    ]
    in_products = _holds(law.product_possible[law.product_class[one.code[0]]], bit)
    day = int(one.days[law.programs[rule.program].axis][0])
    if not (in_days[LAW_DAY] and in_days[ENTRY_DAY]):
        closed = day - rule.end
        transit = in_days[LOADED] and _has_loading_window(law, bit) and 0 <= closed <= _WINDOW_JUST_CLOSED
        return (
            f"does not apply: it covers goods in transit entered before {show_moment(rule.end)}"
            if transit and in_products
            else None
        )
    if not in_products:
        return _OFF_LIST
    if not in_days[LOADED]:
        declared = (
            f"loaded {show_moment(loaded)}"
            if loaded != int(one.days[ENTRY_DAY][0])
            else "no earlier day of loading is declared; the day of entry"
        )
        return f"does not apply: {declared} is outside its loading window"
    for wanted in (FALSE, UNKNOWN):
        for test in (law.tests[number] for number in law.tests_of_rule[bit]):
            given = answer(test, law, one, allowed)
            if (given if isinstance(given, int) else int(given[0])) == wanted:
                return _condition(law, one, settled, test, wanted)
    return f"does not apply: {speaker} applies instead" if not before else "not decided"


def _condition(law: CompiledLaw, one: Columns, settled: Settled, test: Test, value: int) -> str:
    """What a condition that does not hold asks, and what the line says."""
    if test.fact in law.facts and test.fact not in one.facts and settled(law.facts[test.fact], test):
        return (
            f"{_REQUIRES}{test.text}, which cannot be declared for this"
            f" line{acts_shown(law, _acts_of_bounds(law.facts[test.fact]))}"
        )
    declared = _declared(law, one, test.fact, value)
    plain = test.fact not in law.facts or (test.operator in ("true", "claim") and not test.negated)
    if plain and value == FALSE and test.fact in law.facts and test.fact not in one.facts:
        return _NOT_CLAIMED if law.facts[test.fact].claim else f"does not apply: {declared}"
    return f"does not apply: {declared}" if plain else f"{_REQUIRES}{test.text}; {declared}"


def _acts_of_bounds(fact: FactInfo) -> tuple[str, ...]:
    return tuple(dict.fromkeys(act for bound in fact.bounds for act in bound.by))


def settled_facts(estimate: Assessed, place: int) -> Settled:
    """Whether a fact that a line does not declare can be declared so that a condition holds; its whole
    shipment is looked at."""
    columns = estimate.parts[1].columns
    whole = len(columns.shipment) > 0
    lines = columns.take(
        np.flatnonzero(columns.shipment == columns.shipment[place]) if whole else np.array([place])
    )
    lines = replace(lines, shipment=np.zeros(len(lines) if whole else 0, np.int64))
    at = int((columns.shipment[:place] == columns.shipment[place]).sum()) if whole else 0

    def settled(fact: FactInfo, test: Test) -> bool:
        if fact.assumed is None or fact.claim or not fact.bounds:
            return False
        forbidden = cannot_be(estimate.law, lines, fact, values_otherwise(fact, [test]))
        return forbidden is not None and bool(forbidden[at])

    return settled


def _class(law: CompiledLaw, axis: int, moment: int) -> int:
    return int(np.searchsorted(law.day_cuts[axis], moment, side="right"))


def _has_loading_window(law: CompiledLaw, bit: int) -> bool:
    # the outer classes are before and after all time
    return not all(_holds(mask, bit) for mask in law.day_masks[LOADED][1:-1])


def _declared(law: CompiledLaw, one: Columns, name: str, value: int) -> str:
    """What the line says about a fact."""
    fact = law.facts.get(name)
    if fact is None:
        claimed = law.spis[one.spi[0]] if one.spi[0] >= 0 else ""
        if not claimed:
            return "no special program is claimed"
        return (
            f"{claimed} is claimed instead"
            if name in law.spis and name != claimed
            else f"{claimed} is claimed, which this line or this origin cannot claim"
        )
    if value == UNKNOWN:
        return "it is not declared, and the law assumes nothing"
    if name in one.facts or fact.share_of:
        if name in one.facts:
            return "something else is declared"
        part, whole = fact.share_of or ("", "")
        unit = whole.removeprefix("quantity ")
        return (
            f"the share of {part} in {whole} does not reach it"
            if unit == whole
            else f"the {part} of one {unit} is not in it"
        )
    return f"{name} is not declared, and the law assumes {fact.assumed_text}" + (
        f" ({', '.join(fact.by)})" if fact.by else ""
    )
