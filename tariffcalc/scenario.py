"""A scenario: a dated amendment of the law, from Python or from a file, in the format of the seeds.

A scenario that does nothing, or more than it says, is refused: a misspelt key, a change that names no
measure, and one that falls on days on which the measure does not exist are errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import yaml

from tariffcalc.amendment import VERBS, Change
from tariffcalc.amendment.composition import apply_together, begun
from tariffcalc.amendment.methods import DutyVerbs
from tariffcalc.amendment.reading import place_of, read_change, read_file, read_scenario
from tariffcalc.amendment.together import Together
from tariffcalc.amendment.where import Where
from tariffcalc.amendment.wording import kind_of
from tariffcalc.amendment.written import meant
from tariffcalc.errors import ScenarioError, SeedError, TariffError
from tariffcalc.io.targets import write_whole
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.reading.yaml_text import Document


class _InFull(yaml.SafeDumper):
    """Writes every value in full, since a scenario file may have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@dataclass(frozen=True)
class Scenario(DutyVerbs, Together):
    """Changes to the law under a title; every method returns a new scenario.

    ``changes`` may be given as mappings in the form of a file; they are kept as frozen models (see
    ``tariffcalc.amendment``).  ``by`` names the acts the scenario goes back to. ``parts`` are the scenarios
    that it was made of with ``+`` or ``combine``, and ``order`` what settles where they meet.

    Raises
    ------
    ScenarioError
        With one sentence and its place, for whatever is no change.

    Examples
    --------
    >>> s = Scenario("India at 18%")
    >>> s = s.set_duty("us.ieepa.reciprocal/india-august", "18%", on_or_after="2026-02-07")
    >>> print(s.to_yaml())
    scenario: India at 18%
    changes:
    - set_duty: us.ieepa.reciprocal/india-august
      duty: 18%
      on_or_after: '2026-02-07'
    <BLANKLINE>
    >>> Scenario("x").set_duty("us.s122/surcharge", 0.15)
    Traceback (most recent call last):
    tariffcalc.errors.ScenarioError: scenario 'x', change 1: set_duty: duty: a duty is a text, got the number
    0.15: write '15%' if that is meant
    """

    title: str
    changes: tuple[Change, ...] = ()
    note: str = ""
    by: tuple[str, ...] = ()
    parts: tuple[Scenario, ...] = ()
    order: str = ""
    # of the changes in the file they were read from
    _places: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, given in (("title", self.title), ("note", self.note)):
            if not isinstance(given, str) or not (given.strip() or name == "note"):
                raise ScenarioError(f"the {name} of a scenario is a text, got {kind_of(given)}")
        if isinstance(self.by, str) or not all(isinstance(act, str) for act in self.by):
            raise ScenarioError(f"'by' is a list of acts, got {kind_of(self.by)}")
        object.__setattr__(self, "by", tuple(self.by))
        if not isinstance(self.changes, list | tuple):
            raise ScenarioError(
                f"scenario {self.title!r}: changes: expected a list of changes, got {kind_of(self.changes)}"
            )
        changes = tuple(read_change(given, self._place(number)) for number, given in enumerate(self.changes))
        object.__setattr__(self, "changes", changes)

    def set_duty(
        self,
        measure: str | Where,
        duty: str,
        on_or_after: Any = None,
        before: Any = None,
        origin: str | Sequence[str] | None = None,
        products: str | Sequence[str] | None = None,
    ) -> Scenario:
        """Give a measure (``program/measure``) another duty on the days of the window on which it is in
        force.

        A program without a measure, or a selection (``tariffcalc.where``), means every measure of it that
        charges something: exemptions stay exemptions.  ``origin`` and ``products`` narrow the change to some
        of the origins ("VN, TH") or codes ("6109, 6110") that a measure reaches; whatever displaces the
        measure displaces the narrowed one too, and what gives way to it gives way to the narrowed one.
        """
        narrowed = {"origin": origin, "products": products}
        return self._with(
            {"set_duty": measure, "duty": duty}, **narrowed, on_or_after=on_or_after, before=before
        )

    def extend(self, measure: str | Where, before: Any = None) -> Scenario:
        """Let the last spell of a measure, or of every measure of a program, run on to ``before`` (no end if
        left out)."""
        return self._with({"extend": measure}, before=before)

    def end(self, measure: str | Where, before: Any) -> Scenario:
        """End a measure, or every measure of a program: nothing of it is left from ``before`` on."""
        return self._with({"end": measure, "before": before})

    def add_measure(self, program: str, measure: Mapping[str, Any]) -> Scenario:
        """Add a measure to a program; the mapping has the form of a seed file.

        Beside `instead_of` it may say ``displaced_by``: measures or groups of the program that go before the
        new one; ``exemptions`` means every measure under which nothing is due.
        """
        return self._with({"add_measure": program, "measure": measure})

    def add_program(self, program: Mapping[str, Any]) -> Scenario:
        """Add a program; the mapping has the form of a seed file, and begins with its id (``program``)."""
        if not isinstance(program, Mapping) or "program" not in program:
            got = "no id" if isinstance(program, Mapping) else kind_of(program)
            raise ScenarioError(
                f"{self._place(len(self.changes))}add_program: expected a mapping that begins with program:"
                f" ID, got {got}"
            )
        return self._with({"add_program": program["program"], "data": program})

    def add_to_list(
        self, name: str, codes: str | Sequence[str], on_or_after: Any = None, before: Any = None
    ) -> Scenario:
        """Put codes on a product list; one code may be given as a text."""
        return self._with({"add_to_list": name, "codes": codes}, on_or_after=on_or_after, before=before)

    def remove_from_list(self, name: str, codes: str | Sequence[str], on_or_after: Any) -> Scenario:
        """Take codes off a product list from a day on, with all codes below them."""
        return self._with({"remove_from_list": name, "codes": codes, "on_or_after": on_or_after})

    def __getattr__(self, name: str) -> Any:
        """Refuse a verb that there is none of, with the one that may be meant."""
        near = "" if name.startswith("_") else meant(name, VERBS) or f"; verbs: {', '.join(VERBS)}"
        raise AttributeError(f"a scenario has no {name!r}{near}")

    def _with(self, change: dict[str, Any], **where_given: Any) -> Self:
        if self.parts:
            raise ScenarioError(
                f"scenario {self.title!r} is made of {len(self.parts)} scenarios and takes no further change:"
                " make another scenario of it, and add that"
            )
        given = {name: value for name, value in where_given.items() if value is not None}
        return replace(
            self, changes=(*self.changes, read_change(change | given, self._place(len(self.changes))))
        )

    def _place(self, number: int) -> str:
        return self._places[number] if number < len(self._places) else place_of(self.title, number)

    def to_yaml(self) -> str:
        """The scenario as a seed file writes it."""
        data: dict[str, Any] = {"scenario": self.title}
        data |= {"note": self.note} if self.note else {}
        data |= {"by": list(self.by)} if self.by else {}
        changes = [change.written() for change in self.changes]
        return yaml.dump(
            data | {"changes": changes}, Dumper=_InFull, sort_keys=False, allow_unicode=True, width=120
        )

    def write(self, path: str | Path) -> None:
        """Write the scenario to a file."""
        write_whole(path, self.to_yaml())

    @classmethod
    def read(cls, path: str | Path) -> Scenario:
        """A scenario from a YAML or JSON file; raises SeedError for bad YAML, and ScenarioError with file and
        line for an unknown change."""
        return cls._of(read_file(Path(path)))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Scenario:
        """A scenario from a mapping in the form of a file: ``scenario`` (its title) and ``changes``, perhaps
        ``note`` and ``by``."""
        return cls._of(Document(given, ""))

    @classmethod
    def _of(cls, document: Document) -> Scenario:
        written, changes, places = read_scenario(document)
        return cls(written.title or written.scenario, changes, written.note, written.by, _places=places)

    def apply(self, book: Rulebook) -> Rulebook:
        """The amended rulebook; raises ScenarioError for a change that names nothing or changes nothing."""
        if self.parts:
            return apply_together(self.parts, self.order, book)
        if not self.changes:
            return book
        book, act = begun(book, self)
        for number, change in enumerate(self.changes):
            place = f"{self._place(number)}{change.verb} {change.target}: "
            try:
                book = change.amended(book, act)
            except ScenarioError as error:
                raise ScenarioError(f"{place}{error}") from None
            except SeedError as error:
                raise ScenarioError(f"{place}{error.in_one_line}") from None
            except (TariffError, ValueError) as error:
                raise ScenarioError(f"{place}{' '.join(str(error).split())}") from None
        return book
