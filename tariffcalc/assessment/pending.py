"""Changes that the law held makes on days after the last day through which it was read: they may have been
put off, repealed or widened since.

The law as written computes; what is said here is that nobody has seen whether it came so.  A rule in doubt
says that by itself and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.answers import TRUE
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns
from tariffcalc.compiled.programs import ProgramInfo
from tariffcalc.declaration.problems import Problem
from tariffcalc.engine.patterns.classify import goods_pairs
from tariffcalc.engine.patterns.conditions import answer, claims_allowed
from tariffcalc.moments import ALWAYS, NEVER, show_moment
from tariffcalc.tags import TAGS, UNCERTAIN


class Change(NamedTuple):
    """A measure that begins, ends or changes on a day after its program was last read: the rules that end and
    those that begin, by bit."""

    day: int
    program: int
    measure: str
    ends: tuple[int, ...]
    begins: tuple[int, ...]


def changes_after_review(law: CompiledLaw) -> tuple[Change, ...]:
    """Every change after the last day read, in order of days; worked out once for a law."""
    return law.memo.once("changes after review", lambda: tuple(_changes(law)))


def _changes(law: CompiledLaw) -> Iterator[Change]:
    found: dict[tuple[int, int, str], tuple[list[int], list[int]]] = {}
    for bit, rule in enumerate(law.rules):
        if rule is None:
            continue
        for side, day in enumerate((rule.end, rule.start)):
            if max(law.programs[rule.program].reviewed_through, ALWAYS) < day < NEVER:
                found.setdefault((day, rule.program, rule.measure), ([], []))[side].append(bit)
    for key, bits in sorted(found.items()):
        yield Change(*key, *map(tuple, bits))


def pending_notes(law: CompiledLaw, lines: Columns, rows: NDArray[np.int64]) -> list[Problem]:
    """A note for each change after the last day read that concerns goods entered since, with the input rows
    of those goods."""
    found: list[Problem] = []
    if not len(rows):
        return found
    latest = max(int(days.max()) for days in lines.days)
    for change in changes_after_review(law):
        if change.day > latest:
            break
        for what, bit, here in _on_lines(law, change, lines):
            rule = law.rules[bit]
            assert rule is not None
            named = f'{rule.heading} "{rule.title or rule.measure}"'.lstrip()
            program, day = law.programs[change.program], show_moment(change.day)
            read = show_moment(program.reviewed_through)
            message = (
                f"{program.title}: {named} {what} on {day}, by a text read by {read}; an extension or a later"
                " change was not seen"
            )
            found.append(
                Problem(rows[np.flatnonzero(here)], "pending-law", message, "look for acts published since")
            )
    return found


def _on_lines(
    law: CompiledLaw, change: Change, lines: Columns
) -> Iterator[tuple[str, int, NDArray[np.bool_]]]:
    """What a change does to which lines: its verb, a rule that shows it, and the lines."""
    since = lines.days[law.programs[change.program].axis] >= change.day
    ended, begun = (_covered(law, bits, lines, since) for bits in (change.ends, change.begins))
    after = np.logical_or.reduce([np.zeros(len(since), bool), *begun.values()])
    before = np.logical_or.reduce([np.zeros(len(since), bool), *ended.values()])
    same = np.logical_or.reduce(
        [np.zeros(len(since), bool), *(begun[duty] & ended[duty] for duty in begun.keys() & ended.keys())]
    )
    kinds = (
        ("ends", change.ends, before & ~after),
        ("begins", change.begins, after & ~before),
        ("changes", change.begins, after & before),
    )
    for what, bits, here in kinds:
        tags = {bit: TAGS.index(law.rules[bit].tag) for bit in bits}  # type: ignore[union-attr]
        certain = [bit for bit, tag in tags.items() if tag < UNCERTAIN]
        if certain and (here & ~same).any():
            yield what, certain[0], here & ~same


def _covered(
    law: CompiledLaw, bits: tuple[int, ...], lines: Columns, since: NDArray[np.bool_]
) -> dict[str, NDArray[np.bool_]]:
    """By duty, the lines since a day that some of these rules surely cover: goods, origin, and all that they
    require."""
    found: dict[str, NDArray[np.bool_]] = {}
    pairs = goods_pairs(law, lines)
    distinct, place = np.unique(pairs, return_inverse=True)
    products, origins = np.divmod(distinct, len(law.origin_mask))
    allowed = claims_allowed(law, lines)
    for bit in bits:
        rule = law.rules[bit]
        assert rule is not None
        word, mask = bit // 64, np.uint64(1) << np.uint64(bit % 64)
        meets = (law.product_possible[products, word] & law.origin_mask[origins, word] & mask) != 0
        here = since & meets[place]
        for number in law.tests_of_rule[bit] if here.any() else ():
            here = here & (np.asarray(answer(law.tests[number], law, lines, allowed)) == TRUE)
        found[rule.duty_text] = found.get(rule.duty_text, np.zeros(len(since), bool)) | here
    return found


def reviewed_through(programs: Iterable[ProgramInfo]) -> int:
    """The day through which most of some programs were read; of several such the earliest."""
    days = Counter(program.reviewed_through for program in programs)
    return min(days, key=lambda day: (-days[day], day))


def law_read(law: CompiledLaw, most: int = 8) -> str:
    """One line: through which day the law was read, and what it expected on later days."""
    kept = [program for program in law.programs if program.status != "absent"]
    through = reviewed_through(kept)
    others = [
        f"{program.title} to {show_moment(program.reviewed_through)}"
        for program in kept
        if program.reviewed_through != through
    ]
    expected: dict[int, dict[str, None]] = {}
    for change in changes_after_review(law):
        expected.setdefault(change.day, {}).setdefault(law.programs[change.program].title)
    days = [f"{show_moment(day)} {', '.join(titles)}" for day, titles in expected.items()]
    later = f"; and {len(days) - most} later days" if len(days) > most else ""
    but = f" ({', '.join(others)})" if others else ""
    return f"law read to {show_moment(through)}{but}" + (
        f"; expected since: {'; '.join(days[:most])}{later}" if days else ""
    )
