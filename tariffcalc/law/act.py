"""An act: an instrument that makes, ends or explains law."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tariffcalc.law.shown import Shown
from tariffcalc.tags import Tag
from tariffcalc.windows import Moment


class Act(Shown, BaseModel):
    """An order, proclamation, statute, notice, customs message, judgment or schedule edition.

    ``known`` is the day from which the act counts on the second time axis: its publication, or its signature
    where that is the first the public saw of it.
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
