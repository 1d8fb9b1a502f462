"""The rules in which a law and an amendment of it differ.

What the two rulebooks hold as the same measure, under the same lists and groups, has the same rules in both
laws.  Of the other measures each rule has a *mark* that says all on which its amount depends but goods,
origins and days; a rule that has an equal in the other law (mark, goods, origins and days) is no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np

from tariffcalc.compiled.axes import Bools
from tariffcalc.compiled.law import DAY_AXES, CompiledLaw
from tariffcalc.compiler.before import says_the_same
from tariffcalc.compiler.duties import DutyRow, rows_of
from tariffcalc.engine.outcomes.certainty import least
from tariffcalc.law.measure import Measure
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.rulebook import Rulebook

# of a rulebook: where any other field differs, so may every line
_COMPARED = {
    "programs",
    "lists",
    "groups",
    "acts",
    "stacking",
    "changes",
    "changes_in_words",
    "settled_parts",
}
# of a law: what lines are read with
READ_WITH = (
    "territory", "title", "schedule_name", "currency", "minor_units", "round_to", "column_1", "schedule_axis",
    "held", "statistical_lines_held_before", "known_on", "codes", "code_index", "origins", "origin_names",
    "inside", "segments", "spis", "spi_cuts", "spi_allowed", "spi_under", "spi_names", "facts", "valuation",
    "limits", "renumbered", "certain_only",
)  # fmt: skip
# of a measure: its spells are compared as rules, its precedence as an order, and words change no amount
_APART = {"history", "instead_of", "title", "note", "file", "line"}
_ALWAYS_WHOLE = -1


class Law(NamedTuple):
    """A compiled law and the rulebook it was compiled from."""

    law: CompiledLaw
    book: Rulebook


class LiveRule(NamedTuple):
    """A rule of one of two laws: its mark; the codes it may, and surely does, cover; origins; by kind of day
    the classes of days, None for all."""

    side: int
    mark: Any
    possible: Bools
    definite: Bools
    origins: Bools
    days: tuple[Bools | None, ...]
    key: tuple[Any, ...]


def reads_alike(before: CompiledLaw, after: CompiledLaw) -> bool:
    """Whether both laws read every table alike, so that lines read under one can be assessed under the
    other."""
    return all(_alike_in_law(getattr(before, name), getattr(after, name)) for name in READ_WITH)


def _alike_in_law(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, dict):
        return list(one) == list(other) and all(_alike_in_law(one[name], other[name]) for name in one)
    return not is_dataclass(one) and says_the_same(one, other)


def changed_rules(before: Law, after: Law) -> list[LiveRule] | None:
    """The rules that one of two laws has and the other has not; None where more than rules differs."""
    books = before.book.settled(), after.book.settled()
    others = [each.name for each in fields(Rulebook) if each.name not in _COMPARED]
    if not all(_same(getattr(books[0], name), getattr(books[1], name)) for name in others):
        return None
    if any(not _same(act, books[1].acts.get(name)) for name, act in books[0].acts.items()):
        return None
    stacked = _programs_of_changed_entries(books[0].stacking, books[1].stacking)
    if stacked is None:
        return None
    sets = _changed_names(*books)
    found: tuple[list[LiveRule], list[LiveRule]] = ([], [])
    for name in dict.fromkeys([*books[0].programs, *books[1].programs]):
        pair = tuple(book.programs.get(name) for book in books)
        measures = None if name in stacked else _changed_measures(pair, sets)
        if measures is not None and not measures:
            continue
        for side, law in enumerate((before.law, after.law)):
            if pair[side] is not None:
                found[side].extend(_rules(law, side, name, measures))
    return _without_equals(*found)


def _same(one: Any, other: Any) -> bool:
    return one is other or bool(one == other)


def _programs_of_changed_entries(
    before: tuple[StackingEntry, ...], after: tuple[StackingEntry, ...]
) -> set[str] | None:
    """The programs of the entries of the stacking order that only one law has; None where the others stand in
    another order."""
    if before is after or before == after:
        return set()
    left = [each for each in before if each not in after]
    right = [each for each in after if each not in before]
    if [each for each in before if each in after] != [each for each in after if each in before]:
        return None
    return {each.program for each in (*left, *right)}


def _changed_names(before: Rulebook, after: Rulebook) -> set[tuple[str, str]]:
    """The lists and groups that are not the same in both."""
    return {
        (kind, name)
        for kind in ("lists", "groups")
        for one, other in [(getattr(before, kind), getattr(after, kind))]
        for name in {**one, **other}
        if not _same(one.get(name), other.get(name))
    }


def _changed_measures(pair: tuple[Program | None, ...], sets: set[tuple[str, str]]) -> dict[str, int] | None:
    """The measures of a program whose rules may differ, each with a number that is 0 where only its days and
    duties do; None for all of them, as if no measure were in both."""
    before, after = pair
    if before is None or after is None or not _same_but_for_measures(before, after):
        return None
    old, new = ({each.id: each for each in program.measures} for program in (before, after))
    changed: dict[str, int] = {}
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if one is not None and one is other and not _names(one, sets):
            continue
        changed[name] = int(one is None or other is None or not _alike(one, other))
    both = [name for name in old if name in new]
    reordered = any(old[name].instead_of != new[name].instead_of for name in both)
    if reordered and _order(before, both) != _order(after, both):
        return None
    return changed


def _same_but_for_measures(before: Program, after: Program) -> bool:
    return before is after or all(
        getattr(before, name) == getattr(after, name)
        for name in Program.model_fields
        if name not in ("measures", "file", "note", "title")
    )


def _alike(one: Measure, other: Measure) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in Measure.model_fields if name not in _APART
    )


def _names(measure: Measure, sets: set[tuple[str, str]]) -> bool:
    return any(("lists", name) in sets for name in measure.products.names) or any(
        ("groups", name) in sets for name in measure.origin.names
    )


def _order(program: Program, names: Iterable[str]) -> set[tuple[str, str]]:
    """Which of some measures displaces which."""
    order, some = MeasureOrder.of(program), list(names)
    return {(one, other) for one in some for other in some if order.displaces(one, other)}


def _rules(law: CompiledLaw, side: int, program: str, measures: dict[str, int] | None) -> Iterator[LiveRule]:
    """The rules of some measures of a program, or of all of them."""
    number = law.program_index[program]
    words = law.programs[number].words
    duties: list[DutyRow] = rows_of(law.duties)
    for bit in range(words.start * 64, words.stop * 64):
        rule = law.rules[bit]
        if rule is None or (measures is not None and rule.measure not in measures):
            continue
        version = _ALWAYS_WHOLE if measures is None else measures[rule.measure]
        duty = int(law.rule_duty[bit])
        spi = int(law.rule_spi[bit])
        mark = (
            program,
            rule.measure,
            (version, side) if version else 0,
            duties[duty] if duty >= 0 else None,
            int(law.rule_scheduled[bit]),
            law.spis[spi] if spi >= 0 else "",
            rule.shipment_at_least,
            rule.shipment_at_most,
            least(law, rule.tag, rule.by),
        )
        yield _live(law, side, mark, bit)


def _live(law: CompiledLaw, side: int, mark: Any, bit: int) -> LiveRule:
    word, place = bit // 64, np.uint64(1) << np.uint64(bit % 64)

    def has(masks: Any) -> Bools:
        return np.asarray((masks[:, word] & place) != 0)

    possible = has(law.product_possible)[law.product_class]
    definite = has(law.product_definite)[law.product_class]
    origins = has(law.origin_mask)[law.origin_class]
    days: list[Bools | None] = []
    spells: list[tuple[int, ...]] = []
    for axis in range(len(DAY_AXES)):
        classes = has(law.day_masks[axis])
        edges = np.flatnonzero(np.diff(classes))
        days.append(None if classes.all() else classes)
        spells.append((int(classes[0]), *law.day_cuts[axis][edges].tolist()))
    key = (mark, possible.tobytes(), definite.tobytes(), origins.tobytes(), *spells)
    return LiveRule(side, mark, possible, definite, origins, tuple(days), key)


def _without_equals(before: list[LiveRule], after: list[LiveRule]) -> list[LiveRule]:
    """The rules that have no equal on the other side."""
    counts = Counter(rule.key for rule in before), Counter(rule.key for rule in after)
    return [rule for rule in (*before, *after) if counts[0][rule.key] != counts[1][rule.key]]
