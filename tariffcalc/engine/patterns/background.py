"""What very many lines declare alike, such as a mode of transport: lines that declare nothing else are asked
once for each *background*.

A background is a choice of values of some facts; the first declares nothing.
"""

from __future__ import annotations

from threading import Lock

import numpy as np

from tariffcalc.compiled.axes import Ints
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.lines import Columns, FactColumn
from tariffcalc.engine.patterns.classify import Answers, Plain, answer_rows, group

MOST_BACKGROUNDS = 16  # of one law
_MANY = 1000  # lines, from which on it is worth while
_SHARE = 8  # a fact counts where at least one line in this many declares it


class Backgrounds:
    """The backgrounds met so far under one law, by number."""

    def __init__(self, law: CompiledLaw, plain: Plain) -> None:
        self.answers: list[Answers] = [plain.answers]  # of each background to every condition
        self._law, self._plain = law, plain
        self._numbers: dict[tuple[tuple[str, int], ...], int] = {(): 0}
        self._lock = Lock()

    def of_lines(self, lines: Columns) -> tuple[frozenset[str], Ints | None]:
        """The facts that the backgrounds of these lines are made of, and the background of each line; none,
        and None, where there are none."""
        names = [name for name in lines.facts if self._counts(name, lines)]
        if not names:
            return frozenset(), None
        of_line, first = group([_values(lines.facts[name]) for name in names], len(lines))
        if len(first) > MOST_BACKGROUNDS:
            return frozenset(), None
        found = [self._number(names, lines, int(line)) for line in first]
        return (frozenset(), None) if -1 in found else (frozenset(names), np.array(found)[of_line])

    def _counts(self, name: str, lines: Columns) -> bool:
        fact = self._law.facts[name]
        if (
            len(lines) < _MANY
            or fact.type not in ("flag", "choice")
            or fact.assumed is not None
            or fact.implied is not None
        ):
            return False
        declared = lines.facts[name].declared
        return declared is None or int(np.count_nonzero(declared)) * _SHARE >= len(lines)

    def _number(self, names: list[str], lines: Columns, line: int) -> int:
        """The background of a line, -1 where there is no room for another."""
        values = (
            (name, int(_values(lines.facts[name].take(slice(line, line + 1)))[0])) for name in sorted(names)
        )
        background = tuple((name, value) for name, value in values if value >= 0)
        with self._lock:
            if background not in self._numbers:
                if len(self.answers) == MOST_BACKGROUNDS:
                    return -1
                _, rows = answer_rows(self._law, self._plain, self._plain.declaring(dict(background)))
                self.answers.append(rows[0])
                self._numbers[background] = len(self.answers) - 1
            return self._numbers[background]


def _values(column: FactColumn) -> Ints:
    return column.values if column.declared is None else np.where(column.declared, column.values, -1)
