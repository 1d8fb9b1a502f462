"""The verbs that add law: a measure of a program, a program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field, model_validator

from tariffcalc.amendment.change import Change
from tariffcalc.amendment.naming import (
    check_acts,
    check_amounts,
    check_conditions,
    check_days,
    check_duty,
    check_origins,
    check_products,
    find_program,
)
from tariffcalc.amendment.wording import Text, kind_of
from tariffcalc.amendment.written import WrittenMeasure, WrittenProgram, meant
from tariffcalc.errors import ScenarioError
from tariffcalc.law.measure import Measure
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.programs import measure_data, program_of
from tariffcalc.reading.yaml_text import Document

_EXEMPTIONS = "exemptions"


class AddMeasure(Change):
    """A further measure of a program, in the form of a seed file."""

    verb: ClassVar[str] = "add_measure"

    program: Text = Field(alias="add_measure")
    measure: WrittenMeasure

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the measure."""
        program = find_program(book, self.program)
        if program.measure(self.measure.id) is not None:
            raise ScenarioError(
                f"{program.program} already has a measure {self.measure.id!r}: give the new one another id,"
                " or use set_duty"
            )
        document = Document(None, act)
        measure = document.read(
            Measure, measure_data(document, _measure(self.measure, act), book.duty_grammar, ())
        )
        _check(book, measure, program)
        names = {name for each in program.measures for name in (each.id, each.group) if name}
        for name in (*self.measure.instead_of, *self.measure.displaced_by):
            if name not in names and not (name == _EXEMPTIONS and name not in self.measure.instead_of):
                raise ScenarioError(f"{program.program} has no measure or group {name!r}{meant(name, names)}")
        kept = tuple(_before(each, measure.id, self.measure.displaced_by) for each in program.measures)
        if _EXEMPTIONS in self.measure.displaced_by and kept == program.measures:
            raise ScenarioError(
                f"{program.program} has no measure under which nothing is due: leave 'exemptions' out of"
                " displaced_by"
            )
        amended = program.model_copy(update={"measures": (*kept, measure)})
        return replace(book, programs=book.programs | {program.program: amended})


class AddProgram(Change):
    """A further program, in the form of a seed file."""

    verb: ClassVar[str] = "add_program"

    program: Text = Field(alias="add_program")
    data: WrittenProgram

    @model_validator(mode="before")
    @classmethod
    def _named_once(cls, given: Any) -> Any:
        """The id is given with the verb; in the data it may be left out, and must not be another."""
        if not (isinstance(given, dict) and cls.verb in given and isinstance(given.get("data"), dict)):
            return given
        name, data = given[cls.verb], given["data"]
        if data.get("program", name) != name:
            raise ValueError(
                f"the id is {kind_of(name)} beside the verb and {kind_of(data['program'])} in the data: write"
                " one of them"
            )
        return given | {"data": {"program": name} | data}

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law with the program."""
        if self.program in book.programs:
            raise ScenarioError(
                f"there already is a program {self.program!r}: use add_measure or set_duty, or give it"
                " another id"
            )
        data = self.data.written()
        data = {
            "title": self.program,
            "authority": act,
            "reviewed": {"through": "9999-12-31", "against": act},
        } | data
        data["charged_on"] = [base.written() for base in self.data.charged_on]
        for written in self.data.measures:
            if written.displaced_by:
                raise ScenarioError(
                    f"{written.id}: displaced_by is for measures of a program in force; say it by instead_of"
                    " in the program"
                )
        data["measures"] = [_measure(measure, act) for measure in self.data.measures]
        program = program_of(Document(None, act), data, book.duty_grammar)
        for measure in program.measures:
            _check(book, measure, program)
        for base in program.charged_on:
            check_conditions(book, base.when)
            check_amounts(book, [term.of for term in base.base], self.program)
        check_acts(book, _acts_beside(program))
        return replace(book, programs=book.programs | {program.program: program})


def _measure(written: WrittenMeasure, act: str) -> dict[str, Any]:
    """The mapping of a seed file; a spell that names no act cites the scenario."""
    data = written.written()
    data.pop("displaced_by", None)
    return data | {"history": [{"by": [act]} | spell for spell in data["history"]]}


def _check(book: Rulebook, measure: Measure, program: Program) -> None:
    """Refuse a measure that names what is not there, or that has a spell outside the days held."""
    check_origins(book, measure.origin)
    check_products(book, measure.products)
    check_conditions(book, measure.requires)
    for spell in measure.history:
        check_days(book, spell.entered)
        check_duty(book, program, spell.duty)
        check_acts(book, (*spell.by, *spell.ended_by, *spell.withdrawn_by))


def _acts_beside(program: Program) -> list[str]:
    """The acts that a program cites outside its measures."""
    ceased, credit = program.ceased, program.creditable
    cited = [*(each.by for each in program.charged_on), *(each.by for each in program.drawback)]
    return [
        act for acts in (*cited, ceased.by if ceased else (), credit.by if credit else ()) for act in acts
    ]


def _before(measure: Measure, added: str, displaced_by: tuple[str, ...]) -> Measure:
    """The measure, marked as instead of the added one if it is among those that displace it."""
    exempt = (
        _EXEMPTIONS in displaced_by
        and bool(measure.history)
        and all(spell.duty.is_none for spell in measure.history)
    )
    if not (exempt or measure.id in displaced_by or (measure.group and measure.group in displaced_by)):
        return measure
    return measure.model_copy(update={"instead_of": (*measure.instead_of, added)})
