"""What is worked out from a law and held with it for as long as the law is in use."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar

Held = TypeVar("Held")


class Memo:
    """Values by name, each worked out once.

    A memo is no part of what its object says: it is neither compared nor stored nor sent, and an object made
    of another begins with an empty one.
    """

    def __init__(self) -> None:
        self._held: dict[str, Any] = {}
        self._lock = RLock()  # what is worked out may ask for something else

    def once(self, name: str, make: Callable[[], Held]) -> Held:
        """The value of a name, made when it is first asked for; of several threads one makes it."""
        if name not in self._held:
            with self._lock:
                if name not in self._held:
                    self._held[name] = make()
        held: Held = self._held[name]
        return held

    def find(self, name: str) -> Any:
        """The value of a name; None where there is none."""
        return self._held.get(name)

    def put(self, name: str, value: Any) -> None:
        """Hold a value in place of the one held."""
        self._held[name] = value

    def clear(self) -> None:
        """Forget everything; what is asked for again is made again."""
        with self._lock:
            self._held.clear()
