"""How the models of the law show themselves: in one short line, alone and in a list or dict, since a program
whole is thousands of words."""

from __future__ import annotations

_MOST = 100


class Shown:
    """A model that shows itself as its kind and what ``shown`` says of it."""

    def shown(self) -> str:
        """The model in a few words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        text = " ".join(self.shown().split())
        return f"<{type(self).__name__} {text if len(text) <= _MOST else text[:_MOST].rstrip() + '...'}>"

    def __str__(self) -> str:
        return repr(self)


def counted(number: int, word: str) -> str:
    """A number of things in words."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")
