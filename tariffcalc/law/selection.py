"""Areas (origins) and products: sets written as ``any except CA, MX, area column-2`` or
``list annex-ii, 7601 except 7601.10``.

Both read with one small grammar: items joined by commas, then perhaps ``except`` and more items.  A *name*
item points to a dated group or list; membership is looked up when the law is compiled, so these objects know
nothing of files.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict

from tariffcalc.codes import plain_code
from tariffcalc.law.shown import Shown, counted
from tariffcalc.moments import ALWAYS, NEVER
from tariffcalc.tags import Tag


class Selection(Shown, BaseModel):
    """Items and named sets taken, less items and named sets left out; ``everything`` takes all before the
    exception."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    everything: bool = False
    items: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    except_items: tuple[str, ...] = ()
    except_named: tuple[str, ...] = ()

    def shown(self) -> str:
        """The model in a few words."""
        return self.text

    @property
    def names(self) -> tuple[str, ...]:
        """Every named set the selection mentions."""
        return self.named + self.except_named


def _read_selection(text: str, word: str, name_word: str, item: Any) -> Selection:
    taken, _, left_out = text.partition(" except ")
    sides: list[tuple[bool, list[str], list[str]]] = []
    for side in (taken, left_out):
        everything, items, named = False, [], []
        for part in filter(None, (piece.strip() for piece in side.split(","))):
            if part == word:
                everything = True
            elif part.startswith(name_word + " "):
                named.append(part.removeprefix(name_word + " ").strip())
            else:
                items.append(item(part))
        sides.append((everything, items, named))
    (everything, items, named), (_, except_items, except_named) = sides
    if not (everything or items or named):
        raise ValueError(f"{text!r} selects nothing: write {word!r}, items, or '{name_word} NAME'")
    return Selection(
        text=text, everything=everything, items=tuple(items), named=tuple(named),
        except_items=tuple(except_items), except_named=tuple(except_named),
    )  # fmt: skip


def _origin(text: str) -> str:
    if len(text) != 2 or not text.isupper():
        raise ValueError(f"{text!r} is not a two-letter code of an origin, 'any' or 'area NAME'")
    return text


def read_area(given: Any) -> Selection:
    """``IN``, ``any``, ``any except CA, area column-2``.

    >>> read_area("any except CA, area column-2").except_named
    ('column-2',)
    """
    return given if isinstance(given, Selection) else _read_selection(str(given), "any", "area", _origin)


def read_products(given: Any) -> Selection:
    """``all``, codes of any length, ``list NAME``.

    >>> read_products("list annex-ii, 8471 except 8471.30").except_items
    ('847130',)
    """
    return given if isinstance(given, Selection) else _read_selection(str(given), "all", "list", plain_code)


Area = Annotated[Selection, BeforeValidator(read_area)]
Products = Annotated[Selection, BeforeValidator(read_products)]


class Member(NamedTuple):
    """One dated row of a list or group: a code or an origin, its window [moments], the acts that put it in
    and took it out, how certain it is."""

    item: str
    start: int = ALWAYS
    end: int = NEVER
    by: tuple[str, ...] = ()
    ended_by: tuple[str, ...] = ()
    excepted: bool = False
    note: str = ""
    tag: Tag = "P"


class NamedSet(NamedTuple):
    """A product list or a group of origins: dated members under one name."""

    name: str
    members: tuple[Member, ...]
    file: str = ""

    def __repr__(self) -> str:
        return f"<NamedSet {self.name}: {counted(len(self.members), 'row')}>"
