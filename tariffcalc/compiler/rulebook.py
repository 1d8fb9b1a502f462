"""What turns the law into arrays: a Rulebook becomes a CompiledLaw.

Each program is compiled by itself: its spells are split where a product list or an area changes, put in order
of precedence, and laid out as bits. Then the parts are put side by side, each axis is cut into classes, and
what the programs share is numbered.  What is ambiguous is refused here, with file and line: a circle of
precedence, and two measures of one program that can meet on a line with neither said to displace the other.

An amended law is compiled from the law before it, of which everything is taken over that a scenario leaves
alone.  The result is the same, to the last number, as if all of it had been compiled from the seeds.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from tariffcalc.compiled.axes import CodeAxis
from tariffcalc.compiled.bitset import pack_bits
from tariffcalc.compiled.divided_line import DividedLine
from tariffcalc.compiled.facts import FactInfo
from tariffcalc.compiled.law import DAY_AXES, LAW_DAY, CompiledLaw
from tariffcalc.compiled.programs import ProgramInfo
from tariffcalc.compiler.before import RULES, Before
from tariffcalc.compiler.code_axis import code_axis
from tariffcalc.compiler.conditions import TestNumbers, with_answers
from tariffcalc.compiler.divided import days_of_change, divide
from tariffcalc.compiler.duties import DutyNumbers, DutyReader
from tariffcalc.compiler.facts import asking_axis, compile_facts
from tariffcalc.compiler.join import join_classes, join_days
from tariffcalc.compiler.limits import compile_limits
from tariffcalc.compiler.origins import (
    claimed_under,
    preferences,
    special_programs,
    without_its_own_parts,
)
from tariffcalc.compiler.program_info import levels_of_programs, program_info
from tariffcalc.compiler.program_part import Axis, ProgramPart
from tariffcalc.compiler.requirements import rules_by_condition
from tariffcalc.compiler.rows import RuleRows, day_axis
from tariffcalc.compiler.schedule import compile_schedule
from tariffcalc.compiler.sets import SetTruth, set_truth
from tariffcalc.compiler.stacking import compile_stacking
from tariffcalc.compiler.territory import territory_fields
from tariffcalc.compiler.valuation import compile_valuation
from tariffcalc.errors import CoverageError, SeedError
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import NEVER, show_moment

Fields = dict[str, Any]  # of a CompiledLaw, by name


def compile_rulebook(book: Rulebook, amends: tuple[CompiledLaw, Rulebook] | None = None) -> CompiledLaw:
    """A rulebook as arrays; raises SeedError with every finding.

    ``amends`` is a law that was compiled, and its rulebook: what stands in both rulebooks as the same object
    is not compiled again.
    """
    settled = book.settled()
    before = Before(amends[0], amends[1].settled(), settled) if amends else None
    return _Compilation(settled, before if before and before.has_same_axes else None).law()


class _Compilation:
    """One rulebook on its way to a law."""

    def __init__(self, settled: Rulebook, before: Before | None) -> None:
        self.book, self.inside = without_its_own_parts(settled)
        self.territory, self.before = self.book.territory, before
        if not self.book.schedule:
            raise CoverageError(
                f"no tariff line of {self.territory.title} is held as known on"
                f" {show_moment(self.book.known_on)}: give a later day"
            )
        if not self.book.programs:
            raise SeedError("no program has any measure")
        listed = {name: place for place, name in enumerate(self.territory.ledger_order)}
        self.names = sorted(self.book.programs, key=lambda name: (listed.get(name, len(listed)), name))
        self.program_index = {name: number for number, name in enumerate(self.names)}
        self.origins = tuple(origin.code for origin in self.book.origins)
        self.spis = special_programs(self.book)
        self.reader = DutyReader(self.book.facts, frozenset(self.names), self.territory.minor_units)
        self.tests, self.duties = TestNumbers(self.book.facts, self.spis), DutyNumbers()

    def law(self) -> CompiledLaw:
        """The law."""
        made = CompiledLaw(
            **self._of_territory(),
            **self._of_programs(),
            **self._of_schedule(),  # after the programs, of which the errors are told first
            **self._of_rules(),
            **self._of_axes(),
            **self._of_claims(),
        )
        made.memo.put(RULES, self.rule_rows)
        if self.before:
            self.before.hand_on(made)
        return made

    # --- what several fields are made of
    # -----------------------------------------------------------------------------------------------

    @cached_property
    def codes(self) -> CodeAxis:
        """The axis of codes."""
        return self.before.law.codes if self.before else code_axis(self.book)

    @cached_property
    def rule_rows(self) -> RuleRows:
        """The rules of measures under the lists and groups of the law."""
        return self.before.rules if self.before else RuleRows(set_truth(self.book, self.codes, self.origins))

    @property
    def truth(self) -> SetTruth:
        """The members of its lists and groups."""
        return self.rule_rows.truth

    @cached_property
    def parts(self) -> dict[str, ProgramPart]:
        """The programs, each compiled by itself; raises the errors of all programs together."""
        parts, errors = {}, []
        for number, name in enumerate(self.names):
            known = self.before.part(name) if self.before else None
            try:
                parts[name] = known or ProgramPart.of(
                    self.book.programs[name],
                    number,
                    self.rule_rows,
                    self.book.acts,
                    self.reader,
                    self.territory.minor_units,
                )
            except SeedError as error:
                errors.append(error)
        if errors:
            kind = type(errors[0]) if len({type(error) for error in errors}) == 1 else SeedError
            raise kind([finding for error in errors for finding in error.findings])
        return parts

    @cached_property
    def words(self) -> list[slice]:
        """The words of each program."""
        edges = np.cumsum([0, *(part.words for part in self.parts.values())]).tolist()
        return [slice(start, end) for start, end in pairwise(edges)]

    @cached_property
    def facts(self) -> dict[str, FactInfo]:
        """The facts by name."""
        if self.before and self.before.same("facts", "lists"):
            facts, programs = self.before.law.facts, self.book.programs.values()
            if all(
                part.axis == asking_axis(programs, name)
                for name, fact in facts.items()
                for part in fact.sum_of
            ):
                return facts
        return compile_facts(self.book, self.truth, self.tests)

    @property
    def schedule_axis(self) -> int:
        """The kind of day on which the schedule is read."""
        return (
            day_axis(self.book.programs[self.territory.column_1])
            if self.territory.column_1 in self.program_index
            else LAW_DAY
        )

    def _shared(self, name: str, array: Any) -> Any:
        return self.before.shared(name, array) if self.before else array

    def _shared_value(self, name: str, value: Any) -> Any:
        return self.before.shared_value(name, value) if self.before else value

    def _taken_over(self, names: tuple[str, ...], made_of: tuple[str, ...]) -> Fields | None:
        return self.before.fields(names, made_of) if self.before else None

    # --- the fields
    # --------------------------------------------------------------------------------------------------------

    def _of_territory(self) -> Fields:
        fields = territory_fields(self.book).items()
        return {name: self._shared_value(name, each) for name, each in fields} | {
            "column_1": self.program_index.get(self.territory.column_1, -1),
            "schedule_axis": self.schedule_axis,
            "origins": self.origins,
            "inside": self._shared_value("inside", self.inside),
        }

    def _of_programs(self) -> Fields:
        """The programs and the conditions: first those of bases are numbered, then those of rules, in the
        order of the bits."""
        programs, levels = self.book.programs, levels_of_programs(self.book.programs, self.parts)
        info: list[ProgramInfo] = [
            program_info(programs[name], words, levels[name], self.reader, self.tests)
            for name, words in zip(self.names, self.words, strict=True)
        ]
        masks = rules_by_condition(programs, self.parts, self.words, self.tests)
        tests = tuple(with_answers(self.tests.tests, self.facts, self.spis))
        return {
            "programs": self._shared_value("programs", tuple(info)),
            "program_index": self._shared_value("program_index", self.program_index),
            "tests": self._shared_value("tests", tests),
            "test_masks": self._shared("test_masks", pack_bits(masks)),
            "facts": self.facts,
        }

    def _of_schedule(self) -> Fields:
        """The schedule; its duties are numbered before all others, so that a change of programs leaves their
        numbers alone."""
        book, before = self.book, self.before
        if before:
            self.duties, segments = DutyNumbers(before.schedule_rows), before.law.segments
            code_index: dict[str, int] = before.law.code_index
        else:
            code_index = {code: number for number, code in enumerate(self.codes.codes)}
            segments = compile_schedule(
                book.schedule,
                self.codes,
                code_index,
                self.spis,
                self.reader,
                self.duties,
                book.duty_grammar,
            )
        limits = self._taken_over(("limits",), ("limits",)) or {
            "limits": compile_limits(book.limits, self.codes, self.territory.minor_units)
        }
        valuation = self._taken_over(
            ("valuation",), ("valuation", "exchange_rates", "tariff_values", "currencies")
        )
        valuation = valuation or {"valuation": compile_valuation(book, self.codes)}
        return {"codes": self.codes, "code_index": code_index, "segments": segments} | limits | valuation

    def _of_rules(self) -> Fields:
        parts = self.parts.values()
        duty = [self.duties.number(row) if row else -1 for part in parts for row in part.duties]
        spi = [self.spis.index(spi) if spi else -1 for part in parts for spi in part.spis]
        return {
            "rules": tuple(rule for number, part in enumerate(parts) for rule in part.numbered(number)),
            "rule_duty": self._shared("rule_duty", np.array(duty, np.int64)),
            "rule_spi": self._shared("rule_spi", np.array(spi, np.int64)),
            "rule_scheduled": self._shared(
                "rule_scheduled", np.concatenate([part.scheduled for part in parts])
            ),
            "duties": self.duties.table(),
        }

    def _of_axes(self) -> Fields:
        parts = self.parts.values()
        products, divided = divide(
            self.codes, join_classes([part.products for part in parts]), self.truth.below
        )
        origins = join_classes([part.origins for part in parts])
        days = self._days(divided)
        cuts = tuple(axis.classes for axis in days)
        return {
            "product_class": self._shared("product_class", products.classes),
            "product_definite": self._shared("product_definite", products.definite),
            "product_possible": self._shared("product_possible", products.possible),
            "divided": self._shared_value("divided", divided),
            "origin_class": self._shared("origin_class", origins.classes),
            "origin_mask": self._shared("origin_mask", origins.definite),
            "day_cuts": self._shared_value("day_cuts", cuts),
            "day_masks": self._shared_value("day_masks", tuple(axis.definite for axis in days)),
            "stacking_rules": self._shared_value(
                "stacking_rules",
                compile_stacking(self.book, self.parts, self.program_index, self.words, cuts),
            ),
        }

    def _days(self, divided: dict[int, DividedLine]) -> list[Axis]:
        """The days by kind; cut also where stacking changes, and where divided lines and sums do."""
        edges: list[set[tuple[int, int]]] = [set() for _ in DAY_AXES]
        edges[self.schedule_axis] |= days_of_change(divided)
        for entry in self.book.stacking:
            if entry.program in self.book.programs:
                edges[day_axis(self.book.programs[entry.program])].add(
                    (entry.entered.on_or_after, entry.entered.before)
                )
        for part in (part for fact in self.facts.values() for part in fact.sum_of):
            edges[part.axis].update((day, NEVER) for day in part.cuts.tolist())
        return [
            join_days([part.days[axis] for part in self.parts.values()], edges[axis])
            for axis in range(len(DAY_AXES))
        ]

    def _of_claims(self) -> Fields:
        book, spis = self.book, self.spis
        names = {name: spi for name, spi in book.spi_names.items() if spi in spis}
        allowed = self._taken_over(("spi_cuts", "spi_allowed"), ("preferences", "groups"))
        if allowed is None:
            cuts, allowed_in = preferences(book, spis, self.truth)
            allowed = {"spi_cuts": cuts, "spi_allowed": allowed_in}
        under = self._taken_over(("spi_under",), ("preferences", "lists")) or {
            "spi_under": claimed_under(book, spis, self.truth)
        }
        return {"spis": spis, "spi_names": names} | allowed | under
