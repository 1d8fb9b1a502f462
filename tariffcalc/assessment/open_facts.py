"""Which facts a line leaves open, of those that decide an amount: what a line declares is not asked for
again.

Lines that declare different facts share an outcome, and so the reason why an amount is unknown.  Here they
are taken apart: by what they declare, and by whether their code is too short.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tariffcalc.compiled.answers import UNKNOWN
from tariffcalc.compiled.axes import Bools, Ints
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.engine import reasons
from tariffcalc.engine.ledger.ledger import Ledger
from tariffcalc.engine.outcomes.questions import TEN_DIGITS
from tariffcalc.engine.patterns.conditions import answer, claims_allowed
from tariffcalc.engine.reasons import Reason


def facts_at_stake(law: CompiledLaw, program: int, reason: Reason) -> tuple[str, ...]:
    """The facts that a reason names, or else those that its rule or the bases of its program ask for."""
    if reason.facts or reason.kind not in (reasons.DOUBTFUL_RULE, reasons.NO_BASE):
        return reason.facts
    of_bases = [number for base in law.programs[program].bases for number in base.conditions]
    tests = law.tests_of_rule[int(reason.name)] if reason.kind == reasons.DOUBTFUL_RULE else of_bases
    return tuple(
        dict.fromkeys(law.tests[number].fact for number in tests if law.tests[number].fact in law.facts)
    )


def to_declare(law: CompiledLaw, name: str) -> list[str]:
    """What the importer must declare for a fact to be known: the fact, or what it is worked out from; nothing
    where the law assumes it."""
    if name not in law.facts:
        return [name] if name.startswith("quantity_") else []
    fact = law.facts[name]
    if fact.share_of is None:
        return [name] if fact.must_be_declared else []
    parts = [
        part.replace(" ", "_") if part.startswith("quantity ") else part
        for part in fact.share_of
        if part != "value"
    ]
    return [each for part in parts for each in to_declare(law, part)]


def may_differ(law: CompiledLaw, ledger: Ledger, program: int, reason: Reason) -> bool:
    """Whether some lines of a reason may leave other facts open than the reason names."""
    if reason.kind not in (reasons.DOUBTFUL_RULE, reasons.NO_BASE):
        return False
    asked = facts_at_stake(law, program, reason)
    declared = ledger.lines.facts.keys() | {f"quantity_{name}" for name in ledger.lines.quantities}
    if any(declared & {fact, *to_declare(law, fact)} for fact in asked):
        return True
    by_code = any(
        law.facts[fact].implied is not None or law.facts[fact].read is not None
        for fact in asked
        if fact in law.facts
    )
    return not reason.facts and (by_code or not _concerns_every_code(law, reason))


def apart(
    law: CompiledLaw, ledger: Ledger, program: int, reason: Reason, lines: Ints
) -> Iterator[tuple[Reason, Ints]]:
    """The lines of a reason by the facts that they leave open, each part with the reason that names those
    facts and no others."""
    if not len(lines) or not may_differ(law, ledger, program, reason):
        yield reason, lines
        return
    asked, here = facts_at_stake(law, program, reason), ledger.lines.take(lines)
    left_open: dict[str, Bools] = {}
    for fact in asked:
        if fact != TEN_DIGITS:
            undecided = (
                np.ones(len(lines), bool) if reason.facts else _undecided(law, here, program, reason, fact)
            )
            for name in to_declare(law, fact):
                left_open[name] = left_open.get(name, np.zeros(len(lines), bool)) | (
                    undecided & ~_declares(here, name)
                )
    left_open[TEN_DIGITS] = (
        np.full(len(lines), TEN_DIGITS in asked) if reason.facts else ~_surely_concerned(law, here, reason)
    )
    names = list(left_open)
    kinds, kind = np.unique(np.stack([left_open[name] for name in names]), axis=1, return_inverse=True)
    for number, some in enumerate(kinds.T):
        facts = tuple(name for name, is_open in zip(names, some.tolist(), strict=True) if is_open)
        yield (reason._replace(facts=facts) if facts else reason), lines[kind.reshape(-1) == number]


def _declares(lines: Columns, name: str) -> Bools:
    """Which lines declare a fact or a quantity."""
    column = (
        lines.quantities.get(name.removeprefix("quantity_"))
        if name.startswith("quantity_")
        else lines.facts.get(name)
    )
    return (
        np.zeros(len(lines), bool)
        if column is None
        else np.ones(len(lines), bool)
        if column.declared is None
        else column.declared
    )


def _undecided(law: CompiledLaw, lines: Columns, program: int, reason: Reason, fact: str) -> Bools:
    """Which lines leave a condition on a fact undecided."""
    of_bases = [number for base in law.programs[program].bases for number in base.conditions]
    tests = law.tests_of_rule[int(reason.name)] if reason.kind == reasons.DOUBTFUL_RULE else of_bases
    allowed = claims_allowed(law, lines)
    answers = [
        answer(law.tests[number], law, lines, allowed) for number in tests if law.tests[number].fact == fact
    ]
    return np.asarray(
        np.logical_or.reduce(
            [
                np.full(len(lines), each) == UNKNOWN if isinstance(each, int) else each == UNKNOWN
                for each in answers
            ]
        )
    )


def _surely_concerned(law: CompiledLaw, lines: Columns, reason: Reason) -> Bools:
    """Whether the rule of a reason covers all ten-digit codes of each line."""
    if reason.kind != reasons.DOUBTFUL_RULE:
        return np.ones(len(lines), bool)
    word, bit = divmod(int(reason.name), 64)
    return np.asarray(
        (law.product_definite[law.product_class[lines.code], word] >> np.uint64(bit)) & np.uint64(1), bool
    )


def _concerns_every_code(law: CompiledLaw, reason: Reason) -> bool:
    if reason.kind != reasons.DOUBTFUL_RULE:
        return True
    word, bit = divmod(int(reason.name), 64)
    return bool(((law.product_definite[:, word] >> np.uint64(bit)) & np.uint64(1)).all())
