"""A selection of measures: by the names of programs and measures, by headings, by the origins and goods that
they reach.

Every change of measures takes one in place of a name.  Origins and goods also narrow the change: of each
measure it concerns those alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Discriminator, SerializerFunctionWrapHandler, Tag, model_serializer, model_validator

from tariffcalc.amendment.naming import days_in_words, find_measures
from tariffcalc.amendment.scopes import Scope
from tariffcalc.amendment.wording import Codes, Goods, Names, Origins, Text
from tariffcalc.amendment.written import Written, meant
from tariffcalc.errors import ScenarioError
from tariffcalc.law.measure import Measure
from tariffcalc.law.program import Program
from tariffcalc.law.rulebook import Rulebook

if TYPE_CHECKING:
    import pandas as pd


class Chosen(NamedTuple):
    """Some measures of a program; ``by_name`` where one is named by itself, exempt or not."""

    program: Program
    measures: tuple[Measure, ...]
    by_name: bool


class Where(Written):
    """Measures that fit every part that is given.

    ``program``, ``measure`` and ``heading`` are names in which ``*`` stands for any letters (several: a
    list); ``measure`` is the id of a measure or of a group. ``origin``, ``products``, ``chapter`` and
    ``list`` choose the measures that reach such goods, and narrow what is changed to them.
    """

    program: Names = ()
    measure: Names = ()
    heading: Names = ()
    origin: Origins = ""
    products: Goods = ""
    chapter: Codes = ()
    list: Text = ""

    @model_validator(mode="after")
    def _says_something(self) -> Where:
        if not self.written():
            raise ValueError(
                "a selection of measures says which: give program, measure, heading, origin, products,"
                " chapter or list"
            )
        return self

    @model_serializer(mode="wrap")
    def _one_as_a_text(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: _one(value) for key, value in written(self).items()}

    def __repr__(self) -> str:
        return f"where({', '.join(f'{key}={value!r}' for key, value in self.written().items())})"

    __str__ = __repr__

    def scope(self, book: Rulebook) -> Scope:
        """The origins and goods to which a change is narrowed."""
        scope = Scope.of(book, self.origin, self.products)
        for goods in (", ".join(self.chapter), self.list and f"list {self.list}"):
            if goods:
                scope = scope.with_scope(book, Scope.of(book, "", goods))
        return scope

    def chosen(self, book: Rulebook) -> tuple[Chosen, ...]:
        """The measures it selects, by program; raises ScenarioError where there is none."""
        programs = [each for each in book.programs.values() if _fits([each.program], self.program)]
        if not programs:
            raise ScenarioError(f"nothing is selected: {_no_name('program', self.program, book.programs)}")
        named = [
            (program, measure)
            for program in programs
            for measure in program.measures
            if _fits([measure.id, measure.group], self.measure)
        ]
        if not named:
            names = {name for each in programs for one in each.measures for name in (one.id, one.group)}
            raise ScenarioError(f"nothing is selected: {_no_name('measure', self.measure, names - {''})}")
        headed = [(program, each) for program, each in named if _fits([each.heading], self.heading)]
        if not headed:
            headings = {each.heading for _, each in named} - {""}
            raise ScenarioError(f"nothing is selected: {_no_name('heading', self.heading, headings)}")
        scope = self.scope(book)
        reached = {
            (program.program, each.id) for program, each in headed if scope.of_measure(book, each) is not None
        }
        found = [
            Chosen(
                each,
                tuple(one for one in each.measures if (each.program, one.id) in reached),
                by_name=False,
            )
            for each in programs
            if each.status != "absent"
        ]
        if not any(each.measures for each in found):
            raise ScenarioError(
                f"nothing is selected: none of the {len(headed)} measures that its names fit reaches"
                " those origins and goods"
            )
        return tuple(each for each in found if each.measures)

    def measures(self, law: Any) -> pd.DataFrame:
        """What it selects of a law, a measure a row: ``program``, ``measure``, ``title``, ``heading``, its
        ``origin`` and ``products``, what a change would be narrowed to (``narrowed_to``, empty where it
        concerns all of the measure), and its ``duty`` by days.

        Parameters
        ----------
        law : Tariff or Rulebook
            Of which measures are selected.

        Examples
        --------
        >>> from tariffcalc import load, where
        >>> table = where(program="us.ieepa.r*", origin="IN", measure="india-*").measures(load("us"))
        >>> table["measure"].tolist()[:2]
        ['india-april', 'india-august']
        """
        import pandas as pd

        book: Rulebook = getattr(law, "rulebook", law)
        scope = self.scope(book)
        rows = [
            {
                "program": chosen.program.program,
                "measure": each.id,
                "title": each.title,
                "heading": each.heading,
                "origin": each.origin.text,
                "products": each.products.text,
                "narrowed_to": "; ".join(
                    part.text.partition(" within ")[0]
                    for part in (scope.of_measure(book, each) or {}).values()
                ),
                "duty": "; ".join(
                    f"{spell.duty.text} {days_in_words(spell.entered)}" for spell in each.history
                ),
            }
            for chosen in self.chosen(book)
            for each in chosen.measures
        ]
        return pd.DataFrame(rows)


def where(
    program: str | Iterable[str] | None = None,
    measure: str | Iterable[str] | None = None,
    heading: str | Iterable[str] | None = None,
    origin: str | Iterable[str] | None = None,
    products: str | Iterable[str] | None = None,
    chapter: str | Iterable[str] | None = None,
    list: str | None = None,
) -> Where:
    """Select measures for a change of a scenario, in place of a name.

    Parameters
    ----------
    program, measure, heading : str or list of str
        Names; ``*`` stands for any letters: ``"us.ieepa.*"``, ``"9903.01.*"``.
    origin, products : str or list of str
        Only measures that reach these origins ("IN, VN", "area eu") or goods ("7206, 7207"); a change is
        narrowed to them.
    chapter : str or list of str
        Goods of these chapters.
    list : str
        Goods on a product list of the law.

    Raises
    ------
    ScenarioError
        For whatever is no selection.  What selects nothing is refused by the law that it is asked of.

    Examples
    --------
    Half of every IEEPA duty on goods of India that is charged:

    >>> from tariffcalc import Scenario, load, where
    >>> where(program="us.ieepa.*", origin="IN")
    where(program='us.ieepa.*', origin='IN')
    >>> alt = load("us").amend(Scenario("half").scale(where(program="us.ieepa.*", origin="IN"), "50%"))
    """
    from pydantic import ValidationError

    given = {
        "program": program,
        "measure": measure,
        "heading": heading,
        "origin": origin,
        "products": products,
        "chapter": chapter,
        "list": list,
    }
    try:
        return Where.model_validate(
            {
                key: value if isinstance(value, str) or not isinstance(value, Iterable) else [*value]
                for key, value in given.items()
                if value is not None
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = "".join(f"{part}: " for part in first["loc"][:1])
        raise ScenarioError(f"where: {at}{first['msg'].removeprefix('Value error, ')}") from None


FORMS = NAME, SELECTION = "(name)", "(selection)"  # no keys of a file


def _form(given: Any) -> str:
    return SELECTION if isinstance(given, Mapping | Where) else NAME


# a name, "PROGRAM" or "PROGRAM/MEASURE", or a selection
What = Annotated[Annotated[Text, Tag(NAME)] | Annotated[Where, Tag(SELECTION)], Discriminator(_form)]


def choose(book: Rulebook, what: str | Where, scope: Scope) -> tuple[tuple[Chosen, ...], Scope]:
    """The measures that a name or a selection means, and what a change of them is narrowed to."""
    if isinstance(what, Where):
        return what.chosen(book), what.scope(book).with_scope(book, scope)
    program, measures = find_measures(book, what)
    if program.status == "absent":
        raise ScenarioError(
            f"of {program.program} only the scope is held: what it charges stays unknown whatever duty is set"
        )
    return (Chosen(program, tuple(measures), "/" in what),), scope


def _fits(names: Iterable[str], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, each) for name in names if name for each in patterns)


def _no_name(what: str, patterns: tuple[str, ...], names: Iterable[str]) -> str:
    known = sorted(names)
    first = {f"{part}.*" for name in known for part in _beginnings(name)}
    near = next(
        (near for each in patterns if (near := meant(each, first if each.endswith("*") else known))), ""
    )
    some = (
        "; there are " + ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    )
    return f"no {what} fits {' or '.join(map(repr, patterns))}{near or (some if known else '')}"


def _beginnings(name: str) -> list[str]:
    """What stands before each dot of a name."""
    return [name[: dot.start()] for dot in re.finditer(r"\.", name)]


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
