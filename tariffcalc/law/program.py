"""A program: a family of duties under one authority, charged at most once per line; and how programs give way
to each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tariffcalc.law.condition import Requirement
from tariffcalc.law.duty import Sum
from tariffcalc.law.measure import Measure
from tariffcalc.law.shown import Shown, counted
from tariffcalc.stored.frozen import FrozenDict
from tariffcalc.tags import Tag
from tariffcalc.windows import ANY_TIME, Moment, Window

Announced = Annotated[dict[str, str], AfterValidator(FrozenDict)]


class Base(Shown, BaseModel):
    """One amount a program may be charged on: a signed sum of named amounts, chosen when its conditions hold.

    A program tries its bases in the order written.  ``heading`` is declared on a line of its own for the part
    left out. ``in_proportion``: the duty is worked out on the whole customs value and all quantities, and the
    part of it is due that the base is of that value.  A percentage comes to the same either way; a specific
    or compound duty does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    base: Sum
    when: tuple[Requirement, ...] = ()
    in_proportion: bool = False
    heading: str = ""
    by: tuple[str, ...] = ()
    note: str = ""
    file: str = ""
    line: int = 0

    def shown(self) -> str:
        """The model in a few words."""
        return self.text


class Reviewed(BaseModel):
    """The day through which a person last checked the program, and the text it was checked against."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    through: Moment
    against: str


class Drawback(BaseModel):
    """Whether the duties of a program, paid on entries of some days, can be drawn back on exportation.

    ``manufacturing``: only where the goods went into what is exported (19 U.S.C. 1313(a), (b)); ``unknown``:
    the texts held do not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entered: Window
    eligible: Literal["yes", "no", "manufacturing", "unknown"]
    by: tuple[str, ...]
    tag: Tag = "P"
    note: str = ""


class Creditable(BaseModel):
    """The acts under which an importer in business takes back as credit what a program charges, and on what
    terms.

    Such a duty is paid at the border all the same; a view that leaves it out says what the goods cost in the
    end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: tuple[str, ...]
    tag: Tag = "P"
    note: str = ""


class Ceased(BaseModel):
    """The day of entry from which a program applies to no goods, whenever they were admitted to a zone; and
    the acts that say so.

    It binds the spells that end by then; what a scenario lets run on is not bound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: Moment
    by: tuple[str, ...]


class Program(Shown, BaseModel):
    """A family of duties.

    ``kind``: ``duty``; ``fee`` (counted apart from duties).  ``per``: ``line``, or ``shipment`` for a fee
    with limits on the whole entry. ``dated_by``: ``admission`` lets the day of admission to a free-trade zone
    in privileged foreign status fix the law; ``entry`` does not. ``ceased`` ends it by the day of entry all
    the same. ``status`` is ``absent`` for a program of which only the scope is held: what it charges is
    unknown. ``creditable`` is left out where the importer bears the duty for good.
    ``announced_only`` is metadata about announcements that never became law; nothing computes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: str
    title: str
    authority: str
    legal_text: str = ""
    kind: Literal["duty", "fee"] = "duty"
    per: Literal["line", "shipment"] = "line"
    dated_by: Literal["admission", "entry"] = "admission"
    status: Literal["complete", "partial", "absent"] = "complete"
    charged_on: tuple[Base, ...] = Field(min_length=1)
    reviewed: Reviewed
    measures: tuple[Measure, ...] = Field(min_length=1)
    announced_only: tuple[Announced, ...] = ()
    drawback: tuple[Drawback, ...] = ()
    creditable: Creditable | None = None
    ceased: Ceased | None = None
    note: str = ""
    file: str = ""

    def shown(self) -> str:
        """The model in a few words."""
        return f"{self.program}: {self.title}, {counted(len(self.measures), 'measure')}"

    @model_validator(mode="after")
    def _proportions_of_lines(self) -> Program:
        if self.per == "shipment" and any(base.in_proportion for base in self.charged_on):
            raise ValueError(
                "in_proportion reduces the duty of a line: a program charged per shipment cannot have it"
            )
        return self

    def measure(self, name: str) -> Measure | None:
        """The measure of that id, or None."""
        return next((measure for measure in self.measures if measure.id == name), None)

    def drawback_on(self, entered: int) -> Drawback | None:
        """What is held about drawback for entries of that day [moment]; None where nothing is."""
        return next((each for each in self.drawback if entered in each.entered), None)


class StackingEntry(Shown, BaseModel):
    """``program`` is not charged where ``to`` applies to the line: on all of it, or on the part that is
    ``content``.

    ``measures`` narrows ``to`` to some of its measures or groups; left out, every measure of ``to`` whose
    duty is not "none" counts. ``of`` narrows ``program`` in the same way: only these measures or groups of it
    give way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: str
    to: str
    measures: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    content: str = ""
    heading: str = ""
    entered: Window = ANY_TIME
    by: tuple[str, ...]
    ended_by: tuple[str, ...] = ()
    tag: str = "P"
    note: str = ""
    file: str = ""
    line: int = 0

    def shown(self) -> str:
        """The model in a few words."""
        content = f" on {self.content}" if self.content else ""
        return f"{self.program} to {self.to}{content}, {' '.join(self.by)}"
