"""What changed between two days: the acts of a known history, by hand from the orders themselves."""

from __future__ import annotations

import pytest

import tariffcalc as tc
from tariffcalc.errors import ShipmentError

SHIRTS = "6109.10.00.12"
RECIPROCAL, OIL, S122 = "us.ieepa.reciprocal", "us.ieepa.russian-oil", "us.s122"


def rows(us: tc.Tariff, *asked: object, **facts: object) -> list[tuple[object, ...]]:
    """Day, program, duty before and after, change of the rate in points, acts."""
    table = us.what_changed(*asked, **facts)
    points = (table["rate_change"] * 100).round(4)
    names = ("day", "program", "duty_before", "duty_after")
    return list(zip(*(table[name] for name in names), points, table["acts"], strict=True))


def test_t_shirts_of_india(us: tc.Tariff) -> None:
    """EO 14257: 10% from 2025-04-05, 26% on 2025-04-09; EO 14266 takes that back from 2025-04-10; EO 14326:
    25% from 2025-08-07; EO 14329: a further 25% from 2025-08-27, ended by EO 14384 on 2026-02-07; EO 14389
    ends the rest on 2026-02-24, on which PP 11012 begins at 10%.  The announced 18% is no row."""
    assert rows(us, SHIRTS, "IN", "2025-04-01", "2026-03-02") == [
        ("2025-04-05", RECIPROCAL, "none", "10%", 10, "EO-14257"),
        ("2025-04-09", RECIPROCAL, "10%", "26%", 16, "EO-14257"),
        ("2025-04-10", RECIPROCAL, "26%", "10%", -16, "EO-14266"),
        ("2025-08-07", RECIPROCAL, "10%", "25%", 15, "EO-14326"),
        ("2025-08-27", OIL, "none", "25%", 25, "EO-14329"),
        ("2026-02-07", OIL, "25%", "none", -25, "EO-14384"),
        ("2026-02-24", RECIPROCAL, "25%", "none", -25, "EO-14389"),
        ("2026-02-24", S122, "none", "10%", 10, "PP-11012"),
    ]


def test_the_days_asked_for(us: tc.Tariff) -> None:
    """A change on the first day is before it; one on the last day counts."""
    days = [row[0] for row in rows(us, SHIRTS, "IN", "2025-08-07", "2025-08-27")]
    assert days == ["2025-08-27"]
    assert rows(us, SHIRTS, "IN", "2025-08-27", "2026-02-06") == []


def test_the_list_that_goods_joined(us: tc.Tariff) -> None:
    """Bananas: EO 14360 puts them on Annex II from 2025-11-13; the reciprocal duty of Honduras was 10%."""
    assert rows(us, "0803.90.00", "HN", "2025-11-01", "2025-12-01") == [
        ("2025-11-13", RECIPROCAL, "10%", "none", -10, "EO-14360")
    ]


def test_facts_are_declared_as_for_a_timeline(us: tc.Tariff) -> None:
    """T-shirts half of United States content: the reciprocal duty is on the other half (EO 14257 sec. 3(f));
    the section 122 surcharge on all."""
    found = rows(us, SHIRTS, "IN", "2025-04-01", "2026-03-02", us_content_value="5000")
    assert [row[4] for row in found if row[1] == RECIPROCAL] == [5, 8, -8, 7.5, -12.5]
    assert [row[4] for row in found if row[1] == S122] == [10]


def test_a_scenario_is_an_act(us: tc.Tariff) -> None:
    changed = us.amend("india-at-18-percent").what_changed(SHIRTS, "IN", "2026-02-01", "2026-02-10")
    row = changed[changed["program"] == RECIPROCAL].iloc[0]
    assert (row["day"], row["duty_before"], row["duty_after"]) == ("2026-02-07", "25%", "18%")
    assert row["acts"] == "scenario:India at the announced 18%"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((SHIRTS, "IN", "2025-02-30", "2026-03-02"), "from_: '2025-02-30' is not a day"),
        ((SHIRTS, "IN", "2025-02-01", "soon"), "to: 'soon' is not a day"),
        ((SHIRTS, "IN", "2026-03-02", "2025-04-01"), "from_ must be the earlier day"),
        ((SHIRTS, "IN", "2025-04-01", "2025-04-01"), "from_ must be the earlier day"),
        ((SHIRTS, "XQ", "2025-04-01", "2025-05-01"), "'XQ' is no origin"),
        ((SHIRTS, "IN", "2024-04-01", "2025-05-01"), "held from 2025-01-01"),
        (("6109.10.99", "IN", "2025-04-01", "2025-05-01"), "6109.10.99"),
    ],
)
def test_bad_input_is_one_sentence(us: tc.Tariff, asked: tuple[str, ...], words: str) -> None:
    with pytest.raises(ShipmentError) as error:
        us.what_changed(*asked)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_a_value_of_nothing_is_refused(us: tc.Tariff) -> None:
    with pytest.raises(ShipmentError, match="above 0"):
        us.what_changed(SHIRTS, "IN", "2025-04-01", "2025-05-01", value=0)
    with pytest.raises(ShipmentError, match="us_content_value"):
        us.what_changed(SHIRTS, "IN", "2025-04-01", "2025-05-01", us_content_valu=5)
