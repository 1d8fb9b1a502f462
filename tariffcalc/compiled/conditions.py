"""Compiled conditions of law: tests of one fact each."""

from __future__ import annotations

from typing import NamedTuple


class Test(NamedTuple):
    """A condition on facts: its text and how to answer it (see ``engine/patterns/conditions.py``)."""

    text: str
    fact: str
    operator: str
    number: tuple[int, int]
    choices: tuple[int, ...]
    negated: bool
    if_declared: bool
    axis: int  # the kind of day on which a claim must be allowed: that which dates the program
    # the answer where the fact is not declared; None where it takes more than that to know
    undeclared: int | None
