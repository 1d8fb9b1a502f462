"""The rulebook: one territory's law in memory, and the same law as it was known on an earlier day.

Nothing here is edited away.  ``as_known_on`` answers with what the public then knew: acts published later are
dropped, with the spells, list rows and schedule rows they made; an end that a later act set does not count
yet; and where two spells of one measure overlap, the later act wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from operator import is_
from typing import Any, TypeVar

from tariffcalc.law.act import Act
from tariffcalc.law.duty_phrases import DutyGrammar, DutyPhrase, grammar_of
from tariffcalc.law.fact import Fact
from tariffcalc.law.geography import Origin
from tariffcalc.law.line_limit import LineLimit
from tariffcalc.law.measure import Measure, Spell
from tariffcalc.law.program import Program, StackingEntry
from tariffcalc.law.schedule import Preference, Renumbered, TariffLine
from tariffcalc.law.selection import NamedSet
from tariffcalc.law.territory import Territory
from tariffcalc.law.valuation import ExchangeRate, TariffValue, Valuation
from tariffcalc.moments import NEVER
from tariffcalc.stored.frozen import NOT_STORED, FrozenDict
from tariffcalc.windows import Window

Dated = TypeVar("Dated", Spell, StackingEntry)


@dataclass(frozen=True, repr=False)
class Rulebook:
    """Everything the seeds of one territory say, read and typed."""

    territory: Territory
    acts: dict[str, Act]
    facts: dict[str, Fact]
    programs: dict[str, Program]
    stacking: tuple[StackingEntry, ...]
    groups: dict[str, NamedSet]
    lists: dict[str, NamedSet]
    origins: tuple[Origin, ...]
    schedule: tuple[TariffLine, ...]
    preferences: tuple[Preference, ...]
    known_on: int = NEVER
    changes: tuple[str, ...] = field(default=())
    changes_in_words: tuple[str, ...] = field(default=())
    valuation: Valuation | None = None
    exchange_rates: tuple[ExchangeRate, ...] = ()
    tariff_values: tuple[TariffValue, ...] = ()
    currencies: dict[str, str] = field(default_factory=dict)
    # names of agreements and preference programs, with the indicator that claims each
    spi_names: dict[str, str] = field(default_factory=dict)
    limits: tuple[LineLimit, ...] = ()
    renumbered: tuple[Renumbered, ...] = ()
    duty_phrases: tuple[DutyPhrase, ...] = ()
    settled_parts: Mapping[str, Any] = field(
        default_factory=FrozenDict, compare=False, repr=False, metadata=NOT_STORED
    )  # by field, once settled

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if type(value) is dict:
                object.__setattr__(self, each.name, FrozenDict(value))

    def __repr__(self) -> str:
        held = (
            f"{len(self.programs)} programs, {len(self.lists)} lists, {len(self.schedule):,} rows of the"
            " schedule"
        )
        return f"<Rulebook of {self.territory.title}: {held}>"

    @property
    def duty_grammar(self) -> DutyGrammar:
        """What the duty texts of the territory are read with."""
        return grammar_of(self.duty_phrases, self.territory.column_1)

    def as_known_on(self, known_on: int) -> Rulebook:
        """The law as the public knew it on that day [moment].

        A measure of which nothing was known yet stays, without history: what others are `instead_of` must
        still be found through it.
        """
        known = {act.id for act in self.acts.values() if act.known <= known_on}
        by_name: dict[str, Callable[[Any], Any]] = {
            "programs": lambda program: _known_program(program, known, self.acts),
            "groups": lambda group: _known_members(group, known),
            "lists": lambda each: _known_members(each, known),
        }
        in_order: dict[str, Callable[[Any], Iterable[Any]]] = {
            "stacking": lambda entries: (
                _ended_as_known(each, known) for each in entries if known.issuperset(each.by)
            ),
            "schedule": lambda lines: _known_lines(lines, known),
            "limits": lambda limits: _known_limits(limits, known),
            **dict.fromkeys(
                ("preferences", "exchange_rates", "tariff_values", "renumbered"),
                lambda rows: (row for row in rows if known.issuperset(row.by)),
            ),
        }
        acts = self.settled_parts.get("acts", {})
        done = (
            self.settled_parts
            if known_on == NEVER and all(self.acts.get(name) is act for name, act in acts.items())
            else {}
        )
        found: dict[str, Any] = {}
        for field_name, each_known in by_name.items():
            now, was = getattr(self, field_name), done.get(field_name, {})
            made = {name: each if was.get(name) is each else each_known(each) for name, each in now.items()}
            found[field_name] = now if now is was else FrozenDict(made)
        for field_name, all_known in in_order.items():
            now = getattr(self, field_name)
            found[field_name] = now if done.get(field_name) is now else tuple(all_known(now))
        return replace(
            self,
            **found,
            known_on=known_on,
            settled_parts=FrozenDict(found | {"acts": self.acts} if known_on == NEVER else {}),
        )

    def settled(self) -> Rulebook:
        """The same law with overlapping spells of each measure settled, ready to compile; what is settled
        already stays the same object."""
        return self if self.known_on < NEVER else self._settled

    @cached_property
    def _settled(self) -> Rulebook:
        settled = self.as_known_on(NEVER)
        vars(settled)["_settled"] = settled
        return settled


def _known_program(program: Program, known: set[str], acts: Mapping[str, Act]) -> Program:
    measures = tuple(_known_measure(measure, known, acts) for measure in program.measures)
    bases = tuple(base for base in program.charged_on if known.issuperset(base.by))
    ceased = program.ceased if program.ceased and known.issuperset(program.ceased.by) else None
    if bases == program.charged_on and ceased is program.ceased and all(map(is_, measures, program.measures)):
        return program
    return program.model_copy(update={"measures": measures, "charged_on": bases, "ceased": ceased})


def _known_measure(measure: Measure, known: set[str], acts: Mapping[str, Act]) -> Measure:
    spells = [
        spell
        for spell in measure.history
        if known.issuperset(spell.by) and not (spell.withdrawn_by and known.issuperset(spell.withdrawn_by))
    ]
    history = settle_spells([_ended_as_known(spell, known) for spell in spells], acts)
    same = len(history) == len(measure.history) and all(map(is_, history, measure.history))
    return measure if same else measure.model_copy(update={"history": history})


def _ended_as_known(dated: Dated, known: set[str]) -> Dated:
    """A spell or an entry of the stacking order; without its end as long as the act that set it is
    not known."""
    if known.issuperset(dated.ended_by):
        return dated
    return dated.model_copy(update={"entered": Window(on_or_after=dated.entered.on_or_after), "ended_by": ()})


def settle_spells(spells: Iterable[Spell], acts: Mapping[str, Act]) -> tuple[Spell, ...]:
    """Cut earlier-made spells where later-made ones cover the same days (and the same loading window)."""

    def made(spell: Spell) -> int:
        return max((acts[act].known for act in spell.by), default=0)

    settled: list[Spell] = []
    for spell in sorted(spells, key=made):
        left: list[Spell] = []
        for earlier in settled:
            apart = earlier.loaded != spell.loaded or earlier.exported != spell.exported
            if apart or earlier.entered.overlap(spell.entered) is None:
                left.append(earlier)
                continue
            left += [
                earlier.model_copy(update={"entered": piece}) for piece in earlier.entered.less(spell.entered)
            ]
        settled = [*left, spell]
    return tuple(sorted(settled, key=lambda spell: (spell.entered.on_or_after, spell.loaded.on_or_after)))


def _known_members(named: NamedSet, known: set[str]) -> NamedSet:
    members = []
    for member in named.members:
        if not known.issuperset(member.by):
            continue
        if not known.issuperset(member.ended_by):
            member = member._replace(end=NEVER, ended_by=())
        members.append(member)
    return named._replace(members=tuple(members))


def _known_lines(lines: Iterable[TariffLine], known: set[str]) -> Iterable[TariffLine]:
    for line in lines:
        if line.by and line.by not in known:
            continue
        if line.ended_by and line.ended_by not in known:
            line = line._replace(end=NEVER, ended_by="")
        if line.start < line.end:  # not a line that a correction with effect back to its first day ended
            yield line


def _known_limits(limits: Iterable[LineLimit], known: set[str]) -> Iterable[LineLimit]:
    for limit in limits:
        if known.issuperset(limit.by):
            yield limit if known.issuperset(limit.ended_by) else limit._replace(end=NEVER, ended_by=())
