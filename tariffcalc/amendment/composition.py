"""Scenarios together: where two of them change the same thing, and how that is told or settled.

Every change of each scenario is tried on the law by itself; two changes of different scenarios meet where
they change the same spell of a measure on the same days, the same row of a list, or what the other removes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from tariffcalc.amendment.additions import AddMeasure, AddProgram
from tariffcalc.amendment.change import Change
from tariffcalc.amendment.difference import NOT_IN_FORCE, Changed, changed_between
from tariffcalc.amendment.naming import check_acts
from tariffcalc.amendment.wording import kind_of
from tariffcalc.errors import ScenarioError, TariffError
from tariffcalc.law.act import Act
from tariffcalc.law.measure import Measure
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import Selection
from tariffcalc.moments import ALWAYS, show_moment

ORDERS = ("last", "first")
_MOST_WORDS = 3


class Source(NamedTuple):
    """Where a change comes from: the title of its scenario, its number from 1, what it says."""

    title: str
    number: int
    change: Change

    def __str__(self) -> str:
        return f"{self.title!r}, change {self.number}"


class Touch(NamedTuple):
    """What a change changes; ``scope`` is the part of a measure it is narrowed to, None for all of it."""

    source: Source
    changed: Changed
    scope: Measure | None = None


def begun(book: Rulebook, scenario: Part) -> tuple[Rulebook, str]:
    """The settled law with a scenario among its acts and in the chain of its amendments, and the id of that
    act."""
    title = scenario.title
    act = Act(
        id=f"scenario:{title}",
        kind="scenario",
        title=title,
        known=ALWAYS,
        citation="a scenario, not law",
        note=scenario.note,
    )
    book = book.settled()
    try:
        check_acts(book, scenario.by)
    except ScenarioError as error:
        raise ScenarioError(f"scenario {title!r}: by: {error}") from None
    words = (f"{title}: {change_in_words(change)}" for change in scenario.changes)
    book = replace(
        book,
        acts=book.acts | {act.id: act},
        changes=(*book.changes, title),
        changes_in_words=(*book.changes_in_words, *words),
    )
    return book, act.id


def change_in_words(change: Change) -> str:
    """A change in a few words, from its own keys.

    >>> from tariffcalc import Scenario
    >>> one = Scenario("x").set_duty("us.s122/surcharge", "15%", on_or_after="2026-03-01").changes[0]
    >>> change_in_words(one)
    'set duty us.s122/surcharge: 15%, on or after 2026-03-01'
    """
    words = []
    for key, value in change.written().items():
        if key == change.verb:
            continue
        if isinstance(value, dict):
            value = value.get("id") or value.get("program") or ", ".join(map(str, value))
        if isinstance(value, list | tuple):
            more = f" and {len(value) - _MOST_WORDS} more" if len(value) > _MOST_WORDS else ""
            value = ", ".join(map(str, value[:_MOST_WORDS])) + more
        words.append(str(value) if key in ("duty", "codes", "data", "measure") else f"{_plain(key)} {value}")
    return f"{_plain(change.verb)} {change.target}" + (f": {', '.join(words)}" if words else "")


def _plain(key: str) -> str:
    return key.replace("_", " ")


class Part(Protocol):
    """One scenario of several."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Its changes."""

    @property
    def note(self) -> str:
        """What is said of it."""

    @property
    def by(self) -> tuple[str, ...]:
        """The acts it goes back to."""

    def apply(self, book: Rulebook) -> Rulebook:
        """The amended rulebook."""


def combined(scenarios: Sequence[Any], order: str) -> dict[str, Any]:
    """The fields of a scenario made of several; raises ScenarioError where they are not two or more with
    titles of their own, or the order is none."""
    if order not in ("", *ORDERS):
        raise ScenarioError(f"order is {order!r}: give 'last' or 'first', the one that has its way")
    for each in scenarios:
        if not all(hasattr(each, name) for name in ("title", "changes", "parts")):
            raise ScenarioError(f"only scenarios can be combined, got {kind_of(each)}")
    if len(scenarios) < 2:
        raise ScenarioError(f"combining needs two scenarios or more, got {len(scenarios)}")
    parts = [
        part
        for each in (scenarios if order != "first" else reversed(scenarios))
        for part in (each.parts if each.parts and each.order in ("", order) else (each,))
    ]
    titles = [part.title for part in parts]
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise ScenarioError(
            f"two of the scenarios have the title {twice!r}: give one of them another, or leave it out"
        )
    return {
        "title": " + ".join(titles),
        "changes": tuple(change for part in parts for change in part.changes),
        "by": tuple(dict.fromkeys(act for part in parts for act in part.by)),
        "parts": tuple(parts),
        "order": order,
    }


def apply_together(parts: Sequence[Part], order: str, book: Rulebook) -> Rulebook:
    """The law amended by several scenarios; raises ScenarioError where two of them contradict each other and
    no order is asked for.

    A scenario that cannot be made on the law alone, since it changes what an earlier one adds, is tried on
    the law as amended by those.
    """
    book = book.settled()
    composed, found = book, list[list[Touch]]()
    for part in parts:
        if not order:
            try:
                found.append(list(touches(part, book)))
            except (TariffError, ValueError):
                with suppress(TariffError, ValueError):  # which is told when it is applied
                    found.append(list(touches(part, composed)))
            refuse_conflicts(found)
        composed = part.apply(composed)
    return composed


def touches(part: Part, book: Rulebook) -> Iterator[Touch]:
    """What each change of a scenario changes, one after the other; raises ScenarioError where one cannot be
    made."""
    book, act = begun(book, part)
    for number, change in enumerate(part.changes, start=1):
        amended = change.amended(book, act)
        source = Source(part.title, number, change)
        for changed in changed_between(book, amended):
            yield from _touch(source, changed, book, amended)
        book = amended


def _touch(source: Source, changed: Changed, book: Rulebook, amended: Rulebook) -> Iterator[Touch]:
    """The change; a measure copied for some goods or origins is a change of the measure it was copied
    from."""
    was, now = (each.programs.get(changed.program) for each in (book, amended))
    added = now.measure(changed.measure) if now and not (was and was.measure(changed.measure)) else None
    narrows = added and added.instead_of and not isinstance(source.change, AddMeasure | AddProgram)
    if added and narrows and was and was.measure(added.instead_of[0]):
        yield Touch(source, changed._replace(measure=added.instead_of[0]), added)
    elif changed.what[0] != "instead_of":  # the place of a copy among the measures around it
        yield Touch(source, changed)


def conflicts(found: Sequence[Sequence[Touch]]) -> Iterator[tuple[Touch, Touch]]:
    """The pairs of touches of different scenarios that meet, each pair of changes once."""
    seen: set[tuple[Any, ...]] = set()
    for place, later in enumerate(found):
        for earlier in found[:place]:
            for two in later:
                for one in earlier:
                    key = (one.source[:2], two.source[:2], one.changed.measure)
                    if key not in seen and _meet(one, two):
                        seen.add(key)
                        yield one, two


def _meet(one: Touch, two: Touch) -> bool:
    a, b = one.changed, two.changed
    if (a.program, a.measure) != (b.program, b.measure) or not (a.start < b.end and b.start < a.end):
        return False
    if one.scope and two.scope and _apart(one.scope, two.scope):
        return False
    if a.removes or b.removes:
        return True
    kind, *rest = a.what
    if kind != b.what[0]:
        return False
    if kind in ("list", "area"):
        items = str(rest[1]), str(b.what[2])
        return rest[0] == b.what[1] and (items[0].startswith(items[1]) or items[1].startswith(items[0]))
    return a.what == b.what


def _apart(one: Measure, two: Measure) -> bool:
    """Whether two measures cannot reach the same goods, by the codes or origins they name."""

    def apart(left: Selection, right: Selection, meet: Callable[[str, str], bool]) -> bool:
        if left.everything or right.everything or left.named or right.named:
            return False
        return not any(meet(each, other) for each in left.items for other in right.items)

    return apart(one.origin, two.origin, lambda a, b: a == b) or apart(
        one.products, two.products, lambda a, b: a.startswith(b) or b.startswith(a)
    )


def refuse_conflicts(found: Sequence[Sequence[Touch]]) -> None:
    """Raise ScenarioError with the first pair of changes that meet, and the number of the others."""
    pairs = list(conflicts(found))
    if not pairs:
        return
    one, two = pairs[0]
    more = f" (and {len(pairs) - 1} more)" if len(pairs) > 1 else ""
    raise ScenarioError(
        f"two scenarios contradict each other about {_subject(one.changed, two.changed)}:"
        f" {one.source} ({change_in_words(one.source.change)}; {_outcome(one.changed)}),"
        f" and {two.source} ({change_in_words(two.source.change)}; {_outcome(two.changed)}){more}; leave one"
        " out, or settle it with Scenario.combine(..., order='last') or order='first'"
    )


def _subject(one: Changed, two: Changed) -> str:
    start, end = max(one.start, two.start), min(one.end, two.end)
    name = (
        f"{one.program}/{one.measure}" if one.measure else one.program or f"the {one.what[0]} {one.what[1]}"
    )
    days = show_moment(start), show_moment(end)
    return f"{name} from {days[0]} to {days[1]}"


def _outcome(changed: Changed) -> str:
    if changed.what[0] != "spell":
        return changed.words
    return changed.after if changed.after == NOT_IN_FORCE else f"the duty becomes {changed.after}"
