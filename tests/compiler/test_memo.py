"""What a law holds beside what it says is no part of it."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace

import pandas as pd

import tariffcalc as tc
from tariffcalc.compiled.fingerprint import fingerprint
from tariffcalc.compiled.memo import Memo
from tariffcalc.compiled.stored_law import packed_law, unpacked_law

ROWS = pd.DataFrame(
    [
        {
            "commodity": "6109.10.00.12",
            "origin": "IN",
            "entered": "2025-09-01",
            "value": "500",
            "transport": "air",
        }
    ]
)


def test_a_memo_is_made_once() -> None:
    """Also by threads that ask at the same time."""
    made, memo, start = [], Memo(), threading.Barrier(8)

    def ask() -> None:
        start.wait()
        memo.once("number", lambda: made.append(None) or 7)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert memo.find("number") == 7 and memo.find("other") is None


def test_a_memo_stays_with_its_law(us: tc.Tariff) -> None:
    """A law made of another begins with none; a law that is stored is read without; the key does not depend
    on it."""
    law = replace(us.law)
    key = fingerprint(law)
    tc.tariff.Tariff(law, lambda: us.rulebook, us.folder).estimate(ROWS)
    assert law.memo.find("outcomes") is not None
    assert fingerprint(law) == key
    assert replace(law, certain_only=True).memo.find("outcomes") is None
    read = unpacked_law(b"".join(packed_law(law)))
    assert read.memo.find("outcomes") is None and fingerprint(read) == key
    assert pickle.loads(pickle.dumps(law)).memo is not law.memo
