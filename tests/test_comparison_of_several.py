"""Three and more estimates side by side, by hand: T-shirts of India and Bangladesh on 2026-02-10.

Column 1 is 16.5%; the reciprocal duty 25% for India and 20% for Bangladesh.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tariffcalc as tc
from tariffcalc.comparison.several import Comparisons
from tariffcalc.errors import OptionError, ShipmentError

INDIA = "us.ieepa.reciprocal/india-august"
LINES = pd.DataFrame(
    {
        "commodity": "6109.10.00.12",
        "origin": ["IN", "IN", "BD"],
        "entered": ["2026-02-10", "2026-01-10", "2026-02-10"],
        "value": [10000, 5000, 20000],
        "importer": ["A", "B", "B"],
    },
    index=["x", "y", "z"],
)


def estimates(us: tc.Tariff, lines: Any = LINES) -> list[tc.Estimate[Any]]:
    """The law, India at 18% from 2026-02-07 on, and at 30% on all days."""
    laws = (
        us,
        us.amend(tc.Scenario("18%").set_duty(INDIA, "18%", on_or_after="2026-02-07")),
        us.amend(tc.Scenario("30%").set_duty(INDIA, "30%")),
    )
    return [law.estimate(lines, fees=False) for law in laws]


@pytest.mark.parametrize("kind", [lambda frame: frame, pl.from_pandas, pa.Table.from_pandas])
def test_by_hand(us: tc.Tariff, kind: Any) -> None:
    """India on 2026-02-10: 4,150, 3,450 and 4,650; on 2026-01-10, of 5,000, with 25% more for Russian
    oil: 3,325, 3,325 and 3,575. Bangladesh, of 20,000: 7,300 under each."""
    both = tc.compare(*estimates(us, kind(LINES)))
    assert isinstance(both, Comparisons) and both.names == ("law", "18%", "30%")
    assert both.changes == {"18%": Decimal("-700.00"), "30%": Decimal("750.00")}
    assert both.unknown_lines == 0
    found = both.by("importer")
    assert found.values.tolist() == [
        ["A", 10000.0, 4150.0, 3450.0, 4650.0, 0], ["B", 25000.0, 10625.0, 10625.0, 10875.0, 0],
    ]  # fmt: skip
    assert both.by("importer", show="change").values.tolist() == [
        ["A", 10000.0, -700.0, 500.0, 0], ["B", 25000.0, 0.0, 250.0, 0],
    ]  # fmt: skip
    assert both.by("importer", show="points").values.tolist() == [
        ["A", 10000.0, -7.0, 5.0, 0], ["B", 25000.0, 0.0, 1.0, 0],
    ]  # fmt: skip
    months = both.by("month", "origin").set_index(["month", "origin"])
    assert months["30%"].to_dict() == {
        ("2026-02", "IN"): 4650.0, ("2026-01", "IN"): 3575.0, ("2026-02", "BD"): 7300.0,
    }  # fmt: skip
    programs = both.by("program").set_index("program")
    assert programs.loc["us.ieepa.reciprocal", ["law", "18%", "30%"]].tolist() == [7750.0, 7050.0, 8500.0]
    assert programs.loc["us.column-1", ["law", "18%", "30%"]].tolist() == [5775.0, 5775.0, 5775.0]
    first, *rest = both.summary().splitlines()
    assert first == "The duty changes most under '30%': it rises by 750.00 USD against 'law'."
    assert len(rest) == 3


def test_each_column_is_what_two_estimates_give(us: tc.Tariff) -> None:
    """Of three the differences are those of each with the first."""
    law, one, other = estimates(us)
    several = tc.compare(law, one, other)
    for name, each in (("18%", one), ("30%", other)):
        two = tc.compare(law, each)
        assert several.changes[name] == two.change
        pair = two.by("chapter", "origin").set_index(["chapter", "origin"])["change"].to_dict()
        assert (
            several.by("chapter", "origin", show="change").set_index(["chapter", "origin"])[name].to_dict()
            == pair
        )


def test_two_estimates_by_columns_of_the_data(us: tc.Tariff) -> None:
    law, one, _ = estimates(us)
    two = tc.compare(law, one)
    assert two.by("importer").set_index("importer")["change"].to_dict() == {"A": -700.0, "B": 0.0}
    assert two.by("month", "importer")["change"].tolist() == [-700.0, 0.0, 0.0]
    line = tc.Line(commodity="6109.10.00.12", origin="IN", value="10000")
    shipment = tc.Shipment(entered="2026-02-10", transport="air", lines=[line])
    laws = us, us.amend("india-at-18-percent")
    by_transport = tc.compare(*(each.estimate(shipment) for each in laws)).by("transport")
    assert by_transport[["transport", "change"]].values.tolist() == [["air", -700.0]]


def test_what_is_unknown_is_left_out_everywhere(us: tc.Tariff) -> None:
    """Milk powder of India without its weight: column 1 is unknown; the reciprocal duty is compared: 2,500,
    1,800 and 3,000 of 10,000. Points are of lines known in full: of the T-shirts 7 less and 5 more."""
    lines = pd.DataFrame(
        {
            "commodity": ["6109.10.00.12", "0402.10.10.00"], "origin": "IN",
            "entered": "2026-02-10", "value": 10000,
        }
    )  # fmt: skip
    several = tc.compare(*estimates(us, lines))
    assert several.unknown_lines == 1
    assert several.changes == {"18%": Decimal("-1400.00"), "30%": Decimal("1000.00")}
    points = several.by("origin", show="points")
    assert points[["18%", "30%", "unknown"]].values.tolist() == [[-7.0, 5.0, 1]]
    assert "the 1 lines known in every estimate" in several.summary()


def test_rows_that_not_all_could_read(us: tc.Tariff) -> None:
    """With other days allowed, a row that one estimate could not read is left out of all columns."""
    wrong = LINES.copy()
    wrong.loc["y", "commodity"] = "6109.10.99"
    law, one, _ = estimates(us)
    several = tc.compare(law, one, us.estimate(wrong, fees=False), may_differ="days")
    assert several.unknown_lines == 1
    assert several.by("importer").set_index("importer")["law"].to_dict() == {"A": 4150.0, "B": 7300.0}
    assert several.names == ("law", "18%", "law (2)")


def test_bad_input(us: tc.Tariff) -> None:
    law, one, other = estimates(us)
    with pytest.raises(ShipmentError, match="got a str"):
        tc.compare(law, one, "days")  # type: ignore[call-overload]
    with pytest.raises(ShipmentError, match="of different lines"):
        tc.compare(law, one, us.estimate(LINES[:2], fees=False))
    with pytest.raises(
        OptionError, match=r"'importr' is no key: give some of .* column of the data \(.*importer"
    ):
        tc.compare(law, one, other).by("importr")
    with pytest.raises(OptionError, match="'nothing' is no key"):
        tc.compare(law, one, other).by()
    with pytest.raises(OptionError, match="show is 'rate': give one of duty, change, points"):
        tc.compare(law, one, other).by("origin", show="rate")  # type: ignore[arg-type]


def test_what_one_estimate_does_not_know_counts_in_none(us: tc.Tariff) -> None:
    """Parts that nobody has declared to be of a car: 25% under either program while the duty of India is 25%;
    at 10% it is not known which. Of the 10,000 only column 1, 2.5%, is known in every estimate."""
    lines = LINES[:1].assign(commodity="8708.30.50.90")
    low = us.amend(tc.Scenario("10%").set_duty(INDIA, "10%")).estimate(lines, fees=False)
    law = us.estimate(lines, fees=False)
    several = tc.compare(law, low, law)
    assert several.changes == {"10%": Decimal("0.00"), "law (2)": Decimal("0.00")}
    assert several.by("importer")[["law", "10%", "unknown"]].values.tolist() == [[250.0, 250.0, 1]]
