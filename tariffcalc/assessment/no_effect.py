"""Claims and facts that change nothing on a line: each is noted with the reason, since who claims something
expects it to count.

Where no rule in force asks for it on these goods of this origin, it cannot count.  Elsewhere it is tried: the
lines are given their outcome once more without it.  Only what is asserted is looked at (a claim, a yes, an
amount above nothing, a choice other than the one the law takes), never what describes every entry alike, such
as the mode of transport.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tariffcalc.assessment.asking import Asking, asking_for
from tariffcalc.compiled.answers import TRUE, holds
from tariffcalc.compiled.axes import Bools, Ints, day_classes
from tariffcalc.compiled.bitset import Bitset
from tariffcalc.compiled.law import LAW_DAY, CompiledLaw
from tariffcalc.compiled.lines import Columns, FactColumn
from tariffcalc.compiled.programs import Rule
from tariffcalc.declaration import Lines
from tariffcalc.declaration.columns import OPTIONAL, rows_by
from tariffcalc.declaration.known_facts import with_known_facts
from tariffcalc.declaration.problems import Problem
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.patterns.classify import group
from tariffcalc.engine.patterns.conditions import answer, claims_allowed
from tariffcalc.moments import show_moment

NO_EFFECT = "no-effect"
# lines whose displaced claims are looked at one by one; of more, the sentence names no measure
_MOST_TRIED = 100

NOT_THAT_DAY, NOT_THESE_GOODS, NOT_THIS_ORIGIN, DISPLACED = range(4)


def without_effect(law: CompiledLaw, ledger: Ledger, lines: Lines) -> list[Problem]:
    """A note for each claim and fact that changes nothing, and each reason, with the input rows it
    concerns."""
    found: list[Problem] = []
    for name, places in _asserted(law, lines):
        asking = asking_for(law, name)
        why = _why(law, lines, asking, places)
        tried = np.flatnonzero(why == DISPLACED)
        idle = ~asking.in_schedule[lines.columns.segment[places]]
        idle[tried] &= _ends_alike(law, ledger, lines, asking, name, places[tried])
        what = f"the claim {name}" if name in law.spis or law.facts[name].claim else f"the fact {name}"
        reasons = _reasons(law, ledger, lines, asking, places[idle], why[idle])
        for message, some in sorted(
            ((message, np.sort(np.concatenate(some))) for message, some in reasons.items()),
            key=lambda each: each[1][0],
        ):
            found.append(Problem(lines.rows[some], NO_EFFECT, f"{what} had no effect: {message}", ""))
    return found


def _asserted(law: CompiledLaw, lines: Lines) -> Iterator[tuple[str, Ints]]:
    """The special programs and facts that some lines assert, and the places of those lines."""
    refused = np.zeros(lines.problems.size, bool)
    for problem in lines.problems.noted:
        if problem.code == "claim-refused":
            refused[problem.rows] = True
    claimed = np.where(refused[lines.rows], -1, lines.columns.spi)
    for spi, places in rows_by(claimed, np.unique(claimed[claimed >= 0]).tolist()):
        yield law.spis[spi], places
    settled = OPTIONAL + _of_bounds(law)
    for name, column in lines.asserted.items():
        places = np.flatnonzero(_asserts(law, lines.columns, name, column))
        if len(places) and name not in settled:
            yield name, places


def _of_bounds(law: CompiledLaw) -> tuple[str, ...]:
    """The facts that only bounds of other facts ask for: declared, they do what they are for."""
    asked = {test.fact for test in law.tests}
    of_bounds = {test.fact for fact in law.facts.values() for bound in fact.bounds for test in bound.when}
    return tuple(sorted(of_bounds - asked))


def _asserts(law: CompiledLaw, lines: Columns, name: str, column: FactColumn) -> Bools:
    """Where a fact says more than the law takes without it."""
    fact = law.facts[name]
    says: Bools = np.ones(len(lines), bool) if column.declared is None else column.declared.copy()
    if fact.type != "choice":
        says &= column.values > 0
    if fact.assumed is not None:
        says &= column.values != fact.assumed
    if fact.whole_value:
        says &= column.values != lines.value
    if fact.implied is not None:
        says &= ~fact.implied[lines.code]
    for test in law.tests:
        # declared so, it replaces an assumption, which is what it is for
        if test.fact == name and test.if_declared:
            says &= holds(test, fact, column.values) == test.negated
    return says


def _ends_alike(
    law: CompiledLaw, ledger: Ledger, lines: Lines, asking: Asking, name: str, places: Ints
) -> Bools:
    """Whether each of some lines has the same outcome without the claim or fact, and no amount of that
    outcome is measured on it."""
    alike: Bools = ~_measured(law, ledger, asking)[ledger.outcome[places]]
    places = places[alike]
    here = lines.columns.take(places)
    declared = {each: column.take(places) for each, column in lines.asserted.items() if each != name}
    shipment = lines.columns.shipment[places] if len(lines.columns.shipment) else lines.columns.shipment
    bare = replace(
        here,
        shipment=shipment,
        facts=declared,
        spi=np.full(len(here), -1, np.int64) if name in law.spis else here.spi,
    )
    bare = with_known_facts(law, bare, None, None if lines.valued is None else lines.valued.take(places))
    alike[alike] = ledger.outcomes_of(bare) == ledger.outcome[places]
    return alike


def _measured(law: CompiledLaw, ledger: Ledger, asking: Asking) -> Bools:
    """Of each outcome that some line has, whether anything it charges is measured on the fact, or on a base
    that holds it [outcomes of the law]."""
    met = ledger.outcome_totals.met
    charging = ledger.charging(met)
    # the last place stands for -1
    of_contents = np.array([entry.content in asking.names for entry in law.stacking_rules] + [False])
    by_base = asking.bases[np.arange(len(law.programs))[:, None], charging.base]
    measured = np.zeros(int(met.max(initial=0)) + 1, bool)
    measured[met] = (
        charging.applies & (asking.by_amount[charging.rule] | by_base | of_contents[charging.content])
    ).any(axis=0)
    return measured


# --- why
# ------------------------------------------------------------------------------------------------------------


def _why(law: CompiledLaw, lines: Lines, asking: Asking, places: Ints) -> Ints:
    """Of each line, what keeps whatever asks from asking; DISPLACED where something does ask."""
    columns = lines.columns
    days = [
        day_classes(cuts, moments[places]) for cuts, moments in zip(law.day_cuts, columns.days, strict=True)
    ]
    product, origin = law.product_class[columns.code[places]], law.origin_class[columns.origin[places]]
    kind, first = group([product, origin, *days], len(places))
    in_force = (
        np.bitwise_and.reduce(
            [masks[classes[first]] for masks, classes in zip(law.day_masks, days, strict=True)]
        )
        & asking.rules
    )
    of_goods = in_force & law.product_possible[product[first]]
    of_origin = of_goods & law.origin_mask[origin[first]]
    silent = [~each.any(axis=1) for each in (in_force, of_goods, of_origin)]
    return np.asarray(np.select(silent, [NOT_THAT_DAY, NOT_THESE_GOODS, NOT_THIS_ORIGIN], DISPLACED)[kind])


def _reasons(
    law: CompiledLaw, ledger: Ledger, lines: Lines, asking: Asking, places: Ints, why: Ints
) -> dict[str, list[Ints]]:
    """The places by the sentence that says why."""
    found: dict[str, list[Ints]] = {}
    for reason, some in rows_by(why, np.unique(why).tolist()):
        if reason == NOT_THAT_DAY:
            for message, those in _by_day(law, asking, lines.columns.days[LAW_DAY][places[some]]):
                found.setdefault(message, []).append(places[some[those]])
        elif reason == DISPLACED:
            for message, those in _displaced(law, ledger, lines, asking, places[some]):
                found.setdefault(message, []).append(those)
        else:
            what = "these goods" if reason == NOT_THESE_GOODS else "goods of this origin"
            found.setdefault(f"nothing in force that day asks for it on {what}", []).append(places[some])
    return found


def _by_day(law: CompiledLaw, asking: Asking, days: Ints) -> Iterator[tuple[str, Ints]]:
    """What asks for it was in force before that day, or will be after it."""
    rules = [law.rules[bit] for bit in asking.bits]
    end = max((rule.end for rule in rules if rule), default=0)
    start = min((rule.start for rule in rules if rule), default=0)
    late, early = days >= end, days < start
    if rules and late.any():
        yield f"what asks for it applied to entries before {show_moment(end)}", np.flatnonzero(late)
    if rules and early.any():
        yield f"what asks for it applies to entries from {show_moment(start)}", np.flatnonzero(early)
    rest = np.flatnonzero(~(late | early)) if rules else np.arange(len(days))
    if len(rest):
        yield "nothing in force that day asks for it", rest


def _displaced(
    law: CompiledLaw, ledger: Ledger, lines: Lines, asking: Asking, places: Ints
) -> Iterator[tuple[str, Ints]]:
    """Which measure applies instead, or what else is required; one line of each outcome is looked at."""
    outcome = ledger.outcome[places]
    distinct, first = np.unique(outcome, return_index=True)
    if len(distinct) > _MOST_TRIED:
        yield "the duty is the same without it", places
        return
    for each, place in zip(distinct, places[first], strict=True):
        yield _instead(law, ledger, lines, asking, int(place)), places[outcome == each]


def _instead(law: CompiledLaw, ledger: Ledger, lines: Lines, asking: Asking, place: int) -> str:
    """Why the outcome is the same without the fact, though rules ask for it: another measure applies, one has
    ended, or more is required."""
    one, outcome = lines.columns.take(np.array([place])), int(ledger.outcome[place])
    if of_sum := _of_sum(law, one, asking.name):
        return of_sum
    day = int(one.days[LAW_DAY][0])
    of_goods = (
        law.product_possible[law.product_class[one.code[0]]]
        & law.origin_mask[law.origin_class[one.origin[0]]]
    )
    days = [
        masks[int(np.searchsorted(cuts, each[0], side="right"))]
        for cuts, masks, each in zip(law.day_cuts, law.day_masks, one.days, strict=True)
    ]
    in_force = np.bitwise_and.reduce(np.stack(days))
    allowed = claims_allowed(law, one)
    ended: list[Rule] = []
    missing = ""
    for bit in asking.bits:
        rule = law.rules[bit]
        if rule is None or not _holds(of_goods, bit):
            continue
        given = (
            (law.tests[number], answer(law.tests[number], law, one, allowed))
            for number in law.tests_of_rule[bit]
        )
        failing = next((test for test, each in given if int(np.reshape(each, -1)[0]) != TRUE), None)
        if not _holds(in_force, bit):
            ended += [rule] if failing is None and rule.end <= day else []
            continue
        if failing is not None:
            missing = missing or f"{_named(rule)} also requires {failing.text}"
            continue
        applied, stacked_out_by = ledger.decided_by(outcome, rule.program)
        if applied is not None and applied is not rule:
            return f"{_named(applied)} takes precedence"
        if stacked_out_by is not None:
            return f"{law.programs[rule.program].title} gives way to {law.programs[stacked_out_by.to].title}"
    if ended:
        last = max(ended, key=lambda rule: rule.end)
        return f"{_named(last)} applied to entries before {show_moment(last.end)}"
    return missing or "the duty is the same without it"


def _of_sum(law: CompiledLaw, one: Columns, name: str) -> str:
    """Why a fact that is a part of a sum settles nothing: it does not count for the goods, or another part is
    not declared; else empty."""
    for total, fact in law.facts.items():
        if name not in (part.fact for part in fact.sum_of):
            continue
        code = int(one.code[0])
        counting = [
            part.fact
            for part in fact.sum_of
            if part.perhaps[day_classes(part.cuts, one.days[part.axis])[0], code]
        ]
        if counting and name not in counting:
            return (
                f"of these goods {' and '.join(counting)} count{'s' if len(counting) == 1 else ''} in"
                f" {total}, and {name} does not"
            )
        lacking = [part for part in counting if not _declared(one, part)]
        if lacking and not _declared(one, total):
            return (
                f"{total} of these goods is known where {' and '.join(lacking)}"
                f" {'is' if len(lacking) == 1 else 'are'} declared too"
            )
    return ""


def _declared(one: Columns, name: str) -> bool:
    """Whether one line declares a fact."""
    column = one.facts.get(name)
    return column is not None and (column.declared is None or bool(column.declared[0]))


def _holds(words: Bitset, bit: int) -> bool:
    return bool((int(words[bit // 64]) >> (bit % 64)) & 1)


def _named(rule: Rule) -> str:
    title = rule.title or rule.measure
    return f"{rule.heading} {title}" if rule.heading else repr(title)
