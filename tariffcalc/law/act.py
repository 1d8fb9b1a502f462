"""An act: an instrument that makes, ends or explains law."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tariffcalc.law.shown import Shown
from tariffcalc.windows import Moment

Tag = Literal["P", "P*", "S", "U", "UM"]
"""How certain a fact is: P primary text read; P* a faithful copy of it; S secondary; U uncertain; UM from memory."""


class Act(Shown, BaseModel):
    """An order, proclamation, statute, notice, customs message, judgment or schedule edition.

    ``known`` is the day from which the act counts on the second time axis: its publication, or its signature where that
    is the first the public saw of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    title: str
    known: Moment
    signed: Moment | None = None
    citation: str
    link: str = ""
    tag: Tag = "P"
    note: str = ""

    def shown(self) -> str:
        """The model in a few words."""
        return f"{self.id}: {self.title}"
