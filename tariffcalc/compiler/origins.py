"""Part of what turns the law into arrays: the names of origins, and who may claim which special program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tariffcalc.compiled.axes import Bools, Ints, cuts_of, window_truth
from tariffcalc.compiler.sets import SetTruth
from tariffcalc.law.rulebook import Rulebook
from tariffcalc.law.selection import read_area
from tariffcalc.moments import ALWAYS, NEVER


def without_its_own_parts(book: Rulebook) -> tuple[Rulebook, dict[str, str]]:
    """The book without the origins that are parts of the customs territory itself; their names, folded, and
    why nothing is imported from there."""
    inside = {part.origin: part for part in book.territory.inside}
    names = {
        name.casefold(): (
            f"{origin.name} is inside the customs territory"
            f" ({inside[origin.code].note or ', '.join(inside[origin.code].by)})"
        )
        for origin in book.origins if origin.code in inside
        for name in (origin.code, origin.name, *origin.also) if name
    }  # fmt: skip
    return replace(book, origins=tuple(origin for origin in book.origins if origin.code not in inside)), names


def origin_names(book: Rulebook) -> dict[str, tuple[str, ...]]:
    """Every way to write an origin, folded, with the codes it may mean (more than one: ambiguous)."""
    names: dict[str, tuple[str, ...]] = {}
    for origin in book.origins:
        for name in dict.fromkeys((origin.code, origin.name, *origin.also)):
            key = name.casefold()
            if key and origin.code not in names.get(key, ()):
                names[key] = (*names.get(key, ()), origin.code)
    codes = {origin.code.casefold(): (origin.code,) for origin in book.origins}
    return names | codes


def special_programs(book: Rulebook) -> tuple[str, ...]:
    """The indicators of special programs, in the order in which preferences name them."""
    return tuple(dict.fromkeys(row.spi for row in book.preferences))


def preferences(book: Rulebook, spis: Sequence[str], truth: SetTruth) -> tuple[Ints, Bools]:
    """Cuts of days, and who may claim each special program in each class of them."""
    windows: list[tuple[int, int]] = []
    members: list[tuple[int, Bools]] = []
    for row in book.preferences:
        area = read_area(row.origins)
        for start, end in truth.states(area, "area", (row.start, row.end)):
            windows.append((start, end))
            members.append((spis.index(row.spi), truth.origins(truth.key(area, "area", start))))
    cuts = cuts_of(windows or [(ALWAYS, NEVER)])
    # the last row is for no claim
    allowed = np.zeros((len(spis) + 1, len(book.origins), len(cuts) + 1), bool)
    for (spi, origins), inside in zip(members, window_truth(cuts, windows).T if windows else (), strict=True):
        allowed[spi] |= origins[:, None] & inside[None, :]
    return cuts, allowed


def claimed_under(book: Rulebook, spis: Sequence[str], truth: SetTruth) -> tuple[tuple[int, Bools, str], ...]:
    """The goods that claim a special program under lines of their own, and those lines; each once."""
    named = {(row.spi, row.goods.text, row.under): row.goods for row in book.preferences if row.goods}
    return tuple(
        (spis.index(spi), truth.products(truth.key(goods, "list", ALWAYS))[0], under)
        for (spi, _, under), goods in named.items()
    )
