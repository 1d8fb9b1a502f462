"""Which provisions changed what a line owes between two days, and by which acts.

The line is estimated on every day on which the law changes; where the amount of a program moves from one of
them to the next, the provisions before and after are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tariffcalc.assessment.assessed import Assessed
from tariffcalc.assessment.assumptions import AssumedFacts
from tariffcalc.codes import origin_title, plain_code
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.law_words import law_in_words
from tariffcalc.engine.ledger.ledger import Posting
from tariffcalc.engine.ledger.posting_columns import GAVE_WAY, UNKNOWN
from tariffcalc.errors import ShipmentError
from tariffcalc.law.measure import Measure
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.moments import ALWAYS, NEVER, day_of, moment_of_day, parse_moment, show_moment
from tariffcalc.panel.request import check_facts
from tariffcalc.panel.spells import days_of_change
from tariffcalc.panel.timeline import PRICE, check_value, estimated, every_day

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "day", "program", "measure_before", "measure_after", "duty_before", "duty_after",
    "rate_change", "acts", "assumed",
)  # fmt: skip


def what_changed(
    law: CompiledLaw,
    book: Rulebook,
    commodity: str,
    origin: str,
    from_: Any,
    to: Any,
    value: Any = PRICE,
    **facts: Any,
) -> pd.DataFrame:
    """Which provisions changed what a line owes between two days (see ``Tariff.what_changed``)."""
    import pandas as pd

    check_facts(law, facts)
    check_value(value)
    first, last = _day("from_", from_), _day("to", to)
    if last <= first:
        raise ShipmentError(
            f"from_ is {show_moment(first)} and to is {show_moment(last)}: from_ must be the earlier day"
        )
    columns = {"commodity": commodity, "origin": origin, "value": str(value), **facts}
    ends = [show_moment(first), show_moment(last)]
    assessed = estimated(law, columns | {"entered": ends})
    assessed.raise_refused()  # a code that is not in force on one of the days, for example
    lines = assessed.parts[1].columns
    seasonal = law.limits.seasonal[lines.code].any()
    held = every_day(law) if seasonal else [str(day) for day in days_of_change(law)]
    days = [ends[0], *(day for day in held if ends[0] < day < ends[1]), ends[1]]
    assessed = estimated(law, columns | {"entered": days})
    goods = _Goods(book, plain_code(commodity), law.origins[lines.origin[0]])
    rows = list(_rows(assessed, goods, days, float(value)))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"rate_change": float})
    table.attrs = {
        "commodity": commodity,
        "origin": origin_title(law.origin_names, goods.origin),
        "from": ends[0],
        "to": ends[1],
        "law": law_in_words(law),
    }
    return table


def _rows(assessed: Assessed, goods: _Goods, days: list[str], value: float) -> Iterator[dict[str, Any]]:
    """A row for each program of which the amount moves from one day to the next."""
    ledger, declared = assessed.parts
    assumed = AssumedFacts()
    of_line = assumed.of(ledger)
    before: dict[str, Posting] = {}
    for place, postings in enumerate(ledger.postings_by_line()):
        after = {each.program: each for each in postings}
        day = days[declared.rows[place]]
        for program in assessed.law.programs if place else ():
            was, now = before.get(program.name), after.get(program.name)
            if not _moved(was, now):
                continue
            known = (was is None or was.amount is not None) and (now is None or now.amount is not None)
            change = float(assessed.money(_amount(now) - _amount(was))) / value if known else None
            yield {
                "day": day,
                "program": program.name,
                "measure_before": was.measure if was else "",
                "measure_after": now.measure if now else "",
                "duty_before": _duty_in_words(was),
                "duty_after": _duty_in_words(now),
                "rate_change": change,
                "acts": " ".join(goods.acts_between(program.name, day, was, now)),
                "assumed": assumed.texts[of_line[place]],
            }
        before = after


def _day(name: str, given: Any) -> int:
    try:
        return moment_of_day(day_of(parse_moment(given)))
    except ValueError as error:
        raise ShipmentError(f"{name}: {error}") from None


def _amount(posting: Posting | None) -> int:
    return posting.amount or 0 if posting else 0


def _moved(was: Posting | None, now: Posting | None) -> bool:
    """Whether what a program charges moves: its amount, or the provision behind an unknown one."""
    unknown = [posting is not None and posting.amount is None for posting in (was, now)]
    if unknown[0] != unknown[1]:
        return True
    if all(unknown):
        assert was and now
        return (was.measure, was.duty_text) != (now.measure, now.duty_text)
    return _amount(was) != _amount(now)


def _duty_in_words(posting: Posting | None) -> str:
    """What a program says of the line: its duty, and whether it gives way or is unknown."""
    if posting is None:
        return "none"
    if posting.outcome == GAVE_WAY and posting.stacked_out_by is not None:
        return f"{posting.duty_text}, gives way"
    return f"{posting.duty_text}, unknown" if posting.outcome == UNKNOWN else posting.duty_text


class _Goods(NamedTuple):
    """The goods asked about, and the rulebook in which the acts of a change are looked up."""

    book: Rulebook
    code: str
    origin: str

    def acts_between(
        self, program: str, day: str, was: Posting | None, now: Posting | None
    ) -> tuple[str, ...]:
        """The acts that made, ended or displaced a provision on the day; where none is dated so, those that
        the provision after the change goes back to, or the one before it."""
        cited_before, cited = (tuple(_cited(posting)) for posting in (was, now))
        found = [act for act in cited if act not in cited_before]
        replaced = not (found and was and now and was.measure == now.measure)
        for posting in (was, now) if replaced else ():
            measure = self.book.programs[program].measure(posting.measure) if posting else None
            found += self._dated(measure, day) if measure else ()
        if not now and (ceased := self.book.programs[program].ceased) and _is_on(ceased.before, day):
            found += ceased.by
        return tuple(dict.fromkeys(found or cited or cited_before))

    def _dated(self, measure: Measure, day: str) -> Iterator[str]:
        """The acts that begin or end a spell of the measure, or the place of the goods on its lists, on the
        day."""
        for spell in measure.history:
            if _is_on(spell.entered.before, day):
                yield from spell.ended_by
        for names, sets, item in (
            (measure.products.names, self.book.lists, self.code),
            (measure.origin.names, self.book.groups, self.origin),
        ):
            for member in (each for name in names for each in sets[name].members):
                if item.startswith(member.item):
                    yield from member.by if _is_on(member.start, day) else ()
                    yield from member.ended_by if _is_on(member.end, day) else ()


def _cited(posting: Posting | None) -> Iterator[str]:
    """The acts behind a posting, and behind its place in the stacking order."""
    if posting is not None:
        yield from posting.acts
        for entry in (posting.stacked_out_by, posting.content_left_to):
            yield from entry.by if entry else ()


def _is_on(moment: int, day: str) -> bool:
    return ALWAYS < moment < NEVER and str(day_of(moment)) == day
