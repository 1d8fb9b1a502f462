"""Where a law comes from: a folder of seeds as it was read, perhaps with scenarios.  A law travels to another
process as this, and not whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NoReturn, Protocol
from weakref import WeakValueDictionary

from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.stored_law import packed_law, unpacked_law
from tariffcalc.compiler.cache import BOOK, LAW, is_kept, kept
from tariffcalc.compiler.seeds_key import seeds_key
from tariffcalc.errors import StoredError, TariffError
from tariffcalc.stored.container import uncollected

if TYPE_CHECKING:
    from tariffcalc.law.rulebook import Rulebook

_held: WeakValueDictionary[tuple[KeptLaw, bool], CompiledLaw] = WeakValueDictionary()
_lock = Lock()


@dataclass(frozen=True)
class KeptLaw:
    """The law of a folder of seeds, as known on a day or as it is, under the key of what the folder held when
    it was loaded."""

    folder: Path
    known_on: int | None
    key: str

    @classmethod
    def of(cls, folder: Path, known_on: int | None = None) -> KeptLaw:
        """The law of a folder as it is now."""
        return cls(Path(os.path.abspath(folder)), known_on, seeds_key(folder))

    @property
    def name(self) -> str:
        """The name under which the compiled law is kept."""
        return f"{self.key}{LAW}" if self.known_on is None else f"{self.key}-{self.known_on}{LAW}"

    def load(self) -> CompiledLaw:
        """The compiled law: what is kept, or compiled from the seeds."""

        def compiled() -> CompiledLaw:
            from tariffcalc.compiler.rulebook import compile_rulebook

            with uncollected():
                return compile_rulebook(self())

        return self.held(kept(self.name, compiled, packed_law, unpacked_law, self.is_current))

    def held(self, law: CompiledLaw) -> CompiledLaw:
        """The law, which from now on knows where it comes from."""
        law.memo.put("kept as", self)
        _held[self, law.certain_only] = law
        return law

    def __call__(self) -> Rulebook:
        """The rulebook: what is kept, or read from the seeds."""
        from tariffcalc.law.stored_book import packed_book, unpacked_book
        from tariffcalc.reading.folder import read_folder

        book = kept(
            f"{self.key}{BOOK}", lambda: read_folder(self.folder), packed_book, unpacked_book, self.is_current
        )
        return book if self.known_on is None else book.as_known_on(self.known_on)

    def is_current(self) -> bool:
        """Whether the seeds are those of which the key is."""
        return seeds_key(self.folder) == self.key

    def is_kept(self) -> bool:
        """Whether another process finds the law here."""
        return is_kept(self.name)

    def arrived(self, certain_only: bool) -> CompiledLaw:
        """The same law in another process; raises StoredError where it is neither kept nor what the seeds
        say."""
        with _lock:
            law = _held.get((self, certain_only))
            if law is None:
                if not self.is_kept() and not self.is_current():
                    raise StoredError(
                        f"the law is not kept any more, and the seeds in {self.folder} have changed: load it,"
                        " and estimate, again"
                    )
                law = self.load()
            return (
                law
                if law.certain_only == certain_only
                else self.held(replace(law, certain_only=certain_only))
            )


class Amendment(Protocol):
    """Whatever makes an amended rulebook of a rulebook."""

    def apply(self, book: Rulebook) -> Rulebook:
        """The amended rulebook."""


@dataclass(frozen=True)
class AmendedBook:
    """The rulebook of a law as amended by scenarios."""

    base: Callable[[], Rulebook]
    scenarios: tuple[Amendment, ...]

    def __call__(self) -> Rulebook:
        book = self.base()
        for scenario in self.scenarios:
            book = scenario.apply(book)
        return book


def no_rulebook() -> NoReturn:
    """A substitute for the rulebook of a law that came as bytes alone."""
    raise TariffError(
        "only the compiled law travels to workers: amend the tariff, or ask for its history, where it was"
        " loaded"
    )


def sent_book(book: Callable[[], Rulebook]) -> Callable[[], Rulebook]:
    """What another process is sent of a rulebook: where it comes from, where that is known."""
    if isinstance(book, KeptLaw):
        return book
    return book if isinstance(book, AmendedBook) and sent_book(book.base) is book.base else no_rulebook
