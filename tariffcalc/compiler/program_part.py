"""One program compiled by itself: its rules as bits, and the bits that each class of every axis admits.

What is numbered through the whole law is named here and numbered when the parts are put together, so that a
part serves every law in which the program is the same: it is made of the seeds, or taken from a law that was
compiled before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tariffcalc.compiled.axes import Bools, Ints, cuts_of, window_truth
from tariffcalc.compiled.bitset import Bitset, alike, pack_bits
from tariffcalc.compiled.duties import CHARGED, MILLION
from tariffcalc.compiled.law import DAY_AXES, ENTRY_DAY, LAW_DAY, CompiledLaw
from tariffcalc.compiled.programs import Beside, Rule
from tariffcalc.compiler.duties import DutyReader, DutyRow
from tariffcalc.compiler.places import placed
from tariffcalc.compiler.precedence import Row, refuse_overlaps
from tariffcalc.compiler.rows import RuleRows
from tariffcalc.errors import SeedError
from tariffcalc.law.act import Act
from tariffcalc.law.measure_order import MeasureOrder
from tariffcalc.law.program import Program
from tariffcalc.moments import ALWAYS, NEVER
from tariffcalc.tags import least_certain

SCHEDULED = {None: 0, "general": 1, "special": 2, "column2": 3}


class Axis(NamedTuple):
    """The classes of the elements of an axis, and the rules that each class admits: surely and possibly (of
    origins and days the same)."""

    classes: Ints  # [elements]; of days the cuts between the classes
    definite: Bitset  # [classes, words]
    possible: Bitset


class ProgramPart(NamedTuple):
    """The rules of one program by bit, padded with none to whole words; at least one word."""

    rules: tuple[Rule | None, ...]
    duties: tuple[DutyRow | None, ...]  # of rules whose duty is not in the schedule
    scheduled: NDArray[np.int8]
    spis: tuple[str, ...]  # the special program whose rate it is; empty: that of the claim
    products: Axis
    origins: Axis
    days: tuple[Axis, ...]  # by kind of day

    @classmethod
    def of(
        cls,
        program: Program,
        number: int,
        rules: RuleRows,
        acts: Mapping[str, Act],
        duties: DutyReader,
        minor_units: int,
    ) -> ProgramPart:
        """Compile a program; raises SeedError for what is ambiguous, and what names nothing."""
        order = MeasureOrder.of(program)
        rows, truth = rules.of(program, order, acts), rules.truth
        refuse_overlaps(program, order, rows)
        size = -(-len(rows) // 64) * 64 or 64
        bits: list[Row | None] = [*rows, *[None] * (size - len(rows))]
        own = [row.spell.duty if row else None for row in bits]
        return cls(
            rules=tuple(_rule(row, number, minor_units) if row else None for row in bits),
            duties=tuple(_duty(row, duties) for row in bits),
            scheduled=np.array([SCHEDULED[duty.scheduled] if duty else 0 for duty in own], np.int8),
            spis=tuple(duty.spi if duty else "" for duty in own),
            products=_classes(
                [row.goods.definite for row in rows], [row.goods.possible for row in rows], size, truth.codes
            ),
            origins=_classes(
                [row.origins for row in rows], [row.origins for row in rows], size, truth.places
            ),
            days=tuple(_days([row.windows[axis] for row in rows], size) for axis in range(len(DAY_AXES))),
        )

    @classmethod
    def taken_from(cls, law: CompiledLaw, number: int, rows: Sequence[DutyRow]) -> ProgramPart:
        """A program of a law as it was compiled; ``rows`` are those of the duty table of the law."""
        words = law.programs[number].words
        bits = slice(words.start * 64, words.stop * 64)
        products = Axis(law.product_class, law.product_definite[:, words], law.product_possible[:, words])
        origins = Axis(law.origin_class, law.origin_mask[:, words], law.origin_mask[:, words])
        days = (
            _cut_where_it_changes(cuts, masks[:, words])
            for cuts, masks in zip(law.day_cuts, law.day_masks, strict=True)
        )
        return cls(
            rules=law.rules[bits],
            duties=tuple(rows[duty] if duty >= 0 else None for duty in law.rule_duty[bits].tolist()),
            scheduled=law.rule_scheduled[bits],
            spis=tuple(law.spis[spi] if spi >= 0 else "" for spi in law.rule_spi[bits].tolist()),
            products=products,
            origins=origins,
            days=tuple(days),
        )

    @property
    def words(self) -> int:
        """How many words the rules take."""
        return len(self.rules) // 64

    def numbered(self, number: int) -> tuple[Rule | None, ...]:
        """The rules, of the program that has a number."""
        if next((rule.program for rule in self.rules if rule), number) == number:
            return self.rules
        return tuple(rule and rule._replace(program=number) for rule in self.rules)

    def charged_on(self) -> set[str]:
        """The programs whose amounts the duties ask for."""
        return {
            amount.name
            for row in {*self.duties}
            if row and row.exact
            for amount in row.exact.amounts()
            if amount.kind == CHARGED
        }

    def rules_that(self, count: Callable[[Rule, DutyRow | None], bool]) -> Bitset:
        """The rules that count, as words."""
        truth = [
            rule is not None and count(rule, row) for rule, row in zip(self.rules, self.duties, strict=True)
        ]
        words: Bitset = pack_bits(np.array(truth)[None, :])[0]
        return words


def _duty(row: Row | None, duties: DutyReader) -> DutyRow | None:
    """The duty of a rule; none where it is in the schedule."""
    if row is None or row.spell.duty.scheduled is not None:
        return None
    try:
        return duties.row(row.spell.duty)
    except SeedError as error:
        raise placed(error, row.measure, f"{row.measure.id}: duty {row.spell.duty.text!r}", "C002") from None


def _classes(definite: list[Bools], possible: list[Bools], size: int, elements: int) -> Axis:
    """The elements of an axis by the rules that surely, and possibly, hold of them [rules][elements]."""
    sets = {id(each): each for each in (*definite, *possible)}  # many rules share one set
    place = {number: row for row, number in enumerate(sets)}
    truth = np.stack([np.zeros(elements, bool), *sets.values()], axis=1)  # [elements, nothing and the sets]
    classes, some = alike(pack_bits(truth))
    of_class = truth[some]
    columns = [
        [place[id(each)] + 1 for each in rules] + [0] * (size - len(rules)) for rules in (definite, possible)
    ]
    return Axis(classes, pack_bits(of_class[:, columns[0]]), pack_bits(of_class[:, columns[1]]))


def _days(windows: list[tuple[int, int]], size: int) -> Axis:
    cuts = cuts_of([*windows, (ALWAYS, NEVER)])
    truth = np.zeros((len(cuts) + 1, size), bool)
    if windows:
        truth[:, : len(windows)] = window_truth(cuts, windows)
    masks = pack_bits(truth)
    return Axis(cuts, masks, masks)


def _cut_where_it_changes(cuts: Ints, masks: Bitset) -> Axis:
    """The classes of days without the cuts at which nothing of these rules begins or ends."""
    real = (masks[1:] != masks[:-1]).any(axis=1) | (cuts == ALWAYS) | (cuts == NEVER)
    kept = masks[np.append(True, real)]
    return Axis(cuts[real], kept, kept)


def _rule(row: Row, program: int, minor_units: int) -> Rule:
    measure, spell = row.measure, row.spell
    start, end = min(row.windows[LAW_DAY], row.windows[ENTRY_DAY], key=lambda window: window[1] - window[0])
    limits = [
        None if limit is None else int(limit * minor_units)
        for limit in (spell.shipment_at_least, spell.shipment_at_most)
    ]
    return Rule(
        program, measure.id, measure.title, measure.heading, measure.nothing_due_under, spell.duty.text,
        start, end,
        (*spell.by, *(act for act in row.goods.by if act not in spell.by)),
        least_certain([spell.tag, row.goods.tag]),
        row.goods.note or spell.note or measure.note, limits[0], limits[1],
        Beside(measure.beside.heading, measure.beside.of, int(measure.beside.at_most * MILLION))
        if measure.beside else None,
    )  # fmt: skip
