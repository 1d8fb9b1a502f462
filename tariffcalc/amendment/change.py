"""A change of the law: one frozen model for each verb, and how a mapping is read as one."""

from __future__ import annotations

from typing import ClassVar

from tariffcalc.amendment.written import Written
from tariffcalc.law.rulebook import Rulebook


class Change(Written):
    """One change.  The first key is the verb and says what is changed; the days and goods besides narrow it.

    A verb is a subclass in ``amendment/__init__.py``: its fields are its keys, ``amended`` is what it does.
    """

    verb: ClassVar[str]

    @property
    def target(self) -> str:
        """What is changed, in words."""
        named = next(name for name, field in type(self).model_fields.items() if field.alias == self.verb)
        return str(getattr(self, named))

    def amended(self, book: Rulebook, act: str) -> Rulebook:
        """The law after the change, which cites ``act``; raises ScenarioError where it names nothing or
        changes nothing."""
        raise NotImplementedError
