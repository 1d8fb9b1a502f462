"""The names of columns and facts: which of them an estimate reads, and what a name that nothing reads may be
meant for.

Every entry point asks here: tables, files, the facts of a Shipment, the keywords of a timeline and a panel,
the columns of a stream. A name is near one that is read if it is that name in another spelling, one of the
names that other systems give it (``seeds/column-names.csv``), or one slip away from it. What nothing reads is
never an error in a table, which may hold anything; it is listed, and warned of where it may decide money.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cache

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.declaration.columns import OPTIONAL, QUANTITY, REQUIRED, shown
from tariffcalc.errors import ShipmentError, UnknownUnit
from tariffcalc.units import unit

# under this name a law that knows no special programs takes the agreement that is claimed
AGREEMENT = "trade agreement"
_ANY_UNIT = f"{QUANTITY}UNIT"
_ALWAYS_TOLD = ("claims", "currency")  # a second column of these may decide money though there is a first
# whatever else is in the name, money may be meant
_OF_CURRENCY = frozenset(("currency", "currencies", "curr", "ccy", "crcy"))
_MOST_TOLD = 6
_SLIP = 0.86  # the least likeness of two names that are one slip apart
_LEAST = 4  # letters of a name that may be a slip of another
_SPELT = {
    "aluminium": "aluminum",
    "aluminum": "aluminum",
    "qty": "quantity",
    "val": "value",
    "curr": "currency",
    "amt": "amount",
    "wt": "weight",
}
_IDLE = frozenset(
    (
        "of",
        "the",
        "in",
        "on",
        "by",
        "with",
        "for",
        "is",
        "date",
        "day",
        "code",
        "no",
        "nr",
        "number",
        "amount",
        "content",
        "indicator",
    )
)


def reads(law: CompiledLaw, name: str) -> bool:
    """Whether an estimate reads a column or fact of this name."""
    return name in REQUIRED or name in OPTIONAL or name.startswith(QUANTITY) or name in law.facts


def unused_columns(law: CompiledLaw, names: Iterable[str]) -> dict[str, str]:
    """The names that nothing reads, each with the column or fact it may be meant for (empty: none)."""
    return {name: meant_for(law, name) for name in names if not reads(law, name)}


def meant_for(law: CompiledLaw, name: str) -> str:
    """The column or fact that a name nothing reads may be meant for; empty where there is none."""
    known: dict[str, str] = law.memo.once("names meant", dict)
    if name not in known:
        if len(known) > 1 << 12:
            known.clear()
        known[name] = _meant_for(law, name)
    return known[name]


def unknown_name(law: CompiledLaw, name: str) -> str:
    """The sentence that refuses a name where only names that are read are allowed."""
    meant = meant_for(law, name)
    supply = f"is {meant!r} meant?" if meant else "tariff.facts() lists what can be declared"
    return f"{shown(name)} is no column or fact of an estimate under the law of {law.title}: {supply}"


def warn_of_unused(
    law: CompiledLaw, names: Iterable[str], unused: dict[str, str], stacklevel: int = 2
) -> None:
    """Warn, in one sentence, of unused columns that may decide money: those meant for something that no other
    column gives."""
    given = [name for name in names if name not in unused]
    told = {name: meant for name, meant in unused.items() if meant and _decides(law, meant, given)}
    if not told:
        return
    columns = _listed([shown(name) for name in told])
    renamed = _listed([f"{shown(name)} to {meant!r}" for name, meant in told.items()])
    one = len(told) == 1
    rename = (
        f"rename {'it to ' + repr(next(iter(told.values()))) if one else renamed} if that is what"
        f" {'it means' if one else 'they mean'}"
    )
    message = f"the column{'' if one else 's'} {columns} {'is' if one else 'are'} not used: {rename}"
    warnings.warn(message, UserWarning, stacklevel=stacklevel + 1)


def check_names(law: CompiledLaw, names: Collection[str]) -> None:
    """Raise ShipmentError if a required column is missing, naming the columns that may be meant."""
    missing = [name for name in REQUIRED if name not in names]
    if not missing:
        return
    hints = [
        f"is {shown(near)} meant for {name!r}? "
        for name in missing
        if (near := _near_required(law, name, names))
    ]
    words = (
        f"the column {missing[0]!r} is missing"
        if len(missing) == 1
        else f"the columns {', '.join(map(repr, missing))} are missing"
    )
    if len(hints) == len(missing) > 1:
        raise ShipmentError(f"{words}: {''.join(hints).strip()}")
    got = _listed([shown(name) for name in names], 20) if names else "none"
    raise ShipmentError(f"{words}: {''.join(hints)}got {got}; required are {', '.join(REQUIRED)}")


def _near_required(law: CompiledLaw, missing: str, names: Collection[str]) -> str:
    """The column that may be meant for a required one: by its meaning, then by its letters."""
    free = {name.strip().casefold(): name for name in names if not reads(law, name)}
    meant = [name for name in free.values() if meant_for(law, name) == missing]
    near = get_close_matches(missing, free, n=1, cutoff=0.6) or [
        each for each in free if missing in each or (len(each) > 3 and each in missing)
    ]
    return meant[0] if meant else free[near[0]] if near else ""


def unused_line(unused: dict[str, str]) -> str:
    """The unused columns in a line, those with a meaning first; empty where there are none."""
    if not unused:
        return ""
    first = [f"{shown(name)} (meant for {meant}?)" for name, meant in unused.items() if meant]
    rest = [shown(name) for name, meant in unused.items() if not meant]
    return f"columns not used: {_listed([*first, *rest], 12)}"


def _decides(law: CompiledLaw, meant: str, given: list[str]) -> bool:
    if meant in REQUIRED:  # where it is missing, that is an error of its own
        return False
    if meant in _ALWAYS_TOLD:
        return True
    return not any(name.startswith(QUANTITY) for name in given) if meant == _ANY_UNIT else meant not in given


def _listed(texts: list[str], most: int = _MOST_TOLD) -> str:
    if len(texts) > most:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


# --- what a name may be meant for
# -----------------------------------------------------------------------------------------------------


def _meant_for(law: CompiledLaw, name: str) -> str:
    words = _words(name)
    plain = " ".join(words)
    readable = _readable(law)
    if plain in readable:
        return readable[plain]
    for key in dict.fromkeys(
        (plain, " ".join(_SPELT.get(word, word) for word in words), " ".join(_telling(words)))
    ):
        if key in _met_elsewhere():
            return next((each for each in _met_elsewhere()[key] if each == _ANY_UNIT or reads(law, each)), "")
    if plain and plain in _agreements(law):
        return "claims"
    if not _OF_CURRENCY.isdisjoint(words):
        return "currency"
    return _same_words(law, readable, words) or _one_slip(readable, plain)


def _readable(law: CompiledLaw) -> dict[str, str]:
    """What is read and can be declared, by its plain words."""
    facts = (name for name, fact in law.facts.items() if not (fact.share_of or fact.product_of))
    return law.memo.once(
        "names readable",
        lambda: {" ".join(_words(name)): name for name in (*facts, "quantity_kg", *OPTIONAL, *REQUIRED)},
    )


def _same_words(law: CompiledLaw, readable: dict[str, str], words: tuple[str, ...]) -> str:
    """The name that says the same in other order, with words that say nothing, or with a few words more or
    less."""
    currencies = {code.casefold() for code in law.valuation.currencies}
    asked = tuple(word for word in _telling(words) if word not in currencies)
    if asked[:1] == ("quantity",) and len(asked) == 2:
        known = next((each for each in (asked[1], asked[1].removesuffix("s")) if _is_unit(each)), "UNIT")
        return f"{QUANTITY}{known}"
    longest, best = 0, ""
    for plain, name in readable.items():
        told = _telling(tuple(plain.split()))
        if not asked or not told:
            continue
        if sorted(told) == sorted(asked):
            return name
        inside = len(told) > 1 and set(told) <= set(asked)
        around = len(asked) > 1 and any(
            told[start : start + len(asked)] == asked for start in range(len(told))
        )
        if (inside or around) and len(told) > longest:
            longest, best = len(told), name
    return best


def _one_slip(readable: dict[str, str], plain: str) -> str:
    """The name that differs by a letter or two; numbered names only from a name with a number."""
    if len(plain) < _LEAST:
        return ""
    numbered = any(letter.isdigit() for letter in plain)
    candidates = [each for each in readable if numbered or not any(letter.isdigit() for letter in each)]
    near = get_close_matches(plain[:60], candidates, n=1, cutoff=_SLIP)
    return readable[near[0]] if near else ""


def _words(name: str) -> tuple[str, ...]:
    """The words of a name: ``countryOfOrigin``, ``Country of Origin`` and ``country_of_origin`` are one."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip()[:200])
    return tuple(re.sub(r"[\W_]+", " ", parted).casefold().split())


def _telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words without those that say nothing, in one spelling."""
    spelt = (_SPELT.get(word, word) for word in words)
    return tuple(word for word in spelt if word not in _IDLE)


def _is_unit(text: str) -> bool:
    try:
        unit(text)
    except UnknownUnit:
        return False
    return True


def _agreements(law: CompiledLaw) -> frozenset[str]:
    """The names of trade agreements and preference programs, as plain words."""
    return frozenset(" ".join(_words(name)) for name in law.spi_names)


@cache
def _met_elsewhere() -> dict[str, tuple[str, ...]]:
    """The names that other systems give to columns, as plain words, each with what it is here (the first that
    a law reads; none: not read)."""
    from tariffcalc.reading.tables import read_rows
    from tariffcalc.reading.where import seeds_folder

    rows = read_rows(seeds_folder() / "column-names.csv", ("name", "meant_for"))
    return {
        " ".join(_words(row["name"])): tuple(filter(None, row["meant_for"].split("|"))) for _, row in rows
    }
