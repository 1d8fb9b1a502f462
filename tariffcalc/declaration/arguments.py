"""The arguments of what a caller declares: taken by name, and every mistake in them is one sentence.

The models of a shipment check names and types when they are made.  A mistake is reported with the argument,
what was got, what was expected and what to do next; a mistake of many consequences is one mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tariffcalc.codes import dotted
from tariffcalc.errors import DeclarationError

_MOST_SHOWN = 60
NUMBER = "a number or its text, such as 1234.50"


class Declaration(BaseModel):
    """A frozen model whose mistakes are sentences.

    ``_expected`` says for each argument what may be given; ``_example`` is a call that works; ``_elsewhere``
    says where a name that is no argument goes, and ``_otherwise`` the same of any other name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    _expected: ClassVar[Mapping[str, str]] = {}
    _example: ClassVar[str] = ""
    _elsewhere: ClassVar[Mapping[str, str]] = {}
    _otherwise: ClassVar[str] = ""

    def __init__(self, *positional: Any, **given: Any) -> None:
        if positional:
            raise DeclarationError(
                f"{type(self).__name__} takes its arguments by name, and got {_shown(positional[0])} without"
                f" one: {self._example}"
            )
        try:
            super().__init__(**given)
        except ValidationError as error:
            message = self._mistake(given, error)
        else:
            return
        raise DeclarationError(message)

    @classmethod
    def _mistake(cls, given: Mapping[str, Any], error: ValidationError) -> str:
        """What is wrong, in one sentence: a name before a type before what is missing, since one may be the
        cause of the other."""
        name, found = cls.__name__, error.errors()
        missing = [
            str(each["loc"][0]) for each in found if each["type"] == "missing" and len(each["loc"]) == 1
        ]
        for each in found:
            if each["type"] == "extra_forbidden" and len(each["loc"]) == 1:
                return (
                    f"{name} has no argument {str(each['loc'][0])!r}:"
                    f" {cls._where(str(each['loc'][0]), missing)}"
                )
        for each in found:
            if each["type"] != "missing" or len(each["loc"]) > 1:
                place = "".join(f"[{part}]" if isinstance(part, int) else "" for part in each["loc"][1:2])
                return cls._wrong(str(each["loc"][0]), place, given.get(str(each["loc"][0])), each)
        return f"{name} lacks {' and '.join(missing)}: {cls._example}"

    @classmethod
    def _where(cls, wrong: str, missing: list[str]) -> str:
        if wrong in cls._elsewhere:
            return cls._elsewhere[wrong]
        near = get_close_matches(wrong.casefold(), missing, n=1, cutoff=0.6) or get_close_matches(
            wrong.casefold(), cls.model_fields, n=1, cutoff=0.75
        )
        return f"is {near[0]!r} meant?" if near else cls._otherwise.format(wrong=wrong)

    @classmethod
    def _wrong(cls, argument: str, place: str, value: Any, error: Any) -> str:
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, DeclarationError):  # of a line given as a mapping
            return f"{argument}{place}: {cause}"
        if place and isinstance(value, list | tuple):
            value = error["input"]
        else:
            place = ""
        if argument == "commodity" and isinstance(value, int) and not isinstance(value, bool):
            digits = str(value)
            text = dotted("0" + digits if len(digits) in (7, 9) else digits)
            return (
                f"commodity is {value}, a number, which loses the leading zero: give text, such as {text!r}"
            )
        leave = "leave it out, or " if value is None and not cls.model_fields[argument].is_required() else ""
        return f"{argument}{place} is {_shown(value)}: {leave}give {cls._expected.get(argument, NUMBER)}"


def _shown(value: Any) -> str:
    """A value as it would be typed, cut where it is long; a model by its name alone."""
    if isinstance(value, BaseModel):
        return f"a {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "..."
