"""The compiled law as bytes that execute nothing, and back: every class of which it is made is named here,
and no other is stored or read."""

from __future__ import annotations

import copyreg
import zlib
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from tariffcalc.compiled import axes, conditions, divided_line
from tariffcalc.compiled import duties as duty_table
from tariffcalc.compiled import facts as fact_table
from tariffcalc.compiled import limits as limit_table
from tariffcalc.compiled import programs as rule_table
from tariffcalc.compiled import valuation as valuation_table
from tariffcalc.compiled.law import CompiledLaw
from tariffcalc.compiled.segments import Segments
from tariffcalc.errors import StoredError
from tariffcalc.stored.container import pieces, unpack
from tariffcalc.stored.form_of import form_of
from tariffcalc.stored.forms import Form

CLASSES = (
    CompiledLaw, Segments, rule_table.ProgramInfo, rule_table.CreditInfo, rule_table.BaseChoice,
    rule_table.Rule, rule_table.Beside,
    conditions.Test, rule_table.StackingRule, axes.CodeAxis, divided_line.DividedLine, divided_line.TenDigits,
    duty_table.DutyTable, duty_table.ExactDuty, duty_table.ExactSum, duty_table.Amount,
    fact_table.FactInfo, fact_table.BoundInfo, fact_table.ConsequenceInfo, fact_table.PartInfo,
    fact_table.UnitValueInfo, fact_table.ReadingInfo,
    limit_table.LimitTable, limit_table.LimitRow, limit_table.Bound,
    valuation_table.ValuationTable, valuation_table.CostRule, valuation_table.ShareRule,
    valuation_table.CeilingRule, valuation_table.RateRow,
    valuation_table.TariffValueRow,
)  # fmt: skip

_held: WeakValueDictionary[str, CompiledLaw] = WeakValueDictionary()  # laws that arrived in this process
_lock = Lock()


@cache
def law_form() -> Form:
    """The form in which compiled law is stored."""
    return form_of(CompiledLaw, CLASSES)


def packed_law(law: CompiledLaw, name: str = "") -> Iterator[bytes]:
    """A law as bytes, in pieces."""
    return pieces(law, law_form(), name)


def sent_law(law: CompiledLaw) -> tuple[Any, ...]:
    """What another process is sent of a law: where it is kept on this machine, otherwise its bytes; in the
    form that pickle wants."""
    kept = law.memo.find("kept as")
    if kept is not None and kept.is_kept():
        return kept.arrived, (law.certain_only,)
    return _arrived, serialized_law(law)


copyreg.pickle(CompiledLaw, sent_law)  # what is worked out from a law is worked out again where it arrives


def serialized_law(law: CompiledLaw) -> tuple[str, bytes]:
    """The digest of the stored law, and its bytes compressed; worked out once for each law."""
    return law.memo.once("shipped", lambda: _serialized(law))


def _serialized(law: CompiledLaw) -> tuple[str, bytes]:
    import hashlib

    stored = b"".join(packed_law(law))
    return hashlib.blake2b(stored, digest_size=16).hexdigest(), zlib.compress(stored, 1)


def _arrived(key: str, compressed: bytes) -> CompiledLaw:
    with _lock:
        law = _held.get(key)
        if law is None:
            law = _held[key] = received_law(compressed)
            law.memo.put("shipped", (key, compressed))
        return law


def received_law(compressed: bytes) -> CompiledLaw:
    """The law that was shipped; raises StoredError where the bytes are not whole."""
    try:
        return unpacked_law(zlib.decompress(compressed))
    except zlib.error as error:
        raise StoredError(f"the law did not arrive whole: {error}") from None


def unpacked_law(stored: Any, name: str = "") -> CompiledLaw:
    """The law of some bytes; raises StoredError where they are not whole, or stored under another name."""
    law: CompiledLaw = unpack(stored, law_form(), name)
    return law
